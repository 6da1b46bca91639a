//! The connection between the server and PostgreSQL fails: a proxy closes it, holds it up, swallows what is sent, or
//! closes it one way.

use std::time::Instant;

use super::proxy::{Proxy, Weather};
use super::site::Site;
use super::tally::Tally;
use super::trial::{Plan, Trial};
use crate::postgres::Postgres;

/// Breaks the connection in every way in each round, each time for up to three seconds.
///
/// # Errors
/// When the server does not come back, or behaves in a way that no count can express.
pub async fn run(mut site: Site, plan: Plan, postgres: &Postgres, database: &str) -> anyhow::Result<Tally> {
    let proxy = Proxy::start(postgres.port()).await?;
    site.database = Some(format!("postgres://postgres@127.0.0.1:{}/{database}", proxy.port()));
    let mut trial = Trial::open(site, plan).await?;
    while trial.goes_on() {
        trial.begin().await?;
        let mut weathers = Weather::BAD;
        trial.chance.shuffle(&mut weathers);
        let mut since = Instant::now();
        for weather in weathers {
            proxy.set(weather);
            trial.pause(100..3_000).await?;
            proxy.set(Weather::Clear);
            since = Instant::now();
            trial.recover(since).await?;
            trial.pause(50..500).await?;
        }
        trial.finish(since).await?;
        trial.require_reading().await?;
    }
    trial.close().await
}
