//! The files beside the tree: the lock, the format number and the number of the last acknowledged commit.

use std::fs::{File, TryLockError};
use std::io::{self, Seek as _, Write as _};
use std::path::Path;
use std::time::Duration;

use tempfile::NamedTempFile;

use crate::error::OpenError;

/// Format of the folder. Raised when an older Slipway could no longer read it rightly.
const FORMAT: u32 = 4;

/// The oldest format that is read. A folder of it becomes one of today's when it is opened.
const OLDEST: u32 = 2;

/// What must fit on the disk before writing is tried again: less is used up by the first full memtable.
const ROOM_BYTES: usize = 16 * 1_024 * 1_024;

/// Keeps other processes from the folder, through every closing and opening of the tree in it.
pub(super) struct FolderLock(#[expect(dead_code, reason = "locked as long as it is open")] File);

/// Name of the file that is locked.
pub(super) const LOCK: &str = "lock";

/// Makes the folder if it is not there, locks it, and checks that this Slipway knows its format.
pub(super) fn prepare(folder: &Path) -> Result<FolderLock, OpenError> {
    let io = |error| OpenError::Folder(folder.to_owned(), error);
    create(folder).map_err(io)?;
    let lock =
        File::options().write(true).create(true).truncate(false).open(folder.join(LOCK)).map_err(io)?;
    take(&lock).map_err(|error| match error {
        TryLockError::WouldBlock => OpenError::InUse(folder.to_owned()),
        TryLockError::Error(error) => io(error),
    })?;
    let path = folder.join("format");
    match std::fs::read_to_string(&path) {
        Ok(text) => match text.trim_end().parse() {
            Ok(FORMAT) => Ok(FolderLock(lock)),
            Ok(OLDEST..FORMAT) => begin(&path, lock).map_err(io),
            Ok(found) if found > FORMAT => {
                Err(OpenError::Newer { folder: folder.to_owned(), found, known: FORMAT })
            }
            Ok(_) | Err(_) => Err(OpenError::Damaged(path, format!("'{}' is no format", text.trim_end()))),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => begin(&path, lock).map_err(io),
        Err(error) => Err(io(error)),
    }
}

/// Writes the format.
fn begin(path: &Path, lock: File) -> io::Result<FolderLock> {
    create_file(path, &format!("{FORMAT}\n"))?;
    Ok(FolderLock(lock))
}

/// Waits a moment for one who is just about to give it back.
fn take(lock: &File) -> Result<(), TryLockError> {
    for _ in 0..50 {
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
            taken => return taken,
        }
    }
    lock.try_lock()
}

/// The folder holds signing keys, so it is the owner's alone.
fn create(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Under its name the file is whole or not there.
fn create_file(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    sync(folder)
}

/// Brings the names in a folder to the disk.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Whether there is room for more, and writing works at all.
pub(super) fn try_writing(folder: &Path) -> io::Result<()> {
    let mut file = tempfile::tempfile_in(folder)?;
    let part = vec![1; 1_024 * 1_024];
    for _ in 0..ROOM_BYTES / part.len() {
        file.write_all(&part)?;
    }
    file.sync_all()
}

/// The number of the last acknowledged commit, kept outside of the journals: when the last ones are cut off between
/// two batches, only this number tells.
pub(super) struct AcknowledgedCommits(File);

/// Name of its file.
pub(super) const COMMITS: &str = "commits";

impl AcknowledgedCommits {
    /// The number in the file; none = there is no file or no number.
    pub(super) fn read(folder: &Path) -> Result<Option<u64>, OpenError> {
        let path = folder.join(COMMITS);
        let text = read(&path).map_err(|error| OpenError::Folder(path, error))?;
        Ok(text.trim_end().parse().ok())
    }

    /// Compares the number with that of the last commit in the tree. The file is made before the first commit, so
    /// a tree with commits and no file has lost it.
    pub(super) fn open(folder: &Path, found: u64) -> Result<Self, OpenError> {
        let path = folder.join(COMMITS);
        let io = |error| OpenError::Folder(path.clone(), error);
        let text = read(&path).map_err(io)?;
        let acknowledged = if text.is_empty() && found == 0 {
            create_file(&path, &line(0)).map_err(io)?;
            0
        } else {
            parse(&path, &text, found)?
        };
        let file = File::options().write(true).open(&path).map_err(io)?;
        if found < acknowledged {
            return Err(OpenError::CommitsMissing { folder: folder.to_owned(), found, acknowledged });
        }
        Ok(Self(file))
    }

    /// Makes the file for a folder that has these commits from the start.
    pub(super) fn create(folder: &Path, commits: u64) -> io::Result<()> {
        create_file(&folder.join(COMMITS), &line(commits))
    }

    /// Writes the number, without a sync: after a loss of power an earlier number stands there, which refuses
    /// nothing wrongly.
    pub(super) fn write(&mut self, commit: u64) -> io::Result<()> {
        self.0.rewind()?;
        self.0.write_all(line(commit).as_bytes())
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        self.0.sync_all()
    }
}

/// Always as long, so that a number is written over the last one in place.
fn line(commit: u64) -> String {
    format!("{commit:020}\n")
}

/// The text of the file; empty if it is not there.
fn read(path: &Path) -> io::Result<String> {
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        text => text,
    }
}

fn parse(path: &Path, text: &str, found: u64) -> Result<u64, OpenError> {
    text.trim_end().parse().map_err(|_| {
        let why = format!(
            "it holds no commit number, so commits may be missing; restore the folder from a backup, or write \
             {found} into the file to go on with the {found} commits that are there"
        );
        OpenError::Damaged(path.to_owned(), why)
    })
}
