//! One run of the server under strace: installations in batches, then one after another, then kill -9.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use hyper::StatusCode;
use tokio::task::JoinSet;

use super::Syncs;
use super::disk::Disk;
use super::trace::{self, Event};
use crate::graph::{Graph, USERS, demo_user};
use crate::package::app_package;
use crate::server::{ANY_PORT, Ready, Server};

/// Apps that are published for the test; with the demo's users they make the pairs.
const APPS: usize = 6;

/// Clients at once while batches are wanted.
const CLIENTS: usize = 8;

/// Installations asked for by all clients at once, so that commits share a sync.
const IN_BATCHES: usize = 64;

/// Installations asked for one after another, so that the last batch is small enough to try each byte.
const ONE_BY_ONE: usize = 16;

/// A run and what is known about it.
pub struct Recording {
    /// The data folder.
    pub data: PathBuf,
    /// What was in it, safely on disk, before the traced run.
    pub before: Disk,
    /// What the traced run did.
    pub events: Vec<Event>,
    /// The installations asked for, by the `client-request-id`: index of the user and the app's id.
    pub asked: BTreeMap<String, (usize, String)>,
    /// A caller whose token every copy of the folder accepts.
    pub graph: Graph,
}

/// Runs the server and records it.
///
/// # Errors
/// When the server fails, or the trace does not explain what is in the folder or lacks an answer that a client got.
pub async fn record(binary: &Path, scratch: &Path, syncs: Syncs) -> anyhow::Result<Recording> {
    let data = scratch.join("data");
    let apps = prepare(binary, &data).await?;
    let before = Disk::load(&data)?;
    let asked: BTreeMap<_, _> = (0..USERS)
        .flat_map(|user| apps.iter().map(move |app| (user, app.clone())))
        .take(IN_BATCHES + ONE_BY_ONE + 1)
        .enumerate()
        .map(|(number, pair)| (format!("51190000-0000-4000-8000-0f5c{number:08x}"), pair))
        .collect();

    let trace_file = scratch.join("trace");
    let mut server = Server::spawn_under(strace(binary, &trace_file, syncs), &data, &ANY_PORT)?;
    let ready = server.wait_ready()?;
    let graph = Graph::as_application(&ready).await?;
    let seen = install(&graph, &asked).await?;
    server.kill()?;

    let text = finished(&trace_file)?;
    let trace = trace::read(&text, &data, &before.known())?;
    let events = trace.events;
    let mut after = before.clone();
    for event in &events {
        after.apply(event)?;
    }
    check_explains(&after, &trace.uncertain, &data)?;
    for mark in &seen {
        let traced = events.iter().any(|event| matches!(event, Event::Acknowledged(m) if m == mark));
        ensure!(traced, "the trace lacks the answer to {mark}");
    }
    Ok(Recording { data, before, events, asked, graph })
}

/// Checks that the folder is as the events left it, with some or none of the uncertain ones.
fn check_explains(after: &Disk, uncertain: &[Event], data: &Path) -> anyhow::Result<()> {
    let Some((event, rest)) = uncertain.split_first() else {
        return after.check_explains(data);
    };
    let mut happened = after.clone();
    happened.apply(event)?;
    check_explains(&happened, rest, data).or_else(|_| check_explains(after, rest, data))
}

/// Makes the data folder with its catalog, and stops the server so that all of it is on disk.
async fn prepare(binary: &Path, data: &Path) -> anyhow::Result<Vec<String>> {
    let (server, ready) = Server::start(binary, data, &[])?;
    let apps = publish(&ready).await?;
    server.stop()?;
    Ok(apps)
}

async fn publish(ready: &Ready) -> anyhow::Result<Vec<String>> {
    let administrator = Graph::as_administrator(ready).await?;
    let mut apps = Vec::new();
    for number in 0..APPS {
        apps.push(administrator.publish(app_package(number, "1.0.0")?).await?);
    }
    Ok(apps)
}

/// The server under strace. With `-D` the tracer is the server's grandchild, so that killing the child kills the
/// server and leaves the tracer to finish its file.
fn strace(binary: &Path, trace_file: &Path, syncs: Syncs) -> Command {
    let mut command = Command::new("strace");
    command.args(["-D", "-f", "-y", "-xx", "-s", "16777216", "--seccomp-bpf", "-o"]).arg(trace_file);
    command.arg("-e").arg(format!("trace={}", trace::CALLS));
    if syncs == Syncs::Pretended {
        command.args(["-e", "inject=fsync,fdatasync:retval=0"]);
    }
    command.arg(binary);
    command
}

/// Asks for all installations; gives the ids of those that were answered with 201.
async fn install(graph: &Graph, asked: &BTreeMap<String, (usize, String)>) -> anyhow::Result<Vec<String>> {
    let all: Vec<_> =
        asked.iter().map(|(mark, (user, app))| (mark.clone(), demo_user(*user), app.clone())).collect();
    let (batches, rest) = all.split_at(IN_BATCHES);
    let mut seen = Vec::new();
    let mut clients = JoinSet::new();
    for share in batches.chunks(IN_BATCHES.div_ceil(CLIENTS)) {
        clients.spawn(one_by_one(graph.clone(), share.to_vec()));
    }
    while let Some(done) = clients.join_next().await {
        seen.extend(done??);
    }
    let (last, rest) = rest.split_last().context("nothing to install")?;
    seen.extend(one_by_one(graph.clone(), rest.to_vec()).await?);
    // The kill comes while this one is on its way.
    clients.spawn(one_by_one(graph.clone(), vec![last.clone()]));
    tokio::time::sleep(Duration::from_micros(fastrand::u64(..3_000))).await;
    Ok(seen)
}

async fn one_by_one(graph: Graph, share: Vec<(String, String, String)>) -> anyhow::Result<Vec<String>> {
    let mut seen = Vec::new();
    for (mark, user, app) in share {
        let answer = graph.install(&user, &app, Some(&mark)).await;
        let answer = answer.map_err(|_| anyhow::anyhow!("no answer to {mark}"))?;
        ensure!(answer.status == StatusCode::CREATED, "{mark} was answered {}", answer.status);
        seen.push(mark);
    }
    Ok(seen)
}

/// The trace, once strace has written the server's end.
fn finished(trace_file: &Path) -> anyhow::Result<String> {
    let started = Instant::now();
    loop {
        let text = std::fs::read_to_string(trace_file).context("strace wrote no trace")?;
        // The first thread that strace saw is the process's own; its end is told last.
        let leader = text.split_whitespace().next().unwrap_or_default();
        let last = text.lines().last().unwrap_or_default();
        if last.split_whitespace().next() == Some(leader) && last.ends_with("+++ killed by SIGKILL +++") {
            return Ok(text);
        }
        ensure!(started.elapsed() < Duration::from_secs(30), "strace did not see the server end");
        std::thread::sleep(Duration::from_millis(20));
    }
}
