//! Programs that the commands need and a fresh machine may lack, and the Debian packages that have them.

use std::fmt;
use std::process::{Command, Stdio};

/// A program, how to see that it is there, and the Debian package that has it.
pub struct Need {
    /// Debian's name of the package.
    pub package: &'static str,
    probe: &'static [&'static str],
}

/// `g++`, for the fuzzer's runtime.
pub const CXX: Need = Need { package: "g++", probe: &["g++", "--version"] };
/// `curl`, for the story of the README.
pub const CURL: Need = Need { package: "curl", probe: &["curl", "--version"] };
/// `jq`, for the same.
pub const JQ: Need = Need { package: "jq", probe: &["jq", "--version"] };
/// `strace`, which sees what the server syncs.
pub const STRACE: Need = Need { package: "strace", probe: &["strace", "--version"] };
/// `wrk`, which drives the measurement.
pub const WRK: Need = Need { package: "wrk", probe: &["wrk", "--version"] };
/// Python with virtual environments, for the real client.
pub const PYTHON: Need =
    Need { package: "python3-venv", probe: &["python3", "-c", "import ensurepip, venv"] };

impl Need {
    /// Whether the program is missing.
    pub fn is_missing(&self) -> bool {
        let Some((program, arguments)) = self.probe.split_first() else {
            return false;
        };
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match command.status() {
            // wrk prints its version and ends with 1; a failed import ends with 1 too.
            Ok(status) => !status.success() && *program == "python3",
            Err(_) => true,
        }
    }

    /// For a command that needs one program.
    ///
    /// # Errors
    /// [`Missing`] when it is not there.
    pub fn require(&self) -> Result<(), Missing> {
        if self.is_missing() { Err(Missing { packages: vec![self.package] }) } else { Ok(()) }
    }
}

/// Debian packages that have to be installed first.
#[derive(Debug)]
pub struct Missing {
    /// Their names.
    pub packages: Vec<&'static str>,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "missing Debian packages; as root: apt-get install {}", self.packages.join(" "))
    }
}

impl std::error::Error for Missing {}
