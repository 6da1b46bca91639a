//! Rows against their keys, their documents, their index entries and each other.

use std::collections::BTreeMap;

use tokio::task::yield_now;

use super::Check;
use super::name::Name;
use super::report::Damage;
use super::territory::Holder;
use crate::declared::Declared;
use crate::error::ReadError;
use crate::key::{Partition, Span};
use crate::kind::{Index, Kind};
use crate::record::Reference;
use crate::row::Row;

/// A row that is somebody's and will stay, and what it refers to.
pub(super) type Living<'a> = (&'a Row, Vec<Reference>);

/// What the rows of a page refer to, by kind: the key, and the rows that need it.
type Needs = BTreeMap<u8, BTreeMap<Vec<u8>, Vec<Vec<u8>>>>;

/// The index keys of a page's rows, by index, each with the key of its row.
type Claims<'a> = BTreeMap<u8, Vec<(&'a [u8], &'a [u8])>>;

impl Check {
    /// Looks at every row of the kind, whosever it is.
    pub(super) async fn rows(&mut self, kind: Kind) -> Result<(), ReadError> {
        let mut span = Span::new(vec![kind as u8]);
        loop {
            let (rows, next) = self.view.rows(&span, kind.page()).await?;
            let mut living = Vec::new();
            for row in &rows {
                *self.report.rows.entry(kind.name().to_owned()).or_default() += 1;
                living.extend(self.row(kind, row));
            }
            self.stored_entries(&rows).await?;
            self.references(&living).await?;
            match kind {
                Kind::Installation => self.incarnations(&living).await?,
                Kind::User => self.terms_of_users(&living).await?,
                Kind::UserTerm => self.users_of_terms(&living).await?,
                _ => {}
            }
            let Some(cursor) = next else { return Ok(()) };
            span.after = Some(cursor);
            // The embedded engine never waits, and a server's other tasks are to have their turn.
            yield_now().await;
        }
    }

    /// Looks at the row by itself. If it is somebody's and will stay, what it refers to is looked at later.
    fn row<'a>(&mut self, kind: Kind, row: &'a Row) -> Option<Living<'a>> {
        let name = || Name::of(&row.key);
        if row.revision.0 > self.report.last_commit {
            let problem = format!("it is of commit {}", row.revision);
            self.report.found(Damage::LaterRevision, name(), problem);
        }
        let Some(partition) = Partition::of_key(&row.key) else {
            self.report.found(Damage::WrongKey, name(), "its key belongs to nobody");
            return None;
        };
        self.counted.count(kind, &partition);
        let stays = self.stays(row, &partition);
        let record = match Declared::new(kind, &partition, row.document()) {
            Ok(record) => record,
            Err(error) => {
                self.report.found(Damage::Undecodable, name(), error.0);
                return None;
            }
        };
        if record.key != row.key {
            let problem = format!("its record is that of {}", Name::of(&record.key).id);
            self.report.found(Damage::WrongKey, name(), problem);
            return None;
        }
        self.claims(row, &record);
        stays.then_some((row, record.references))
    }

    /// Whether the row is somebody's and will stay; else it is counted, or told if nobody will delete it.
    fn stays(&mut self, row: &Row, partition: &Partition) -> bool {
        if self.orders.cover(row) {
            self.report.waiting += 1;
            return false;
        }
        match self.territory.holder(partition) {
            Holder::Living => return true,
            Holder::Import => self.report.unfinished += 1,
            Holder::Nobody => {
                let problem = "no tenant has this generation, and nothing will delete the row";
                self.report.found(Damage::Stray, Name::of(&row.key), problem);
            }
        }
        false
    }

    /// Compares the index keys that the row has with those of its record.
    fn claims(&mut self, row: &Row, record: &Declared) {
        let stored = row.index_keys();
        let declared: Vec<_> = record.index_keys.iter().map(|key| key.0.as_slice()).collect();
        for key in declared.iter().filter(|key| !stored.contains(key)) {
            let problem = format!("it has not its key in {}", index_name(key));
            self.report.found(Damage::MissingEntry, Name::of(&row.key), problem);
        }
        for key in stored.iter().filter(|key| !declared.contains(key)) {
            let problem = format!("it has a key in {} that is not its record's", index_name(key));
            self.report.found(Damage::DanglingEntry, Name::of(&row.key), problem);
        }
    }

    /// Sees whether the indexes lead to the rows.
    async fn stored_entries(&mut self, rows: &[Row]) -> Result<(), ReadError> {
        let mut claimed = Claims::new();
        for row in rows {
            for key in row.index_keys() {
                claimed.entry(key.first().copied().unwrap_or(0)).or_default().push((key, &row.key));
            }
        }
        for claims in claimed.into_values() {
            let Some(index) = claims.first().and_then(|(key, _)| Index::of_key(key)) else { continue };
            let keys: Vec<_> = claims.iter().map(|(key, _)| *key).collect();
            let entries = self.view.snapshot().entries_by_key(index, &keys).await?;
            for ((_, row), entry) in claims.into_iter().zip(entries) {
                let problem = match entry {
                    Some(entry) if entry == row => continue,
                    Some(entry) => {
                        format!("{} leads to {} in its place", index.name(), Name::of(&entry).id)
                    }
                    None => format!("{} does not lead to it", index.name()),
                };
                self.report.found(Damage::MissingEntry, Name::of(row), problem);
            }
        }
        Ok(())
    }

    /// Sees whether what the rows refer to is there.
    async fn references(&mut self, rows: &[Living<'_>]) -> Result<(), ReadError> {
        let mut needs = Needs::new();
        for (row, references) in rows {
            for Reference { kind, key } in references {
                let rows = needs.entry(*kind as u8).or_default().entry(key.clone()).or_default();
                rows.push(row.key.clone());
            }
        }
        for needs in needs.into_values() {
            let keys: Vec<_> = needs.keys().map(Vec::as_slice).collect();
            let Some(kind) = keys.first().and_then(|key| Kind::of_key(key)) else { continue };
            let found = self.view.snapshot().get_many(kind, &keys).await?;
            for ((key, rows), _) in needs.iter().zip(found).filter(|(_, found)| found.is_none()) {
                for row in rows {
                    let problem = format!("the {} {} is not there", kind.name(), Name::of(key).id);
                    self.report.found(Damage::BrokenReference, Name::of(row), problem);
                }
            }
        }
        Ok(())
    }
}

fn index_name(key: &[u8]) -> &'static str {
    Index::of_key(key).map_or("an index that there is not", Index::name)
}
