//! The operation table: every endpoint of Graph that is served, as data.
//!
//! Permissions are those of Microsoft's permission data of 2026-08-07, in the order in which refusals print them.
//! The data has no row for reading one catalog app or its definitions; these take what listing the catalog takes.

use http::Method;
use slipway_model::Permission::{
    self, AgentIdUserReadWriteAll, AgentIdUserReadWriteIdentityParentedBy, AppCatalogReadAll,
    AppCatalogReadWriteAll, AppCatalogSubmit, DeviceManagementAppsReadAll, DeviceManagementAppsReadWriteAll,
    DeviceManagementConfigurationReadAll, DeviceManagementConfigurationReadWriteAll,
    DeviceManagementManagedDevicesReadAll, DeviceManagementManagedDevicesReadWriteAll,
    DeviceManagementServiceConfigReadAll, DeviceManagementServiceConfigReadWriteAll, DirectoryReadAll,
    DirectoryReadWriteAll, InstallationReadAll, InstallationReadUser, ManageSelectedForUser,
    ManageSelectedForUserAll, ReadForUser, ReadForUserAll, ReadWriteAndConsentForUser,
    ReadWriteAndConsentForUserAll, ReadWriteAndConsentSelfForUser, ReadWriteAndConsentSelfForUserAll,
    ReadWriteForUser, ReadWriteForUserAll, ReadWriteSelectedForUser, ReadWriteSelectedForUserAll,
    ReadWriteSelfForUser, ReadWriteSelfForUserAll, UserRead, UserReadAll, UserReadBasicAll, UserReadWrite,
    UserReadWriteAll, UserReadWriteCrossCloud,
};
use slipway_odata::SystemOption::{self, Count, Expand, Filter, Select, SkipToken, Top};

use crate::graph::{app_catalogs, installed_apps, users};
use crate::operation::{Operation, Throttle};

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

const READ_CATALOG_DELEGATED: &[Permission] =
    &[AppCatalogReadAll, AppCatalogReadWriteAll, AppCatalogSubmit, DirectoryReadAll, DirectoryReadWriteAll];

const READ_CATALOG_APPLICATION: &[Permission] = &[AppCatalogReadAll, AppCatalogReadWriteAll];

const WRITE_CATALOG_DELEGATED: &[Permission] =
    &[AppCatalogReadWriteAll, AppCatalogSubmit, DirectoryReadWriteAll];

const LIST_USERS_DELEGATED: &[Permission] = &[
    AgentIdUserReadWriteAll,
    AgentIdUserReadWriteIdentityParentedBy,
    DeviceManagementAppsReadAll,
    DeviceManagementAppsReadWriteAll,
    DeviceManagementConfigurationReadAll,
    DeviceManagementConfigurationReadWriteAll,
    DeviceManagementManagedDevicesReadAll,
    DeviceManagementManagedDevicesReadWriteAll,
    DeviceManagementServiceConfigReadAll,
    DeviceManagementServiceConfigReadWriteAll,
    DirectoryReadAll,
    DirectoryReadWriteAll,
    UserReadAll,
    UserReadBasicAll,
    UserReadWriteAll,
];

const GET_USER_DELEGATED: &[Permission] = &[
    AgentIdUserReadWriteAll,
    AgentIdUserReadWriteIdentityParentedBy,
    DeviceManagementAppsReadAll,
    DeviceManagementAppsReadWriteAll,
    DeviceManagementConfigurationReadAll,
    DeviceManagementConfigurationReadWriteAll,
    DeviceManagementManagedDevicesReadAll,
    DeviceManagementManagedDevicesReadWriteAll,
    DeviceManagementServiceConfigReadAll,
    DeviceManagementServiceConfigReadWriteAll,
    DirectoryReadAll,
    DirectoryReadWriteAll,
    UserRead,
    UserReadAll,
    UserReadBasicAll,
    UserReadWrite,
    UserReadWriteAll,
];

const READ_USERS_APPLICATION: &[Permission] = &[
    AgentIdUserReadWriteAll,
    AgentIdUserReadWriteIdentityParentedBy,
    DeviceManagementAppsReadAll,
    DeviceManagementAppsReadWriteAll,
    DeviceManagementConfigurationReadAll,
    DeviceManagementConfigurationReadWriteAll,
    DeviceManagementManagedDevicesReadAll,
    DeviceManagementManagedDevicesReadWriteAll,
    DeviceManagementServiceConfigReadAll,
    DeviceManagementServiceConfigReadWriteAll,
    DirectoryReadAll,
    DirectoryReadWriteAll,
    UserReadAll,
    UserReadBasicAll,
    UserReadWriteAll,
    UserReadWriteCrossCloud,
];

const NOT_SUPPORTED: &[Permission] = &[];
const NO_OPTIONS: &[SystemOption] = &[];

