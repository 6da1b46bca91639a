//! The folder of everything that is kept, and the small files in it that are not records.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{self, Path};

use crate::failure::Failure;

/// Mode of files that only the owner may read.
pub const PRIVATE: u32 = 0o600;
/// Mode of files that everyone may read.
pub const PUBLIC: u32 = 0o644;

/// Keeps the folder out of git.
pub const IGNORE_FILE: &str = ".gitignore";

/// Makes the folder, readable by its owner alone. A folder that is new or empty gets a `.gitignore` with `*`; one
/// with contents is left as it is, for it may be somebody's project.
///
/// # Errors
/// [`Failure::Runtime`] that names the folder.
pub fn prepare(folder: &Path) -> Result<(), Failure> {
    let prepared = || -> io::Result<()> {
        let folder = path::absolute(folder)?;
        let missing: Vec<_> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        missing.iter().filter_map(|made| made.parent()).try_for_each(sync)?;
        if fs::read_dir(&folder)?.next().is_none() {
            write(&folder.join(IGNORE_FILE), b"*\n", PUBLIC)?;
        }
        Ok(())
    };
    prepared().map_err(|error| Failure::at(folder.display(), error))
}

/// Writes the file whole or not at all, with the mode: readers see the old contents or the new ones. It is there
/// after a loss of power too.
///
/// # Errors
/// The system's; the old contents are there then, or the new ones.
pub fn write(path: &Path, contents: &[u8], mode: u32) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().permissions(Permissions::from_mode(mode)).tempfile_in(folder)?;
    file.write_all(contents)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    sync(folder)
}

/// Makes the names in the folder outlive a loss of power.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Reads the file, if there is one.
pub fn read(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_folder_is_private_and_ignored_by_git() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("a/b");
        prepare(&folder).unwrap();
        assert_eq!(mode(&folder), 0o700);
        assert_eq!(fs::read_to_string(folder.join(".gitignore")).unwrap(), "*\n");
    }

    #[test]
    fn a_folder_with_contents_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("Cargo.toml"), "").unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        prepare(folder.path()).unwrap();
        assert_eq!(mode(folder.path()), 0o755);
        assert!(!folder.path().join(".gitignore").exists());
    }

    #[test]
    fn written_files_have_their_mode_and_replace_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        assert_eq!(read(&path).unwrap(), None);
        write(&path, b"old", PUBLIC).unwrap();
        write(&path, b"new", PRIVATE).unwrap();
        assert_eq!(read(&path).unwrap().as_deref(), Some("new"));
        assert_eq!(mode(&path), PRIVATE);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
