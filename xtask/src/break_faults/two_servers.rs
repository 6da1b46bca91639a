//! Two servers on one database, and one of them is killed. The clients go to either.

use std::time::Instant;

use super::site::Site;
use super::tally::Tally;
use super::trial::{Plan, Trial};

/// Kills one of the two round by round, and starts it again.
///
/// # Errors
/// When a server does not come back, or behaves in a way that no count can express.
pub async fn run(site: Site, plan: Plan) -> anyhow::Result<Tally> {
    let mut trial = Trial::open(site, plan).await?;
    trial.start(1).await?;
    while trial.goes_on() {
        trial.begin().await?;
        let victim = trial.chance.usize(..2);
        trial.kill(victim)?;
        let since = Instant::now();
        // The other one carries on alone.
        trial.recover(since).await?;
        trial.pause(50..500).await?;
        trial.start(victim).await?;
        trial.finish(Instant::now()).await?;
    }
    trial.close().await
}
