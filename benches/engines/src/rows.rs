//! Rows as the product writes them for an installation: key, index key and document of the same lengths, in an order
//! without pattern.

use std::fmt::Write as _;

/// Apps of each owner.
pub const APPS: u64 = 16;

/// Tables and indexes are told apart by the first byte.
const ROW: u8 = b'I';
const INDEX: u8 = b'i';

const TENANT: &str = "51190000-0000-4000-8000-000000000001";

/// A row with its entry in one index.
pub struct Row {
    /// Table, tenant, owner, app.
    pub key: Vec<u8>,
    /// Index, tenant, app, owner.
    pub index_key: Vec<u8>,
    /// Revision, index key, JSON.
    pub value: Vec<u8>,
}

/// All rows of a run.
#[derive(Clone, Copy)]
pub struct Rows {
    bits: u32,
}

impl Rows {
    /// At least so many.
    pub fn at_least(count: u64) -> Self {
        Self { bits: count.max(APPS).next_power_of_two().ilog2() }
    }

    /// The row of an index below the count, and of no other one.
    pub fn row(self, index: u64) -> Row {
        let (owner, app) = self.pair(index);
        let (owner, app) = (guid(owner), guid(u64::MAX - app));
        let key = key(ROW, &["user", &owner, &app]);
        let mut index_key = key_of(INDEX);
        push(&mut index_key, &app);
        index_key.extend(7_u64.to_be_bytes());
        push(&mut index_key, "user");
        push(&mut index_key, &owner);
        let document = format!(
            r#"{{"v":1,"owner":"{owner}","app":"{app}","incarnation":{},"version":"1.0.0","installedAt":"2026-01-01T00:00:00.{:06}Z"}}"#,
            mix(index),
            index % 1_000_000
        );
        let mut value = index.to_be_bytes().to_vec();
        value.extend(1_u16.to_be_bytes());
        value.extend(u16::try_from(index_key.len()).unwrap_or(u16::MAX).to_be_bytes());
        value.extend(&index_key);
        value.extend(document.as_bytes());
        Row { key, index_key, value }
    }

    /// What the keys of all rows of some index's owner begin with.
    pub fn owner_prefix(self, index: u64) -> Vec<u8> {
        let (owner, _) = self.pair(index);
        key(ROW, &["user", &guid(owner)])
    }

    /// Owner and app of an index: a permutation, since each step can be undone.
    fn pair(self, index: u64) -> (u64, u64) {
        let mask = (1 << self.bits) - 1;
        let mut mixed = index & mask;
        for _ in 0..2 {
            mixed ^= mixed >> self.bits.div_ceil(2);
            mixed = mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) & mask;
        }
        mixed ^= mixed >> self.bits.div_ceil(2);
        (mixed / APPS, mixed % APPS)
    }
}

fn key_of(table: u8) -> Vec<u8> {
    let mut key = vec![table];
    push(&mut key, TENANT);
    key.extend(0_u32.to_be_bytes());
    key
}

fn key(table: u8, parts: &[&str]) -> Vec<u8> {
    let mut key = key_of(table);
    for part in parts {
        push(&mut key, part);
    }
    key
}

fn push(key: &mut Vec<u8>, text: &str) {
    key.extend(text.as_bytes());
    key.extend([0, 1]);
}

/// A GUID without pattern for a number.
fn guid(number: u64) -> String {
    let (high, low) = (mix(number), mix(!number));
    let mut text = String::with_capacity(36);
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        high >> 32,
        high >> 16 & 0xFFFF,
        high & 0xFFF,
        low >> 48 & 0xFFF,
        low & 0xFFFF_FFFF_FFFF
    );
    text
}

/// The finaliser of `SplitMix64`.
fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ mixed >> 31
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_row_has_its_own_key_below_its_owner() {
        let rows = Rows::at_least(5_000);
        let keys: HashSet<_> = (0..8_192).map(|index| rows.row(index).key).collect();
        assert_eq!(keys.len(), 8_192);
        assert!((0..100).all(|index| rows.row(index).key.starts_with(&rows.owner_prefix(index))));
        let prefix = rows.owner_prefix(17);
        assert_eq!(keys.iter().filter(|key| key.starts_with(&prefix)).count() as u64, APPS);
    }

    #[test]
    fn rows_have_the_products_sizes() {
        let Row { key, index_key, value } = Rows::at_least(100).row(3);
        assert_eq!((key.len(), index_key.len()), (125, 133));
        // The number in it has up to 20 digits.
        assert!((310..=340).contains(&value.len()), "{}", value.len());
    }
}
