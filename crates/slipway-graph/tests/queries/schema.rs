//! The types that are asked about, written down a second time: what the server's own tables say is not looked at.

use slipway_odata::{Case, EnumType, Kind, Property, StructuredType};

const EXACT: Kind = Kind::String(Case::Matters);
const FOLDED: Kind = Kind::String(Case::Ignored);

pub static USER: StructuredType = StructuredType {
    name: "microsoft.graph.user",
    properties: &[
        Property::one("id", FOLDED),
        Property::one("userPrincipalName", FOLDED),
        Property::one("displayName", FOLDED).in_words(),
        Property::one("mail", FOLDED),
        Property::one("givenName", FOLDED),
        Property::one("surname", FOLDED),
        Property::one("jobTitle", FOLDED),
        Property::one("mobilePhone", FOLDED),
        Property::one("officeLocation", FOLDED),
        Property::one("preferredLanguage", FOLDED),
        Property::many("businessPhones", FOLDED),
        Property::one("accountEnabled", Kind::Boolean).on_request(),
        Property::one("userType", FOLDED).on_request(),
        Property::one("deletedDateTime", Kind::DateTimeOffset).on_request(),
    ],
};

/// What groups show of themselves among the members of a group.
pub static GROUP: StructuredType = StructuredType {
    name: "microsoft.graph.group",
    properties: &[
        Property::one("id", FOLDED),
        Property::one("displayName", FOLDED),
        Property::one("description", FOLDED),
        Property::one("mail", FOLDED),
        Property::one("createdDateTime", Kind::DateTimeOffset),
    ],
};

static METHOD: EnumType = EnumType {
    name: "microsoft.graph.teamsAppDistributionMethod",
    members: &[("store", 0), ("organization", 1), ("sideloaded", 2)],
};

static STATE: EnumType = EnumType {
    name: "microsoft.graph.teamsAppPublishingState",
    members: &[("submitted", 0), ("rejected", 1), ("published", 2)],
};

static SCOPES: EnumType = EnumType {
    name: "microsoft.graph.teamsAppInstallationScopes",
    members: &[("team", 1), ("groupChat", 2), ("personal", 4)],
};

static PERMISSION_TYPE: EnumType = EnumType {
    name: "microsoft.graph.teamsAppResourceSpecificPermissionType",
    members: &[("delegated", 0), ("application", 1)],
};

static BOT: StructuredType =
    StructuredType { name: "microsoft.graph.teamworkBot", properties: &[Property::one("id", FOLDED)] };

static PERMISSION: StructuredType = StructuredType {
    name: "microsoft.graph.teamsAppResourceSpecificPermission",
    properties: &[
        Property::one("permissionValue", FOLDED),
        Property::one("permissionType", Kind::Enum(&PERMISSION_TYPE)),
    ],
};

static PERMISSIONS: StructuredType = StructuredType {
    name: "microsoft.graph.teamsAppPermissionSet",
    properties: &[Property::many("resourceSpecificPermissions", Kind::Complex(&PERMISSION))],
};

static AUTHORIZATION: StructuredType = StructuredType {
    name: "microsoft.graph.teamsAppAuthorization",
    properties: &[
        Property::one("clientAppId", FOLDED),
        Property::one("requiredPermissionSet", Kind::Complex(&PERMISSIONS)),
    ],
};

static IDENTITIES: StructuredType = StructuredType { name: "microsoft.graph.identitySet", properties: &[] };

static SCOPE_INFO: StructuredType = StructuredType {
    name: "microsoft.graph.personalTeamsAppInstallationScopeInfo",
    properties: &[Property::one("scope", Kind::Flags(&SCOPES)), Property::one("userId", FOLDED)],
};

