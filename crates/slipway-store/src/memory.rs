//! Rows that were read lately, so that a write's first try need not read them again.
//!
//! A row in here may be old. A presuming view states the rows that it showed in the commit
//! ([`crate::Changeset::presuming`]), so an old row costs a second try and never makes a wrong answer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::changeset::{Expectation, ExpectedState};
use crate::kind::{Index, Kind};
use crate::row::Row;

/// Documents and keys that are remembered, in bytes: some fifty thousand users, each by id and by name, which share
/// their row.
const BYTES: u64 = 64 * 1_024 * 1_024;

/// About how many keys that is.
const ROWS: usize = 100_000;

/// How long a counter is taken for what it was.
const COUNTER_LIFE: Duration = Duration::from_secs(1);

/// The newest known row of a key, found by its unique index keys too.
pub(crate) struct Memory {
    rows: Cache<Box<[u8]>, Arc<Row>, Weight>,
    counters: Cache<Box<[u8]>, (i64, Instant)>,
}

#[derive(Clone)]
struct Weight;

impl Weighter<Box<[u8]>, Arc<Row>> for Weight {
    fn weight(&self, key: &Box<[u8]>, row: &Arc<Row>) -> u64 {
        let bytes = key.len() + row.key.len() + row.document().len() + size_of::<Row>();
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

impl Memory {
    pub(crate) fn new() -> Self {
        Self { rows: Cache::with_weighter(ROWS, BYTES, Weight), counters: Cache::new(64) }
    }

    /// Whether rows of the kind are worth remembering: small, read by many requests, and seldom written.
    pub(crate) fn holds(kind: Kind) -> bool {
        match kind {
            Kind::Tenant
            | Kind::User
            | Kind::Client
            | Kind::App
            | Kind::Group
            | Kind::Chat
            | Kind::Membership => true,
            Kind::Definition
            | Kind::Package
            | Kind::Installation
            | Kind::SigningKey
            | Kind::DeviceGrant
            | Kind::Sweep
            | Kind::Import
            | Kind::UserTerm
            | Kind::Consent
            | Kind::Session => false,
        }
    }

    /// The row with this key, or with this key in a unique index.
    pub(crate) fn get(&self, key: &[u8]) -> Option<Arc<Row>> {
        self.rows.get(key)
    }

    /// Keeps what was read, unless it or something newer is known.
    pub(crate) fn keep(&self, row: &Row) {
        let known = || self.rows.peek(row.key.as_slice()).is_some_and(|known| known.revision >= row.revision);
        if !Kind::of_key(&row.key).is_some_and(Self::holds) || known() {
            return;
        }
        let row = Arc::new(row.clone());
        let unique = |key: &&[u8]| Index::of_key(key).is_some_and(Index::is_unique);
        for key in row.index_keys().into_iter().filter(unique) {
            self.rows.insert(key.into(), Arc::clone(&row));
        }
        self.rows.insert(row.key.as_slice().into(), Arc::clone(&row));
    }

    /// Forgets the counter or the row with this key, or with this key in a unique index: it was written, or is gone.
    pub(crate) fn forget(&self, key: &[u8]) {
        self.counters.remove(key);
        if let Some((_, row)) = self.rows.remove(key) {
            for key in std::iter::once(row.key.as_slice()).chain(row.index_keys()) {
                self.rows.remove(key);
            }
        }
    }

    /// The counter, if it was read within the last second.
    pub(crate) fn counter(&self, key: &[u8]) -> Option<i64> {
        let (value, read) = self.counters.get(key)?;
        (read.elapsed() < COUNTER_LIFE).then_some(value)
    }

    /// Keeps a counter that was read.
    pub(crate) fn keep_counter(&self, key: &[u8], value: i64) {
        self.counters.insert(key.into(), (value, Instant::now()));
    }
}

/// What a presuming view has shown: the same row each time, wherever it came from.
#[derive(Default)]
pub(crate) struct Presumptions(Mutex<Shown>);

#[derive(Default)]
struct Shown {
    /// By the key, or the key in a unique index, under which it was asked for.
    rows: Vec<(Vec<u8>, Arc<Row>)>,
    /// Taken for absent without a look.
    absent: Vec<(Kind, Vec<u8>)>,
}

impl Presumptions {
    /// The row that was shown under this key.
    pub(crate) fn row(&self, key: &[u8]) -> Option<Arc<Row>> {
        self.shown().rows.iter().find(|(known, _)| known == key).map(|(_, row)| Arc::clone(row))
    }

    /// Remembers that the row is shown under this key.
    pub(crate) fn present(&self, key: &[u8], row: &Arc<Row>) {
        self.shown().rows.push((key.to_vec(), Arc::clone(row)));
    }

    /// Takes the row for absent.
    pub(crate) fn absent(&self, kind: Kind, key: &[u8]) {
        self.shown().absent.push((kind, key.to_vec()));
    }

    /// Whether anything was shown.
    pub(crate) fn any(&self) -> bool {
        let shown = self.shown();
        !shown.rows.is_empty() || !shown.absent.is_empty()
    }

    /// What must be true for all that was shown to be true.
    pub(crate) fn expectations(&self) -> Vec<Expectation> {
        let shown = self.shown();
        let present = shown.rows.iter().filter_map(|(_, row)| {
            let state = ExpectedState::At(row.revision);
            Some(Expectation { kind: Kind::of_key(&row.key)?, key: row.key.clone(), state })
        });
        let absent = shown.absent.iter();
        let absent = absent.map(|(kind, key)| Expectation {
            kind: *kind,
            key: key.clone(),
            state: ExpectedState::Absent,
        });
        present.chain(absent).collect()
    }

    /// Keys of the rows that were shown.
    pub(crate) fn keys(&self) -> Vec<Vec<u8>> {
        self.shown().rows.iter().map(|(_, row)| row.key.clone()).collect()
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use slipway_model::TenantId;

    use super::*;
    use crate::key::{KeyWriter, Partition};
    use crate::record::Revision;

    fn key(name: &str) -> Vec<u8> {
        let partition = Partition::new(&TenantId::parse("t").unwrap(), 1);
        let key: crate::Key<slipway_model::User> = KeyWriter::row(Kind::User, &partition).text(name).into();
        key.0
    }

    fn row(name: &str, revision: u64, index_keys: &[&[u8]]) -> Row {
        let index_keys = index_keys.iter().map(|key| key.to_vec()).collect();
        Row::of_columns(key(name), Revision(revision), index_keys, b"{}".to_vec())
    }

    fn revision(memory: &Memory, key: &[u8]) -> Option<u64> {
        memory.get(key).map(|row| row.revision.0)
    }

    #[test]
    fn the_newest_row_stays_until_it_is_forgotten() {
        let memory = Memory::new();
        let name = [Index::UserPrincipalName as u8, 1];
        for (read, known) in [(2, 2), (1, 2), (3, 3)] {
            memory.keep(&row("u", read, &[&name]));
            assert_eq!((revision(&memory, &key("u")), revision(&memory, &name)), (Some(known), Some(known)));
        }
        for way in [key("u"), name.to_vec()] {
            memory.forget(&way);
            assert_eq!((revision(&memory, &key("u")), revision(&memory, &name)), (None, None));
            memory.keep(&row("u", 4, &[&name]));
        }
    }

    #[test]
    fn only_small_kinds_are_remembered() {
        let memory = Memory::new();
        let package = [Kind::Package as u8, 1];
        memory.keep(&Row::of_columns(package.to_vec(), Revision(1), Vec::new(), b"{}".to_vec()));
        assert_eq!(revision(&memory, &package), None);
    }
}
