//! Versions of apps.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use slipway_model::{
    AppVersion, DashboardCard, InstallationScopes, PublishingState, TeamsAppDefinition, TeamsAppId, UserId,
};

use super::app;
use super::permission::{self, PermissionDocument};
use crate::key::{Key, KeyWriter, Partition, Range};
use crate::kind::Kind;
use crate::record::{Record, Reference, Undecodable, Version};

/// Where the version stands.
#[must_use]
pub fn key(partition: &Partition, app: &TeamsAppId, version: &AppVersion) -> Key<TeamsAppDefinition> {
    KeyWriter::row(Kind::Definition, partition).text(&app.folded()).text(version.as_str()).into()
}

/// Every version of the app, in the order of the version's text, which is not the order of versions.
#[must_use]
pub fn of_app(partition: &Partition, app: &TeamsAppId) -> Range<TeamsAppDefinition> {
    KeyWriter::row(Kind::Definition, partition).text(&app.folded()).into()
}

/// Every version of every app, by app.
#[must_use]
pub fn all(partition: &Partition) -> Range<TeamsAppDefinition> {
    KeyWriter::row(Kind::Definition, partition).into()
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    v: Version<2>,
    #[serde(borrow)]
    app: Cow<'a, str>,
    #[serde(borrow)]
    external_id: Cow<'a, str>,
    #[serde(borrow)]
    version: Cow<'a, str>,
    #[serde(borrow)]
    display_name: Cow<'a, str>,
    #[serde(borrow)]
    short_description: Cow<'a, str>,
    #[serde(borrow)]
    description: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    azure_ad_app_id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bot_id: Option<Cow<'a, str>>,
    scopes: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    required_permissions: Vec<PermissionDocument<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    dashboard_cards: Vec<CardDocument<'a>>,
    #[serde(borrow)]
    state: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by: Option<Cow<'a, str>>,
    created_at: Timestamp,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct CardDocument<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    display_name: Cow<'a, str>,
    #[serde(borrow)]
    description: Cow<'a, str>,
    #[serde(borrow)]
    picker_group_id: Cow<'a, str>,
    #[serde(borrow)]
    default_size: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon_url: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    office_ui_fabric_icon_name: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bot_id: Option<Cow<'a, str>>,
}

impl<'a> CardDocument<'a> {
    fn new(card: &'a DashboardCard) -> Self {
        Self {
            id: card.id.as_str().into(),
            display_name: card.display_name.as_str().into(),
            description: card.description.as_str().into(),
            picker_group_id: card.picker_group_id.as_str().into(),
            default_size: card.default_size.as_str().into(),
            icon_url: card.icon_url.as_deref().map(Cow::from),
            office_ui_fabric_icon_name: card.office_ui_fabric_icon_name.as_deref().map(Cow::from),
            bot_id: card.bot_id.as_deref().map(Cow::from),
        }
    }

    fn card(self) -> DashboardCard {
        DashboardCard {
            id: self.id.into_owned(),
            display_name: self.display_name.into_owned(),
            description: self.description.into_owned(),
            picker_group_id: self.picker_group_id.into_owned(),
            default_size: self.default_size.into_owned(),
            icon_url: self.icon_url.map(Cow::into_owned),
            office_ui_fabric_icon_name: self.office_ui_fabric_icon_name.map(Cow::into_owned),
            bot_id: self.bot_id.map(Cow::into_owned),
        }
    }
}

impl Record for TeamsAppDefinition {
    const KIND: Kind = Kind::Definition;

    fn key(&self, partition: &Partition) -> Key<Self> {
        key(partition, &self.app, &self.version)
    }

    fn references(&self, partition: &Partition) -> Vec<Reference> {
        vec![app::key(partition, &self.app).into()]
    }

    fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Document {
            v: Version,
            app: self.app.as_str().into(),
            external_id: self.external_id.as_str().into(),
            version: self.version.as_str().into(),
            display_name: self.display_name.as_str().into(),
            short_description: self.short_description.as_str().into(),
            description: self.description.as_str().into(),
            azure_ad_app_id: self.azure_ad_app_id.as_deref().map(Cow::from),
            bot_id: self.bot_id.as_deref().map(Cow::from),
            scopes: self.scopes.names().map(Cow::from).collect(),
            required_permissions: permission::encode(&self.required_permissions),
            dashboard_cards: self.dashboard_cards.iter().map(CardDocument::new).collect(),
            state: self.state.as_str().into(),
            created_by: self.created_by.as_ref().map(|user| user.as_str().into()),
            created_at: self.created_at,
        })
    }

    fn decode(document: &[u8]) -> Result<Self, Undecodable> {
        let document: Document<'_> = serde_json::from_slice(document)?;
        let scopes = document.scopes.iter().try_fold(InstallationScopes::NONE, |scopes, name| {
            let scope = InstallationScopes::parse_one(name);
            scope.map(|scope| scopes.with(scope)).ok_or_else(|| Undecodable(format!("'{name}' is no scope")))
        })?;
        let state = PublishingState::parse(&document.state)
            .ok_or_else(|| Undecodable(format!("'{}' is no publishing state", document.state)))?;
        Ok(Self {
            app: TeamsAppId::parse(&document.app)?,
            external_id: document.external_id.into_owned(),
            version: AppVersion::new(&document.version),
            display_name: document.display_name.into_owned(),
            short_description: document.short_description.into_owned(),
            description: document.description.into_owned(),
            azure_ad_app_id: document.azure_ad_app_id.map(Cow::into_owned),
            bot_id: document.bot_id.map(Cow::into_owned),
            scopes,
            required_permissions: permission::decode(document.required_permissions)?,
            dashboard_cards: document.dashboard_cards.into_iter().map(CardDocument::card).collect(),
            state,
            created_by: document.created_by.map(|user| UserId::parse(&user)).transpose()?,
            created_at: document.created_at,
        })
    }
}
