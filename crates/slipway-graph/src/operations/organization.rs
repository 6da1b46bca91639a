//! Rows of `/organization`, after the permission table of Microsoft's page "Get organization".

use http::Method;
use slipway_model::Permission::{
    self, DirectoryReadAll, DirectoryReadWriteAll, OrganizationReadAll, OrganizationReadWriteAll, UserRead,
};
use slipway_odata::SystemOption::{Count, Filter, Select, SkipToken, Top};

use super::row;
use crate::graph::organization;
use crate::operation::Operation;

const READ: [&[Permission]; 2] = [
    &[DirectoryReadAll, DirectoryReadWriteAll, OrganizationReadAll, OrganizationReadWriteAll, UserRead],
    &[DirectoryReadAll, DirectoryReadWriteAll, OrganizationReadAll, OrganizationReadWriteAll],
];

/// `/organization` and what stands below it.
pub(super) static ROWS: [Operation; 2] = [
    row(
        "organization.list",
        Method::GET,
        "/organization",
        READ,
        (&[Filter, Select, Top, Count, SkipToken], |call| Box::pin(organization::list(call))),
    ),
    row(
        "organization.get",
        Method::GET,
        "/organization/{organization}",
        READ,
        (&[Select], |call| Box::pin(organization::get(call))),
    ),
];
