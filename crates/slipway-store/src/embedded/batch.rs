//! The batch of changesets that the writer is putting together.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use fjall::{OwnedWriteBatch, UserKey, UserValue};

use super::Durability;
use super::row;
use super::tree::{LAST_COMMIT, Tree, describe, number};
use crate::changeset::{Changeset, Expectation, ExpectedState, MAX_DOCUMENT_BYTES, Write};
use crate::error::{CommitError, Violation};
use crate::kind::{Index, Kind};
use crate::record::Revision;

/// A changeset made ready in its caller's task, so that the writer has little left to do.
pub(super) struct Request {
    pub(super) name: &'static str,
    expectations: Vec<(Kind, UserKey, ExpectedState)>,
    writes: Vec<(UserKey, RowWrite)>,
    counters: Vec<(UserKey, i64)>,
}

enum RowWrite {
    /// Encoded but for its revision.
    Put(Vec<u8>),
    Delete,
}

impl Request {
    pub(super) fn new(changeset: Changeset) -> Self {
        let expectation = |Expectation { kind, key, state }| (kind, UserKey::from(key), state);
        let write = |(key, write): (Vec<u8>, Write)| {
            let write = match write {
                Write::Put { index_keys, document } => RowWrite::Put(row::encode(&index_keys, &document)),
                Write::Delete => RowWrite::Delete,
            };
            (UserKey::from(key), write)
        };
        Self {
            name: changeset.name,
            expectations: changeset.expectations.into_iter().map(expectation).collect(),
            writes: changeset.writes.into_iter().map(write).collect(),
            counters: changeset.counters.into_iter().map(|(key, delta)| (key.into(), delta)).collect(),
        }
    }

    fn writes_nothing(&self) -> bool {
        self.writes.is_empty() && self.counters.is_empty()
    }
}

/// What a key holds after the changesets so far.
struct Slot {
    value: Option<UserValue>,
    written: bool,
}

/// Index entries that a changeset takes away and adds; an added one leads to the row's key.
#[derive(Default)]
struct IndexChange {
    released: HashSet<UserKey>,
    claimed: HashMap<UserKey, UserKey>,
}

/// Changesets that will be written and synced together. Each sees those before it.
pub(super) struct Batch<'a> {
    tree: &'a Tree,
    slots: HashMap<UserKey, Slot>,
    last: u64,
    changesets: usize,
    bytes: usize,
}

impl<'a> Batch<'a> {
    /// An empty batch behind the commit with this number.
    pub(super) fn new(tree: &'a Tree, last: u64) -> Self {
        Self { tree, slots: HashMap::new(), last, changesets: 0, bytes: 0 }
    }

    /// Number of the last commit in it, or before it.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// Whether it should be written before more is taken in: beyond this, waiting grows and throughput does not.
    pub(super) fn is_full(&self) -> bool {
        self.changesets >= 1_024 || self.slots.len() >= 8_192 || self.bytes >= MAX_DOCUMENT_BYTES
    }

    /// Takes the changeset in, whole, or refuses it without a trace.
    pub(super) fn take(&mut self, request: Request) -> Result<Revision, CommitError> {
        self.changesets += 1;
        for (kind, key, state) in &request.expectations {
            self.check(*kind, key, state)?;
        }
        if request.writes_nothing() {
            return Ok(Revision(self.last));
        }
        let change = self.index_change(&request.writes)?;
        let sums = self.sums(request.counters)?;

        self.last += 1;
        let revision = Revision(self.last);
        for (key, write) in request.writes {
            let value = match write {
                RowWrite::Put(mut row) => {
                    row::stamp(&mut row, revision);
                    self.bytes += row.len();
                    Some(row.into())
                }
                RowWrite::Delete => None,
            };
            self.write(key, value);
        }
        for key in change.released {
            self.write(key, None);
        }
        for (key, row) in change.claimed {
            self.write(key, Some(row));
        }
        for (key, sum) in sums {
            // A counter that is down to nothing leaves nothing behind.
            self.write(key, (sum != 0).then(|| sum.to_be_bytes().into()));
        }
        Ok(revision)
    }

