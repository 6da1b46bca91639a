//! `cargo xtask bench-tls`: handshakes and requests over TLS, next to Debian's nginx with a certificate of the same
//! authority and key type, both in turn in one run.

mod asked;
mod nginx;

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use clap::Args;

use crate::needs;
use crate::server::Server;
use crate::workspace;
use asked::{Asked, Outcome, Visit};
use nginx::Nginx;

/// What is asked for: an answer that costs nothing to make.
const PATH: &str = "/_slipway/livez";

/// What is measured, and with how many connections at a time.
const ROWS: [(&str, Visit, usize); 5] = [
    ("cold handshake to first byte", Visit::Cold, 1),
    ("cold handshake to first byte", Visit::Cold, 64),
    ("resumed handshake to first byte", Visit::Resumed, 64),
    ("warm request", Visit::Warm, 1),
    ("warm request", Visit::Warm, 64),
];

/// Options of the command.
#[derive(Args)]
pub struct Options {
    /// How long each measurement takes.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=60))]
    pub seconds: u64,
    /// How often both are measured, in turn; the pair with the middle ratio counts.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u64).range(1..))]
    pub pairs: u64,
    /// The server; without it the release binary is built.
    #[arg(long)]
    pub binary: Option<PathBuf>,
}

/// Measures the rows and prints their figures.
///
/// # Errors
/// When a server fails or answers otherwise, or nginx is not there.
pub fn run(options: &Options) -> anyhow::Result<()> {
    needs::NGINX.require()?;
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None => workspace::release_binary("slipway", "slipway")?,
    };
    let generator = workspace::release_binary("xtask", "tls-load")?;
    let folder = workspace::scratch()?;
    let data = folder.path().join("data");
    let (server, ready) = Server::start(&binary, &data, &["--no-demo"])?;
    let slipway: SocketAddr = ready.http_url.trim_start_matches("http://").parse()?;
    let ask = |address, visit, connections| {
        let (authority, path) = (data.join("ca.crt"), PATH.to_owned());
        load(&generator, &Asked { address, authority, path, visit, connections, seconds: options.seconds })
    };
    let sample = ask(slipway, Visit::Warm, 1)?.sample;
    let nginx = Nginx::start(&data, &sample)?;
    println!("| visit | at a time | Slipway /s | p50 ms | nginx /s | p50 ms | ratio of rates |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
    for (name, visit, connections) in ROWS {
        let mut pairs = Vec::new();
        for _ in 0..options.pairs {
            let ours = ask(slipway, visit, connections)?;
            let theirs = ask(nginx.address, visit, connections)?;
            pairs.push((ours.rate / theirs.rate, ours, theirs));
        }
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let middle = pairs.len() / 2;
        let (ratio, ours, theirs) = pairs.into_iter().nth(middle).context("nothing was measured")?;
        println!(
            "| {name} | {connections} | {:.0} | {:.3} | {:.0} | {:.3} | {ratio:.2} |",
            ours.rate, ours.p50_ms, theirs.rate, theirs.p50_ms
        );
    }
    drop(nginx);
    server.stop()
}

/// Has the load generator do what is asked.
fn load(generator: &Path, asked: &Asked) -> anyhow::Result<Outcome> {
    let mut command = Command::new(generator);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().context("cannot run the load generator")?;
    let mut input = child.stdin.take().context("no input")?;
    input.write_all(&serde_json::to_vec(asked)?)?;
    drop(input);
    let output = child.wait_with_output()?;
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the load generator at {}: {}", asked.address, told.trim_end());
    Ok(serde_json::from_slice(&output.stdout)?)
}
