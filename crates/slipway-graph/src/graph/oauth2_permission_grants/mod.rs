//! `/oauth2PermissionGrants`: delegated permissions that clients hold, whether an administrator granted them or a user
//! did on the consent page. A grant is read from the client's row and the consents of users; it has no row of its own.

/// Path of the collection, for addresses and contexts.
const PATH: &str = "oauth2PermissionGrants";

mod body;
mod find;
mod get;
mod row;
mod write;

pub(crate) use get::{get, list, list_of_client};
pub(crate) use write::{create, delete, update};
