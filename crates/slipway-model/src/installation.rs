//! Installations for users, teams and chats, and the rules of install, upgrade and uninstall.

use std::fmt;

use jiff::Timestamp;

use crate::{
    Access, AppVersion, CatalogEntry, ClientId, DistributionMethod, Id, Owner, OwnerKind, Refusal,
    ResourceSpecificPermission, ResourceSpecificPermissionType, Scope, TeamsApp, TeamsAppDefinition,
    TeamsAppId, Tenant, User, UserType, base64_id,
};

/// Most installations that one owner may hold; a list is read whole, so it must stay small.
pub const MAX_INSTALLATIONS_PER_OWNER: usize = 2_000;

/// `base64({owner id}##{teamsApp.id})`, the id of an installation. It names no version, so it survives upgrades
/// and is the same after a reinstall. (Decoded from every id in Microsoft's documentation.)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstallationId {
    /// The user's, team's or chat's id.
    pub owner: Id,
    /// The app's catalog id.
    pub app: TeamsAppId,
}

/// Text that is no installation id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidInstallationId;

impl fmt::Display for InvalidInstallationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not base64 of '{owner}##{app}'")
    }
}

impl std::error::Error for InvalidInstallationId {}

impl InstallationId {
    /// Reads an id; padding may be missing and the URL-safe alphabet is taken too.
    ///
    /// # Errors
    /// [`InvalidInstallationId`] when the text is not base64, not `{owner}##{app}`, or a part is no id.
    pub fn parse(text: &str) -> Result<Self, InvalidInstallationId> {
        let plain = base64_id::decode(text).ok_or(InvalidInstallationId)?;
        let (owner, app) = plain.split_once("##").ok_or(InvalidInstallationId)?;
        match (Id::parse(owner), TeamsAppId::parse(app)) {
            (Ok(owner), Ok(app)) => Ok(Self { owner, app }),
            _ => Err(InvalidInstallationId),
        }
    }

    /// Whether the installation belongs to this owner.
    #[must_use]
    pub fn is_of(&self, owner: &Owner) -> bool {
        self.owner.as_str().eq_ignore_ascii_case(owner.as_str())
    }
}

impl fmt::Display for InstallationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode(self.owner.as_str(), &self.app))
    }
}

fn encode(owner: &str, app: &TeamsAppId) -> String {
    base64_id::encode(&format!("{owner}##{app}"))
}

/// An app installed for an owner: Graph's `teamsAppInstallation`, of users `userScopeTeamsAppInstallation`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamsAppInstallation {
    /// Whose it is.
    pub owner: Owner,
    /// Which app.
    pub app: TeamsAppId,
    /// The app's incarnation when it was installed; another one means that the app was deleted since.
    pub incarnation: u64,
    /// Which version is installed.
    pub version: AppVersion,
    /// Resource-specific permissions consented to at the last install or upgrade, if any were sent; spelt as the
    /// definition spells them.
    pub consented: Option<Vec<ResourceSpecificPermission>>,
    /// Whether a setup policy of the administrators put it there.
    pub preinstalled: bool,
    /// When it was installed; lists are in this order.
    pub installed_at: Timestamp,
}

impl TeamsAppInstallation {
    /// The text of its [`InstallationId`].
    #[must_use]
    pub fn id(&self) -> String {
        encode(self.owner.as_str(), &self.app)
    }

    /// What the app may do there for as long as it is installed: of the permissions consented to, those that are
    /// about such an owner. A consent names all that the definition asks for, be it for teams, chats or users.
    pub fn granted(&self) -> impl Iterator<Item = &ResourceSpecificPermission> {
        let kind = self.owner.kind();
        self.consented.iter().flatten().filter(move |permission| permission.is_about(kind))
    }

    /// Whether the app is still the one that was installed.
    #[must_use]
    pub fn belongs_to(&self, app: &TeamsApp) -> bool {
        self.app == app.id && self.incarnation == app.incarnation
    }
}

