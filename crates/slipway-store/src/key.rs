//! Keys: bytes in whose order rows are listed, made only by the constructor functions of the record modules.
//!
//! A key is the number of its table, the partition, then parts. Text ends with `00 01`, and `00` in it is written
//! `00 FF`; a number is eight bytes, big end first. So keys sort as their parts do, and no key is the start of
//! another one's part.

use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use jiff::Timestamp;
use slipway_model::{Tenant, TenantId};

use crate::kind::{Counter, Index, Kind};

/// The living or a former set of rows of one tenant, or the rows that belong to no tenant: the first part of every
/// key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Partition(Box<[u8]>);

impl Partition {
    /// The tenant's rows of this generation.
    #[must_use]
    pub fn new(tenant: &TenantId, generation: u32) -> Self {
        Self::encode(&tenant.folded(), generation)
    }

    /// The tenant's living rows.
    #[must_use]
    pub fn of(tenant: &Tenant) -> Self {
        Self::new(&tenant.id, tenant.generation)
    }

    /// Rows that belong to no tenant: the tenants, signing keys, sweeps.
    #[must_use]
    pub fn global() -> Self {
        // No tenant's id is empty.
        Self::encode("", 0)
    }

    fn encode(tenant: &str, generation: u32) -> Self {
        let mut bytes = Vec::with_capacity(tenant.len() + 6);
        push_text(&mut bytes, tenant);
        bytes.extend(generation.to_be_bytes());
        Self(bytes.into())
    }

    /// The partition that this key begins with, behind the number of the table.
    pub(crate) fn of_key(key: &[u8]) -> Option<Self> {
        let (_, _, parts) = split(key)?;
        key.strip_suffix(parts)?.get(1..).map(|bytes| Self(bytes.into()))
    }

    /// What the keys of its rows of this kind begin with.
    pub(crate) fn rows(&self, kind: Kind) -> Vec<u8> {
        KeyWriter::row(kind, self).0
    }

    /// Key of a counter.
    pub(crate) fn counter(&self, counter: Counter) -> Vec<u8> {
        KeyWriter::new(counter as u8, self).0
    }
}

const TEXT_END: [u8; 2] = [0, 1];

/// Tenant and generation of a key, and the parts behind them; text as keys write it.
pub(crate) fn split(key: &[u8]) -> Option<(&[u8], u32, &[u8])> {
    let (_, rest) = key.split_first()?;
    let end = rest.windows(TEXT_END.len()).position(|window| window == TEXT_END)?;
    let (tenant, rest) = rest.split_at_checked(end)?;
    let (generation, parts) = rest.get(TEXT_END.len()..)?.split_first_chunk()?;
    Some((tenant, u32::from_be_bytes(*generation), parts))
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    push_open_text(bytes, text);
    bytes.extend(TEXT_END);
}

fn push_open_text(bytes: &mut Vec<u8>, text: &str) {
    for byte in text.bytes() {
        bytes.push(byte);
        if byte == 0 {
            bytes.push(0xFF);
        }
    }
}

/// Writes the parts of a key one after the other.
pub(crate) struct KeyWriter(Vec<u8>);

impl KeyWriter {
    fn new(table: u8, partition: &Partition) -> Self {
        // Room for a table, a GUID's partition and three more GUIDs, the longest usual key.
        let mut bytes = Vec::with_capacity(160);
        bytes.push(table);
        bytes.extend(&*partition.0);
        Self(bytes)
    }

    /// Begins a key or a range of rows.
    pub(crate) fn row(kind: Kind, partition: &Partition) -> Self {
        Self::new(kind as u8, partition)
    }

    /// Begins a key or a range of an index.
    pub(crate) fn index(index: Index, partition: &Partition) -> Self {
        Self::new(index as u8, partition)
    }

    /// A text part.
    pub(crate) fn text(mut self, part: &str) -> Self {
        push_text(&mut self.0, part);
        self
    }

    /// The beginning of a text part, for ranges; nothing may follow it.
    pub(crate) fn beginning(mut self, part: &str) -> Self {
        push_open_text(&mut self.0, part);
        self
    }

    /// A number part.
    pub(crate) fn number(mut self, part: u64) -> Self {
        self.0.extend(part.to_be_bytes());
        self
    }

    /// A time part, by the second. Times before 1970 all sort first, as one second does.
    pub(crate) fn time(self, part: Timestamp) -> Self {
        self.number(u64::try_from(part.as_second()).unwrap_or(0))
    }

    /// A part of any bytes; nothing may follow it.
    pub(crate) fn rest(mut self, part: &[u8]) -> Self {
        self.0.extend(part);
        self
    }
}

/// Where one row stands.
pub struct Key<R>(pub(crate) Vec<u8>, PhantomData<fn() -> R>);

impl<R> From<KeyWriter> for Key<R> {
    fn from(written: KeyWriter) -> Self {
        Self(written.0, PhantomData)
    }
}

