//! Bodies of batches: nothing panics, and the parts of what is accepted can be sent on as they are.

#![no_main]

use libfuzzer_sys::fuzz_target;
use slipway_odata::batch::{self, MAX_PART_HEADERS, MAX_PARTS, Method};

fuzz_target!(|body: &[u8]| {
    match batch::parse(body) {
        Ok(parts) => {
            assert!((1..=MAX_PARTS).contains(&parts.len()));
            for (place, part) in parts.iter().enumerate() {
                assert!(part.url.starts_with('/') && !part.url.starts_with("//"));
                assert!(part.url.bytes().all(|b| b.is_ascii_graphic()));
                assert!(part.depends_on.iter().all(|&before| before < place));
                assert!(part.headers.len() <= MAX_PART_HEADERS);
                let text = |(name, value): &(String, String)| format!("{name}{value}");
                assert!(!part.headers.iter().map(text).any(|text| text.contains(['\r', '\n', '\0'])));
                let writes = matches!(part.method, Method::Post | Method::Put | Method::Patch);
                assert!(part.body.is_some() || !writes);
                let earlier = parts.iter().take(place);
                assert!(earlier.clone().all(|other| !other.id.eq_ignore_ascii_case(&part.id)));
            }
        }
        Err(fault) => assert!(!fault.to_string().is_empty()),
    }
});
