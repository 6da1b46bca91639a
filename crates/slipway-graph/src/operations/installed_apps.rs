//! Rows of `installedApps`.

use http::Method;
use slipway_model::OwnerKind;
use slipway_model::Permission::{
    self, DirectoryReadAll, DirectoryReadWriteAll, InstallationReadAll, InstallationReadUser,
    ManageSelectedForUser, ManageSelectedForUserAll, ReadForUser, ReadForUserAll, ReadWriteAndConsentForUser,
    ReadWriteAndConsentForUserAll, ReadWriteAndConsentSelfForUser, ReadWriteAndConsentSelfForUserAll,
    ReadWriteForUser, ReadWriteForUserAll, ReadWriteSelectedForUser, ReadWriteSelectedForUserAll,
    ReadWriteSelfForUser, ReadWriteSelfForUserAll, UserReadAll, UserReadWriteAll,
};
use slipway_odata::SystemOption::{Count, Expand, Filter, Select, SkipToken, Top};

use crate::graph::installed_apps;
use crate::operation::{ApiVersion, Operation, Throttle};

const READ_INSTALLED_DELEGATED: &[Permission] = &[
    ManageSelectedForUser,
    ReadForUser,
    ReadWriteAndConsentForUser,
    ReadWriteAndConsentSelfForUser,
    ReadWriteForUser,
    ReadWriteSelectedForUser,
    ReadWriteSelfForUser,
];

const READ_INSTALLED_APPLICATION: &[Permission] = &[
    ManageSelectedForUserAll,
    InstallationReadAll,
    InstallationReadUser,
    ReadForUserAll,
    ReadWriteAndConsentForUserAll,
    ReadWriteAndConsentSelfForUserAll,
    ReadWriteForUserAll,
    ReadWriteSelectedForUserAll,
    ReadWriteSelfForUserAll,
];

const WRITE_INSTALLED_DELEGATED: &[Permission] = &[
    ManageSelectedForUser,
    ReadWriteAndConsentForUser,
    ReadWriteAndConsentSelfForUser,
    ReadWriteForUser,
    ReadWriteSelectedForUser,
    ReadWriteSelfForUser,
];

const WRITE_INSTALLED_APPLICATION: &[Permission] = &[
    ManageSelectedForUserAll,
    ReadWriteAndConsentForUserAll,
    ReadWriteAndConsentSelfForUserAll,
    ReadWriteForUserAll,
    ReadWriteSelectedForUserAll,
    ReadWriteSelfForUserAll,
];

/// What the pages of 2019-07 named for adding, upgrading and removing.
const LEGACY_WRITE: &[Permission] = &[DirectoryReadWriteAll, UserReadWriteAll];

/// What the page of 2019-07 named for listing.
const LEGACY_LIST: &[Permission] = &[DirectoryReadAll, DirectoryReadWriteAll, UserReadAll, UserReadWriteAll];

/// `installedApps` of every kind of owner.
pub(super) static ROWS: [Operation; 5] = [
    Operation {
        name: "installedApps.list",
        method: Method::GET,
        path: "/users/{user}/teamwork/installedApps",
        versions: &ApiVersion::ALL,
        owner: Some(OwnerKind::User),
        delegated: READ_INSTALLED_DELEGATED,
        application: READ_INSTALLED_APPLICATION,
        legacy: LEGACY_LIST,
        throttle: Throttle::TeamsRead,
        options: &[Filter, Select, Expand, Top, Count, SkipToken],
        handler: |call| Box::pin(installed_apps::list(call)),
    },
    Operation {
        name: "installedApps.get",
        method: Method::GET,
        path: "/users/{user}/teamwork/installedApps/{installation}",
        versions: &ApiVersion::ALL,
        owner: Some(OwnerKind::User),
        delegated: READ_INSTALLED_DELEGATED,
        application: READ_INSTALLED_APPLICATION,
        legacy: LEGACY_WRITE,
        throttle: Throttle::TeamsRead,
        options: &[Select, Expand],
        handler: |call| Box::pin(installed_apps::get(call)),
    },
    Operation {
        name: "installedApps.add",
        method: Method::POST,
        path: "/users/{user}/teamwork/installedApps",
        versions: &ApiVersion::ALL,
        owner: Some(OwnerKind::User),
        delegated: WRITE_INSTALLED_DELEGATED,
        application: WRITE_INSTALLED_APPLICATION,
        legacy: LEGACY_WRITE,
        throttle: Throttle::TeamsWrite,
        options: &[],
        handler: |call| Box::pin(installed_apps::add(call)),
    },
    Operation {
        name: "installedApps.upgrade",
        method: Method::POST,
        path: "/users/{user}/teamwork/installedApps/{installation}/upgrade",
        versions: &ApiVersion::ALL,
        owner: Some(OwnerKind::User),
        delegated: WRITE_INSTALLED_DELEGATED,
        application: WRITE_INSTALLED_APPLICATION,
        legacy: LEGACY_WRITE,
        throttle: Throttle::TeamsWrite,
        options: &[],
        handler: |call| Box::pin(installed_apps::upgrade(call)),
    },
    Operation {
        name: "installedApps.delete",
        method: Method::DELETE,
        path: "/users/{user}/teamwork/installedApps/{installation}",
        versions: &ApiVersion::ALL,
        owner: Some(OwnerKind::User),
        delegated: WRITE_INSTALLED_DELEGATED,
        application: WRITE_INSTALLED_APPLICATION,
        legacy: LEGACY_WRITE,
        throttle: Throttle::TeamsDelete,
        options: &[],
        handler: |call| Box::pin(installed_apps::delete(call)),
    },
];
