//! Installations: found by owner and app, and listed by owner or by app.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use slipway_model::{
    AppVersion, ChatId, GroupId, Owner, OwnerKind, TeamsAppId, TeamsAppInstallation, UserId,
};

use super::permission::{self, PermissionDocument};
use super::{chat, definition, group, user};
use crate::key::{IndexKey, Key, KeyWriter, Partition, Range};
use crate::kind::{Index, Kind};
use crate::record::{Record, Reference, Undecodable, Version};

/// Where the owner's installation of the app stands.
#[must_use]
pub fn key(partition: &Partition, owner: &Owner, app: &TeamsAppId) -> Key<TeamsAppInstallation> {
    rows(partition, owner).text(&app.folded()).into()
}

/// Every installation of the owner, by app.
#[must_use]
pub fn of_owner(partition: &Partition, owner: &Owner) -> Range<TeamsAppInstallation> {
    rows(partition, owner).into()
}

fn rows(partition: &Partition, owner: &Owner) -> KeyWriter {
    KeyWriter::row(Kind::Installation, partition).text(owner.kind().as_str()).text(&owner.folded())
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
    v: Version<2>,
    /// None = a user.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    owner_kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    owner: Cow<'a, str>,
    #[serde(borrow)]
    app: Cow<'a, str>,
    incarnation: u64,
    #[serde(borrow)]
    version: Cow<'a, str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    consented: Option<Vec<PermissionDocument<'a>>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    preinstalled: bool,
    installed_at: Timestamp,
}

impl Record for TeamsAppInstallation {
    const KIND: Kind = Kind::Installation;

    fn key(&self, partition: &Partition) -> Key<Self> {
        key(partition, &self.owner, &self.app)
    }

    fn index_keys(&self, partition: &Partition) -> Vec<IndexKey> {
        let of_app = by_app(partition, &self.app, self.incarnation);
        vec![of_app.text(self.owner.kind().as_str()).text(&self.owner.folded()).into()]
    }

    fn references(&self, partition: &Partition) -> Vec<Reference> {
        let owner = match &self.owner {
            Owner::User(id) => user::key(partition, id).into(),
            Owner::Team(id) => group::key(partition, id).into(),
            Owner::Chat(id) => chat::key(partition, id).into(),
        };
        vec![owner, definition::key(partition, &self.app, &self.version).into()]
    }

    fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Document {
            v: Version,
            owner_kind: (self.owner.kind() != OwnerKind::User).then(|| self.owner.kind().as_str().into()),
            owner: self.owner.as_str().into(),
            app: self.app.as_str().into(),
            incarnation: self.incarnation,
            version: self.version.as_str().into(),
            consented: self.consented.as_deref().map(permission::encode),
            preinstalled: self.preinstalled,
            installed_at: self.installed_at,
        })
    }

    fn decode(document: &[u8]) -> Result<Self, Undecodable> {
        let document: Document<'_> = serde_json::from_slice(document)?;
        let kind = match &document.owner_kind {
            None => OwnerKind::User,
            Some(word) => {
                OwnerKind::parse(word).ok_or_else(|| Undecodable(format!("'{word}' is no kind of owner")))?
            }
        };
        let owner = match kind {
            OwnerKind::User => Owner::User(UserId::parse(&document.owner)?),
            OwnerKind::Team => Owner::Team(GroupId::parse(&document.owner)?),
            OwnerKind::Chat => Owner::Chat(ChatId::parse(&document.owner)?),
        };
        Ok(Self {
            owner,
            app: TeamsAppId::parse(&document.app)?,
            incarnation: document.incarnation,
            version: AppVersion::new(&document.version),
            consented: document.consented.map(permission::decode).transpose()?,
            preinstalled: document.preinstalled,
            installed_at: document.installed_at,
        })
    }
}
