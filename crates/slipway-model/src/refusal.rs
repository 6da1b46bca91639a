//! What the rules refuse, in the rules' own words; the HTTP surface gives each its status and text.

use std::fmt;

use crate::{
    AppVersion, ClientId, DistributionMethod, Owner, OwnerKind, PermanentWish, PublishingState, TeamsApp,
    TeamsAppId, TenantId, UserId,
};

/// A wish that the rules do not grant. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The text is no user principal name.
    InvalidUserPrincipalName(String),
    /// The catalog lacks the app, or the app has no published definition, or Graph cannot install it.
    AppNotInstallable,
    /// The published definition does not name the owner's scope.
    ScopeNotInManifest {
        /// Which app.
        app: TeamsAppId,
        /// The scope that was wished.
        scope: OwnerKind,
    },
    /// The owner has the app already.
    AlreadyInstalled {
        /// Which app.
        app: TeamsAppId,
        /// Who has it.
        owner: Owner,
    },
    /// A policy forbids the app to the tenant or the user.
    BlockedByPolicy {
        /// The tenant.
        tenant: TenantId,
        /// For whom, if for a user.
        user: Option<UserId>,
        /// Which app.
        app: TeamsAppId,
        /// How it came into the catalog.
        method: DistributionMethod,
    },
    /// The user has no licence for Teams.
    NoTeamsLicence,
    /// The user is a guest, whose Teams is at home.
    GuestUser,
    /// Microsoft pinned the app.
    PermanentApp {
        /// Which app.
        app: TeamsAppId,
        /// What it refuses.
        wish: PermanentWish,
    },
    /// A setup policy put the installation there.
    Preinstalled,
    /// The settings of the tenant rule out resource-specific permissions for owners of this kind.
    ConsentDisabled(OwnerKind),
    /// The grants of an app that was uploaded to one owner cannot be taken back this way.
    GrantsNotRevocable,
    /// The owner holds the most installations that one owner may hold.
    TooManyInstallations,
    /// The owner, which is of this kind, does not have the app.
    NotInstalled(OwnerKind),
    /// The consented permissions are not those that the definition asks for, or the caller may not consent.
    ConsentMismatch,
    /// A `Self` permission was used on another client's app.
    ForeignApp {
        /// Who asked.
        client: ClientId,
        /// The app in question.
        app: TeamsAppId,
    },
    /// The tenant has an app with this manifest id, or the app has this version, already.
    AlreadyPublished {
        /// The app that is there.
        app: Box<TeamsApp>,
        /// Who published again.
        by: Option<UserId>,
    },
    /// The app has the most versions that one app may have.
    TooManyVersions,
    /// A new version must be higher than the published one.
    VersionNotIncremented {
        /// What is published.
        current: AppVersion,
        /// What was sent.
        sent: AppVersion,
    },
    /// The package belongs to another app.
    OtherManifestId {
        /// The app's manifest id.
        known: String,
        /// The package's manifest id.
        sent: String,
    },
    /// Only organization apps can be updated or deleted.
    NotAnOrganizationApp(TeamsAppId),
    /// Only a definition that waits for review can be approved, rejected or withdrawn.
    NotSubmitted {
        /// Which version.
        version: AppVersion,
        /// Where it stands.
        state: PublishingState,
    },
    /// The user does not administer Teams.
    AdministratorNeeded(AdministratorWish),
}

/// What only administrators of Teams may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdministratorWish {
    /// To publish without review.
    Publish,
    /// To approve or reject.
    Review,
    /// To withdraw what another user submitted.
    Withdraw,
    /// To delete an app that was published, or in which another user has a part.
    Delete,
    /// To change the settings of the tenant.
    ChangeSettings,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidUserPrincipalName(text) => {
                write!(f, "'{text}' is no user principal name: it has the form name@domain")
            }
            Self::AppNotInstallable => f.write_str("the catalog has no published definition of the app"),
            Self::ScopeNotInManifest { app, scope } => {
                write!(f, "app '{app}' has no {} scope", scope.scope_name())
            }
            Self::AlreadyInstalled { app, .. } => write!(f, "app '{app}' is already installed"),
            Self::BlockedByPolicy { app, .. } => write!(f, "a policy blocks app '{app}'"),
            Self::NoTeamsLicence => f.write_str("the user has no licence for Teams"),
            Self::GuestUser => f.write_str("the user is a guest"),
            Self::PermanentApp { app, .. } => write!(f, "app '{app}' is permanent"),
            Self::Preinstalled => f.write_str("a setup policy installed the app"),
            Self::ConsentDisabled(kind) => {
                write!(
                    f,
                    "the tenant's settings rule out resource-specific permissions for a {}",
                    kind.as_str()
                )
            }
            Self::GrantsNotRevocable => f.write_str("the grants of the app cannot be revoked"),
            Self::TooManyInstallations => {
                f.write_str("the owner holds the most apps that one owner may hold")
            }
            Self::NotInstalled(_) => f.write_str("the app is not installed"),
            Self::ConsentMismatch => f.write_str("the app requires permissions that were not consented"),
            Self::ForeignApp { client, app } => write!(f, "client '{client}' may not manage app '{app}'"),
            Self::AlreadyPublished { app, .. } => write!(f, "app '{}' is published already", app.id),
            Self::TooManyVersions => f.write_str("the app has the most versions that one app may have"),
            Self::VersionNotIncremented { current, sent } => {
                write!(f, "version {sent} is not higher than {current}")
            }
            Self::OtherManifestId { known, sent } => {
                write!(f, "the package is of manifest id '{sent}', the app of '{known}'")
            }
            Self::NotAnOrganizationApp(app) => write!(f, "app '{app}' is not an organization app"),
            Self::NotSubmitted { version, state } => {
                write!(f, "version {version} is {} and does not wait for review", state.as_str())
            }
            Self::AdministratorNeeded(_) => f.write_str("the user does not administer Teams"),
        }
    }
}

impl std::error::Error for Refusal {}
