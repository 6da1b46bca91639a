//! Sign-ins by device code that wait for their user: found by device code and by user code, listed by expiry.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use slipway_model::{ClientId, UserId};

use crate::key::{IndexKey, Key, KeyWriter, Partition, Range, UniqueKey};
use crate::kind::{Index, Kind};
use crate::record::{Record, Undecodable, Version};

/// A device authorization, RFC 8628.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceGrant {
    /// SHA-256 of the device code, in hexadecimal digits; the code itself is kept nowhere.
    pub device_code_hash: String,
    /// What the user types.
    pub user_code: String,
    /// Who asked.
    pub client: ClientId,
    /// What it asked for.
    pub scopes: Vec<String>,
    /// Where the sign-in stands.
    pub state: GrantState,
    /// From when on it is worth nothing.
    pub expires_at: Timestamp,
}

/// Where a sign-in by device code stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrantState {
    /// The user has not signed in yet.
    Pending,
    /// This user signed in.
    Approved(UserId),
    /// The user declined.
    Declined,
}

/// Where the grant stands.
#[must_use]
pub fn key(partition: &Partition, device_code_hash: &str) -> Key<DeviceGrant> {
    KeyWriter::row(Kind::DeviceGrant, partition).text(device_code_hash).into()
}

/// The grant with this user code, letter for letter.
#[must_use]
pub fn by_user_code(partition: &Partition, user_code: &str) -> UniqueKey<DeviceGrant> {
    KeyWriter::index(Index::DeviceGrantUserCode, partition).text(user_code).into()
}

/// Every grant, the one that expires first at the front.
#[must_use]
pub fn by_expiry(partition: &Partition) -> Range<DeviceGrant> {
    KeyWriter::index(Index::DeviceGrantExpiry, partition).into()
}

/// Every grant, by the hash of its device code.
#[must_use]
pub fn all(partition: &Partition) -> Range<DeviceGrant> {
    KeyWriter::row(Kind::DeviceGrant, partition).into()
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    v: Version<1>,
    #[serde(borrow)]
    device_code_hash: Cow<'a, str>,
    #[serde(borrow)]
    user_code: Cow<'a, str>,
    #[serde(borrow)]
    client: Cow<'a, str>,
    scopes: Cow<'a, [String]>,
    #[serde(borrow)]
    state: StateDocument<'a>,
    expires_at: Timestamp,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
enum StateDocument<'a> {
    Pending,
    #[serde(borrow)]
    Approved(Cow<'a, str>),
    Declined,
}

impl Record for DeviceGrant {
    const KIND: Kind = Kind::DeviceGrant;

    fn key(&self, partition: &Partition) -> Key<Self> {
        key(partition, &self.device_code_hash)
    }

    fn index_keys(&self, partition: &Partition) -> Vec<IndexKey> {
        let expiry = KeyWriter::index(Index::DeviceGrantExpiry, partition).time(self.expires_at);
        vec![by_user_code(partition, &self.user_code).into(), expiry.text(&self.device_code_hash).into()]
    }

    fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Document {
            v: Version,
            device_code_hash: self.device_code_hash.as_str().into(),
            user_code: self.user_code.as_str().into(),
            client: self.client.as_str().into(),
            scopes: self.scopes.as_slice().into(),
            state: match &self.state {
                GrantState::Pending => StateDocument::Pending,
                GrantState::Approved(user) => StateDocument::Approved(user.as_str().into()),
                GrantState::Declined => StateDocument::Declined,
            },
            expires_at: self.expires_at,
        })
    }

    fn decode(document: &[u8]) -> Result<Self, Undecodable> {
        let document: Document<'_> = serde_json::from_slice(document)?;
        Ok(Self {
            device_code_hash: document.device_code_hash.into_owned(),
            user_code: document.user_code.into_owned(),
            client: ClientId::parse(&document.client)?,
            scopes: document.scopes.into_owned(),
            state: match document.state {
                StateDocument::Pending => GrantState::Pending,
                StateDocument::Approved(user) => GrantState::Approved(UserId::parse(&user)?),
                StateDocument::Declined => GrantState::Declined,
            },
            expires_at: document.expires_at,
        })
    }
}
