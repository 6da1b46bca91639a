//! JSON objects in request bodies, read property by property, so that whatever is wrong is named.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::fault::{Fault, FaultKind};

/// A JSON object.
pub(crate) struct Object<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Object<'a> {
    /// Reads a body; an empty one is an empty object.
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, Fault> {
        if body.is_empty() {
            return Ok(Self(BTreeMap::new()));
        }
        serde_json::from_slice(body)
            .map(Self)
            .map_err(|error| Fault::bad_request(format!("The request body is not a JSON object: {error}.")))
    }

    /// The JSON text of a property, if it was sent.
    pub(crate) fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.get(name).copied()
    }

    /// The value of a property; none if it was not sent or is null. `form` says what it takes.
    pub(crate) fn read<T: Deserialize<'a>>(&self, name: &str, form: &str) -> Result<Option<T>, Fault> {
        let Some(value) = self.get(name) else { return Ok(None) };
        serde_json::from_str(value.get())
            .map_err(|error| FaultKind::BadRequest(invalid(name, form)).because(error.to_string()))
    }

    /// The object of a property; none if it was not sent or is null.
    pub(crate) fn object(&self, name: &str) -> Result<Option<Object<'a>>, Fault> {
        Ok(self.read(name, "an object")?.map(Self))
    }

    /// The objects of a collection; none if it was not sent.
    pub(crate) fn objects(&self, name: &str) -> Result<Vec<Object<'a>>, Fault> {
        let objects: Option<Vec<BTreeMap<String, &RawValue>>> = self.read(name, "a list of objects")?;
        Ok(objects.unwrap_or_default().into_iter().map(Object).collect())
    }

    /// Names of the properties.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Refuses a property that Graph has and that is not served, unless its value says nothing.
    pub(crate) fn check_unserved(&self, unserved: &[&str]) -> Result<(), Fault> {
        let says_nothing = |value: &RawValue| ["null", "false", "[]", "{}"].contains(&value.get());
        match unserved.iter().find(|name| self.get(name).is_some_and(|value| !says_nothing(value))) {
            None => Ok(()),
            Some(name) => {
                Err(Fault::bad_request(format!("The property '{name}' is not served here: leave it out.")))
            }
        }
    }

    /// Refuses a property that is not known; annotations such as `@odata.type` are passed over.
    pub(crate) fn check(&self, known: &[&str]) -> Result<(), Fault> {
        match self.names().find(|name| !known.contains(name) && (!name.contains('@') || is_bind(name))) {
            None => Ok(()),
            Some(name) => Err(Fault::bad_request(format!("The property '{name}' is not known here."))),
        }
    }
}

/// A property's value is not what it takes; `form` says what that is.
pub(crate) fn invalid_value(name: &str, form: &str) -> Fault {
    Fault::bad_request(invalid(name, form))
}

fn invalid(name: &str, form: &str) -> String {
    format!("Invalid value for property '{name}': send {form}.")
}

/// Whether it binds an entity, which says more than an annotation does.
fn is_bind(name: &str) -> bool {
    name.ends_with("@odata.bind")
}
