//! The operation table: every endpoint of Graph that is served, as data, one file a resource.
//!
//! Permissions are those of Microsoft's permission data of 2026-08-07, in the order in which refusals print them.

mod app_catalogs;
mod applications;
pub(crate) mod chats;
mod groups;
mod installed_apps;
mod oauth2_permission_grants;
mod organization;
mod service_principals;
mod teams;
mod teamwork;
mod users;

use http::Method;
use slipway_model::Permission;
use slipway_odata::SystemOption;

use crate::operation::{ApiVersion, Handler, Operation, Throttle};

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
        .chain(&applications::ROWS)
        .chain(&service_principals::ROWS)
        .chain(&oauth2_permission_grants::ROWS)
        .chain(&organization::ROWS)
}

/// A row of both versions that the identity workload answers. Of the permissions the delegated ones come first.
const fn row(
    name: &'static str,
    method: Method,
    path: &'static str,
    [delegated, application]: [&'static [Permission]; 2],
    (options, handler): (&'static [SystemOption], Handler),
) -> Operation {
    Operation {
        name,
        method,
        path,
        versions: &ApiVersion::ALL,
        owner: None,
        delegated,
        application,
        legacy: &[],
        throttle: Throttle::Identity,
        options,
        handler,
    }
}
