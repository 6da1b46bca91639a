//! The LSM tree with its settings.

use std::path::Path;

use fjall::{
    AbstractTree as _, Database, Keyspace, KeyspaceCreateOptions, KvSeparationOptions, OwnedWriteBatch,
    PersistMode, UserValue,
};

use super::Durability;
use crate::batch::{Newest, Outcome};
use crate::error::{CommitError, OpenError};
use crate::kind::Kind;

/// Memory for blocks of tables. Two million installations are about 500 MB of tables; the part in use fits.
const CACHE_BYTES: u64 = 64 * 1_024 * 1_024;

/// The journal is cut only after a memtable was flushed, so a smaller memtable means less to replay after a kill;
/// at 16 MiB the tables are still large enough for cheap compaction.
const MEMTABLE_BYTES: u64 = 16 * 1_024 * 1_024;

/// Threads that flush and compact. With more than one, the first leaves compaction to the others by putting the
/// order back into the queue and taking it out again, which costs a whole core while another one compacts.
const WORKERS: usize = 1;

/// The least that the tree allows: replay after a kill takes half a second for each 64 MB.
const JOURNAL_BYTES: u64 = 64 * 1_024 * 1_024;

/// Key of the number of the last commit.
pub(super) const LAST_COMMIT: [u8; 1] = [0];

/// Handles of the open tree.
#[derive(Clone)]
pub(super) struct Tree {
    db: Database,
    /// Rows, index entries and counters together: a commit touches one memtable, and no idle one keeps old
    /// journals alive.
    records: Keyspace,
    /// Packages are a thousand times larger than other rows and never change; apart from them and with values in
    /// files of their own, compaction does not copy them again and again.
    packages: Keyspace,
}

impl Tree {
    /// Opens or makes the tree in `folder/tree`.
    pub(super) fn open(folder: &Path) -> Result<Self, OpenError> {
        let opened = || {
            let db = Database::builder(folder.join("tree"))
                .cache_size(CACHE_BYTES)
                .max_journaling_size(JOURNAL_BYTES)
                .worker_threads(WORKERS)
                .manual_journal_persist(true)
                .open()?;
            let records = || KeyspaceCreateOptions::default().max_memtable_size(u64::MAX);
            let packages = || records().with_kv_separation(Some(KvSeparationOptions::default()));
            Ok(Self {
                records: db.keyspace("records", records)?,
                packages: db.keyspace("packages", packages)?,
                db,
            })
        };
        opened().map_err(|error| match error {
            fjall::Error::Locked => OpenError::InUse(folder.to_owned()),
            error => OpenError::Engine(folder.to_owned(), describe(&error)),
        })
    }

    /// Number of the last commit that the tree holds; 0 = none.
    pub(super) fn last_commit(&self) -> fjall::Result<u64> {
        let stored = self.records.get(LAST_COMMIT)?;
        Ok(stored.as_deref().and_then(number).map_or(0, u64::from_be_bytes))
    }

    pub(super) fn snapshot(&self) -> fjall::Snapshot {
        self.db.snapshot()
    }

    /// What a batch comes to, ready to be written.
    pub(super) fn batch(
        &self,
        outcome: Outcome<UserValue>,
        durability: Durability,
    ) -> fjall::Result<OwnedWriteBatch> {
        let mode = match durability {
            Durability::Synced => Some(PersistMode::SyncData),
            Durability::Volatile => None,
        };
        let Outcome { writes, counters, last } = outcome;
        let entries = writes.len() + counters.len() + 1;
        let mut batch = OwnedWriteBatch::with_capacity(self.db.clone(), entries).durability(mode);
        for (key, value) in writes {
            match value {
                Some(value) => batch.insert(self.keyspace(&key), key, value),
                None => batch.remove(self.keyspace(&key), key),
            }
        }
        for (key, delta) in counters {
            let value = self.records.get(&key)?.as_deref().and_then(number).map_or(0, i64::from_be_bytes);
            match value.saturating_add(delta) {
                // A counter that is down to nothing leaves nothing behind.
                0 => batch.remove(&self.records, key),
                value => batch.insert(&self.records, key, value.to_be_bytes()),
            }
        }
        batch.insert(&self.records, LAST_COMMIT, last.to_be_bytes());
        Ok(batch)
    }

    /// Hands memtables that are full to the worker. The tree itself would put an order into the worker's queue with
    /// every batch until the worker comes to it, and a lone worker that finds the queue full waits for itself.
    pub(super) fn rotate(&self) -> fjall::Result<()> {
        for keyspace in [&self.records, &self.packages] {
            if keyspace.tree.active_memtable().size() > MEMTABLE_BYTES {
                keyspace.rotate_memtable()?;
            }
        }
        Ok(())
    }

    /// Brings everything written to the disk.
    pub(super) fn sync(&self) -> fjall::Result<()> {
        self.db.persist(PersistMode::SyncAll)
    }

    /// Where a key is kept.
    pub(super) fn keyspace(&self, key: &[u8]) -> &Keyspace {
        if key.first() == Some(&(Kind::Package as u8)) { &self.packages } else { &self.records }
    }
}

impl Newest for Tree {
    type Bytes = UserValue;

    fn newest(&self, key: &UserValue) -> Result<Option<UserValue>, CommitError> {
        self.keyspace(key).get(key).map_err(|error| CommitError::Unavailable(describe(&error)))
    }
}

/// Eight bytes that are a number.
pub(super) fn number(bytes: &[u8]) -> Option<[u8; 8]> {
    bytes.try_into().ok()
}

/// What went wrong, in the words of the operating system where they are at hand.
pub(super) fn describe(error: &fjall::Error) -> String {
    match error {
        fjall::Error::Io(error) => error.to_string(),
        error => error.to_string(),
    }
}
