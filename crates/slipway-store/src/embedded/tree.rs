//! The LSM tree with its settings.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fjall::{
    AbstractTree as _, CompressionType, Database, Keyspace, KeyspaceCreateOptions, KvSeparationOptions,
    LsmError, OwnedWriteBatch, PersistMode, SeqNo, UserValue,
};
use lsm_tree::SequenceNumberCounter;

use super::readers::Trees;
use super::{Durability, versions};
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

/// Full memtables and young tables at which the writer waits for the worker. At 4 and at 30 the tree itself would wait
/// within a commit, and would wait for ever if the worker fails meanwhile.
const MOST_FULL_MEMTABLES: usize = 3;
const MOST_YOUNG_RUNS: usize = 24;

/// Where the tree lies in the folder.
pub(super) const FOLDER: &str = "tree";

/// Key of [`Commits`].
pub(super) const LAST_COMMIT: [u8; 1] = [0];

/// Which commits a batch holds; every batch writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Commits {
    /// Number of the last commit before the batch; 0 = none.
    pub(super) before: u64,
    /// Number of the last commit in it.
    pub(super) last: u64,
}

impl Commits {
    pub(super) const BYTES: usize = size_of::<u64>() + size_of::<u16>();

    /// The last number, and how many commits there are; numbers big end first.
    fn encode(self) -> [u8; Self::BYTES] {
        let [l0, l1, l2, l3, l4, l5, l6, l7] = self.last.to_be_bytes();
        // A batch does not have as many as two bytes can count.
        let count = u16::try_from(self.last - self.before).unwrap_or(u16::MAX);
        let [c0, c1] = count.to_be_bytes();
        [l0, l1, l2, l3, l4, l5, l6, l7, c0, c1]
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (last, count) = bytes.split_first_chunk()?;
        let (last, count) = (u64::from_be_bytes(*last), u16::from_be_bytes(count.try_into().ok()?));
        Some(Self { before: last.checked_sub(count.into())?, last })
    }
}

/// Handles of the open tree, through which it is written. Nobody else has them for long, so that it closes when the
/// writer wants it closed.
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
            let db = Database::builder(folder.join(FOLDER))
                .cache_size(CACHE_BYTES)
                .max_journaling_size(JOURNAL_BYTES)
                .worker_threads(WORKERS)
                .manual_journal_persist(true)
                .open()?;
            let records = || KeyspaceCreateOptions::default().max_memtable_size(u64::MAX);
            // Packages are compressed as they are, and the length of a compressed value is under no checksum.
            let apart = KvSeparationOptions::default().compression(CompressionType::None);
            let packages = || records().with_kv_separation(Some(apart));
            Ok(Self {
                records: db.keyspace("records", records)?,
                packages: db.keyspace("packages", packages)?,
                db,
            })
        };
        opened().map_err(|error| refused(folder, &error))
    }

    /// Closes it: when this returns, its threads have ended and its journal is closed.
    ///
    /// The journal writes what its buffer still holds when the last handle goes. The worker has one too, and lets it
    /// go after it has signed off; so the handles of the keyspaces stay until it must have.
    pub(super) fn close(self) {
        let Self { db, records, packages } = self;
        let handles = Arc::downgrade(&db.supervisor.keyspaces);
        drop(db);
        std::thread::sleep(Duration::from_millis(10));
        drop((records, packages));
        while handles.strong_count() > 0 {
            std::thread::sleep(Duration::from_secs(1));
        }
    }

    /// What snapshots read.
    pub(super) fn trees(&self) -> Trees {
        Trees { records: self.records.tree.clone(), packages: self.packages.tree.clone() }
    }

    /// A handle of its own, for new snapshots.
    pub(super) fn database(&self) -> Database {
        self.db.clone()
    }

    /// Number of the last commit that the tree holds; 0 = none.
    pub(super) fn last_commit(&self) -> fjall::Result<u64> {
        let stored = self.records.get(LAST_COMMIT)?;
        Ok(stored.as_deref().and_then(Commits::decode).map_or(0, |commits| commits.last))
    }

    /// What a batch comes to, ready to be written.
    pub(super) fn batch(
        &self,
        outcome: Outcome<UserValue>,
        before: u64,
        durability: Durability,
    ) -> fjall::Result<OwnedWriteBatch> {
        let mode = match durability {
            Durability::Synced => PersistMode::SyncData,
            // What only stood in the journal's buffer would be lost when the tree is opened again.
            Durability::Volatile => PersistMode::Buffer,
        };
        let Outcome { writes, counters, last } = outcome;
        let entries = writes.len() + counters.len() + 1;
        let mut batch = OwnedWriteBatch::with_capacity(self.db.clone(), entries).durability(Some(mode));
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
        batch.insert(&self.records, LAST_COMMIT, Commits { before, last }.encode());
        Ok(batch)
    }

    /// Waits until the worker has caught up, so that the next commit does not wait within the tree.
    ///
    /// # Errors
    /// [`fjall::Error::Poisoned`]: the worker has failed.
    pub(super) fn wait_for_worker(&self) -> fjall::Result<()> {
        let behind = |keyspace: &Keyspace| {
            keyspace.tree.sealed_memtable_count() >= MOST_FULL_MEMTABLES
                || keyspace.tree.l0_run_count() >= MOST_YOUNG_RUNS
        };
        while behind(&self.records) || behind(&self.packages) {
            self.db.persist(PersistMode::Buffer)?;
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
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
        if is_of_package(key) { &self.packages } else { &self.records }
    }
}

