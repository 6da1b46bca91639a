//! The data folder can no longer be written, as when its disk has been remounted: nothing in it can be changed, not
//! through files that are open either. Writes are refused and reads go on; a start on it is refused.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, ensure};

use super::load::Sighting;
use super::site::Site;
use super::tally::Tally;
use super::trial::{Plan, Trial};
use crate::at_end::AtEnd;
use crate::workspace;

/// What must be told: the folder, and the words of the operating system.
const REASON: &str = "Operation not permitted";

/// Takes the right to write away round by round, restarts the server, and gives the right back.
///
/// # Errors
/// Without the right to do so; when a start is not refused, or the server behaves in a way that no count can express.
pub async fn run(site: Site, plan: Plan) -> anyhow::Result<Tally> {
    let data = site.data.clone();
    let mut trial = Trial::open(site, plan).await?;
    // Nobody could remove the folder while nothing in it can be changed.
    let _thaw = AtEnd::run(r#"chattr -R -i "$1" 2>/dev/null; rm -rf "$1""#, &[trial.site.scratch()])?;
    while trial.goes_on() {
        trial.begin().await?;
        set_immutable(&data, "+i")?;
        trial.until("answer that tells to retry later", Sighting::told_to_retry).await?;
        trial.require_reading().await?;
        trial.kill(0)?;
        let told = trial.site.spawn(&data)?.refusal()?;
        set_immutable(&data, "-i")?;
        ensure!(
            told.contains(REASON) && told.contains(&*data.to_string_lossy()),
            "the server does not say why it was refused:\n{told}"
        );
        trial.tally.note("start refused: the folder cannot be written");
        let since = Instant::now();
        trial.start(0).await?;
        trial.finish(since).await?;
    }
    trial.close().await
}

/// Sets or takes the flag of the file system that even root's open files obey; a mount could not be made read-only
/// while the server has files open in it.
fn set_immutable(folder: &Path, flag: &str) -> anyhow::Result<()> {
    workspace::succeed(Command::new("chattr").args(["-R", "-f", flag]).arg(folder)).context(
        "a read-only folder needs root and a file system with the flag `immutable`, such as ext4 or xfs",
    )
}
