//! Types of the directory of clients, the same in both versions as far as they are served. GUIDs are texts here; in
//! Microsoft's metadata some are `Edm.Guid`.

use slipway_odata::{Case, Kind, Property, StructuredType};

const TEXT: Kind = Kind::String(Case::Matters);
const ID: Kind = Kind::String(Case::Ignored);
const KEY: Property = Property::one("id", ID).required();
const DELETED: Property = Property::one("deletedDateTime", Kind::DateTimeOffset);
const CREATED: Property = Property::one("createdDateTime", Kind::DateTimeOffset);
const APP_ID: Property = Property::one("appId", ID);
const DISPLAY_NAME: Property = Property::one("displayName", ID).in_words();
const AUDIENCE: Property = Property::one("signInAudience", ID);
const REDIRECT_URIS: Property = Property::many("redirectUris", TEXT).required();

static WEB: StructuredType =
    StructuredType { name: "microsoft.graph.webApplication", properties: &[REDIRECT_URIS] };

static SPA: StructuredType =
    StructuredType { name: "microsoft.graph.spaApplication", properties: &[REDIRECT_URIS] };

static PUBLIC_CLIENT: StructuredType =
    StructuredType { name: "microsoft.graph.publicClientApplication", properties: &[REDIRECT_URIS] };

static PERMISSION_SCOPE: StructuredType = StructuredType {
    name: "microsoft.graph.permissionScope",
    properties: &[
        Property::one("adminConsentDescription", TEXT),
        Property::one("adminConsentDisplayName", TEXT),
        Property::one("id", ID).required(),
        Property::one("isEnabled", Kind::Boolean).required(),
        Property::one("type", TEXT),
        Property::one("userConsentDescription", TEXT),
        Property::one("userConsentDisplayName", TEXT),
        Property::one("value", TEXT),
    ],
};

static APP_ROLE: StructuredType = StructuredType {
    name: "microsoft.graph.appRole",
    properties: &[
        Property::many("allowedMemberTypes", TEXT).required(),
        Property::one("description", TEXT),
        Property::one("displayName", TEXT),
        Property::one("id", ID).required(),
        Property::one("isEnabled", Kind::Boolean).required(),
        Property::one("origin", TEXT),
        Property::one("value", TEXT),
    ],
};

static API: StructuredType = StructuredType {
    name: "microsoft.graph.apiApplication",
    properties: &[
        Property::one("requestedAccessTokenVersion", Kind::Int32),
        Property::many("oauth2PermissionScopes", Kind::Complex(&PERMISSION_SCOPE)).required(),
    ],
};

/// `passwordCredential`: also what the action `addPassword` returns.
pub(crate) static PASSWORD_CREDENTIAL: StructuredType = StructuredType {
    name: "microsoft.graph.passwordCredential",
    properties: &[
        Property::one("customKeyIdentifier", Kind::Binary),
        Property::one("displayName", TEXT),
        Property::one("endDateTime", Kind::DateTimeOffset),
        Property::one("hint", TEXT),
        Property::one("keyId", ID),
        Property::one("secretText", TEXT),
        Property::one("startDateTime", Kind::DateTimeOffset),
    ],
};

static KEY_CREDENTIAL: StructuredType = StructuredType {
    name: "microsoft.graph.keyCredential",
    properties: &[
        Property::one("customKeyIdentifier", Kind::Binary),
        Property::one("displayName", TEXT),
        Property::one("endDateTime", Kind::DateTimeOffset),
        Property::one("key", Kind::Binary),
        Property::one("keyId", ID),
        Property::one("startDateTime", Kind::DateTimeOffset),
        Property::one("type", TEXT),
        Property::one("usage", TEXT),
    ],
};

static RESOURCE_ACCESS: StructuredType = StructuredType {
    name: "microsoft.graph.resourceAccess",
    properties: &[Property::one("id", ID).required(), Property::one("type", TEXT)],
};

static REQUIRED_RESOURCE_ACCESS: StructuredType = StructuredType {
    name: "microsoft.graph.requiredResourceAccess",
    properties: &[
        Property::one("resourceAppId", ID).required(),
        Property::many("resourceAccess", Kind::Complex(&RESOURCE_ACCESS)).required(),
    ],
};

