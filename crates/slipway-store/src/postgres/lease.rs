//! A reader's connection for the time of one snapshot.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use deadpool_postgres::{Object, Pool};
use tokio::runtime::Handle;
use tokio_postgres::Row;

use super::pipeline::{self, Step};
use super::sql;
use super::trouble::Trouble;

/// Longest wait for an answer: a little longer than a reader's statement may take.
const ANSWER: Duration = Duration::from_secs(6);

/// Lends out the connections of the pool.
#[derive(Clone)]
pub(super) struct Lender {
    pool: Pool,
    /// Where connections are given back: the last handle may be dropped anywhere.
    runtime: Handle,
}

impl Lender {
    /// Connections are given back by tasks of the runtime in which this is called.
    pub(super) fn new(pool: Pool) -> Self {
        Self { pool, runtime: Handle::current() }
    }

    /// A connection, when one is free; waiting ends in an error, so that snapshots that wait for each other's
    /// connections do not wait for ever.
    pub(super) async fn lend(&self, reads: Reads) -> Result<Lease, Trouble> {
        let client = self.pool.get().await?;
        Ok(Lease { client: Some(client), reads, dead: AtomicBool::new(false), runtime: self.runtime.clone() })
    }
}

/// What the reads of one snapshot see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reads {
    /// One state, by a transaction around them.
    OneState,
    /// Each the newest one.
    Newest,
}

/// A reader's connection, with a transaction that only reads if one state is to be seen. When this is dropped, the
/// transaction ends and the connection goes back.
pub(super) struct Lease {
    /// None while it is dropped.
    client: Option<Object>,
    reads: Reads,
    /// Whether the connection is to be thrown away.
    dead: AtomicBool,
    runtime: Handle,
}

impl Lease {
    /// Sends the statements together and gives the rows of each.
    pub(super) async fn run(&self, steps: &[Step<'_>]) -> Result<Vec<Vec<Row>>, Trouble> {
        let Some(client) = &self.client else {
            return Err(Trouble::Lost("the connection has gone back".to_owned()));
        };
        let answers = pipeline::run(client, steps, ANSWER).await;
        if matches!(answers, Err(Trouble::Lost(_))) {
            self.dead.store(true, Ordering::Relaxed);
        }
        answers
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(client) = self.client.take() else { return };
        if self.dead.load(Ordering::Relaxed) {
            drop(Object::take(client));
            return;
        }
        if self.reads == Reads::Newest {
            return;
        }
        let unfinished = Unfinished(Some(client));
        self.runtime.spawn(unfinished.finish());
    }
}

/// A connection with a transaction, which whoever takes it next must not find in it: unless the transaction ends, the
/// connection does. A runtime that has ended drops this at once.
struct Unfinished(Option<Object>);

impl Unfinished {
    /// Ends the transaction and gives the connection back.
    async fn finish(mut self) {
        let Some(client) = &self.0 else { return };
        if pipeline::run(client, &[Step::bare(sql::COMMIT)], ANSWER).await.is_ok() {
            self.0 = None;
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(client) = self.0.take() {
            drop(Object::take(client));
        }
    }
}
