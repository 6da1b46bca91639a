//! The clients: each asks for one operation after another on its own pairs, through faults and after them, until it
//! is told to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hyper::StatusCode;
use hyper::header::RETRY_AFTER;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::catalog::Catalog;
use super::ledger::{Operation, Pair, State, Verdict};
use crate::graph::{Answer, Graph, NoAnswer, demo_user};

/// The first wait after a failure, and the longest.
const BACKOFF: [Duration; 2] = [Duration::from_millis(10), Duration::from_millis(320)];

/// How long a client whose token is refused waits for a new one.
const TOKEN_PATIENCE: Duration = Duration::from_secs(30);

/// What a client saw.
#[derive(Clone, Copy, Debug)]
pub struct Sighting {
    /// When it asked.
    pub asked: Instant,
    /// When it was answered, or knew that it would not be.
    pub answered: Instant,
    /// What the ledger says.
    pub verdict: Verdict,
    /// The status; none = no answer.
    pub status: Option<StatusCode>,
    /// Whether the answer says when to ask again.
    pub has_retry_after: bool,
}

impl Sighting {
    /// Whether the answer was the one that a client can wait for: 503 with a Retry-After.
    pub fn told_to_retry(&self) -> bool {
        self.status == Some(StatusCode::SERVICE_UNAVAILABLE) && self.has_retry_after
    }
}

/// Clients at work.
pub struct Load {
    clients: JoinSet<Vec<Pair>>,
    sightings: mpsc::UnboundedReceiver<Sighting>,
    stop: Arc<AtomicBool>,
}

impl Load {
    /// Starts one client for each share of pairs. Each request goes through one of the `doors`, whichever chance
    /// gives.
    pub fn start(
        doors: &watch::Receiver<Vec<Graph>>,
        catalog: &Arc<Catalog>,
        shares: Vec<Vec<Pair>>,
        chance: &mut fastrand::Rng,
    ) -> Self {
        let (sender, sightings) = mpsc::unbounded_channel();
        let stop = Arc::new(AtomicBool::new(false));
        let mut clients = JoinSet::new();
        for pairs in shares {
            let client = Client {
                doors: doors.clone(),
                catalog: Arc::clone(catalog),
                pairs,
                sightings: sender.clone(),
                stop: Arc::clone(&stop),
                chance: chance.fork(),
            };
            clients.spawn(client.work());
        }
        Self { clients, sightings, stop }
    }

    /// The next sighting; none when all clients have stopped.
    pub async fn next(&mut self) -> Option<Sighting> {
        self.sightings.recv().await
    }

    /// Lets the clients finish what they have asked, and gives back their pairs and what they saw meanwhile.
    ///
    /// # Errors
    /// When a client panicked.
    pub async fn end(mut self) -> anyhow::Result<(Vec<Vec<Pair>>, Vec<Sighting>)> {
        self.stop.store(true, Ordering::Relaxed);
        let mut shares = Vec::new();
        while let Some(pairs) = self.clients.join_next().await {
            shares.push(pairs?);
        }
        let mut sightings = Vec::new();
        while let Some(sighting) = self.sightings.recv().await {
            sightings.push(sighting);
        }
        Ok((shares, sightings))
    }
}

struct Client {
    doors: watch::Receiver<Vec<Graph>>,
    catalog: Arc<Catalog>,
    pairs: Vec<Pair>,
    sightings: mpsc::UnboundedSender<Sighting>,
    stop: Arc<AtomicBool>,
    chance: fastrand::Rng,
}

impl Client {
    async fn work(mut self) -> Vec<Pair> {
        let [shortest, longest] = BACKOFF;
        let mut wait = shortest;
        while !self.stop.load(Ordering::Relaxed) {
            let Some(door) = self.door() else { break };
            let Some(verdict) = self.step(&door).await else {
                // Nothing was asked.
                tokio::time::sleep(wait).await;
                wait = longest.min(wait * 2);
                continue;
            };
            match verdict {
                Verdict::Unknown => {
                    tokio::time::sleep(wait).await;
                    wait = longest.min(wait * 2);
                }
                Verdict::Lost | Verdict::Phantom | Verdict::Strange(_) => break,
                Verdict::Acknowledged | Verdict::Refused | Verdict::Kept => wait = shortest,
            }
        }
        self.pairs
    }

    fn door(&mut self) -> Option<Graph> {
        self.chance.choice(&*self.doors.borrow_and_update()).cloned()
    }

    /// Asks for one operation; none if the server has not seen it or the token was refused.
    async fn step(&mut self, door: &Graph) -> Option<Verdict> {
        let index = self.choose_pair();
        let pair = self.pairs.get_mut(index)?;
        let (app, current) = self.catalog.published(pair.app)?;
        let operation = match (pair.open(), pair.state()) {
            (None, Some(state)) => choose(state, &mut self.chance),
            (open, _) => open?,
        };
        let asked = Instant::now();
        let answer = match ask(door, operation, &demo_user(pair.user), app).await {
            Err(NoAnswer::Unsent) => return None,
            Ok(answer) if answer.status == StatusCode::UNAUTHORIZED => {
                let renewed = tokio::time::timeout(TOKEN_PATIENCE, self.doors.changed()).await;
                if renewed.is_ok() {
                    return None;
                }
                Some(answer)
            }
            Err(NoAnswer::Lost) => None,
            Ok(answer) => Some(answer),
        };
        let status = answer.as_ref().map(|answer| answer.status);
        let has_retry_after = answer.is_some_and(|answer| answer.headers.contains_key(RETRY_AFTER));
        let verdict = pair.answered(operation, current, status);
        let sighting = Sighting { asked, answered: Instant::now(), verdict, status, has_retry_after };
        // Nobody listens any more when the run has failed elsewhere.
        let _ = self.sightings.send(sighting);
        Some(verdict)
    }

    /// A pair with a known state while there is one, so that as many unknown ones as possible are left for the
    /// reading back.
    fn choose_pair(&mut self) -> usize {
        let count = self.pairs.len();
        let start = self.chance.usize(..count.max(1));
        let known = |&index: &usize| self.pairs.get(index).is_some_and(|pair| pair.open().is_none());
        (start..count).chain(0..start).find(known).unwrap_or(start)
    }
}

async fn ask(door: &Graph, operation: Operation, user: &str, app: &str) -> Result<Answer, NoAnswer> {
    match operation {
        Operation::Install => door.install(user, app, None).await,
        Operation::Upgrade => door.upgrade(user, app).await,
        Operation::Uninstall => door.uninstall(user, app).await,
    }
}

/// Mostly what has an effect, one time in eight what must be refused.
fn choose(state: State, chance: &mut fastrand::Rng) -> Operation {
    let (effective, refused): ([Operation; 2], [Operation; 2]) = match state {
        State::Absent => ([Operation::Install; 2], [Operation::Upgrade, Operation::Uninstall]),
        State::Installed(_) => ([Operation::Upgrade, Operation::Uninstall], [Operation::Install; 2]),
    };
    let [first, second] = if chance.u8(..8) == 0 { refused } else { effective };
    if chance.bool() { first } else { second }
}
