//! `cargo xtask break kill`: kill -9 at random moments under concurrent clients. Every client owns its (user, app)
//! pairs, so what must be there after the restart is known exactly; it is read back through Graph.

mod ledger;
mod load;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;

use crate::graph::{Graph, USERS};
use crate::package::app_package;
use crate::server::{Ready, Server};
use crate::workspace;
use ledger::{Pair, State, Verdict};

/// Apps that are published for the test; with the demo's users they make the pairs.
const APPS: usize = 40;

/// How many apps get a new version before each round, so that upgrades have work.
const RAISED: usize = 4;

/// How `break kill` is run.
#[derive(clap::Args)]
pub struct Options {
    /// How often the server is killed.
    #[arg(long, default_value_t = 50)]
    pub rounds: usize,
    /// Clients at once.
    #[arg(long, default_value_t = 64)]
    pub clients: usize,
    /// The server; without it the release binary is built.
    #[arg(long)]
    pub binary: Option<PathBuf>,
    /// Repeats the choices of an earlier run, as far as the machine's timing lets it.
    #[arg(long)]
    pub seed: Option<u64>,
}

/// What came of all rounds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    rounds: usize,
    acknowledged: usize,
    refused: usize,
    unknown: usize,
    lost: usize,
    phantom: usize,
}

impl Tally {
    /// Prints the figures; the code is 0 if nothing was lost and nothing appeared.
    pub fn print(&self) -> ExitCode {
        println!("rounds        {:>8}", self.rounds);
        println!("acknowledged  {:>8}", self.acknowledged);
        println!("refused       {:>8}", self.refused);
        println!("unknown       {:>8}", self.unknown);
        println!("lost          {:>8}", self.lost);
        println!("phantom       {:>8}", self.phantom);
        if self.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    /// Whether every acknowledged write was kept and nothing else appeared, and the test had something to test.
    pub fn holds(&self) -> bool {
        self.lost == 0 && self.phantom == 0 && self.acknowledged > 0
    }

    fn count(&mut self, verdict: Verdict) -> anyhow::Result<()> {
        match verdict {
            Verdict::Acknowledged => self.acknowledged += 1,
            Verdict::Refused => self.refused += 1,
            Verdict::Unknown => self.unknown += 1,
            Verdict::Kept => {}
            Verdict::Lost => self.lost += 1,
            Verdict::Phantom => self.phantom += 1,
            Verdict::Strange(status) => anyhow::bail!("a client was answered {status}, which fits no state"),
        }
        Ok(())
    }
}

/// The apps of the test: ids and which version each has published.
struct Catalog {
    ids: Vec<String>,
    versions: Vec<u32>,
}

/// Kills the server round by round, on one data folder.
///
/// # Errors
/// When the server cannot be started or behaves in a way that no count can express.
pub fn run(options: &Options) -> anyhow::Result<Tally> {
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None => workspace::release_binary("slipway", "slipway")?,
    };
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..));
    println!("seed {seed}");
    let mut chance = fastrand::Rng::with_seed(seed);
    let folder = workspace::scratch()?;
    let data = folder.path().join("data");
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(rounds(options, &binary, &data, &mut chance))
}

async fn rounds(
    options: &Options,
    binary: &Path,
    data: &Path,
    chance: &mut fastrand::Rng,
) -> anyhow::Result<Tally> {
    let mut tally = Tally::default();
    let mut clients = deal_pairs(options.clients, chance);
    let (mut server, mut ready) = Server::start(binary, data, &[])?;
    let mut catalog = publish_apps(&ready).await?;
    for round in 0..options.rounds {
        raise_versions(&ready, &mut catalog, chance).await?;
        let moment = Duration::from_micros(chance.u64(20_000..800_000));
        let graph = Graph::as_application(&ready).await?;
        let load = load::start(&graph, &catalog, clients, chance);
        tokio::time::sleep(moment).await;
        server.kill().with_context(|| format!("round {round}"))?;
        clients = load.end(&mut tally).await?;
        tally.rounds += 1;
        (server, ready) = restart(binary, data, chance)?;
        read_back(&ready, &catalog, &mut clients, &mut tally).await?;
        println!(
            "round {:>3}: killed after {:>3} ms, {} acknowledged so far, {} lost, {} phantom",
            round + 1,
            moment.as_millis(),
            tally.acknowledged,
            tally.lost,
            tally.phantom
        );
        if tally.lost + tally.phantom > 0 {
            return Ok(tally);
        }
    }
    server.stop()?;
    Ok(tally)
}

