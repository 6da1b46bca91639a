//! Tenants that are being imported: global, so that one look finds those that were never finished.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_model::TenantId;

use crate::key::{Key, KeyWriter, Partition, Range};
use crate::kind::Kind;
use crate::record::{Record, Undecodable, Version};

/// The partition that an import fills, which no tenant's row leads to yet. Each of its commits expects this row, so
/// that an import which was ended by another one writes nothing more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Import {
    /// Whose rows they will be.
    pub(crate) tenant: TenantId,
    /// The generation that they will be.
    pub(crate) generation: u32,
}

impl Import {
    /// Where the rows go.
    pub(crate) fn partition(&self) -> Partition {
        Partition::new(&self.tenant, self.generation)
    }
}

/// Every import.
pub(crate) fn all() -> Range<Import> {
    KeyWriter::row(Kind::Import, &Partition::global()).into()
}

#[derive(Deserialize, Serialize)]
struct Document<'a> {
    v: Version<1>,
    #[serde(borrow)]
    tenant: Cow<'a, str>,
    generation: u32,
}

impl Record for Import {
    const KIND: Kind = Kind::Import;

    fn key(&self, _: &Partition) -> Key<Self> {
        let row = KeyWriter::row(Kind::Import, &Partition::global());
        row.text(&self.tenant.folded()).number(self.generation.into()).into()
    }

    fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Document {
            v: Version,
            tenant: self.tenant.as_str().into(),
            generation: self.generation,
        })
    }

    fn decode(document: &[u8]) -> Result<Self, Undecodable> {
        let document: Document<'_> = serde_json::from_slice(document)?;
        Ok(Self { tenant: TenantId::parse(&document.tenant)?, generation: document.generation })
    }
}
