//! A store that is filled once and copied for each measurement, so that all of them find the same.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use tempfile::TempDir;

use super::Bench;
use super::effect::{FILLED_VERSION, PUBLISHED_VERSION};
use super::load::{self, Target};
use super::options::Transport;
use super::plan::Deal;
use super::row::Row;
use crate::graph::{Graph, TENANT};
use crate::package::app_package;
use crate::postgres::Postgres;
use crate::server::{Ready, Server};
use crate::workspace;

/// 16 apps.
const APP_BITS: u32 = 4;

/// At most 131,072 generated users: with the apps they make more pairs than can be installed in the time, and each of
/// them has to be seeded first.
const MOST_USER_BITS: u32 = 17;

/// Time for the installations that are there at first.
const FILL_SECONDS: u64 = 600;

/// The database that is filled, and its copy. A server has one of each.
const ORIGINAL: &str = "filled";
const COPY: &str = "copy";

/// An app of the catalog.
pub struct App {
    /// `teamsApp.id`.
    pub id: String,
    /// Id of its manifest.
    pub external_id: String,
}

/// Where stores are filled.
pub enum Place {
    /// Below the build's folder.
    Folder,
    /// In databases of this server.
    Postgres(Postgres),
}

impl Place {
    /// A PostgreSQL server of our own for so many clients, with the settings it is shipped with.
    ///
    /// # Errors
    /// When it does not start, or keeps its data in memory.
    pub fn postgres(clients: usize) -> anyhow::Result<Self> {
        // A few connections more, for superusers and for what is done beside the load.
        let server = Postgres::start(&[&format!("max_connections={}", clients + 50)])?;
        let folder = sql(&server.url(), "SHOW data_directory")?;
        let kind = Command::new("stat").args(["--file-system", "--format=%T", &folder]).output()?;
        ensure!(
            !kind.stdout.starts_with(b"tmpfs"),
            "{folder} lies in memory, where a sync costs nothing\nhint: set TMPDIR to a folder on a disk"
        );
        Ok(Self::Postgres(server))
    }

    fn server(&self) -> Option<&Postgres> {
        match self {
            Self::Folder => None,
            Self::Postgres(server) => Some(server),
        }
    }
}

/// A filled store at rest: installations of the first indexes of its deal, and a newer version of each app.
pub struct Filled<'a> {
    /// Who measures on it, with which build.
    pub bench: &'a Bench<'a>,
    /// Where it is.
    pub place: &'a Place,
    folder: TempDir,
    graph: Graph,
    /// Its users and apps.
    pub deal: Deal,
    /// The apps, in the order of their requests.
    pub apps: Vec<App>,
    /// The access token of all requests.
    pub token: String,
}

/// A server on a copy of a filled store.
pub struct Running {
    server: Server,
    /// What it said when it was ready.
    pub ready: Ready,
    /// A client of it.
    pub graph: Graph,
    data: PathBuf,
    _folder: TempDir,
}

impl<'a> Filled<'a> {
    /// Fills a store.
    ///
    /// # Errors
    /// When Slipway or PostgreSQL does not take it.
    pub fn make(bench: &'a Bench<'a>, place: &'a Place) -> anyhow::Result<Self> {
        let folder = workspace::scratch()?;
        // About an installation for each user.
        let user_bits = bench.options.installs.next_power_of_two().ilog2().min(MOST_USER_BITS);
        let deal = Deal { user_bits, request_bits: APP_BITS };
        let seed = folder.path().join("users.yaml");
        fs::write(&seed, seed_text(deal))?;
        let database = place.server().map(|server| server.create_database(ORIGINAL)).transpose()?;
        let seed = ["--seed", seed.to_str().context("a folder name that is no text")?];
        let data = folder.path().join("data");
        let (server, ready) = start(bench, database, &data, &seed)?;
        let administrator = bench.runtime.block_on(Graph::as_administrator(&ready))?;
        let mut apps = Vec::new();
        for number in 0..1 << APP_BITS {
            let package = app_package(number, FILLED_VERSION)?;
            let id = bench.runtime.block_on(administrator.publish(package))?;
            // As the package's manifest has it.
            apps.push(App { id, external_id: format!("51190000-0000-4000-8000-0000b7ea{number:04x}") });
        }
        let graph = bench.runtime.block_on(Graph::as_application(&ready))?;
        let token = graph.token().to_owned();
        let filled = Self { bench, place, folder, graph, deal, apps, token };
        filled.install(&ready)?;
        for (number, app) in filled.apps.iter().enumerate() {
            let package = app_package(number, PUBLISHED_VERSION)?;
            bench.runtime.block_on(administrator.publish_version(&app.id, package))?;
        }
        server.stop()?;
        Ok(filled)
    }

