//! Rows of `/applications`, after the permission tables of Microsoft's pages.
//!
//! `Application.ReadWrite.OwnedBy` reads, as its description says, all that there is. It changes nothing here: who
//! owns an application is not kept. `AppRegistration.Create` and the permissions for identities of agents, which some
//! pages name too, have no published id and are not taken.

use http::Method;
use slipway_model::Permission::{
    self, ApplicationReadAll, ApplicationReadWriteAll, ApplicationReadWriteOwnedBy, DirectoryReadAll,
    DirectoryReadWriteAll,
};
use slipway_odata::SystemOption::{Count, Filter, OrderBy, Search, Select, SkipToken, Top};

use super::row;
use crate::graph::applications;
use crate::operation::Operation;

const LIST: [&[Permission]; 2] = [
    &[ApplicationReadAll, ApplicationReadWriteAll, DirectoryReadAll, DirectoryReadWriteAll],
    &[ApplicationReadAll, ApplicationReadWriteAll, ApplicationReadWriteOwnedBy, DirectoryReadAll],
];

const GET: [&[Permission]; 2] = [
    &[ApplicationReadAll, ApplicationReadWriteAll, DirectoryReadAll],
    &[ApplicationReadAll, ApplicationReadWriteAll, ApplicationReadWriteOwnedBy],
];

const FEDERATED: [&[Permission]; 2] = [
    &[ApplicationReadAll, ApplicationReadWriteAll],
    &[ApplicationReadAll, ApplicationReadWriteAll, ApplicationReadWriteOwnedBy],
];

const WRITE: [&[Permission]; 2] = [&[ApplicationReadWriteAll], &[ApplicationReadWriteAll]];

const PASSWORDS: [&[Permission]; 2] =
    [&[ApplicationReadWriteAll, DirectoryReadWriteAll], &[ApplicationReadWriteAll, DirectoryReadWriteAll]];

/// `/applications` and what stands below it.
pub(super) static ROWS: [Operation; 12] = [
    row(
        "applications.list",
        Method::GET,
        "/applications",
        LIST,
        (&[Filter, Search, OrderBy, Select, Top, Count, SkipToken], |call| {
            Box::pin(applications::list(call))
        }),
    ),
    row(
        "applications.get",
        Method::GET,
        "/applications/{application}",
        GET,
        (&[Select], |call| Box::pin(applications::get(call))),
    ),
    row(
        "applications.create",
        Method::POST,
        "/applications",
        WRITE,
        (&[], |call| Box::pin(applications::create(call))),
    ),
    row(
        "applications.update",
        Method::PATCH,
        "/applications/{application}",
        WRITE,
        (&[], |call| Box::pin(applications::update(call))),
    ),
    row(
        "applications.delete",
        Method::DELETE,
        "/applications/{application}",
        WRITE,
        (&[], |call| Box::pin(applications::delete(call))),
    ),
    row(
        "applications.addPassword",
        Method::POST,
        "/applications/{application}/addPassword",
        PASSWORDS,
        (&[], |call| Box::pin(applications::add_password(call))),
    ),
    row(
        "applications.removePassword",
        Method::POST,
        "/applications/{application}/removePassword",
        PASSWORDS,
        (&[], |call| Box::pin(applications::remove_password(call))),
    ),
    row(
        "federatedIdentityCredentials.list",
        Method::GET,
        "/applications/{application}/federatedIdentityCredentials",
        FEDERATED,
        (&[Filter, Select, Top, Count, SkipToken], |call| Box::pin(applications::list_federated(call))),
    ),
    row(
        "federatedIdentityCredentials.get",
        Method::GET,
        "/applications/{application}/federatedIdentityCredentials/{credential}",
        FEDERATED,
        (&[Select], |call| Box::pin(applications::get_federated(call))),
    ),
    row(
        "federatedIdentityCredentials.create",
        Method::POST,
        "/applications/{application}/federatedIdentityCredentials",
        WRITE,
        (&[], |call| Box::pin(applications::create_federated(call))),
    ),
    row(
        "federatedIdentityCredentials.update",
        Method::PATCH,
        "/applications/{application}/federatedIdentityCredentials/{credential}",
        WRITE,
        (&[], |call| Box::pin(applications::update_federated(call))),
    ),
    row(
        "federatedIdentityCredentials.delete",
        Method::DELETE,
        "/applications/{application}/federatedIdentityCredentials/{credential}",
        WRITE,
        (&[], |call| Box::pin(applications::delete_federated(call))),
    ),
];
