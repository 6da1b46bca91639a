//! The seed format: what may stand in a seed file. The doc comments are the descriptions of its JSON schema.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};
use slipway_identity::Secret;
use slipway_model::{
    AppVersion, ChatId, ChatType, ClientCertificate, ClientId, DistributionMethod, GroupId, OwnerKind,
    PublishingState, ResourceSpecificPermissionType, TeamsAppId, TenantId, UserId, UserPrincipalName,
    UserType,
};

use super::values::{
    DirectoryRole, Domain, IdentifierUri, PermissionName, ProgramAddress, ScopeName, SiteAddress, Text,
};

/// What a Slipway server holds when it starts: tenants with their users, teams, groups, chats, clients, apps and
/// installations.
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
    /// Groups with a team.
    #[serde(default)]
    pub teams: Vec<Team>,
    /// Groups without a team.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// Chats of people.
    #[serde(default)]
    pub chats: Vec<Chat>,
    /// Registered applications.
    #[serde(default)]
    pub clients: Vec<Client>,
    /// Apps of the catalog.
    #[serde(default)]
    pub apps: Vec<App>,
    /// Apps that users, teams and chats have.
    #[serde(default)]
    pub installations: Vec<Installation>,
    /// What administrators set for apps.
    pub settings: Option<Settings>,
    /// What nobody of the tenant may install; as it is if left out.
    pub policy: Option<Policy>,
}

/// The tenant's teamsAppSettings. What is left out stays as it is, and is true in a new tenant.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Settings {
    /// Whether users may ask administrators for apps.
    pub allow_user_requests_for_app_access: Option<bool>,
    /// Whether apps may be given resource-specific permissions in the personal scope.
    pub is_user_personal_scope_resource_specific_consent_enabled: Option<bool>,
    /// The same for chats and meetings.
    pub is_chat_resource_specific_consent_enabled: Option<bool>,
}

/// Apps that may not be installed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Policy {
    /// Each of them store (every store app), organization (every app of the tenant's catalog), or an app by its
    /// teamsApp id or its manifest's id.
    pub blocked: Vec<String>,
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
    /// Member if left out.
    pub user_type: Option<Text<UserType>>,
    /// Whether the user has a licence for Teams.
    #[serde(default = "enabled")]
    pub teams_licence: bool,
    /// What this user may not install, beside what nobody of the tenant may.
    pub policy: Option<Policy>,
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

/// A group with a team.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Team {
    /// Object id, of the group too.
    pub id: Text<GroupId>,
    /// Name for people.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// SMTP address.
    pub mail: Option<String>,
    /// All of its members.
    pub members: Vec<TeamMember>,
}

/// A member of a team: a user's id or user principal name, or more about the user.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum TeamMember {
    /// The user's id or user principal name.
    User(String),
    /// The user with a role.
    WithRole(TeamRole),
}

/// What a user is in a team.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TeamRole {
    /// The user's id or user principal name.
    pub user: String,
    /// Whether the user owns the team.
    #[serde(default)]
    pub owner: bool,
}

// Derived, an untagged enum would not say what is wrong inside.
impl<'de> Deserialize<'de> for TeamMember {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrMap)
    }
}

struct TextOrMap;

