//! Installations: found by owner and app, and listed by owner or by app.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use slipway_model::{AppVersion, TeamsAppId, TeamsAppInstallation, UserId};

use super::permission::{self, PermissionDocument};
use super::{definition, user};
use crate::key::{IndexKey, Key, KeyWriter, Partition, Range};
use crate::kind::{Index, Kind};
use crate::record::{Record, Reference, Undecodable, Version};

/// Kind of owner; teams and chats will have their own word.
const USER: &str = "user";

/// Where the user's installation of the app stands.
#[must_use]
pub fn key(partition: &Partition, owner: &UserId, app: &TeamsAppId) -> Key<TeamsAppInstallation> {
    rows(partition, owner).text(&app.folded()).into()
}

/// Every installation of the user, by app.
#[must_use]
pub fn of_owner(partition: &Partition, owner: &UserId) -> Range<TeamsAppInstallation> {
    rows(partition, owner).into()
}

fn rows(partition: &Partition, owner: &UserId) -> KeyWriter {
    KeyWriter::row(Kind::Installation, partition).text(USER).text(&owner.folded())
}

/// Every installation of this incarnation of the app, by owner.
#[must_use]
pub fn of_app(partition: &Partition, app: &TeamsAppId, incarnation: u64) -> Range<TeamsAppInstallation> {
    by_app(partition, app, incarnation).into()
}

fn by_app(partition: &Partition, app: &TeamsAppId, incarnation: u64) -> KeyWriter {
    KeyWriter::index(Index::InstallationApp, partition).text(&app.folded()).number(incarnation)
}

/// Every installation, by owner.
#[must_use]
pub fn all(partition: &Partition) -> Range<TeamsAppInstallation> {
    KeyWriter::row(Kind::Installation, partition).into()
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    v: Version<1>,
    #[serde(borrow)]
    owner: Cow<'a, str>,
    #[serde(borrow)]
    app: Cow<'a, str>,
    incarnation: u64,
    #[serde(borrow)]
    version: Cow<'a, str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    consented: Option<Vec<PermissionDocument<'a>>>,
    installed_at: Timestamp,
}

impl Record for TeamsAppInstallation {
    const KIND: Kind = Kind::Installation;

    fn key(&self, partition: &Partition) -> Key<Self> {
        key(partition, &self.owner, &self.app)
    }

    fn index_keys(&self, partition: &Partition) -> Vec<IndexKey> {
        let of_app = by_app(partition, &self.app, self.incarnation);
        vec![of_app.text(USER).text(&self.owner.folded()).into()]
    }

    fn references(&self, partition: &Partition) -> Vec<Reference> {
        vec![
            user::key(partition, &self.owner).into(),
            definition::key(partition, &self.app, &self.version).into(),
        ]
    }

    fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Document {
            v: Version,
            owner: self.owner.as_str().into(),
            app: self.app.as_str().into(),
            incarnation: self.incarnation,
            version: self.version.as_str().into(),
            consented: self.consented.as_deref().map(permission::encode),
            installed_at: self.installed_at,
        })
    }

    fn decode(document: &[u8]) -> Result<Self, Undecodable> {
        let document: Document<'_> = serde_json::from_slice(document)?;
        Ok(Self {
            owner: UserId::parse(&document.owner)?,
            app: TeamsAppId::parse(&document.app)?,
            incarnation: document.incarnation,
            version: AppVersion::new(&document.version),
            consented: document.consented.map(permission::decode).transpose()?,
            installed_at: document.installed_at,
        })
    }
}
