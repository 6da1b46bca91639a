//! Rows of what a user has in Teams: settings, installed apps, the chats with their bots, permission grants.

use http::Method;
use slipway_model::OwnerKind;
use slipway_model::Permission::{
    self, DirectoryReadAll, DirectoryReadWriteAll, GrantReadForUser, GrantReadForUserAll,
    InstallationReadAll, InstallationReadUser, ManageSelectedForUser, ManageSelectedForUserAll, ReadForUser,
    ReadForUserAll, ReadWriteAndConsentForUser, ReadWriteAndConsentForUserAll,
    ReadWriteAndConsentSelfForUser, ReadWriteAndConsentSelfForUserAll, ReadWriteForUser, ReadWriteForUserAll,
    ReadWriteSelectedForUser, ReadWriteSelectedForUserAll, ReadWriteSelfForUser, ReadWriteSelfForUserAll,
    UserReadAll, UserReadWriteAll, UserTeamworkRead, UserTeamworkReadAll,
};
use slipway_odata::SystemOption::{Count, Expand, Filter, Select, Skip, SkipToken, Top};

use crate::graph::{installed_apps, permission_grants, users};
use crate::operation::{ApiVersion, Operation, Throttle};

const READ_DELEGATED: &[Permission] = &[
    ManageSelectedForUser,
    ReadForUser,
    ReadWriteAndConsentForUser,
    ReadWriteAndConsentSelfForUser,
    ReadWriteForUser,
    ReadWriteSelectedForUser,
    ReadWriteSelfForUser,
];

const READ_APPLICATION: &[Permission] = &[
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

const WRITE_DELEGATED: &[Permission] = &[
    ManageSelectedForUser,
    ReadWriteAndConsentForUser,
    ReadWriteAndConsentSelfForUser,
    ReadWriteForUser,
    ReadWriteSelectedForUser,
    ReadWriteSelfForUser,
];

const WRITE_APPLICATION: &[Permission] = &[
    ManageSelectedForUserAll,
    ReadWriteAndConsentForUserAll,
    ReadWriteAndConsentSelfForUserAll,
    ReadWriteForUserAll,
    ReadWriteSelectedForUserAll,
    ReadWriteSelfForUserAll,
];

const CHAT_DELEGATED: &[Permission] =
    &[ReadForUser, ReadWriteForUser, ReadWriteSelectedForUser, ReadWriteSelfForUser];

const CHAT_APPLICATION: &[Permission] = &[
    InstallationReadAll,
    InstallationReadUser,
    ReadForUserAll,
    ReadWriteForUserAll,
    ReadWriteSelectedForUserAll,
    ReadWriteSelfForUserAll,
];

const GRANTS_DELEGATED: &[Permission] =
    &[GrantReadForUser, ManageSelectedForUser, ReadWriteAndConsentForUser, ReadWriteAndConsentSelfForUser];

const GRANTS_APPLICATION: &[Permission] = &[
    GrantReadForUserAll,
    ManageSelectedForUserAll,
    ReadWriteAndConsentForUserAll,
    ReadWriteAndConsentSelfForUserAll,
];

/// What the pages of 2019-07 named for adding, upgrading and removing.
const LEGACY_WRITE: &[Permission] = &[DirectoryReadWriteAll, UserReadWriteAll];

/// What the page of 2019-07 named for listing.
const LEGACY_LIST: &[Permission] = &[DirectoryReadAll, DirectoryReadWriteAll, UserReadAll, UserReadWriteAll];

/// A user's Teams and its apps.
pub(super) static ROWS: [Operation; 8] = [
    Operation {
        name: "userTeamwork.get",
        method: Method::GET,
        path: "/users/{user}/teamwork",
        versions: &ApiVersion::ALL,
        owner: Some(OwnerKind::User),
        delegated: &[UserTeamworkRead],
        application: &[UserTeamworkReadAll],
        legacy: &[],
        throttle: Throttle::TeamsRead,
        options: &[Select],
        handler: |call| Box::pin(users::get_teamwork(call)),
    },
    Operation {
        name: "installedApps.list",
        method: Method::GET,
        path: "/users/{user}/teamwork/installedApps",
        versions: &ApiVersion::ALL,
        owner: Some(OwnerKind::User),
        delegated: READ_DELEGATED,
        application: READ_APPLICATION,
        legacy: LEGACY_LIST,
        throttle: Throttle::TeamsRead,
        options: &[Filter, Select, Expand, Top, Skip, Count, SkipToken],
        handler: |call| Box::pin(installed_apps::list(call)),
    },
    Operation {
        name: "installedApps.get",
        method: Method::GET,
        path: "/users/{user}/teamwork/installedApps/{installation}",
        versions: &ApiVersion::ALL,
        owner: Some(OwnerKind::User),
        delegated: READ_DELEGATED,
        application: READ_APPLICATION,
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
        delegated: WRITE_DELEGATED,
        application: WRITE_APPLICATION,
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
        delegated: WRITE_DELEGATED,
        application: WRITE_APPLICATION,
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
        delegated: WRITE_DELEGATED,
        application: WRITE_APPLICATION,
        legacy: LEGACY_WRITE,
        throttle: Throttle::TeamsDelete,
        options: &[],
        handler: |call| Box::pin(installed_apps::delete(call)),
    },
    Operation {
        name: "installedApps.chat",
        method: Method::GET,
        path: "/users/{user}/teamwork/installedApps/{installation}/chat",
        versions: &ApiVersion::ALL,
        owner: Some(OwnerKind::User),
        delegated: CHAT_DELEGATED,
        application: CHAT_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsRead,
        options: &[Select],
        handler: |call| Box::pin(installed_apps::chat(call)),
    },
    Operation {
        name: "permissionGrants.list",
        method: Method::GET,
        path: "/users/{user}/permissionGrants",
        versions: &ApiVersion::ALL,
        owner: Some(OwnerKind::User),
        delegated: GRANTS_DELEGATED,
        application: GRANTS_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsRead,
        options: &[],
        handler: |call| Box::pin(permission_grants::list(call)),
    },
];