/// Who wants what, for [`install`], [`upgrade`] and [`uninstall`].
#[derive(Clone, Copy, Debug)]
pub struct InstallRequest<'a> {
    /// For whom, and what the caller is to them.
    pub access: &'a Access,
    /// The client that asks.
    pub client: &'a ClientId,
    /// What the client may do.
    pub scope: &'a Scope,
    /// `consentedPermissionSet`, if sent.
    pub consented: Option<&'a [ResourceSpecificPermission]>,
    /// What the administrators decided.
    pub tenant: &'a Tenant,
    /// The user for whom, where the tenant has special ones.
    pub user: Option<&'a User>,
}

impl InstallRequest<'_> {
    fn kind(&self) -> OwnerKind {
        self.access.owner.kind()
    }
}

/// What the owner has before an install.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a> {
    /// The installation of the same app id, be it of an app that was deleted since.
    pub same_app: Option<&'a TeamsAppInstallation>,
    /// No more installations than this, of whatever app.
    pub at_most: usize,
}

/// Installs the published definition of an app for an owner.
///
/// # Errors
/// [`Refusal::AppNotInstallable`], [`Refusal::ForeignApp`], [`Refusal::GuestUser`], [`Refusal::NoTeamsLicence`],
/// [`Refusal::BlockedByPolicy`], [`Refusal::AlreadyInstalled`], [`Refusal::ScopeNotInManifest`],
/// [`Refusal::ConsentDisabled`], [`Refusal::ConsentMismatch`] and [`Refusal::TooManyInstallations`].
pub fn install(
    entry: &CatalogEntry,
    held: Held<'_>,
    request: InstallRequest<'_>,
    now: Timestamp,
) -> Result<TeamsAppInstallation, Refusal> {
    let definition = installable(entry)?;
    let (app, access) = (&entry.app, request.access);
    if !request.scope.covers(access, app) {
        return Err(Refusal::ForeignApp { client: request.client.clone(), app: app.id.clone() });
    }
    check_user(request)?;
    check_policy(app, request)?;
    if held.same_app.is_some_and(|installed| installed.belongs_to(app)) {
        return Err(Refusal::AlreadyInstalled { app: app.id.clone(), owner: access.owner.clone() });
    }
    check_scope(definition, request)?;
    check_consent(entry, definition, request)?;
    if held.at_most >= MAX_INSTALLATIONS_PER_OWNER {
        return Err(Refusal::TooManyInstallations);
    }
    Ok(TeamsAppInstallation {
        owner: access.owner.clone(),
        app: app.id.clone(),
        incarnation: app.incarnation,
        version: definition.version.clone(),
        consented: request.consented.map(|_| definition.required_permissions.clone()),
        preinstalled: false,
        installed_at: now,
    })
}

/// Brings an installation to the published definition, and replaces what was consented to; none = nothing to write,
/// it is there already and nothing else was consented to.
///
/// # Errors
/// [`Refusal::NotInstalled`] when the installation is out of the caller's reach, [`Refusal::PermanentApp`],
/// [`Refusal::AppNotInstallable`], [`Refusal::BlockedByPolicy`], [`Refusal::ScopeNotInManifest`],
/// [`Refusal::ConsentDisabled`] and [`Refusal::ConsentMismatch`].
pub fn upgrade(
    entry: &CatalogEntry,
    installation: &TeamsAppInstallation,
    request: InstallRequest<'_>,
) -> Result<Option<TeamsAppInstallation>, Refusal> {
    let app = &entry.app;
    check_reach(app, installation, request)?;
    if app.permanent {
        return Err(Refusal::PermanentApp { app: app.id.clone(), wish: PermanentWish::Upgrade });
    }
    let definition = installable(entry)?;
    check_policy(app, request)?;
    let there = installation.version == definition.version;
    if there && request.consented.is_none() {
        return Ok(None);
    }
    check_scope(definition, request)?;
    check_consent(entry, definition, request)?;
    let upgraded = TeamsAppInstallation {
        version: definition.version.clone(),
        consented: request.consented.map(|_| definition.required_permissions.clone()),
        ..installation.clone()
    };
    Ok((upgraded != *installation).then_some(upgraded))
}

