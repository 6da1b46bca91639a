//! What the load generator for TLS is told and what it tells back; a module of both programs.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What the load generator reads from its input, as JSON.
#[derive(Deserialize, Serialize)]
pub struct Asked {
    /// The server.
    pub address: SocketAddr,
    /// The certificate authority to trust.
    pub authority: PathBuf,
    /// The path that is asked for.
    pub path: String,
    /// What is measured.
    pub visit: Visit,
    /// Visits at a time.
    pub connections: usize,
    /// How long.
    pub seconds: u64,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum Visit {
    /// From connecting to the first byte of the answer, with a whole handshake.
    Cold,
    /// The same with a session of an earlier visit.
    Resumed,
    /// From asking to the last byte, on a connection that is there.
    Warm,
}

/// What the load generator prints, as JSON.
#[derive(Deserialize, Serialize)]
pub struct Outcome {
    /// Visits a second.
    pub rate: f64,
    /// The time in milliseconds that half of them do not exceed.
    pub p50_ms: f64,
    /// One of the answers.
    pub sample: String,
}
