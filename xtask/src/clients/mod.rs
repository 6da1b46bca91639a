//! `cargo xtask clients`: real clients, unmodified, against the binary over TLS on both engines, and a table of what
//! they did.

mod outcome;
mod page;
mod suite;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::ensure;
use clap::ValueEnum as _;

use crate::postgres::{FOR_TESTS, Postgres};
use crate::scenarios::Engine;
use crate::test::install::{self, Consent};
use crate::workspace;
use outcome::{Row, Step};
pub use suite::Suite;

/// How `clients` is run.
#[derive(clap::Args)]
pub struct Options {
    /// Runs these suites alone.
    #[arg(long, value_enum, num_args = 1.., value_name = "SUITE")]
    only: Vec<Suite>,
    /// What the servers keep their data in; both if left out.
    #[arg(long, value_enum)]
    engine: Vec<Engine>,
    /// The server; without it the release binary is built.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Installs what is missing without asking, as does CI=true.
    #[arg(long)]
    yes: bool,
}

/// Installs what the suites need, runs them and prints the table. Code 0 if every step of every client passed.
///
/// # Errors
/// [`crate::needs::Missing`] without apt or root; when there is no server, or a suite does not run to its end.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let suites = if options.only.is_empty() { Suite::value_variants() } else { &options.only };
    let required: Vec<_> = suites.iter().flat_map(|suite| suite.requires()).collect();
    let consent = if options.yes { Consent::Given } else { Consent::of_environment() };
    install::all(&required, consent)?;
    let binary = match &options.binary {
        Some(binary) => std::path::absolute(binary)?,
        None => workspace::release_binary("slipway", "slipway")?,
    };
    let engines = if options.engine.is_empty() { Engine::value_variants() } else { &options.engine };
    let rows = told(&binary, suites, engines)?;
    outcome::print(&rows);
    Ok(if rows.iter().all(Row::passed) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One suite on both engines, as a step of the test command, which has installed what it needs.
///
/// # Errors
/// As [`run`], and when a client's step fails.
pub fn all_of(suite: Suite) -> anyhow::Result<()> {
    let binary = workspace::release_binary("slipway", "slipway")?;
    let rows = told(&binary, &[suite], Engine::value_variants())?;
    outcome::print(&rows);
    ensure!(rows.iter().all(Row::passed), "a client met what it does not expect");
    Ok(())
}

fn told(binary: &Path, suites: &[Suite], engines: &[Engine]) -> anyhow::Result<Vec<Row>> {
    let postgres = if engines.contains(&Engine::Postgres) { Some(Postgres::start(FOR_TESTS)?) } else { None };
    let mut rows = Vec::new();
    for suite in suites {
        for engine in engines {
            let name = format!("{}-{}", suite.name(), engine.name());
            let database = match (&postgres, engine) {
                (Some(postgres), Engine::Postgres) => Some(postgres.create_database(&name)?),
                _ => None,
            };
            println!("\nclients of {}, on {}:", suite.name(), engine.name());
            let folder = workspace::scratch()?;
            let steps = folder.path().join("steps.jsonl");
            let mut command = suite.command()?;
            command.env("SLIPWAY_BINARY", binary).env("SLIPWAY_STEPS", &steps);
            let blocks = folder.path().join("blocks.txt");
            command.env("SLIPWAY_BLOCKS", &blocks);
            // What a suite leaves behind to be looked at, such as pictures of pages.
            command.env("SLIPWAY_KEPT", workspace::target().join("clients").join(&name));
            if let Some(database) = database {
                command.env("SLIPWAY_TEST_DATABASE", database);
            }
            let started = Instant::now();
            let ended = workspace::succeed(&mut command);
            println!("{name}: {:.1} s", started.elapsed().as_secs_f64());
            let steps = Step::read(&steps)?;
            let told = outcome::rows(&steps, engine.name(), suite.clients())?;
            // A suite may also fail outside of a step: before the first one, or when its server ends badly.
            if told.iter().all(Row::passed) {
                ended?;
                page::require_run(suite.clients(), &blocks)?;
            }
            rows.extend(told);
        }
    }
    Ok(rows)
}
