//! What can go wrong when data is moved.

use std::{fmt, io};

use crate::error::{CommitError, ReadError};

/// Why an export was not written to its end.
#[derive(Debug)]
pub enum ExportError {
    /// No tenant has this id or domain.
    NoTenant(String),
    /// The storage cannot be read.
    Read(ReadError),
    /// The lines cannot be written.
    Output(io::Error),
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTenant(text) => write!(f, "no tenant has the id or domain '{text}'"),
            Self::Read(error) => error.fmt(f),
            Self::Output(error) => write!(f, "cannot write: {error}"),
        }
    }
}

impl std::error::Error for ExportError {}

impl From<ReadError> for ExportError {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

impl From<io::Error> for ExportError {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Why nothing was imported.
#[derive(Debug)]
pub enum ImportError {
    /// The file is refused.
    File {
        /// Number of the line, from 1.
        line: u64,
        /// What is wrong.
        why: String,
    },
    /// The file has a tenant that is there already.
    Exists {
        /// Number of its line, from 1.
        line: u64,
        /// Its id.
        tenant: String,
        /// Its domain.
        domain: String,
    },
    /// The file cannot be read.
    Input(io::Error),
    /// Another import ended this one.
    Ended,
    /// The storage cannot be read or written. [`CommitError::Unknown`] at the end leaves open whether everything or
    /// nothing was imported.
    Store(CommitError),
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { line, why } => write!(f, "line {line}: {why}"),
            Self::Exists { line, tenant, domain } => {
                write!(f, "line {line}: the tenant {tenant} ({domain}) is there already")
            }
            Self::Input(error) => write!(f, "cannot read: {error}"),
            Self::Ended => f.write_str("another import was begun and ended this one"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ImportError {}

impl From<CommitError> for ImportError {
    fn from(error: CommitError) -> Self {
        Self::Store(error)
    }
}

impl From<ReadError> for ImportError {
    fn from(error: ReadError) -> Self {
        Self::Store(error.into())
    }
}
