//! Finds the operation of a path. Built from the operation table, so what is not in the table is not served.
//!
//! Segments match without case, keys come as `/x/{id}` or `/x('{id}')`, percent-encoded or raw.

use http::Method;
use percent_encoding::percent_decode_str;
use slipway_model::{TenantId, UserId};
use slipway_odata::split_key_form;

use crate::fault::{Fault, FaultKind};
use crate::operation::Operation;
use crate::segment::split_first;

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

    /// The node of the named segment.
    fn below(&self, name: &str) -> Option<&Self> {
        self.named.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, below)| below)
    }

    /// The node at the end of the path, with the keys on the way behind those that are given. A segment is a name
    /// where there is one, else a key; one that begins with `$` is the service's own and never a key.
    fn walk(&self, path: &str, mut keys: Vec<String>) -> Result<(&Self, Vec<String>), Fault> {
        let mut node = self;
        for raw in path.split('/').filter(|segment| !segment.is_empty()) {
            let segment = percent_decode_str(raw).decode_utf8().map_err(|_| Fault::path_unknown(raw))?;
            let (name, key) = split_key_form(&segment);
            let (below, key) = match (node.below(name), key) {
                (Some(named), None) => {
                    node = named;
                    continue;
                }
                (Some(named), Some(key)) => (named.key.as_deref(), key.into_owned()),
                (None, _) if segment.starts_with('$') => (None, String::new()),
                (None, _) => (node.key.as_deref(), segment.to_string()),
            };
            node = below.ok_or_else(|| Fault::path_unknown(&segment))?;
            keys.push(key);
        }
        Ok((node, keys))
    }

    /// The operation for the method; `path` led here.
    fn operation(&self, method: &Method, path: &str) -> Result<&'static Operation, Fault> {
        let Some(sibling) = self.operations.first() else { return Err(Fault::path_unknown(path)) };
        self.operations.iter().find(|operation| operation.method == *method).copied().ok_or_else(|| {
            let allowed: Vec<_> = self.operations.iter().map(|other| other.method.clone()).collect();
            Fault::method(sibling.throttle, &allowed)
        })
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

    /// The operation for the method and the path below the version segment (`/users/1/teamwork`). `/me/…` is
    /// `/users/{id}/…` of the signed-in user, unless the table has rows of its own for it; the user's id is the first
    /// key either way.
    pub(crate) fn route(&self, method: &Method, path: &str, me: Option<&UserId>) -> Result<Route, Fault> {
        let (first, rest) = split_first(path);
        let of_me = first.eq_ignore_ascii_case("me");
        let (node, keys) = if of_me {
            self.own(path, rest, me.map_or("", UserId::as_str))?
        } else {
            self.root.walk(path, Vec::new())?
        };
        let operation = node.operation(method, path)?;
        if of_me && me.is_none() {
            return Err(FaultKind::MeWithoutUser.into());
        }
        Ok(Route { operation, keys })
    }

    /// Where `/me` leads, and `rest` behind it.
    fn own(&self, path: &str, rest: &str, me: &str) -> Result<(&Node, Vec<String>), Fault> {
        let keys = || vec![me.to_owned()];
        match self.root.walk(path, keys()) {
            Ok((node, keys)) if !node.operations.is_empty() => Ok((node, keys)),
            Ok(_) | Err(_) => {
                let user = self.root.below("users").and_then(|users| users.key.as_deref());
                user.ok_or_else(|| Fault::path_unknown("me"))?.walk(rest, keys())
            }
        }
    }
}

/// What follows `/tenants/{id}` in a path below the version segment, which may begin with it; the tenant must be the
/// token's. `/myorganization`, which CLI for Microsoft 365 sends, is always that.
pub(crate) fn in_tenant<'a>(path: &'a str, tenant: &TenantId) -> Result<&'a str, Fault> {
    match split_first(path) {
        (first, rest) if first.eq_ignore_ascii_case("myorganization") => Ok(rest),
        (first, rest) if first.eq_ignore_ascii_case("tenants") => match split_first(rest) {
            (id, rest) if id.eq_ignore_ascii_case(tenant.as_str()) => Ok(rest),
            _ => Err(FaultKind::OtherTenant.into()),
        },
        _ => Ok(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::operations;

    const ME: &str = "51190000-0000-4000-8000-0000000e0002";

    fn route(method: &Method, path: &str) -> Result<(&'static str, Vec<String>), Fault> {
        let me = UserId::parse(ME).unwrap();
        Router::of(operations())
            .route(method, path, Some(&me))
            .map(|found| (found.operation.name, found.keys))
    }

    #[test]
    fn me_is_the_signed_in_user() {
        for (path, name, keys) in [
            ("/me", "me.get", vec![ME]),
            ("/Me/", "me.get", vec![ME]),
            ("/me/teamwork/installedApps", "installedApps.list", vec![ME]),
            ("/ME/teamwork/installedApps('abc=')", "installedApps.get", vec![ME, "abc="]),
        ] {
            let keys = keys.into_iter().map(str::to_owned).collect();
            assert_eq!(route(&Method::GET, path).unwrap(), (name, keys), "{path}");
        }
        let routes = Router::of(operations());
        let of_nobody = |path| routes.route(&Method::GET, path, None).unwrap_err();
        assert!(matches!(of_nobody("/me").kind(), FaultKind::MeWithoutUser));
        assert!(matches!(of_nobody("/me/drive").kind(), FaultKind::PathUnknown));
        assert_eq!(route(&Method::DELETE, "/me").unwrap_err().status(), 405);
        assert_eq!(route(&Method::GET, "/me('x')").unwrap_err().status(), 404);
    }

    #[test]
    fn a_tenant_may_stand_before_the_path() {
        let tenant = TenantId::parse("51190000-0000-4000-8000-000000000001").unwrap();
        let path = |path| in_tenant(path, &tenant).ok();
        assert_eq!(path("/users"), Some("/users"));
        assert_eq!(path("/Tenants/51190000-0000-4000-8000-000000000001/users"), Some("/users"));
        assert_eq!(path("/tenants/51190000-0000-4000-8000-000000000002/users"), None);
        assert_eq!(path("/tenants"), None);
        assert_eq!(path("/myOrganization/applications"), Some("/applications"));
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
        for path in
            ["/", "", "/teamwork", "/users/u/photo", "/appCatalogs", "/teams", "/users/$value", "/%FF"]
        {
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
