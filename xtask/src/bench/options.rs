//! What `cargo xtask bench` is asked for.

use std::path::PathBuf;

use clap::ValueEnum;
use serde::Serialize;

use super::row::Row;

/// How `bench` is run.
#[derive(clap::Args)]
pub struct Options {
    /// Measures these rows alone.
    #[arg(long, value_name = "ROW", num_args = 1..)]
    pub only: Vec<Row>,
    /// Writes the figures to a file, as a JSON list with an object for each row.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// What keeps the records; PostgreSQL is a server of our own, with its usual settings.
    #[arg(long, value_enum, default_value_t = Engines::Embedded)]
    pub engine: Engines,
    /// What the load generator speaks.
    #[arg(long, value_enum, default_value_t = Transports::Http)]
    pub transport: Transports,
    /// Connections at once.
    #[arg(long, default_value_t = 256)]
    pub connections: usize,
    /// How long each measurement takes; less if nothing is left to install, to upgrade or to remove.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=60))]
    pub seconds: u64,
    /// How often Slipway and its yardstick are measured, in turn; the pair with the middle ratio counts.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    pub pairs: u64,
    /// Installations in the store before each measurement.
    #[arg(long, default_value_t = 131_072, value_parser = clap::value_parser!(u64).range(1..=1_048_576))]
    pub installs: u64,
    /// The server; without it the release binary is built.
    #[arg(long)]
    pub binary: Option<PathBuf>,
    /// Another build of the server, to be measured next to in place of the rows' yardsticks.
    #[arg(long, value_name = "BINARY")]
    pub against: Option<PathBuf>,
}

/// Which engines are measured.
#[derive(Clone, Copy, ValueEnum)]
pub enum Engines {
    /// The embedded one.
    Embedded,
    /// PostgreSQL.
    Postgres,
    /// One after the other.
    Both,
}

/// Which transports are measured.
#[derive(Clone, Copy, ValueEnum)]
pub enum Transports {
    /// Plain HTTP.
    Http,
    /// TLS.
    Https,
    /// One after the other.
    Both,
}

/// What keeps the records.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// A folder.
    Embedded,
    /// A PostgreSQL server.
    Postgres,
}

/// What the load generator speaks.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// Plain HTTP/1.1.
    Http,
    /// HTTP/1.1 over TLS.
    Https,
}

impl Options {
    /// Whether a row is asked for.
    pub fn wants(&self, row: Row) -> bool {
        self.only.is_empty() || self.only.contains(&row)
    }
}

impl Engines {
    /// One by one.
    pub fn list(self) -> &'static [Engine] {
        match self {
            Self::Embedded => &[Engine::Embedded],
            Self::Postgres => &[Engine::Postgres],
            Self::Both => &[Engine::Embedded, Engine::Postgres],
        }
    }
}

impl Transports {
    /// One by one.
    pub fn list(self) -> &'static [Transport] {
        match self {
            Self::Http => &[Transport::Http],
            Self::Https => &[Transport::Https],
            Self::Both => &[Transport::Http, Transport::Https],
        }
    }
}
