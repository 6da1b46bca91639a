//! The store as the rest of Slipway sees it: typed records over an engine.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::task::JoinError;

use crate::changeset::{Changeset, Expectation};
use crate::embedded::{self, BackupError};
use crate::engine::{Engine, Snapshot};
use crate::error::{CommitError, OpenError, ReadError};
use crate::key::{Cursor, Key, Partition, Range, Span, UniqueKey};
use crate::kind::Counter;
use crate::memory::{Memory, Presumptions};
use crate::postgres::{self, Database, SetupLock};
use crate::record::{Record, Revision};
use crate::row::Row;
use crate::sweep::{Pass, Step, Sweeper};

/// A handle of the storage; clones are the same storage, which closes when the last handle and view are gone.
#[derive(Clone)]
pub struct Store(Arc<Shared>);

/// What the handles share.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    memory: Memory,
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
        let owned = folder.to_owned();
        let store =
            Self::on(Engine::Embedded(embedded(folder, move || embedded::Engine::open(&owned)).await?));
        // A folder is open once, so that the process of an import which stands there is gone.
        if let Err(error) = store.end_unfinished_imports().await {
            tracing::warn!(%error, "what an import left is not deleted yet; the next start does it");
        }
        Ok(store)
    }

    /// Opens empty storage in a temporary folder, without syncs; the folder is removed when the storage closes.
    ///
    /// # Errors
    /// [`OpenError`].
    #[expect(clippy::disallowed_methods, reason = "the place that an error names")]
    pub async fn open_temporary() -> Result<Self, OpenError> {
        let folder = std::env::temp_dir();
        Ok(Self::on(Engine::Embedded(embedded(&folder, embedded::Engine::open_temporary).await?)))
    }

    /// Opens the storage in a PostgreSQL database, which any number of servers may share. Its tables are made or
    /// brought to this version first. Commits are durable when they are answered, as far as the database is set so.
    ///
    /// # Errors
    /// [`OpenError`]: it cannot be reached, or its tables were made by a newer Slipway.
    pub async fn open_database(database: &Database) -> Result<Self, OpenError> {
        Ok(Self::on(Engine::Postgres(postgres::Engine::open(database).await?)))
    }

    fn on(engine: Engine) -> Self {
        let store = Self(Arc::new(Shared { engine, memory: Memory::new(), sweeper: Sweeper::new() }));
        store.0.sweeper.start(&store.0);
        store
    }

    /// The folder in which the storage lies, if it lies in one; a temporary one goes with the storage.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.0.engine.folder()
    }

    /// Where the storage is, for messages: a folder, or a database and its host.
    #[must_use]
    pub fn name(&self) -> String {
        self.0.engine.name()
    }

    /// Waits until no other server is setting the same storage up, and keeps others waiting until it is dropped.
    /// In a folder there is no other server.
    ///
    /// # Errors
    /// [`OpenError`] when the database cannot be asked.
    pub async fn setup_lock(&self) -> Result<Option<SetupLock>, OpenError> {
        match &self.0.engine {
            Engine::Embedded(_) => Ok(None),
            Engine::Postgres(engine) => engine.setup_lock().await.map(Some),
        }
    }

    /// One snapshot with every commit that was answered before.
    #[must_use]
    pub fn view(&self) -> View {
        self.0.view()
    }

    /// A view for the first try at a write. It takes rows that were read lately for what they were, and other rows
    /// may be of different moments. What is decided on it must be committed with [`Changeset::presuming`], a refusal
    /// that rests on it must be decided again on a [`Self::view`], and scans in it are no ground for a decision.
    #[must_use]
    pub fn presuming_view(&self) -> View {
        View {
            snapshot: self.0.engine.newest(),
            presumed: Some(Presumptions::default()),
            shared: Arc::clone(&self.0),
        }
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

    /// Copies one snapshot with every commit that was answered before to the target, a folder that can be opened as it
    /// is, and gives the number of its last commit. The target must not be there or be an empty folder; it has its name
    /// only when the copy is whole and on the disk. The files go along, under their names. The storage goes on
    /// meanwhile. None = the storage is a database, which has tools of its own for this.
    ///
    /// # Errors
    /// [`BackupError`].
    pub async fn backup(&self, target: &Path, along: &[PathBuf]) -> Result<Option<u64>, BackupError> {
        let Engine::Embedded(engine) = &self.0.engine else { return Ok(None) };
        let (store, snapshot) = (self.clone(), engine.snapshot());
        let (owned, along) = (target.to_owned(), along.to_owned());
        let copy = move || {
            let copied = embedded::backup(&snapshot, &owned, &along);
            // The store keeps the engine open.
            drop((snapshot, store));
            copied
        };
        let copied = tokio::task::spawn_blocking(copy).await;
        let cut_off = |error: JoinError| OpenError::Engine(target.to_owned(), error.to_string());
        copied.map_err(cut_off)?.map(Some)
    }

    /// Answers the commits in flight, syncs, and takes no changes from then on; views go on. The folder is free
    /// for others when all handles and views are gone.
    pub async fn close(&self) {
        self.0.engine.close().await;
    }
}