    /// The batch for the tree; none = nothing to write.
    pub(super) fn finish(self, durability: Durability) -> Option<OwnedWriteBatch> {
        let mut writes: Vec<_> = self.slots.into_iter().filter(|(_, slot)| slot.written).collect();
        if writes.is_empty() {
            return None;
        }
        // The memtable is a skip list: neighbours in a row find most of their way in the processor's cache.
        writes.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let mut batch = self.tree.batch(writes.len() + 1, durability);
        for (key, Slot { value, .. }) in writes {
            let keyspace = self.tree.keyspace(&key);
            match value {
                Some(value) => batch.insert(keyspace, key, value),
                None => batch.remove(keyspace, key),
            }
        }
        let last = self.last.to_be_bytes();
        batch.insert(self.tree.keyspace(&LAST_COMMIT), LAST_COMMIT, last);
        Some(batch)
    }

    fn check(&mut self, kind: Kind, key: &UserKey, state: &ExpectedState) -> Result<(), CommitError> {
        let stored = self.read(key)?;
        let violation = match state {
            ExpectedState::Absent => stored.is_some().then_some(Violation::Absent(kind)),
            ExpectedState::Present => stored.is_none().then_some(Violation::Present(kind)),
            ExpectedState::At(expected) => {
                let found = stored.and_then(|stored| row::revision(stored));
                (found != Some(*expected)).then_some(Violation::Revision(kind))
            }
        };
        violation.map_or(Ok(()), |violation| Err(CommitError::Conflict(violation)))
    }

    /// Compares the index keys of old and new rows, and checks that no claimed unique one is another row's.
    fn index_change(&mut self, writes: &[(UserKey, RowWrite)]) -> Result<IndexChange, CommitError> {
        let mut change = IndexChange::default();
        for (key, write) in writes {
            let mut old = match self.read(key)? {
                Some(stored) => keys_of(stored)?,
                None => Vec::new(),
            };
            if let RowWrite::Put(row) = write {
                for new in keys_of(row)? {
                    if let Some(kept) = old.iter().position(|old| *old == new) {
                        old.swap_remove(kept);
                    } else if let Some(claimed) = change.claimed.insert(new.clone(), key.clone())
                        && claimed != *key
                    {
                        return Err(taken(&new));
                    }
                }
            }
            change.released.extend(old);
        }
        for claimed in change.claimed.keys() {
            if Index::of_key(claimed).is_some_and(Index::is_unique)
                && !change.released.contains(claimed)
                && self.read(claimed)?.is_some()
            {
                return Err(taken(claimed));
            }
        }
        Ok(change)
    }

    fn sums(&mut self, counters: Vec<(UserKey, i64)>) -> Result<HashMap<UserKey, i64>, CommitError> {
        let mut sums = HashMap::new();
        for (key, delta) in counters {
            let sum = match sums.get(&key) {
                Some(sum) => *sum,
                None => self.read(&key)?.and_then(|stored| number(stored)).map_or(0, i64::from_be_bytes),
            };
            sums.insert(key, sum.saturating_add(delta));
        }
        Ok(sums)
    }

    /// What the key holds after the changesets so far; read from the tree once a batch.
    fn read(&mut self, key: &UserKey) -> Result<Option<&UserValue>, CommitError> {
        let slot = match self.slots.entry(key.clone()) {
            Entry::Occupied(slot) => slot.into_mut(),
            Entry::Vacant(slot) => {
                let value = self.tree.newest(key);
                let value = value.map_err(|error| CommitError::Unavailable(describe(&error)))?;
                slot.insert(Slot { value, written: false })
            }
        };
        Ok(slot.value.as_ref())
    }

    fn write(&mut self, key: UserKey, value: Option<UserValue>) {
        self.slots.insert(key, Slot { value, written: true });
    }
}

fn keys_of(row: &[u8]) -> Result<Vec<UserKey>, CommitError> {
    let keys =
        row::index_keys(row).ok_or_else(|| CommitError::Unavailable("a stored row is damaged".to_owned()))?;
    Ok(keys.into_iter().map(UserKey::from).collect())
}

/// Entries of other indexes end with what tells their rows apart, so only unique ones are ever taken.
fn taken(index_key: &[u8]) -> CommitError {
    Index::of_key(index_key).map_or_else(
        || CommitError::Invalid("a key of no index".to_owned()),
        |index| CommitError::Conflict(Violation::Unique(index)),
    )
}
