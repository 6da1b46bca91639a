//! Expectations and writes that commit together.

use crate::error::CommitError;
use crate::key::{IndexKey, Key, Partition, Range};
use crate::kind::{Counter, Kind};
use crate::memory::Memory;
use crate::record::{Record, Revision};
use crate::records::sweep::Sweep;
use crate::store::View;

/// Most rows that one changeset may write, so that no commit holds up the others for long.
pub const MAX_ROWS: usize = 1_000;

/// Longest key of a row or of an index entry, in bytes: what a page of a PostgreSQL index takes.
pub const MAX_KEY_BYTES: usize = 2_600;

/// Largest sum of the documents of one changeset, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 16 * 1_024 * 1_024;

/// A named commit in the making: what is expected, and what is written if all of it holds.
///
/// Expectations are checked in the order in which they were added, then unique indexes; the first that does not
/// hold is reported. They speak of the state before the changeset.
pub struct Changeset {
    pub(crate) name: &'static str,
    pub(crate) expectations: Vec<Expectation>,
    /// Sorted by key, so that two servers on one database lock rows in the same order.
    pub(crate) writes: Vec<(Vec<u8>, Write)>,
    pub(crate) counters: Vec<(Vec<u8>, i64)>,
    pub(crate) sweeps: bool,
    invalid: Option<String>,
}

pub(crate) struct Expectation {
    pub(crate) kind: Kind,
    pub(crate) key: Vec<u8>,
    pub(crate) state: ExpectedState,
}

#[derive(Clone, Copy)]
pub(crate) enum ExpectedState {
    Absent,
    Present,
    At(Revision),
}

pub(crate) enum Write {
    Put { index_keys: Vec<IndexKey>, document: Vec<u8> },
    Delete,
}

