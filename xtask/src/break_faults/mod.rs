//! `cargo xtask break faults`: what happens to the server and its storage in the field, done on purpose under
//! concurrent clients. Every client owns its (user, app) pairs, so what must be there afterwards is known exactly; it
//! is read back through Graph. One table tells what was lost.

mod catalog;
mod clock_jump;
mod damage;
mod disk_full;
mod flip;
mod kill;
mod ledger;
mod load;
mod network;
mod postgres_kill;
mod proxy;
mod read_only;
mod shared_folder;
mod site;
mod tail;
mod tally;
mod trial;
mod two_servers;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use clap::ValueEnum;

use crate::postgres::Postgres;
use crate::workspace;
use site::Site;
use tail::Tail;
use tally::Tally;
use trial::Plan;

/// How `break faults` is run.
#[derive(clap::Args)]
pub struct Options {
    /// These faults alone.
    #[arg(long, value_enum, num_args = 1..)]
    pub fault: Vec<Fault>,
    /// Where, and how much.
    #[command(flatten)]
    pub scale: Scale,
}

/// Where faults happen, and how much.
#[derive(clap::Args)]
pub struct Scale {
    /// On these engines alone.
    #[arg(long, value_enum, num_args = 1..)]
    pub engine: Vec<Engine>,
    /// How often each fault happens on each engine.
    #[arg(long, default_value_t = 10)]
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

/// What keeps the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Engine {
    /// The data folder.
    Embedded,
    /// A PostgreSQL server of our own.
    Postgres,
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Fault {
    /// kill -9 of the server.
    Kill,
    /// The clock of the day jumps.
    ClockJump,
    /// kill -9 of PostgreSQL.
    PostgresKill,
    /// The connection to PostgreSQL fails in many ways.
    Network,
    /// Two servers on one database, and kill -9 of one.
    TwoServers,
    /// No space on the disk.
    DiskFull,
    /// The data folder cannot be written.
    ReadOnly,
    /// The end of the journal is cut off.
    TornTail,
    /// The end of the journal is zeros.
    ZeroedTail,
    /// One byte in journals or tables is another one.
    Flip,
    /// A second server on the same data folder.
    SharedFolder,
}

/// A line of the table.
pub struct Line {
    engine: Engine,
    fault: Fault,
    outcome: anyhow::Result<Tally>,
}

impl Fault {
    /// The engines that it can happen to.
    fn engines(self) -> &'static [Engine] {
        match self {
            Self::Kill | Self::ClockJump => &[Engine::Embedded, Engine::Postgres],
            Self::PostgresKill | Self::Network | Self::TwoServers => &[Engine::Postgres],
            Self::DiskFull
            | Self::ReadOnly
            | Self::TornTail
            | Self::ZeroedTail
            | Self::Flip
            | Self::SharedFolder => &[Engine::Embedded],
        }
    }
}