/// Whether an installation may be removed.
///
/// # Errors
/// [`Refusal::NotInstalled`] when the installation is out of the caller's reach, [`Refusal::Preinstalled`],
/// [`Refusal::PermanentApp`] and [`Refusal::GrantsNotRevocable`].
pub fn uninstall(
    app: &TeamsApp,
    installation: &TeamsAppInstallation,
    request: InstallRequest<'_>,
) -> Result<(), Refusal> {
    check_reach(app, installation, request)?;
    if app.permanent {
        return Err(Refusal::PermanentApp { app: app.id.clone(), wish: PermanentWish::Uninstall });
    }
    if installation.preinstalled {
        return Err(Refusal::Preinstalled);
    }
    if app.distribution_method == DistributionMethod::Sideloaded && installation.granted().any(is_by_app) {
        return Err(Refusal::GrantsNotRevocable);
    }
    Ok(())
}

/// What a permanent app refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PermanentWish {
    /// To be brought to another version.
    Upgrade,
    /// To be removed.
    Uninstall,
}

fn check_reach(
    app: &TeamsApp,
    installation: &TeamsAppInstallation,
    request: InstallRequest<'_>,
) -> Result<(), Refusal> {
    if installation.belongs_to(app) && request.scope.covers(request.access, app) {
        Ok(())
    } else {
        Err(Refusal::NotInstalled(request.kind()))
    }
}

fn check_user(request: InstallRequest<'_>) -> Result<(), Refusal> {
    match request.user {
        Some(user) if user.user_type == UserType::Guest => Err(Refusal::GuestUser),
        Some(user) if !user.has_teams_licence => Err(Refusal::NoTeamsLicence),
        Some(_) | None => Ok(()),
    }
}

fn check_scope(definition: &TeamsAppDefinition, request: InstallRequest<'_>) -> Result<(), Refusal> {
    let scope = request.kind();
    if definition.scopes.contains(scope.scope()) {
        Ok(())
    } else {
        Err(Refusal::ScopeNotInManifest { app: definition.app.clone(), scope })
    }
}

fn check_policy(app: &TeamsApp, request: InstallRequest<'_>) -> Result<(), Refusal> {
    let by_user = request.user.is_some_and(|user| user.policy.blocks(app));
    if !app.blocked && !by_user && !request.tenant.policy.blocks(app) {
        return Ok(());
    }
    Err(Refusal::BlockedByPolicy {
        tenant: request.tenant.id.clone(),
        user: request.access.owner.user().cloned(),
        app: app.id.clone(),
        method: app.distribution_method,
    })
}

fn installable(entry: &CatalogEntry) -> Result<&TeamsAppDefinition, Refusal> {
    match entry.app.distribution_method {
        DistributionMethod::Sideloaded => Err(Refusal::AppNotInstallable),
        DistributionMethod::Store | DistributionMethod::Organization => {
            entry.published.as_ref().ok_or(Refusal::AppNotInstallable)
        }
    }
}

/// The sent set must be the definition's; it may be left out when the definition asks for nothing on behalf of
/// the app itself. Only the `…AndConsent…` and `Manage…` permissions consent to the latter. The tenant's settings may
/// rule out every consent for users and for chats.
fn check_consent(
    entry: &CatalogEntry,
    definition: &TeamsAppDefinition,
    request: InstallRequest<'_>,
) -> Result<(), Refusal> {
    let required = &definition.required_permissions;
    let settings = &request.tenant.settings;
    let enabled = match request.kind() {
        OwnerKind::User => settings.is_user_personal_scope_resource_specific_consent_enabled,
        OwnerKind::Chat => settings.is_chat_resource_specific_consent_enabled,
        OwnerKind::Team => true,
    };
    if !enabled && !required.is_empty() {
        return Err(Refusal::ConsentDisabled(request.kind()));
    }
    let by_app = required.iter().any(is_by_app);
    let same = |sent: &[ResourceSpecificPermission]| {
        let within = |a: &[ResourceSpecificPermission], b: &[ResourceSpecificPermission]| {
            a.iter().all(|p| b.iter().any(|q| q.is(p)))
        };
        within(sent, required) && within(required, sent)
    };
    let sent_fits = request.consented.map_or(!by_app, same);
    let may_consent = !by_app || request.scope.may_consent(request.access, &entry.app);
    if sent_fits && may_consent { Ok(()) } else { Err(Refusal::ConsentMismatch) }
}

fn is_by_app(permission: &ResourceSpecificPermission) -> bool {
    permission.kind == ResourceSpecificPermissionType::Application
}

#[cfg(test)]
mod tests;
