//! The servers under test on one engine, and what that needs.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use super::Engine;
use crate::graph::Graph;
use crate::postgres::{FOR_TESTS, Postgres};
use crate::server::{ANY_PORT, Ready, Server};
use crate::workspace;

/// Running servers; all are gone when dropped.
pub struct Servers {
    running: Vec<Server>,
    first: Ready,
    second: Option<Ready>,
    /// After the servers that use it.
    _database: Option<Postgres>,
    /// The data folders.
    _folder: tempfile::TempDir,
}

impl Servers {
    /// Starts so many servers at the same moment on an empty engine.
    ///
    /// # Errors
    /// When PostgreSQL is missing, or anything does not start.
    pub fn start(engine: Engine, count: u8, binary: &Path) -> anyhow::Result<Self> {
        let folder = workspace::scratch()?;
        let database = match engine {
            Engine::Embedded => None,
            Engine::Postgres => Some(Postgres::start(FOR_TESTS)?),
        };
        let arguments = [&ANY_PORT[..], &["--mode", "lab"]].concat();
        let spawn = |number| {
            let mut command = Command::new(binary);
            if let Some(database) = &database {
                command.env("SLIPWAY_DATABASE", database.url());
            }
            Server::spawn_under(command, &folder.path().join(format!("server-{number}")), &arguments)
        };
        let mut running = (0..count).map(spawn).collect::<anyhow::Result<Vec<_>>>()?;
        let ready: anyhow::Result<Vec<_>> = running.iter_mut().map(Server::wait_ready).collect();
        let mut ready = ready?.into_iter();
        let first = ready.next().context("no server was asked for")?;
        let second = ready.next();
        Ok(Self { running, first, second, _database: database, _folder: folder })
    }

    /// Signs in as the client with the application permissions, and gives the same caller at each server.
    ///
    /// # Errors
    /// When the sign-in is refused.
    pub async fn application(&self) -> anyhow::Result<(Graph, Option<Graph>)> {
        Ok(self.everywhere(Graph::as_application(&self.first).await?))
    }

    /// The same for the administrator, who publishes.
    ///
    /// # Errors
    /// When the sign-in is refused.
    pub async fn administrator(&self) -> anyhow::Result<(Graph, Option<Graph>)> {
        Ok(self.everywhere(Graph::as_administrator(&self.first).await?))
    }

    fn everywhere(&self, graph: Graph) -> (Graph, Option<Graph>) {
        let there = self.second.as_ref().map(|second| graph.at(second));
        (graph, there)
    }

    /// Stops all.
    ///
    /// # Errors
    /// When one hangs or fails.
    pub fn stop(self) -> anyhow::Result<()> {
        self.running.into_iter().try_for_each(Server::stop)
    }
}
