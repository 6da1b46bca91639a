//! Nouns and rules of the Teams app lifecycle.
//!
//! Everything here is pure: no input or output, no clock reading, no wire format. Resources carry the names
//! that Microsoft Graph gives them. Rules take the state and the wish and give the new state or a [`Refusal`].

mod catalog;
mod client;
mod id;
mod installation;
mod permission;
mod refusal;
mod scope;
mod tenant;
mod user;
mod version;

pub use catalog::{
    CatalogEntry, DefinitionId, DistributionMethod, InstallationScopes, Known, MAX_VERSIONS_PER_APP,
    PublishingState, ResourceSpecificPermission, ResourceSpecificPermissionType, TeamsApp,
    TeamsAppDefinition,
};
pub use client::{Client, ConsentGrant};
pub use id::{ClientId, Id, InvalidId, TeamsAppId, TenantId, UserId};
pub use installation::{
    Held, InstallRequest, InstallationId, InvalidInstallationId, MAX_INSTALLATIONS_PER_OWNER,
    TeamsAppInstallation, install, upgrade,
};
pub use permission::{AppReach, Permission, Permissions};
pub use refusal::Refusal;
pub use scope::{Apps, Grant, Owners, Scope};
pub use tenant::Tenant;
pub use user::{User, UserPrincipalName};
pub use version::AppVersion;
