//! The clients: each asks for one operation after another on its own pairs until the server is gone.

use std::sync::Arc;

use hyper::StatusCode;
use tokio::task::JoinSet;

use super::ledger::{Operation, Pair, State, Verdict};
use super::{Catalog, Tally};
use crate::graph::{Graph, demo_user};

/// Clients at work.
pub struct Load {
    clients: JoinSet<(Vec<Pair>, Vec<Verdict>)>,
}

/// Starts one client for each share of pairs.
pub fn start(graph: &Graph, catalog: &Catalog, shares: Vec<Vec<Pair>>, chance: &mut fastrand::Rng) -> Load {
    let ids: Arc<[String]> = catalog.ids.clone().into();
    let versions: Arc<[u32]> = catalog.versions.clone().into();
    let mut clients = JoinSet::new();
    for pairs in shares {
        let client = Client {
            graph: graph.clone(),
            ids: Arc::clone(&ids),
            versions: Arc::clone(&versions),
            chance: chance.fork(),
        };
        clients.spawn(client.work(pairs));
    }
    Load { clients }
}

impl Load {
    /// Waits until every client has noticed that the server is gone, and gives back their pairs.
    ///
    /// # Errors
    /// When a client got an answer that fits no state.
    pub async fn end(mut self, tally: &mut Tally) -> anyhow::Result<Vec<Vec<Pair>>> {
        let mut shares = Vec::new();
        while let Some(done) = self.clients.join_next().await {
            let (pairs, verdicts) = done?;
            for verdict in verdicts {
                tally.count(verdict)?;
            }
            shares.push(pairs);
        }
        Ok(shares)
    }
}

struct Client {
    graph: Graph,
    ids: Arc<[String]>,
    versions: Arc<[u32]>,
    chance: fastrand::Rng,
}

impl Client {
    async fn work(mut self, mut pairs: Vec<Pair>) -> (Vec<Pair>, Vec<Verdict>) {
        let mut verdicts = Vec::new();
        loop {
            let index = self.chance.usize(..pairs.len());
            let Some(pair) = pairs.get_mut(index) else { break };
            // After a 5xx a pair is left alone until it is read back; when all are, there is no work left.
            let Some(state) = pair.state() else {
                if pairs.iter().all(|pair| pair.state().is_none()) {
                    break;
                }
                continue;
            };
            let (Some(app), Some(&current)) = (self.ids.get(pair.app), self.versions.get(pair.app)) else {
                break;
            };
            let operation = choose(state, &mut self.chance);
            let answer = self.ask(operation, &demo_user(pair.user), app).await;
            let verdict = pair.answered(operation, current, answer);
            verdicts.push(verdict);
            let gone = answer.is_none();
            if gone || matches!(verdict, Verdict::Lost | Verdict::Phantom | Verdict::Strange(_)) {
                break;
            }
        }
        (pairs, verdicts)
    }

    async fn ask(&self, operation: Operation, user: &str, app: &str) -> Option<StatusCode> {
        let answer = match operation {
            Operation::Install => self.graph.install(user, app, None).await,
            Operation::Upgrade => self.graph.upgrade(user, app).await,
            Operation::Uninstall => self.graph.uninstall(user, app).await,
        };
        answer.ok().map(|answer| answer.status)
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
