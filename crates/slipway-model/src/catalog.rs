//! The app catalog: apps, their definitions (versions), and the rules of publishing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use crate::{AppVersion, Refusal, TeamsAppId, UserId};

/// How an app came into the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DistributionMethod {
    /// Microsoft's public store; `teamsApp.id` is the manifest's id and `externalId` is null.
    Store,
    /// Published to the tenant's catalog through the API.
    Organization,
    /// Uploaded to one user, team or chat; Graph lists it and cannot install it.
    Sideloaded,
}

impl DistributionMethod {
    /// Graph's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Organization => "organization",
            Self::Sideloaded => "sideloaded",
        }
    }

    /// Reads Graph's word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Store, Self::Organization, Self::Sideloaded].into_iter().find(|m| m.as_str() == text)
    }
}

/// Where a definition stands on its way into the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublishingState {
    /// Waits for an administrator.
    Submitted,
    /// Turned down by an administrator.
    Rejected,
    /// In the catalog.
    Published,
}

impl PublishingState {
    /// Graph's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Rejected => "rejected",
            Self::Published => "published",
        }
    }

    /// The word in definition ids, which is in Pascal case there.
    #[must_use]
    pub const fn as_id_part(self) -> &'static str {
        match self {
            Self::Submitted => "Submitted",
            Self::Rejected => "Rejected",
            Self::Published => "Published",
        }
    }

    /// Reads Graph's word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Submitted, Self::Rejected, Self::Published].into_iter().find(|s| s.as_str() == text)
    }
}

/// The flags `team` 1, `groupChat` 2 and `personal` 4 of Graph's `teamsAppInstallationScopes`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InstallationScopes(u8);

impl InstallationScopes {
    /// No scope.
    pub const NONE: Self = Self(0);
    /// Teams and their channels.
    pub const TEAM: Self = Self(1);
    /// Group and meeting chats.
    pub const GROUP_CHAT: Self = Self(2);
    /// One user.
    pub const PERSONAL: Self = Self(4);

    const NAMED: [(Self, &'static str); 3] =
        [(Self::TEAM, "team"), (Self::GROUP_CHAT, "groupChat"), (Self::PERSONAL, "personal")];

    /// Both together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all flags of `other` are set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// One scope by the name that manifests and Graph use, without case (`groupchat` is found in the wild).
    #[must_use]
    pub fn parse_one(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(scope, _)| *scope)
    }

    /// Names of the set flags in Graph's order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMED.into_iter().filter(move |(scope, _)| self.contains(*scope)).map(|(_, name)| name)
    }
}

impl From<InstallationScopes> for u32 {
    /// Graph's flag values together.
    fn from(scopes: InstallationScopes) -> Self {
        scopes.0.into()
    }
}

/// Who exercises a resource-specific permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceSpecificPermissionType {
    /// The app on its own.
    Application,
    /// The app for the signed-in user.
    Delegated,
}

impl ResourceSpecificPermissionType {
    /// Graph's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Delegated => "delegated",
        }
    }

    /// Reads the word without case: Microsoft's own examples write `Application`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Application, Self::Delegated].into_iter().find(|t| t.as_str().eq_ignore_ascii_case(text))
    }
}

/// A permission that an app asks for on the one resource where it is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceSpecificPermission {
    /// Name, such as `TeamsActivity.Send.User`.
    pub value: String,
    /// Who exercises it.
    pub kind: ResourceSpecificPermissionType,
}

impl ResourceSpecificPermission {
    /// Same permission: names compare without case.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.kind == other.kind && self.value.eq_ignore_ascii_case(&other.value)
    }
}

/// `base64({teamsApp.id}##{version}##{State})`, the id of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionId(pub String);

/// A card of the manifest: Graph's `teamsAppDashboardCardDefinition`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DashboardCard {
    /// The manifest's `id`.
    pub id: String,
    /// Name for people.
    pub display_name: String,
    /// What it shows.
    pub description: String,
    /// Which group of the picker it stands in.
    pub picker_group_id: String,
    /// `medium` or `large`.
    pub default_size: String,
    /// Address of its icon.
    pub icon_url: Option<String>,
    /// Name of its icon in Office UI Fabric.
    pub office_ui_fabric_icon_name: Option<String>,
    /// The bot that fills it.
    pub bot_id: Option<String>,
}

