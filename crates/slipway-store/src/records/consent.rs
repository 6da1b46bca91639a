//! What users granted to clients in their own name: found by client and user.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_model::{ClientId, Consent, UserId};

use super::{client, user};
use crate::key::{Key, KeyWriter, Partition, Range};
use crate::kind::Kind;
use crate::record::{Record, Reference, Undecodable, Version};

/// Where the consent stands.
#[must_use]
pub fn key(partition: &Partition, client: &ClientId, user: &UserId) -> Key<Consent> {
    KeyWriter::row(Kind::Consent, partition).text(&client.folded()).text(&user.folded()).into()
}

/// Every consent that the client has, by user.
#[must_use]
pub fn of_client(partition: &Partition, client: &ClientId) -> Range<Consent> {
    KeyWriter::row(Kind::Consent, partition).text(&client.folded()).into()
}

/// Every consent, by client and user.
#[must_use]
pub fn all(partition: &Partition) -> Range<Consent> {
    KeyWriter::row(Kind::Consent, partition).into()
}

#[derive(Deserialize, Serialize)]
struct Document<'a> {
    v: Version<1>,
    #[serde(borrow)]
    client: Cow<'a, str>,
    #[serde(borrow)]
    user: Cow<'a, str>,
    scopes: Cow<'a, [String]>,
}

impl Record for Consent {
    const KIND: Kind = Kind::Consent;

    fn key(&self, partition: &Partition) -> Key<Self> {
        key(partition, &self.client, &self.user)
    }

    fn references(&self, partition: &Partition) -> Vec<Reference> {
        vec![client::key(partition, &self.client).into(), user::key(partition, &self.user).into()]
    }

    fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Document {
            v: Version,
            client: self.client.as_str().into(),
            user: self.user.as_str().into(),
            scopes: self.scopes.as_slice().into(),
        })
    }

    fn decode(document: &[u8]) -> Result<Self, Undecodable> {
        let document: Document<'_> = serde_json::from_slice(document)?;
        Ok(Self {
            client: ClientId::parse(&document.client)?,
            user: UserId::parse(&document.user)?,
            scopes: document.scopes.into_owned(),
        })
    }
}