/// Every endpoint below the version segment.
pub static OPERATIONS: [Operation; 13] = [
    Operation {
        name: "users.list",
        method: Method::GET,
        path: "/users",
        delegated: LIST_USERS_DELEGATED,
        application: READ_USERS_APPLICATION,
        legacy: NOT_SUPPORTED,
        throttle: Throttle::Identity,
        options: &[Filter, Select, Top, Count, SkipToken],
        handler: |call| Box::pin(users::list(call)),
    },
    Operation {
        name: "users.get",
        method: Method::GET,
        path: "/users/{user}",
        delegated: GET_USER_DELEGATED,
        application: READ_USERS_APPLICATION,
        legacy: NOT_SUPPORTED,
        throttle: Throttle::Identity,
        options: &[Select],
        handler: |call| Box::pin(users::get(call)),
    },
    Operation {
        name: "installedApps.list",
        method: Method::GET,
        path: "/users/{user}/teamwork/installedApps",
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
        delegated: WRITE_INSTALLED_DELEGATED,
        application: WRITE_INSTALLED_APPLICATION,
        legacy: LEGACY_WRITE,
        throttle: Throttle::TeamsWrite,
        options: NO_OPTIONS,
        handler: |call| Box::pin(installed_apps::add(call)),
    },
    Operation {
        name: "installedApps.upgrade",
        method: Method::POST,
        path: "/users/{user}/teamwork/installedApps/{installation}/upgrade",
        delegated: WRITE_INSTALLED_DELEGATED,
        application: WRITE_INSTALLED_APPLICATION,
        legacy: LEGACY_WRITE,
        throttle: Throttle::TeamsWrite,
        options: NO_OPTIONS,
        handler: |call| Box::pin(installed_apps::upgrade(call)),
    },
    Operation {
        name: "installedApps.delete",
        method: Method::DELETE,
        path: "/users/{user}/teamwork/installedApps/{installation}",
        delegated: WRITE_INSTALLED_DELEGATED,
        application: WRITE_INSTALLED_APPLICATION,
        legacy: LEGACY_WRITE,
        throttle: Throttle::TeamsDelete,
        options: NO_OPTIONS,
        handler: |call| Box::pin(installed_apps::delete(call)),
    },
    Operation {
        name: "teamsApps.list",
        method: Method::GET,
        path: "/appCatalogs/teamsApps",
        delegated: READ_CATALOG_DELEGATED,
        application: READ_CATALOG_APPLICATION,
        legacy: NOT_SUPPORTED,
        throttle: Throttle::TeamsRead,
        options: &[Filter, Select, Expand, Top, Count, SkipToken],
        handler: |call| Box::pin(app_catalogs::list(call)),
    },
    Operation {
        name: "teamsApps.get",
        method: Method::GET,
        path: "/appCatalogs/teamsApps/{app}",
        delegated: READ_CATALOG_DELEGATED,
        application: READ_CATALOG_APPLICATION,
        legacy: NOT_SUPPORTED,
        throttle: Throttle::TeamsRead,
        options: &[Select, Expand],
        handler: |call| Box::pin(app_catalogs::get(call)),
    },
    Operation {
        name: "teamsApps.publish",
        method: Method::POST,
        path: "/appCatalogs/teamsApps",
        delegated: WRITE_CATALOG_DELEGATED,
        application: NOT_SUPPORTED,
        legacy: NOT_SUPPORTED,
        throttle: Throttle::TeamsWrite,
        options: NO_OPTIONS,
        handler: |call| Box::pin(app_catalogs::publish(call)),
    },
    Operation {
        name: "teamsApps.delete",
        method: Method::DELETE,
        path: "/appCatalogs/teamsApps/{app}",
        delegated: WRITE_CATALOG_DELEGATED,
        application: NOT_SUPPORTED,
        legacy: NOT_SUPPORTED,
        throttle: Throttle::TeamsDelete,
        options: NO_OPTIONS,
        handler: |call| Box::pin(app_catalogs::delete(call)),
    },
    Operation {
        name: "appDefinitions.list",
        method: Method::GET,
        path: "/appCatalogs/teamsApps/{app}/appDefinitions",
        delegated: READ_CATALOG_DELEGATED,
        application: READ_CATALOG_APPLICATION,
        legacy: NOT_SUPPORTED,
        throttle: Throttle::TeamsRead,
        options: &[Filter, Select, Expand, Count],
        handler: |call| Box::pin(app_catalogs::definitions(call)),
    },
    Operation {
        name: "appDefinitions.publish",
        method: Method::POST,
        path: "/appCatalogs/teamsApps/{app}/appDefinitions",
        delegated: WRITE_CATALOG_DELEGATED,
        application: NOT_SUPPORTED,
        legacy: NOT_SUPPORTED,
        throttle: Throttle::TeamsWrite,
        options: NO_OPTIONS,
        handler: |call| Box::pin(app_catalogs::publish_version(call)),
    },
];