/// One version of an app: Graph's `teamsAppDefinition`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamsAppDefinition {
    /// The app it belongs to.
    pub app: TeamsAppId,
    /// The manifest's `id`, as written there.
    pub external_id: String,
    /// The manifest's `version`.
    pub version: AppVersion,
    /// The manifest's `name.short`.
    pub display_name: String,
    /// The manifest's `description.short`.
    pub short_description: String,
    /// The manifest's `description.full`.
    pub description: String,
    /// The manifest's `webApplicationInfo.id`.
    pub azure_ad_app_id: Option<String>,
    /// The manifest's `bots[0].botId`.
    pub bot_id: Option<String>,
    /// Where the app can be installed.
    pub scopes: InstallationScopes,
    /// Resource-specific permissions that the app asks for.
    pub required_permissions: Vec<ResourceSpecificPermission>,
    /// The manifest's `dashboardCards`.
    pub dashboard_cards: Vec<DashboardCard>,
    /// Where it stands.
    pub state: PublishingState,
    /// Who sent it in; none for definitions of a seed that does not say it.
    pub created_by: Option<UserId>,
    /// When it was sent in.
    pub created_at: Timestamp,
}

impl TeamsAppDefinition {
    /// The three-part id that catalog answers carry.
    #[must_use]
    pub fn id(&self) -> DefinitionId {
        let plain = format!("{}##{}##{}", self.app, self.version, self.state.as_id_part());
        DefinitionId(STANDARD.encode(plain))
    }
}

/// An app of the catalog: Graph's `teamsApp`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamsApp {
    /// Made by the server for organization apps, the manifest's id for store apps.
    pub id: TeamsAppId,
    /// The manifest's id; none for store apps.
    pub external_id: Option<String>,
    /// Name of the published definition, or of the newest if none is published.
    pub display_name: String,
    /// How it came here.
    pub distribution_method: DistributionMethod,
    /// `webApplicationInfo.id` of the same definition: whose app it is for the `Self` permissions.
    pub azure_ad_app_id: Option<String>,
    /// Version that is published, if one is; installs and upgrades go there.
    pub published: Option<AppVersion>,
    /// Whether Microsoft pinned it, so that it is neither upgraded nor removed.
    pub permanent: bool,
    /// Whether the administrators blocked it for everyone.
    pub blocked: bool,
    /// Drawn when the entry is made, so that installations of a deleted app do not belong to a later
    /// entry with the same id.
    pub incarnation: u64,
    /// When the entry was made.
    pub created_at: Timestamp,
}

/// Most definitions that one app may have: an app and all of them, two rows each, go into one commit.
pub const MAX_VERSIONS_PER_APP: usize = 400;

/// What is known of an app's versions when another one is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Whether there is a definition of the version that is sent, in whatever state.
    pub this_version: bool,
    /// How many definitions there are, counted up to [`MAX_VERSIONS_PER_APP`].
    pub versions: usize,
}

/// An app with the definition that is published, as one snapshot shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogEntry {
    /// The app.
    pub app: TeamsApp,
    /// Its published definition, if it has one.
    pub published: Option<TeamsAppDefinition>,
}

impl CatalogEntry {
    /// A new organization app whose first definition is published at once.
    #[must_use]
    pub fn publish(definition: TeamsAppDefinition, incarnation: u64) -> Self {
        Self {
            app: TeamsApp {
                id: definition.app.clone(),
                external_id: Some(definition.external_id.clone()),
                display_name: definition.display_name.clone(),
                distribution_method: DistributionMethod::Organization,
                azure_ad_app_id: definition.azure_ad_app_id.clone(),
                published: Some(definition.version.clone()),
                permanent: false,
                blocked: false,
                incarnation,
                created_at: definition.created_at,
            },
            published: Some(definition),
        }
    }

