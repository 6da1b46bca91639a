//! kill -9 of the server, and a new start.

use std::time::{Duration, Instant};

use super::site::Site;
use super::tally::Tally;
use super::trial::{Plan, Trial};

/// Kills the server round by round. One time in four it is killed once more while it recovers.
///
/// # Errors
/// When the server does not come back, or behaves in a way that no count can express.
pub async fn run(site: Site, plan: Plan) -> anyhow::Result<Tally> {
    let mut trial = Trial::open(site, plan).await?;
    while trial.goes_on() {
        trial.begin().await?;
        trial.kill(0)?;
        if trial.chance.u8(..4) == 0 {
            let recovering = trial.site.spawn(&trial.site.data)?;
            std::thread::sleep(Duration::from_millis(trial.chance.u64(..150)));
            recovering.kill()?;
        }
        let since = Instant::now();
        trial.start(0).await?;
        trial.finish(since).await?;
    }
    trial.close().await
}