const NAME: Property = Property::one("displayName", EXACT);
const DESCRIPTION: Property = Property::one("description", EXACT);
const VERSION: Property = Property::one("version", EXACT);
const PUBLISHING_STATE: Property = Property::one("publishingState", Kind::Enum(&STATE));
const MODIFIED: Property = Property::one("lastModifiedDateTime", Kind::DateTimeOffset);
const CREATED_BY: Property = Property::one("createdBy", Kind::Complex(&IDENTITIES));
const AUTHORIZED: Property = Property::one("authorization", Kind::Complex(&AUTHORIZATION));
const ITS_BOT: Property = Property::one("bot", Kind::Navigation(&BOT));

static DEFINITION: StructuredType = StructuredType {
    name: "microsoft.graph.teamsAppDefinition",
    properties: &[
        Property::one("id", FOLDED),
        Property::one("teamsAppId", FOLDED),
        NAME,
        VERSION,
        PUBLISHING_STATE,
        Property::one("shortDescription", EXACT),
        DESCRIPTION,
        MODIFIED,
        CREATED_BY,
        AUTHORIZED,
        ITS_BOT,
    ],
};

static DEFINITION_BETA: StructuredType = StructuredType {
    name: "microsoft.graph.teamsAppDefinition",
    properties: &[
        Property::one("id", FOLDED),
        Property::one("teamsAppId", FOLDED),
        Property::one("azureADAppId", FOLDED),
        NAME,
        VERSION,
        Property::many("requiredResourceSpecificApplicationPermissions", FOLDED),
        Property::one("serializedInternalDefinition", EXACT),
        PUBLISHING_STATE,
        Property::one("shortdescription", EXACT),
        DESCRIPTION,
        MODIFIED,
        CREATED_BY,
        Property::one("allowedInstallationScopes", Kind::Flags(&SCOPES)),
        AUTHORIZED,
        ITS_BOT,
    ],
};

static APP: StructuredType = StructuredType {
    name: "microsoft.graph.teamsApp",
    properties: &[
        Property::one("id", FOLDED),
        Property::one("externalId", FOLDED),
        NAME,
        Property::one("distributionMethod", Kind::Enum(&METHOD)),
        Property::many("appDefinitions", Kind::Navigation(&DEFINITION)),
    ],
};

static APP_BETA: StructuredType = StructuredType {
    name: "microsoft.graph.teamsApp",
    properties: &[
        Property::one("id", FOLDED),
        Property::one("externalId", FOLDED),
        NAME,
        Property::one("distributionMethod", Kind::Enum(&METHOD)),
        Property::many("appDefinitions", Kind::Navigation(&DEFINITION_BETA)),
    ],
};

const CONSENTED: Property = Property::one("consentedPermissionSet", Kind::Complex(&PERMISSIONS)).on_request();

static INSTALLATION: StructuredType = StructuredType {
    name: "microsoft.graph.userScopeTeamsAppInstallation",
    properties: &[
        Property::one("id", FOLDED),
        CONSENTED,
        Property::one("teamsApp", Kind::Navigation(&APP)),
        Property::one("teamsAppDefinition", Kind::Navigation(&DEFINITION)),
    ],
};

static INSTALLATION_BETA: StructuredType = StructuredType {
    name: "microsoft.graph.userScopeTeamsAppInstallation",
    properties: &[
        Property::one("id", FOLDED),
        CONSENTED,
        Property::one("scopeInfo", Kind::Complex(&SCOPE_INFO)).on_request(),
        Property::one("teamsApp", Kind::Navigation(&APP_BETA)),
        Property::one("teamsAppDefinition", Kind::Navigation(&DEFINITION_BETA)),
    ],
};

/// `v1.0` or `beta`, and the types of it.
#[derive(Clone, Copy)]
pub struct Version {
    pub name: &'static str,
    pub app: &'static StructuredType,
    pub definition: &'static StructuredType,
    pub installation: &'static StructuredType,
}

pub static VERSIONS: [Version; 2] = [
    Version { name: "v1.0", app: &APP, definition: &DEFINITION, installation: &INSTALLATION },
    Version { name: "beta", app: &APP_BETA, definition: &DEFINITION_BETA, installation: &INSTALLATION_BETA },
];
