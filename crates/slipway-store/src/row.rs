//! A stored row: revision, index keys, document.
//!
//! The index keys stand beside the document so that the writer can tell which entries a new row replaces without
//! decoding the old one. Layout: revision (8 bytes), count of index keys (2), each with its length (2), document;
//! numbers big end first.

use fjall::UserValue;

use crate::key::IndexKey;
use crate::record::Revision;

const REVISION_BYTES: usize = size_of::<u64>();

/// A row for the tree, with room for its revision. No record has as many index keys, and none as long a key, as
/// two bytes can count: changesets are checked before.
pub(crate) fn encode(index_keys: &[IndexKey], document: &[u8]) -> Vec<u8> {
    let length = |n: usize| u16::try_from(n).unwrap_or(u16::MAX).to_be_bytes();
    let keys: usize = index_keys.iter().map(|key| 2 + key.0.len()).sum();
    let mut row = Vec::with_capacity(REVISION_BYTES + 2 + keys + document.len());
    row.extend([0; REVISION_BYTES]);
    row.extend(length(index_keys.len()));
    for key in index_keys {
        row.extend(length(key.0.len()));
        row.extend(&key.0);
    }
    row.extend(document);
    row
}

/// Writes the revision into the room that [`encode`] left.
pub(crate) fn stamp(row: &mut [u8], revision: Revision) {
    if let Some((room, _)) = row.split_first_chunk_mut() {
        *room = revision.0.to_be_bytes();
    }
}

/// The revision of an encoded row.
pub(crate) fn revision(row: &[u8]) -> Option<Revision> {
    row.first_chunk().map(|bytes| Revision(u64::from_be_bytes(*bytes)))
}

/// The index keys of an encoded row.
pub(crate) fn index_keys(row: &[u8]) -> Option<Vec<&[u8]>> {
    split(row).map(|(keys, _)| keys)
}

/// Index keys and document of an encoded row.
pub(crate) fn split(row: &[u8]) -> Option<(Vec<&[u8]>, &[u8])> {
    let (_, rest) = row.split_at_checked(REVISION_BYTES)?;
    let (count, mut rest) = rest.split_first_chunk()?;
    let mut keys = Vec::with_capacity(usize::from(u16::from_be_bytes(*count)));
    for _ in 0..u16::from_be_bytes(*count) {
        let (length, behind) = rest.split_first_chunk()?;
        let (key, behind) = behind.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        keys.push(key);
        rest = behind;
    }
    Some((keys, rest))
}

/// A row as a view gives it.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) key: Vec<u8>,
    pub(crate) revision: Revision,
    stored: Stored,
}

#[derive(Clone)]
enum Stored {
    /// As the tree holds it, and where the document begins.
    Encoded(UserValue, usize),
    /// As columns of a table hold it.
    Columns { index_keys: Vec<Vec<u8>>, document: Vec<u8> },
}

impl Row {
    /// Takes apart what the tree holds; none = not a row.
    pub(crate) fn new(key: Vec<u8>, stored: UserValue) -> Option<Self> {
        let revision = revision(&stored)?;
        let document = stored.len() - split(&stored)?.1.len();
        Some(Self { key, revision, stored: Stored::Encoded(stored, document) })
    }

    /// A row whose parts are apart already.
    pub(crate) fn of_columns(
        key: Vec<u8>,
        revision: Revision,
        index_keys: Vec<Vec<u8>>,
        document: Vec<u8>,
    ) -> Self {
        Self { key, revision, stored: Stored::Columns { index_keys, document } }
    }

    /// The document.
    pub(crate) fn document(&self) -> &[u8] {
        match &self.stored {
            Stored::Encoded(stored, at) => stored.get(*at..).unwrap_or_default(),
            Stored::Columns { document, .. } => document,
        }
    }

    /// The keys that the row says it has in indexes.
    pub(crate) fn index_keys(&self) -> Vec<&[u8]> {
        match &self.stored {
            Stored::Encoded(stored, _) => index_keys(stored).unwrap_or_default(),
            Stored::Columns { index_keys, .. } => index_keys.iter().map(Vec::as_slice).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::key::{KeyWriter, Partition};
    use crate::kind::Index;

    proptest! {
        #[test]
        fn rows_survive_the_round_trip(
            texts in prop::collection::vec(".{0,40}", 0..4),
            document in prop::collection::vec(any::<u8>(), 0..200),
            number: u64,
        ) {
            let key = |text: &String| KeyWriter::index(Index::InstallationApp, &Partition::global()).text(text);
            let keys: Vec<IndexKey> = texts.iter().map(|text| key(text).into()).collect();
            let mut encoded = encode(&keys, &document);
            stamp(&mut encoded, Revision(number));
            let plain: Vec<&[u8]> = keys.iter().map(|key| key.0.as_slice()).collect();
            prop_assert_eq!(index_keys(&encoded), Some(plain));
            let row = Row::new(vec![1], encoded.into()).unwrap();
            prop_assert_eq!(row.revision, Revision(number));
            prop_assert_eq!(row.document(), document);
        }

        #[test]
        fn any_bytes_are_taken_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = (Row::new(vec![], bytes.clone().into()), revision(&bytes));
        }
    }
}
