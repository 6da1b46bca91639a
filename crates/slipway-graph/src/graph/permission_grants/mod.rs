//! `…/permissionGrants`: resource-specific permissions that the installations of a user, a team or a chat give to
//! apps. They are part of the installations, and come and go with them.

mod list;
mod row;

pub(crate) use list::list;
