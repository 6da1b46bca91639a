//! Keys that sign tokens: global, since a server signs for all its tenants.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::key::{Key, KeyWriter, Partition, Range};
use crate::kind::Kind;
use crate::record::{Record, Undecodable, Version};

/// A key. It has no `Debug`, so it cannot slip into a log.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// `kid` of the tokens that it signs.
    pub kid: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// The key itself.
    pub private: PrivateKey,
}

/// How a private key is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum PrivateKey {
    /// As it is: PKCS#8, DER.
    Pkcs8(Vec<u8>),
    /// Encrypted with a key that is not in the storage.
    Sealed(Vec<u8>),
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

/// Version 1 had no `sealed`; one of the two is there.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    v: Version<2>,
    #[serde(borrow)]
    kid: Cow<'a, str>,
    created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pkcs8: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed: Option<String>,
}

impl Record for SigningKey {
    const KIND: Kind = Kind::SigningKey;

    fn key(&self, _: &Partition) -> Key<Self> {
        key(&self.kid)
    }

    fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        let (pkcs8, sealed) = match &self.private {
            PrivateKey::Pkcs8(der) => (Some(STANDARD.encode(der)), None),
            PrivateKey::Sealed(bytes) => (None, Some(STANDARD.encode(bytes))),
        };
        let (kid, created_at) = (self.kid.as_str().into(), self.created_at);
        serde_json::to_vec(&Document { v: Version, kid, created_at, pkcs8, sealed })
    }

    fn decode(document: &[u8]) -> Result<Self, Undecodable> {
        let document: Document<'_> = serde_json::from_slice(document)?;
        let bytes = |text: &str| STANDARD.decode(text).map_err(|error| Undecodable(error.to_string()));
        let private = match (&document.pkcs8, &document.sealed) {
            (Some(text), None) => PrivateKey::Pkcs8(bytes(text)?),
            (None, Some(text)) => PrivateKey::Sealed(bytes(text)?),
            _ => return Err(Undecodable("not one of pkcs8 and sealed".to_owned())),
        };
        Ok(Self { kid: document.kid.into_owned(), created_at: document.created_at, private })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(json: &str) -> Result<PrivateKey, String> {
        SigningKey::decode(json.as_bytes()).map(|record| record.private).map_err(|error| error.0)
    }

    #[test]
    fn both_versions_are_read_and_nothing_in_between() {
        let at = r#""kid":"k","createdAt":"2026-11-22T10:00:00Z""#;
        let first = decode(&format!(r#"{{"v":1,{at},"pkcs8":"AP8H"}}"#));
        assert!(first == Ok(PrivateKey::Pkcs8(vec![0, 255, 7])));
        let second = decode(&format!(r#"{{"v":2,{at},"sealed":"AP8H"}}"#));
        assert!(second == Ok(PrivateKey::Sealed(vec![0, 255, 7])));
        for wrong in [r#""pkcs8":"AP8H","sealed":"AP8H""#, r#""sealed":"?""#, r#""x":1"#] {
            assert!(decode(&format!(r#"{{"v":2,{at},{wrong}}}"#)).is_err(), "{wrong}");
        }
        let newer = decode(&format!(r#"{{"v":3,{at},"sealed":"AP8H"}}"#)).err().unwrap();
        assert!(newer.contains("newer Slipway"), "{newer}");
    }
}
