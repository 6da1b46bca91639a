//! The load generator as a process.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};

use super::plan::{Outcome, Plan};

/// A server that is measured.
pub struct Target {
    /// Where it listens.
    pub address: SocketAddr,
    /// The certificate authority to trust; without it plain HTTP is spoken.
    pub authority: Option<PathBuf>,
}

/// Has a plan carried out.
///
/// # Errors
/// When the server stops answering, or an answer is not the plan's.
pub fn run(generator: &Path, plan: &Plan) -> anyhow::Result<Outcome> {
    let mut command = Command::new(generator);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().context("cannot run the load generator")?;
    let mut input = child.stdin.take().context("no input")?;
    input.write_all(&serde_json::to_vec(plan)?)?;
    drop(input);
    let output = child.wait_with_output()?;
    ensure!(
        output.status.success(),
        "the load generator: {}",
        String::from_utf8_lossy(&output.stderr).trim_end()
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}
