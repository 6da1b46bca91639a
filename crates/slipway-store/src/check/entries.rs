//! Index entries against the rows that they lead to.

use tokio::task::yield_now;

use super::Check;
use super::name::Name;
use super::report::Damage;
use crate::error::ReadError;
use crate::kind::{Index, Kind};

/// Entries read at once.
const PAGE: usize = 1_000;

impl Check {
    /// Sees whether every entry leads to a row that claims it.
    pub(super) async fn entries(&mut self, index: Index) -> Result<(), ReadError> {
        let mut after: Option<Vec<u8>> = None;
        loop {
            let mut entries = self.view.snapshot().entries(index, after.as_deref(), PAGE).await?;
            if entries.is_empty() {
                return Ok(());
            }
            self.entries_of_page(index, &entries).await?;
            after = entries.pop().map(|(key, _)| key);
            // As after a page of rows.
            yield_now().await;
        }
    }

    async fn entries_of_page(
        &mut self,
        index: Index,
        entries: &[(Vec<u8>, Vec<u8>)],
    ) -> Result<(), ReadError> {
        let kind = index.kind();
        let (right, wrong): (Vec<_>, Vec<_>) =
            entries.iter().partition(|(_, row)| Kind::of_key(row) == Some(kind));
        for (key, _) in wrong {
            let problem = format!("it leads to no {}", kind.name());
            self.report.found(Damage::DanglingEntry, Name::of(key), problem);
        }
        let keys: Vec<_> = right.iter().map(|(_, row)| row.as_slice()).collect();
        let rows = self.view.snapshot().get_many(kind, &keys).await?;
        for ((key, target), row) in right.into_iter().zip(rows) {
            let target = || Name::of(target).id;
            let problem = match row {
                None => format!("it leads to the {} {}, which is not there", kind.name(), target()),
                Some(row) if !row.index_keys().contains(&key.as_slice()) => {
                    format!("it leads to the {} {}, which has another key", kind.name(), target())
                }
                Some(_) => continue,
            };
            self.report.found(Damage::DanglingEntry, Name::of(key), problem);
        }
        let count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
        *self.report.entries.entry(index.name().to_owned()).or_default() += count;
        Ok(())
    }
}
