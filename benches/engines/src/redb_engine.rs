//! redb: two tables, one write transaction a batch, as durable as it is by default.

use std::path::Path;

use anyhow::ensure;
use redb::{Database, ReadableDatabase as _, TableDefinition};

use crate::engine::{CACHE_BYTES, Engine, end_of};
use crate::rows::Row;

type Table = TableDefinition<'static, &'static [u8], &'static [u8]>;

const RECORDS: Table = TableDefinition::new("records");
const ENTRIES: Table = TableDefinition::new("entries");
const LAST_COMMIT: [u8; 1] = [0];

struct Redb(Database);

pub fn open(folder: &Path) -> anyhow::Result<Box<dyn Engine>> {
    std::fs::create_dir_all(folder)?;
    let db = Database::builder().set_cache_size(CACHE_BYTES).create(folder.join("redb"))?;
    Ok(Box::new(Redb(db)))
}

impl Engine for Redb {
    fn insert(&mut self, rows: &[Row], commit: u64) -> anyhow::Result<()> {
        let transaction = self.0.begin_write()?;
        {
            let mut records = transaction.open_table(RECORDS)?;
            let mut entries = transaction.open_table(ENTRIES)?;
            for row in rows {
                let before = records.insert(row.key.as_slice(), row.value.as_slice())?;
                ensure!(before.is_none(), "a row is there already");
                drop(before);
                entries.insert(row.index_key.as_slice(), row.key.as_slice())?;
            }
            records.insert(LAST_COMMIT.as_slice(), commit.to_be_bytes().as_slice())?;
        }
        transaction.commit()?;
        Ok(())
    }

    fn get(&self, key: &[u8]) -> anyhow::Result<Option<usize>> {
        let records = self.0.begin_read()?.open_table(RECORDS)?;
        let found = records.get(key)?;
        Ok(found.map(|value| value.value().len()))
    }

    fn scan(&self, prefix: &[u8]) -> anyhow::Result<usize> {
        let records = self.0.begin_read()?.open_table(RECORDS)?;
        let end = end_of(prefix);
        let mut rows = 0;
        for entry in records.range(prefix..end.as_slice())? {
            let (_, value) = entry?;
            rows += usize::from(!value.value().is_empty());
        }
        Ok(rows)
    }

    fn settle(&self) {
        // It has no threads of its own.
    }
}
