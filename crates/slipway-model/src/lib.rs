//! Nouns and rules of the Teams app lifecycle.
//!
//! Everything here is pure: no input or output, no clock reading, no wire format. Resources carry the names
//! that Microsoft Graph gives them. Rules take the state and the wish and give the new state or a [`Refusal`].

mod base64_id;
mod catalog;
mod client;
mod directory;
mod id;
mod installation;
mod owner;
mod permission;
mod policy;
mod refusal;
mod scope;
mod tenant;
mod user;
mod version;

pub use catalog::{
    Author, CatalogEntry, DashboardCard, DefinitionId, DistributionMethod, InstallationScopes,
    InvalidDefinitionId, MAX_VERSIONS_PER_APP, PublishingState, ResourceSpecificPermission,
    ResourceSpecificPermissionType, TeamsApp, TeamsAppDefinition, Verdict,
};
pub use client::{
    AccessTokenVersion, Client, ClientCertificate, ClientSecret, Consent, ConsentGrant, DelegatedGrant,
    ExposedScope, FederatedCredential, MAX_CREDENTIALS, MAX_FEDERATED_CREDENTIALS, MAX_REDIRECT_URIS,
    Platform, RedirectUri, RegistrationRefusal, RequiredResourceAccess, SignInAudience,
};
pub use directory::{Chat, ChatType, Container, Group, Member, MemberRole, Membership};
pub use id::{ChatId, ClientId, GroupId, Id, InvalidId, TeamsAppId, TenantId, UserId, is_guid};
pub use installation::{
    Held, InstallRequest, InstallationId, InvalidInstallationId, MAX_INSTALLATIONS_PER_OWNER, PermanentWish,
    TeamsAppInstallation, install, uninstall, upgrade,
};
pub use owner::{Access, Owner, OwnerKind, Standing};
pub use permission::{AppReach, AppRole, Grantee, Permission, PermissionScope, Permissions, TokenKind};
pub use policy::AppPermissionPolicy;
pub use refusal::{AdministratorWish, Refusal};
pub use scope::{Apps, Grant, Owners, Scope};
pub use tenant::{TeamsAppSettings, Tenant};
pub use user::{User, UserPrincipalName, UserType};
pub use version::AppVersion;
