//! Sign-in's answers next to Entra's: names, JSON types and fixed values of each field, for every kind of answer. What
//! Entra answers stands in `entra.toml`, and what differs in `differences.toml`, each with its reason; anything else
//! that differs fails, and so does what is listed and does not differ. `cargo xtask shapes` prints the list.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod answers;
mod shape;

use std::collections::{BTreeMap, BTreeSet};

use shape::{Documented, reasons};
use slipway_testkit::TestApp;

#[tokio::test]
#[expect(clippy::print_stdout, reason = "the list is printed on request")]
async fn differences_from_entra_are_listed_with_their_reasons() {
    let app = TestApp::start().await;
    let base = ("{base}", "https://localhost:8365");
    let (mut found, mut compared) = (BTreeSet::new(), 0);
    for shape in Documented::read() {
        let mut by_difference = BTreeMap::<_, Vec<_>>::new();
        for request in &shape.requests {
            let answer = answers::of(&app, &shape.name, request).await;
            let segment = answers::segment(request);
            let issuer = if segment == answers::TENANT { segment } else { "{tenantid}" };
            let differences =
                shape.differences(&answer, &[base, ("{segment}", segment), ("{issuer}", issuer)]);
            compared += 1;
            for difference in differences {
                by_difference.entry(difference).or_default().push(request);
            }
        }
        // A difference of some requests names them.
        for (difference, requests) in by_difference {
            if requests.len() == shape.requests.len() {
                found.insert(format!("{}: {difference}", shape.name));
            } else {
                found.extend(
                    requests.iter().map(|request| format!("{}, {request}: {difference}", shape.name)),
                );
            }
        }
    }
    let reasons = reasons();
    let listed: Vec<_> = reasons.iter().flat_map(|reason| reason.differences.clone()).collect();
    assert_eq!(listed.len(), listed.iter().collect::<BTreeSet<_>>().len(), "one is listed twice");
    let listed = BTreeSet::from_iter(listed);
    println!("{compared} answers compared with Entra's, {} differences", found.len());
    for reason in &reasons {
        println!("{}", reason.reason);
        for difference in &reason.differences {
            println!("  - {difference}");
        }
    }
    let unlisted: Vec<_> = found.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&found).collect();
    assert!(unlisted.is_empty() && gone.is_empty(), "not listed: {unlisted:#?}\nno longer there: {gone:#?}");
}
