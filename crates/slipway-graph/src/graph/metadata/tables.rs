//! What the types' own tables do not tell: bases, what only paths lead to, and where paths begin. From Microsoft's
//! metadata (v1.0 and beta, 2026-08), as far as it is served.

use slipway_model::OwnerKind;
use slipway_odata::{Case, Kind, Property, StructuredType};

use crate::graph::schema;
use crate::operation::ApiVersion;

const KEY: Property = Property::one("id", Kind::String(Case::Ignored)).required();

static ENTITY: StructuredType = StructuredType { name: "microsoft.graph.entity", properties: &[KEY] };

static DIRECTORY_OBJECT: StructuredType = StructuredType {
    name: "microsoft.graph.directoryObject",
    properties: &[KEY, Property::one("deletedDateTime", Kind::DateTimeOffset)],
};

/// Has a base, and with it a key, on `/v1.0` only.
static APP_CATALOGS: StructuredType = StructuredType { name: "microsoft.graph.appCatalogs", properties: &[] };

static TEAMWORK: StructuredType = StructuredType { name: "microsoft.graph.teamwork", properties: &[KEY] };

static SCOPE_INFO: StructuredType = StructuredType {
    name: "microsoft.graph.teamsAppInstallationScopeInfo",
    properties: &[schema::SCOPE_INFO_SCOPE],
};

/// Types of which there are only derived ones.
pub(super) const ABSTRACT: [&str; 2] = ["entity", "teamsAppInstallationScopeInfo"];

/// Types whose values have properties that they do not declare: who made a definition, and what kind of user it is.
pub(super) const OPEN: [&str; 3] = ["identity", "identitySet", "teamworkUserIdentity"];

/// Entities with a `$value`.
pub(super) const STREAMS: [&str; 1] = ["teamworkHostedContent"];

/// Navigation to entities that belong elsewhere. All other navigation leads to what belongs to the entity.
pub(super) const REFERENCES: [&str; 6] =
    ["chat", "members", "oauth2PermissionGrants", "teamsApp", "teamsAppDefinition", "transitiveMembers"];

/// What the entity type of that name is built on.
pub(super) fn base_of_entity(name: &str, version: ApiVersion) -> Option<&'static StructuredType> {
    match name {
        "entity" => None,
        "appCatalogs" if version == ApiVersion::Beta => None,
        "application"
        | "appRoleAssignment"
        | "group"
        | "organization"
        | "resourceSpecificPermissionGrant"
        | "servicePrincipal"
        | "user" => Some(&DIRECTORY_OBJECT),
        "userScopeTeamsAppInstallation" => Some(schema::installation_of(version, OwnerKind::Team)),
        _ => Some(&ENTITY),
    }
}

/// What the complex type of that name is built on. Properties are declared with the base, and their values are of the
/// type that is built on it.
pub(super) fn base_of_value(name: &str) -> Option<&'static StructuredType> {
    match name {
        "groupChatTeamsAppInstallationScopeInfo"
        | "personalTeamsAppInstallationScopeInfo"
        | "teamTeamsAppInstallationScopeInfo" => Some(&SCOPE_INFO),
        "teamworkUserIdentity" => Some(&schema::IDENTITY),
        _ => None,
    }
}

/// Navigation of the entity type of that name on which paths go on, and which no query expands.
pub(super) fn on_paths(name: &str, version: ApiVersion) -> Vec<Property> {
    let one = |name, kind| Property::one(name, Kind::Navigation(kind));
    let many = |name, kind| Property::many(name, Kind::Navigation(kind));
    let installed = |owner| many("installedApps", schema::installation_of(version, owner));
    let grants = many("permissionGrants", &schema::PERMISSION_GRANT);
    let chat = schema::chat(version);
    match name {
        "appCatalogs" => vec![many("teamsApps", schema::teams_app(version))],
        "application" => vec![many("federatedIdentityCredentials", &schema::FEDERATED_CREDENTIAL)],
        "chat" => vec![grants],
        "group" => vec![many("members", &DIRECTORY_OBJECT), many("transitiveMembers", &DIRECTORY_OBJECT)],
        "servicePrincipal" => vec![
            many("appRoleAssignedTo", &schema::APP_ROLE_ASSIGNMENT),
            many("appRoleAssignments", &schema::APP_ROLE_ASSIGNMENT),
            many("oauth2PermissionGrants", &schema::OAUTH2_PERMISSION_GRANT),
        ],
        "team" => vec![installed(OwnerKind::Team), grants],
        "teamwork" => vec![one("teamsAppSettings", schema::settings(version))],
        "user" => vec![many("chats", chat), grants, one("teamwork", &schema::USER_TEAMWORK)],
        "userScopeTeamsAppInstallation" => vec![one("chat", chat)],
        "userTeamwork" => vec![installed(OwnerKind::User)],
        _ => vec![],
    }
}

/// Collections at which paths begin.
pub(super) fn sets(version: ApiVersion) -> [(&'static str, &'static StructuredType); 8] {
    [
        ("applications", &schema::APPLICATION),
        ("chats", schema::chat(version)),
        ("groups", &schema::GROUP),
        ("oauth2PermissionGrants", &schema::OAUTH2_PERMISSION_GRANT),
        ("organization", &schema::ORGANIZATION),
        ("servicePrincipals", &schema::SERVICE_PRINCIPAL),
        ("teams", &schema::TEAM),
        ("users", &schema::USER),
    ]
}

/// Single entities at which paths begin.
pub(super) fn singletons() -> [(&'static str, &'static StructuredType); 3] {
    [("appCatalogs", &APP_CATALOGS), ("me", &schema::USER), ("teamwork", &TEAMWORK)]
}
