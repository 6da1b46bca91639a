//! Graph's types as far as they are served, for queries and for writing entities.
//!
//! Names, kinds and case are those of Microsoft's metadata (v1.0 and beta, 2026-08). The two versions differ in
//! `teamsAppDefinition` and `teamsAppInstallation`; a type whose properties lead to these exists twice too.

use slipway_odata::{Case, EnumType, Kind, Property, StructuredType};

use crate::operation::ApiVersion;

const TEXT: Kind = Kind::String(Case::Matters);
const ID: Kind = Kind::String(Case::Ignored);

/// `user`, both versions. What is not in the default property set is written on request only.
pub(crate) static USER: StructuredType = StructuredType {
    name: "microsoft.graph.user",
    properties: &[
        Property::many("businessPhones", TEXT),
        Property::one("displayName", TEXT),
        Property::one("givenName", TEXT),
        Property::one("jobTitle", TEXT),
        Property::one("mail", ID),
        Property::one("mobilePhone", TEXT),
        Property::one("officeLocation", TEXT),
        Property::one("preferredLanguage", TEXT),
        Property::one("surname", TEXT),
        Property::one("userPrincipalName", ID),
        Property::one("id", ID),
        Property::one("accountEnabled", Kind::Boolean).on_request(),
    ],
};

static DISTRIBUTION_METHOD: EnumType = EnumType {
    name: "microsoft.graph.teamsAppDistributionMethod",
    members: &[("store", 0), ("organization", 1), ("sideloaded", 2)],
};

static PUBLISHING_STATE: EnumType = EnumType {
    name: "microsoft.graph.teamsAppPublishingState",
    members: &[("submitted", 0), ("rejected", 1), ("published", 2)],
};

static INSTALLATION_SCOPES: EnumType = EnumType {
    name: "microsoft.graph.teamsAppInstallationScopes",
    members: &[("team", 1), ("groupChat", 2), ("personal", 4)],
};

static BOT: StructuredType =
    StructuredType { name: "microsoft.graph.teamworkBot", properties: &[Property::one("id", ID)] };

static RESOURCE_SPECIFIC_PERMISSION: StructuredType = StructuredType {
    name: "microsoft.graph.teamsAppResourceSpecificPermission",
    properties: &[Property::one("permissionValue", ID), Property::one("permissionType", ID)],
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

static IDENTITY: StructuredType = StructuredType {
    name: "microsoft.graph.identity",
    properties: &[Property::one("id", ID), Property::one("displayName", TEXT)],
};

static IDENTITY_SET: StructuredType = StructuredType {
    name: "microsoft.graph.identitySet",
    properties: &[
        Property::one("application", Kind::Complex(&IDENTITY)),
        Property::one("device", Kind::Complex(&IDENTITY)),
        Property::one("user", Kind::Complex(&IDENTITY)),
    ],
};

static SCOPE_INFO: StructuredType = StructuredType {
    name: "microsoft.graph.personalTeamsAppInstallationScopeInfo",
    properties: &[
        // The declared type is abstract, so each value says which one it is.
        Property::one("@odata.type", TEXT),
        Property::one("scope", Kind::Flags(&INSTALLATION_SCOPES)),
        Property::one("userId", ID),
    ],
};

static DEFINITION_V1: StructuredType = StructuredType {
    name: "microsoft.graph.teamsAppDefinition",
    properties: &[
        Property::one("id", ID),
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

static DEFINITION_BETA: StructuredType = StructuredType {
    name: "microsoft.graph.teamsAppDefinition",
    properties: &[
        Property::one("id", ID),
        Property::one("teamsAppId", ID),
        Property::one("azureADAppId", ID),
        Property::one("displayName", TEXT),
        Property::one("version", TEXT),
        Property::one("publishingState", Kind::Enum(&PUBLISHING_STATE)),
        Property::one("shortdescription", TEXT),
        Property::one("description", TEXT),
        Property::one("lastModifiedDateTime", Kind::DateTimeOffset),
        Property::one("createdBy", Kind::Complex(&IDENTITY_SET)),
        Property::one("allowedInstallationScopes", Kind::Flags(&INSTALLATION_SCOPES)),
        Property::one("authorization", Kind::Complex(&AUTHORIZATION)),
        Property::one("bot", Kind::Navigation(&BOT)),
    ],
};

const APP_ID: Property = Property::one("id", ID);
const APP_EXTERNAL_ID: Property = Property::one("externalId", ID);
const APP_DISPLAY_NAME: Property = Property::one("displayName", TEXT);
const APP_DISTRIBUTION: Property = Property::one("distributionMethod", Kind::Enum(&DISTRIBUTION_METHOD));

static APP_V1: StructuredType = StructuredType {
    name: "microsoft.graph.teamsApp",
    properties: &[
        APP_ID,
        APP_EXTERNAL_ID,
        APP_DISPLAY_NAME,
        APP_DISTRIBUTION,
        Property::many("appDefinitions", Kind::Navigation(&DEFINITION_V1)),
    ],
};

static APP_BETA: StructuredType = StructuredType {
    name: "microsoft.graph.teamsApp",
    properties: &[
        APP_ID,
        APP_EXTERNAL_ID,
        APP_DISPLAY_NAME,
        APP_DISTRIBUTION,
        Property::many("appDefinitions", Kind::Navigation(&DEFINITION_BETA)),
    ],
};

const CONSENTED: Property =
    Property::one("consentedPermissionSet", Kind::Complex(&PERMISSION_SET)).on_request();

static INSTALLATION_V1: StructuredType = StructuredType {
    name: "microsoft.graph.userScopeTeamsAppInstallation",
    properties: &[
        Property::one("id", ID),
        CONSENTED,
        Property::one("teamsAppDefinition", Kind::Navigation(&DEFINITION_V1)),
        Property::one("teamsApp", Kind::Navigation(&APP_V1)),
    ],
};

static INSTALLATION_BETA: StructuredType = StructuredType {
    name: "microsoft.graph.userScopeTeamsAppInstallation",
    properties: &[
        Property::one("id", ID),
        CONSENTED,
        Property::one("scopeInfo", Kind::Complex(&SCOPE_INFO)).on_request(),
        Property::one("teamsAppDefinition", Kind::Navigation(&DEFINITION_BETA)),
        Property::one("teamsApp", Kind::Navigation(&APP_BETA)),
    ],
};

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

/// `userScopeTeamsAppInstallation`
pub(crate) fn installation(version: ApiVersion) -> &'static StructuredType {
    match version {
        ApiVersion::V1 => &INSTALLATION_V1,
        ApiVersion::Beta => &INSTALLATION_BETA,
    }
}
