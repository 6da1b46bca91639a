//! A second server on the data folder of a running one, also under another name: it must be refused, and the first one
//! must not notice.

use std::time::Instant;

use anyhow::ensure;

use super::site::Site;
use super::tally::Tally;
use super::trial::{Plan, Trial};

/// Starts a second server round by round.
///
/// # Errors
/// When the second one starts, is refused for another reason, or the first one suffers.
pub async fn run(site: Site, plan: Plan) -> anyhow::Result<Tally> {
    let other_name = site.scratch().join("other-name");
    std::os::unix::fs::symlink(&site.data, &other_name)?;
    let mut trial = Trial::open(site, plan).await?;
    while trial.goes_on() {
        trial.begin().await?;
        let second = trial.site.spawn(&other_name)?;
        let told = second.refusal()?;
        let since = Instant::now();
        ensure!(
            told.contains("in use by another process") && told.contains("other-name"),
            "the second server does not say why it was refused:\n{told}"
        );
        trial.tally.note("second start refused: the folder is in use");
        trial.finish(since).await?;
        trial.require_reading().await?;
    }
    trial.close().await
}
