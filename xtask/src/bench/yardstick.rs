//! The bare hyper server as a process.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;
use tempfile::TempDir;

use super::load::Target;
use super::options::Transport;
use crate::workspace;

/// A running yardstick; killed when dropped.
pub struct Yardstick {
    child: Child,
    address: SocketAddr,
    authority: Option<PathBuf>,
    _folder: TempDir,
}

impl Yardstick {
    /// Starts a server that gives this answer, which came over the wire, to everything.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(binary: &Path, answer: &str, transport: Transport) -> anyhow::Result<Self> {
        let folder = workspace::scratch()?;
        let file = folder.path().join("answer");
        fs::write(&file, answer)?;
        let authority = match transport {
            Transport::Http => None,
            Transport::Https => Some(folder.path().join("certificate.pem")),
        };
        let mut command = Command::new(binary);
        command.arg(file).args(&authority).stdout(Stdio::piped());
        let mut child = command.spawn().context("cannot start the yardstick")?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let address = line.trim_end().parse();
        let address = address.with_context(|| format!("the yardstick printed {line:?} for an address"))?;
        Ok(Self { child, address, authority, _folder: folder })
    }

    /// Where the load goes.
    pub fn target(&self) -> Target {
        Target { address: self.address, authority: self.authority.clone() }
    }
}

impl Drop for Yardstick {
    fn drop(&mut self) {
        // Already ended is as good as killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
