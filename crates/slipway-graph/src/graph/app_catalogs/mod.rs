//! `/appCatalogs/teamsApps`: the tenant's app catalog.

/// Path of the collection, for addresses and contexts.
const PATH: &str = "appCatalogs/teamsApps";

mod definitions;
mod delete;
mod find;
mod get;
mod list;
mod package;
mod publish;
mod publish_version;
pub(crate) mod row;

pub(crate) use definitions::definitions;
pub(crate) use delete::delete;
pub(crate) use find::{entry, visible_definitions};
pub(crate) use get::get;
pub(crate) use list::list;
pub(crate) use package::published;
pub(crate) use publish::publish;
pub(crate) use publish_version::publish_version;
