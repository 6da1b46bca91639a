//! The seed format: what may stand in a seed file. The doc comments are the descriptions of its JSON schema.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use slipway_identity::Secret;
use slipway_model::{
    AppVersion, ClientId, DistributionMethod, PublishingState, TeamsAppId, TenantId, UserId,
    UserPrincipalName,
};

use super::values::{DirectoryRole, Domain, PermissionName, Text};

/// What a Slipway server holds when it starts: tenants with their users, clients, apps and installations.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(title = "Slipway seed")]
pub struct Document {
    /// The tenants.
    pub tenants: Vec<Tenant>,
}

/// A directory and everything in it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Tenant {
    /// The tenant's id: `tid` of its tokens.
    pub id: Text<TenantId>,
    /// Name for people.
    pub display_name: String,
    /// Domain of the generated users; sign-in paths take it in place of the id.
    pub domain: Text<Domain>,
    /// Users, one by one.
    #[serde(default)]
    pub users: Vec<User>,
    /// Users by the number.
    pub generate: Option<Generate>,
    /// Registered applications.
    #[serde(default)]
    pub clients: Vec<Client>,
    /// Apps of the catalog.
    #[serde(default)]
    pub apps: Vec<App>,
    /// Apps that users have.
    #[serde(default)]
    pub installations: Vec<Installation>,
}

/// A user. What is left out is null, also where it was not before.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names are Microsoft Graph's")]
pub struct User {
    /// Object id. Without it the user is found by the user principal name, and gets an id from the server when new.
    pub id: Option<Text<UserId>>,
    /// Sign-in name.
    pub user_principal_name: Text<UserPrincipalName>,
    /// Name for people.
    pub display_name: String,
    /// First name.
    pub given_name: Option<String>,
    /// Last name.
    pub surname: Option<String>,
    /// SMTP address.
    pub mail: Option<String>,
    /// Position.
    pub job_title: Option<String>,
    /// Mobile number.
    pub mobile_phone: Option<String>,
    /// Place of work.
    pub office_location: Option<String>,
    /// Language tag, such as en-US.
    pub preferred_language: Option<String>,
    /// Telephone numbers.
    #[serde(default)]
    pub business_phones: Vec<String>,
    /// Whether sign-in is allowed.
    #[serde(default = "enabled")]
    pub account_enabled: bool,
    /// Password, kept as an Argon2id hash. Without it the user cannot sign in.
    pub password: Option<Text<Secret>>,
    /// Directory roles, by name or by role template id.
    #[serde(default)]
    pub directory_roles: Vec<Text<DirectoryRole>>,
}

fn enabled() -> bool {
    true
}

/// Users user1@domain, user2@domain and so on; user n has the id 51190000-0000-4000-8001- and n as twelve
/// hexadecimal digits, and the display name "User n".
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Generate {
    /// How many.
    pub users: u32,
    /// Password of all of them. Without it they cannot sign in.
    pub password: Option<Text<Secret>>,
}

/// An application registration with its service principal in the tenant.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Client {
    /// Application (client) id.
    pub id: Text<ClientId>,
    /// Name for people.
    pub display_name: String,
    /// Client secrets, kept as SHA-256. Without any it is a public client.
    #[serde(default)]
    pub secrets: Vec<Text<Secret>>,
    /// Application permissions with admin consent.
    #[serde(default)]
    pub application_permissions: Vec<Text<PermissionName>>,
    /// Delegated permissions that an administrator consented to for everyone.
    #[serde(default)]
    pub delegated_permissions: Vec<Text<PermissionName>>,
    /// Delegated permissions that one user consented to.
    #[serde(default)]
    pub consents: Vec<Consent>,
}

/// What one user allowed a client to do in their name.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Consent {
    /// The user's id or user principal name.
    pub user: String,
    /// The delegated permissions.
    pub scopes: Vec<Text<PermissionName>>,
}

/// An app of the catalog.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct App {
    /// The teamsApp id. Without it the app is found by its manifest's id, and gets an id from the server when new;
    /// a store app always has its manifest's id.
    pub id: Option<Text<TeamsAppId>>,
    /// How the app came here; organization if left out.
    pub distribution_method: Option<Text<DistributionMethod>>,
    /// Versions, from the lowest to the highest. The last published one is current.
    #[schemars(length(min = 1, max = slipway_model::MAX_VERSIONS_PER_APP))]
    pub definitions: Vec<Definition>,
}

/// A version of an app: a package or a manifest.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("oneOf" = [{ "required": ["package"] }, { "required": ["manifest"] }]))]
pub struct Definition {
    /// Path of an app package (zip), relative to the seed file's folder.
    pub package: Option<String>,
    /// The app manifest itself. Its icons are plain ones of the server.
    pub manifest: Option<Map<String, Value>>,
    /// Where the version stands; published if left out.
    pub publishing_state: Option<Text<PublishingState>>,
}

/// An app that a user has.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Installation {
    /// The user's id or user principal name.
    pub user: String,
    /// The app's teamsApp id or its manifest's id.
    pub app: String,
    /// The installed version; the current one if left out, or whichever is installed already.
    pub version: Option<Text<AppVersion>>,
}
