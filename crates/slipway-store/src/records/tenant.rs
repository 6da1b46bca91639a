//! Tenants: global, found by id and by domain.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_model::{TeamsAppSettings, Tenant, TenantId};

use super::policy::PolicyDocument;
use crate::error::ReadError;
use crate::key::{IndexKey, Key, KeyWriter, Partition, Range, UniqueKey};
use crate::kind::{Index, Kind};
use crate::record::{Record, Undecodable, Version};
use crate::store::View;

/// Where the tenant stands.
#[must_use]
pub fn key(id: &TenantId) -> Key<Tenant> {
    KeyWriter::row(Kind::Tenant, &Partition::global()).text(&id.folded()).into()
}

/// The tenant with this domain, without case.
#[must_use]
pub fn by_domain(domain: &str) -> UniqueKey<Tenant> {
    KeyWriter::index(Index::TenantDomain, &Partition::global()).text(&domain.to_lowercase()).into()
}

/// Every tenant, by id.
#[must_use]
pub fn all() -> Range<Tenant> {
    KeyWriter::row(Kind::Tenant, &Partition::global()).into()
}

/// The tenant with this id, else with this domain.
///
/// # Errors
/// [`ReadError`] of the storage.
pub async fn named(view: &View, name: &str) -> Result<Option<Tenant>, ReadError> {
    if let Ok(id) = TenantId::parse(name)
        && let Some(found) = view.get(&key(&id)).await?
    {
        return Ok(Some(found.record));
    }
    Ok(view.find(&by_domain(name)).await?.map(|found| found.record))
}

/// The only tenant there is; none if there are several.
///
/// # Errors
/// [`ReadError`] of the storage.
pub async fn only(view: &View) -> Result<Option<Tenant>, ReadError> {
    let mut tenants = view.scan(&all(), 2).await?.rows;
    let last = tenants.pop();
    Ok(last.filter(|_| tenants.is_empty()).map(|found| found.record))
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    v: Version<2>,
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    display_name: Cow<'a, str>,
    #[serde(borrow)]
    domain: Cow<'a, str>,
    generation: u32,
    #[serde(default)]
    settings: SettingsDocument,
    #[serde(borrow, default, skip_serializing_if = "PolicyDocument::is_empty")]
    policy: PolicyDocument<'a>,
    #[serde(default)]
    has_special_users: bool,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct SettingsDocument {
    allow_user_requests_for_app_access: bool,
    is_user_personal_scope_resource_specific_consent_enabled: bool,
    is_chat_resource_specific_consent_enabled: bool,
}

impl Default for SettingsDocument {
    fn default() -> Self {
        TeamsAppSettings::default().into()
    }
}

impl From<TeamsAppSettings> for SettingsDocument {
    fn from(settings: TeamsAppSettings) -> Self {
        Self {
            allow_user_requests_for_app_access: settings.allow_user_requests_for_app_access,
            is_user_personal_scope_resource_specific_consent_enabled: settings
                .is_user_personal_scope_resource_specific_consent_enabled,
            is_chat_resource_specific_consent_enabled: settings.is_chat_resource_specific_consent_enabled,
        }
    }
}

impl From<SettingsDocument> for TeamsAppSettings {
    fn from(document: SettingsDocument) -> Self {
        Self {
            allow_user_requests_for_app_access: document.allow_user_requests_for_app_access,
            is_user_personal_scope_resource_specific_consent_enabled: document
                .is_user_personal_scope_resource_specific_consent_enabled,
            is_chat_resource_specific_consent_enabled: document.is_chat_resource_specific_consent_enabled,
        }
    }
}

impl Record for Tenant {
    const KIND: Kind = Kind::Tenant;

    fn key(&self, _: &Partition) -> Key<Self> {
        key(&self.id)
    }

    fn index_keys(&self, _: &Partition) -> Vec<IndexKey> {
        vec![by_domain(&self.domain).into()]
    }

    fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Document {
            v: Version,
            id: self.id.as_str().into(),
            display_name: self.display_name.as_str().into(),
            domain: self.domain.as_str().into(),
            generation: self.generation,
            settings: self.settings.into(),
            policy: PolicyDocument::new(&self.policy),
            has_special_users: self.has_special_users,
        })
    }

    fn decode(document: &[u8]) -> Result<Self, Undecodable> {
        let document: Document<'_> = serde_json::from_slice(document)?;
        Ok(Self {
            id: TenantId::parse(&document.id)?,
            display_name: document.display_name.into_owned(),
            domain: document.domain.into_owned(),
            generation: document.generation,
            settings: document.settings.into(),
            policy: document.policy.policy()?,
            has_special_users: document.has_special_users,
        })
    }
}
