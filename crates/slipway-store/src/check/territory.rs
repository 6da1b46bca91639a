//! Which partitions belong to somebody.

use std::collections::HashSet;

use slipway_model::Tenant;

use crate::error::ReadError;
use crate::key::{Partition, Span};
use crate::record::Record;
use crate::records::import::{self, Import};
use crate::records::tenant;
use crate::store::View;
use crate::terms;

/// The partitions of tenants and imports. A row of them that cannot be read has none; it is a finding by itself.
pub(super) struct Territory {
    living: HashSet<Partition>,
    importing: HashSet<Partition>,
    /// Living ones whose users have no terms yet.
    without_terms: HashSet<Partition>,
}

/// Whose a partition is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// A tenant's, or that of what belongs to none.
    Living,
    /// That of an import that is not finished.
    Import,
    /// Nobody's.
    Nobody,
}

impl Territory {
    pub(super) async fn of(view: &View) -> Result<Self, ReadError> {
        let mut living =
            partitions(view, tenant::all().span, |tenant: &Tenant| Partition::of(tenant)).await?;
        living.insert(Partition::global());
        let importing = partitions(view, import::all().span, Import::partition).await?;
        let without_terms = terms::tenants_without(view).await?;
        let without_terms = without_terms.iter().map(|tenant| Partition::of(&tenant.record)).collect();
        Ok(Self { living, importing, without_terms })
    }

    /// Whether the users of the partition have terms.
    pub(super) fn has_terms(&self, partition: &Partition) -> bool {
        !self.without_terms.contains(partition)
    }

    pub(super) fn holder(&self, partition: &Partition) -> Holder {
        if self.living.contains(partition) {
            Holder::Living
        } else if self.importing.contains(partition) {
            Holder::Import
        } else {
            Holder::Nobody
        }
    }
}

async fn partitions<R: Record>(
    view: &View,
    mut span: Span,
    partition: fn(&R) -> Partition,
) -> Result<HashSet<Partition>, ReadError> {
    let mut partitions = HashSet::new();
    loop {
        let (rows, next) = view.rows(&span, R::KIND.page()).await?;
        partitions
            .extend(rows.iter().filter_map(|row| R::decode(row.document()).ok().as_ref().map(partition)));
        let Some(cursor) = next else { return Ok(partitions) };
        span.after = Some(cursor);
    }
}