impl Changeset {
    /// An empty changeset; the name is what logs and metrics call the commit.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            expectations: Vec::new(),
            writes: Vec::new(),
            counters: Vec::new(),
            sweeps: false,
            invalid: None,
        }
    }

    /// The row must not be there.
    #[must_use]
    pub fn expect_absent<R: Record>(self, key: &Key<R>) -> Self {
        self.expect(key, ExpectedState::Absent)
    }

    /// The row must be there.
    #[must_use]
    pub fn expect_present<R: Record>(self, key: &Key<R>) -> Self {
        self.expect(key, ExpectedState::Present)
    }

    /// The row must be as it was read.
    #[must_use]
    pub fn expect_revision<R: Record>(self, key: &Key<R>, revision: Revision) -> Self {
        self.expect(key, ExpectedState::At(revision))
    }

    /// What the view showed must be true; for a decision on a [`crate::Store::presuming_view`].
    #[must_use]
    pub fn presuming(mut self, view: &View) -> Self {
        self.expectations.extend(view.expectations());
        self
    }

    /// Writes the record, new or over the old one. Of several writes of a row the last one holds.
    #[must_use]
    pub fn put<R: Record>(mut self, partition: &Partition, record: &R) -> Self {
        match record.encode() {
            Ok(document) if has_nul(&document) => {
                self.invalid = Some(format!("a text of a {} has a NUL character", R::KIND.name()));
            }
            Ok(document) => {
                let index_keys = record.index_keys(partition);
                self.write(record.key(partition).0, Write::Put { index_keys, document });
            }
            Err(error) => self.invalid = Some(format!("a {} has no encoding: {error}", R::KIND.name())),
        }
        self
    }

    /// Deletes the row, if it is there.
    #[must_use]
    pub fn delete<R: Record>(mut self, key: &Key<R>) -> Self {
        self.write(key.0.clone(), Write::Delete);
        self
    }

    /// Adds to a counter of the partition.
    #[must_use]
    pub fn add(mut self, partition: &Partition, counter: Counter, delta: i64) -> Self {
        self.counters.push((partition.counter(counter), delta));
        self
    }

    /// Has all rows of the range deleted in the background, soon after the commit, whole even through a crash.
    /// Counters of users, apps and installations go down with the rows. The cause must see to it that no row is
    /// added to the range from now on.
    #[must_use]
    pub fn sweep<R: Record>(self, range: &Range<R>) -> Self {
        self.sweep_prefix(range.span.prefix.clone())
    }

    /// [`Self::sweep`] for all rows of a tenant's partition.
    pub(crate) fn sweep_partition(self, partition: &Partition) -> Self {
        let kinds = Kind::ALL.into_iter().filter(|kind| !kind.is_global());
        kinds.fold(self, |changes, kind| changes.sweep_prefix(partition.rows(kind)))
    }

    fn sweep_prefix(mut self, prefix: Vec<u8>) -> Self {
        self.sweeps = true;
        self.put(&Partition::global(), &Sweep { prefix })
    }

    /// The rows that are written.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.writes.len()
    }

    fn expect<R: Record>(mut self, key: &Key<R>, state: ExpectedState) -> Self {
        self.expectations.push(Expectation { kind: R::KIND, key: key.0.clone(), state });
        self
    }

    /// A write of a row whose record is not at hand.
    pub(crate) fn write(&mut self, key: Vec<u8>, write: Write) {
        match self.writes.binary_search_by(|(other, _)| other.cmp(&key)) {
            Ok(at) => {
                if let Some((_, earlier)) = self.writes.get_mut(at) {
                    *earlier = write;
                }
            }
            Err(at) => self.writes.insert(at, (key, write)),
        }
    }

    /// The revision that a row whose record is not at hand must have.
    pub(crate) fn expect_row(&mut self, kind: Kind, key: Vec<u8>, revision: Revision) {
        self.expectations.push(Expectation { kind, key, state: ExpectedState::At(revision) });
    }

    /// Keys of the rows that it writes and that are remembered, and of the counters.
    pub(crate) fn touched(&self) -> Vec<Vec<u8>> {
        let remembered = |key: &&Vec<u8>| Kind::of_key(key).is_some_and(Memory::holds);
        let rows = self.writes.iter().map(|(key, _)| key).filter(remembered);
        rows.chain(self.counters.iter().map(|(key, _)| key)).cloned().collect()
    }

    /// Checks the limits.
    pub(crate) fn validate(&self) -> Result<(), CommitError> {
        if let Some(why) = &self.invalid {
            return Err(CommitError::Invalid(why.clone()));
        }
        if self.rows() > MAX_ROWS {
            return Err(CommitError::Invalid(format!("{} rows, at most {MAX_ROWS}", self.rows())));
        }
        let (mut longest_key, mut documents) = (0, 0);
        for (key, write) in &self.writes {
            longest_key = longest_key.max(key.len());
            if let Write::Put { index_keys, document } = write {
                longest_key = index_keys.iter().map(|key| key.0.len()).fold(longest_key, usize::max);
                documents += document.len();
            }
        }
        if longest_key > MAX_KEY_BYTES {
            return Err(CommitError::Invalid(format!(
                "a key of {longest_key} bytes, at most {MAX_KEY_BYTES}"
            )));
        }
        if documents > MAX_DOCUMENT_BYTES {
            return Err(CommitError::Invalid(format!(
                "{documents} bytes of documents, at most {MAX_DOCUMENT_BYTES}"
            )));
        }
        Ok(())
    }
}

/// Whether a text of the JSON document has a NUL character, which the JSON writer escapes and PostgreSQL cannot
/// keep.
pub(crate) fn has_nul(document: &[u8]) -> bool {
    let mut rest = document;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        let escape = rest.get(at + 1..).unwrap_or_default();
        if escape.starts_with(b"u0000") {
            return true;
        }
        rest = escape.get(1..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_is_told_from_text_that_looks_like_one() {
        for (text, nul) in [("a\0b", true), ("\\\0", true), ("\\u0000", false), ("\n\\", false), ("", false)]
        {
            assert_eq!(has_nul(&serde_json::to_vec(text).unwrap()), nul, "{text:?}");
        }
    }
}