impl<R> Clone for Key<R> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<R> PartialEq for Key<R> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<R> Eq for Key<R> {}

impl<R> Hash for Key<R> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

/// What one row is found by in a unique index.
pub struct UniqueKey<R>(pub(crate) Vec<u8>, PhantomData<fn() -> R>);

impl<R> From<KeyWriter> for UniqueKey<R> {
    fn from(written: KeyWriter) -> Self {
        Self(written.0, PhantomData)
    }
}

/// An entry that a row has in an index. In an index that is not unique it ends with what tells the rows apart.
#[derive(Clone, PartialEq, Eq)]
pub struct IndexKey(pub(crate) Vec<u8>);

impl From<KeyWriter> for IndexKey {
    fn from(written: KeyWriter) -> Self {
        Self(written.0)
    }
}

impl<R> From<UniqueKey<R>> for IndexKey {
    fn from(key: UniqueKey<R>) -> Self {
        Self(key.0)
    }
}

/// Rows that stand together, in the order of their keys or of an index, forwards unless reversed.
pub struct Range<R> {
    pub(crate) span: Span,
    rows: PhantomData<fn() -> R>,
}

impl<R> From<KeyWriter> for Range<R> {
    fn from(written: KeyWriter) -> Self {
        Self { span: Span::new(written.0), rows: PhantomData }
    }
}

impl<R> Range<R> {
    /// The same rows, last one first.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        self.span.reversed = true;
        self
    }

    /// Only the rows behind the cursor that a page of this range ended with. A cursor from elsewhere gives some
    /// part of this range, never another row.
    #[must_use]
    pub fn after(mut self, cursor: Cursor) -> Self {
        self.span.after = Some(cursor);
        self
    }
}

/// A [`Range`] without its type, as engines see it.
pub(crate) struct Span {
    /// What the keys begin with; the first byte tells the table or the index.
    pub(crate) prefix: Vec<u8>,
    pub(crate) after: Option<Cursor>,
    pub(crate) reversed: bool,
}

impl Span {
    /// Everything whose key begins with the prefix.
    pub(crate) fn new(prefix: Vec<u8>) -> Self {
        Self { prefix, after: None, reversed: false }
    }
}

/// Where a page ended: the last key, without the beginning that all keys of the range share.
///
/// It holds for the row's place and not for the row, so it stays good when that row is rewritten or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(Box<[u8]>);

impl Cursor {
    /// A cursor from the bytes of one, as they came back from a client; any bytes will do.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// What to give to the client.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn partition() -> Partition {
        Partition::new(&TenantId::parse("t").unwrap(), 3)
    }

    fn key(text: &str, number: u64, last: &str) -> Vec<u8> {
        KeyWriter::row(Kind::User, &partition()).text(text).number(number).text(last).0
    }

    #[test]
    fn a_key_knows_its_partition() {
        assert_eq!(Partition::of_key(&key("a", 1, "b")), Some(partition()));
        assert_eq!(
            Partition::of_key(&KeyWriter::row(Kind::Tenant, &Partition::global()).0),
            Some(Partition::global())
        );
        assert_eq!(Partition::of_key(&[2, 65]), None);
        assert_eq!(Partition::of_key(&[]), None);
    }

    #[test]
    fn partitions_fold_case_and_differ_by_generation() {
        let tenant = |text: &str| TenantId::parse(text).unwrap();
        assert_eq!(Partition::new(&tenant("Ab"), 1), Partition::new(&tenant("aB"), 1));
        assert_ne!(Partition::new(&tenant("ab"), 1), Partition::new(&tenant("ab"), 2));
    }

    proptest! {
        #[test]
        fn keys_sort_as_their_parts(
            a in ("[\0\u{1}a-c\u{ff}]{0,4}", prop_oneof![any::<u64>(), Just(u64::MAX)], "[\0a]{0,2}"),
            b in ("[\0\u{1}a-c\u{ff}]{0,4}", prop_oneof![any::<u64>(), Just(u64::MAX)], "[\0a]{0,2}"),
        ) {
            prop_assert_eq!(key(&a.0, a.1, &a.2).cmp(&key(&b.0, b.1, &b.2)), a.cmp(&b));
        }

        #[test]
        fn a_range_of_one_text_holds_no_other(a in "[\0\u{1}a]{0,4}", b in "[\0\u{1}a]{0,4}") {
            let range = KeyWriter::row(Kind::User, &partition()).text(&a).0;
            prop_assert_eq!(key(&b, 0, "").starts_with(&range), a == b);
        }

        #[test]
        fn a_range_of_a_beginning_holds_the_texts_that_begin_so(a in "[\0\u{1}aé]{0,4}", b in "[\0\u{1}aé]{0,2}") {
            let range = KeyWriter::row(Kind::User, &partition()).beginning(&b).0;
            prop_assert_eq!(key(&a, 0, "").starts_with(&range), a.starts_with(&b));
        }
    }
}
