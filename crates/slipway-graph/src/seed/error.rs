//! Why a seed was not applied.

use std::fmt;
use std::io;

use slipway_store::{CommitError, ReadError};

/// One thing that is wrong with a seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file as it was named.
    pub file: String,
    /// Its line, counted from 1.
    pub line: u64,
    /// The key, such as `tenants[0].users[3].userPrincipalName`; empty for the whole document.
    pub key: String,
    /// What is wrong.
    pub text: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.text)
    }
}

/// Why a seed was not applied.
#[derive(Debug)]
pub enum SeedError {
    /// The file cannot be read.
    File {
        /// Its name.
        name: String,
        /// What the system says.
        error: io::Error,
    },
    /// The seed is wrong, or does not fit what is stored. At least one finding; nothing was written.
    Invalid(Vec<Finding>),
    /// The storage could not be read. What was committed before stays; applying the seed again goes on.
    Read(ReadError),
    /// The storage did not take a commit. What was committed before stays; applying the seed again goes on.
    Commit(CommitError),
}

impl fmt::Display for SeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { name, error } => write!(f, "{name}: {error}"),
            Self::Invalid(findings) => {
                for (at, finding) in findings.iter().enumerate() {
                    let separator = if at == 0 { "" } else { "\n" };
                    write!(f, "{separator}{finding}")?;
                }
                Ok(())
            }
            Self::Read(error) => write!(f, "the seed was not applied: {error}"),
            Self::Commit(error) => write!(f, "the seed was not applied: {error}"),
        }
    }
}

impl std::error::Error for SeedError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { error, .. } => Some(error),
            Self::Invalid(_) => None,
            Self::Read(error) => Some(error),
            Self::Commit(error) => Some(error),
        }
    }
}

impl From<ReadError> for SeedError {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}
