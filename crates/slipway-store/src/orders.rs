//! Which rows wait for their deletion.

use crate::error::ReadError;
use crate::key::{Partition, Span};
use crate::kind::Kind;
use crate::record::Record as _;
use crate::records::sweep::{self, Sweep};
use crate::row::Row;
use crate::store::View;

/// The sweeps of a view. One that cannot be read orders nothing: it is not carried out either.
pub(crate) struct Orders(Vec<Vec<u8>>);

impl Orders {
    /// Reads them all; there are as many as apps were deleted and tenants replaced a moment ago.
    pub(crate) async fn of(view: &View) -> Result<Self, ReadError> {
        let mut prefixes = Vec::new();
        let mut span = sweep::all().span;
        loop {
            let (rows, next) = view.rows(&span, Kind::Sweep.page()).await?;
            prefixes.extend(rows.iter().filter_map(|row| Some(Sweep::decode(row.document()).ok()?.prefix)));
            let Some(cursor) = next else { return Ok(Self(prefixes)) };
            span = Span { after: Some(cursor), ..span };
        }
    }

    /// Whether the row will be deleted.
    pub(crate) fn cover(&self, row: &Row) -> bool {
        let covered = |key: &[u8]| self.0.iter().any(|prefix| key.starts_with(prefix));
        !self.0.is_empty() && (covered(&row.key) || row.index_keys().into_iter().any(covered))
    }

    /// Whether rows of the partition will be deleted.
    pub(crate) fn touch(&self, partition: &Partition) -> bool {
        self.0.iter().any(|prefix| Partition::of_key(prefix).as_ref() == Some(partition))
    }
}
