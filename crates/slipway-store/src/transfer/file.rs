//! The form of the file: a first line, a line for each record, and a last one by which a cut file is seen.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::changeset::MAX_DOCUMENT_BYTES;
use crate::kind::Kind;

/// Number of this form. Raised when an older Slipway could no longer read it rightly.
pub(super) const FORMAT: u32 = 3;

/// Who wrote the file.
pub(super) const PRODUCT: &str = concat!("slipway ", env!("CARGO_PKG_VERSION"));

/// Longest line, in bytes: the largest document, and room for what stands before it.
pub(super) const MAX_LINE_BYTES: usize = MAX_DOCUMENT_BYTES + 1_024;

/// The first line.
#[derive(Deserialize, Serialize)]
pub(super) struct First<'a> {
    pub(super) format: u32,
    pub(super) product: Cow<'a, str>,
}

/// The line of a record. A signing key belongs to no tenant; of all others the id is told as the tenant's own line
/// spells it.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordLine<'a> {
    #[serde(borrow)]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) tenant: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) document: &'a RawValue,
}

/// The last line: how many records of each kind, and the SHA-256 of all bytes before, in hexadecimal digits.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Last<'a> {
    pub(super) counts: BTreeMap<Cow<'a, str>, u64>,
    pub(super) sha256: String,
}

/// How the file calls the kind, if it moves.
const fn name(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Tenant => Some("tenant"),
        Kind::User => Some("user"),
        Kind::Client => Some("client"),
        Kind::App => Some("app"),
        Kind::Definition => Some("definition"),
        Kind::Package => Some("package"),
        Kind::Installation => Some("installation"),
        Kind::SigningKey => Some("signingKey"),
        Kind::Group => Some("group"),
        Kind::Chat => Some("chat"),
        Kind::Membership => Some("membership"),
        Kind::Consent => Some("consent"),
        // Sign-ins are begun again sooner than they are moved; terms are made of their users; the others are work
        // of the storage in which they stand.
        Kind::DeviceGrant | Kind::Session | Kind::UserTerm | Kind::Sweep | Kind::Import => None,
    }
}

/// The kind that the file calls so.
pub(super) fn kind(text: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| name(*kind) == Some(text))
}

/// The kinds of which a tenant has many, in the order of the file: what a record refers to stands before it.
pub(super) fn kinds_of_tenant() -> impl Iterator<Item = Kind> {
    Kind::ALL.into_iter().filter(|kind| !kind.is_global() && name(*kind).is_some())
}

/// How many records of each kind were moved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<&'static str, u64>);

impl Counts {
    /// One more of the kind; gives its name in the file, if it moves.
    pub(super) fn count(&mut self, kind: Kind) -> Option<&'static str> {
        let name = name(kind)?;
        *self.0.entry(name).or_default() += 1;
        Some(name)
    }

    /// As the last line tells them.
    pub(super) fn told(&self) -> BTreeMap<Cow<'static, str>, u64> {
        self.0.iter().map(|(name, count)| (Cow::from(*name), *count)).collect()
    }

    /// How many records in all.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.0.values().sum()
    }
}

impl fmt::Display for Counts {
    /// Such as `3 records: app 1, tenant 1, user 1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} records", self.records())?;
        for (at, (name, count)) in self.0.iter().enumerate() {
            write!(f, "{}{name} {count}", if at == 0 { ": " } else { ", " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_record_refers_to_stands_before_it() {
        let order: Vec<_> = kinds_of_tenant().filter_map(name).collect();
        assert_eq!(
            order,
            [
                "user",
                "group",
                "chat",
                "membership",
                "client",
                "consent",
                "app",
                "definition",
                "package",
                "installation"
            ]
        );
    }

    #[test]
    fn kinds_are_found_by_their_names() {
        for one in Kind::ALL {
            assert_eq!(name(one).and_then(kind), name(one).map(|_| one));
        }
        assert_eq!(kind("sweep"), None);
    }

    #[test]
    fn counts_read_as_a_sentence() {
        let mut counts = Counts::default();
        assert_eq!(counts.to_string(), "0 records");
        for kind in [Kind::User, Kind::Tenant, Kind::User, Kind::Sweep] {
            counts.count(kind);
        }
        assert_eq!(counts.to_string(), "3 records: tenant 1, user 2");
    }
}
