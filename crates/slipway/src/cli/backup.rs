//! `slipway backup`: copies a data folder, also that of a server that runs.

use std::path::{self, PathBuf};

use http::Uri;
use serde_json::json;

use super::control::Control;
use super::flags::Flags;
use super::{found, offline};
use crate::config::Settings;
use crate::failure::Failure;
use crate::serve::own_files;

/// What is copied, and where.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The copy: a folder that is not there yet, or an empty one, on the server's machine.
    target: PathBuf,
    /// The server that has the folder open, such as `https://127.0.0.1:8365`. Without it, the first address of the
    /// settings.
    #[arg(long)]
    url: Option<Uri>,
    #[command(flatten)]
    flags: Flags,
}

impl Options {
    /// Makes the copy.
    ///
    /// # Errors
    /// [`Failure::Runtime`] if there is none; nothing is left of it then.
    pub fn run(self) -> Result<(), Failure> {
        let settings = self.flags.settings()?;
        let target =
            path::absolute(&self.target).map_err(|error| Failure::at(self.target.display(), error))?;
        offline::run(&settings, backup(&settings, self.url.as_ref(), target))
    }
}

async fn backup(settings: &Settings, url: Option<&Uri>, target: PathBuf) -> Result<(), Failure> {
    if settings.database.is_some() {
        return Err(Failure::Usage("the records are in a database\nhint: pg_dump copies it".to_owned()));
    }
    if let Some(store) = offline::open(settings).await? {
        let made = store.backup(&target, &own_files(&settings.data)).await;
        store.close().await;
        made.map_err(|error| Failure::at("backup", error))?;
    } else {
        let order = json!({ "target": target }).to_string();
        Control::of(&found::keeper(settings, url)?)?.post("/_slipway/backup", order.into_bytes()).await?;
    }
    tracing::info!("copied {} to {}", settings.data.display(), target.display());
    Ok(())
}
