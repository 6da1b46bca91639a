//! What becomes of each documented validation code, as `codes.toml` says it, against the tests, the sources and
//! the documentation.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
enum Fate {
    /// File of the test that makes it.
    Test(String),
    /// Keyword of JSON schema that no manifest schema has.
    Keyword(String),
    /// Why a manifest cannot make it.
    Reason(String),
}

fn own(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn table() -> BTreeMap<String, Fate> {
    toml::from_str(&fs::read_to_string(own("tests/codes.toml")).unwrap()).unwrap()
}

/// All text of the sources.
fn sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| if path.is_dir() { sources(&path) } else { fs::read_to_string(path).unwrap() })
        .collect()
}

#[test]
fn each_code_is_made_and_tested_or_said_not_to_be() {
    let sources = sources(&own("src"));
    for (code, fate) in table() {
        let quoted = format!("\"{code}\"");
        match fate {
            Fate::Test(file) => {
                let test = fs::read_to_string(own("tests/findings").join(&file)).unwrap();
                assert!(test.contains(&quoted), "{file} does not name {code}");
                assert!(sources.contains(&quoted), "nothing makes {code}");
            }
            Fate::Keyword(why) | Fate::Reason(why) => {
                assert!(!sources.contains(&quoted), "{code} is made after all: {why}");
            }
        }
    }
}

/// The text without the line breaks and escapes of Rust's literals.
fn unwrapped(source: &str) -> String {
    let words = source.replace("\\\n", "").replace("\\\"", "\"");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Names of all properties anywhere in the value.
fn names(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.keys().cloned());
            fields.values().for_each(|value| names(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| names(value, found)),
        _ => {}
    }
}

#[test]
fn the_codes_are_those_of_the_documentation() {
    #[derive(Deserialize)]
    struct Documented {
        code: String,
        message: String,
    }
    let table = table();
    assert_eq!(table.len(), 103);
    let reference = own("../../../shared/reference");
    let Ok(documented) = fs::read(reference.join("samples/manifest-error-codes.json")) else { return };
    let documented: Vec<Documented> = serde_json::from_slice(&documented).unwrap();
    let codes: BTreeSet<_> = documented.iter().map(|row| &row.code).collect();
    assert!(codes.into_iter().eq(table.keys()), "{:?}", table.keys());
    let rules = unwrapped(&fs::read_to_string(own("src/rules.rs")).unwrap());
    for Documented { code, message } in &documented {
        // Schema errors have a longer form on the wire; the page garbles the outline icon's text.
        let longer = code.starts_with("SchemaError_") || code == "InvalidOutlineIconTransparency";
        let message = if code == "Serialization_ManifestVersionPropertyMissing" {
            message.replace("{0}", "manifestVersion")
        } else {
            message.clone()
        };
        let rule = format!("\"{code}\" \"{message}\";");
        assert!(longer || matches!(table[code], Fate::Reason(_)) || rules.contains(&rule), "{rule}");
    }
    let mut keywords = BTreeSet::new();
    for file in fs::read_dir(reference.join("schema")).unwrap() {
        names(&serde_json::from_slice(&fs::read(file.unwrap().path()).unwrap()).unwrap(), &mut keywords);
    }
    assert!(keywords.contains("maxLength"), "the schemas were read");
    for (code, fate) in table {
        if let Fate::Keyword(keyword) = fate {
            assert!(!keywords.contains(&keyword), "{code}: some schema has {keyword}");
        }
    }
}
