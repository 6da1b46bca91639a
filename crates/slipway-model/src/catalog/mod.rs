//! The app catalog: apps, their definitions (versions), and the rules of publishing.

use jiff::Timestamp;

use crate::{AppVersion, OwnerKind, TeamsAppId};

mod definition;
mod publishing;

pub use definition::{DashboardCard, DefinitionId, InvalidDefinitionId, PublishingState, TeamsAppDefinition};
pub use publishing::{Author, MAX_VERSIONS_PER_APP, Verdict};

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

    /// Whether it is about owners of this kind, as all names say at their end ("Resource-specific consent").
    #[must_use]
    pub fn is_about(&self, kind: OwnerKind) -> bool {
        let resource = match kind {
            OwnerKind::User => "User",
            OwnerKind::Team => "Group",
            OwnerKind::Chat => "Chat",
        };
        self.value.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case(resource))
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

/// An app with the definition that is published, as one snapshot shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogEntry {
    /// The app.
    pub app: TeamsApp,
    /// Its published definition, if it has one.
    pub published: Option<TeamsAppDefinition>,
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
}
