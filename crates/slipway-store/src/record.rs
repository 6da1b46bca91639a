//! What a record kind declares, and the frame of its encoding.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::key::{IndexKey, Key, Partition};
use crate::kind::Kind;

/// A kind of record: its key, its index entries and its document.
///
/// Implemented in the modules of this crate only, since only they can make keys.
pub trait Record: Sized {
    /// Which kind.
    const KIND: Kind;

    /// Where the record stands. Kinds that belong to no tenant stand in the global partition whatever is given.
    fn key(&self, partition: &Partition) -> Key<Self>;

    /// Its index entries; the engine keeps them as the row is put and deleted.
    fn index_keys(&self, partition: &Partition) -> Vec<IndexKey> {
        let _ = partition;
        Vec::new()
    }

    /// The rows of the same partition that must be there as long as this one is.
    fn references(&self, partition: &Partition) -> Vec<Reference> {
        let _ = partition;
        Vec::new()
    }

    /// The document: JSON with a version number `v`.
    ///
    /// # Errors
    /// What the JSON writer says.
    fn encode(&self) -> Result<Vec<u8>, serde_json::Error>;

    /// Reads a document of this or an earlier version.
    ///
    /// # Errors
    /// [`Undecodable`] for a damaged document and for one that was written by a newer Slipway.
    fn decode(document: &[u8]) -> Result<Self, Undecodable>;
}

/// A row that a record cannot do without.
pub struct Reference {
    pub(crate) kind: Kind,
    pub(crate) key: Vec<u8>,
}

impl<R: Record> From<Key<R>> for Reference {
    fn from(key: Key<R>) -> Self {
        Self { kind: R::KIND, key: key.0 }
    }
}

/// Number of the commit that wrote a row; later commits have higher numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub(crate) u64);

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecodable(pub String);

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Undecodable {}

impl From<serde_json::Error> for Undecodable {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<slipway_model::InvalidId> for Undecodable {
    fn from(error: slipway_model::InvalidId) -> Self {
        Self(error.to_string())
    }
}

impl From<slipway_model::Refusal> for Undecodable {
    fn from(error: slipway_model::Refusal) -> Self {
        Self(error.to_string())
    }
}

/// The version number of a document, which comes first: it stops the reader before a field that it does not know.
pub(crate) struct Version<const KNOWN: u32>;

/// The version number that a document has.
pub(crate) fn version(document: &[u8]) -> Result<u32, Undecodable> {
    #[derive(Deserialize)]
    struct Versioned {
        v: u32,
    }
    Ok(serde_json::from_slice::<Versioned>(document)?.v)
}

impl<const KNOWN: u32> Serialize for Version<KNOWN> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(KNOWN)
    }
}

impl<'de, const KNOWN: u32> Deserialize<'de> for Version<KNOWN> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            found if found > KNOWN => Err(D::Error::custom(format!(
                "written by a newer Slipway: document version {found}, this one knows {KNOWN}"
            ))),
            _ => Ok(Self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize, Serialize)]
    struct Document {
        v: Version<2>,
    }

    #[test]
    fn newer_versions_are_refused_by_name() {
        assert_eq!(serde_json::to_string(&Document { v: Version }).unwrap(), r#"{"v":2}"#);
        for known in [r#"{"v":1}"#, r#"{"v":2}"#] {
            assert!(serde_json::from_str::<Document>(known).is_ok(), "{known}");
        }
        assert_eq!(version(br#"{"v":3,"new":true}"#), Ok(3));
        assert!(version(b"{}").is_err());
        let newer = serde_json::from_str::<Document>(r#"{"v":3,"new":true}"#).err().unwrap().to_string();
        assert!(newer.contains("newer Slipway: document version 3, this one knows 2"), "{newer}");
    }
}
