//! What fjall, redb and SQLite make of Slipway's writes: durable inserts in random order in batches of 200 rows with
//! one index entry each, then reads, size on disk, and opening again after `kill -9`. The engines take turns, so that
//! the machine's noise hits all of them; what counts is the ratio to the first.

mod engine;
mod fjall_engine;
mod killed;
mod redb_engine;
mod rows;
mod sqlite_engine;

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clap::Parser;

use engine::{ENGINES, Engine};
use rows::{APPS, Row, Rows};

/// Rows of a commit.
const BATCH: u64 = 200;

/// Rows of a turn: a second's work or more, so that what the last turn left behind weighs little in the next.
const TURN: u64 = 25_000;

/// Reads of a turn, and turns.
const READS: u64 = 10_000;
const READ_TURNS: u64 = 5;

#[derive(Parser)]
#[command(about = "Compares embedded engines on Slipway's writes")]
struct Options {
    /// Rows at the end.
    #[arg(long, default_value_t = 3_000_000)]
    rows: u64,
    /// Where the data goes; a new folder below the build's, which is removed at the end, if left out.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Set by the program itself: inserts into this engine until it is killed.
    #[arg(long, hide = true, requires = "folder")]
    victim: Option<String>,
    /// Where the victim begins.
    #[arg(long, hide = true, default_value_t = 0)]
    from: u64,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    if let (Some(name), Some(folder)) = (&options.victim, &options.folder) {
        let rows = Rows::at_least(options.rows);
        let entry = ENGINES.into_iter().find(|(engine, _)| engine == name).context("no such engine")?;
        return killed::insert_until_killed(entry, folder, rows, options.from);
    }
    let parent = options.folder.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"));
    fs::create_dir_all(&parent)?;
    let folder = tempfile::tempdir_in(parent)?;
    compare(folder.path(), options.rows.next_multiple_of(TURN))
}

/// An engine at work, and how long it has worked.
struct Contestant {
    name: &'static str,
    folder: PathBuf,
    engine: Box<dyn Engine>,
    worked: Duration,
}

fn compare(folder: &Path, count: u64) -> anyhow::Result<()> {
    let rows = Rows::at_least(count + killed::ROWS);
    let mut contestants = Vec::new();
    for (name, open) in ENGINES {
        let folder = folder.join(name);
        contestants.push(Contestant { name, engine: open(&folder)?, folder, worked: Duration::ZERO });
    }
    let names: Vec<_> = contestants.iter().map(|contestant| format!("{:>18}", contestant.name)).collect();
    println!("{:<34}{}", "", names.concat());
    insert(&mut contestants, rows, count)?;
    let get = |engine: &dyn Engine, index| {
        ensure!(engine.get(&rows.row(index).key)?.is_some(), "row {index} is gone");
        Ok(())
    };
    read(&mut contestants, "point reads/s", count, get)?;
    let whole = count / APPS;
    let scan = |engine: &dyn Engine, index| {
        ensure!(engine.scan(&rows.owner_prefix(index))? > 0, "the owner of row {index} has nothing");
        Ok(())
    };
    read(&mut contestants, "scans of an owner/s", whole, scan)?;
    let sizes: Vec<f64> = contestants.iter().map(|c| disk_bytes(&c.folder)).collect::<Result<_, _>>()?;
    print("MB on disk", sizes.iter().map(|bytes| bytes / 1e6));
    drop(contestants);
    let mut reopened = Vec::new();
    for entry in ENGINES {
        reopened.push(killed::reopen(entry, &folder.join(entry.0), rows, count)?.as_secs_f64() * 1e3);
    }
    print("ms to open after kill -9", reopened.into_iter());
    Ok(())
}

/// Inserts in turns, and prints rates at 100,000, 1,000,000 rows and so on: each over the rows since the last.
fn insert(contestants: &mut [Contestant], rows: Rows, count: u64) -> anyhow::Result<()> {
    let mut since = 0;
    for turn in 0..count / TURN {
        for contestant in &mut *contestants {
            for first in (turn * TURN..(turn + 1) * TURN).step_by(usize::try_from(BATCH)?) {
                let batch: Vec<Row> = (first..first + BATCH).map(|index| rows.row(index)).collect();
                let started = Instant::now();
                contestant.engine.insert(&batch, first / BATCH)?;
                contestant.worked += started.elapsed();
            }
            // Else it would go on at the cost of the next.
            let started = Instant::now();
            contestant.engine.settle();
            contestant.worked += started.elapsed();
        }
        let done = (turn + 1) * TURN;
        if done == 100_000 || done.is_multiple_of(500_000) || done == count {
            print_rates(&format!("inserts/s up to {done} rows"), contestants, done - since);
            since = done;
        }
    }
    Ok(())
}

/// Reads rows below an index, spread over all of them.
fn read(
    contestants: &mut [Contestant],
    what: &str,
    below: u64,
    one: impl Fn(&dyn Engine, u64) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    for turn in 0..READ_TURNS {
        for contestant in &mut *contestants {
            let started = Instant::now();
            for number in turn * READS..(turn + 1) * READS {
                // An odd step that meets most indexes once.
                one(contestant.engine.as_ref(), number.wrapping_mul(0x9E37_79B1) % below)?;
            }
            contestant.worked += started.elapsed();
        }
    }
    print_rates(what, contestants, READS * READ_TURNS);
    Ok(())
}

/// Prints what was done in the time that each engine worked, and sets that back.
fn print_rates(what: &str, contestants: &mut [Contestant], done: u64) {
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let done = done as f64;
    print(what, contestants.iter().map(|contestant| done / contestant.worked.as_secs_f64()));
    for contestant in contestants {
        contestant.worked = Duration::ZERO;
    }
}

/// A line with a figure for each engine, and its ratio to the first.
fn print(what: &str, figures: impl Iterator<Item = f64>) {
    let mut first = None;
    let columns: Vec<_> = figures
        .map(|figure| format!("{figure:>10.0} {:>6.2}x", figure / *first.get_or_insert(figure)))
        .collect();
    println!("{what:<34}{}", columns.concat());
}

/// Space that a folder's files take.
fn disk_bytes(folder: &Path) -> anyhow::Result<f64> {
    let mut bytes = 0.0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            bytes += disk_bytes(&entry.path())?;
        } else {
            #[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
            let allocated = (metadata.blocks() * 512) as f64;
            bytes += allocated;
        }
    }
    Ok(bytes)
}
