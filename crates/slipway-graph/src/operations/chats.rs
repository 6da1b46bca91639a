//! Rows of `/chats`, and of `/users/{id}/chats`.

use http::Method;
use slipway_model::OwnerKind;
use slipway_model::Permission::{
    self, ChatCreate, ChatManageChat, ChatRead, ChatReadAll, ChatReadBasic, ChatReadBasicAll, ChatReadWrite,
    ChatReadWriteAll, ChatSettingsReadChat, ChatSettingsReadWriteChat, GrantReadForChat, GrantReadForChatAll,
    InstallationReadAll, InstallationReadChat, ManageSelectedForChat, ManageSelectedForChatAll, ReadForChat,
    ReadForChatAll, ReadWriteAndConsentForChat, ReadWriteAndConsentForChatAll,
    ReadWriteAndConsentSelfForChat, ReadWriteAndConsentSelfForChatAll, ReadWriteForChat, ReadWriteForChatAll,
    ReadWriteSelfForChat, ReadWriteSelfForChatAll,
};
use slipway_odata::SystemOption::{Count, Expand, Filter, Select, Skip, SkipToken, Top};

use crate::graph::{chats, installed_apps, permission_grants, users};
use crate::operation::{ApiVersion, Operation, Throttle};

/// The data has no row for making a chat; these are those of the page "Create chat".
const CREATE_DELEGATED: &[Permission] = &[ChatCreate, ChatReadWrite];

const CREATE_APPLICATION: &[Permission] = &[ChatCreate];

const GET_CHAT_DELEGATED: &[Permission] = &[ChatRead, ChatReadBasic, ChatReadWrite];

const GET_CHAT_APPLICATION: &[Permission] =
    &[ChatManageChat, ChatReadAll, ChatReadBasicAll, ChatSettingsReadChat, ChatSettingsReadWriteChat];

const USERS_CHATS_DELEGATED: &[Permission] = &[ChatRead, ChatReadBasic, ChatReadWrite];

const USERS_CHATS_APPLICATION: &[Permission] = &[ChatReadBasicAll, ChatReadWriteAll];

const LIST_DELEGATED: &[Permission] = &[
    ManageSelectedForChat,
    ReadForChat,
    ReadWriteAndConsentForChat,
    ReadWriteAndConsentSelfForChat,
    ReadWriteForChat,
    ReadWriteSelfForChat,
];

const LIST_APPLICATION: &[Permission] = &[
    ChatManageChat,
    ManageSelectedForChatAll,
    InstallationReadAll,
    InstallationReadChat,
    ReadForChatAll,
    ReadWriteAndConsentForChatAll,
    ReadWriteAndConsentSelfForChatAll,
    ReadWriteForChatAll,
    ReadWriteSelfForChatAll,
];

const GET_DELEGATED: &[Permission] =
    &[ManageSelectedForChat, ReadForChat, ReadWriteForChat, ReadWriteSelfForChat];

const GET_APPLICATION: &[Permission] = &[
    ChatManageChat,
    ManageSelectedForChatAll,
    InstallationReadAll,
    InstallationReadChat,
    ReadForChatAll,
    ReadWriteForChatAll,
    ReadWriteSelfForChatAll,
];

/// What installing and upgrading takes; a chat that is made with apps rests on it too.
pub(crate) const INSTALL_DELEGATED: &[Permission] = &[
    ManageSelectedForChat,
    ReadWriteAndConsentForChat,
    ReadWriteAndConsentSelfForChat,
    ReadWriteForChat,
    ReadWriteSelfForChat,
];

/// The same for clients on their own behalf.
pub(crate) const INSTALL_APPLICATION: &[Permission] = &[
    ChatManageChat,
    ManageSelectedForChatAll,
    ReadWriteAndConsentForChatAll,
    ReadWriteAndConsentSelfForChatAll,
    ReadWriteForChatAll,
    ReadWriteSelfForChatAll,
];

const DELETE_DELEGATED: &[Permission] = &[ManageSelectedForChat, ReadWriteForChat, ReadWriteSelfForChat];

const DELETE_APPLICATION: &[Permission] =
    &[ChatManageChat, ManageSelectedForChatAll, ReadWriteForChatAll, ReadWriteSelfForChatAll];

const GRANTS_DELEGATED: &[Permission] =
    &[GrantReadForChat, ManageSelectedForChat, ReadForChat, ReadWriteForChat, ReadWriteSelfForChat];

