//! Rows of `/oauth2PermissionGrants`, after the permission tables of Microsoft's pages, and
//! `DelegatedPermissionGrant.Read.All`, which Microsoft's permissions reference has for reading them.

use http::Method;
use slipway_model::Permission::{
    self, DelegatedPermissionGrantReadAll, DelegatedPermissionGrantReadWriteAll, DirectoryReadAll,
    DirectoryReadWriteAll,
};
use slipway_odata::SystemOption::{Count, Filter, Select, SkipToken, Top};

use super::row;
use crate::graph::oauth2_permission_grants;
use crate::operation::Operation;

const READERS: &[Permission] = &[
    DelegatedPermissionGrantReadAll,
    DelegatedPermissionGrantReadWriteAll,
    DirectoryReadAll,
    DirectoryReadWriteAll,
];

const WRITERS: &[Permission] = &[DelegatedPermissionGrantReadWriteAll, DirectoryReadWriteAll];

/// For grants of one client too.
pub(super) const READ: [&[Permission]; 2] = [READERS, READERS];

const WRITE: [&[Permission]; 2] = [WRITERS, WRITERS];

/// `/oauth2PermissionGrants` and what stands below it.
pub(super) static ROWS: [Operation; 5] = [
    row(
        "oauth2PermissionGrants.list",
        Method::GET,
        "/oauth2PermissionGrants",
        READ,
        (&[Filter, Select, Top, Count, SkipToken], |call| Box::pin(oauth2_permission_grants::list(call))),
    ),
    row(
        "oauth2PermissionGrants.get",
        Method::GET,
        "/oauth2PermissionGrants/{grant}",
        READ,
        (&[Select], |call| Box::pin(oauth2_permission_grants::get(call))),
    ),
    row(
        "oauth2PermissionGrants.create",
        Method::POST,
        "/oauth2PermissionGrants",
        WRITE,
        (&[], |call| Box::pin(oauth2_permission_grants::create(call))),
    ),
    row(
        "oauth2PermissionGrants.update",
        Method::PATCH,
        "/oauth2PermissionGrants/{grant}",
        WRITE,
        (&[], |call| Box::pin(oauth2_permission_grants::update(call))),
    ),
    row(
        "oauth2PermissionGrants.delete",
        Method::DELETE,
        "/oauth2PermissionGrants/{grant}",
        WRITE,
        (&[], |call| Box::pin(oauth2_permission_grants::delete(call))),
    ),
];
