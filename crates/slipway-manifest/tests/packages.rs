//! Real packages and manifests, as far as the reference data is there, against the reviewed table
//! `tests/packages.expected.toml`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use serde::Deserialize;
use slipway_manifest::{Detail, PackageError, read_manifest, read_package};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    file: Vec<Row>,
}

#[derive(Deserialize, PartialEq, Debug)]
#[serde(deny_unknown_fields)]
struct Row {
    /// Path below the reference data's folder.
    name: String,
    sha256: String,
    outcome: Outcome,
    /// Sorted; one for each finding.
    codes: Vec<String>,
}

#[derive(Deserialize, PartialEq, Eq, Debug, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    Accepted,
    Invalid,
}

/// The codes of the table, as the documentation lists them.
const KNOWN_CODES: [&str; 18] = [
    "BotBasedComposeExtensionBotIdNotGuid",
    "BotIdIsNotGuid",
    "CommonAppIdIsNotGuid",
    "CommonManifestVersionIsRequiredField",
    "DeveloperPrivacyUrlMustBeHttps",
    "DeveloperTermsOfUseUrlMustBeHttps",
    "DeveloperWebsiteUrlMustBeHttps",
    "InvalidColorIconHeightAndWidth",
    "InvalidOutlineIconHeightAndWidth",
    "InvalidOutlineIconTransparency",
    "ReservedStaticTabNameShouldBeNull",
    "SchemaError_AdditionalProperties",
    "SchemaError_Pattern",
    "SchemaError_Required",
    "Serialization_TrailingCommaInManifestJsonFile",
    "ShortNameLengthCheck",
    "VersionContainsOnlyNumbersDotSeparated",
    "VersionHasMajorLessThan1",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The folder of the reference data; where it is not, says so.
#[expect(clippy::print_stderr, reason = "the reader of a test's output has to know")]
fn reference() -> Option<PathBuf> {
    let folder = root().join("../shared/reference");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("no reference data at {}: only the table is checked", folder.display());
    None
}

fn table() -> Vec<Row> {
    let text = fs::read_to_string(root().join("tests/packages.expected.toml")).unwrap();
    toml::from_str::<Table>(&text).unwrap().file
}

fn codes(details: &[Detail]) -> Vec<String> {
    let mut codes: Vec<String> = details.iter().map(|detail| detail.code.to_owned()).collect();
    codes.sort();
    codes
}

/// Packages and manifests of the reference data, by their names in the table.
fn files(reference: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for (folder, ending) in [("packages", ".zip"), ("manifests", ".json")] {
        for entry in fs::read_dir(reference.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{folder}/{}", path.file_name().unwrap().to_str().unwrap());
            if name.ends_with(ending) && name != "manifests/index.json" {
                files.insert(name, fs::read(path).unwrap());
            }
        }
    }
    files
}

fn findings(name: &str, bytes: &[u8]) -> Vec<Detail> {
    let result = if name.starts_with("packages/") {
        read_package(bytes).map(drop)
    } else {
        read_manifest(bytes).map(drop)
    };
    match result {
        Ok(()) => Vec::new(),
        Err(PackageError::Invalid(details)) => details,
        Err(other) => panic!("{name}: {other}"),
    }
}

#[test]
fn the_table_is_well_formed() {
    let rows = table();
    assert_eq!(rows.len(), 134);
    assert!(rows.windows(2).all(|pair| pair[0].name < pair[1].name), "names are sorted and unique");
    let mut used = BTreeSet::new();
    for Row { name, sha256, outcome, codes } in &rows {
        assert!(
            sha256.len() == 64 && sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')),
            "{name}"
        );
        assert!(codes.is_sorted(), "{name}");
        assert!(codes.iter().all(|code| KNOWN_CODES.contains(&code.as_str())), "{name}");
        assert_eq!(*outcome == Outcome::Accepted, codes.is_empty(), "{name}");
        used.extend(codes);
    }
    assert!(used.into_iter().eq(&KNOWN_CODES), "no code is listed in vain");
}

#[test]
fn every_reference_file_has_its_expected_outcome() {
    let Some(reference) = reference() else { return };
    let found: Vec<Row> = files(&reference)
        .into_iter()
        .map(|(name, bytes)| {
            let codes = codes(&findings(&name, &bytes));
            let sha256 = digest(&SHA256, &bytes)
                .as_ref()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<Vec<_>>()
                .concat();
            let outcome = if codes.is_empty() { Outcome::Accepted } else { Outcome::Invalid };
            Row { name, sha256, outcome, codes }
        })
        .collect();
    let expected = table();
    for (expected, found) in expected.iter().zip(&found) {
        assert_eq!(expected, found);
    }
    assert_eq!(expected.len(), found.len());
}

/// A text of the documentation's table with its `{0}` filled in somehow.
fn fits(message: &str, template: &str) -> bool {
    let (start, end) = template.split_once("{0}").unwrap_or((template, ""));
    if template.contains("{0}") {
        message.starts_with(start) && message.ends_with(end)
    } else {
        message == start
    }
}

#[test]
fn every_finding_is_in_the_documentations_words() {
    #[derive(Deserialize)]
    struct Documented {
        code: String,
        message: String,
    }
    let Some(reference) = reference() else { return };
    let documented = fs::read(reference.join("samples/manifest-error-codes.json")).unwrap();
    let documented: Vec<Documented> = serde_json::from_slice(&documented).unwrap();
    let documented: BTreeMap<_, _> = documented.into_iter().map(|row| (row.code, row.message)).collect();
    for code in KNOWN_CODES {
        assert!(documented.contains_key(code), "{code}");
    }
    for (name, bytes) in files(&reference) {
        for Detail { code, message, target } in findings(&name, &bytes) {
            let template = &documented[code];
            // Schema errors have a longer form on the wire; the page garbles the outline icon's text.
            let longer = code.starts_with("SchemaError_") || code == "InvalidOutlineIconTransparency";
            assert!(longer || fits(&message, template), "{name}: {message} is not {template}");
            assert!(!target.is_empty(), "{name}: {message}");
        }
    }
}

/// Code, for a missing or strange property its object, else the place.
fn located(Detail { code, target, .. }: Detail) -> (String, String) {
    let place = target.replace('[', "/").replace(']', "").replace('.', "/");
    let of_object = matches!(code, "SchemaError_Required" | "SchemaError_AdditionalProperties");
    let object = place.rsplit_once('/').map_or("", |(object, _)| object).to_owned();
    (code.to_owned(), if of_object { object } else { place })
}

/// The official schema of the manifest's own version finds all that is found here by the schemas taken together.
#[test]
fn no_schema_finding_is_stricter_than_the_manifests_own_schema() {
    #[derive(Deserialize)]
    struct Indexed {
        file: String,
        #[serde(rename = "schemaErrors")]
        errors: Option<Vec<Official>>,
    }
    #[derive(Deserialize)]
    struct Official {
        path: String,
        keyword: String,
    }
    let Some(reference) = reference() else { return };
    let index = fs::read(reference.join("manifests/index.json")).unwrap();
    let index: Vec<Indexed> = serde_json::from_slice(&index).unwrap();
    let mut compared = 0;
    for Indexed { file, errors } in index {
        let Some(errors) = errors else { continue };
        let official: BTreeSet<_> = errors
            .into_iter()
            .map(|Official { path, keyword }| {
                let code = match keyword.as_str() {
                    "additionalProperties" => "AdditionalProperties",
                    "enum" => "Enum",
                    "maxLength" => "MaximumLength",
                    "pattern" => "Pattern",
                    "required" => "Required",
                    other => panic!("{file}: {other}"),
                };
                (format!("SchemaError_{code}"), path)
            })
            .collect();
        let manifest = fs::read(reference.join("manifests").join(&file)).unwrap();
        for detail in findings(&format!("manifests/{file}"), &manifest) {
            if detail.code.starts_with("SchemaError_") {
                compared += 1;
                let located = located(detail);
                assert!(official.contains(&located), "{file}: {located:?} is not in {official:?}");
            }
        }
    }
    assert!(compared > 150, "{compared}");
}
