//! The operation table: every endpoint of Graph that is served, as data, one file a resource.
//!
//! Permissions are those of Microsoft's permission data of 2026-08-07, in the order in which refusals print them.

mod app_catalogs;
pub(crate) mod chats;
mod groups;
mod installed_apps;
mod teams;
mod teamwork;
mod users;

use crate::operation::Operation;

/// Every endpoint below the version segment.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    users::ROWS
        .iter()
        .chain(&groups::ROWS)
        .chain(&installed_apps::ROWS)
        .chain(&teams::ROWS)
        .chain(&chats::ROWS)
        .chain(&app_catalogs::ROWS)
        .chain(&teamwork::ROWS)
}
