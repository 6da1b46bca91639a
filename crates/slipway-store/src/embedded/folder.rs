//! The files beside the tree: the format number and the number of the last acknowledged commit.

use std::fs::File;
use std::io::{self, Seek as _, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::error::OpenError;

/// Format of the folder. Raised when an older Slipway could no longer read it rightly.
const FORMAT: u32 = 1;

/// Makes the folder if it is not there, and checks that this Slipway knows its format.
pub(super) fn prepare(folder: &Path) -> Result<(), OpenError> {
    let io = |error| OpenError::Folder(folder.to_owned(), error);
    create(folder).map_err(io)?;
    let path = folder.join("format");
    match std::fs::read_to_string(&path) {
        Ok(text) => match text.trim_end().parse() {
            Ok(FORMAT) => Ok(()),
            Ok(found) if found > FORMAT => {
                Err(OpenError::Newer { folder: folder.to_owned(), found, known: FORMAT })
            }
            Ok(_) | Err(_) => Err(OpenError::Damaged(path, format!("'{}' is no format", text.trim_end()))),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create_file(&path, &format!("{FORMAT}\n")).map_err(io)
        }
        Err(error) => Err(io(error)),
    }
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
    File::open(folder)?.sync_all()
}

/// The number of the last acknowledged commit, kept outside the journal: a damaged byte can end the replay of the
/// journal early without an error, and then only this number tells that commits are missing.
pub(super) struct AcknowledgedCommits(File);

impl AcknowledgedCommits {
    /// Compares the number with that of the last commit in the tree. The file is made before the first commit, so
    /// a tree with commits and no file has lost it.
    pub(super) fn open(folder: &Path, found: u64) -> Result<Self, OpenError> {
        let path = folder.join("commits");
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
