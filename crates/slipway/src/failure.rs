//! How a command fails: the message for people and the exit code for programs.

use std::fmt;
use std::process::ExitCode;

/// Why a command ended without having done its work.
#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    /// The command line, the environment or a file asks for something that does not exist: exit code 2.
    Usage(String),
    /// What was asked for could not be done: exit code 1.
    Runtime(String),
    /// A command could not be started, with the exit code by which shells say so: 126 it is there, 127 it is not.
    Command(u8, String),
}

impl Failure {
    /// The exit code that programs see.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Runtime(_) => ExitCode::from(1),
            Self::Command(code, _) => ExitCode::from(*code),
        }
    }

    /// A failure of the system, told with what it was about.
    pub fn at(what: impl fmt::Display, error: impl fmt::Display) -> Self {
        Self::Runtime(format!("{what}: {error}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message) | Self::Runtime(message) | Self::Command(_, message) => f.write_str(message),
        }
    }
}
