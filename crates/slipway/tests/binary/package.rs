//! `slipway package diff`: what it says of two packages, and of what is none.

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::process::{ended, slipway};

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name)
}

/// Writes the example with its manifest changed.
fn changed(folder: &Path, change: impl FnOnce(&mut Value)) -> PathBuf {
    let mut archive = ZipArchive::new(Cursor::new(fs::read(example("hello-1.1.0.zip")).unwrap())).unwrap();
    let mut written = ZipWriter::new(Cursor::new(Vec::new()));
    let mut change = Some(change);
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        if name == "manifest.json" {
            let mut manifest = serde_json::from_slice(&bytes).unwrap();
            change.take().unwrap()(&mut manifest);
            bytes = manifest.to_string().into_bytes();
        }
        written.start_file(name, SimpleFileOptions::default()).unwrap();
        written.write_all(&bytes).unwrap();
    }
    let path = folder.join("changed.zip");
    fs::write(&path, written.finish().unwrap().into_inner()).unwrap();
    path
}

fn diff(old: &Path, new: &Path, more: &[&str]) -> (i32, String, String) {
    ended(slipway(&["package", "diff"]).arg(old).arg(new).args(more))
}

#[test]
fn an_upgrade_without_consent() {
    let (old, new) = (example("hello-1.0.0.zip"), example("hello-1.1.0.zip"));
    let (code, out, told) = diff(&old, &new, &[]);
    assert_eq!((code, told.as_str()), (0, ""));
    assert_eq!(out, "Hello 1.0.0 -> 1.1.0: an upgrade\nNo change waits for consent.\n");
    let (code, out, _) = diff(&new, &old, &[]);
    assert_eq!(code, 0, "whether it is an upgrade is an answer");
    assert!(out.starts_with("no upgrade: Hello 1.0.0 is lower than 1.1.0\n"), "{out}");
}

#[test]
fn an_upgrade_with_consent() {
    let folder = tempfile::tempdir().unwrap();
    let bot = "51190000-0000-4000-8000-00000000b07f";
    let new = changed(folder.path(), |manifest| {
        manifest["bots"] = json!([{ "botId": bot, "scopes": ["personal"], "supportsFiles": true }]);
        manifest["authorization"] = json!({ "permissions": { "resourceSpecific": [
            { "name": "TeamSettings.Read.Group", "type": "Application" }
        ] } });
    });
    let old = example("hello-1.0.0.zip");
    let (code, out, told) = diff(&old, &new, &[]);
    assert_eq!((code, told.as_str()), (0, ""));
    let wanted = format!(
        "Hello 1.0.0 -> 1.1.0: an upgrade
These changes wait for consent:
- bot added: {bot}
- permission added: TeamSettings.Read.Group (application)
The call that upgrades must send exactly these as consentedPermissionSet:
- TeamSettings.Read.Group (application)
"
    );
    assert_eq!(out, wanted);
    let (code, out, _) = diff(&old, &new, &["--format", "json"]);
    assert_eq!(code, 0);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["step"], "upgrade");
    assert_eq!(report["consentNeeded"], true);
    let added = json!({ "kind": "botAdded", "subject": bot, "text": format!("bot added: {bot}") });
    assert_eq!(report["changes"][0], added);
    assert_eq!(report["changes"][1]["kind"], "permissionAdded");
    assert_eq!(report["new"]["version"], "1.1.0");
    assert_eq!(report["consentedPermissionSet"], "mustBeSent");
    let permission = json!({ "permissionValue": "TeamSettings.Read.Group", "permissionType": "application" });
    assert_eq!(report["resourceSpecificPermissions"], json!([permission]));
}

#[test]
fn what_is_wrong_with_a_package_is_all_said() {
    let folder = tempfile::tempdir().unwrap();
    let good = example("hello-1.0.0.zip");
    let wrong = changed(folder.path(), |manifest| {
        manifest["name"]["short"] = json!("");
        manifest["colour"] = json!("red");
    });
    let none = folder.path().join("none.zip");
    let text = folder.path().join("text.zip");
    fs::write(&text, "no archive").unwrap();
    let (code, out, told) = diff(&good, &wrong, &[]);
    assert_eq!((code, out.as_str()), (1, ""));
    for part in
        ["changed.zip is not valid:", "name.short: ", "(ShortNameIsRequiredField)", "colour: Property"]
    {
        assert!(told.contains(part), "{part:?} is not in {told:?}");
    }
    let (code, _, told) = diff(&none, &text, &["--format", "json"]);
    assert_eq!(code, 1);
    assert!(
        told.contains("none.zip: No such file") && told.contains("text.zip: Invalid zip archive"),
        "{told}"
    );
    let (code, _, told) = ended(slipway(&["package", "diff"]).arg(&good));
    assert_eq!(code, 2);
    assert!(told.contains("NEW.zip"), "{told}");
    let (code, _, told) = diff(&good, &good, &["--format", "yaml"]);
    assert_eq!(code, 2);
    assert!(told.contains("yaml") && told.contains("json"), "{told}");
}
