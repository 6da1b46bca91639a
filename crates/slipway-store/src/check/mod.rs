//! Looking through the whole storage: rows, indexes and counters against each other.

mod counters;
mod entries;
mod incarnations;
mod name;
mod report;
mod rows;
mod terms;
mod territory;

pub use report::{Damage, Finding, Findings, Report};

use crate::error::ReadError;
use crate::kind::{Index, Kind};
use crate::orders::Orders;
use crate::store::{Store, View};
use counters::Counted;
use territory::Territory;

impl Store {
    /// Compares, in one snapshot, every row with its key, its document, its index entries, what it refers to and the
    /// last commit; every index entry with its row; and every counter with its rows. Writes nothing. Holds about a
    /// thousand small rows or one package in memory.
    ///
    /// # Errors
    /// [`ReadError`] when something cannot be read at all; what can be read and is wrong is in the report.
    pub async fn check(&self) -> Result<Report, ReadError> {
        let view = self.view();
        let last_commit = view.snapshot().last_commit().await?;
        let mut check = Check {
            orders: Orders::of(&view).await?,
            territory: Territory::of(&view).await?,
            counted: Counted::default(),
            report: Report { last_commit, ..Report::default() },
            view,
        };
        for kind in Kind::ALL {
            check.rows(kind).await?;
        }
        for index in Index::ALL {
            check.entries(index).await?;
        }
        check.counters().await?;
        Ok(check.report)
    }
}

/// A check in progress.
struct Check {
    view: View,
    orders: Orders,
    territory: Territory,
    counted: Counted,
    report: Report,
}
