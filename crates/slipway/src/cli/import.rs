//! `slipway import`: reads what `slipway export` wrote.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;

use slipway_store::{Existing, ImportError};

use super::flags::Flags;
use super::offline;
use crate::config::Settings;
use crate::failure::Failure;
use crate::storage;

/// What is imported.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The file; `-` and nothing are standard input.
    #[arg(value_name = "FILE", default_value = "-", hide_default_value = true)]
    file: PathBuf,
    /// Put the tenants of the file in place of those that are there.
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    flags: Flags,
}

impl Options {
    /// Reads the file; all of it is there then, or nothing.
    ///
    /// # Errors
    /// [`Failure::Runtime`] with the line that is wrong.
    pub fn run(self) -> Result<(), Failure> {
        let settings = self.flags.settings()?;
        let existing = if self.replace { Existing::Replaced } else { Existing::Kept };
        if self.file.as_os_str() == "-" {
            return offline::run(
                &settings,
                import(&settings, "standard input", io::stdin().lock(), existing),
            );
        }
        let name = self.file.display().to_string();
        let file = File::open(&self.file).map_err(|error| Failure::at(&name, error))?;
        offline::run(&settings, import(&settings, &name, BufReader::with_capacity(1 << 20, file), existing))
    }
}

async fn import(
    settings: &Settings,
    name: &str,
    file: impl BufRead,
    existing: Existing,
) -> Result<(), Failure> {
    offline::kept(settings)?;
    let store = storage::open(settings).await?;
    let imported = store.import(file, existing, slipway_graph::search_tokens).await;
    store.close().await;
    let counts = imported.map_err(|error| match error {
        ImportError::Exists { .. } => Failure::Runtime(format!(
            "{name}: {error}; nothing was imported\nhint: --replace puts the file's in its place"
        )),
        ImportError::Store(error) => Failure::at("storage", error),
        error => Failure::Runtime(format!("{name}: {error}; nothing was imported")),
    })?;
    tracing::info!("imported {counts}");
    Ok(())
}
