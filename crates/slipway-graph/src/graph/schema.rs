//! Graph's types as far as they are served, for queries and for writing entities.
//!
//! Names, kinds and case are those of Microsoft's metadata (v1.0 and beta, 2026-08). The two versions differ in
//! `teamsAppDefinition` and `teamsAppInstallation`; a type whose properties lead to these exists twice too.

mod directory;
mod enums;

use slipway_model::OwnerKind;
use slipway_odata::{Case, Kind, Property, StructuredType};

pub(crate) use self::directory::{
    APP_ROLE_ASSIGNMENT, APPLICATION, FEDERATED_CREDENTIAL, OAUTH2_PERMISSION_GRANT, ORGANIZATION,
    PASSWORD_CREDENTIAL, SERVICE_PRINCIPAL,
};
use self::enums::{
    CARD_SIZE, CARD_SOURCE_TYPE, CHAT_TYPE, DEVELOPMENT_PLATFORMS, DISTRIBUTION_METHOD, INSTALLATION_SCOPES,
    PERMISSION_TYPE, PUBLISHING_STATE, TEAM_VISIBILITY, USER_IDENTITY_TYPE,
};
use crate::call::Call;
use crate::operation::ApiVersion;

const TEXT: Kind = Kind::String(Case::Matters);
const ID: Kind = Kind::String(Case::Ignored);

/// The key of most entities; some compare it letter by letter.
pub(crate) const KEY: Property = Property::one("id", ID).required();

/// What `$search` of users compares by words.
pub(crate) const USER_DISPLAY_NAME: Property = Property::one("displayName", ID).in_words();
pub(crate) const USER_MAIL: Property = Property::one("mail", ID);

/// `user`, both versions; the directory compares texts without case. What is not in the default property set is
/// written on request only.
pub(crate) static USER: StructuredType = StructuredType {
    name: "microsoft.graph.user",
    properties: &[
        Property::many("businessPhones", ID).required(),
        USER_DISPLAY_NAME,
        Property::one("givenName", ID),
        Property::one("jobTitle", ID),
        USER_MAIL,
        Property::one("mobilePhone", ID),
        Property::one("officeLocation", ID),
        Property::one("preferredLanguage", ID),
        Property::one("surname", ID),
        Property::one("userPrincipalName", ID),
        KEY,
        Property::one("accountEnabled", Kind::Boolean).on_request(),
        Property::one("userType", ID).on_request(),
        Property::one("deletedDateTime", Kind::DateTimeOffset).on_request(),
    ],
};

/// `group`, both versions, as far as members of groups are shown.
pub(crate) static GROUP: StructuredType = StructuredType {
    name: "microsoft.graph.group",
    properties: &[
        KEY,
        Property::one("createdDateTime", Kind::DateTimeOffset),
        Property::one("description", ID),
        Property::one("displayName", ID),
        Property::one("mail", ID),
    ],
};

/// `teamworkBot`, both versions. It names its type where it is no part of another answer.
pub(crate) static BOT: StructuredType = StructuredType {
    name: "microsoft.graph.teamworkBot",
    properties: &[Property::one("@odata.type", TEXT), KEY],
};

/// `teamworkHostedContent`; on `/v1.0` nothing leads to it.
pub(crate) static HOSTED_CONTENT: StructuredType = StructuredType {
    name: "microsoft.graph.teamworkHostedContent",
    properties: &[KEY, Property::one("contentBytes", Kind::Binary), Property::one("contentType", TEXT)],
};

/// `teamsAppIcon`, on `/beta`.
pub(crate) static ICON: StructuredType = StructuredType {
    name: "microsoft.graph.teamsAppIcon",
    properties: &[
        KEY,
        Property::one("webUrl", TEXT),
        Property::one("hostedContent", Kind::Navigation(&HOSTED_CONTENT)),
    ],
};

static CARD_ICON: StructuredType = StructuredType {
    name: "microsoft.graph.teamsAppDashboardCardIcon",
    properties: &[Property::one("iconUrl", TEXT), Property::one("officeUIFabricIconName", TEXT)],
};

