//! A valid package with one thing changed has the findings of that thing and no others; any bytes are answered.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod api;
#[path = "../build/mod.rs"]
mod build;
mod icons;
mod manifest;
mod parts;
mod properties;
mod schema;
mod upgrades;

use serde_json::Value;
use slipway_manifest::{AppPackage, Detail, PackageError, read_package};

/// The valid manifest with the value at the JSON pointer replaced, or removed if there is none.
fn changed(pointer: &str, value: Option<Value>) -> Value {
    let mut manifest = build::manifest();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = manifest.pointer_mut(parent).unwrap();
    match (parent, value) {
        (Value::Object(parent), Some(value)) => drop(parent.insert(name.to_owned(), value)),
        (Value::Object(parent), None) => drop(parent.remove(name).unwrap()),
        (parent, Some(value)) => parent[name.parse::<usize>().unwrap()] = value,
        (_, None) => panic!("{pointer} is no property"),
    }
    manifest
}

/// The findings of a reading.
fn details(result: Result<AppPackage, PackageError>) -> Vec<Detail> {
    match result {
        Ok(_) => vec![],
        Err(PackageError::Invalid(details)) => details,
        Err(other) => panic!("{other}"),
    }
}

fn findings(manifest: &Value) -> Vec<Detail> {
    details(read_package(&build::zip(&build::files(manifest))))
}

/// Code and target of each finding.
fn found(manifest: &Value) -> Vec<(&'static str, String)> {
    findings(manifest).into_iter().map(|detail| (detail.code, detail.target)).collect()
}

#[track_caller]
fn assert_finds(pointer: &str, value: impl Into<Option<Value>>, code: &'static str, target: &str) {
    let value = value.into();
    let context = format!("{pointer} = {value:?}");
    assert_eq!(found(&changed(pointer, value)), [(code, target.to_owned())], "{context}");
}

#[track_caller]
fn assert_accepts(pointer: &str, value: Value) {
    let context = format!("{pointer} = {value}");
    assert_eq!(found(&changed(pointer, Some(value))), [], "{context}");
}
