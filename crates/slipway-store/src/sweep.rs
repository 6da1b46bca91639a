//! Background deletion: ranges are deleted in commits of bounded size, at start and whenever a changeset asks.

use std::sync::{Arc, OnceLock, Weak};

use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::changeset::{Changeset, Write};
use crate::error::{CommitError, ReadError};
use crate::key::{Partition, Span};
use crate::kind::Kind;
use crate::records::sweep::{self, Sweep};
use crate::store::Shared;

/// Rows deleted by one commit: large enough to be quick, small enough that other commits do not notice.
const ROWS: usize = 500;

/// The background task.
pub(crate) struct Sweeper {
    wanted: Arc<Notify>,
    task: OnceLock<AbortHandle>,
}

impl Sweeper {
    pub(crate) fn new() -> Self {
        Self { wanted: Arc::new(Notify::new()), task: OnceLock::new() }
    }

    /// Starts the task; first it does what a stop or a crash left over.
    pub(crate) fn start(&self, shared: &Arc<Shared>) {
        self.wake();
        let task = tokio::spawn(run(Arc::downgrade(shared), Arc::clone(&self.wanted)));
        // Set once, here.
        let _ = self.task.set(task.abort_handle());
    }

    pub(crate) fn wake(&self) {
        self.wanted.notify_one();
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        if let Some(task) = self.task.get() {
            task.abort();
        }
    }
}

/// Holds the storage only during a step, so that it can close between two.
async fn run(shared: Weak<Shared>, wanted: Arc<Notify>) {
    loop {
        wanted.notified().await;
        loop {
            let Some(shared) = shared.upgrade() else { return };
            match shared.sweep_step().await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(%error, "a sweep stopped; it goes on with the next one or at the next start");
                    break;
                }
            }
        }
    }
}

impl Shared {
    /// Deletes some rows of the first sweep; false = no sweep is left.
    pub(crate) async fn sweep_step(self: &Arc<Self>) -> Result<bool, CommitError> {
        let view = self.view();
        let Some(first) = view.scan(&sweep::all(), 1).await?.rows.pop() else {
            return Ok(false);
        };
        let Sweep { prefix } = first.record;
        let rows = view.rows(&Span::new(prefix.clone()), ROWS).await?;
        drop(view);

        let mut changeset = Changeset::new("sweep").expect_revision(&sweep::key(&prefix), first.revision);
        if rows.len() < ROWS {
            changeset = changeset.delete(&sweep::key(&prefix));
        }
        for row in rows {
            let kind =
                Kind::of_key(&row.key).ok_or_else(|| ReadError::Engine("a row of no kind".to_owned()))?;
            if let (Some(counter), Some(partition)) = (kind.counter(), Partition::of_key(&row.key)) {
                changeset = changeset.add(&partition, counter, -1);
            }
            changeset.expect_row(kind, row.key.clone(), row.revision);
            changeset.write(row.key, Write::Delete);
        }
        match self.commit(changeset).await {
            // A row was rewritten meanwhile, and may have left the range: look again.
            Ok(_) | Err(CommitError::Conflict(_)) => Ok(true),
            Err(error) => Err(error),
        }
    }
}
