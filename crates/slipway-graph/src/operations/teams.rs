//! Rows of `/teams`.

use http::Method;
use slipway_model::OwnerKind;
use slipway_model::Permission::{
    self, DirectoryReadAll, DirectoryReadWriteAll, GrantReadForTeam, GrantReadForTeamAll, GroupReadAll,
    GroupReadWriteAll, InstallationReadAll, InstallationReadGroup, ManageSelectedForTeam,
    ManageSelectedForTeamAll, ReadForTeam, ReadForTeamAll, ReadForUser, ReadWriteAndConsentForTeam,
    ReadWriteAndConsentForTeamAll, ReadWriteAndConsentSelfForTeam, ReadWriteAndConsentSelfForTeamAll,
    ReadWriteForTeam, ReadWriteForTeamAll, ReadWriteSelfForTeam, ReadWriteSelfForTeamAll, TeamReadBasicAll,
    TeamSettingsReadAll, TeamSettingsReadGroup, TeamSettingsReadWriteAll, TeamSettingsReadWriteGroup,
    TeamsAppReadGroup,
};
use slipway_odata::SystemOption::{Count, Expand, Filter, Select, Skip, SkipToken, Top};

use crate::graph::{installed_apps, permission_grants, teams};
use crate::operation::{ApiVersion, Operation, Throttle};

/// The data has no row for reading a team; these are those of the page "Get team".
const GET_TEAM_DELEGATED: &[Permission] = &[
    DirectoryReadAll,
    DirectoryReadWriteAll,
    GroupReadAll,
    GroupReadWriteAll,
    TeamReadBasicAll,
    TeamSettingsReadAll,
    TeamSettingsReadWriteAll,
];

const GET_TEAM_APPLICATION: &[Permission] = &[
    DirectoryReadAll,
    DirectoryReadWriteAll,
    GroupReadAll,
    GroupReadWriteAll,
    TeamReadBasicAll,
    TeamSettingsReadAll,
    TeamSettingsReadGroup,
    TeamSettingsReadWriteAll,
    TeamSettingsReadWriteGroup,
];

const LIST_DELEGATED: &[Permission] = &[
    DirectoryReadAll,
    DirectoryReadWriteAll,
    GroupReadAll,
    GroupReadWriteAll,
    ManageSelectedForTeam,
    ReadForTeam,
    ReadWriteAndConsentForTeam,
    ReadWriteAndConsentSelfForTeam,
    ReadWriteForTeam,
    ReadWriteSelfForTeam,
];

const LIST_APPLICATION: &[Permission] = &[
    DirectoryReadAll,
    DirectoryReadWriteAll,
    GroupReadAll,
    GroupReadWriteAll,
    ManageSelectedForTeamAll,
    InstallationReadAll,
    InstallationReadGroup,
    ReadForTeamAll,
    ReadWriteAndConsentForTeamAll,
    ReadWriteAndConsentSelfForTeamAll,
    ReadWriteForTeamAll,
    ReadWriteSelfForTeamAll,
];

const GET_DELEGATED: &[Permission] = &[
    DirectoryReadAll,
    DirectoryReadWriteAll,
    GroupReadAll,
    GroupReadWriteAll,
    ManageSelectedForTeam,
    ReadForTeam,
    ReadForUser,
    ReadWriteAndConsentForTeam,
    ReadWriteAndConsentSelfForTeam,
    ReadWriteForTeam,
    ReadWriteSelfForTeam,
];

const GET_APPLICATION: &[Permission] = &[
    DirectoryReadAll,
    DirectoryReadWriteAll,
    GroupReadAll,
    GroupReadWriteAll,
    ManageSelectedForTeamAll,
    InstallationReadAll,
    InstallationReadGroup,
    ReadForTeamAll,
    ReadWriteAndConsentForTeamAll,
    ReadWriteAndConsentSelfForTeamAll,
    ReadWriteForTeamAll,
    ReadWriteSelfForTeam,
    ReadWriteSelfForTeamAll,
];

const ADD_DELEGATED: &[Permission] = &[
    DirectoryReadWriteAll,
    GroupReadWriteAll,
    ManageSelectedForTeam,
    ReadWriteAndConsentSelfForTeam,
    ReadWriteForTeam,
    ReadWriteSelfForTeam,
];

const ADD_APPLICATION: &[Permission] = &[
    DirectoryReadWriteAll,
    GroupReadWriteAll,
    ManageSelectedForTeamAll,
    ReadWriteAndConsentForTeamAll,
    ReadWriteAndConsentSelfForTeamAll,
    ReadWriteForTeamAll,
    ReadWriteSelfForTeamAll,
];

