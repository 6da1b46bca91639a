//! Rows of `/servicePrincipals`, after the permission tables of Microsoft's pages.
//!
//! `Application.ReadWrite.OwnedBy` is taken where it is for applications. To assign roles the page asks for a permission
//! to read beside `AppRoleAssignment.ReadWrite.All`; that alone is enough here.

use http::Method;
use slipway_model::Permission::{
    self, AppRoleAssignmentReadWriteAll, ApplicationReadAll, ApplicationReadWriteAll,
    ApplicationReadWriteOwnedBy, DirectoryReadAll, DirectoryReadWriteAll,
};
use slipway_odata::SystemOption::{Count, Filter, OrderBy, Search, Select, SkipToken, Top};

use super::oauth2_permission_grants::READ as READ_GRANTS;
use super::row;
use crate::graph::{oauth2_permission_grants, service_principals};
use crate::operation::Operation;

const READ: [&[Permission]; 2] = [
    &[ApplicationReadAll, ApplicationReadWriteAll, DirectoryReadAll, DirectoryReadWriteAll],
    &[ApplicationReadAll, ApplicationReadWriteAll, ApplicationReadWriteOwnedBy, DirectoryReadAll],
];

const CREATE: [&[Permission]; 2] =
    [&[ApplicationReadWriteAll, DirectoryReadWriteAll], &[ApplicationReadWriteAll, DirectoryReadWriteAll]];

const DELETE: [&[Permission]; 2] = [&[ApplicationReadWriteAll], &[ApplicationReadWriteAll]];

const READ_ROLES: [&[Permission]; 2] = [
    &[ApplicationReadAll, ApplicationReadWriteAll, DirectoryReadAll, DirectoryReadWriteAll],
    &[
        ApplicationReadAll,
        ApplicationReadWriteAll,
        ApplicationReadWriteOwnedBy,
        DirectoryReadAll,
        DirectoryReadWriteAll,
    ],
];

const ASSIGN: [&[Permission]; 2] = [&[AppRoleAssignmentReadWriteAll], &[AppRoleAssignmentReadWriteAll]];

/// `/servicePrincipals` and what stands below it.
pub(super) static ROWS: [Operation; 11] = [
    row(
        "servicePrincipals.list",
        Method::GET,
        "/servicePrincipals",
        READ,
        (&[Filter, Search, OrderBy, Select, Top, Count, SkipToken], |call| {
            Box::pin(service_principals::list(call))
        }),
    ),
    row(
        "servicePrincipals.get",
        Method::GET,
        "/servicePrincipals/{servicePrincipal}",
        READ,
        (&[Select], |call| Box::pin(service_principals::get(call))),
    ),
    row(
        "servicePrincipals.create",
        Method::POST,
        "/servicePrincipals",
        CREATE,
        (&[], |call| Box::pin(service_principals::create(call))),
    ),
    row(
        "servicePrincipals.delete",
        Method::DELETE,
        "/servicePrincipals/{servicePrincipal}",
        DELETE,
        (&[], |call| Box::pin(service_principals::delete(call))),
    ),
    row(
        "appRoleAssignments.list",
        Method::GET,
        "/servicePrincipals/{servicePrincipal}/appRoleAssignments",
        READ_ROLES,
        (&[Filter, Select, Top, Count, SkipToken], |call| {
            Box::pin(service_principals::list_assignments(call))
        }),
    ),
    row(
        "appRoleAssignments.create",
        Method::POST,
        "/servicePrincipals/{servicePrincipal}/appRoleAssignments",
        ASSIGN,
        (&[], |call| Box::pin(service_principals::create_assignment(call))),
    ),
    row(
        "appRoleAssignments.delete",
        Method::DELETE,
        "/servicePrincipals/{servicePrincipal}/appRoleAssignments/{assignment}",
        ASSIGN,
        (&[], |call| Box::pin(service_principals::delete_assignment(call))),
    ),
    row(
        "appRoleAssignedTo.list",
        Method::GET,
        "/servicePrincipals/{servicePrincipal}/appRoleAssignedTo",
        READ_ROLES,
        (&[Filter, Select, Top, Count, SkipToken], |call| {
            Box::pin(service_principals::list_assigned_to(call))
        }),
    ),
    row(
        "appRoleAssignedTo.create",
        Method::POST,
        "/servicePrincipals/{servicePrincipal}/appRoleAssignedTo",
        ASSIGN,
        (&[], |call| Box::pin(service_principals::create_assigned_to(call))),
    ),
    row(
        "appRoleAssignedTo.delete",
        Method::DELETE,
        "/servicePrincipals/{servicePrincipal}/appRoleAssignedTo/{assignment}",
        ASSIGN,
        (&[], |call| Box::pin(service_principals::delete_assigned_to(call))),
    ),
    row(
        "servicePrincipals.oauth2PermissionGrants",
        Method::GET,
        "/servicePrincipals/{servicePrincipal}/oauth2PermissionGrants",
        READ_GRANTS,
        (&[Filter, Select, Top, Count, SkipToken], |call| {
            Box::pin(oauth2_permission_grants::list_of_client(call))
        }),
    ),
];
