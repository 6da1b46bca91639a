//! Where snapshots read. It stays when the tree is closed, and leads to the new one when it has been opened again.

use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, Weak};

use fjall::{AbstractTree as _, AnyTree, Database, LsmError, SeqNo, UserValue};
use lsm_tree::{Guard as _, IterGuardImpl};

use super::tree::{Tree, damaged_file, describe, is_of_package};
use crate::error::ReadError;

/// The insides of the tree: tables and memtables. They keep neither its threads nor its journal nor its lock.
pub(super) struct Trees {
    pub(super) records: AnyTree,
    pub(super) packages: AnyTree,
}

/// One for all snapshots.
pub(super) struct Readers {
    folder: PathBuf,
    state: RwLock<State>,
}

struct State {
    /// None = the tree was closed and could not be opened again.
    trees: Option<Trees>,
    newest: Newest,
    /// Which opening of the tree this is; held by its snapshots.
    opening: Arc<()>,
    earlier: Option<Earlier>,
    /// The file that made a read fail.
    damaged: OnceLock<Option<PathBuf>>,
}

/// Where new snapshots stand.
enum Newest {
    Open(Database),
    /// Nothing is written any more.
    Closed(fjall::Snapshot),
}

/// Snapshots of the opening before: those that show its last state read the first state of this one, which is the
/// same.
struct Earlier {
    opening: Weak<()>,
    last: SeqNo,
    same: fjall::Snapshot,
}

/// A state that stays as long as this lives.
pub(super) struct Pin {
    state: fjall::Snapshot,
    opening: Arc<()>,
}

impl Readers {
    /// Leads to the tree in the folder.
    pub(super) fn new(folder: &Path, tree: &Tree) -> Self {
        let state = State {
            trees: Some(tree.trees()),
            newest: Newest::Open(tree.database()),
            opening: Arc::default(),
            earlier: None,
            damaged: OnceLock::new(),
        };
        Self { folder: folder.to_owned(), state: RwLock::new(state) }
    }

    /// The newest state.
    pub(super) fn pin(&self) -> Pin {
        let state = self.read_state();
        let newest = match &state.newest {
            Newest::Open(database) => database.snapshot(),
            Newest::Closed(last) => last.clone(),
        };
        Pin { state: newest, opening: Arc::clone(&state.opening) }
    }

    /// Reads a state, until the answer is dropped. Nothing else may be read meanwhile by the same thread.
    pub(super) fn read(&self, pin: &Pin) -> Result<Reading<'_>, ReadError> {
        let state = self.read_state();
        let at = if Arc::ptr_eq(&pin.opening, &state.opening) {
            pin.state.seqno()
        } else {
            let earlier = state.earlier.as_ref().filter(|earlier| {
                earlier.opening.as_ptr() == Arc::as_ptr(&pin.opening) && earlier.last <= pin.state.seqno()
            });
            let gone =
                || ReadError::Unavailable("it was opened again after a failed write; read anew".to_owned());
            earlier.ok_or_else(gone)?.same.seqno()
        };
        Ok(Reading { folder: &self.folder, state, at })
    }

    /// Lets the tree be closed. Snapshots go on, new ones too.
    pub(super) fn close(&self) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if let Newest::Open(database) = &state.newest {
            state.newest = Newest::Closed(database.snapshot());
        }
    }

    /// Leads to the tree that `open` opens. Nothing is read meanwhile: what the old tree has marked for deletion goes
    /// with it, by name, and the new one may use the same names again.
    pub(super) fn reopen<E>(&self, open: impl FnOnce() -> Result<Tree, E>) -> Result<Tree, E> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.trees = None;
        let tree = open()?;
        state.trees = Some(tree.trees());
        state.damaged = OnceLock::new();
        let opened = Newest::Open(tree.database());
        if let Newest::Closed(last) = std::mem::replace(&mut state.newest, opened) {
            let before = std::mem::take(&mut state.opening);
            let (opening, last) = (Arc::downgrade(&before), last.seqno());
            state.earlier = Some(Earlier { opening, last, same: tree.database().snapshot() });
        }
        Ok(tree)
    }

    /// Lets go what was kept for snapshots of the opening before, once they are gone; true = they are.
    pub(super) fn forget_earlier(&self) -> bool {
        let in_use = |earlier: &Earlier| earlier.opening.strong_count() > 0;
        if self.read_state().earlier.as_ref().is_some_and(in_use) {
            return false;
        }
        self.state.write().unwrap_or_else(PoisonError::into_inner).earlier = None;
        true
    }

    fn read_state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One state, to be read.
pub(super) struct Reading<'a> {
    folder: &'a Path,
    state: RwLockReadGuard<'a, State>,
    at: SeqNo,
}

/// Keys with their values, from both ends.
pub(super) type Entries = Box<dyn DoubleEndedIterator<Item = IterGuardImpl> + Send + 'static>;

impl Reading<'_> {
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<UserValue>, ReadError> {
        self.tree(key)?.get(key, self.at).map_err(|error| self.failed(error))
    }

    pub(super) fn contains(&self, key: &[u8]) -> Result<bool, ReadError> {
        self.tree(key)?.contains_key(key, self.at).map_err(|error| self.failed(error))
    }

    /// The entries whose keys begin with the prefix.
    pub(super) fn prefix(&self, prefix: &[u8]) -> Result<Entries, ReadError> {
        Ok(self.tree(prefix)?.prefix(prefix, self.at, None))
    }

    /// The entries of the range, in the keyspace of the key.
    pub(super) fn range(
        &self,
        key: &[u8],
        range: (Bound<Vec<u8>>, Bound<Vec<u8>>),
    ) -> Result<Entries, ReadError> {
        Ok(self.tree(key)?.range(range, self.at, None))
    }

    /// Key and value of an entry.
    pub(super) fn entry(&self, entry: IterGuardImpl) -> Result<(UserValue, UserValue), ReadError> {
        entry.into_inner().map_err(|error| self.failed(error))
    }

    /// An entry is there; its value is not read.
    pub(super) fn key(&self, entry: IterGuardImpl) -> Result<UserValue, ReadError> {
        entry.key().map_err(|error| self.failed(error))
    }

    fn tree(&self, key: &[u8]) -> Result<&AnyTree, ReadError> {
        let closed =
            || ReadError::Unavailable("after a failed write it could not be opened again yet".to_owned());
        let trees = self.state.trees.as_ref().ok_or_else(closed)?;
        Ok(if is_of_package(key) { &trees.packages } else { &trees.records })
    }

    /// Names the file where there is one to name; the tree does not.
    fn failed(&self, error: LsmError) -> ReadError {
        let error = fjall::Error::Storage(error);
        let why = describe(&error);
        ReadError::Engine(match self.state.damaged.get_or_init(|| damaged_file(self.folder, &error)) {
            Some(file) => format!("'{}' is damaged: {why}; restore the folder from a backup", file.display()),
            None => why,
        })
    }
}
