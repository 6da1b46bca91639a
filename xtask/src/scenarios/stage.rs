//! Where stories are played: for each a fresh server, with the seed in it, on one engine.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::ensure;

use crate::postgres::{FOR_TESTS, Postgres};
use crate::server::{ANY_PORT, Ready, Server};
use crate::workspace;

/// Seconds that a connection to the database may take: on a machine that does other things too, several servers start at
/// the same time.
const CONNECT: u32 = 30;

/// Where stories are played.
pub struct Stage {
    binary: PathBuf,
    folder: tempfile::TempDir,
    postgres: Option<Postgres>,
}

/// A storage engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Engine {
    /// A data folder.
    Embedded,
    /// A PostgreSQL server of our own.
    Postgres,
}

impl Engine {
    /// What it is called at the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Postgres => "postgres",
        }
    }
}

impl Stage {
    /// # Errors
    /// When there is no PostgreSQL, or it does not start.
    pub fn new(binary: &Path, engine: Engine) -> anyhow::Result<Self> {
        let postgres = match engine {
            Engine::Embedded => None,
            Engine::Postgres => Some(Postgres::start(FOR_TESTS)?),
        };
        Ok(Self { binary: binary.to_owned(), folder: workspace::scratch()?, postgres })
    }

    /// Starts a server on empty storage that it fills with the seed, or with the demo tenant. `number` tells the
    /// servers of a stage apart.
    ///
    /// # Errors
    /// When it does not start, such as when it refuses the seed.
    pub fn raise(&self, number: usize, seed: Option<&Path>) -> anyhow::Result<(Server, Ready)> {
        let mut command = Command::new(&self.binary);
        if let Some(postgres) = &self.postgres {
            let database = postgres.create_database(&format!("story_{number}"))?;
            command.env("SLIPWAY_DATABASE", format!("{database}?connect_timeout={CONNECT}"));
        }
        let seed = seed.map(|seed| seed.to_string_lossy().into_owned());
        let mut arguments = [&ANY_PORT[..], &["--mode", "lab"]].concat();
        if let Some(seed) = &seed {
            ensure!(Path::new(seed).is_file(), "there is no seed {seed}");
            arguments.extend(["--no-demo", "--seed", seed]);
        }
        let data = self.folder.path().join(format!("story-{number}"));
        let mut server = Server::spawn_under(command, &data, &arguments)?;
        let ready = server.wait_ready()?;
        Ok((server, ready))
    }
}
