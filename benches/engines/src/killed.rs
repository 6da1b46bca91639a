//! How long an engine takes to open again after `kill -9`, and whether it has everything that was acknowledged.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use crate::BATCH;
use crate::engine::Entry;
use crate::rows::{Row, Rows};

/// Batches that are acknowledged before the kill.
const BATCHES: u64 = 250;

/// Rows that the victim adds at most.
pub const ROWS: u64 = 2 * BATCHES * BATCH;

/// Inserts from an index on in a process of its own, kills it in the midst of that, opens the folder again and reads.
///
/// # Errors
/// When the victim ends by itself, or something that it had acknowledged is missing.
pub fn reopen((name, open): Entry, folder: &Path, rows: Rows, from: u64) -> anyhow::Result<Duration> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--victim", name, "--from", &from.to_string()]).arg("--folder").arg(folder);
    command.args(["--rows", &(from + ROWS).to_string()]).stdout(Stdio::piped());
    let mut victim = command.spawn()?;
    let mut lines = BufReader::new(victim.stdout.take().context("no output")?).lines();
    let mut acknowledged = 0;
    while acknowledged < BATCHES {
        acknowledged = lines.next().context("the victim ended by itself")??.parse()?;
    }
    victim.kill()?;
    victim.wait()?;
    // What was printed before the signal came.
    for line in lines.map_while(Result::ok) {
        acknowledged = line.parse().unwrap_or(acknowledged);
    }
    let started = Instant::now();
    let engine = open(folder)?;
    ensure!(engine.get(&rows.row(0).key)?.is_some(), "the first row is gone");
    let took = started.elapsed();
    for index in from..from + acknowledged * BATCH {
        ensure!(engine.get(&rows.row(index).key)?.is_some(), "row {index}, which was acknowledged, is gone");
    }
    Ok(took)
}

/// The victim: inserts and says after each batch how many there are.
///
/// # Errors
/// When the engine fails.
pub fn insert_until_killed((_, open): Entry, folder: &Path, rows: Rows, from: u64) -> anyhow::Result<()> {
    let mut engine = open(folder)?;
    let mut output = std::io::stdout().lock();
    for batch in 0..ROWS / BATCH {
        let first = from + batch * BATCH;
        let batch_rows: Vec<Row> = (first..first + BATCH).map(|index| rows.row(index)).collect();
        engine.insert(&batch_rows, first / BATCH)?;
        writeln!(output, "{}", batch + 1)?;
    }
    Ok(())
}