/// Every pair of a user and an app belongs to one client.
fn deal_pairs(clients: usize, chance: &mut fastrand::Rng) -> Vec<Vec<Pair>> {
    let mut pairs: Vec<Pair> =
        (0..USERS).flat_map(|user| (0..APPS).map(move |app| Pair::new(user, app))).collect();
    chance.shuffle(&mut pairs);
    let share = pairs.len().div_ceil(clients.max(1));
    pairs.chunks(share).map(<[Pair]>::to_vec).collect()
}

async fn publish_apps(ready: &Ready) -> anyhow::Result<Catalog> {
    let administrator = Graph::as_administrator(ready).await?;
    let mut catalog = Catalog { ids: Vec::new(), versions: vec![0; APPS] };
    for number in 0..APPS {
        catalog.ids.push(administrator.publish(app_package(number, "1.0.0")?).await?);
    }
    Ok(catalog)
}

async fn raise_versions(
    ready: &Ready,
    catalog: &mut Catalog,
    chance: &mut fastrand::Rng,
) -> anyhow::Result<()> {
    let administrator = Graph::as_administrator(ready).await?;
    let mut apps: Vec<_> = catalog.ids.iter().zip(&mut catalog.versions).enumerate().collect();
    chance.shuffle(&mut apps);
    for (number, (id, version)) in apps.into_iter().take(RAISED) {
        *version += 1;
        administrator.publish_version(id, app_package(number, &format!("1.{version}.0"))?).await?;
    }
    Ok(())
}

/// Starts the server again; one time in four it is killed once more while it recovers.
fn restart(binary: &Path, data: &Path, chance: &mut fastrand::Rng) -> anyhow::Result<(Server, Ready)> {
    if chance.u8(..4) == 0 {
        let recovering = Server::spawn(binary, data, &[])?;
        std::thread::sleep(Duration::from_millis(chance.u64(..150)));
        recovering.kill()?;
    }
    Server::start(binary, data, &[])
}

/// Compares every user's list with the ledger.
async fn read_back(
    ready: &Ready,
    catalog: &Catalog,
    clients: &mut [Vec<Pair>],
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let graph = Graph::as_application(ready).await?;
    let mut users = match graph.installed_for_all(ready).await {
        Ok(users) => users,
        Err(half) => {
            println!("phantom: {half:#}");
            return tally.count(Verdict::Phantom);
        }
    };
    for pair in clients.iter_mut().flatten() {
        let app = catalog.ids.get(pair.app).context("a pair of an unknown app")?;
        let listed = users.get_mut(pair.user).context("a pair of an unknown user")?.remove(app);
        let found = match &listed {
            None => State::Absent,
            Some(version) => State::Installed(minor(version)?),
        };
        let expected = format!("{pair:?}");
        let verdict = pair.found(found);
        tally.count(verdict)?;
        if verdict != Verdict::Kept {
            println!("{verdict:?}: found {found:?}, expected {expected}");
        }
    }
    // What is left belongs to no pair: the demo tenant's one installation, and nothing else.
    let strangers = users.iter().map(std::collections::BTreeMap::len).sum::<usize>().saturating_sub(1);
    for _ in 0..strangers {
        println!("Phantom: an installation that no client asked for");
        tally.count(Verdict::Phantom)?;
    }
    Ok(())
}

/// The n of `1.n.0`.
fn minor(version: &str) -> anyhow::Result<u32> {
    let number = version.strip_prefix("1.").and_then(|rest| rest.strip_suffix(".0"));
    number.and_then(|n| n.parse().ok()).with_context(|| format!("version {version} was never published"))
}
