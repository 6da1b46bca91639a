//! Reading: one state of the tree.

use std::ops::Bound;

use fjall::{Iter, Readable as _, UserValue};

use super::tree::{LAST_COMMIT, Tree, describe, number};
use crate::error::ReadError;
use crate::key::{Cursor, Span};
use crate::kind::{Counter, Index};
use crate::row::Row;

/// One state of the tree, kept alive as long as this lives.
pub(crate) struct Snapshot {
    tree: Tree,
    state: fjall::Snapshot,
}

impl Snapshot {
    pub(super) fn new(tree: Tree) -> Self {
        let state = tree.snapshot();
        Self { tree, state }
    }

    /// The row with this key.
    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Row>, ReadError> {
        let stored = read(self.state.get(self.tree.keyspace(key), key))?;
        stored.map(|stored| Row::new(key.to_vec(), stored).ok_or_else(no_row)).transpose()
    }

    /// Whether there is a row with this key.
    pub(crate) fn contains(&self, key: &[u8]) -> Result<bool, ReadError> {
        read(self.state.contains_key(self.tree.keyspace(key), key))
    }

    /// The row with this key in a unique index.
    pub(crate) fn find(&self, index_key: &[u8]) -> Result<Option<Row>, ReadError> {
        let key = read(self.state.get(self.tree.keyspace(index_key), index_key))?;
        key.map(|key| self.indexed(&key)).transpose()
    }

    /// The row that an index entry leads to; rows and entries are written together, so it is there.
    fn indexed(&self, key: &[u8]) -> Result<Row, ReadError> {
        self.get(key)?.ok_or_else(|| ReadError::Engine("an index entry leads to no row".to_owned()))
    }

    /// At most `limit` rows of the span, and the cursor to go on from if there are more.
    pub(crate) fn scan(&self, span: &Span, limit: usize) -> Result<(Vec<Row>, Option<Cursor>), ReadError> {
        let by_index = Index::of_key(&span.prefix).is_some();
        let mut rows = Vec::with_capacity(limit.min(64));
        let mut last = None;
        let mut entries = self.span(span);
        let mut next = || {
            if span.reversed { entries.next_back() } else { entries.next() }
        };
        while let Some(entry) = next() {
            if rows.len() == limit {
                return Ok((rows, last));
            }
            let (key, value) = read(entry.into_inner())?;
            last = key.strip_prefix(span.prefix.as_slice()).map(Cursor::from_bytes);
            rows.push(if by_index {
                self.indexed(&value)?
            } else {
                Row::new(key.to_vec(), value).ok_or_else(no_row)?
            });
        }
        Ok((rows, None))
    }

    /// How many rows the span has, counted up to `at_most`.
    pub(crate) fn count(&self, span: &Span, at_most: usize) -> Result<usize, ReadError> {
        self.span(span).take(at_most).try_fold(0, |count, entry| {
            read(entry.key())?;
            Ok(count + 1)
        })
    }

    /// The counter with this key; 0 if it was never added to.
    pub(crate) fn counter(&self, key: &[u8]) -> Result<i64, ReadError> {
        let stored = read(self.state.get(self.tree.keyspace(key), key))?;
        Ok(stored.as_deref().and_then(number).map_or(0, i64::from_be_bytes))
    }

    /// Every counter, by key.
    pub(crate) fn counters(&self) -> Result<Vec<(Vec<u8>, i64)>, ReadError> {
        let of = |counter: Counter| self.state.prefix(self.tree.keyspace(&[counter as u8]), [counter as u8]);
        let counters = Counter::ALL.into_iter().flat_map(of);
        let value = |value: UserValue| number(&value).map_or(0, i64::from_be_bytes);
        counters
            .map(|entry| read(entry.into_inner()).map(|(key, stored)| (key.to_vec(), value(stored))))
            .collect()
    }

    /// Entries of an index: index key and key of the row.
    pub(crate) fn entries(
        &self,
        index: Index,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>, ReadError> {
        let mut span = Span::new(vec![index as u8]);
        span.after = after.and_then(|after| after.split_first()).map(|(_, rest)| Cursor::from_bytes(rest));
        let entries = self.span(&span).take(limit);
        entries.map(|entry| read(entry.into_inner()).map(|(key, row)| (key.to_vec(), row.to_vec()))).collect()
    }

    /// Which rows these index keys lead to.
    pub(crate) fn entries_by_key(&self, keys: &[&[u8]]) -> Result<Vec<Option<Vec<u8>>>, ReadError> {
        let row = |key: &&[u8]| read(self.state.get(self.tree.keyspace(key), key));
        keys.iter().map(|key| Ok(row(key)?.map(|row| row.to_vec()))).collect()
    }

    /// Number of the last commit.
    pub(crate) fn last_commit(&self) -> Result<u64, ReadError> {
        let stored = read(self.state.get(self.tree.keyspace(&LAST_COMMIT), LAST_COMMIT))?;
        Ok(stored.as_deref().and_then(number).map_or(0, u64::from_be_bytes))
    }

    fn span(&self, span: &Span) -> Iter {
        let keyspace = self.tree.keyspace(&span.prefix);
        let Some(cursor) = &span.after else {
            return self.state.prefix(keyspace, &span.prefix);
        };
        let at = [span.prefix.as_slice(), cursor.as_bytes()].concat();
        let (start, end) = if span.reversed {
            (Bound::Included(span.prefix.clone()), Bound::Excluded(at))
        } else {
            (Bound::Excluded(at), end_of(&span.prefix))
        };
        self.state.range(keyspace, (start, end))
    }
}

/// The first key behind all that begin with the prefix.
fn end_of(prefix: &[u8]) -> Bound<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            return Bound::Excluded(end);
        }
    }
    Bound::Unbounded
}

fn read<T>(result: fjall::Result<T>) -> Result<T, ReadError> {
    result.map_err(|error| ReadError::Engine(describe(&error)))
}

fn no_row() -> ReadError {
    ReadError::Engine("what is stored under the key of a row is no row".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_where_the_next_begins() {
        assert_eq!(end_of(&[1, 2]), Bound::Excluded(vec![1, 3]));
        assert_eq!(end_of(&[1, 255, 255]), Bound::Excluded(vec![2]));
        assert_eq!(end_of(&[255]), Bound::Unbounded);
    }
}