static CARD_BOT: StructuredType = StructuredType {
    name: "microsoft.graph.teamsAppDashboardCardBotConfiguration",
    properties: &[Property::one("botId", ID)],
};

static CARD_SOURCE: StructuredType = StructuredType {
    name: "microsoft.graph.teamsAppDashboardCardContentSource",
    properties: &[
        Property::one("sourceType", Kind::Enum(&CARD_SOURCE_TYPE)),
        Property::one("botConfiguration", Kind::Complex(&CARD_BOT)),
    ],
};

static CARD: StructuredType = StructuredType {
    name: "microsoft.graph.teamsAppDashboardCardDefinition",
    properties: &[
        KEY,
        Property::one("displayName", TEXT),
        Property::one("description", TEXT),
        Property::one("pickerGroupId", ID),
        Property::one("defaultSize", Kind::Enum(&CARD_SIZE)),
        Property::one("icon", Kind::Complex(&CARD_ICON)),
        Property::one("contentSource", Kind::Complex(&CARD_SOURCE)),
    ],
};

static RESOURCE_SPECIFIC_PERMISSION: StructuredType = StructuredType {
    name: "microsoft.graph.teamsAppResourceSpecificPermission",
    properties: &[
        Property::one("permissionValue", ID),
        Property::one("permissionType", Kind::Enum(&PERMISSION_TYPE)),
    ],
};

static PERMISSION_SET: StructuredType = StructuredType {
    name: "microsoft.graph.teamsAppPermissionSet",
    properties: &[Property::many(
        "resourceSpecificPermissions",
        Kind::Complex(&RESOURCE_SPECIFIC_PERMISSION),
    )],
};

static AUTHORIZATION: StructuredType = StructuredType {
    name: "microsoft.graph.teamsAppAuthorization",
    properties: &[
        Property::one("clientAppId", ID),
        Property::one("requiredPermissionSet", Kind::Complex(&PERMISSION_SET)),
    ],
};

pub(crate) static IDENTITY: StructuredType = StructuredType {
    name: "microsoft.graph.identity",
    properties: &[Property::one("id", ID), Property::one("displayName", TEXT)],
};

static USER_IDENTITY: StructuredType = StructuredType {
    name: "microsoft.graph.teamworkUserIdentity",
    properties: &[
        Property::one("id", ID),
        Property::one("displayName", TEXT),
        Property::one("userIdentityType", Kind::Enum(&USER_IDENTITY_TYPE)),
    ],
};

/// An open type, whose `conversation` and the type of whose `user` only samples tell.
static IDENTITY_SET: StructuredType = StructuredType {
    name: "microsoft.graph.identitySet",
    properties: &[
        Property::one("application", Kind::Complex(&IDENTITY)),
        Property::one("device", Kind::Complex(&IDENTITY)),
        Property::one("conversation", Kind::Complex(&IDENTITY)),
        Property::one("user", Kind::Complex(&USER_IDENTITY)),
    ],
};

/// The declared type is abstract, so each value says which one it is.
const SCOPE_INFO_TYPE: Property = Property::one("@odata.type", TEXT);
pub(crate) const SCOPE_INFO_SCOPE: Property = Property::one("scope", Kind::Flags(&INSTALLATION_SCOPES));

static PERSONAL_SCOPE_INFO: StructuredType = StructuredType {
    name: "microsoft.graph.personalTeamsAppInstallationScopeInfo",
    properties: &[SCOPE_INFO_TYPE, SCOPE_INFO_SCOPE, Property::one("userId", ID)],
};

static TEAM_SCOPE_INFO: StructuredType = StructuredType {
    name: "microsoft.graph.teamTeamsAppInstallationScopeInfo",
    properties: &[SCOPE_INFO_TYPE, SCOPE_INFO_SCOPE, Property::one("teamId", ID)],
};

static CHAT_SCOPE_INFO: StructuredType = StructuredType {
    name: "microsoft.graph.groupChatTeamsAppInstallationScopeInfo",
    properties: &[SCOPE_INFO_TYPE, SCOPE_INFO_SCOPE, Property::one("chatId", ID)],
};

