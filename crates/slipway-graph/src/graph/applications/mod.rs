//! `/applications`: registrations of clients.

/// Path of the collection, for addresses and contexts.
const PATH: &str = "applications";

mod body;
mod create;
mod credentials;
mod delete;
mod federated;
mod get;
mod password;
mod redirect;
mod row;
mod update;

pub(crate) use create::create;
pub(crate) use delete::delete;
pub(crate) use federated::{
    create as create_federated, delete as delete_federated, get as get_federated, list as list_federated,
    update as update_federated,
};
pub(crate) use get::{get, list};
pub(crate) use password::{add as add_password, remove as remove_password};
pub(crate) use row::{AppRoleRow, ScopeRow};
pub(crate) use update::update;
