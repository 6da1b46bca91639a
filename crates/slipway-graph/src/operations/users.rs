//! Rows of `/users`.

use http::Method;
use slipway_model::Permission::{
    self, AgentIdUserReadWriteAll, AgentIdUserReadWriteIdentityParentedBy, DeviceManagementAppsReadAll,
    DeviceManagementAppsReadWriteAll, DeviceManagementConfigurationReadAll,
    DeviceManagementConfigurationReadWriteAll, DeviceManagementManagedDevicesReadAll,
    DeviceManagementManagedDevicesReadWriteAll, DeviceManagementServiceConfigReadAll,
    DeviceManagementServiceConfigReadWriteAll, DirectoryReadAll, DirectoryReadWriteAll, UserRead,
    UserReadAll, UserReadBasicAll, UserReadWrite, UserReadWriteAll, UserReadWriteCrossCloud,
};
use slipway_odata::SystemOption::{Count, Filter, OrderBy, Search, Select, SkipToken, Top};

use crate::graph::users;
use crate::operation::{ApiVersion, Operation, Throttle};

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

const GET_ME_DELEGATED: &[Permission] = &[
    AgentIdUserReadWriteAll,
    AgentIdUserReadWriteIdentityParentedBy,
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

/// `/users` and what stands below it.
pub(super) static ROWS: [Operation; 5] = [
    Operation {
        name: "users.list",
        method: Method::GET,
        path: "/users",
        versions: &ApiVersion::ALL,
        owner: None,
        delegated: LIST_USERS_DELEGATED,
        application: READ_USERS_APPLICATION,
        legacy: &[],
        throttle: Throttle::Identity,
        options: &[Filter, Search, OrderBy, Select, Top, Count, SkipToken],
        handler: |call| Box::pin(users::list(call)),
    },
    Operation {
        name: "users.count",
        method: Method::GET,
        path: "/users/$count",
        versions: &ApiVersion::ALL,
        owner: None,
        delegated: LIST_USERS_DELEGATED,
        application: READ_USERS_APPLICATION,
        legacy: &[],
        throttle: Throttle::Identity,
        options: &[Filter, Search],
        handler: |call| Box::pin(users::count(call)),
    },
    Operation {
        name: "users.get",
        method: Method::GET,
        path: "/users/{user}",
        versions: &ApiVersion::ALL,
        owner: None,
        delegated: GET_USER_DELEGATED,
        application: READ_USERS_APPLICATION,
        legacy: &[],
        throttle: Throttle::Identity,
        options: &[Select],
        handler: |call| Box::pin(users::get(call)),
    },
    Operation {
        name: "users.getId",
        method: Method::GET,
        path: "/users/{user}/id",
        versions: &ApiVersion::ALL,
        owner: None,
        delegated: GET_USER_DELEGATED,
        application: READ_USERS_APPLICATION,
        legacy: &[],
        throttle: Throttle::Identity,
        options: &[],
        handler: |call| Box::pin(users::get_id(call)),
    },
    Operation {
        name: "me.get",
        method: Method::GET,
        path: "/me",
        versions: &ApiVersion::ALL,
        owner: None,
        delegated: GET_ME_DELEGATED,
        application: &[],
        legacy: &[],
        throttle: Throttle::Identity,
        options: &[Select],
        handler: |call| Box::pin(users::get(call)),
    },
];
