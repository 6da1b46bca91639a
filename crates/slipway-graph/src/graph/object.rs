//! JSON objects in request bodies, read property by property, so that what is wrong can be named.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::fault::Fault;

/// Properties by their names, the values as they stand in the body.
pub(crate) type Object<'a> = BTreeMap<String, &'a RawValue>;

/// Reads an object; nothing at all is an empty one.
pub(crate) fn read(body: &[u8]) -> Result<Object<'_>, Fault> {
    if body.is_empty() {
        return Ok(Object::new());
    }
    serde_json::from_slice(body)
        .map_err(|error| Fault::bad_request(format!("The request body is not a JSON object: {error}.")))
}

/// That every property is one of these; annotations such as `@odata.type` may stand beside them.
pub(crate) fn check_properties(object: &Object<'_>, known: &[&str]) -> Result<(), Fault> {
    match object.keys().find(|key| !known.contains(&key.as_str()) && !key.contains('@')) {
        None => Ok(()),
        Some(key) => Err(unknown_property(key)),
    }
}

pub(crate) fn unknown_property(name: &str) -> Fault {
    Fault::bad_request(format!("The property '{name}' is not known here."))
}

pub(crate) fn invalid_value(name: &str, wanted: &str) -> Fault {
    Fault::bad_request(format!("Invalid value for property '{name}': {wanted}."))
}
