//! What can go wrong at the seam.

use std::fmt;
use std::path::PathBuf;

use crate::kind::{Index, Kind};

/// An expectation of a changeset that did not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// The row was to be absent and is there.
    Absent(Kind),
    /// The row was to be there and is absent.
    Present(Kind),
    /// The row was to be at a revision and is at another one, or absent.
    Revision(Kind),
    /// Another row has the same key in a unique index.
    Unique(Index),
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent(kind) => write!(f, "the {} exists", kind.name()),
            Self::Present(kind) => write!(f, "the {} does not exist", kind.name()),
            Self::Revision(kind) => write!(f, "the {} has changed", kind.name()),
            Self::Unique(index) => write!(f, "{} is taken", index.name()),
        }
    }
}

/// Why a commit was not acknowledged. Only [`CommitError::Unknown`] leaves open whether it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommitError {
    /// Refused: the first expectation that did not hold. Load and decide again.
    Conflict(Violation),
    /// Refused: the changeset itself is wrong, and why: too many rows, too large documents, too long a key.
    Invalid(String),
    /// Refused: the store takes no changes now, and why: closed, or read-only since a write failed.
    Unavailable(String),
    /// Unknown: writing failed half-way, and how. After the next start the changeset is there whole or not at all.
    Unknown(String),
}

impl fmt::Display for CommitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict(violation) => write!(f, "conflict: {violation}"),
            Self::Invalid(why) => write!(f, "the changeset cannot be stored: {why}"),
            Self::Unavailable(why) => write!(f, "the store takes no changes: {why}"),
            Self::Unknown(why) => write!(f, "the changeset may be stored or not: {why}"),
        }
    }
}

impl std::error::Error for CommitError {}

/// A commit that needs a read which failed has not been asked for.
impl From<ReadError> for CommitError {
    fn from(error: ReadError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// Why a read gave nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// The document is damaged or was written by a newer Slipway.
    Document {
        /// Kind of the row.
        kind: Kind,
        /// What the decoder says.
        why: String,
    },
    /// The store cannot be asked now, and why: the database does not answer, or has no connection to spare.
    Unavailable(String),
    /// The engine could not read, and why.
    Engine(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document { kind, why } => write!(f, "a stored {} cannot be read: {why}", kind.name()),
            Self::Unavailable(why) => write!(f, "the store cannot be asked now: {why}"),
            Self::Engine(why) => write!(f, "the storage cannot be read: {why}"),
        }
    }
}

impl std::error::Error for ReadError {}

/// Why a store was not opened.
#[derive(Debug)]
pub enum OpenError {
    /// Another process has the folder open.
    InUse(PathBuf),
    /// The folder was written by a newer Slipway.
    Newer {
        /// The folder.
        folder: PathBuf,
        /// Its format.
        found: u32,
        /// Newest format that this Slipway reads.
        known: u32,
    },
    /// The folder lacks commits that were acknowledged.
    CommitsMissing {
        /// The folder.
        folder: PathBuf,
        /// Number of the last commit that is there.
        found: u64,
        /// Number of the last commit that was acknowledged.
        acknowledged: u64,
    },
    /// A file of the folder does not hold what belongs there, and what is wrong.
    Damaged(PathBuf, String),
    /// The folder cannot be used, and why.
    Folder(PathBuf, std::io::Error),
    /// The engine does not start, and why.
    Engine(PathBuf, String),
    /// The database does not answer or takes no more connections; later it may.
    Unreachable {
        /// Its name and host, without a password.
        database: String,
        /// What went wrong.
        why: String,
    },
    /// The tables of the database were made by a newer Slipway.
    NewerDatabase {
        /// Its name and host, without a password.
        database: String,
        /// Number of its last migration.
        found: u32,
        /// Number of the last migration that this Slipway has.
        known: u32,
    },
    /// The database answers, and cannot be used as it is or as the settings say.
    Database {
        /// Its name and host, without a password.
        database: String,
        /// What is wrong.
        why: String,
    },
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse(folder) => write!(f, "'{}' is in use by another process", folder.display()),
            Self::Newer { folder, found, known } => write!(
                f,
                "'{}' was written by a newer Slipway: its format is {found}, this one knows {known}",
                folder.display()
            ),
            Self::CommitsMissing { folder, found, acknowledged } => write!(
                f,
                "'{}' is damaged: its journal ends at commit {found}, but commit {acknowledged} was acknowledged; \
                 restore it from a backup",
                folder.display()
            ),
            Self::Damaged(file, why) => write!(f, "'{}' is damaged: {why}", file.display()),
            Self::Folder(folder, error) => write!(f, "'{}' cannot be used: {error}", folder.display()),
            Self::Engine(folder, why) => {
                write!(f, "the storage in '{}' does not open: {why}", folder.display())
            }
            Self::Unreachable { database, why } => write!(f, "{database} cannot be reached: {why}"),
            Self::NewerDatabase { database, found, known } => write!(
                f,
                "{database} was set up by a newer Slipway: its last migration is {found}, this one knows {known}"
            ),
            Self::Database { database, why } => write!(f, "{database} cannot be used: {why}"),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Folder(_, error) => Some(error),
            Self::InUse(_)
            | Self::Newer { .. }
            | Self::CommitsMissing { .. }
            | Self::Damaged(..)
            | Self::Engine(..)
            | Self::Unreachable { .. }
            | Self::NewerDatabase { .. }
            | Self::Database { .. } => None,
        }
    }
}
