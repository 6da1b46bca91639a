//! `cargo xtask bench`: rates, times and costs of the server, row by row, each next to a yardstick that is measured in
//! turn on the same machine. What is measured is counted: every answer has the row's status, and the store changed by
//! exactly that much.

mod effect;
mod figures;
mod filled;
mod load;
mod options;
mod pgbench;
mod plan;
mod row;
pub mod usage;
mod yardstick;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::ValueEnum as _;
use tokio::runtime::Runtime;

use crate::workspace;
use effect::Done;
use figures::{Figures, HEADING, Measured};
use filled::{Filled, Place};
use load::Target;
use options::{Engine, Transport};
pub use options::{Engines, Options, Transports};
use pgbench::Pgbench;
use plan::{Outcome, Plan, Then};
use row::{Effect, Row};
use yardstick::Yardstick;

/// Reads before each measurement, so that none begins with cold caches.
const WARM_UP_SECONDS: u64 = 1;

/// Measures the rows and prints their figures.
///
/// # Errors
/// When a server fails, an answer has another status than its row's, or the store holds something else than that.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let engines = options.engine.list();
    if options.only.contains(&Row::Pgbench) && !engines.contains(&Engine::Postgres) {
        bail!("pgbench is a row of PostgreSQL\nhint: --engine postgres");
    }
    let bench = Bench {
        options,
        slipway: match &options.binary {
            Some(binary) => binary.clone(),
            None => workspace::release_binary("slipway", "slipway")?,
        },
        yardstick: workspace::release_binary("xtask", "bare-hyper")?,
        generator: workspace::release_binary("xtask", "bench-load")?,
        runtime: &Runtime::new()?,
    };
    let against = options.against.as_ref().map(|binary| Bench {
        slipway: binary.clone(),
        yardstick: bench.yardstick.clone(),
        generator: bench.generator.clone(),
        ..bench
    });
    println!("{HEADING}");
    let mut table = Vec::new();
    for &engine in engines {
        bench.engine(engine, against.as_ref(), &mut table)?;
    }
    if let Some(file) = &options.json {
        fs::write(file, serde_json::to_vec_pretty(&table)?)
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

/// What all rows share.
pub struct Bench<'a> {
    options: &'a Options,
    slipway: PathBuf,
    yardstick: PathBuf,
    generator: PathBuf,
    runtime: &'a Runtime,
}

/// What a row is measured next to.
enum Versus<'a> {
    Hyper(Yardstick),
    Pgbench(Pgbench),
    /// The same server, with this row in place of the other.
    Row(Row),
    /// Another build of it.
    Build(&'a Filled<'a>),
}