impl Shared {
    pub(crate) fn view(self: &Arc<Self>) -> View {
        View { snapshot: self.engine.snapshot(), presumed: None, shared: Arc::clone(self) }
    }

    pub(crate) async fn commit(&self, changeset: Changeset) -> Result<Revision, CommitError> {
        changeset.validate()?;
        let _aftermath = Aftermath { shared: self, touched: changeset.touched(), sweeps: changeset.sweeps };
        self.engine.commit(changeset).await
    }
}

/// What follows a commit whose outcome may be seen by nobody, if its caller is gone.
struct Aftermath<'a> {
    shared: &'a Shared,
    /// Keys of which something older may be known.
    touched: Vec<Vec<u8>>,
    sweeps: bool,
}

impl Drop for Aftermath<'_> {
    fn drop(&mut self) {
        for key in &self.touched {
            self.shared.memory.forget(key);
        }
        if self.sweeps {
            self.shared.sweeper.wake();
        }
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

/// How a row is asked for.
#[derive(Clone, Copy)]
enum By {
    Key,
    UniqueKey,
}

/// One snapshot: what is committed later does not show. Keep it short: the storage keeps old rows for it.
pub struct View {
    snapshot: Snapshot,
    /// What was taken for true without reading it, if that is done at all.
    presumed: Option<Presumptions>,
    /// Keeps the engine open.
    shared: Arc<Shared>,
}

impl View {
    /// The row, if it is there.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn get<R: Record>(&self, key: &Key<R>) -> Result<Option<Stored<R>>, ReadError> {
        if let Some(presumed) = &self.presumed {
            return self.shown(presumed, &key.0, By::Key).await?.map(|row| decode(&row)).transpose();
        }
        let row = self.snapshot.get(&key.0).await?;
        self.remember(&key.0, row.as_ref());
        row.as_ref().map(decode).transpose()
    }

    /// The row, if it is there; a presuming view takes it for absent.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn get_presuming_absent<R: Record>(
        &self,
        key: &Key<R>,
    ) -> Result<Option<Stored<R>>, ReadError> {
        let Some(presumed) = &self.presumed else { return self.get(key).await };
        presumed.absent(R::KIND, &key.0);
        Ok(None)
    }

    /// Whether the row is there; its document is not looked at.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn exists<R: Record>(&self, key: &Key<R>) -> Result<bool, ReadError> {
        match &self.presumed {
            Some(presumed) => Ok(self.shown(presumed, &key.0, By::Key).await?.is_some()),
            None => self.snapshot.contains(&key.0).await,
        }
    }

    /// Which commit wrote the row, if it is there; its document is not looked at. What was kept of the row is good
    /// as long as this is the same.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn revision<R: Record>(&self, key: &Key<R>) -> Result<Option<Revision>, ReadError> {
        match &self.presumed {
            Some(presumed) => Ok(self.shown(presumed, &key.0, By::Key).await?.map(|row| row.revision)),
            None => self.snapshot.revision(&key.0).await,
        }
    }

    /// The rows, in the order of the keys; none = not there.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn get_many<R: Record>(&self, keys: &[Key<R>]) -> Result<Vec<Option<Stored<R>>>, ReadError> {
        let keys: Vec<_> = keys.iter().map(|key| key.0.as_slice()).collect();
        let rows = self.snapshot.get_many(R::KIND, &keys).await?;
        rows.iter().map(|row| row.as_ref().map(decode).transpose()).collect()
    }

    /// The row that has this key in a unique index.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn find<R: Record>(&self, key: &UniqueKey<R>) -> Result<Option<Stored<R>>, ReadError> {
        if let Some(presumed) = &self.presumed {
            return self.shown(presumed, &key.0, By::UniqueKey).await?.map(|row| decode(&row)).transpose();
        }
        let row = self.snapshot.find(&key.0).await?;
        self.remember(&key.0, row.as_ref());
        row.as_ref().map(decode).transpose()
    }

    /// The first rows of the range, at most `limit`.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn scan<R: Record>(&self, range: &Range<R>, limit: usize) -> Result<Page<R>, ReadError> {
        let (rows, next) = self.snapshot.scan(&range.span, limit).await?;
        let rows = rows.iter().map(decode).collect::<Result<_, _>>()?;
        Ok(Page { rows, next })
    }

    /// How many rows the range has, counted up to `at_most`: a count reads every key.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn count<R: Record>(&self, range: &Range<R>, at_most: usize) -> Result<usize, ReadError> {
        self.snapshot.count(&range.span, at_most).await
    }

    /// The counter of the partition; 0 if nothing was added. In a presuming view it may be a second old.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn counter(&self, partition: &Partition, counter: Counter) -> Result<i64, ReadError> {
        let (key, memory) = (partition.counter(counter), &self.shared.memory);
        if self.presumed.is_none() {
            return self.snapshot.counter(&key).await;
        }
        if let Some(value) = memory.counter(&key) {
            return Ok(value);
        }
        let value = self.snapshot.counter(&key).await?;
        memory.keep_counter(&key, value);
        Ok(value)
    }

    /// The first rows of the span, undecoded, and the cursor to go on from.
    pub(crate) async fn rows(
        &self,
        span: &Span,
        limit: usize,
    ) -> Result<(Vec<Row>, Option<Cursor>), ReadError> {
        self.snapshot.scan(span, limit).await
    }

    /// Whether it presumes; then what was decided on it holds only once it is committed.
    #[must_use]
    pub fn presumes(&self) -> bool {
        self.presumed.is_some()
    }

    /// Whether it presumes and has shown anything.
    #[must_use]
    pub fn has_presumed(&self) -> bool {
        self.presumed.as_ref().is_some_and(Presumptions::any)
    }

    /// Forgets the rows that it showed: a commit found that some of them were old.
    pub fn forget_shown(&self) {
        for key in self.presumed.iter().flat_map(Presumptions::keys) {
            self.shared.memory.forget(&key);
        }
    }

    /// What must be true for all that a presuming view has shown to be true.
    pub(crate) fn expectations(&self) -> Vec<Expectation> {
        self.presumed.as_ref().map(Presumptions::expectations).unwrap_or_default()
    }

    /// A row of a presuming view: what it showed before, else what memory has, else what is stored.
    async fn shown(
        &self,
        presumed: &Presumptions,
        key: &[u8],
        by: By,
    ) -> Result<Option<Arc<Row>>, ReadError> {
        if let Some(row) = presumed.row(key) {
            return Ok(Some(row));
        }
        let row = if let Some(row) = self.shared.memory.get(key) {
            row
        } else {
            let row = match by {
                By::Key => self.snapshot.get(key).await?,
                By::UniqueKey => self.snapshot.find(key).await?,
            };
            self.remember(key, row.as_ref());
            let Some(row) = row else { return Ok(None) };
            Arc::new(row)
        };
        presumed.present(key, &row);
        Ok(Some(row))
    }

    /// Keeps in mind what was read under a key.
    fn remember(&self, key: &[u8], row: Option<&Row>) {
        match row {
            Some(row) => self.shared.memory.keep(row),
            None => self.shared.memory.forget(key),
        }
    }

    /// The snapshot itself, for what looks at rows of every kind.
    pub(crate) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }
}

async fn embedded(
    folder: &Path,
    open: impl FnOnce() -> Result<embedded::Engine, OpenError> + Send + 'static,
) -> Result<embedded::Engine, OpenError> {
    let opened = tokio::task::spawn_blocking(open).await;
    opened.map_err(|error| OpenError::Engine(folder.to_owned(), error.to_string()))?
}

fn decode<R: Record>(row: &Row) -> Result<Stored<R>, ReadError> {
    let record =
        R::decode(row.document()).map_err(|error| ReadError::Document { kind: R::KIND, why: error.0 })?;
    Ok(Stored { record, revision: row.revision })
}
