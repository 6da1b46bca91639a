//! Finds the operation of a path. Built from the operation table, so what is not in the table is not served.
//!
//! Segments match without case, keys come as `/x/{id}` or `/x('{id}')`, percent-encoded or raw.

use http::Method;
use percent_encoding::percent_decode_str;

use crate::fault::Fault;
use crate::operation::Operation;
use crate::segment::split_key_form;

/// The tree of path segments below the version.
#[derive(Debug, Default)]
pub(crate) struct Router {
    root: Node,
}

#[derive(Debug, Default)]
struct Node {
    /// Few enough that looking through them is quicker than hashing.
    named: Vec<(&'static str, Node)>,
    key: Option<Box<Node>>,
    operations: Vec<&'static Operation>,
}

impl Node {
    /// Mounts the operation below the segments, making nodes that are new.
    fn mount(&mut self, mut segments: std::str::Split<'static, char>, operation: &'static Operation) {
        let Some(segment) = segments.next() else {
            self.operations.push(operation);
            return;
        };
        if segment.starts_with('{') {
            self.key.get_or_insert_default().mount(segments, operation);
        } else if let Some((_, known)) = self.named.iter_mut().find(|(name, _)| *name == segment) {
            known.mount(segments, operation);
        } else {
            let mut new = Self::default();
            new.mount(segments, operation);
            self.named.push((segment, new));
        }
    }
}

/// An operation with the keys of its path, in their order.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) operation: &'static Operation,
    pub(crate) keys: Vec<String>,
}

impl Router {
    /// Mounts every row of the table.
    pub(crate) fn of(operations: impl Iterator<Item = &'static Operation>) -> Self {
        let mut router = Self::default();
        for operation in operations {
            let mut segments = operation.path.split('/');
            // The path begins with a slash.
            segments.next();
            router.root.mount(segments, operation);
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
            let named = node.named.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
            let named = named.map(|(_, below)| below);
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
                Some(sibling) => {
                    let allowed: Vec<_> = node.operations.iter().map(|other| other.method.clone()).collect();
                    Fault::method(sibling.throttle, &allowed)
                }
                None => Fault::path_unknown(path),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::operations;

    fn route(method: &Method, path: &str) -> Result<(&'static str, Vec<String>), Fault> {
        Router::of(operations()).route(method, path).map(|found| (found.operation.name, found.keys))
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
        for path in ["/", "", "/teamwork", "/users/u/photo", "/appCatalogs", "/teams", "/%FF"] {
            assert_eq!(route(&Method::GET, path).unwrap_err().status(), 404, "{path}");
        }
        let wrong_method = route(&Method::PUT, "/users/u/teamwork/installedApps").unwrap_err();
        assert_eq!(wrong_method.status(), 405);
    }

    #[test]
    fn every_row_of_the_table_is_found() {
        for operation in operations() {
            let (name, _) = route(&operation.method, operation.path).unwrap();
            assert_eq!(name, operation.name);
        }
    }
}
