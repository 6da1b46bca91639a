//! Keys that sign tokens: global, since one server signs for all its tenants.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::key::{Key, KeyWriter, Partition, Range};
use crate::kind::Kind;
use crate::record::{Record, Undecodable, Version};

/// A private key. It has no `Debug`, so it cannot slip into a log.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// `kid` of the tokens that it signs.
    pub kid: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// The key in PKCS#8 DER.
    pub pkcs8: Vec<u8>,
}

/// Where the key stands.
#[must_use]
pub fn key(kid: &str) -> Key<SigningKey> {
    KeyWriter::row(Kind::SigningKey, &Partition::global()).text(kid).into()
}

/// Every key, by `kid`.
#[must_use]
pub fn all() -> Range<SigningKey> {
    KeyWriter::row(Kind::SigningKey, &Partition::global()).into()
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    v: Version<1>,
    #[serde(borrow)]
    kid: Cow<'a, str>,
    created_at: Timestamp,
    #[serde(borrow)]
    pkcs8: Cow<'a, str>,
}

impl Record for SigningKey {
    const KIND: Kind = Kind::SigningKey;

    fn key(&self, _: &Partition) -> Key<Self> {
        key(&self.kid)
    }

    fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Document {
            v: Version,
            kid: self.kid.as_str().into(),
            created_at: self.created_at,
            pkcs8: STANDARD.encode(&self.pkcs8).into(),
        })
    }

    fn decode(document: &[u8]) -> Result<Self, Undecodable> {
        let document: Document<'_> = serde_json::from_slice(document)?;
        let pkcs8 =
            STANDARD.decode(document.pkcs8.as_ref()).map_err(|error| Undecodable(error.to_string()))?;
        Ok(Self { kid: document.kid.into_owned(), created_at: document.created_at, pkcs8 })
    }
}
