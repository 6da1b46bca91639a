//! Installation ids, as they come and as what stands behind the base64: nothing panics, and what is read is the same
//! when it is written and read again.

#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE};
use libfuzzer_sys::fuzz_target;
use slipway_model::InstallationId;

fuzz_target!(|text: &str| {
    for text in [text.to_owned(), STANDARD_NO_PAD.encode(text), URL_SAFE.encode(text)] {
        if let Ok(id) = InstallationId::parse(&text) {
            assert_eq!(InstallationId::parse(&id.to_string()), Ok(id));
        }
    }
});
