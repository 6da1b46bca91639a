//! Reading: one state of the tree.

use std::ops::Bound;
use std::sync::Arc;

use fjall::UserValue;

use super::readers::{Entries, Pin, Readers, Reading};
use super::tree::{Commits, LAST_COMMIT, number};
use crate::error::ReadError;
use crate::key::{Cursor, Span};
use crate::kind::{Counter, Index};
use crate::row::Row;

/// Index key and key of the row.
type IndexEntry = (Vec<u8>, Vec<u8>);

/// One state of the tree, kept alive as long as this lives.
pub(crate) struct Snapshot {
    readers: Arc<Readers>,
    pin: Pin,
}

impl Snapshot {
    pub(super) fn new(readers: Arc<Readers>) -> Self {
        let pin = readers.pin();
        Self { readers, pin }
    }

    /// The row with this key.
    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Row>, ReadError> {
        row(&self.reading()?, key)
    }

    /// Whether there is a row with this key.
    pub(crate) fn contains(&self, key: &[u8]) -> Result<bool, ReadError> {
        self.reading()?.contains(key)
    }

    /// The row with this key in a unique index.
    pub(crate) fn find(&self, index_key: &[u8]) -> Result<Option<Row>, ReadError> {
        let reading = self.reading()?;
        let key = reading.get(index_key)?;
        key.map(|key| indexed(&reading, &key)).transpose()
    }

    /// At most `limit` rows of the span, and the cursor to go on from if there are more.
    pub(crate) fn scan(&self, span: &Span, limit: usize) -> Result<(Vec<Row>, Option<Cursor>), ReadError> {
        let by_index = Index::of_key(&span.prefix).is_some();
        let mut rows = Vec::with_capacity(limit.min(64));
        let mut last = None;
        let reading = self.reading()?;
        let mut entries = entries(&reading, span)?;
        let mut next = || {
            if span.reversed { entries.next_back() } else { entries.next() }
        };
        while let Some(entry) = next() {
            if rows.len() == limit {
                return Ok((rows, last));
            }
            let (key, value) = reading.entry(entry)?;
            last = key.strip_prefix(span.prefix.as_slice()).map(Cursor::from_bytes);
            rows.push(if by_index {
                indexed(&reading, &value)?
            } else {
                Row::new(key.to_vec(), value).ok_or_else(no_row)?
            });
        }
        Ok((rows, None))
    }

    /// How many rows the span has, counted up to `at_most`.
    pub(crate) fn count(&self, span: &Span, at_most: usize) -> Result<usize, ReadError> {
        let reading = self.reading()?;
        entries(&reading, span)?.take(at_most).try_fold(0, |count, entry| {
            reading.key(entry)?;
            Ok(count + 1)
        })
    }

    /// The counter with this key; 0 if it was never added to.
    pub(crate) fn counter(&self, key: &[u8]) -> Result<i64, ReadError> {
        let stored = self.reading()?.get(key)?;
        Ok(stored.as_deref().and_then(number).map_or(0, i64::from_be_bytes))
    }

    /// Every counter, by key.
    pub(crate) fn counters(&self) -> Result<Vec<(Vec<u8>, i64)>, ReadError> {
        let reading = self.reading()?;
        let mut counters = Vec::new();
        for counter in Counter::ALL {
            for entry in reading.prefix(&[counter as u8])? {
                let (key, value) = reading.entry(entry)?;
                counters.push((key.to_vec(), number(&value).map_or(0, i64::from_be_bytes)));
            }
        }
        Ok(counters)
    }

    /// Entries of an index.
    pub(crate) fn entries(
        &self,
        index: Index,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<IndexEntry>, ReadError> {
        let mut span = Span::new(vec![index as u8]);
        span.after = after.and_then(|after| after.split_first()).map(|(_, rest)| Cursor::from_bytes(rest));
        let reading = self.reading()?;
        let entry = |entry| reading.entry(entry).map(|(key, row)| (key.to_vec(), row.to_vec()));
        entries(&reading, &span)?.take(limit).map(entry).collect()
    }

    /// Which rows these index keys lead to.
    pub(crate) fn entries_by_key(&self, keys: &[&[u8]]) -> Result<Vec<Option<Vec<u8>>>, ReadError> {
        let reading = self.reading()?;
        keys.iter().map(|key| Ok(reading.get(key)?.map(|row| row.to_vec()))).collect()
    }

    /// Number of the last commit.
    pub(crate) fn last_commit(&self) -> Result<u64, ReadError> {
        let stored = self.reading()?.get(&LAST_COMMIT)?;
        Ok(stored.as_deref().and_then(Commits::decode).map_or(0, |commits| commits.last))
    }

    /// What the keyspace holds behind the key, in order, until it is `at_least` so many bytes; empty = that was all.
    pub(super) fn stored_behind(
        &self,
        key: &[u8],
        at_least: usize,
    ) -> Result<Vec<(UserValue, UserValue)>, ReadError> {
        let reading = self.reading()?;
        let mut bytes = 0;
        let mut found = Vec::new();
        for entry in reading.range(key, (Bound::Excluded(key.to_vec()), Bound::Unbounded))? {
            let (key, value) = reading.entry(entry)?;
            bytes += key.len() + value.len();
            found.push((key, value));
            if bytes >= at_least {
                break;
            }
        }
        Ok(found)
    }

    fn reading(&self) -> Result<Reading<'_>, ReadError> {
        self.readers.read(&self.pin)
    }
}

fn row(reading: &Reading<'_>, key: &[u8]) -> Result<Option<Row>, ReadError> {
    let stored = reading.get(key)?;
    stored.map(|stored| Row::new(key.to_vec(), stored).ok_or_else(no_row)).transpose()
}

/// The row that an index entry leads to; rows and entries are written together, so it is there.
fn indexed(reading: &Reading<'_>, key: &[u8]) -> Result<Row, ReadError> {
    row(reading, key)?.ok_or_else(|| ReadError::Engine("an index entry leads to no row".to_owned()))
}

fn entries(reading: &Reading<'_>, span: &Span) -> Result<Entries, ReadError> {
    let Some(cursor) = &span.after else {
        return reading.prefix(&span.prefix);
    };
    let at = [span.prefix.as_slice(), cursor.as_bytes()].concat();
    let (start, end) = if span.reversed {
        (Bound::Included(span.prefix.clone()), Bound::Excluded(at))
    } else {
        (Bound::Excluded(at), end_of(&span.prefix))
    };
    reading.range(&span.prefix, (start, end))
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
