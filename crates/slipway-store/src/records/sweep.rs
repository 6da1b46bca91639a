//! Ranges that are being deleted in the background: global, so that one look at start finds all of them.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::key::{Key, KeyWriter, Partition, Range};
use crate::kind::Kind;
use crate::record::{Record, Undecodable, Version};

/// An order to delete every row of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sweep {
    /// What the keys of the range begin with, table or index included.
    pub(crate) prefix: Vec<u8>,
}

/// Where the order stands: one per range.
pub(crate) fn key(prefix: &[u8]) -> Key<Sweep> {
    KeyWriter::row(Kind::Sweep, &Partition::global()).rest(prefix).into()
}

/// Every order.
pub(crate) fn all() -> Range<Sweep> {
    KeyWriter::row(Kind::Sweep, &Partition::global()).into()
}

#[derive(Deserialize, Serialize)]
struct Document<'a> {
    v: Version<1>,
    #[serde(borrow)]
    prefix: Cow<'a, str>,
}

impl Record for Sweep {
    const KIND: Kind = Kind::Sweep;

    fn key(&self, _: &Partition) -> Key<Self> {
        key(&self.prefix)
    }

    fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Document { v: Version, prefix: STANDARD.encode(&self.prefix).into() })
    }

    fn decode(document: &[u8]) -> Result<Self, Undecodable> {
        let document: Document<'_> = serde_json::from_slice(document)?;
        let prefix =
            STANDARD.decode(document.prefix.as_ref()).map_err(|error| Undecodable(error.to_string()))?;
        Ok(Self { prefix })
    }
}