/// `application`
pub(crate) static APPLICATION: StructuredType = StructuredType {
    name: "microsoft.graph.application",
    properties: &[
        KEY,
        DELETED,
        APP_ID,
        CREATED,
        DISPLAY_NAME,
        Property::many("identifierUris", ID).required(),
        Property::one("isFallbackPublicClient", Kind::Boolean),
        Property::one("publisherDomain", ID),
        AUDIENCE,
        Property::one("api", Kind::Complex(&API)),
        Property::many("appRoles", Kind::Complex(&APP_ROLE)).required(),
        Property::many("keyCredentials", Kind::Complex(&KEY_CREDENTIAL)).required(),
        Property::many("passwordCredentials", Kind::Complex(&PASSWORD_CREDENTIAL)).required(),
        Property::one("publicClient", Kind::Complex(&PUBLIC_CLIENT)),
        Property::many("requiredResourceAccess", Kind::Complex(&REQUIRED_RESOURCE_ACCESS)).required(),
        Property::one("spa", Kind::Complex(&SPA)),
        Property::one("web", Kind::Complex(&WEB)),
    ],
};

/// `federatedIdentityCredential`
pub(crate) static FEDERATED_CREDENTIAL: StructuredType = StructuredType {
    name: "microsoft.graph.federatedIdentityCredential",
    properties: &[
        KEY,
        Property::one("name", ID).required(),
        Property::one("issuer", TEXT).required(),
        Property::one("subject", TEXT).required(),
        Property::one("description", TEXT),
        Property::many("audiences", TEXT).required(),
    ],
};

/// `servicePrincipal`
pub(crate) static SERVICE_PRINCIPAL: StructuredType = StructuredType {
    name: "microsoft.graph.servicePrincipal",
    properties: &[
        KEY,
        DELETED,
        Property::one("accountEnabled", Kind::Boolean),
        Property::one("appDisplayName", ID),
        APP_ID,
        Property::one("appOwnerOrganizationId", ID),
        Property::one("appRoleAssignmentRequired", Kind::Boolean).required(),
        CREATED,
        DISPLAY_NAME,
        Property::many("servicePrincipalNames", ID).required(),
        Property::one("servicePrincipalType", ID),
        AUDIENCE,
        Property::many("appRoles", Kind::Complex(&APP_ROLE)).required(),
        Property::many("oauth2PermissionScopes", Kind::Complex(&PERMISSION_SCOPE)).required(),
    ],
};

/// `appRoleAssignment`
pub(crate) static APP_ROLE_ASSIGNMENT: StructuredType = StructuredType {
    name: "microsoft.graph.appRoleAssignment",
    properties: &[
        Property::one("id", TEXT).required(),
        DELETED,
        Property::one("appRoleId", ID).required(),
        CREATED,
        Property::one("principalDisplayName", ID),
        Property::one("principalId", ID),
        Property::one("principalType", ID),
        Property::one("resourceDisplayName", ID),
        Property::one("resourceId", ID),
    ],
};

/// `oAuth2PermissionGrant`
pub(crate) static OAUTH2_PERMISSION_GRANT: StructuredType = StructuredType {
    name: "microsoft.graph.oAuth2PermissionGrant",
    properties: &[
        Property::one("clientId", ID).required(),
        Property::one("consentType", ID),
        Property::one("id", TEXT).required(),
        Property::one("principalId", ID),
        Property::one("resourceId", ID).required(),
        Property::one("scope", TEXT),
    ],
};

static VERIFIED_DOMAIN: StructuredType = StructuredType {
    name: "microsoft.graph.verifiedDomain",
    properties: &[
        Property::one("capabilities", TEXT),
        Property::one("isDefault", Kind::Boolean),
        Property::one("isInitial", Kind::Boolean),
        Property::one("name", ID),
        Property::one("type", TEXT),
    ],
};

/// `organization`
pub(crate) static ORGANIZATION: StructuredType = StructuredType {
    name: "microsoft.graph.organization",
    properties: &[
        KEY,
        DELETED,
        DISPLAY_NAME,
        Property::one("tenantType", TEXT),
        Property::many("verifiedDomains", Kind::Complex(&VERIFIED_DOMAIN)).required(),
    ],
};
