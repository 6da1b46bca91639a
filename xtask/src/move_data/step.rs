//! One command of the binary, with the time and the memory that it takes.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use crate::bench::usage;

/// How often memory is looked at; the last look comes at most so long before the end.
const PAUSE: Duration = Duration::from_millis(5);

/// Where a tenant lives.
pub enum Place {
    /// In a data folder.
    Folder(PathBuf),
    /// In the database of this address; the server's own folder is never made.
    Database(String, PathBuf),
}

/// What the steps share.
pub struct Step<'a> {
    /// The server's binary.
    pub binary: &'a Path,
    /// Records that each step reads or writes.
    pub records: u64,
    /// Most memory that one may hold, in MiB.
    pub memory: u64,
}

impl Step<'_> {
    /// # Errors
    /// When the command fails, or holds too much memory.
    pub fn import(&self, name: &str, place: &Place, file: &Path) -> anyhow::Result<()> {
        let mut command = self.command("import", place);
        self.run(name, command.arg(file).stdout(Stdio::null()))
    }

    /// # Errors
    /// As [`Self::import`].
    pub fn export(&self, name: &str, place: &Place, file: &Path) -> anyhow::Result<()> {
        let mut command = self.command("export", place);
        self.run(name, command.stdout(File::create(file)?))
    }

    /// # Errors
    /// As [`Self::import`], and when something is wrong in the storage.
    pub fn check(&self, name: &str, place: &Place) -> anyhow::Result<()> {
        let mut command = self.command("check", place);
        self.run(name, command.stdout(Stdio::null()))
    }

    fn command(&self, name: &str, place: &Place) -> Command {
        let mut command = Command::new(self.binary);
        command.arg(name).args(["--log-level", "warn"]).stdin(Stdio::null());
        match place {
            Place::Folder(folder) => command.arg("--data").arg(folder),
            Place::Database(url, folder) => command.env("SLIPWAY_DATABASE", url).arg("--data").arg(folder),
        };
        command
    }

    fn run(&self, name: &str, command: &mut Command) -> anyhow::Result<()> {
        let started = Instant::now();
        let mut child = command.spawn().with_context(|| format!("cannot run {}", self.binary.display()))?;
        let process = i32::try_from(child.id())?;
        let mut peak = 0;
        let status = loop {
            // Gone between two looks is no failure.
            peak = usage::peak_memory(process).unwrap_or(0).max(peak);
            if let Some(status) = child.try_wait()? {
                break status;
            }
            std::thread::sleep(PAUSE);
        };
        ensure!(status.success(), "{name}: {status}");
        let seconds = started.elapsed().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let rate = self.records as f64 / seconds;
        let mebibytes = peak >> 20;
        println!("{name:<28}{seconds:>9.1}{rate:>12.0}{mebibytes:>10}");
        ensure!(mebibytes <= self.memory, "{name} held {mebibytes} MiB, at most {} are right", self.memory);
        Ok(())
    }
}