const GRANTS_APPLICATION: &[Permission] = &[
    ChatManageChat,
    GrantReadForChatAll,
    ManageSelectedForChatAll,
    InstallationReadAll,
    InstallationReadChat,
    ReadForChatAll,
    ReadWriteForChatAll,
    ReadWriteSelfForChatAll,
];

/// Chats and their apps.
pub(super) static ROWS: [Operation; 10] = [
    Operation {
        name: "chats.create",
        method: Method::POST,
        path: "/chats",
        versions: &ApiVersion::ALL,
        owner: None,
        delegated: CREATE_DELEGATED,
        application: CREATE_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsWrite,
        options: &[],
        handler: |call| Box::pin(chats::create(call)),
    },
    Operation {
        name: "chats.get",
        method: Method::GET,
        path: "/chats/{chat}",
        versions: &ApiVersion::ALL,
        owner: Some(OwnerKind::Chat),
        delegated: GET_CHAT_DELEGATED,
        application: GET_CHAT_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsRead,
        options: &[Select],
        handler: |call| Box::pin(chats::get(call)),
    },
    Operation {
        name: "chats.installedApps.list",
        method: Method::GET,
        path: "/chats/{chat}/installedApps",
        versions: &ApiVersion::ALL,
        owner: Some(OwnerKind::Chat),
        delegated: LIST_DELEGATED,
        application: LIST_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsRead,
        options: &[Filter, Select, Expand, Top, Skip, Count, SkipToken],
        handler: |call| Box::pin(installed_apps::list(call)),
    },
    Operation {
        name: "chats.installedApps.get",
        method: Method::GET,
        path: "/chats/{chat}/installedApps/{installation}",
        versions: &ApiVersion::ALL,
        owner: Some(OwnerKind::Chat),
        delegated: GET_DELEGATED,
        application: GET_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsRead,
        options: &[Select, Expand],
        handler: |call| Box::pin(installed_apps::get(call)),
    },
    Operation {
        name: "chats.installedApps.add",
        method: Method::POST,
        path: "/chats/{chat}/installedApps",
        versions: &ApiVersion::ALL,
        owner: Some(OwnerKind::Chat),
        delegated: INSTALL_DELEGATED,
        application: INSTALL_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsWrite,
        options: &[],
        handler: |call| Box::pin(installed_apps::add(call)),
    },
    Operation {
        name: "chats.installedApps.upgrade",
        method: Method::POST,
        path: "/chats/{chat}/installedApps/{installation}/upgrade",
        versions: &ApiVersion::ALL,
        owner: Some(OwnerKind::Chat),
        delegated: INSTALL_DELEGATED,
        application: INSTALL_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsWrite,
        options: &[],
        handler: |call| Box::pin(installed_apps::upgrade(call)),
    },
    Operation {
        name: "chats.installedApps.delete",
        method: Method::DELETE,
        path: "/chats/{chat}/installedApps/{installation}",
        versions: &ApiVersion::ALL,
        owner: Some(OwnerKind::Chat),
        delegated: DELETE_DELEGATED,
        application: DELETE_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsDelete,
        options: &[],
        handler: |call| Box::pin(installed_apps::delete(call)),
    },
    Operation {
        name: "chats.permissionGrants.list",
        method: Method::GET,
        path: "/chats/{chat}/permissionGrants",
        versions: &ApiVersion::ALL,
        owner: Some(OwnerKind::Chat),
        delegated: GRANTS_DELEGATED,
        application: GRANTS_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsRead,
        options: &[],
        handler: |call| Box::pin(permission_grants::list(call)),
    },
    Operation {
        name: "users.chats.list",
        method: Method::GET,
        path: "/users/{user}/chats",
        versions: &ApiVersion::ALL,
        owner: None,
        delegated: USERS_CHATS_DELEGATED,
        application: USERS_CHATS_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsRead,
        options: &[Filter, Select, Top, Skip, Count, SkipToken],
        handler: |call| Box::pin(users::list_chats(call)),
    },
    Operation {
        name: "users.chats.get",
        method: Method::GET,
        path: "/users/{user}/chats/{chat}",
        versions: &ApiVersion::ALL,
        owner: None,
        delegated: GET_CHAT_DELEGATED,
        application: GET_CHAT_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsRead,
        options: &[Select],
        handler: |call| Box::pin(users::get_chat(call)),
    },
];
