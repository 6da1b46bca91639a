//! The load generator of `cargo xtask bench`, a process of its own so that what it costs is not counted as the
//! server's. It reads a [`Plan`] from its input, asks until the time is up, and prints an [`Outcome`]. Every request
//! that was sent is answered before it ends, and every answer's status is looked at: its counts are exact.

#![expect(clippy::print_stdout, reason = "the outcome goes to whoever started it")]

mod batch;
mod connection;
#[path = "../../bench/plan.rs"]
mod plan;
mod text;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

use connection::Connection;
use plan::{Outcome, Plan, Then};
use text::Text;

/// Threads; as many as the yardstick has.
const THREADS: usize = 2;

/// How long the last answers may take after the time is up.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> anyhow::Result<()> {
    let plan: Plan = serde_json::from_reader(std::io::stdin()).context("the plan cannot be read")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build()?;
    let outcome = runtime.block_on(run(plan))?;
    println!("{}", serde_json::to_string(&outcome)?);
    Ok(())
}

/// What the connections share.
struct Load {
    plan: Plan,
    texts: Vec<Text>,
    next: AtomicU64,
    started: Instant,
    sample: OnceLock<String>,
}

async fn run(plan: Plan) -> anyhow::Result<Outcome> {
    let texts = plan.requests.iter().map(|text| Text::new(text)).collect::<Result<Vec<_>, _>>()?;
    ensure!(
        texts.len() == 1 << plan.deal.request_bits,
        "the requests of a user are not as many as are dealt out"
    );
    ensure!(!plan.indexes.is_empty() && plan.indexes.end <= plan.deal.pairs(), "there is nothing to ask for");
    let tls = plan.authority.as_deref().map(connection::tls).transpose()?;
    let tls = tls.map(|config| TlsConnector::from(Arc::new(config)));
    let mut connections = Vec::new();
    for _ in 0..plan.connections {
        connections.push(Connection::open(plan.address, tls.clone()).await?);
    }
    let until = Duration::from_secs(plan.seconds) + PATIENCE;
    let next = AtomicU64::new(0);
    let load = Arc::new(Load { plan, texts, next, started: Instant::now(), sample: OnceLock::new() });
    let mut clients = JoinSet::new();
    for connection in connections {
        clients.spawn(Arc::clone(&load).ask(connection));
    }
    let mut times = Vec::new();
    let all = async {
        while let Some(done) = clients.join_next().await {
            times.extend(done??);
        }
        anyhow::Ok(load.started.elapsed().as_secs_f64())
    };
    let seconds = tokio::time::timeout(until, all).await.context("the server stopped answering")??;
    times.sort_unstable();
    let sample = load.sample.get().context("nothing was answered")?.clone();
    let parts = load.plan.batch.as_ref().map_or(1, |batch| batch.parts);
    let answered = u32::try_from(times.len() as u64 * parts)?;
    let rps = f64::from(answered) / seconds;
    Ok(Outcome {
        answered: answered.into(),
        rps,
        p50_ms: quantile(&times, 50),
        p99_ms: quantile(&times, 99),
        sample,
    })
}

impl Load {
    /// Asks for one thing after another; gives how long each answer took.
    async fn ask(self: Arc<Self>, mut connection: Connection) -> anyhow::Result<Vec<Duration>> {
        let mut times = Vec::new();
        let mut request = Vec::new();
        while let Some(index) = self.index() {
            self.write(index, &mut request)?;
            let sent = Instant::now();
            let (status, answer) = connection.exchange(&request).await?;
            times.push(sent.elapsed());
            let right = match &self.plan.batch {
                None => status == self.plan.status,
                Some(batch) => status == 200 && batch::count(answer, self.plan.status) == batch.parts,
            };
            ensure!(
                right,
                "an answer with another status than {}:\n{}\nto\n{}",
                self.plan.status,
                String::from_utf8_lossy(answer),
                String::from_utf8_lossy(&request)
            );
            if self.sample.get().is_none() {
                self.sample.get_or_init(|| String::from_utf8_lossy(answer).into_owned());
            }
        }
        Ok(times)
    }

    /// Writes the request of an index, or of a batch from this index on.
    fn write(&self, index: u64, request: &mut Vec<u8>) -> anyhow::Result<()> {
        let text = |index| {
            let (user, text) = self.plan.deal.pair(index);
            self.texts.get(text).map(|text| (user, text)).context("a request that nobody wrote")
        };
        match &self.plan.batch {
            None => {
                let (user, text) = text(index)?;
                text.write(user, request);
                Ok(())
            }
            Some(batch) => {
                let parts = (index..index + batch.parts).map(text).collect::<Result<Vec<_>, _>>()?;
                batch::write(&batch.head, &parts, request);
                Ok(())
            }
        }
    }

    /// What to ask for next; none = the time is up, or everything was asked for.
    fn index(&self) -> Option<u64> {
        if self.started.elapsed().as_secs() >= self.plan.seconds {
            return None;
        }
        let indexes = &self.plan.indexes;
        let count = indexes.end - indexes.start;
        let parts = self.plan.batch.as_ref().map_or(1, |batch| batch.parts);
        let next = self.next.fetch_add(parts, Ordering::Relaxed);
        match self.plan.then {
            Then::End if next + parts > count => None,
            Then::End | Then::Again => Some(indexes.start + next % count),
        }
    }
}

/// The time, in milliseconds, that this many percent of the sorted times do not exceed.
fn quantile(times: &[Duration], percent: usize) -> f64 {
    let at = (times.len() * percent).div_ceil(100).saturating_sub(1);
    times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_the_nearest_rank() {
        let times: Vec<_> = (1..=200).map(Duration::from_millis).collect();
        assert!((quantile(&times, 50) - 100.0).abs() < 1e-9);
        assert!((quantile(&times, 99) - 198.0).abs() < 1e-9);
        assert!((quantile(&times[..1], 99) - 1.0).abs() < 1e-9);
    }
}
