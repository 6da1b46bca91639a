//! One byte is another one, anywhere in the journals or tables.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context as _;

use super::damage::{self, Found};
use super::site::Site;
use super::tally::Tally;
use super::trial::{Plan, Trial};

/// Copies with one other byte in each round.
const FLIPS: usize = 4;

/// Stops or kills the server round by round, and opens copies of its folder with one byte changed.
///
/// # Errors
/// When the server dies of it, or behaves in a way that no count can express.
pub async fn run(site: Site, plan: Plan) -> anyhow::Result<Tally> {
    let mut trial = Trial::open(site, plan).await?;
    trial.fill_tables().await?;
    while trial.goes_on() {
        trial.begin().await?;
        if trial.chance.bool() {
            trial.kill(0)?;
            trial.rest().await?;
        } else {
            trial.rest().await?;
            trial.stop(0)?;
        }
        for _ in 0..FLIPS {
            let what = match flip_one(&mut trial).await? {
                Found::Refused => "byte flipped: start refused, place named",
                Found::Started => "byte flipped: started and compared",
                Found::Unreadable => "byte flipped: started, lists refused with 5xx",
            };
            trial.tally.note(what);
        }
        let since = Instant::now();
        trial.start(0).await?;
        trial.work();
        trial.finish(since).await?;
    }
    trial.close().await
}

async fn flip_one(trial: &mut Trial) -> anyhow::Result<Found> {
    let mut chance = trial.chance.fork();
    damage::open_copy(trial, move |copy| {
        let mut candidates: Vec<(PathBuf, u64)> = Vec::new();
        for path in damage::files_below(&copy.join("tree"))? {
            let end = damage::data_end(&File::open(&path)?)?;
            if end > 0 {
                candidates.push((path, end));
            }
        }
        let (path, end) = chance.choice(candidates).context("there is no data")?;
        let position = chance.u64(..end);
        let file = File::options().read(true).write(true).open(&path)?;
        let mut byte = [0];
        file.read_exact_at(&mut byte, position)?;
        let [old] = byte;
        let new = old ^ chance.u8(1..);
        file.write_all_at(&[new], position)?;
        Ok(format!("byte {position} of {} was {old:#04x} and is {new:#04x}", path.display()))
    })
    .await
}
