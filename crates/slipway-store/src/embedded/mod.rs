//! The embedded engine: an LSM tree in a folder, with one writer.
//!
//! Callers put their changesets in a queue. The writer takes what is there, checks each against the tree and the
//! batch so far, writes one atomic batch, syncs once and answers all. Readers use snapshots, which show synced
//! batches only. After a failed write the engine is read-only until writing works again. A folder with damage that
//! can be seen without reading every table is not opened.

mod backup;
mod folder;
mod journal;
mod readers;
mod snapshot;
mod temporary;
mod tree;
mod versions;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, mpsc};
use std::thread::JoinHandle;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::batch::Request;
use crate::changeset::Changeset;
use crate::error::{CommitError, OpenError};
use crate::record::Revision;
pub use backup::BackupError;
pub(crate) use backup::backup;
use folder::{AcknowledgedCommits, FolderLock};
use journal::{Journals, Limits};
use readers::Readers;
pub(crate) use snapshot::Snapshot;
use temporary::TemporaryFolder;
use tree::Tree;
use writer::{Message, Open, State, Writer};

/// Whether a commit is answered before or after the disk has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Durability {
    /// After: an answered commit survives a loss of power.
    Synced,
    /// Before: for folders that do not outlive the process.
    Volatile,
}

const CLOSED: &str = "it is closed";

fn unavailable(why: &str) -> CommitError {
    CommitError::Unavailable(why.to_owned())
}

/// Why nothing is written now; none = it is.
#[derive(Default)]
struct Health(RwLock<Option<String>>);

impl Health {
    fn get(&self) -> Result<(), CommitError> {
        let why = self.0.read().unwrap_or_else(PoisonError::into_inner);
        why.as_deref().map_or(Ok(()), |why| Err(unavailable(why)))
    }

    fn set(&self, why: Option<String>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = why;
    }
}

/// The engine, open.
pub(crate) struct Engine {
    queue: mpsc::Sender<Message>,
    writer: Mutex<Option<JoinHandle<()>>>,
    readers: Arc<Readers>,
    health: Arc<Health>,
    folder: PathBuf,
    /// Given back when everything in the folder is closed.
    _lock: FolderLock,
    /// Last, so that it is removed then.
    _temporary: Option<TemporaryFolder>,
}

impl Engine {
    /// Opens the folder, made if it is not there; the caller's runtime will answer the commits. Blocks: reading and
    /// replaying 64 MB of journal takes about half a second.
    pub(crate) fn open(folder: &Path) -> Result<Self, OpenError> {
        Self::start(folder, Durability::Synced, None)
    }

    /// Opens a folder that lives as long as the engine. Blocks.
    pub(crate) fn open_temporary() -> Result<Self, OpenError> {
        let temporary = TemporaryFolder::create()?;
        let path = temporary.path().to_owned();
        Self::start(&path, Durability::Volatile, Some(temporary))
    }

    fn start(
        folder: &Path,
        durability: Durability,
        temporary: Option<TemporaryFolder>,
    ) -> Result<Self, OpenError> {
        let lock = folder::prepare(folder)?;
        let (open, last) = open(folder, durability)?;
        let readers = Arc::new(Readers::new(folder, &open.tree));
        let health = Arc::<Health>::default();
        let (queue, messages) = mpsc::channel();
        let writer = Writer {
            folder: folder.to_owned(),
            durability,
            readers: Arc::clone(&readers),
            health: Arc::clone(&health),
            callers: Handle::current(),
            last,
            state: State::Open(open),
        };
        let writer = std::thread::Builder::new()
            .name("slipway-writer".to_owned())
            .spawn(move || writer.run(&messages))
            .map_err(|error| OpenError::Folder(folder.to_owned(), error))?;
        Ok(Self {
            queue,
            writer: Mutex::new(Some(writer)),
            readers,
            health,
            folder: folder.to_owned(),
            _lock: lock,
            _temporary: temporary,
        })
    }

    /// The folder that holds everything.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A snapshot with every commit that was answered before the call.
    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot::new(Arc::clone(&self.readers))
    }

    /// Commits. When the future is dropped, the changeset is committed or not.
    pub(crate) async fn commit(&self, changeset: Changeset) -> Result<Revision, CommitError> {
        let (answer, answered) = oneshot::channel();
        let request = Request::new(changeset);
        self.queue.send(Message::Commit { request, answer }).map_err(|_| unavailable(CLOSED))?;
        let unanswered = |_| CommitError::Unknown("the store was closed meanwhile".to_owned());
        answered.await.map_err(unanswered)?
    }

    /// Whether changes are taken now.
    pub(crate) fn health(&self) -> Result<(), CommitError> {
        self.health.get()?;
        match &*self.writer.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(writer) if !writer.is_finished() => Ok(()),
            Some(_) => Err(unavailable("its writer has ended")),
            None => Err(unavailable(CLOSED)),
        }
    }

    /// Answers what is in the queue, syncs, and takes no changes from then on. Reading goes on; the folder is free
    /// for others when the engine is dropped.
    pub(crate) async fn close(&self) {
        if let Some(writer) = self.end() {
            // Fails only if the runtime is shutting down; the writer ends by itself then.
            let _ = tokio::task::spawn_blocking(move || writer.join()).await;
        }
    }

    /// Tells the writer to end, once.
    fn end(&self) -> Option<JoinHandle<()>> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        // Fails only if the writer has ended already.
        let _ = self.queue.send(Message::Close);
        Some(writer)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(writer) = self.end() {
            // Fails only if the writer panicked, and then there is nothing to wait for.
            let _ = writer.join();
        }
    }
}

/// Opens the tree once it is known to hold every acknowledged commit, since it mends what it takes for the end of a
/// journal or for leftovers; and its last commit.
fn open(folder: &Path, durability: Durability) -> Result<(Open, u64), OpenError> {
    let place = folder.join(tree::FOLDER);
    let last = if versions::exist(folder)? { check(folder, &place, durability)? } else { 0 };
    let tree = Tree::open(folder)?;
    let io = |error| OpenError::Folder(place.clone(), error);
    // The tree leaves the names of its keyspaces to the system.
    folder::sync(&place.join("keyspaces")).and_then(|()| folder::sync(&place)).map_err(io)?;
    let found = tree.last_commit().map_err(|error| tree::refused(folder, &error))?;
    if found != last {
        let why = format!("commit {found} is the last in it, and not {last}");
        return Err(versions::damaged(&place, &why));
    }
    let acknowledged = AcknowledgedCommits::open(folder, last)?;
    Ok((Open { tree, acknowledged, earlier: false }, last))
}

/// Checks the files of a closed tree, and takes away what was not written to its end; the last commit.
fn check(folder: &Path, place: &Path, durability: Durability) -> Result<u64, OpenError> {
    versions::check(place)?;
    let acknowledged = AcknowledgedCommits::read(folder)?;
    let synced = acknowledged.unwrap_or(0);
    let journals = Journals::read(place, Limits { synced, keep: u64::MAX })?;
    let in_tables = tree::last_commit_of_tables(folder)?;
    journals.check(folder, in_tables, synced)?;
    match (acknowledged, journals.torn()) {
        // Nobody knows whether what is torn was acknowledged.
        (None, Some(torn)) => return Err(torn),
        (Some(_), _) | (None, None) => journals.settle(durability)?,
    }
    Ok(journals.last(in_tables))
}
