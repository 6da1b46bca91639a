//! What differs between a documented body and an answer's.
//!
//! `+ /a/b` is in the answer only, `- /a/b` in the sample only, `/a/b = …` is what the answer has in another's place.
//! All elements of an array are `*`.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

pub type Differences = BTreeSet<String>;

/// Texts that no seed gives; they are only compared in kind.
const MOMENTARY: [&str; 7] = [
    "@odata.etag",
    "client-request-id",
    "createdDateTime",
    "date",
    "lastModifiedDateTime",
    "lastUpdatedDateTime",
    "request-id",
];

/// Compares a body. A sample that wraps a single entity in `value` is unwrapped, which is a difference.
pub fn bodies(theirs: &Value, ours: &Value, found: &mut Differences) {
    let is_list = ours.get("value").is_some();
    match theirs.get("value").filter(|_| !is_list && theirs.as_object().is_some_and(|all| all.len() == 1)) {
        Some(wrapped) => {
            found.insert("not in value".to_owned());
            compare(wrapped.get(0).unwrap_or(wrapped), ours, "", found);
        }
        None => compare(theirs, ours, "", found),
    }
}

fn compare(theirs: &Value, ours: &Value, path: &str, found: &mut Differences) {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => objects(theirs, ours, path, found),
        (Value::Array(theirs), Value::Array(ours)) => {
            if theirs.len() != ours.len() {
                found.insert(format!("{path} has {}", ours.len()));
            }
            for (theirs, ours) in by_id(theirs).into_iter().zip(by_id(ours)) {
                compare(theirs, ours, &format!("{path}/*"), found);
            }
        }
        _ if theirs == ours => {}
        (Value::String(_), Value::String(_)) if MOMENTARY.iter().any(|name| path.ends_with(name)) => {}
        _ => {
            found.insert(format!("{path} = {ours}"));
        }
    }
}

fn objects(theirs: &Map<String, Value>, ours: &Map<String, Value>, path: &str, found: &mut Differences) {
    let key = |sign: &str, name: &String| format!("{sign} {path}/{name}");
    found.extend(ours.keys().filter(|name| !theirs.contains_key(*name)).map(|name| key("+", name)));
    found.extend(theirs.keys().filter(|name| !ours.contains_key(*name)).map(|name| key("-", name)));
    for (name, theirs) in theirs {
        if let Some(ours) = ours.get(name) {
            compare(theirs, ours, &format!("{path}/{name}"), found);
        }
    }
}

/// In the order of their ids: the order of a list is the server's.
fn by_id(values: &[Value]) -> Vec<&Value> {
    let mut values: Vec<_> = values.iter().collect();
    values.sort_by_key(|value| value.get("id").and_then(Value::as_str));
    values
}
