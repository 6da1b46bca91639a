//! Where the servers under test run: what they keep their records in, and how they are started.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::at_end::AtEnd;
use crate::server::{ANY_PORT, Ready, Server};
use crate::workspace;

/// The setting that names the database.
const DATABASE: &str = "SLIPWAY_DATABASE";

/// A place for servers that share their records.
pub struct Site {
    /// The server's program.
    pub binary: PathBuf,
    /// The data folder of the first server; the others' lie beside it.
    pub data: PathBuf,
    /// The database that keeps the records; none = the data folder does.
    pub database: Option<String>,
    /// Variables that the servers get.
    pub environment: Vec<(OsString, OsString)>,
    folder: TempDir,
    /// Where this process ends without dropping anything.
    _removal: AtEnd,
}

impl Site {
    /// A fresh place on the disk.
    ///
    /// # Errors
    /// When its folder cannot be made.
    pub fn new(binary: &Path, database: Option<String>) -> anyhow::Result<Self> {
        let folder = workspace::scratch()?;
        let data = folder.path().join("data");
        let removal = AtEnd::run(r#"rm -rf "$1""#, &[folder.path()])?;
        let (binary, environment) = (binary.to_owned(), Vec::new());
        Ok(Self { binary, data, database, environment, folder, _removal: removal })
    }

    /// A folder for what a fault needs; removed with the site.
    pub fn scratch(&self) -> &Path {
        self.folder.path()
    }

    /// The data folder of a server.
    pub fn data_of(&self, number: usize) -> PathBuf {
        if number == 0 { self.data.clone() } else { self.folder.path().join(format!("data-{number}")) }
    }

    /// Starts a server with some data folder, and does not wait.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub fn spawn(&self, data: &Path) -> anyhow::Result<Server> {
        let mut command = Command::new(&self.binary);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(database) = &self.database {
            command.env(DATABASE, database);
        }
        // With a database the mode would be that of a service, without the demo tenant.
        Server::spawn_under(command, data, &[&ANY_PORT[..], &["--mode", "lab"]].concat())
    }

    /// Starts a server with some data folder and waits until it is ready.
    ///
    /// # Errors
    /// When it cannot be started, exits before it is ready, or hangs.
    pub fn start(&self, data: &Path) -> anyhow::Result<(Server, Ready)> {
        let mut server = self.spawn(data)?;
        let ready = server.wait_ready()?;
        Ok((server, ready))
    }
}