const ETAG: Property = Property::one("@odata.etag", TEXT);

static DEFINITION_V1: StructuredType = StructuredType {
    name: "microsoft.graph.teamsAppDefinition",
    properties: &[
        ETAG,
        KEY,
        Property::one("teamsAppId", ID),
        Property::one("displayName", TEXT),
        Property::one("version", TEXT),
        Property::one("publishingState", Kind::Enum(&PUBLISHING_STATE)),
        Property::one("shortDescription", TEXT),
        Property::one("description", TEXT),
        Property::one("lastModifiedDateTime", Kind::DateTimeOffset),
        Property::one("createdBy", Kind::Complex(&IDENTITY_SET)),
        Property::one("authorization", Kind::Complex(&AUTHORIZATION)),
        Property::one("bot", Kind::Navigation(&BOT)),
    ],
};

/// Two of its properties are in Microsoft's samples and not in the metadata: the names of the permissions by the
/// app, from before there was `authorization`, and a `serializedInternalDefinition` that is always null.
static DEFINITION_BETA: StructuredType = StructuredType {
    name: "microsoft.graph.teamsAppDefinition",
    properties: &[
        ETAG,
        KEY,
        Property::one("teamsAppId", ID),
        Property::one("azureADAppId", ID),
        Property::one("displayName", TEXT),
        Property::one("version", TEXT),
        Property::many("requiredResourceSpecificApplicationPermissions", ID),
        Property::one("publishingState", Kind::Enum(&PUBLISHING_STATE)),
        Property::one("shortdescription", TEXT),
        Property::one("description", TEXT),
        Property::one("lastModifiedDateTime", Kind::DateTimeOffset),
        Property::one("allowedInstallationScopes", Kind::Flags(&INSTALLATION_SCOPES)),
        Property::one("serializedInternalDefinition", TEXT),
        Property::one("createdBy", Kind::Complex(&IDENTITY_SET)),
        Property::one("authorization", Kind::Complex(&AUTHORIZATION)),
        Property::one("bot", Kind::Navigation(&BOT)),
        Property::one("colorIcon", Kind::Navigation(&ICON)),
        Property::one("outlineIcon", Kind::Navigation(&ICON)),
        Property::many("dashboardCards", Kind::Navigation(&CARD)),
    ],
};

const APP_EXTERNAL_ID: Property = Property::one("externalId", ID);
const APP_DISPLAY_NAME: Property = Property::one("displayName", TEXT);
const APP_DISTRIBUTION: Property = Property::one("distributionMethod", Kind::Enum(&DISTRIBUTION_METHOD));

static APP_V1: StructuredType = StructuredType {
    name: "microsoft.graph.teamsApp",
    properties: &[
        KEY,
        APP_EXTERNAL_ID,
        APP_DISPLAY_NAME,
        APP_DISTRIBUTION,
        Property::many("appDefinitions", Kind::Navigation(&DEFINITION_V1)),
    ],
};

static APP_BETA: StructuredType = StructuredType {
    name: "microsoft.graph.teamsApp",
    properties: &[
        KEY,
        APP_EXTERNAL_ID,
        APP_DISPLAY_NAME,
        APP_DISTRIBUTION,
        Property::many("appDefinitions", Kind::Navigation(&DEFINITION_BETA)),
    ],
};

const CONSENTED: Property =
    Property::one("consentedPermissionSet", Kind::Complex(&PERMISSION_SET)).on_request();

const INSTALLED_DEFINITION_V1: Property =
    Property::one("teamsAppDefinition", Kind::Navigation(&DEFINITION_V1));
const INSTALLED_APP_V1: Property = Property::one("teamsApp", Kind::Navigation(&APP_V1));
const INSTALLED_DEFINITION_BETA: Property =
    Property::one("teamsAppDefinition", Kind::Navigation(&DEFINITION_BETA));
const INSTALLED_APP_BETA: Property = Property::one("teamsApp", Kind::Navigation(&APP_BETA));

