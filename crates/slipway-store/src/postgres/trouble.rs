//! What can go wrong between here and the database, by what is to be done about it.

use std::time::Duration;

use deadpool_postgres::{PoolError, TimeoutType};
use tokio_postgres::Error;

use super::database::why;
use crate::error::ReadError;

/// Why a transaction came to nothing; in words for the log.
#[derive(Clone, Debug)]
pub(super) enum Trouble {
    /// Another transaction was in the way: do it again.
    Race(String),
    /// The database cannot keep a value that it was given: doing it again is no use.
    Unfit(String),
    /// The connection is gone, silent, or leads to a server that is going: take another one.
    Lost(String),
    /// The database says no for a reason of its own, such as a full disk or a missing right.
    Refused(String),
    /// A commit went out, was not answered, and nobody can say whether it happened.
    Unsettled(String),
}

impl Trouble {
    pub(super) fn silence(limit: Duration) -> Self {
        Self::Lost(format!("the database has not answered for {} s", limit.as_secs()))
    }

    /// In words.
    pub(super) fn why(self) -> String {
        match self {
            Self::Race(why)
            | Self::Unfit(why)
            | Self::Lost(why)
            | Self::Refused(why)
            | Self::Unsettled(why) => why,
        }
    }
}

/// Codes: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        let text = why(&error);
        let Some(code) = error.code() else {
            return Self::Lost(text);
        };
        match code.code() {
            // Serialisation failure, deadlock, unique key, lock not available, statement cancelled.
            "40001" | "40P01" | "23505" | "55P03" | "57014" => Self::Race(text),
            // The server has become a standby; a statement was prepared for tables as they were, or not here; too
            // many connections; a transaction was idle for too long; whether a statement was completed is not known.
            "25006" | "0A000" | "26000" | "53300" | "25P03" | "40003" => Self::Lost(text),
            // Shutting down or starting; connection.
            code if code.starts_with("57P") || code.starts_with("08") => Self::Lost(text),
            // Values, constraints, limits of size.
            code if ["22", "23", "54"].iter().any(|class| code.starts_with(class)) => Self::Unfit(text),
            _ => Self::Refused(text),
        }
    }
}

impl From<PoolError> for Trouble {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => error.into(),
            PoolError::Timeout(TimeoutType::Wait) => {
                Self::Lost("no connection to the database has come free in time".to_owned())
            }
            PoolError::Timeout(TimeoutType::Create | TimeoutType::Recycle) => {
                Self::Lost("the database has not let us in in time".to_owned())
            }
            error @ (PoolError::Closed | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_)) => {
                Self::Refused(error.to_string())
            }
        }
    }
}

impl From<Trouble> for ReadError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Race(why) | Trouble::Lost(why) | Trouble::Unsettled(why) => Self::Unavailable(why),
            Trouble::Unfit(why) | Trouble::Refused(why) => Self::Engine(why),
        }
    }
}