const UPGRADE_DELEGATED: &[Permission] = &[
    DirectoryReadWriteAll,
    GroupReadWriteAll,
    ManageSelectedForTeam,
    ReadWriteAndConsentForTeam,
    ReadWriteAndConsentSelfForTeam,
    ReadWriteForTeam,
    ReadWriteSelfForTeam,
];

const DELETE_DELEGATED: &[Permission] = &[
    DirectoryReadWriteAll,
    GroupReadWriteAll,
    ManageSelectedForTeam,
    ReadWriteForTeam,
    ReadWriteSelfForTeam,
];

const DELETE_APPLICATION: &[Permission] = &[
    DirectoryReadWriteAll,
    GroupReadWriteAll,
    ManageSelectedForTeamAll,
    ReadWriteForTeamAll,
    ReadWriteSelfForTeamAll,
];

const GRANTS_DELEGATED: &[Permission] =
    &[GrantReadForTeam, ManageSelectedForTeam, ReadForTeam, ReadWriteForTeam, ReadWriteSelfForTeam];

const GRANTS_APPLICATION: &[Permission] = &[
    GrantReadForTeamAll,
    TeamsAppReadGroup,
    ManageSelectedForTeamAll,
    InstallationReadAll,
    InstallationReadGroup,
    ReadForTeamAll,
    ReadWriteForTeamAll,
    ReadWriteSelfForTeamAll,
];

/// A team and its apps.
pub(super) static ROWS: [Operation; 7] = [
    Operation {
        name: "teams.get",
        method: Method::GET,
        path: "/teams/{team}",
        versions: &ApiVersion::ALL,
        owner: Some(OwnerKind::Team),
        delegated: GET_TEAM_DELEGATED,
        application: GET_TEAM_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsRead,
        options: &[Select],
        handler: |call| Box::pin(teams::get(call)),
    },
    Operation {
        name: "teams.installedApps.list",
        method: Method::GET,
        path: "/teams/{team}/installedApps",
        versions: &ApiVersion::ALL,
        owner: Some(OwnerKind::Team),
        delegated: LIST_DELEGATED,
        application: LIST_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsRead,
        options: &[Filter, Select, Expand, Top, Skip, Count, SkipToken],
        handler: |call| Box::pin(installed_apps::list(call)),
    },
    Operation {
        name: "teams.installedApps.get",
        method: Method::GET,
        path: "/teams/{team}/installedApps/{installation}",
        versions: &ApiVersion::ALL,
        owner: Some(OwnerKind::Team),
        delegated: GET_DELEGATED,
        application: GET_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsRead,
        options: &[Select, Expand],
        handler: |call| Box::pin(installed_apps::get(call)),
    },
    Operation {
        name: "teams.installedApps.add",
        method: Method::POST,
        path: "/teams/{team}/installedApps",
        versions: &ApiVersion::ALL,
        owner: Some(OwnerKind::Team),
        delegated: ADD_DELEGATED,
        application: ADD_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsWrite,
        options: &[],
        handler: |call| Box::pin(installed_apps::add(call)),
    },
    Operation {
        name: "teams.installedApps.upgrade",
        method: Method::POST,
        path: "/teams/{team}/installedApps/{installation}/upgrade",
        versions: &ApiVersion::ALL,
        owner: Some(OwnerKind::Team),
        delegated: UPGRADE_DELEGATED,
        application: ADD_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsWrite,
        options: &[],
        handler: |call| Box::pin(installed_apps::upgrade(call)),
    },
    Operation {
        name: "teams.installedApps.delete",
        method: Method::DELETE,
        path: "/teams/{team}/installedApps/{installation}",
        versions: &ApiVersion::ALL,
        owner: Some(OwnerKind::Team),
        delegated: DELETE_DELEGATED,
        application: DELETE_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsDelete,
        options: &[],
        handler: |call| Box::pin(installed_apps::delete(call)),
    },
    Operation {
        name: "teams.permissionGrants.list",
        method: Method::GET,
        path: "/teams/{team}/permissionGrants",
        versions: &ApiVersion::ALL,
        owner: Some(OwnerKind::Team),
        delegated: GRANTS_DELEGATED,
        application: GRANTS_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsRead,
        options: &[],
        handler: |call| Box::pin(permission_grants::list(call)),
    },
];