static USER_INSTALLATION_V1: StructuredType = StructuredType {
    name: "microsoft.graph.userScopeTeamsAppInstallation",
    properties: &[KEY, CONSENTED, INSTALLED_DEFINITION_V1, INSTALLED_APP_V1],
};

static INSTALLATION_V1: StructuredType = StructuredType {
    name: "microsoft.graph.teamsAppInstallation",
    properties: &[KEY, CONSENTED, INSTALLED_DEFINITION_V1, INSTALLED_APP_V1],
};

static USER_INSTALLATION_BETA: StructuredType = StructuredType {
    name: "microsoft.graph.userScopeTeamsAppInstallation",
    properties: &[
        KEY,
        CONSENTED,
        Property::one("scopeInfo", Kind::Complex(&PERSONAL_SCOPE_INFO)).on_request(),
        INSTALLED_DEFINITION_BETA,
        INSTALLED_APP_BETA,
    ],
};

static TEAM_INSTALLATION_BETA: StructuredType = StructuredType {
    name: "microsoft.graph.teamsAppInstallation",
    properties: &[
        KEY,
        CONSENTED,
        Property::one("scopeInfo", Kind::Complex(&TEAM_SCOPE_INFO)).on_request(),
        INSTALLED_DEFINITION_BETA,
        INSTALLED_APP_BETA,
    ],
};

static CHAT_INSTALLATION_BETA: StructuredType = StructuredType {
    name: "microsoft.graph.teamsAppInstallation",
    properties: &[
        KEY,
        CONSENTED,
        Property::one("scopeInfo", Kind::Complex(&CHAT_SCOPE_INFO)).on_request(),
        INSTALLED_DEFINITION_BETA,
        INSTALLED_APP_BETA,
    ],
};

const SETTINGS_TYPE: Property = Property::one("@odata.type", TEXT);
const USER_REQUESTS: Property = Property::one("allowUserRequestsForAppAccess", Kind::Boolean);
const PERSONAL_CONSENT: Property =
    Property::one("isUserPersonalScopeResourceSpecificConsentEnabled", Kind::Boolean);

static SETTINGS_V1: StructuredType = StructuredType {
    name: "microsoft.graph.teamsAppSettings",
    properties: &[SETTINGS_TYPE, KEY, USER_REQUESTS, PERSONAL_CONSENT],
};

static CUSTOM_APP_SETTINGS: StructuredType = StructuredType {
    name: "microsoft.graph.customAppSettings",
    properties: &[Property::one(
        "developerToolsForShowingAppUsageMetrics",
        Kind::Flags(&DEVELOPMENT_PLATFORMS),
    )],
};

static SETTINGS_BETA: StructuredType = StructuredType {
    name: "microsoft.graph.teamsAppSettings",
    properties: &[
        SETTINGS_TYPE,
        KEY,
        USER_REQUESTS,
        PERSONAL_CONSENT,
        Property::one("isChatResourceSpecificConsentEnabled", Kind::Boolean),
        Property::one("customAppSettings", Kind::Complex(&CUSTOM_APP_SETTINGS)),
    ],
};

/// `teamsAppSettings`
pub(crate) fn settings(version: ApiVersion) -> &'static StructuredType {
    match version {
        ApiVersion::V1 => &SETTINGS_V1,
        ApiVersion::Beta => &SETTINGS_BETA,
    }
}

const CHAT_TOPIC: Property = Property::one("topic", TEXT);
const CHAT_CREATED: Property = Property::one("createdDateTime", Kind::DateTimeOffset);
const CHAT_UPDATED: Property = Property::one("lastUpdatedDateTime", Kind::DateTimeOffset);
const CHAT_CHAT_TYPE: Property = Property::one("chatType", Kind::Enum(&CHAT_TYPE)).required();
const CHAT_WEB_URL: Property = Property::one("webUrl", TEXT);
const CHAT_TENANT: Property = Property::one("tenantId", ID);

