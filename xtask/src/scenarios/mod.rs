//! `cargo xtask scenarios`: the stories of the folder `scenarios`, told to the real binary on both engines.

mod cast;
mod judge;
mod names;
mod path;
mod play;
mod stage;
mod story;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context as _, ensure};
use clap::ValueEnum as _;

use crate::workspace;
use cast::Cast;
use play::Play;
pub use stage::Engine;
use stage::Stage;
use story::{Script, Story};

/// Stories that are told at the same time, each to a server of its own.
const AT_ONCE: usize = 4;

/// The seed of a server that is given none, for the names of its users and clients.
const DEMO: &str = "crates/slipway-graph/src/seed/demo.yaml";

/// How `scenarios` is run.
#[derive(Default, clap::Args)]
pub struct Options {
    /// Files with stories; all of the folder `scenarios` if none is named.
    files: Vec<PathBuf>,
    /// What the servers keep their data in; both if left out.
    #[arg(long, value_enum)]
    engine: Vec<Engine>,
    /// The server; without it the release binary is built.
    #[arg(long)]
    binary: Option<PathBuf>,
}

/// A file with stories, and who can sign in there.
struct Book {
    file: PathBuf,
    seed: Option<PathBuf>,
    cast: Cast,
    script: Script,
}

/// Tells the stories and prints those that fail. Code 0 if all went as they say.
///
/// # Errors
/// When a file has no stories or a faulty line, a seed is missing, or there is no server or no database.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None => workspace::release_binary("slipway", "slipway")?,
    };
    let files = if options.files.is_empty() { all_files()? } else { options.files.clone() };
    let books = files.into_iter().map(Book::read).collect::<anyhow::Result<Vec<_>>>()?;
    let engines = if options.engine.is_empty() { Engine::value_variants() } else { &options.engine };
    let (mut passed, mut failed) = (0, 0);
    for &engine in engines {
        let started = Instant::now();
        let (told, wrong) = tell(&Stage::new(&binary, engine)?, &books);
        let name = engine.name();
        println!("{name}: {told} stories in {:.1} s, {wrong} failed", started.elapsed().as_secs_f64());
        (passed, failed) = (passed + told - wrong, failed + wrong);
    }
    println!("stories: {passed} passed, {failed} failed");
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The stories as a step of the test command.
///
/// # Errors
/// As [`run`], and when a story fails.
pub fn all() -> anyhow::Result<()> {
    let code = run(&Options::default())?;
    ensure!(code == ExitCode::SUCCESS, "the server does not do what the stories say");
    Ok(())
}

fn all_files() -> anyhow::Result<Vec<PathBuf>> {
    let folder = workspace::root().join("scenarios");
    let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    ensure!(!files.is_empty(), "there are no stories in {}", folder.display());
    Ok(files)
}

impl Book {
    fn read(file: PathBuf) -> anyhow::Result<Self> {
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let script = Script::parse(&text).map_err(|error| anyhow::anyhow!("{}:{error:#}", file.display()))?;
        let folder = file.parent().unwrap_or(Path::new("."));
        let seed = script.seed.as_ref().map(|seed| folder.join("seeds").join(seed));
        let cast = Cast::read(&seed.clone().unwrap_or_else(|| workspace::root().join(DEMO)))?;
        Ok(Self { file, seed, cast, script })
    }
}

/// Tells all stories: how many there were, and how many of them failed.
fn tell(stage: &Stage, books: &[Book]) -> (usize, usize) {
    let stories: Vec<_> =
        books.iter().flat_map(|book| book.script.stories.iter().map(move |story| (book, story))).collect();
    let (next, wrong) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let teller = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some((book, story)) = stories.get(number) else { return };
            if let Err(error) = tell_one(stage, number, book, story) {
                wrong.fetch_add(1, Ordering::Relaxed);
                println!("\nfailed: {}\n{}:{error:#}", story.title, book.file.display());
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(teller);
        }
    });
    (stories.len(), wrong.into_inner())
}

fn tell_one(stage: &Stage, number: usize, book: &Book, story: &Story) -> anyhow::Result<()> {
    let (server, ready) = stage.raise(number, book.seed.as_deref())?;
    let manifests = book.file.parent().unwrap_or(Path::new(".")).join("manifests");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(Play::new(&ready.http_url, &book.cast, &manifests).run(&book.script, story))?;
    // An answer is not all: the server must end well, too.
    server.stop()
}
