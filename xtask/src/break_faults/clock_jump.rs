//! The process's clock of the day jumps forward or back, by seconds to weeks, as after a wrong time server. The clock
//! that only counts does not.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;

use super::site::Site;
use super::tally::Tally;
use super::trial::{Plan, Trial};
use crate::needs;

/// Offsets from the true time, as libfaketime writes them.
const OFFSETS: [&str; 8] = ["-40d", "-3d", "-2h", "-90s", "+0", "+90s", "+2h", "+40d"];

/// Lets the clock jump round by round. Tokens from before may be out of their time then, so that the clients get new
/// ones; everything else goes on.
///
/// # Errors
/// When libfaketime is missing, or the server behaves in a way that no count can express.
pub async fn run(mut site: Site, plan: Plan) -> anyhow::Result<Tally> {
    let offset = site.scratch().join("offset");
    jump(&offset, "+0")?;
    let variables = [
        ("LD_PRELOAD", library()?.into_os_string()),
        ("FAKETIME_TIMESTAMP_FILE", offset.clone().into_os_string()),
        // In seconds, and it counts whole ones; looking at each question would make the server's clock the slowest thing in it.
        ("FAKETIME_CACHE_DURATION", "1".into()),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
        ("NO_FAKE_STAT", "1".into()),
    ];
    site.environment.extend(variables.map(|(name, value)| (name.into(), value)));
    let mut trial = Trial::open(site, plan).await?;
    let mut now = "+0";
    while trial.goes_on() {
        trial.begin().await?;
        let others: Vec<&str> = OFFSETS.into_iter().filter(|other| *other != now).collect();
        now = trial.chance.choice(others).context("only one offset")?;
        jump(&offset, now)?;
        // Until the library has looked.
        trial.pause(2_100..2_500).await?;
        let since = Instant::now();
        trial.renew_tokens().await?;
        trial.finish(since).await?;
    }
    trial.close().await
}

/// Under its name the file is whole, since the server may read it at any moment.
fn jump(file: &Path, offset: &str) -> anyhow::Result<()> {
    let new = file.with_extension("new");
    std::fs::write(&new, format!("{offset}\n"))?;
    Ok(std::fs::rename(&new, file)?)
}

/// The variant of the library for programs with threads.
fn library() -> anyhow::Result<PathBuf> {
    needs::FAKETIME.require()?;
    let folders = ["x86_64", "aarch64"].map(|machine| format!("/usr/lib/{machine}-linux-gnu/faketime"));
    let mut candidates = folders.iter().map(|folder| Path::new(folder).join("libfaketimeMT.so.1"));
    candidates.find(|path| path.exists()).context("libfaketimeMT.so.1 is not where Debian puts it")
}
