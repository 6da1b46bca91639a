//! Folders that live as long as their process.

use std::ffi::OsStr;
use std::fs::{File, TryLockError};
use std::path::Path;

use tempfile::TempDir;

use super::folder::LOCK;
use crate::error::OpenError;

const PREFIX: &str = "slipway-";

/// A folder `slipway-{process id}-…` among the temporary files, removed when dropped.
pub(super) struct TemporaryFolder(TempDir);

impl TemporaryFolder {
    /// Makes one, and removes those that dead processes left behind.
    #[expect(clippy::disallowed_methods, reason = "the one place where temporary storage lies")]
    pub(super) fn create() -> Result<Self, OpenError> {
        let temporary = std::env::temp_dir();
        remove_leftovers(&temporary);
        tempfile::Builder::new()
            .prefix(&format!("{PREFIX}{}-", std::process::id()))
            .tempdir_in(&temporary)
            .map(Self)
            .map_err(|error| OpenError::Folder(temporary, error))
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }
}

/// What cannot be read or removed stays: it may belong to another user.
fn remove_leftovers(temporary: &Path) {
    for entry in std::fs::read_dir(temporary).into_iter().flatten().flatten() {
        if process(&entry.file_name()).is_some_and(|process| is_dead(process, &entry.path())) {
            match std::fs::remove_dir_all(entry.path()) {
                Ok(()) => tracing::info!(folder = %entry.path().display(), "removed a leftover"),
                Err(error) => {
                    tracing::debug!(folder = %entry.path().display(), %error, "a leftover stays");
                }
            }
        }
    }
}

/// The process id in the folder's name.
fn process(name: &OsStr) -> Option<u32> {
    name.to_str()?.strip_prefix(PREFIX)?.split_once('-')?.0.parse().ok()
}

/// The process is not seen, and the folder is not locked, since a process of another container may be unseen and
/// alive. A folder that has no lock yet belongs to a process that is just starting.
fn is_dead(process: u32, folder: &Path) -> bool {
    let alive = process == std::process::id() || Path::new("/proc").join(process.to_string()).exists();
    !alive
        && File::open(folder.join(LOCK)).is_ok_and(|lock| match lock.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_leftovers_of_dead_processes_are_removed() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = |name: &str| {
            let folder = temporary.path().join(name);
            std::fs::create_dir(&folder).unwrap();
            File::create(folder.join(LOCK)).unwrap()
        };
        // Process ids stay below 2^22 on Linux.
        let _dead = folder("slipway-4200001-a");
        let unseen = folder("slipway-4200002-b");
        unseen.try_lock().unwrap();
        let _own = folder(&format!("slipway-{}-c", std::process::id()));
        let _other = folder("slipway-data");
        std::fs::create_dir(temporary.path().join("slipway-4200003-d")).unwrap();

        remove_leftovers(temporary.path());

        let mut left: Vec<_> = std::fs::read_dir(temporary.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        let own = format!("slipway-{}-c", std::process::id());
        let mut expected = vec!["slipway-4200002-b", "slipway-4200003-d", &own, "slipway-data"];
        expected.sort_unstable();
        assert_eq!(left, expected);
    }
}
