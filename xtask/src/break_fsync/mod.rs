//! `cargo xtask break fsync`: what a power loss would leave. The server runs under strace and installs apps until it
//! is killed; from the trace the data folder is rebuilt as it was on disk at every sync and at every byte of the last
//! batch; each copy is opened by the server again and must hold everything that was acknowledged by then.

mod cuts;
mod disk;
mod recording;
mod reopen;
mod trace;

use std::path::PathBuf;
use std::process::ExitCode;

use crate::{needs, workspace};

/// How `break fsync` is run.
#[derive(clap::Args)]
pub struct Options {
    /// Let the kernel skip fsync and fdatasync and only pretend; then the test must fail.
    #[arg(long)]
    pub without_fsync: bool,
    /// The server; without it the release binary is built.
    #[arg(long)]
    pub binary: Option<PathBuf>,
}

/// Whether the server's syncs are carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Syncs {
    Real,
    Pretended,
}

/// What came of all copies.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    acknowledged: usize,
    copies: usize,
    /// Acknowledged installations that are not in a copy, over all copies.
    pub lost: usize,
    phantom: usize,
}

impl Tally {
    /// Prints the figures; the code is 0 if every copy held what it had to.
    pub fn print(&self) -> ExitCode {
        println!("acknowledged  {:>8}", self.acknowledged);
        println!("copies        {:>8}", self.copies);
        println!("lost          {:>8}", self.lost);
        println!("phantom       {:>8}", self.phantom);
        if self.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    /// Whether every copy held what it had to, and there was something to hold.
    pub fn holds(&self) -> bool {
        self.lost == 0 && self.phantom == 0 && self.acknowledged > 0
    }
}

/// Records a run, cuts the data folder back and reopens every copy.
///
/// # Errors
/// When strace is missing, the server cannot be started, or the trace does not explain the data folder.
pub fn run(options: &Options) -> anyhow::Result<Tally> {
    needs::STRACE.require()?;
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None => workspace::release_binary("slipway", "slipway")?,
    };
    let syncs = if options.without_fsync { Syncs::Pretended } else { Syncs::Real };
    let folder = workspace::scratch()?;
    let scratch = folder.path().canonicalize()?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let recording = recording::record(&binary, &scratch, syncs).await?;
        let cuts = cuts::of(&recording)?;
        reopen::all(&binary, &scratch, recording, cuts).await
    })
}
