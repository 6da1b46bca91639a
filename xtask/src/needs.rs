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
/// `update-ca-certificates`, by which Debian trusts authorities.
pub const CA_CERTIFICATES: Need =
    Need { package: "ca-certificates", probe: &["sh", "-c", "command -v update-ca-certificates"] };
/// `certutil`, which makes Chromium trust the server's certificate authority.
pub const CERTUTIL: Need = Need { package: "libnss3-tools", probe: &["sh", "-c", "command -v certutil"] };
/// `chromium`, for the pages.
pub const CHROMIUM: Need = Need { package: "chromium", probe: &["chromium", "--version"] };
/// `curl`, for the story of the README.
pub const CURL: Need = Need { package: "curl", probe: &["curl", "--version"] };
/// `libfaketime`, which gives a process a clock of its own.
pub const FAKETIME: Need = Need { package: "faketime", probe: &["faketime", "--version"] };
/// `jq`, for the same.
pub const JQ: Need = Need { package: "jq", probe: &["jq", "--version"] };
/// `keytool`, by which Java trusts authorities.
pub const KEYTOOL: Need = Need { package: "default-jre-headless", probe: &["keytool", "-help"] };
/// `nginx`, next to which TLS is measured.
pub const NGINX: Need = Need { package: "nginx", probe: &["nginx", "-v"] };
/// `npm`, which installs the JavaScript client and the Node that runs it.
pub const NPM: Need = Need { package: "npm", probe: &["npm", "--version"] };
/// `openssl`, which says what a system trusts.
pub const OPENSSL: Need = Need { package: "openssl", probe: &["openssl", "version"] };
/// The shell's way to PostgreSQL's `initdb`; Debian keeps the server's programs out of the PATH.
pub const FIND_POSTGRES: &str =
    "command -v initdb || ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1 | grep .";
/// A PostgreSQL server, for the second engine.
pub const POSTGRES: Need = Need { package: "postgresql", probe: &["sh", "-c", FIND_POSTGRES] };
/// `strace`, which sees what the server syncs.
pub const STRACE: Need = Need { package: "strace", probe: &["strace", "--version"] };
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
        !command.status().is_ok_and(|status| status.success())
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
