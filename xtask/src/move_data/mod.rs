//! `cargo xtask move`: a large tenant goes from a folder to PostgreSQL and into another folder, by the real binary. Each
//! export must be the first one, byte for byte, and a check of each storage must find nothing.

mod step;
mod tenant;

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

use crate::postgres::Postgres;
use crate::workspace;
use step::{Place, Step};
use tenant::Tenant;

/// How `move` is run.
#[derive(clap::Args)]
pub struct Options {
    /// Users of the tenant.
    #[arg(long, default_value_t = 100_000)]
    pub users: u32,
    /// Installations of the tenant; every user has as many, at most one of each of its apps.
    #[arg(long, default_value_t = 1_000_000)]
    pub installations: u32,
    /// Fails if a step ever held more memory, in MiB.
    #[arg(long, default_value_t = 512)]
    pub memory: u64,
    /// The server; without it the release binary is built.
    #[arg(long)]
    pub binary: Option<PathBuf>,
}

/// Moves the tenant and prints what each step took.
///
/// # Errors
/// When a step fails or takes too much memory, or an export differs from the first one.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None => workspace::release_binary("slipway", "slipway")?,
    };
    let tenant = Tenant::new(options.users, options.installations)?;
    let folder = workspace::scratch()?;
    let file = |name: &str| folder.path().join(name);
    let made = file("made.jsonl");
    let records = tenant.write(File::create(&made)?)?;
    let server = Postgres::start(&[])?;
    let database = Place::Database(server.create_database("moved")?, file("none"));
    let (here, there) = (Place::Folder(file("here")), Place::Folder(file("there")));

    println!("{records} records, {} MiB", made.metadata()?.len() >> 20);
    println!("{:<28}{:>9}{:>12}{:>10}", "step", "seconds", "records/s", "peak MiB");
    let run = Step { binary: &binary, records, memory: options.memory };
    let mut moved: Vec<PathBuf> = Vec::new();
    let mut source = made;
    for (name, place) in [("folder", &here), ("postgres", &database), ("another folder", &there)] {
        run.import(&format!("import into {name}"), place, &source)?;
        run.check(&format!("check {name}"), place)?;
        let target = file(&format!("{}.jsonl", moved.len()));
        run.export(&format!("export from {name}"), place, &target)?;
        source.clone_from(&target);
        moved.push(target);
    }
    let (first, others) = moved.split_first().context("nothing was exported")?;
    for other in others {
        ensure!(same(first, other)?, "{} differs from {}", other.display(), first.display());
    }
    println!("all exports are the same, byte for byte");
    Ok(())
}

fn same(one: &Path, other: &Path) -> anyhow::Result<bool> {
    const BLOCK: usize = 1 << 20;
    let open = |path| File::open(path).map(|file| BufReader::with_capacity(BLOCK, file));
    let (mut one, mut other) = (open(one)?, open(other)?);
    let (mut a, mut b) = (Vec::new(), Vec::new());
    loop {
        a.clear();
        b.clear();
        one.by_ref().take(BLOCK as u64).read_to_end(&mut a)?;
        other.by_ref().take(BLOCK as u64).read_to_end(&mut b)?;
        if a != b || a.is_empty() {
            return Ok(a == b);
        }
    }
}
