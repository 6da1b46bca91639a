//! Installations in the personal scope, and the rules of install and upgrade.

use std::fmt;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::Timestamp;

use crate::{
    AppVersion, CatalogEntry, ClientId, DistributionMethod, Id, InstallationScopes, Refusal,
    ResourceSpecificPermission, ResourceSpecificPermissionType, Scope, TeamsApp, TeamsAppDefinition,
    TeamsAppId, UserId,
};

/// Most installations that one owner may hold; a list is read whole, so it must stay small.
pub const MAX_INSTALLATIONS_PER_OWNER: usize = 2_000;

/// `base64({owner id}##{teamsApp.id})`, the id of an installation. It names no version, so it survives upgrades
/// and is the same after a reinstall. (Decoded from every id in Microsoft's documentation.)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstallationId {
    /// The user's id.
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

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, LENIENT);

impl InstallationId {
    /// Reads an id; padding may be missing and the URL-safe alphabet is taken too.
    ///
    /// # Errors
    /// [`InvalidInstallationId`] when the text is not base64, not `{owner}##{app}`, or a part is no id.
    pub fn parse(text: &str) -> Result<Self, InvalidInstallationId> {
        let alphabet = if text.contains(['-', '_']) { URL_SAFE } else { STANDARD };
        let plain = alphabet.decode(text).map_err(|_| InvalidInstallationId)?;
        let plain = std::str::from_utf8(&plain).map_err(|_| InvalidInstallationId)?;
        let (owner, app) = plain.split_once("##").ok_or(InvalidInstallationId)?;
        match (Id::parse(owner), TeamsAppId::parse(app)) {
            (Ok(owner), Ok(app)) => Ok(Self { owner, app }),
            _ => Err(InvalidInstallationId),
        }
    }

    /// Whether the installation belongs to this user.
    #[must_use]
    pub fn is_of(&self, user: &UserId) -> bool {
        self.owner.as_str().eq_ignore_ascii_case(user.as_str())
    }
}

impl fmt::Display for InstallationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode(self.owner.as_str(), &self.app))
    }
}

fn encode(owner: &str, app: &TeamsAppId) -> String {
    STANDARD.encode(format!("{owner}##{app}"))
}

/// An app installed for a user: Graph's `userScopeTeamsAppInstallation`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamsAppInstallation {
    /// Whose it is.
    pub owner: UserId,
    /// Which app.
    pub app: TeamsAppId,
    /// The app's incarnation when it was installed; another one means that the app was deleted since.
    pub incarnation: u64,
    /// Which version is installed.
    pub version: AppVersion,
    /// Resource-specific permissions consented to at the last install or upgrade, if any were sent.
    pub consented: Option<Vec<ResourceSpecificPermission>>,
    /// When it was installed; lists are in this order.
    pub installed_at: Timestamp,
}

impl TeamsAppInstallation {
    /// The text of its [`InstallationId`].
    #[must_use]
    pub fn id(&self) -> String {
        encode(self.owner.as_str(), &self.app)
    }

    /// Whether the app is still the one that was installed.
    #[must_use]
    pub fn belongs_to(&self, app: &TeamsApp) -> bool {
        self.app == app.id && self.incarnation == app.incarnation
    }
}

/// Who wants what, for [`install`] and [`upgrade`].
#[derive(Clone, Copy, Debug)]
pub struct InstallRequest<'a> {
    /// The user for whom.
    pub owner: &'a UserId,
    /// The client that asks.
    pub client: &'a ClientId,
    /// What the client may do.
    pub scope: &'a Scope,
    /// `consentedPermissionSet`, if sent.
    pub consented: Option<&'a [ResourceSpecificPermission]>,
}

/// What the owner has before an install.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a> {
    /// The installation of the same app id, be it of an app that was deleted since.
    pub same_app: Option<&'a TeamsAppInstallation>,
    /// No more installations than this, of whatever app.
    pub at_most: usize,
}

/// Installs the published definition of an app for a user.
///
/// # Errors
/// [`Refusal::AppNotInstallable`], [`Refusal::ForeignApp`], [`Refusal::AlreadyInstalled`],
/// [`Refusal::NoPersonalScope`], [`Refusal::ConsentMismatch`] and [`Refusal::TooManyInstallations`].
pub fn install(
    entry: &CatalogEntry,
    held: Held<'_>,
    request: InstallRequest<'_>,
    now: Timestamp,
) -> Result<TeamsAppInstallation, Refusal> {
    let definition = installable(entry)?;
    if !request.scope.covers(request.owner, &entry.app) {
        return Err(Refusal::ForeignApp { client: request.client.clone(), app: entry.app.id.clone() });
    }
    if held.same_app.is_some_and(|installed| installed.belongs_to(&entry.app)) {
        return Err(Refusal::AlreadyInstalled(entry.app.id.clone()));
    }
    if !definition.scopes.contains(InstallationScopes::PERSONAL) {
        return Err(Refusal::NoPersonalScope(entry.app.id.clone()));
    }
    check_consent(entry, definition, request)?;
    if held.at_most >= MAX_INSTALLATIONS_PER_OWNER {
        return Err(Refusal::TooManyInstallations);
    }
    Ok(TeamsAppInstallation {
        owner: request.owner.clone(),
        app: entry.app.id.clone(),
        incarnation: entry.app.incarnation,
        version: definition.version.clone(),
        consented: request.consented.map(<[_]>::to_vec),
        installed_at: now,
    })
}

