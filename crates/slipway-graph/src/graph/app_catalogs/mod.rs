//! `/appCatalogs/teamsApps`: the tenant's app catalog.

/// Path of the collection, for addresses and contexts.
const PATH: &str = "appCatalogs/teamsApps";

mod add_version;
mod body;
mod bot;
mod definition;
mod definitions;
mod delete;
mod etag;
mod find;
mod get;
mod icon;
mod list;
mod package;
mod publish;
mod review;
pub(crate) mod row;
mod withdraw;

pub(crate) use add_version::add_version;
pub(crate) use bot::bot;
pub(crate) use definition::definition;
pub(crate) use definitions::definitions;
pub(crate) use delete::delete;
pub(crate) use find::{entry, visible_definitions};
pub(crate) use get::get;
pub(crate) use icon::{hosted_content, icon, icon_bytes};
pub(crate) use list::{count, list};
pub(crate) use package::published;
pub(crate) use publish::publish;
pub(crate) use review::review;
pub(crate) use withdraw::withdraw;

/// Path of the definitions of an app.
fn definitions_path(app: &slipway_model::TeamsAppId) -> String {
    format!("{PATH}('{app}')/appDefinitions")
}
