//! What is asked of every engine, and the engines.

use std::path::Path;

use crate::rows::Row;
use crate::{fjall_engine, redb_engine, sqlite_engine};

/// Memory for pages or blocks that each engine gets, in bytes; what the product gives its own.
pub const CACHE_BYTES: usize = 64 * 1_024 * 1_024;

/// An open engine.
pub trait Engine {
    /// Adds rows with their index entries and the number of the commit, all or nothing, on the disk when it returns.
    ///
    /// # Errors
    /// When one of the rows is there already, or the engine fails.
    fn insert(&mut self, rows: &[Row], commit: u64) -> anyhow::Result<()>;

    /// Length of a row's value; none = there is no such row.
    ///
    /// # Errors
    /// When the engine fails.
    fn get(&self, key: &[u8]) -> anyhow::Result<Option<usize>>;

    /// Reads the rows whose keys begin with this; gives how many there are.
    ///
    /// # Errors
    /// When the engine fails.
    fn scan(&self, prefix: &[u8]) -> anyhow::Result<usize>;

    /// Waits until nothing is being done in the background.
    fn settle(&self);
}

/// Name of an engine, and how it is opened in a folder.
pub type Entry = (&'static str, fn(&Path) -> anyhow::Result<Box<dyn Engine>>);

/// All engines; the product's comes first, the others are compared with it.
pub const ENGINES: [Entry; 3] =
    [("fjall", fjall_engine::open), ("redb", redb_engine::open), ("sqlite", sqlite_engine::open)];

/// The first key behind all that begin with the prefix, which does not end with 255.
pub fn end_of(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    if let Some(last) = end.last_mut() {
        *last += 1;
    }
    end
}
