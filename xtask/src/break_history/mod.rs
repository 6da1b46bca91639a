//! `cargo xtask break history`: clients that fight over few users and few apps while the apps are raised, deleted and
//! published anew. Every request and answer is recorded, and the history of each (user, app) is proved linearizable:
//! as if every request had happened at one moment between its start and its answer.
//!
//! The catalog entry belongs to the history of each user. That two users' histories agree on the moment of a
//! publication that is still open is not looked at.

mod answers;
mod catalog;
mod clients;
mod evidence;
mod history;
mod linear;
mod plant;
mod publisher;
mod run;
mod servers;
mod verdict;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use clap::error::ErrorKind;
use tokio::task::JoinSet;

use crate::workspace;
use catalog::APPS;
use clients::{Client, Recording};
use publisher::{Fate, Publisher};
use run::{Caller, Run};
use servers::Servers;
use verdict::{Verdict, gather, judge, plant};

/// How `break history` is run.
#[derive(clap::Args)]
pub struct Options {
    /// What the server keeps its data in.
    #[arg(long, value_enum, default_value_t = Engine::Embedded)]
    pub engine: Engine,
    /// Requests of all clients together.
    #[arg(long, default_value_t = 100_000)]
    pub operations: usize,
    /// Clients at once.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub clients: u16,
    /// Servers on one database; each request goes to the other server than the client's last.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
    pub servers: u8,
    /// Falsifies one recorded answer; then the checker must find it.
    #[arg(long, value_enum)]
    pub plant: Option<Plant>,
    /// The server; without it the release binary is built.
    #[arg(long)]
    pub binary: Option<PathBuf>,
    /// Repeats the choices of an earlier run, as far as the machine's timing lets it.
    #[arg(long)]
    pub seed: Option<u64>,
}

/// A storage engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// A data folder.
    Embedded,
    /// A PostgreSQL server of our own.
    Postgres,
}

/// What is falsified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Plant {
    /// A read sees what an earlier one saw, though a write was acknowledged between them.
    StaleRead,
}

/// What came of a run.
pub struct Tally {
    engine: Engine,
    servers: u8,
    clients: u16,
    requests: usize,
    unknown: usize,
    histories: usize,
    /// Publications and deletions, each counted once.
    catalog_changes: usize,
    longest_overlap: usize,
    recorded_in: Duration,
    checked_in: Duration,
    verdict: Verdict,
}

impl Tally {
    /// Prints the figures; the code is 0 if all is as it should be.
    pub fn print(&self) -> ExitCode {
        let engine = self.engine.to_possible_value();
        println!("engine           {:>8}", engine.as_ref().map_or("", |value| value.get_name()));
        println!("servers          {:>8}", self.servers);
        println!("clients          {:>8}", self.clients);
        println!("operations       {:>8}", self.requests);
        println!("unknown          {:>8}", self.unknown);
        println!("catalog changes  {:>8}", self.catalog_changes);
        println!("keys             {:>8}", self.histories);
        println!("longest overlap  {:>8} operations", self.longest_overlap);
        println!("recorded in      {:>8.1} s", self.recorded_in.as_secs_f64());
        println!("checked in       {:>8.1} s", self.checked_in.as_secs_f64());
        println!("{}", self.verdict);
        if self.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    /// Whether every history is linearizable, or the planted answer was found.
    pub fn holds(&self) -> bool {
        matches!(self.verdict, Verdict::Linearizable | Verdict::PlantedFound(_))
    }
}

/// Records a run and checks it.
///
/// # Errors
/// When the server cannot be started, an answer fits no state at all, or there is no place for a plant.
pub fn run(options: &Options) -> anyhow::Result<Tally> {
    if options.servers > 1 && options.engine == Engine::Embedded {
        let conflict = "--servers 2 needs --engine postgres: a data folder has one server";
        clap::Error::raw(ErrorKind::ArgumentConflict, conflict).exit();
    }
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None => workspace::release_binary("slipway", "slipway")?,
    };
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..));
    println!("seed {seed}");
    let mut chance = fastrand::Rng::with_seed(seed);
    let servers = Servers::start(options.engine, options.servers, &binary)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let began = Instant::now();
    let (recordings, fates) = runtime.block_on(record(options, &servers, &mut chance))?;
    let recorded_in = began.elapsed();
    servers.stop()?;
    let requests = recordings.iter().map(|recording| recording.requests).sum();
    let changes = fates.iter().flat_map(|fate| &fate.operations);
    let unknown_changes = changes.clone().filter(|change| change.is_unknown()).count();
    let catalog_changes = changes.count();
    let unknown = recordings.iter().map(|recording| recording.unknown).sum::<usize>() + unknown_changes;
    let mut histories = gather(recordings, &fates)?;
    let began = Instant::now();
    let (longest_overlap, mut verdict) = judge(&histories);
    let checked_in = began.elapsed();
    if let (Some(Plant::StaleRead), Verdict::Linearizable) = (options.plant, &verdict) {
        verdict = plant(&mut histories, &mut chance)?;
    }
    Ok(Tally {
        engine: options.engine,
        servers: options.servers,
        clients: options.clients,
        requests,
        unknown,
        histories: histories.len(),
        catalog_changes,
        longest_overlap,
        recorded_in,
        checked_in,
        verdict,
    })
}

/// Runs all clients and publishers to the end, then looks once more at what every user has.
async fn record(
    options: &Options,
    servers: &Servers,
    chance: &mut fastrand::Rng,
) -> anyhow::Result<(Vec<Recording>, Vec<Fate>)> {
    let run = Arc::new(Run::begin(options.operations));
    let (here, there) = servers.administrator().await?;
    let administrator = Caller::new(Arc::clone(&run), here, there);
    let (mut publishers, mut clients) = (JoinSet::new(), JoinSet::new());
    for place in 0..APPS {
        let mut publisher = Publisher::new(administrator.clone(), chance.fork(), place)?;
        let first = publisher.publish().await?;
        publishers.spawn(publisher.work(first));
    }
    let (here, there) = servers.application().await?;
    let application = Caller::new(run, here, there);
    for client in 1..=usize::from(options.clients) {
        clients.spawn(Client::new(application.numbered(client), chance.fork()).work());
    }
    let (mut recordings, mut fates) = (Vec::new(), Vec::new());
    while let Some(recording) = clients.join_next().await {
        recordings.push(recording??);
    }
    while let Some(of_place) = publishers.join_next().await {
        fates.extend(of_place??);
    }
    recordings.push(Client::new(application, chance.fork()).look().await?);
    Ok((recordings, fates))
}
