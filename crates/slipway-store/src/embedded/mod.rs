//! The embedded engine: an LSM tree in a folder, with one writer.
//!
//! Callers put their changesets in a queue. The writer takes what is there, checks each against the tree and the
//! batch so far, writes one atomic batch, syncs once and answers all. Readers use snapshots, which show synced
//! batches only.

mod folder;
mod snapshot;
mod temporary;
mod tree;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};
use std::thread::JoinHandle;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::batch::Request;
use crate::changeset::Changeset;
use crate::error::{CommitError, OpenError};
use crate::record::Revision;
use folder::AcknowledgedCommits;
pub(crate) use snapshot::Snapshot;
use temporary::TemporaryFolder;
use tree::{Tree, describe};
use writer::{Message, Writer};

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

/// The engine, open.
pub(crate) struct Engine {
    tree: Tree,
    queue: mpsc::Sender<Message>,
    writer: Mutex<Option<JoinHandle<()>>>,
    /// Why nothing is written any more; set once, by the writer.
    read_only: Arc<OnceLock<String>>,
    folder: PathBuf,
    /// Last, so that it is removed when everything in it is closed.
    _temporary: Option<TemporaryFolder>,
}

impl Engine {
    /// Opens the folder, made if it is not there; the caller's runtime will answer the commits. Blocks: replaying 64 MB of journal takes about half a second.
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
        folder::prepare(folder)?;
        let tree = Tree::open(folder)?;
        let last =
            tree.last_commit().map_err(|error| OpenError::Engine(folder.to_owned(), describe(&error)))?;
        let acknowledged = AcknowledgedCommits::open(folder, last)?;
        let (queue, messages) = mpsc::channel();
        let read_only = Arc::new(OnceLock::new());
        let writer = Writer {
            tree: tree.clone(),
            durability,
            last,
            acknowledged,
            read_only: Arc::clone(&read_only),
            callers: Handle::current(),
        };
        let writer = std::thread::Builder::new()
            .name("slipway-writer".to_owned())
            .spawn(move || writer.run(&messages))
            .map_err(|error| OpenError::Folder(folder.to_owned(), error))?;
        let folder = folder.to_owned();
        Ok(Self { tree, queue, writer: Mutex::new(Some(writer)), read_only, folder, _temporary: temporary })
    }

    /// The folder that holds everything.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A snapshot with every commit that was answered before the call.
    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot::new(self.tree.clone())
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
        if let Some(why) = self.read_only.get() {
            return Err(unavailable(why));
        }
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
