//! Background deletion: ranges are deleted in commits of bounded size, at start and whenever a changeset asks.

use std::sync::{Arc, OnceLock, Weak};

use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::changeset::{Changeset, Write};
use crate::error::{CommitError, ReadError};
use crate::key::{Cursor, Partition, Span};
use crate::kind::Kind;
use crate::record::Record as _;
use crate::records::sweep::{self, Sweep};
use crate::row::Row;
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

/// A way through the orders, from the first to the last. One that fails stays, and does not hold up the others.
#[derive(Default)]
pub(crate) struct Pass {
    /// The last order that failed; the others before it are done.
    behind: Option<Cursor>,
}

/// What a step of a pass did.
pub(crate) enum Step {
    /// Deleted some rows, or an order that has no more of them.
    Worked,
    /// Left an order that cannot be carried out now, and why.
    Skipped(CommitError),
    /// Nothing: there is no further order.
    Finished,
}

/// Holds the storage only during a step, so that it can close between two.
async fn run(shared: Weak<Shared>, wanted: Arc<Notify>) {
    loop {
        wanted.notified().await;
        let mut pass = Pass::default();
        loop {
            let Some(shared) = shared.upgrade() else { return };
            match shared.sweep_step(&mut pass).await {
                Ok(Step::Worked) => {}
                Ok(Step::Skipped(error)) => {
                    tracing::warn!(%error, "a sweep stopped; it goes on with the next one or at the next start");
                }
                Ok(Step::Finished) => break,
                Err(error) => {
                    tracing::warn!(%error, "sweeps stopped; they go on with the next one or at the next start");
                    break;
                }
            }
        }
    }
}

impl Shared {
    /// Deletes some rows of the first order of the pass.
    ///
    /// # Errors
    /// The orders cannot be read, or the storage takes no changes; the other orders would fare no better.
    pub(crate) async fn sweep_step(self: &Arc<Self>, pass: &mut Pass) -> Result<Step, CommitError> {
        let mut orders = sweep::all().span;
        orders.after = pass.behind.clone();
        let Some(order) = self.view().rows(&orders, 1).await?.0.pop() else {
            return Ok(Step::Finished);
        };
        match self.carry_out(&order).await {
            // A row was rewritten meanwhile, and may have left the range: look again.
            Ok(()) | Err(CommitError::Conflict(_)) => Ok(Step::Worked),
            Err(error) => {
                self.engine.health()?;
                pass.behind = order.key.strip_prefix(orders.prefix.as_slice()).map(Cursor::from_bytes);
                Ok(Step::Skipped(error))
            }
        }
    }

    /// Deletes some rows of the order, and the order with the last ones.
    async fn carry_out(self: &Arc<Self>, order: &Row) -> Result<(), CommitError> {
        let Sweep { prefix } = Sweep::decode(order.document())
            .map_err(|error| ReadError::Document { kind: Kind::Sweep, why: error.0 })?;
        let rows = self.view().rows(&Span::new(prefix.clone()), ROWS).await?.0;

        let mut changeset = Changeset::new("sweep").expect_revision(&sweep::key(&prefix), order.revision);
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
        self.commit(changeset).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use slipway_model::{TenantId, UserId};

    use super::*;
    use crate::key::{Key, KeyWriter};
    use crate::store::Store;
    use crate::user;

    /// Keys of the table 0 are the engine's, and no rows.
    const NO_ROWS: [u8; 1] = [0];

    fn unreadable() -> Key<Sweep> {
        KeyWriter::row(Kind::Sweep, &Partition::global()).rest(&[1]).into()
    }

    async fn orders(store: &Store) -> usize {
        store.view().count(&sweep::all(), 9).await.unwrap()
    }

    #[tokio::test]
    async fn an_order_that_fails_stays_and_does_not_hold_up_the_others() {
        let store = Store::open_temporary().await.unwrap();
        let partition = Partition::new(&TenantId::parse("t").unwrap(), 1);
        let row = user::key(&partition, &UserId::parse("u").unwrap());
        let mut changeset = Changeset::new("orders")
            .put(&Partition::global(), &Sweep { prefix: NO_ROWS.into() })
            .sweep(&user::all(&partition));
        let junk = || Write::Put { index_keys: Vec::new(), document: b"junk".to_vec() };
        changeset.write(unreadable().0, junk());
        changeset.write(row.0.clone(), junk());
        store.commit(changeset).await.unwrap();

        for _ in 0..2 {
            let error = store.finish_sweeps().await.unwrap_err();
            assert!(error.to_string().contains("is no row"), "{error}");
            assert!(!store.view().exists(&row).await.unwrap());
            assert_eq!(orders(&store).await, 2);
        }
        let repair = Changeset::new("repair").delete(&unreadable()).delete(&sweep::key(&NO_ROWS));
        store.commit(repair).await.unwrap();
        store.finish_sweeps().await.unwrap();
        assert_eq!(orders(&store).await, 0);
    }

    #[tokio::test]
    async fn a_closed_store_ends_the_pass() {
        let store = Store::open_temporary().await.unwrap();
        let mut changeset = Changeset::new("order");
        changeset.write(unreadable().0, Write::Put { index_keys: Vec::new(), document: b"junk".to_vec() });
        store.commit(changeset).await.unwrap();
        let error = store.finish_sweeps().await.unwrap_err();
        assert!(error.to_string().contains("a stored sweep cannot be read"), "{error}");
        store.close().await;
        assert_eq!(store.finish_sweeps().await, store.health());
        assert!(store.health().is_err());
    }
}
