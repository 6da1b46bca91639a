//! Microsoft's documented requests, each sent to a tenant that is seeded for it, and the answers next to the documented
//! ones: status, the headers that the sample names, and the body, key by key and value by value. What differs is
//! listed in `differences.toml`, each with its reason; anything else that differs fails, and so does what is listed and
//! does not differ.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod compare;
mod manifest;
mod sample;
mod seed;
mod send;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sample::{Listed, Sample};
use slipway_testkit::TestApp;

/// The folder of the samples; where it is not, says so.
#[expect(clippy::print_stderr, reason = "the reader of a test's output has to know")]
fn reference() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/samples");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("no samples at {}: none was sent", folder.display());
    None
}

#[tokio::test]
async fn every_documented_sample() {
    let Some(folder) = reference() else { return };
    let listed = Listed::read();
    let samples: Vec<Sample> =
        ["v1.0", "beta"].iter().flat_map(|version| Sample::read_all(&folder, version, &listed)).collect();
    assert_eq!(samples.len(), 105);
    listed.check_names(&samples);
    let app = TestApp::start().await;
    let mut wrong = BTreeMap::new();
    for (number, sample) in samples.iter().enumerate() {
        let differs = send::replay(&app, sample, number, &listed).await;
        let expected = listed.differences_of(&sample.name);
        let unlisted: Vec<_> = differs.difference(&expected).cloned().collect();
        let gone: Vec<_> = expected.difference(&differs).map(|line| format!("no longer: {line}")).collect();
        if !(unlisted.is_empty() && gone.is_empty()) {
            wrong.insert(sample.name.as_str(), [unlisted, gone].concat());
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
