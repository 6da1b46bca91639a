//! The store as the rest of Slipway sees it: typed records over an engine.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::changeset::Changeset;
use crate::embedded::{Engine, Row, Snapshot};
use crate::error::{CommitError, OpenError, ReadError};
use crate::key::{Cursor, Key, Partition, Range, Span, UniqueKey};
use crate::kind::Counter;
use crate::record::{Record, Revision};
use crate::sweep::{Pass, Step, Sweeper};

/// A handle of the storage; clones are the same storage, which closes when the last handle and view are gone.
#[derive(Clone)]
pub struct Store(Arc<Shared>);

/// What the handles share.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    sweeper: Sweeper,
}

impl Store {
    /// Opens the storage in the folder, made if it is not there. Commits are durable when they are answered.
    ///
    /// Commits are answered and ranges swept by tasks of the runtime in which it is opened; a commit that is made
    /// after the end of that runtime is [`CommitError::Unknown`].
    ///
    /// # Errors
    /// [`OpenError`]; nothing has been changed then.
    pub async fn open(folder: &Path) -> Result<Self, OpenError> {
        let folder = folder.to_owned();
        Self::start(folder.clone(), move || Engine::open(&folder)).await
    }

    /// Opens empty storage in a temporary folder, without syncs; the folder is removed when the storage closes.
    ///
    /// # Errors
    /// [`OpenError`].
    #[expect(clippy::disallowed_methods, reason = "the place that an error names")]
    pub async fn open_temporary() -> Result<Self, OpenError> {
        Self::start(std::env::temp_dir(), Engine::open_temporary).await
    }

    async fn start(
        folder: PathBuf,
        open: impl FnOnce() -> Result<Engine, OpenError> + Send + 'static,
    ) -> Result<Self, OpenError> {
        let opened = tokio::task::spawn_blocking(open).await;
        let engine = opened.map_err(|error| OpenError::Engine(folder, error.to_string()))??;
        let store = Self(Arc::new(Shared { engine, sweeper: Sweeper::new() }));
        store.0.sweeper.start(&store.0);
        Ok(store)
    }

    /// The folder in which the storage lies; a temporary one goes with the storage.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.0.engine.folder()
    }

    /// One snapshot with every commit that was answered before.
    #[must_use]
    pub fn view(&self) -> View {
        self.0.view()
    }

    /// Commits the changeset: all of it or nothing. Durable when it returns.
    ///
    /// # Errors
    /// [`CommitError`]: refused, or unknown.
    pub async fn commit(&self, changeset: Changeset) -> Result<Revision, CommitError> {
        self.0.commit(changeset).await
    }

    /// Whether the storage takes changes now.
    ///
    /// # Errors
    /// [`CommitError::Unavailable`], with which every commit would be refused: closed, or read-only since a write
    /// failed.
    pub fn health(&self) -> Result<(), CommitError> {
        self.0.engine.health()
    }

    /// Does now what is left of the sweeps, for tests and for an orderly stop.
    ///
    /// # Errors
    /// The first one that a sweep met, after all have been tried; the sweep is tried again with the next one that
    /// is ordered and at the next start.
    pub async fn finish_sweeps(&self) -> Result<(), CommitError> {
        let mut pass = Pass::default();
        let mut failure = Ok(());
        loop {
            match self.0.sweep_step(&mut pass).await? {
                Step::Worked => {}
                Step::Skipped(error) => failure = failure.and(Err(error)),
                Step::Finished => return failure,
            }
        }
    }

    /// Answers the commits in flight, syncs, and takes no changes from then on; views go on. The folder is free
    /// for others when all handles and views are gone.
    pub async fn close(&self) {
        let shared = Arc::clone(&self.0);
        // Fails only if the runtime is shutting down; dropping the storage closes it too.
        let _ = tokio::task::spawn_blocking(move || shared.engine.close()).await;
    }
}

