//! The batch of changesets that the writer is putting together.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use fjall::{OwnedWriteBatch, UserKey, UserValue};

use super::Durability;
use super::row;
use super::tree::{LAST_COMMIT, Tree, describe, number};
use crate::changeset::{Changeset, Expectation, ExpectedState, Write};
use crate::error::{CommitError, Violation};
use crate::kind::{Index, Kind};
use crate::record::Revision;

/// A changeset made ready in its caller's task, so that the writer has little left to do.
pub(super) struct Request {
    pub(super) name: &'static str,
    expectations: Vec<(Kind, UserKey, ExpectedState)>,
    writes: Vec<(UserKey, RowWrite)>,
    /// Sums, each key once.
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
            counters: sums(changeset.counters),
        }
    }

    /// How many rows it writes.
    pub(super) fn rows(&self) -> usize {
        self.writes.len()
    }

    /// How many bytes it writes, without keys.
    pub(super) fn bytes(&self) -> usize {
        let bytes = |(_, write): &(UserKey, RowWrite)| match write {
            RowWrite::Put(row) => row.len(),
            RowWrite::Delete => 0,
        };
        self.writes.iter().map(bytes).sum()
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

/// Index entries that a changeset takes away and adds, both sorted; an added one leads to the row's key.
#[derive(Default)]
struct IndexChange {
    released: Vec<UserKey>,
    claimed: Vec<(UserKey, UserKey)>,
}

/// Changesets that will be written and synced together. Each sees those before it.
pub(super) struct Batch<'a> {
    tree: &'a Tree,
    slots: HashMap<UserKey, Slot>,
    last: u64,
}

impl<'a> Batch<'a> {
    /// An empty batch behind the commit with this number, ready to take these changesets.
    pub(super) fn new<'r>(tree: &'a Tree, last: u64, requests: impl Iterator<Item = &'r Request>) -> Self {
        let mut rows: Vec<_> = requests.flat_map(|request| &request.writes).map(|(key, _)| key).collect();
        // A row, its entry in an index, and a counter or another expectation.
        let slots = HashMap::with_capacity(rows.len() * 3);
        let mut batch = Self { tree, slots, last };
        // The memtable is a skip list: neighbours in a row find most of their way in the processor's cache.
        rows.sort_unstable();
        for row in rows {
            // An error comes again when the changeset is taken.
            let _ = batch.read(row);
        }
        batch
    }

    /// Number of the last commit in it, or before it.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// Takes the changeset in, whole, or refuses it without a trace.
    pub(super) fn take(&mut self, request: Request) -> Result<Revision, CommitError> {
        for (kind, key, state) in &request.expectations {
            self.check(*kind, key, state)?;
        }
        if request.writes_nothing() {
            return Ok(Revision(self.last));
        }
        let change = self.index_change(&request.writes)?;
        let counters = self.counters(request.counters)?;

        self.last += 1;
        let revision = Revision(self.last);
        for (key, write) in request.writes {
            let value = match write {
                RowWrite::Put(mut row) => {
                    row::stamp(&mut row, revision);
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
        for (key, value) in counters {
            // A counter that is down to nothing leaves nothing behind.
            self.write(key, (value != 0).then(|| value.to_be_bytes().into()));
        }
        Ok(revision)
    }

    /// The batch for the tree; none = nothing to write.
    pub(super) fn finish(self, durability: Durability) -> Option<OwnedWriteBatch> {
        let mut writes: Vec<_> = self.slots.into_iter().filter(|(_, slot)| slot.written).collect();
        if writes.is_empty() {
            return None;
        }
        // In the order of the keys, like the reads in `new`.
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
            let stored = self.read(key)?.cloned();
            let mut old = stored.as_deref().map_or_else(|| Ok(Vec::new()), keys_of)?;
            if let RowWrite::Put(row) = write {
                for new in keys_of(row)? {
                    match old.iter().position(|old| *old == new) {
                        Some(kept) => drop(old.swap_remove(kept)),
                        None => change.claimed.push((new.into(), key.clone())),
                    }
                }
            }
            change.released.extend(old.into_iter().map(UserKey::from));
        }
        change.released.sort_unstable();
        change.claimed.sort_unstable();
        change.claimed.dedup();
        let others = change.claimed.iter().skip(1);
        if let Some(((twice, _), _)) = change.claimed.iter().zip(others).find(|((a, _), (b, _))| a == b) {
            return Err(taken(twice));
        }
        for (claimed, _) in &change.claimed {
            if Index::of_key(claimed).is_some_and(Index::is_unique)
                && change.released.binary_search(claimed).is_err()
                && self.read(claimed)?.is_some()
            {
                return Err(taken(claimed));
            }
        }
        Ok(change)
    }

    /// The counters' values after these sums.
    fn counters(&mut self, mut sums: Vec<(UserKey, i64)>) -> Result<Vec<(UserKey, i64)>, CommitError> {
        for (key, sum) in &mut sums {
            let value = self.read(key)?.and_then(|stored| number(stored)).map_or(0, i64::from_be_bytes);
            *sum = value.saturating_add(*sum);
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

/// Adds up what belongs to one counter.
fn sums(mut deltas: Vec<(Vec<u8>, i64)>) -> Vec<(UserKey, i64)> {
    deltas.sort_unstable();
    let mut sums: Vec<(UserKey, i64)> = Vec::with_capacity(deltas.len());
    for (key, delta) in deltas {
        match sums.last_mut() {
            Some((last, sum)) if **last == *key => *sum = sum.saturating_add(delta),
            _ => sums.push((key.into(), delta)),
        }
    }
    sums
}

fn keys_of(row: &[u8]) -> Result<Vec<&[u8]>, CommitError> {
    row::index_keys(row).ok_or_else(|| CommitError::Unavailable("a stored row is damaged".to_owned()))
}

/// Entries of other indexes end with what tells their rows apart, so only unique ones are ever taken.
fn taken(index_key: &[u8]) -> CommitError {
    Index::of_key(index_key).map_or_else(
        || CommitError::Invalid("a key of no index".to_owned()),
        |index| CommitError::Conflict(Violation::Unique(index)),
    )
}