static CHAT_V1: StructuredType = StructuredType {
    name: "microsoft.graph.chat",
    properties: &[
        KEY,
        CHAT_TOPIC,
        CHAT_CREATED,
        CHAT_UPDATED,
        CHAT_CHAT_TYPE,
        CHAT_WEB_URL,
        CHAT_TENANT,
        Property::many("installedApps", Kind::Navigation(&INSTALLATION_V1)),
    ],
};

static CHAT_BETA: StructuredType = StructuredType {
    name: "microsoft.graph.chat",
    properties: &[
        KEY,
        CHAT_TOPIC,
        CHAT_CREATED,
        CHAT_UPDATED,
        CHAT_CHAT_TYPE,
        CHAT_WEB_URL,
        CHAT_TENANT,
        Property::many("installedApps", Kind::Navigation(&CHAT_INSTALLATION_BETA)),
    ],
};

/// `team`, both versions.
pub(crate) static TEAM: StructuredType = StructuredType {
    name: "microsoft.graph.team",
    properties: &[
        KEY,
        Property::one("createdDateTime", Kind::DateTimeOffset),
        Property::one("displayName", TEXT),
        Property::one("description", TEXT),
        Property::one("internalId", ID),
        Property::one("classification", TEXT),
        Property::one("visibility", Kind::Enum(&TEAM_VISIBILITY)),
        Property::one("webUrl", TEXT),
        Property::one("isArchived", Kind::Boolean),
        Property::one("tenantId", ID),
    ],
};

/// `resourceSpecificPermissionGrant`, both versions.
pub(crate) static PERMISSION_GRANT: StructuredType = StructuredType {
    name: "microsoft.graph.resourceSpecificPermissionGrant",
    properties: &[
        Property::one("id", TEXT).required(),
        Property::one("deletedDateTime", Kind::DateTimeOffset),
        Property::one("clientAppId", ID),
        Property::one("clientId", ID),
        Property::one("resourceAppId", ID),
        Property::one("permissionType", ID),
        Property::one("permission", ID),
    ],
};

/// `userTeamwork`, both versions.
pub(crate) static USER_TEAMWORK: StructuredType = StructuredType {
    name: "microsoft.graph.userTeamwork",
    properties: &[KEY, Property::one("locale", ID), Property::one("region", TEXT)],
};

/// `chat`
pub(crate) fn chat(version: ApiVersion) -> &'static StructuredType {
    match version {
        ApiVersion::V1 => &CHAT_V1,
        ApiVersion::Beta => &CHAT_BETA,
    }
}

/// `teamsApp`
pub(crate) fn teams_app(version: ApiVersion) -> &'static StructuredType {
    match version {
        ApiVersion::V1 => &APP_V1,
        ApiVersion::Beta => &APP_BETA,
    }
}

/// `teamsAppDefinition`
pub(crate) fn definition(version: ApiVersion) -> &'static StructuredType {
    match version {
        ApiVersion::V1 => &DEFINITION_V1,
        ApiVersion::Beta => &DEFINITION_BETA,
    }
}

/// `teamsAppInstallation` of the operation's kind of owner.
pub(crate) fn installation(call: &Call) -> &'static StructuredType {
    installation_of(call.version(), call.operation().owner.unwrap_or(OwnerKind::User))
}

/// `teamsAppInstallation` of the kind of owner; a user's is a `userScopeTeamsAppInstallation`.
pub(crate) fn installation_of(version: ApiVersion, owner: OwnerKind) -> &'static StructuredType {
    match (version, owner) {
        (ApiVersion::V1, OwnerKind::Team | OwnerKind::Chat) => &INSTALLATION_V1,
        (ApiVersion::V1, OwnerKind::User) => &USER_INSTALLATION_V1,
        (ApiVersion::Beta, OwnerKind::Team) => &TEAM_INSTALLATION_BETA,
        (ApiVersion::Beta, OwnerKind::Chat) => &CHAT_INSTALLATION_BETA,
        (ApiVersion::Beta, OwnerKind::User) => &USER_INSTALLATION_BETA,
    }
}
