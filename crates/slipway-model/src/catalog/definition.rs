//! Definitions, the versions of an app, and their ids.

use std::fmt;

use jiff::Timestamp;

use super::{InstallationScopes, ResourceSpecificPermission};
use crate::{AppVersion, TeamsAppId, UserId, base64_id};

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
    const fn as_id_part(self) -> &'static str {
        match self {
            Self::Submitted => "Submitted",
            Self::Rejected => "Rejected",
            Self::Published => "Published",
        }
    }

    const ALL: [Self; 3] = [Self::Submitted, Self::Rejected, Self::Published];

    /// Reads Graph's word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Reads the word of definition ids.
    fn parse_id_part(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_id_part() == text)
    }
}

/// `base64({teamsApp.id}##{version}##{State})`, the id of a definition. It changes with the state. Definitions of
/// installations are also seen without the state in Microsoft's documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionId {
    /// The app's catalog id.
    pub app: TeamsAppId,
    /// Which version of it.
    pub version: AppVersion,
    /// The state that the definition must be in, if the id says one.
    pub state: Option<PublishingState>,
}

/// Text that is no definition id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidDefinitionId;

impl fmt::Display for InvalidDefinitionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not base64 of '{app}##{version}##{State}'")
    }
}

impl std::error::Error for InvalidDefinitionId {}

impl DefinitionId {
    /// Reads an id of two or three parts; padding may be missing and the URL-safe alphabet is taken too.
    ///
    /// # Errors
    /// [`InvalidDefinitionId`] when the text is not base64, has other parts, or a part is none.
    pub fn parse(text: &str) -> Result<Self, InvalidDefinitionId> {
        let plain = base64_id::decode(text).ok_or(InvalidDefinitionId)?;
        let mut parts = plain.split("##");
        let (Some(app), Some(version)) = (parts.next(), parts.next()) else {
            return Err(InvalidDefinitionId);
        };
        let state = parts.next().map(|word| PublishingState::parse_id_part(word).ok_or(InvalidDefinitionId));
        if version.is_empty() || parts.next().is_some() {
            return Err(InvalidDefinitionId);
        }
        let app = TeamsAppId::parse(app).map_err(|_| InvalidDefinitionId)?;
        Ok(Self { app, version: AppVersion::new(version), state: state.transpose()? })
    }

    /// Whether it is this definition, in the state in which it is now.
    #[must_use]
    pub fn is_of(&self, definition: &TeamsAppDefinition) -> bool {
        self.app == definition.app
            && self.version == definition.version
            && self.state.is_none_or(|state| state == definition.state)
    }
}

impl fmt::Display for DefinitionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { app, version, state } = self;
        let state = state.map_or(String::new(), |state| format!("##{}", state.as_id_part()));
        f.write_str(&base64_id::encode(&format!("{app}##{version}{state}")))
    }
}

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
    /// The text of its [`DefinitionId`], with the state.
    #[must_use]
    pub fn id(&self) -> String {
        let (app, version) = (self.app.clone(), self.version.clone());
        DefinitionId { app, version, state: Some(self.state) }.to_string()
    }

    /// Whether its app is one of the store: only there the manifest's id is the app's.
    #[must_use]
    pub fn is_of_store(&self) -> bool {
        self.app.as_str().eq_ignore_ascii_case(&self.external_id)
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::*;
    use crate::catalog::tests::definition;

    const APP: &str = "a761ad07-22ef-4a53-9feb-2837c8ad4a84";

    fn submitted() -> TeamsAppDefinition {
        TeamsAppDefinition {
            app: TeamsAppId::parse(APP).unwrap(),
            state: PublishingState::Submitted,
            ..definition("1.1.8")
        }
    }

    #[test]
    fn an_id_is_that_of_microsofts_sample() {
        let sample = "YTc2MWFkMDctMjJlZi00YTUzLTlmZWItMjgzN2M4YWQ0YTg0IyMxLjEuOCMjU3VibWl0dGVk";
        assert_eq!(submitted().id(), sample);
        assert!(DefinitionId::parse(sample).unwrap().is_of(&submitted()));
    }

    #[test]
    fn an_id_of_another_state_is_of_no_definition() {
        let rejected = TeamsAppDefinition { state: PublishingState::Rejected, ..submitted() };
        assert!(!DefinitionId::parse(&rejected.id()).unwrap().is_of(&submitted()));
        let two_parts = DefinitionId::parse(&STANDARD.encode(format!("{APP}##1.1.8"))).unwrap();
        assert!(two_parts.is_of(&submitted()) && two_parts.is_of(&rejected));
        assert!(!two_parts.is_of(&TeamsAppDefinition { version: AppVersion::new("1.1.9"), ..submitted() }));
    }

    #[test]
    fn what_is_no_id() {
        let plain = |text: &str| STANDARD.encode(text);
        for text in [
            "",
            "%%%",
            APP,
            &plain(APP),
            &plain(&format!("{APP}##")),
            &plain("a b##1.0"),
            &plain(&format!("{APP}##1.0##Gone")),
            &plain(&format!("{APP}##1.0##Submitted##1")),
            &STANDARD.encode([0xFF, 0xFE]),
        ] {
            assert_eq!(DefinitionId::parse(text), Err(InvalidDefinitionId), "{text}");
        }
    }

    proptest! {
        #[test]
        fn ids_are_read_as_they_are_written(app in "[A-Za-z0-9._:@-]{1,128}", version in "[0-9.]{1,20}", n in 0..4_usize) {
            use PublishingState::{Published, Rejected, Submitted};
            let state = [None, Some(Submitted), Some(Rejected), Some(Published)][n];
            let (app, version) = (TeamsAppId::parse(&app).unwrap(), AppVersion::new(&version));
            let id = DefinitionId { app, version, state };
            let text = id.to_string();
            let url_safe = URL_SAFE_NO_PAD.encode(STANDARD.decode(&text).unwrap());
            prop_assert_eq!(DefinitionId::parse(&text), Ok(id.clone()));
            prop_assert_eq!(DefinitionId::parse(text.trim_end_matches('=')), Ok(id.clone()));
            prop_assert_eq!(DefinitionId::parse(&url_safe), Ok(id));
        }
    }
}
