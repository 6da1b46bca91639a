//! Counters against what was counted.

use std::collections::BTreeMap;

use super::Check;
use super::name::Name;
use super::report::Damage;
use crate::error::ReadError;
use crate::key::Partition;
use crate::kind::Kind;

/// Rows per counter, under the counters' keys.
#[derive(Default)]
pub(super) struct Counted(BTreeMap<Vec<u8>, i64>);

impl Counted {
    /// One more row, if its kind is counted.
    pub(super) fn count(&mut self, kind: Kind, partition: &Partition) {
        if let Some(counter) = kind.counter() {
            *self.0.entry(partition.counter(counter)).or_default() += 1;
        }
    }
}

impl Check {
    /// Compares every counter that is there, and every one that should be.
    pub(super) async fn counters(&mut self) -> Result<(), ReadError> {
        let mut counted = std::mem::take(&mut self.counted.0);
        for (key, value) in self.view.snapshot().counters().await? {
            let rows = counted.remove(&key).unwrap_or(0);
            if value != rows {
                self.wrong_counter(&key, value, rows);
            }
        }
        for (key, rows) in counted {
            self.wrong_counter(&key, 0, rows);
        }
        Ok(())
    }

    fn wrong_counter(&mut self, key: &[u8], value: i64, rows: i64) {
        let problem = format!("it says {value}, and there are {rows}");
        self.report.found(Damage::WrongCounter, Name::of(key), problem);
    }
}