    fn install(&self, ready: &Ready) -> anyhow::Result<()> {
        let target = Target { address: address(ready)?, authority: None };
        let wanted = self.bench.options.installs;
        let mut plan = self.bench.plan(Row::Install, self, target);
        (plan.indexes, plan.seconds) = (0..wanted, FILL_SECONDS);
        let installed = load::run(&self.bench.generator, &plan)?.answered;
        ensure!(installed == wanted, "{installed} of {wanted} installations came about in {FILL_SECONDS} s");
        Ok(())
    }

    /// Starts a server on a copy.
    ///
    /// # Errors
    /// When the copy cannot be made, or the server does not start.
    pub fn start(&self) -> anyhow::Result<Running> {
        let folder = workspace::scratch()?;
        let data = folder.path().join("data");
        let original = self.folder.path().join("data");
        workspace::succeed(Command::new("cp").arg("--recursive").arg(original).arg(&data))?;
        if let Some(postgres) = self.place.server() {
            let url = postgres.url();
            sql(&url, &format!("DROP DATABASE IF EXISTS {COPY} WITH (FORCE)"))?;
            sql(&url, &format!("CREATE DATABASE {COPY} TEMPLATE {ORIGINAL}"))?;
            sql(&url, "CHECKPOINT")?;
        }
        // Else the copy is written to the disk while the first commits wait for it.
        workspace::succeed(Command::new("sync").arg("--file-system").arg(folder.path()))?;
        let database = self.place.server().map(|server| server.url_of(COPY));
        let (server, ready) = start(self.bench, database, &data, &[])?;
        Ok(Running { server, graph: self.graph.at(&ready), ready, data, _folder: folder })
    }
}

impl Running {
    /// Where the load goes.
    ///
    /// # Errors
    /// When the server did not say it.
    pub fn target(&self, transport: Transport) -> anyhow::Result<Target> {
        let authority = match transport {
            Transport::Http => None,
            Transport::Https => Some(self.data.join("ca.crt")),
        };
        Ok(Target { address: address(&self.ready)?, authority })
    }

    /// The server's process.
    pub fn process(&self) -> i32 {
        self.server.process().as_raw_pid()
    }

    /// Stops the server.
    ///
    /// # Errors
    /// When it does not stop well.
    pub fn stop(self) -> anyhow::Result<()> {
        self.server.stop()
    }
}

/// One port for plain HTTP and TLS.
fn address(ready: &Ready) -> anyhow::Result<SocketAddr> {
    let address = ready.http_url.strip_prefix("http://").context("an address without http://")?;
    address.parse().with_context(|| format!("{address} is no address"))
}

fn start(
    bench: &Bench<'_>,
    database: Option<String>,
    data: &Path,
    extra: &[&str],
) -> anyhow::Result<(Server, Ready)> {
    let mut command = Command::new(&bench.slipway);
    if let Some(database) = database {
        command.env("SLIPWAY_DATABASE", database);
    }
    let arguments = [&crate::server::ANY_PORT, ["--mode", "lab"].as_slice(), extra].concat();
    let mut server = Server::spawn_under(command, data, &arguments)?;
    let ready = server.wait_ready()?;
    Ok((server, ready))
}

/// What PostgreSQL answers to a statement.
///
/// # Errors
/// When it refuses, with its words.
pub fn sql(url: &str, statement: &str) -> anyhow::Result<String> {
    let output =
        Command::new("psql").args(["-XAtqd", url, "-c", statement]).output().context("cannot run psql")?;
    ensure!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr).trim_end());
    Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
}

/// More users for the demo tenant, whose domain changes: the demo has taken some of the names in its own.
fn seed_text(deal: Deal) -> String {
    let users = 1 << deal.user_bits;
    format!(
        "tenants:\n  - id: {TENANT}\n    displayName: Bench\n    domain: bench.example\n    generate: {{ users: {users} }}\n"
    )
}
