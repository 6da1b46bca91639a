//! fjall as the product uses it: one keyspace, one worker, memtables rotated by the writer, one sync a batch.

use std::path::Path;
use std::time::Duration;

use anyhow::ensure;
use fjall::{AbstractTree as _, Database, Keyspace, KeyspaceCreateOptions, OwnedWriteBatch, PersistMode};

use crate::engine::{CACHE_BYTES, Engine};
use crate::rows::Row;

const MEMTABLE_BYTES: u64 = 16 * 1_024 * 1_024;
const JOURNAL_BYTES: u64 = 64 * 1_024 * 1_024;
const LAST_COMMIT: [u8; 1] = [0];

/// How often the worker is looked at, and must be found idle twice: an order may be on its way to it.
const GLANCE: Duration = Duration::from_millis(2);

struct Fjall {
    db: Database,
    records: Keyspace,
}

pub fn open(folder: &Path) -> anyhow::Result<Box<dyn Engine>> {
    let db = Database::builder(folder)
        .cache_size(CACHE_BYTES as u64)
        .max_journaling_size(JOURNAL_BYTES)
        .worker_threads(1)
        .manual_journal_persist(true)
        .open()?;
    let records = db.keyspace("records", || KeyspaceCreateOptions::default().max_memtable_size(u64::MAX))?;
    Ok(Box::new(Fjall { db, records }))
}

impl Engine for Fjall {
    fn insert(&mut self, rows: &[Row], commit: u64) -> anyhow::Result<()> {
        let mut batch = OwnedWriteBatch::with_capacity(self.db.clone(), rows.len() * 2 + 1);
        for row in rows {
            ensure!(!self.records.contains_key(&row.key)?, "a row is there already");
            batch.insert(&self.records, row.key.as_slice(), row.value.as_slice());
            batch.insert(&self.records, row.index_key.as_slice(), row.key.as_slice());
        }
        batch.insert(&self.records, LAST_COMMIT, commit.to_be_bytes());
        batch.durability(Some(PersistMode::SyncData)).commit()?;
        if self.records.tree.active_memtable().size() > MEMTABLE_BYTES {
            self.records.rotate_memtable()?;
        }
        Ok(())
    }

    fn get(&self, key: &[u8]) -> anyhow::Result<Option<usize>> {
        Ok(self.records.get(key)?.map(|value| value.len()))
    }

    fn scan(&self, prefix: &[u8]) -> anyhow::Result<usize> {
        let mut rows = 0;
        for entry in self.records.prefix(prefix) {
            rows += usize::from(!entry.value()?.is_empty());
        }
        Ok(rows)
    }

    fn settle(&self) {
        let mut idle = 0;
        while idle < 2 {
            std::thread::sleep(GLANCE);
            let busy = self.records.sealed_memtable_count() > 0
                || self.db.outstanding_flushes() > 0
                || self.db.active_compactions() > 0;
            idle = if busy { 0 } else { idle + 1 };
        }
    }
}
