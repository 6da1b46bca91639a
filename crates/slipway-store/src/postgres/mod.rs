//! The shared engine: a PostgreSQL database, on which many servers may work at once.
//!
//! Callers put their changesets in a queue. The writer takes what is there, locks the rows that matter, decides on
//! each changeset, and sends all changes with one commit. Readers share a pool; each view is one transaction.

mod connection_text;
mod connector;
mod database;
mod document;
mod lease;
mod migrations;
mod pipeline;
#[cfg(test)]
mod plans;
mod queues;
mod snapshot;
mod sql;
mod tables;
mod tls;
mod transaction;
mod trouble;
mod writer;

use std::sync::Arc;

use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::sync::{Mutex, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::changeset::Changeset;
use crate::error::{CommitError, OpenError};
use crate::record::Revision;
use connector::Connector;
pub use database::Database;
use database::Purpose;
use lease::{Lender, Reads};
pub use migrations::SetupLock;
use migrations::opening;
pub(crate) use snapshot::Snapshot;
use transaction::Request;
use trouble::Trouble;
use writer::{Health, Message, Pending, Writer, closed};

/// The engine, open.
pub(crate) struct Engine {
    connector: Arc<Connector>,
    lender: Lender,
    queue: UnboundedSender<Message>,
    writer: Mutex<Option<JoinHandle<()>>>,
    health: Health,
}

impl Engine {
    /// Connects, brings the tables up to date, and starts the writer as a task of the caller's runtime.
    pub(crate) async fn open(database: &Database) -> Result<Self, OpenError> {
        let failed = |trouble| opening(database.name(), trouble);
        let connector = Connector::new(database).map_err(Trouble::Refused).map_err(failed)?;
        let mut setup = connector.connect(Purpose::Setup).await.map_err(failed)?;
        migrations::apply(&mut setup, database.name()).await?;
        let lender = Lender::new(connector.readers(&setup).await.map_err(failed)?);
        let connection = connector.connect(Purpose::Write).await.map_err(failed)?;

        let connector = Arc::new(connector);
        let health = Health::default();
        let writer = Writer::new(Arc::clone(&connector), connection, health.clone());
        let (queue, messages) = mpsc::unbounded_channel();
        let writer = Mutex::new(Some(tokio::spawn(writer.run(messages))));
        Ok(Self { connector, lender, queue, writer, health })
    }

    /// The database in words.
    pub(crate) fn name(&self) -> &str {
        self.connector.database().name()
    }

    /// A snapshot with every commit that was answered before the call.
    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot::new(self.lender.clone(), Reads::OneState)
    }

    /// Reads that each see the newest commits: a connection is held during a read only.
    pub(crate) fn newest(&self) -> Snapshot {
        Snapshot::new(self.lender.clone(), Reads::Newest)
    }

    /// Commits. When the future is dropped, the changeset is committed or not.
    pub(crate) async fn commit(&self, changeset: Changeset) -> Result<Revision, CommitError> {
        let (answer, answered) = oneshot::channel();
        let request = Request::new(changeset);
        let pending = Pending { bytes: request.bytes(), request, since: Instant::now(), answer };
        self.queue.send(Message::Commit(pending)).map_err(|_| closed())?;
        let unanswered = |_| CommitError::Unknown("the store was closed meanwhile".to_owned());
        answered.await.map_err(unanswered)?
    }

    /// Whether changes are taken now.
    pub(crate) fn health(&self) -> Result<(), CommitError> {
        if self.queue.is_closed() {
            return Err(closed());
        }
        self.health.get().map_or(Ok(()), |why| Err(CommitError::Unavailable(why)))
    }

    /// Answers what is in the queue and takes no changes from then on. Reading goes on.
    pub(crate) async fn close(&self) {
        let mut writer = self.writer.lock().await;
        if let Some(writer) = writer.take() {
            // Both fail only if the writer has ended already.
            let _ = self.queue.send(Message::Close);
            let _ = writer.await;
        }
    }

    /// Waits until no other server sets the database up, and keeps others waiting.
    pub(crate) async fn setup_lock(&self) -> Result<SetupLock, OpenError> {
        migrations::setup_lock(&self.connector).await.map_err(|trouble| opening(self.name(), trouble))
    }
}
