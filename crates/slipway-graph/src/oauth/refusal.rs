//! Why a sign-in request is not granted.

use slipway_identity::{KeyFault, SignInFault};
use slipway_store::{CommitError, ReadError};

use crate::keys::KeysError;

/// Refused, too busy, or broken.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Refused for a reason that the client is told.
    Refused(SignInFault),
    /// The server has too much to do, or keeps too much already; the text is for the log.
    Busy(&'static str),
    /// The server cannot answer; the text is for the log.
    Broken(String),
}

impl From<SignInFault> for Refusal {
    fn from(fault: SignInFault) -> Self {
        Self::Refused(fault)
    }
}

impl From<ReadError> for Refusal {
    fn from(error: ReadError) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<CommitError> for Refusal {
    fn from(error: CommitError) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<KeyFault> for Refusal {
    fn from(fault: KeyFault) -> Self {
        Self::Broken(fault.to_string())
    }
}

impl From<KeysError> for Refusal {
    fn from(error: KeysError) -> Self {
        Self::Broken(error.to_string())
    }
}
