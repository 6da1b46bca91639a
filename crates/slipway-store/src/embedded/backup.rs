//! A copy of one state as a folder of its own, made while the engine serves.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::folder::{self, AcknowledgedCommits};
use super::snapshot::Snapshot;
use super::tree::{self, Tree};
use crate::error::{OpenError, ReadError};
use crate::kind::Kind;

/// About how much is in memory at a time; a package may be larger.
const PART_BYTES: usize = 1_024 * 1_024;

/// Why there is no backup. Nothing is left of one that was begun.
#[derive(Debug)]
pub enum BackupError {
    /// The target is there, and is not an empty folder.
    Occupied(PathBuf),
    /// The storage cannot be read.
    Read(ReadError),
    /// The copy cannot be written.
    Write(OpenError),
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Occupied(target) => write!(f, "'{}' exists and is not an empty folder", target.display()),
            Self::Read(error) => error.fmt(f),
            Self::Write(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BackupError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Occupied(_) => None,
            Self::Read(error) => Some(error),
            Self::Write(error) => Some(error),
        }
    }
}

impl From<ReadError> for BackupError {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

impl From<OpenError> for BackupError {
    fn from(error: OpenError) -> Self {
        Self::Write(error)
    }
}

/// Writes what the snapshot shows to the target, which can be opened as it is, and the files beside it; the number of
/// its last commit. The target is made, and has its name only when it is whole and on the disk. Blocks.
pub(crate) fn backup(snapshot: &Snapshot, target: &Path, along: &[PathBuf]) -> Result<u64, BackupError> {
    let io = |error| OpenError::Folder(target.to_owned(), error);
    match std::fs::read_dir(target).map(|mut entries| entries.next().is_none()) {
        Ok(true) => {}
        Ok(false) => return Err(BackupError::Occupied(target.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Err(BackupError::Occupied(target.to_owned()));
        }
        Err(error) => return Err(io(error).into()),
    }
    let beside = match target.parent() {
        None => target,
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
    };
    std::fs::create_dir_all(beside).map_err(io)?;
    let copy = tempfile::Builder::new().prefix(".slipway-backup-").tempdir_in(beside).map_err(io)?;
    let last = write(snapshot, copy.path())?;
    for file in along {
        take_along(file, copy.path()).map_err(|error| OpenError::Folder(file.clone(), error))?;
    }
    folder::sync(copy.path()).map_err(io)?;
    std::fs::rename(copy.path(), target).map_err(io)?;
    // It has another name now.
    let _ = copy.keep();
    folder::sync(beside).map_err(io)?;
    Ok(last)
}

/// Copies a file with its mode.
fn take_along(file: &Path, folder: &Path) -> io::Result<()> {
    let copy = folder.join(file.file_name().unwrap_or_default());
    std::fs::copy(file, &copy)?;
    File::open(copy)?.sync_all()
}

fn write(snapshot: &Snapshot, folder: &Path) -> Result<u64, BackupError> {
    let _lock = folder::prepare(folder)?;
    let tree = Tree::open(folder)?;
    copy(snapshot, &tree, &[], folder)?;
    copy(snapshot, &tree, &[Kind::Package as u8], folder)?;
    tree.close();
    let last = snapshot.last_commit()?;
    let place = folder.join(tree::FOLDER);
    let finish = || {
        folder::sync(&place.join("keyspaces"))?;
        folder::sync(&place)?;
        AcknowledgedCommits::create(folder, last)
    };
    finish().map_err(|error| OpenError::Folder(folder.to_owned(), error))?;
    Ok(last)
}

/// Copies one keyspace, from the key on, straight into tables, which are on the disk when this returns.
fn copy(snapshot: &Snapshot, tree: &Tree, key: &[u8], folder: &Path) -> Result<(), BackupError> {
    let failed = |error| tree::refused(folder, &error);
    let mut part = snapshot.stored_behind(key, PART_BYTES)?;
    if part.is_empty() {
        return Ok(());
    }
    let mut tables = tree.keyspace(key).start_ingestion().map_err(failed)?;
    while let Some((last, _)) = part.last() {
        let last = last.clone();
        for (key, value) in part {
            tables.write(key, value).map_err(failed)?;
        }
        part = snapshot.stored_behind(&last, PART_BYTES)?;
    }
    Ok(tables.finish().map_err(failed)?)
}