impl<'de> Visitor<'de> for TextOrMap {
    type Value = TeamMember;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text of an id or user principal name, or keys user and owner")
    }

    fn visit_str<E>(self, user: &str) -> Result<TeamMember, E> {
        Ok(TeamMember::User(user.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TeamMember, A::Error> {
        TeamRole::deserialize(MapAccessDeserializer::new(map)).map(TeamMember::WithRole)
    }
}

/// A group without a team.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Group {
    /// Object id.
    pub id: Text<GroupId>,
    /// Name for people.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// SMTP address.
    pub mail: Option<String>,
    /// All of its members: users by id or user principal name, groups and teams by id.
    pub members: Vec<String>,
}

/// A chat of people.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names are Microsoft Graph's")]
pub struct Chat {
    /// Thread id, such as 19:5119@thread.v2.
    pub id: Text<ChatId>,
    /// What it is.
    pub chat_type: Text<ChatType>,
    /// Its subject; not of a one-on-one chat.
    pub topic: Option<String>,
    /// All of its members, by id or user principal name: two of a one-on-one chat, two or more of a group chat.
    pub members: Vec<String>,
}

/// An application registration with its service principal in the tenant.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names are Microsoft Graph's")]
pub struct Client {
    /// Application (client) id.
    pub id: Text<ClientId>,
    /// Name for people.
    pub display_name: String,
    /// Client secrets, kept as SHA-256. Without any it is a public client.
    #[serde(default)]
    pub secrets: Vec<Text<Secret>>,
    /// Certificates with RSA keys, whose private keys sign its client assertions; as they are if left out.
    pub certificates: Option<Vec<Text<ClientCertificate>>>,
    /// Other issuers whose tokens stand for its client assertions; as they are if left out.
    pub federated_credentials: Option<Vec<FederatedCredential>>,
    /// URIs by which others ask for tokens for its API, such as `api://{client id}`; as they are if left out.
    pub identifier_uris: Option<Vec<Text<IdentifierUri>>>,
    /// Its own API; as it is if left out.
    pub api: Option<Api>,
    /// Application permissions with admin consent.
    #[serde(default)]
    pub application_permissions: Vec<Text<PermissionName>>,
    /// Delegated permissions that an administrator consented to for everyone.
    #[serde(default)]
    pub delegated_permissions: Vec<Text<PermissionName>>,
    /// Delegated permissions that one user consented to.
    #[serde(default)]
    pub consents: Vec<Consent>,
    /// Apps that its Selected permissions reach, by teamsApp id or manifest's id.
    #[serde(default)]
    pub selected_apps: Vec<String>,
    /// Where sign-in may send browsers back to.
    #[serde(default)]
    pub redirect_uris: RedirectUris,
    /// Whether users may sign in without a credential of the client though it has one, by password or device code.
    #[serde(default)]
    pub is_fallback_public_client: bool,
}

/// Redirect URIs, by what is there: absolute addresses without a fragment; those of servers and pages
/// begin with https, or with http on this machine. On loopback any port is taken.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RedirectUris {
    /// A server, which redeems codes with the client's credential.
    #[serde(default)]
    pub web: Vec<Text<SiteAddress>>,
    /// A page, which redeems codes itself.
    #[serde(default)]
    pub spa: Vec<Text<SiteAddress>>,
    /// A program on the user's device.
    #[serde(default)]
    pub public_client: Vec<Text<ProgramAddress>>,
}

/// An issuer of tokens that stand for a client's assertions.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FederatedCredential {
    /// What it is called.
    pub name: String,
    /// `iss` of the tokens.
    pub issuer: String,
    /// `sub` of the tokens.
    pub subject: String,
    /// `aud` of the tokens, one of these; `api://AzureADTokenExchange` if left out.
    #[serde(default = "token_exchange")]
    pub audiences: Vec<String>,
}

fn token_exchange() -> Vec<String> {
    vec!["api://AzureADTokenExchange".to_owned()]
}

/// The API that a client is for others.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Api {
    /// Its delegated permissions.
    #[serde(default)]
    pub scopes: Vec<ApiScope>,
    /// The version of its tokens: 1 or 2; 1 if left out.
    #[schemars(range(min = 1, max = 2))]
    pub access_token_version: Option<u8>,
}

/// A delegated permission of a client's own API.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ApiScope {
    /// Its name in tokens, such as `access_as_user`.
    pub value: Text<ScopeName>,
    /// What it is called on the consent page.
    pub display_name: String,
    /// Whether users may consent to it themselves.
    #[serde(default = "yes")]
    pub users_may_consent: bool,
}

fn yes() -> bool {
    true
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
    /// Whether Microsoft pinned it, so that it is neither upgraded nor removed; as it is if left out.
    pub permanent: Option<bool>,
    /// Whether administrators blocked it for everyone; as it is if left out.
    pub blocked: Option<bool>,
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
    /// Who sent it in: a user's id or user principal name; as it is if left out.
    pub created_by: Option<String>,
}

/// An app that a user, a team or a chat has.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("oneOf" = [{ "required": ["user"] }, { "required": ["team"] }, { "required": ["chat"] }]))]
pub struct Installation {
    /// The user's id or user principal name.
    pub user: Option<String>,
    /// The team's id.
    pub team: Option<String>,
    /// The chat's id.
    pub chat: Option<String>,
    /// The app's teamsApp id or its manifest's id.
    pub app: String,
    /// The installed version; the current one if left out, or whichever is installed already.
    pub version: Option<Text<AppVersion>>,
    /// Resource-specific permissions that were consented to; all that the version asks for if left out, but whatever
    /// was consented to if that version is installed already.
    pub consented: Option<Vec<ConsentedPermission>>,
    /// Whether a setup policy put it there, so that it cannot be removed; as it is if left out.
    pub preinstalled: Option<bool>,
}

impl Installation {
    /// Whose it is and how the seed names them; none unless exactly one is named.
    pub fn owner(&self) -> Option<(OwnerKind, &str)> {
        match (&self.user, &self.team, &self.chat) {
            (Some(user), None, None) => Some((OwnerKind::User, user)),
            (None, Some(team), None) => Some((OwnerKind::Team, team)),
            (None, None, Some(chat)) => Some((OwnerKind::Chat, chat)),
            _ => None,
        }
    }
}

/// A resource-specific permission.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ConsentedPermission {
    /// Its name, such as TeamsActivity.Send.User.
    pub permission_value: String,
    /// Who exercises it.
    pub permission_type: Text<ResourceSpecificPermissionType>,
}
