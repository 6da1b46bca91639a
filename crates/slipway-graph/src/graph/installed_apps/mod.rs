//! `/users/{id}/teamwork/installedApps`: apps in the personal scope of a user.

mod add;
mod bind;
mod body;
mod delete;
mod find;
mod get;
mod list;
mod row;
mod upgrade;

pub(crate) use add::add;
pub(crate) use delete::delete;
pub(crate) use get::get;
pub(crate) use list::list;
pub(crate) use upgrade::upgrade;
