//! Changesets that commit together: each is checked as if those before it were done, and either taken in or refused.
//!
//! Every engine's writer puts its batches together here, so expectations, unique keys and the folding of writes
//! exist once. An engine gives what a key holds, and writes what comes out.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use crate::changeset::{Changeset, Expectation, ExpectedState, MAX_DOCUMENT_BYTES, Write};
use crate::error::{CommitError, Violation};
use crate::kind::{Index, Kind};
use crate::record::Revision;
use crate::row;

/// What an engine holds before the batch: encoded rows, and entries of unique indexes that lead to their row's key.
pub(crate) trait Newest {
    /// A key or a value, cheap to clone.
    type Bytes: AsRef<[u8]> + Clone + From<Vec<u8>> + Hash + Ord;

    /// The newest value, read once a batch.
    ///
    /// # Errors
    /// [`CommitError::Unavailable`] when it cannot be read.
    fn newest(&self, key: &Self::Bytes) -> Result<Option<Self::Bytes>, CommitError>;
}

/// A changeset made ready in its caller's task, so that the writer has little left to do.
#[derive(Clone)]
pub(crate) struct Request<B> {
    pub(crate) name: &'static str,
    expectations: Vec<(Kind, B, ExpectedState)>,
    writes: Vec<(B, RowWrite)>,
    counters: Vec<(B, i64)>,
}

#[derive(Clone)]
enum RowWrite {
    /// Encoded but for its revision.
    Put(Vec<u8>),
    Delete,
}

impl<B: AsRef<[u8]> + From<Vec<u8>>> Request<B> {
    pub(crate) fn new(changeset: Changeset) -> Self {
        let expectation = |Expectation { kind, key, state }| (kind, B::from(key), state);
        let write = |(key, write): (Vec<u8>, Write)| {
            let write = match write {
                Write::Put { index_keys, document } => RowWrite::Put(row::encode(&index_keys, &document)),
                Write::Delete => RowWrite::Delete,
            };
            (B::from(key), write)
        };
        Self {
            name: changeset.name,
            expectations: changeset.expectations.into_iter().map(expectation).collect(),
            writes: changeset.writes.into_iter().map(write).collect(),
            counters: changeset.counters.into_iter().map(|(key, delta)| (key.into(), delta)).collect(),
        }
    }

    /// Rows that it expects to be there or not, whether it writes them or not.
    pub(crate) fn expected(&self) -> impl Iterator<Item = (&B, &ExpectedState)> {
        self.expectations.iter().map(|(_, key, state)| (key, state))
    }

    /// Rows that it writes.
    pub(crate) fn written(&self) -> impl Iterator<Item = &B> {
        self.writes.iter().map(|(key, _)| key)
    }

    /// Keys that its rows will have in unique indexes.
    pub(crate) fn claimed(&self) -> impl Iterator<Item = &[u8]> {
        let rows = self.writes.iter().filter_map(|(_, write)| match write {
            RowWrite::Put(row) => row::index_keys(row),
            RowWrite::Delete => None,
        });
        rows.flatten().filter(|key| Index::of_key(key).is_some_and(Index::is_unique))
    }

    /// How many bytes it writes, without keys.
    pub(crate) fn bytes(&self) -> usize {
        let bytes = |(_, write): &(B, RowWrite)| match write {
            RowWrite::Put(row) => row.len(),
            RowWrite::Delete => 0,
        };
        self.writes.iter().map(bytes).sum()
    }
}

/// How much a batch that is being gathered has to do.
#[derive(Default)]
pub(crate) struct Load {
    requests: usize,
    rows: usize,
    bytes: usize,
}

impl Load {
    /// One more.
    pub(crate) fn add<B: AsRef<[u8]> + From<Vec<u8>>>(&mut self, request: &Request<B>) {
        self.requests += 1;
        self.rows += request.writes.len();
        self.bytes += request.bytes();
    }

    /// Whether the batch should go: beyond this, waiting grows and throughput does not.
    pub(crate) fn is_full(&self) -> bool {
        self.requests >= MAX_REQUESTS || self.rows >= 4_096 || self.bytes >= MAX_DOCUMENT_BYTES
    }
}

/// Most changesets of one batch.
pub(crate) const MAX_REQUESTS: usize = 1_024;

/// What a key holds after the changesets so far.
struct Slot<B> {
    value: Option<B>,
    written: bool,
}

/// Index entries that a changeset takes away and adds, both sorted; an added one leads to the row's key.
struct IndexChange<B> {
    released: Vec<B>,
    claimed: Vec<(B, B)>,
}

/// Changesets that will be written together.
pub(crate) struct Batch<'a, N: Newest> {
    newest: &'a N,
    slots: HashMap<N::Bytes, Slot<N::Bytes>>,
    counters: BTreeMap<N::Bytes, i64>,
    last: u64,
}

/// What a batch comes to.
pub(crate) struct Outcome<B> {
    /// Rows and index entries in the order of their keys; none = delete.
    pub(crate) writes: Vec<(B, Option<B>)>,
    /// What to add to which counter, in the order of their keys.
    pub(crate) counters: Vec<(B, i64)>,
    /// Number of the last commit in it.
    pub(crate) last: u64,
}