/// Runs and prints the table. The code is 0 if every fault was survived.
///
/// # Errors
/// As [`run`].
pub fn command(options: &Options) -> anyhow::Result<ExitCode> {
    let lines = run(options)?;
    print(&lines);
    Ok(if hold(&lines) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The name that the command line has for it.
fn name(value: &impl ValueEnum) -> String {
    value.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

/// Breaks the server in every way that was asked for.
///
/// # Errors
/// When there is nothing to do, or the server's binary or PostgreSQL cannot be had. A fault that cannot be carried to
/// its end is a line of the table.
pub fn run(options: &Options) -> anyhow::Result<Vec<Line>> {
    let chosen = chosen(options);
    ensure!(!chosen.is_empty(), "these faults do not happen to these engines");
    let scale = &options.scale;
    let binary = match &scale.binary {
        Some(binary) => binary.canonicalize().with_context(|| format!("no {}", binary.display()))?,
        None => workspace::release_binary("slipway", "slipway")?,
    };
    let seed = scale.seed.unwrap_or_else(|| fastrand::u64(..));
    println!("seed {seed}");
    let on_postgres = chosen.iter().any(|(engine, _)| *engine == Engine::Postgres);
    let mut postgres = if on_postgres { Some(Postgres::start(&[])?) } else { None };
    let runtime = tokio::runtime::Runtime::new()?;
    let mut lines = Vec::new();
    for (engine, fault) in chosen {
        let plan = Plan { rounds: scale.rounds, clients: scale.clients, seed };
        let postgres = postgres.as_mut().filter(|_| engine == Engine::Postgres);
        println!("\n{} on {}", name(&fault), name(&engine));
        let outcome = runtime.block_on(one(fault, plan, &binary, postgres));
        if let Err(error) = &outcome {
            println!("failed: {error:#}");
        }
        lines.push(Line { engine, fault, outcome });
    }
    Ok(lines)
}

/// Prints the table, and below it what has no column.
pub fn print(lines: &[Line]) {
    println!("\n{}", tally::HEADING);
    for Line { engine, fault, outcome } in lines {
        let figures = outcome.as_ref().map_or_else(|_| "failed, see below".to_owned(), Tally::to_string);
        println!("{:<9} {:<13} {figures}", name(engine), name(fault));
    }
    for Line { engine, fault, outcome } in lines {
        let notes = match outcome {
            Ok(tally) => tally.notes().collect(),
            Err(error) => vec![format!("failed: {error:#}")],
        };
        for note in notes {
            println!("{} {}: {note}", name(engine), name(fault));
        }
    }
}

/// Whether every fault was survived: nothing lost, nothing appeared, the server back at work.
pub fn hold(lines: &[Line]) -> bool {
    lines.iter().all(|line| line.outcome.as_ref().is_ok_and(Tally::holds))
}

/// Which faults happen to which engines.
fn chosen(options: &Options) -> Vec<(Engine, Fault)> {
    let wanted = |engine: &Engine| options.scale.engine.is_empty() || options.scale.engine.contains(engine);
    let faults = Fault::value_variants().iter().copied();
    let faults = faults.filter(|fault| options.fault.is_empty() || options.fault.contains(fault));
    let pairs = faults.flat_map(|fault| fault.engines().iter().map(move |engine| (*engine, fault)));
    let mut chosen: Vec<_> = pairs.filter(|(engine, _)| wanted(engine)).collect();
    chosen.sort_by_key(|(engine, _)| *engine);
    chosen
}

async fn one(
    fault: Fault,
    plan: Plan,
    binary: &Path,
    mut postgres: Option<&mut Postgres>,
) -> anyhow::Result<Tally> {
    let database = name(&fault).replace('-', "_");
    let address = match &postgres {
        Some(server) => Some(server.create_database(&database)?),
        None => None,
    };
    let site = Site::new(binary, address)?;
    let mut server = || postgres.take().context("this needs PostgreSQL");
    match fault {
        Fault::Kill => kill::run(site, plan).await,
        Fault::ClockJump => clock_jump::run(site, plan).await,
        Fault::PostgresKill => postgres_kill::run(site, plan, server()?).await,
        Fault::Network => network::run(site, plan, server()?, &database).await,
        Fault::TwoServers => two_servers::run(site, plan).await,
        Fault::DiskFull => disk_full::run(site, plan).await,
        Fault::ReadOnly => read_only::run(site, plan).await,
        Fault::TornTail => tail::run(site, plan, Tail::Torn).await,
        Fault::ZeroedTail => tail::run(site, plan, Tail::Zeroed).await,
        Fault::Flip => flip::run(site, plan).await,
        Fault::SharedFolder => shared_folder::run(site, plan).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(engine: &[Engine], fault: &[Fault]) -> Vec<String> {
        let scale = Scale { engine: engine.to_vec(), rounds: 1, clients: 1, binary: None, seed: None };
        let chosen = chosen(&Options { fault: fault.to_vec(), scale });
        chosen.iter().map(|(engine, fault)| format!("{} {}", name(engine), name(fault))).collect()
    }

    #[test]
    fn without_a_choice_everything_happens_wherever_it_can() {
        let all = names(&[], &[]);
        assert_eq!(all.len(), 13);
        assert!(all.is_sorted_by_key(|line| line.starts_with("postgres")));
        assert_eq!(names(&[], &[Fault::Kill]), ["embedded kill", "postgres kill"]);
        assert_eq!(names(&[Engine::Embedded], &[Fault::Kill, Fault::PostgresKill]), ["embedded kill"]);
        assert!(names(&[Engine::Postgres], &[Fault::DiskFull]).is_empty());
    }
}
