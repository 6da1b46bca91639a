//! Catalog entries: found by id and, except store apps, by the manifest's id.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use slipway_model::{AppVersion, DistributionMethod, TeamsApp, TeamsAppId};

use crate::key::{IndexKey, Key, KeyWriter, Partition, Range, UniqueKey};
use crate::kind::{Index, Kind};
use crate::record::{Record, Undecodable, Version};

/// Where the app stands.
#[must_use]
pub fn key(partition: &Partition, id: &TeamsAppId) -> Key<TeamsApp> {
    KeyWriter::row(Kind::App, partition).text(&id.folded()).into()
}

/// The organization or sideloaded app with this manifest id, without case.
#[must_use]
pub fn by_external_id(partition: &Partition, external_id: &str) -> UniqueKey<TeamsApp> {
    KeyWriter::index(Index::AppExternalId, partition).text(&external_id.to_lowercase()).into()
}

/// Every app, by id.
#[must_use]
pub fn all(partition: &Partition) -> Range<TeamsApp> {
    KeyWriter::row(Kind::App, partition).into()
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    v: Version<2>,
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    display_name: Cow<'a, str>,
    #[serde(borrow)]
    distribution_method: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    azure_ad_app_id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    permanent: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    blocked: bool,
    incarnation: u64,
    created_at: Timestamp,
}

impl Record for TeamsApp {
    const KIND: Kind = Kind::App;

    fn key(&self, partition: &Partition) -> Key<Self> {
        key(partition, &self.id)
    }

    fn index_keys(&self, partition: &Partition) -> Vec<IndexKey> {
        let external_id = self.external_id.as_deref();
        external_id.map(|external_id| by_external_id(partition, external_id).into()).into_iter().collect()
    }

    fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Document {
            v: Version,
            id: self.id.as_str().into(),
            external_id: self.external_id.as_deref().map(Cow::from),
            display_name: self.display_name.as_str().into(),
            distribution_method: self.distribution_method.as_str().into(),
            azure_ad_app_id: self.azure_ad_app_id.as_deref().map(Cow::from),
            published: self.published.as_ref().map(|version| version.as_str().into()),
            permanent: self.permanent,
            blocked: self.blocked,
            incarnation: self.incarnation,
            created_at: self.created_at,
        })
    }

    fn decode(document: &[u8]) -> Result<Self, Undecodable> {
        let document: Document<'_> = serde_json::from_slice(document)?;
        let method = DistributionMethod::parse(&document.distribution_method).ok_or_else(|| {
            Undecodable(format!("'{}' is no distribution method", document.distribution_method))
        })?;
        Ok(Self {
            id: TeamsAppId::parse(&document.id)?,
            external_id: document.external_id.map(Cow::into_owned),
            display_name: document.display_name.into_owned(),
            distribution_method: method,
            azure_ad_app_id: document.azure_ad_app_id.map(Cow::into_owned),
            published: document.published.map(|version| AppVersion::new(&version)),
            permanent: document.permanent,
            blocked: document.blocked,
            incarnation: document.incarnation,
            created_at: document.created_at,
        })
    }
}
