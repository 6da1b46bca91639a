//! `slipway export`: tenants as lines of JSON.

use std::io::{self, BufWriter, Write};

use slipway_store::{Selection, SigningKeys};

use super::flags::Flags;
use super::offline;
use crate::config::Settings;
use crate::failure::Failure;

/// What is exported.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// A tenant, by its id or domain; may be repeated. Without it, all of them.
    #[arg(long, value_name = "ID|DOMAIN")]
    tenant: Vec<String>,
    /// Take the keys along that sign tokens, so that tokens go on being good: who has the file can sign.
    #[arg(long)]
    with_keys: bool,
    #[command(flatten)]
    flags: Flags,
}

impl Options {
    /// Writes the file to standard output.
    ///
    /// # Errors
    /// [`Failure`]; what was written has no last line then, and no import takes it.
    pub fn run(self) -> Result<(), Failure> {
        let settings = self.flags.settings()?;
        let keys = if self.with_keys { SigningKeys::Taken } else { SigningKeys::Left };
        let what = Selection { tenants: self.tenant, keys };
        offline::run(&settings, export(&settings, &what))
    }
}

async fn export(settings: &Settings, what: &Selection) -> Result<(), Failure> {
    let store = offline::open(settings).await?.ok_or_else(|| {
        Failure::Runtime(format!(
            "a server has {} open\nhint: stop it, or export from a backup: slipway backup TARGET, then slipway \
             export --data TARGET",
            settings.data.display()
        ))
    })?;
    let mut output = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    let counts = store.export(what, &mut output).await.map_err(|error| Failure::at("export", error))?;
    output.flush().map_err(|error| Failure::at("standard output", error))?;
    tracing::info!("exported {counts}");
    store.close().await;
    Ok(())
}