impl<'a, N: Newest> Batch<'a, N> {
    /// An empty batch behind the commit with this number, ready to take these changesets.
    pub(crate) fn new<'r>(
        newest: &'a N,
        last: u64,
        requests: impl Iterator<Item = &'r Request<N::Bytes>>,
    ) -> Self
    where
        N::Bytes: 'r,
    {
        let mut rows: Vec<_> = requests.flat_map(|request| &request.writes).map(|(key, _)| key).collect();
        // A row, its entry in an index, and another expectation.
        let slots = HashMap::with_capacity(rows.len() * 3);
        let mut batch = Self { newest, slots, counters: BTreeMap::new(), last };
        // A memtable is a skip list: neighbours in a row find most of their way in the processor's cache.
        rows.sort_unstable();
        for row in rows {
            // An error comes again when the changeset is taken.
            let _ = batch.read(row);
        }
        batch
    }

    /// Takes the changeset in, whole, or refuses it without a trace.
    pub(crate) fn take(&mut self, request: Request<N::Bytes>) -> Result<Revision, CommitError> {
        for (kind, key, state) in &request.expectations {
            self.check(*kind, key, state)?;
        }
        if request.writes.is_empty() && request.counters.is_empty() {
            return Ok(Revision(self.last));
        }
        let change = self.index_change(&request.writes)?;

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
        for (key, delta) in request.counters {
            let sum = self.counters.entry(key).or_default();
            *sum = sum.saturating_add(delta);
        }
        Ok(revision)
    }

    /// What to write; none = nothing.
    pub(crate) fn finish(self) -> Option<Outcome<N::Bytes>> {
        let written = self.slots.into_iter().filter(|(_, slot)| slot.written);
        let mut writes: Vec<_> = written.map(|(key, slot)| (key, slot.value)).collect();
        writes.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let counters: Vec<_> = self.counters.into_iter().collect();
        let empty = writes.is_empty() && counters.is_empty();
        (!empty).then_some(Outcome { writes, counters, last: self.last })
    }

    fn check(&mut self, kind: Kind, key: &N::Bytes, state: &ExpectedState) -> Result<(), CommitError> {
        let stored = self.read(key)?;
        let violation = match state {
            ExpectedState::Absent => stored.is_some().then_some(Violation::Absent(kind)),
            ExpectedState::Present => stored.is_none().then_some(Violation::Present(kind)),
            ExpectedState::At(expected) => {
                let found = stored.and_then(|stored| row::revision(stored.as_ref()));
                (found != Some(*expected)).then_some(Violation::Revision(kind))
            }
        };
        violation.map_or(Ok(()), |violation| Err(CommitError::Conflict(violation)))
    }

    /// Compares the index keys of old and new rows, and checks that no claimed unique one is another row's.
    fn index_change(
        &mut self,
        writes: &[(N::Bytes, RowWrite)],
    ) -> Result<IndexChange<N::Bytes>, CommitError> {
        let mut change = IndexChange { released: Vec::new(), claimed: Vec::new() };
        for (key, write) in writes {
            let stored = self.read(key)?.cloned();
            let mut old = stored.as_ref().map_or_else(|| Ok(Vec::new()), |row| keys_of(row.as_ref()))?;
            if let RowWrite::Put(row) = write {
                for new in keys_of(row)? {
                    match old.iter().position(|old| *old == new) {
                        Some(kept) => drop(old.swap_remove(kept)),
                        None => change.claimed.push((new.to_vec().into(), key.clone())),
                    }
                }
            }
            change.released.extend(old.into_iter().map(|key| N::Bytes::from(key.to_vec())));
        }
        change.released.sort_unstable();
        change.claimed.sort_unstable();
        change.claimed.dedup();
        let others = change.claimed.iter().skip(1);
        if let Some(((twice, _), _)) = change.claimed.iter().zip(others).find(|((a, _), (b, _))| a == b) {
            return Err(taken(twice.as_ref()));
        }
        for (claimed, _) in &change.claimed {
            if Index::of_key(claimed.as_ref()).is_some_and(Index::is_unique)
                && change.released.binary_search(claimed).is_err()
                && self.read(claimed)?.is_some()
            {
                return Err(taken(claimed.as_ref()));
            }
        }
        Ok(change)
    }

    /// What the key holds after the changesets so far.
    fn read(&mut self, key: &N::Bytes) -> Result<Option<&N::Bytes>, CommitError> {
        let slot = match self.slots.entry(key.clone()) {
            Entry::Occupied(slot) => slot.into_mut(),
            Entry::Vacant(slot) => {
                let value = self.newest.newest(key)?;
                slot.insert(Slot { value, written: false })
            }
        };
        Ok(slot.value.as_ref())
    }

    fn write(&mut self, key: N::Bytes, value: Option<N::Bytes>) {
        self.slots.insert(key, Slot { value, written: true });
    }
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
