//! `cargo xtask bench install`: durable installations a second (token verified, permission checked, synced before the
//! 201), next to a bare hyper server that answers a fixed 201. Both are measured in turn, on the same machine, with
//! the same requests.

mod load;
mod yardstick;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use hyper::{HeaderMap, StatusCode};
use serde::Serialize;
use tokio::runtime::Runtime;

use crate::graph::{Graph, TENANT, demo_user};
use crate::package::app_package;
use crate::server::Server;
use crate::{needs, workspace};
use load::{Answers, Load};
use yardstick::Yardstick;

/// Generated users; with the apps they make more pairs than can be installed in the time.
const USERS: usize = 1 << 17;

/// Apps for the measurement.
const APPS: usize = 16;

/// More apps, for the warm-up.
const WARM_UP_APPS: usize = 2;

/// How `bench install` is run.
#[derive(clap::Args)]
pub struct Options {
    /// Writes the figures to a file, as JSON.
    #[arg(long)]
    pub json: Option<PathBuf>,
    /// How long each measurement takes.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=30))]
    pub seconds: u64,
    /// Connections at once.
    #[arg(long, default_value_t = 256)]
    pub connections: usize,
    /// How often both servers are measured, in turn; the pair with the middle ratio counts.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    pub pairs: u64,
    /// The server; without it the release binary is built.
    #[arg(long)]
    pub binary: Option<PathBuf>,
}

/// Rates of both servers, installations a second.
#[derive(Clone, Copy, Debug, Serialize)]
struct Figures {
    slipway_rps: f64,
    hyper_rps: f64,
    ratio: f64,
}

#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    median: Figures,
    seconds: u64,
    connections: usize,
    pairs: Vec<Figures>,
}

/// Measures both servers and prints the rates.
///
/// # Errors
/// When wrk is missing, a server fails, an answer is not a 201, or the store does not hold exactly what was counted.
pub fn run(options: &Options) -> anyhow::Result<()> {
    needs::WRK.require()?;
    let bench = Bench {
        options,
        slipway: match &options.binary {
            Some(binary) => binary.clone(),
            None => workspace::release_binary("slipway", "slipway")?,
        },
        yardstick: workspace::release_binary("xtask", "bare-hyper")?,
        runtime: Runtime::new()?,
    };
    let sample = bench.sample()?;
    let mut pairs = Vec::new();
    for _ in 0..options.pairs {
        let hyper_rps = bench.hyper(&sample)?;
        let slipway_rps = bench.slipway()?;
        let figures = Figures { slipway_rps, hyper_rps, ratio: slipway_rps / hyper_rps };
        println!("slipway {slipway_rps:.0}/s  hyper {hyper_rps:.0}/s  ratio {:.3}", figures.ratio);
        pairs.push(figures);
    }
    let median = middle(&pairs).context("nothing was measured")?;
    println!("slipway_rps {:.0}", median.slipway_rps);
    println!("hyper_rps {:.0}", median.hyper_rps);
    println!("ratio {:.3}", median.ratio);
    if let Some(file) = &options.json {
        let Options { seconds, connections, .. } = *options;
        let report = Report { median, seconds, connections, pairs };
        fs::write(file, serde_json::to_vec_pretty(&report)?)
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

struct Bench<'a> {
    options: &'a Options,
    slipway: PathBuf,
    yardstick: PathBuf,
    runtime: Runtime,
}

/// What an installation carries both ways beside its body.
struct Sample {
    token: String,
    answer: HeaderMap,
}

impl Bench<'_> {
    /// One installation, for the yardstick to imitate.
    fn sample(&self) -> anyhow::Result<Sample> {
        let folder = workspace::scratch()?;
        let (server, ready) = Server::start(&self.slipway, &folder.path().join("data"), &[])?;
        let sample = self.runtime.block_on(async {
            let app = Graph::as_administrator(&ready).await?.publish(app_package(0, "1.0.0")?).await?;
            let graph = Graph::as_application(&ready).await?;
            let answer = graph.install(&demo_user(0), &app, None).await;
            let answer = answer.ok().context("no answer to an installation")?;
            ensure!(answer.status == StatusCode::CREATED, "an installation was answered {}", answer.status);
            anyhow::Ok(Sample { token: graph.token().to_owned(), answer: answer.headers })
        })?;
        server.stop()?;
        Ok(sample)
    }

    /// Requests a second of the bare server.
    fn hyper(&self, sample: &Sample) -> anyhow::Result<f64> {
        let folder = workspace::scratch()?;
        let yardstick = Yardstick::start(&self.yardstick, &sample.answer)?;
        let apps: Vec<String> = (0..APPS).map(|n| format!("51190000-0000-4000-8000-{n:012x}")).collect();
        let load = self.load(&yardstick.url, &sample.token, &apps);
        Ok(load.run(folder.path(), self.options.seconds, Answers::Trusted)?.rate())
    }

    /// Installations a second of the server, on fresh data.
    fn slipway(&self) -> anyhow::Result<f64> {
        let folder = workspace::scratch()?;
        let seed = folder.path().join("users.yaml");
        fs::write(&seed, seed_text())?;
        let seed = seed.to_str().context("a folder name that is no text")?;
        let (server, ready) = Server::start(&self.slipway, &folder.path().join("data"), &["--seed", seed])?;
        let (graph, apps) = self.runtime.block_on(async {
            let administrator = Graph::as_administrator(&ready).await?;
            let mut apps = Vec::new();
            for number in 0..APPS + WARM_UP_APPS {
                apps.push(administrator.publish(app_package(number, "1.0.0")?).await?);
            }
            anyhow::Ok((Graph::as_application(&ready).await?, apps))
        })?;
        let count = || self.runtime.block_on(graph.count_installations(&ready));
        let measure = |apps: &[String], seconds: u64, answers: Answers| {
            let before = count()?;
            let load = self.load(&ready.http_url, graph.token(), apps);
            let counted = load.run(folder.path(), seconds, answers)?;
            let stored = count()? - before;
            ensure!(stored == counted.sent, "{} installations counted, {stored} stored", counted.sent);
            anyhow::Ok(counted.rate())
        };
        let (warm_up, measured) = apps.split_at(WARM_UP_APPS);
        measure(warm_up, 1, Answers::Checked)?;
        let rate = measure(measured, self.options.seconds, Answers::Trusted)?;
        server.stop()?;
        Ok(rate)
    }

    fn load<'a>(&self, url: &'a str, token: &'a str, apps: &'a [String]) -> Load<'a> {
        Load { url, token, apps, users: USERS, connections: self.options.connections }
    }
}

/// More users for the demo tenant, whose domain changes: the demo has taken some of the names in its own.
fn seed_text() -> String {
    format!(
        "tenants:\n  - id: {TENANT}\n    displayName: Bench\n    domain: bench.example\n    generate: {{ users: {USERS} }}\n"
    )
}

/// The pair with the middle ratio, so that the three figures belong together.
fn middle(pairs: &[Figures]) -> Option<Figures> {
    let mut sorted = pairs.to_vec();
    sorted.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
    sorted.get(sorted.len() / 2).copied()
}
