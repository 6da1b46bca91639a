//! Finds the operation of a path. Built from the operation table, so what is not in the table is not served.
//!
//! Segments match without case, keys come as `/x/{id}` or `/x('{id}')`, percent-encoded or raw.

use std::borrow::Cow;
use std::collections::HashMap;

use http::Method;
use percent_encoding::percent_decode_str;

use crate::fault::Fault;
use crate::operation::{Operation, Throttle};

/// The tree of path segments below the version.
#[derive(Debug, Default)]
pub(crate) struct Router {
    root: Node,
}

#[derive(Debug, Default)]
struct Node {
    named: HashMap<String, Node>,
    key: Option<Box<Node>>,
    operations: Vec<&'static Operation>,
}

/// An operation with the keys of its path, in their order.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) operation: &'static Operation,
    pub(crate) keys: Vec<String>,
}

impl Router {
    /// Mounts every row of the table.
    pub(crate) fn of(operations: &'static [Operation]) -> Self {
        let mut router = Self::default();
        for operation in operations {
            let mut node = &mut router.root;
            for segment in operation.path.split('/').skip(1) {
                node = if segment.starts_with('{') {
                    node.key.get_or_insert_default()
                } else {
                    node.named.entry(segment.to_ascii_lowercase()).or_default()
                };
            }
            node.operations.push(operation);
        }
        router
    }

    /// The operation for the method and the path below the version segment (`/users/1/teamwork`).
    pub(crate) fn route(&self, method: &Method, path: &str) -> Result<Route, Fault> {
        let mut node = &self.root;
        let mut keys = Vec::new();
        for raw in path.split('/').filter(|segment| !segment.is_empty()) {
            let segment = percent_decode_str(raw).decode_utf8().map_err(|_| Fault::path_unknown(raw))?;
            let (name, key) = split_key_form(&segment);
            let named = node.named.get(name.to_ascii_lowercase().as_str());
            node = match (named, key) {
                (Some(named), None) => named,
                (Some(named), Some(key)) => {
                    keys.push(key.into_owned());
                    named.key.as_deref().ok_or_else(|| Fault::path_unknown(&segment))?
                }
                (None, _) => {
                    let below = node.key.as_deref().ok_or_else(|| Fault::path_unknown(&segment))?;
                    keys.push(segment.into_owned());
                    below
                }
            };
        }
        match node.operations.iter().find(|operation| operation.method == *method) {
            Some(operation) => Ok(Route { operation, keys }),
            None => Err(match node.operations.first() {
                Some(sibling) if sibling.throttle == Throttle::Identity => Fault::identity_method(method),
                Some(_) => Fault::method(method),
                None => Fault::path_unknown(path),
            }),
        }
    }
}

/// `users('a')` is the name `users` with the key `a`; a quote inside a key is doubled.
fn split_key_form(segment: &str) -> (&str, Option<Cow<'_, str>>) {
    let key_form = segment.strip_suffix("')").and_then(|rest| rest.split_once("('"));
    match key_form {
        Some((name, key)) if key.contains("''") => (name, Some(Cow::Owned(key.replace("''", "'")))),
        Some((name, key)) => (name, Some(Cow::Borrowed(key))),
        None => (segment, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::OPERATIONS;

    fn route(method: &Method, path: &str) -> Result<(&'static str, Vec<String>), Fault> {
        Router::of(&OPERATIONS).route(method, path).map(|found| (found.operation.name, found.keys))
    }

    #[test]
    fn keys_come_in_both_forms_raw_or_encoded() {
        for path in [
            "/users/u@x/teamwork/installedApps/abc=",
            "/Users('u@x')/TeamWork/installedapps('abc=')",
            "/users/u%40x/teamwork/installedApps/abc%3D",
            "/users('u%40x')/teamwork/installedApps/abc=/",
        ] {
            let found = route(&Method::GET, path).unwrap();
            assert_eq!(found, ("installedApps.get", vec!["u@x".to_owned(), "abc=".to_owned()]), "{path}");
        }
    }

    #[test]
    fn what_is_not_in_the_table_is_not_served() {
        for path in ["/", "", "/teamwork", "/users/u/photo", "/appCatalogs", "/users/u/teamwork", "/%FF"] {
            assert_eq!(route(&Method::GET, path).unwrap_err().status(), 404, "{path}");
        }
        let wrong_method = route(&Method::PUT, "/users/u/teamwork/installedApps").unwrap_err();
        assert_eq!(wrong_method.status(), 405);
    }

    #[test]
    fn every_row_of_the_table_is_found() {
        for operation in OPERATIONS.iter() {
            let (name, _) = route(&operation.method, operation.path).unwrap();
            assert_eq!(name, operation.name);
        }
    }
}
