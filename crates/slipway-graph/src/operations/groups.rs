//! Rows of `/groups`.
//!
//! Microsoft's permission data of the Teams app lifecycle has no rows for groups; these are those of the pages on
//! listing members and transitive members.

use http::Method;
use slipway_model::Permission::{
    self, DirectoryReadAll, DirectoryReadWriteAll, GroupMemberReadAll, GroupMemberReadWriteAll, GroupReadAll,
    GroupReadWriteAll,
};
use slipway_odata::SystemOption::{self, Count, Select, SkipToken, Top};

use crate::graph::groups;
use crate::operation::{ApiVersion, Handler, Operation, Throttle};

const READ_MEMBERS: &[Permission] = &[
    DirectoryReadAll,
    DirectoryReadWriteAll,
    GroupReadAll,
    GroupReadWriteAll,
    GroupMemberReadAll,
    GroupMemberReadWriteAll,
];

const LIST: &[SystemOption] = &[Select, Top, Count, SkipToken];

const fn row(
    name: &'static str,
    path: &'static str,
    options: &'static [SystemOption],
    handler: Handler,
) -> Operation {
    Operation {
        name,
        method: Method::GET,
        path,
        versions: &ApiVersion::ALL,
        owner: None,
        delegated: READ_MEMBERS,
        application: READ_MEMBERS,
        legacy: &[],
        throttle: Throttle::Identity,
        options,
        handler,
    }
}

/// Members of groups.
pub(super) static ROWS: [Operation; 6] = [
    row("groups.members", "/groups/{group}/members", LIST, |call| Box::pin(groups::list(call))),
    row("groups.userMembers", "/groups/{group}/members/microsoft.graph.user", LIST, |call| {
        Box::pin(groups::list(call))
    }),
    row("groups.countMembers", "/groups/{group}/members/$count", &[], |call| Box::pin(groups::count(call))),
    row("groups.transitiveMembers", "/groups/{group}/transitiveMembers", LIST, |call| {
        Box::pin(groups::list_transitive(call))
    }),
    row(
        "groups.userTransitiveMembers",
        "/groups/{group}/transitiveMembers/microsoft.graph.user",
        LIST,
        |call| Box::pin(groups::list_transitive(call)),
    ),
    row("groups.countTransitiveMembers", "/groups/{group}/transitiveMembers/$count", &[], |call| {
        Box::pin(groups::count_transitive(call))
    }),
];