/// Brings an installation to the published definition; none = it is there already, nothing to write.
///
/// # Errors
/// [`Refusal::AppNotInstallable`], [`Refusal::NotInstalled`] when the installation is out of the caller's reach
/// and [`Refusal::ConsentMismatch`].
pub fn upgrade(
    entry: &CatalogEntry,
    installation: &TeamsAppInstallation,
    request: InstallRequest<'_>,
) -> Result<Option<TeamsAppInstallation>, Refusal> {
    if !installation.belongs_to(&entry.app) || !request.scope.covers(request.owner, &entry.app) {
        return Err(Refusal::NotInstalled);
    }
    let definition = installable(entry)?;
    if installation.version == definition.version {
        return Ok(None);
    }
    check_consent(entry, definition, request)?;
    Ok(Some(TeamsAppInstallation {
        version: definition.version.clone(),
        consented: request.consented.map(<[_]>::to_vec),
        ..installation.clone()
    }))
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
/// the app itself. Only the `…AndConsent…` and `Manage…` permissions consent to the latter.
fn check_consent(
    entry: &CatalogEntry,
    definition: &TeamsAppDefinition,
    request: InstallRequest<'_>,
) -> Result<(), Refusal> {
    let required = &definition.required_permissions;
    let by_app = required.iter().any(|p| p.kind == ResourceSpecificPermissionType::Application);
    let same = |sent: &[ResourceSpecificPermission]| {
        let within = |a: &[ResourceSpecificPermission], b: &[ResourceSpecificPermission]| {
            a.iter().all(|p| b.iter().any(|q| q.is(p)))
        };
        within(sent, required) && within(required, sent)
    };
    let sent_fits = request.consented.map_or(!by_app, same);
    let may_consent = !by_app || request.scope.may_consent(request.owner, &entry.app);
    if sent_fits && may_consent { Ok(()) } else { Err(Refusal::ConsentMismatch) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::catalog::tests::definition;
    use crate::scope::Grant;
    use crate::{Apps, Owners};

    const DOCUMENTED: &str = "ZjMyYjgzYmItNGZjOC00ZGI3LWI3ZjUtNzZjZGJiYjhhYTFjIyMyMmY3M2JiZS1mNjdhLTRkZWEtYmQ1NC01NGNhYzcxOGNiMmI=";

    #[test]
    fn reads_and_writes_the_documented_id() {
        let id = InstallationId::parse(DOCUMENTED).unwrap();
        assert_eq!(id.owner.as_str(), "f32b83bb-4fc8-4db7-b7f5-76cdbbb8aa1c");
        assert_eq!(id.app.as_str(), "22f73bbe-f67a-4dea-bd54-54cac718cb2b");
        assert_eq!(id.to_string(), DOCUMENTED);
        assert_eq!(InstallationId::parse(DOCUMENTED.trim_end_matches('=')), Ok(id));
    }

    #[test]
    fn what_is_no_installation_id() {
        for text in ["", "22f73bbe-f67a-4dea-bd54-54cac718cb2b", "YWJj", "IyM=", "YSMj", "!!", "YSMjYiMjYw=="]
        {
            assert!(InstallationId::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn ids_survive_the_round_trip(owner in "[A-Za-z0-9._:@-]{1,128}", app in "[A-Za-z0-9._:@-]{1,128}") {
            let id = InstallationId { owner: Id::parse(&owner).unwrap(), app: TeamsAppId::parse(&app).unwrap() };
            prop_assert_eq!(InstallationId::parse(&id.to_string()), Ok(id.clone()));
            let safe = id.to_string().replace('+', "-").replace('/', "_");
            prop_assert_eq!(InstallationId::parse(&safe), Ok(id));
        }

        #[test]
        fn any_text_is_read_without_panic(text in ".*") {
            let _ = InstallationId::parse(&text);
        }
    }

    fn scope(apps: Apps, consent: bool) -> Scope {
        Scope::of(vec![Grant { owners: Owners::Any, apps, consent }])
    }

    fn permission(value: &str, kind: ResourceSpecificPermissionType) -> ResourceSpecificPermission {
        ResourceSpecificPermission { value: value.into(), kind }
    }

    fn try_install(
        entry: &CatalogEntry,
        scope: &Scope,
        consented: Option<&[ResourceSpecificPermission]>,
    ) -> Result<TeamsAppInstallation, Refusal> {
        let (owner, client) = (UserId::parse("u").unwrap(), ClientId::parse("c").unwrap());
        let request = InstallRequest { owner: &owner, client: &client, scope, consented };
        install(entry, Held { same_app: None, at_most: 0 }, request, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn what_the_owner_has_counts() {
        let entry = CatalogEntry::publish(definition("1.0.0"), 7);
        let any = scope(Apps::Any, true);
        let installed = try_install(&entry, &any, None).unwrap();
        let (owner, client) = (UserId::parse("u").unwrap(), ClientId::parse("c").unwrap());
        let request = InstallRequest { owner: &owner, client: &client, scope: &any, consented: None };
        let again = |entry: &CatalogEntry, at_most| {
            install(entry, Held { same_app: Some(&installed), at_most }, request, Timestamp::UNIX_EPOCH)
        };
        let full = MAX_INSTALLATIONS_PER_OWNER;
        assert!(matches!(again(&entry, full), Err(Refusal::AlreadyInstalled(_))));
        let later = CatalogEntry::publish(definition("1.0.0"), 8);
        assert!(again(&later, 1).is_ok(), "the row is of an app that was deleted");
        assert_eq!(again(&later, full), Err(Refusal::TooManyInstallations));
    }

    #[test]
    fn installs_the_published_definition() {
        let entry = CatalogEntry::publish(definition("1.0.0"), 7);
        let installed = try_install(&entry, &scope(Apps::Any, false), None).unwrap();
        assert_eq!(installed.version, AppVersion::new("1.0.0"));
        assert!(installed.belongs_to(&entry.app));
        let again = CatalogEntry::publish(definition("1.0.0"), 8);
        assert!(!installed.belongs_to(&again.app));
    }

    #[test]
    fn refuses_what_cannot_be_installed() {
        let any = scope(Apps::Any, true);
        let entry = CatalogEntry::publish(definition("1.0.0"), 7);
        let unpublished = CatalogEntry { published: None, ..entry.clone() };
        assert_eq!(try_install(&unpublished, &any, None), Err(Refusal::AppNotInstallable));
        let mut sideloaded = entry.clone();
        sideloaded.app.distribution_method = DistributionMethod::Sideloaded;
        assert_eq!(try_install(&sideloaded, &any, None), Err(Refusal::AppNotInstallable));
        let mut team_only = entry.clone();
        team_only.published.as_mut().unwrap().scopes = InstallationScopes::TEAM;
        assert!(matches!(try_install(&team_only, &any, None), Err(Refusal::NoPersonalScope(_))));
        let foreign = scope(Apps::OwnedBy(ClientId::parse("a999").unwrap()), true);
        assert!(matches!(try_install(&entry, &foreign, None), Err(Refusal::ForeignApp { .. })));
    }

    #[test]
    fn consent_is_the_exact_set() {
        use ResourceSpecificPermissionType::{Application, Delegated};
        let mut entry = CatalogEntry::publish(definition("1.0.0"), 7);
        let (send, read) = (permission("A.Send.User", Application), permission("B.Read.User", Delegated));
        entry.published.as_mut().unwrap().required_permissions = vec![send.clone(), read.clone()];
        let consenting = scope(Apps::Any, true);
        let both = [permission("b.read.user", Delegated), permission("a.send.USER", Application)];
        assert!(try_install(&entry, &consenting, Some(&both)).is_ok());
        for wrong in [None, Some(&both[..1]), Some(&[][..])] {
            assert_eq!(try_install(&entry, &consenting, wrong), Err(Refusal::ConsentMismatch));
        }
        let extra = [send.clone(), read.clone(), permission("C", Delegated)];
        assert_eq!(try_install(&entry, &consenting, Some(&extra)), Err(Refusal::ConsentMismatch));
        let plain = scope(Apps::Any, false);
        assert_eq!(try_install(&entry, &plain, Some(&both)), Err(Refusal::ConsentMismatch));

        entry.published.as_mut().unwrap().required_permissions = vec![read];
        assert!(try_install(&entry, &plain, None).is_ok());
        assert_eq!(try_install(&entry, &plain, Some(&[send])), Err(Refusal::ConsentMismatch));
    }

    #[test]
    fn upgrade_goes_to_the_published_version_once() {
        let any = scope(Apps::Any, false);
        let old = CatalogEntry::publish(definition("1.0.0"), 7);
        let installed = try_install(&old, &any, None).unwrap();
        let known = crate::Known { this_version: false, versions: 1 };
        let new = old.publish_version(known, definition("1.1.0")).unwrap();
        let (owner, client) = (UserId::parse("u").unwrap(), ClientId::parse("c").unwrap());
        let request = InstallRequest { owner: &owner, client: &client, scope: &any, consented: None };
        let upgraded = upgrade(&new, &installed, request).unwrap().unwrap();
        assert_eq!(upgraded.version, AppVersion::new("1.1.0"));
        assert_eq!(upgraded.id(), installed.id());
        assert_eq!(upgrade(&new, &upgraded, request), Ok(None));
        let other = CatalogEntry::publish(definition("1.1.0"), 8);
        assert_eq!(upgrade(&other, &installed, request), Err(Refusal::NotInstalled));
    }
}
