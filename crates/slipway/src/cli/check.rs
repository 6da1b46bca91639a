//! `slipway check`: looks through the storage, also that of a server that runs.

use http::Uri;
use slipway_store::Report;

use super::control::Control;
use super::flags::Flags;
use super::{found, offline, print};
use crate::config::Settings;
use crate::failure::Failure;

/// What is checked.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
    /// The server that has the folder open, such as `https://127.0.0.1:8365`. Without it, the first address of the
    /// settings.
    #[arg(long)]
    url: Option<Uri>,
    #[command(flatten)]
    flags: Flags,
}

impl Options {
    /// Prints what was looked at and what is wrong.
    ///
    /// # Errors
    /// [`Failure::Runtime`] if something is wrong, or the check could not be made.
    pub fn run(self) -> Result<(), Failure> {
        let settings = self.flags.settings()?;
        let report = offline::run(&settings, check(&settings, self.url.as_ref()))?;
        if self.json {
            let json = serde_json::to_string_pretty(&report).map_err(|error| Failure::at("report", error))?;
            print(&format!("{json}\n"))?;
        } else {
            print(&report.to_string())?;
        }
        match report.findings() {
            0 => Ok(()),
            findings => Err(Failure::Runtime(format!("the storage is damaged: {findings} findings"))),
        }
    }
}

async fn check(settings: &Settings, url: Option<&Uri>) -> Result<Report, Failure> {
    let Some(store) = offline::open(settings).await? else {
        let answer = Control::of(&found::keeper(settings, url)?)?.post("/_slipway/check", Vec::new()).await?;
        return serde_json::from_slice(&answer).map_err(|error| Failure::at("the server's answer", error));
    };
    let report = store.check().await.map_err(|error| Failure::at("storage", error));
    store.close().await;
    report
}