impl Shared {
    pub(crate) fn view(self: &Arc<Self>) -> View {
        View { snapshot: self.engine.snapshot(), _shared: Arc::clone(self) }
    }

    pub(crate) async fn commit(&self, changeset: Changeset) -> Result<Revision, CommitError> {
        changeset.validate()?;
        let sweeps = changeset.sweeps;
        let revision = self.engine.commit(changeset).await?;
        if sweeps {
            self.sweeper.wake();
        }
        Ok(revision)
    }
}

/// A record as a view gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored<R> {
    /// The record.
    pub record: R,
    /// Which commit wrote it, for [`Changeset::expect_revision`].
    pub revision: Revision,
}

/// Some rows of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<R> {
    /// The rows, in the order of the range.
    pub rows: Vec<Stored<R>>,
    /// Where to go on; none = that was all.
    pub next: Option<Cursor>,
}

/// One snapshot: what is committed later does not show. Keep it short: the storage keeps old rows for it.
pub struct View {
    snapshot: Snapshot,
    /// Keeps the engine open.
    _shared: Arc<Shared>,
}

#[expect(
    clippy::unused_async,
    reason = "a database on the network waits for its answers; here a read is shorter than handing it to a thread"
)]
impl View {
    /// The row, if it is there.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn get<R: Record>(&self, key: &Key<R>) -> Result<Option<Stored<R>>, ReadError> {
        self.snapshot.get(&key.0)?.map(|row| decode(&row)).transpose()
    }

    /// Whether the row is there; its document is not looked at.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn exists<R: Record>(&self, key: &Key<R>) -> Result<bool, ReadError> {
        self.snapshot.contains(&key.0)
    }

    /// Which commit wrote the row, if it is there; its document is not looked at. What was kept of the row is good
    /// as long as this is the same.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn revision<R: Record>(&self, key: &Key<R>) -> Result<Option<Revision>, ReadError> {
        Ok(self.snapshot.get(&key.0)?.map(|row| row.revision))
    }

    /// The rows, in the order of the keys; none = not there.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn get_many<R: Record>(&self, keys: &[Key<R>]) -> Result<Vec<Option<Stored<R>>>, ReadError> {
        keys.iter().map(|key| self.snapshot.get(&key.0)?.map(|row| decode(&row)).transpose()).collect()
    }

    /// The row that has this key in a unique index.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn find<R: Record>(&self, key: &UniqueKey<R>) -> Result<Option<Stored<R>>, ReadError> {
        self.snapshot.find(&key.0)?.map(|row| decode(&row)).transpose()
    }

    /// The first rows of the range, at most `limit`.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn scan<R: Record>(&self, range: &Range<R>, limit: usize) -> Result<Page<R>, ReadError> {
        let (rows, next) = self.snapshot.scan(&range.span, limit)?;
        let rows = rows.iter().map(decode).collect::<Result<_, _>>()?;
        Ok(Page { rows, next })
    }

    /// How many rows the range has, counted up to `at_most`: a count reads every key.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn count<R: Record>(&self, range: &Range<R>, at_most: usize) -> Result<usize, ReadError> {
        self.snapshot.count(&range.span, at_most)
    }

    /// The counter of the partition; 0 if nothing was added.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn counter(&self, partition: &Partition, counter: Counter) -> Result<i64, ReadError> {
        self.snapshot.counter(&partition.counter(counter))
    }

    /// The first rows of the span, undecoded.
    pub(crate) async fn rows(&self, span: &Span, limit: usize) -> Result<Vec<Row>, ReadError> {
        Ok(self.snapshot.scan(span, limit)?.0)
    }
}

fn decode<R: Record>(row: &Row) -> Result<Stored<R>, ReadError> {
    let record =
        R::decode(row.document()).map_err(|error| ReadError::Document { kind: R::KIND, why: error.0 })?;
    Ok(Stored { record, revision: row.revision })
}
