//! kill -9 of PostgreSQL with all its processes, or a stop as for maintenance, and a new start. The server before it
//! stays up.

use std::time::Instant;

use super::site::Site;
use super::tally::Tally;
use super::trial::{Plan, Trial};
use crate::postgres::Postgres;

/// Kills PostgreSQL round by round, one time in four only stops it; it is down for up to two seconds.
///
/// # Errors
/// When PostgreSQL or the server does not come back, or behaves in a way that no count can express.
pub async fn run(site: Site, plan: Plan, postgres: &mut Postgres) -> anyhow::Result<Tally> {
    let mut trial = Trial::open(site, plan).await?;
    while trial.goes_on() {
        trial.begin().await?;
        if trial.chance.u8(..4) == 0 {
            postgres.stop()?;
        } else {
            postgres.kill()?;
        }
        trial.pause(0..2_000).await?;
        postgres.restart()?;
        trial.finish(Instant::now()).await?;
        trial.require_reading().await?;
    }
    trial.close().await
}