    /// The entry after a new version was published without review.
    ///
    /// # Errors
    /// [`Refusal::NotAnOrganizationApp`], [`Refusal::OtherManifestId`] when the package is another app's,
    /// [`Refusal::AlreadyPublished`], [`Refusal::VersionNotIncremented`] and [`Refusal::TooManyVersions`].
    pub fn publish_version(&self, known: Known, definition: TeamsAppDefinition) -> Result<Self, Refusal> {
        self.may_change()?;
        let external_id = self.app.external_id.as_deref().unwrap_or_default();
        if !external_id.eq_ignore_ascii_case(&definition.external_id) {
            let known = external_id.to_owned();
            return Err(Refusal::OtherManifestId { known, sent: definition.external_id });
        }
        if known.this_version {
            let (app, by) = (Box::new(self.app.clone()), definition.created_by);
            return Err(Refusal::AlreadyPublished { app, by });
        }
        if let Some(current) =
            self.app.published.as_ref().filter(|current| !definition.version.is_higher_than(current))
        {
            let (current, sent) = (current.clone(), definition.version);
            return Err(Refusal::VersionNotIncremented { current, sent });
        }
        if known.versions >= MAX_VERSIONS_PER_APP {
            return Err(Refusal::TooManyVersions);
        }
        let app = TeamsApp {
            display_name: definition.display_name.clone(),
            azure_ad_app_id: definition.azure_ad_app_id.clone(),
            published: Some(definition.version.clone()),
            ..self.app.clone()
        };
        Ok(Self { app, published: Some(definition) })
    }

    /// Whether the tenant may update or delete the app.
    ///
    /// # Errors
    /// [`Refusal::NotAnOrganizationApp`] for store and sideloaded apps.
    pub fn may_change(&self) -> Result<(), Refusal> {
        if self.app.distribution_method == DistributionMethod::Organization {
            Ok(())
        } else {
            Err(Refusal::NotAnOrganizationApp(self.app.id.clone()))
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn definition(version: &str) -> TeamsAppDefinition {
        TeamsAppDefinition {
            app: TeamsAppId::parse("app-1").unwrap(),
            external_id: "B0E1".into(),
            version: AppVersion::new(version),
            display_name: format!("Polls {version}"),
            short_description: "short".into(),
            description: "full".into(),
            azure_ad_app_id: Some("a002".into()),
            bot_id: None,
            scopes: InstallationScopes::PERSONAL,
            required_permissions: vec![],
            dashboard_cards: vec![],
            state: PublishingState::Published,
            created_by: None,
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn scopes_print_in_graphs_order() {
        let scopes = InstallationScopes::PERSONAL.with(InstallationScopes::TEAM);
        assert_eq!(scopes.names().collect::<Vec<_>>(), ["team", "personal"]);
        assert_eq!(InstallationScopes::parse_one("groupchat"), Some(InstallationScopes::GROUP_CHAT));
        assert_eq!(InstallationScopes::parse_one("copilot"), None);
    }

    #[test]
    fn definition_ids_have_three_parts() {
        let mut definition = definition("1.1.8");
        definition.app = TeamsAppId::parse("a761ad07-22ef-4a53-9feb-2837c8ad4a84").unwrap();
        let plain = STANDARD.decode(definition.id().0).unwrap();
        assert_eq!(plain, b"a761ad07-22ef-4a53-9feb-2837c8ad4a84##1.1.8##Published");
    }

    #[test]
    fn a_new_version_replaces_the_published_one() {
        let entry = CatalogEntry::publish(definition("1.0.0"), 7);
        let known = Known { this_version: false, versions: 1 };
        let next = entry.publish_version(known, definition("1.10.0")).unwrap();
        assert_eq!(next.app.published, Some(AppVersion::new("1.10.0")));
        assert_eq!(next.app.display_name, "Polls 1.10.0");
        assert_eq!(next.app.incarnation, 7);
        let lower = next.publish_version(known, definition("1.9.0"));
        assert!(matches!(lower, Err(Refusal::VersionNotIncremented { .. })));
        let there = Known { this_version: true, versions: 2 };
        let same = next.publish_version(there, definition("1.10.0"));
        assert!(matches!(same, Err(Refusal::AlreadyPublished { .. })));
        let full = Known { this_version: false, versions: MAX_VERSIONS_PER_APP };
        assert_eq!(next.publish_version(full, definition("2.0.0")), Err(Refusal::TooManyVersions));
    }

    #[test]
    fn only_organization_apps_of_the_same_manifest_id_change() {
        let entry = CatalogEntry::publish(definition("1.0.0"), 7);
        let other = TeamsAppDefinition { external_id: "ffff".into(), ..definition("2.0.0") };
        let known = Known { this_version: false, versions: 1 };
        assert!(matches!(entry.publish_version(known, other), Err(Refusal::OtherManifestId { .. })));
        let mut store = entry;
        store.app.distribution_method = DistributionMethod::Store;
        assert!(matches!(store.may_change(), Err(Refusal::NotAnOrganizationApp(_))));
    }
}
