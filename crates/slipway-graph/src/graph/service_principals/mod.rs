//! `/servicePrincipals`: clients and Microsoft Graph as the tenant knows them, and the roles that are assigned to them.

/// Path of the collection, for addresses and contexts.
const PATH: &str = "servicePrincipals";

mod assign;
mod assignments;
mod create;
mod delete;
mod find;
mod get;
mod row;

pub(crate) use assign::{
    create as create_assignment, create_to as create_assigned_to, delete as delete_assignment,
    delete_to as delete_assigned_to,
};
pub(crate) use assignments::{list as list_assignments, list_to as list_assigned_to};
pub(crate) use create::create;
pub(crate) use delete::delete;
pub(crate) use find::{Principal, named};
pub(crate) use get::{get, list};