/// Whether the key belongs to the keyspace of packages.
pub(super) fn is_of_package(key: &[u8]) -> bool {
    key.first() == Some(&(Kind::Package as u8))
}

/// Number of the last commit that the tables hold, without the journals; 0 = none. The tree is closed.
pub(super) fn last_commit_of_tables(folder: &Path) -> Result<u64, OpenError> {
    let mut last = 0;
    for keyspace in versions::keyspaces_without_blobs(&folder.join(FOLDER))? {
        let (sequence, visible) = (SequenceNumberCounter::default(), SequenceNumberCounter::default());
        let tables = lsm_tree::Config::new(keyspace, sequence, visible).open();
        let stored = tables.and_then(|tables| tables.get(LAST_COMMIT, SeqNo::MAX));
        let stored = stored.map_err(|error| refused(folder, &fjall::Error::Storage(error)))?;
        last = last.max(stored.as_deref().and_then(Commits::decode).map_or(0, |commits| commits.last));
    }
    Ok(last)
}

/// Why the tree in the folder does not open.
pub(super) fn refused(folder: &Path, error: &fjall::Error) -> OpenError {
    match error {
        fjall::Error::Locked => OpenError::InUse(folder.to_owned()),
        fjall::Error::InvalidVersion(_) => {
            versions::damaged(&folder.join(FOLDER).join("version"), "it does not tell the tree's format")
        }
        error => match damaged_file(folder, error) {
            Some(file) => versions::damaged(&file, &describe(error)),
            None => OpenError::Engine(folder.to_owned(), describe(error)),
        },
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

/// The file whose damage the error tells of; the tree does not name it. Reads all tables.
pub(super) fn damaged_file(folder: &Path, error: &fjall::Error) -> Option<PathBuf> {
    use fjall::Error::{Io, Storage};
    match error {
        Io(error) | Storage(LsmError::Io(error)) if error.kind() != ErrorKind::UnexpectedEof => None,
        _ => versions::damaged_file(&folder.join(FOLDER)),
    }
}

/// What went wrong, in the words of the operating system where they are at hand.
pub(super) fn describe(error: &fjall::Error) -> String {
    use fjall::Error::{Io, Poisoned, Storage};
    match error {
        Io(error) | Storage(LsmError::Io(error)) => error.to_string(),
        Storage(LsmError::ChecksumMismatch { .. }) => "a checksum does not match".to_owned(),
        Poisoned => "its worker could not write or read a table".to_owned(),
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::row::Row;

    proptest! {
        #[test]
        fn commits_survive_the_round_trip_and_are_no_row(before in 0..u64::MAX / 2, count in 1..=1_024_u64) {
            let commits = Commits { before, last: before + count };
            prop_assert_eq!(Commits::decode(&commits.encode()), Some(commits));
            prop_assert!(Row::new(LAST_COMMIT.to_vec(), commits.encode().to_vec().into()).is_none());
        }

        #[test]
        fn other_bytes_are_no_commits(bytes in prop::collection::vec(any::<u8>(), 0..20)) {
            let decoded = Commits::decode(&bytes);
            prop_assert!(decoded.is_none_or(|commits| commits.encode() == *bytes));
        }
    }
}