impl Bench<'_> {
    /// Measures the rows on one engine.
    fn engine(&self, engine: Engine, against: Option<&Self>, table: &mut Vec<Figures>) -> anyhow::Result<()> {
        let place = self.place(engine)?;
        let filled = Filled::make(self, &place)?;
        // Each build fills a store of its own: the older one may not know how the newer one keeps things.
        let other_place = against.map(|_| self.place(engine)).transpose()?;
        let other = match (against, &other_place) {
            (Some(bench), Some(place)) => Some(Filled::make(bench, place)?),
            _ => None,
        };
        for &transport in self.options.transport.list() {
            for &row in Row::value_variants() {
                let applies = match row {
                    // Other builds need not know batches, and installs are measured by a row of their own; both are
                    // there by name.
                    Row::Batch | Row::Pgbench if other.is_some() && self.options.only.is_empty() => false,
                    // pgbench knows none of our transports; it is compared with the quickest.
                    Row::Pgbench => engine == Engine::Postgres && transport == Transport::Http,
                    _ => true,
                };
                if applies && self.options.wants(row) {
                    let (slipway, ratio) = self.row(row, &filled, other.as_ref(), transport)?;
                    let connections = self.options.connections;
                    let versus = if other.is_some() { "the other build" } else { row.versus() };
                    let figures = Figures { row, engine, transport, connections, slipway, versus, ratio };
                    println!("{figures}");
                    table.push(figures);
                }
            }
        }
        Ok(())
    }

    fn place(&self, engine: Engine) -> anyhow::Result<Place> {
        match engine {
            Engine::Embedded => Ok(Place::Folder),
            Engine::Postgres => Place::postgres(self.options.connections),
        }
    }

    /// Measures Slipway and its yardstick in turn; gives the pair with the middle ratio.
    fn row(
        &self,
        row: Row,
        filled: &Filled<'_>,
        other: Option<&Filled<'_>>,
        transport: Transport,
    ) -> anyhow::Result<(Measured, f64)> {
        let mut pairs = Vec::new();
        let mut versus = None;
        for _ in 0..self.options.pairs {
            let (measured, sample) = self.slipway(row, filled, transport)?;
            let versus = match &versus {
                Some(versus) => versus,
                None => versus.insert(match (other, row, filled.place) {
                    (Some(other), _, _) => Versus::Build(other),
                    (None, Row::Pgbench, Place::Postgres(server)) => {
                        Versus::Pgbench(Pgbench::prepare(server)?)
                    }
                    (None, Row::Batch, _) => Versus::Row(Row::Install),
                    (None, _, _) => Versus::Hyper(Yardstick::start(&self.yardstick, &sample, transport)?),
                }),
            };
            let rate = match versus {
                Versus::Hyper(hyper) => self.load(row, filled, hyper.target())?.rps,
                Versus::Pgbench(pgbench) => pgbench.rate(self.options.connections, self.options.seconds)?,
                Versus::Row(other) => self.slipway(*other, filled, transport)?.0.rps,
                Versus::Build(other) => other.bench.slipway(row, other, transport)?.0.rps,
            };
            let ratio = measured.rps / rate;
            pairs.push((measured, ratio));
        }
        pairs.sort_by(|(_, a), (_, b)| a.total_cmp(b));
        let middle = pairs.len() / 2;
        pairs.into_iter().nth(middle).context("nothing was measured")
    }

    /// Measures Slipway on a copy of the store, and gives one of its answers too.
    fn slipway(
        &self,
        row: Row,
        filled: &Filled<'_>,
        transport: Transport,
    ) -> anyhow::Result<(Measured, String)> {
        let running = filled.start()?;
        let mut warm_up = self.plan(Row::GetExpanded, filled, running.target(transport)?);
        warm_up.seconds = WARM_UP_SECONDS;
        load::run(&self.generator, &warm_up)?;
        let installs = self.runtime.block_on(running.graph.count_installations(&running.ready))?;
        let before = usage::cpu_time(running.process())?;
        let outcome = self.load(row, filled, running.target(transport)?)?;
        let cpu = usage::cpu_time(running.process())?.saturating_sub(before);
        let memory = usage::peak_memory(running.process())?;
        let done = Done { effect: row.effect(), installs: self.options.installs, answered: outcome.answered };
        self.runtime.block_on(done.check(filled, &running, installs))?;
        running.stop()?;
        #[expect(clippy::cast_precision_loss, reason = "counts and sizes are far below 2^52")]
        let (answered, memory) = (outcome.answered as f64, memory as f64);
        let measured = Measured {
            installs,
            rps: outcome.rps,
            p50_ms: outcome.p50_ms,
            p99_ms: outcome.p99_ms,
            cpu_us: cpu.as_secs_f64() * 1e6 / answered,
            rss_mb: memory / 1e6,
        };
        Ok((measured, outcome.sample))
    }

    /// Has a row asked for during the time of a measurement.
    fn load(&self, row: Row, filled: &Filled<'_>, target: Target) -> anyhow::Result<Outcome> {
        load::run(&self.generator, &self.plan(row, filled, target))
    }

    /// What the load generator is to do for a row.
    fn plan(&self, row: Row, filled: &Filled<'_>, target: Target) -> Plan {
        let filled_indexes = 0..self.options.installs;
        let (indexes, then) = match row.effect() {
            Effect::None => (filled_indexes, Then::Again),
            Effect::Installs => (self.options.installs..filled.deal.pairs(), Then::End),
            Effect::Upgrades | Effect::Uninstalls => (filled_indexes, Then::End),
        };
        Plan {
            requests: row.requests(filled, target.address),
            batch: row.batch(target.address, &filled.token),
            address: target.address,
            authority: target.authority,
            connections: self.options.connections,
            seconds: self.options.seconds,
            indexes,
            then,
            deal: filled.deal,
            status: row.status(),
        }
    }
}
