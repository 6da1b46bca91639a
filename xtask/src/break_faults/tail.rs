//! The end of the journal is lost after a kill: cut off, or zeros. What nobody was told of may go without a word; what
//! was acknowledged may not.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::ensure;

use super::damage::{self, Found};
use super::site::Site;
use super::tally::Tally;
use super::trial::{Plan, Trial};

/// How far back from its end a journal is damaged.
const REACH: u64 = 64 * 1_024;

/// How long a write may take to show in the journal.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the end of the journal becomes.
#[derive(Clone, Copy, Debug)]
pub enum Tail {
    /// The file ends there.
    Torn,
    /// Zeros.
    Zeroed,
}

/// Kills the server in the middle of a batch round by round; one copy of its folder loses a part of that batch, another
/// one a part of what had been acknowledged before.
///
/// # Errors
/// When a copy that lost nothing acknowledged does not start whole, or the server behaves in a way that no count can
/// express.
pub async fn run(site: Site, plan: Plan, tail: Tail) -> anyhow::Result<Tally> {
    let mut trial = Trial::open(site, plan).await?;
    while trial.goes_on() {
        trial.begin().await?;
        trial.rest().await?;
        let acknowledged = End::of(&trial.site.data)?;
        trial.work();
        acknowledged.wait_for_more()?;
        trial.kill(0)?;
        trial.rest().await?;
        let written = End::of(&trial.site.data)?;
        if let Some(batch) = written.unacknowledged_since(&acknowledged) {
            let found = lose(&mut trial, tail, batch).await?;
            ensure!(
                found == Found::Started,
                "nothing acknowledged was lost, but the start says otherwise: {found:?}"
            );
            trial.tally.note("batch of nobody's knowledge lost: started and compared");
        }
        let reach = written.position.saturating_sub(REACH)..acknowledged.position.min(written.position);
        let what = match lose(&mut trial, tail, reach).await? {
            Found::Refused => "acknowledged batches lost: start refused, place named",
            Found::Started => "acknowledged batches lost from the journal: started and compared",
            Found::Unreadable => "acknowledged batches lost: started, lists refused with 5xx",
        };
        trial.tally.note(what);
        let since = Instant::now();
        trial.start(0).await?;
        trial.work();
        trial.finish(since).await?;
    }
    trial.close().await
}

/// Loses everything behind a random place.
async fn lose(trial: &mut Trial, tail: Tail, places: Range<u64>) -> anyhow::Result<Found> {
    let place = trial.chance.u64(places);
    damage::open_copy(trial, |copy| {
        let path = damage::active_journal(copy)?;
        let journal = File::options().read(true).write(true).open(&path)?;
        let end = damage::data_end(&journal)?;
        let length = journal.metadata()?.len();
        journal.set_len(place)?;
        if let Tail::Zeroed = tail {
            journal.set_len(length)?;
        }
        Ok(format!("{tail:?} from {place} to {end} of {}", path.display()))
    })
    .await
}

/// How far a journal was written at some time.
struct End {
    journal: PathBuf,
    position: u64,
    /// The number of the last acknowledged commit, as the file beside the journal has it.
    commits: String,
}

impl End {
    fn of(data: &Path) -> anyhow::Result<Self> {
        let journal = damage::active_journal(data)?;
        let position = damage::data_end(&File::open(&journal)?)?;
        Ok(Self { journal, position, commits: std::fs::read_to_string(data.join("commits"))? })
    }

    /// Waits until the journal is longer.
    fn wait_for_more(&self) -> anyhow::Result<()> {
        let journal = File::open(&self.journal)?;
        let started = Instant::now();
        let mut next = [0; 64];
        while journal.read_at(&mut next, self.position)? == 0 || next.iter().all(|&byte| byte == 0) {
            ensure!(started.elapsed() < PATIENCE, "nothing was written within {PATIENCE:?}");
            std::thread::sleep(Duration::from_micros(20));
        }
        Ok(())
    }

    /// What was written since an earlier time and nobody was told of; none if somebody was, or it cannot be told.
    fn unacknowledged_since(&self, earlier: &Self) -> Option<Range<u64>> {
        let same = self.journal == earlier.journal && self.commits == earlier.commits;
        (same && self.position > earlier.position).then_some(earlier.position..self.position)
    }
}
