//! What only the PostgreSQL engine does: its tables, its connections and what becomes of a commit when they break,
//! servers that share a database, and the questions of `docs/postgresql.md`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected fails"
)]

mod connections;
mod encryption;
mod proxy;
mod questions;
mod records;
#[path = "../conformance/schema.rs"]
mod schema;
mod servers;
mod tables;
mod troubles;
