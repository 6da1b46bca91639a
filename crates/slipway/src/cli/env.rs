//! `slipway env`: what programs need to use a server, as text that shells and tools read.

pub mod format;

use std::io::{self, Write};

use http::Uri;
use slipway_graph::seed::{Credential, DEMO_TENANT};

use super::control::Control;
use super::flags::Flags;
use super::{found, offline, print, variables};
use crate::failure::Failure;
use crate::readiness::Ready;
use format::Format;

/// Whose variables, and how.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// How the variables are written.
    #[arg(long, value_enum, default_value_t = Format::Shell)]
    format: Format,
    /// The server that has the folder open, such as `https://127.0.0.1:8365`. Without it, the one of the
    /// `--ready-file`, of the variables, or at the first address of the settings.
    #[arg(long)]
    url: Option<Uri>,
    #[command(flatten)]
    flags: Flags,
}

impl Options {
    /// Prints the variables.
    ///
    /// # Errors
    /// [`Failure`] if there is no server, or a value cannot be written in the format.
    pub fn run(self) -> Result<(), Failure> {
        let settings = self.flags.settings()?;
        let mut ready = found::server(&settings, self.url.as_ref())?;
        if ready.tenant_id.is_none() && offline::run(&settings, has_demo(&ready))? {
            let Credential { tenant_id, client_id, secret } = Credential::demo();
            ready.tenant_id = Some(tenant_id);
            ready.client_id = Some(client_id);
            ready.client_secret = Some(secret.expose().to_owned());
        }
        let variables = variables::of(&ready)?;
        let text = self.format.write(&variables)?;
        if self.format == Format::Github {
            // The runner takes commands from standard error too, and masks the values in logs from then on. Standard
            // output goes to the file.
            let masks: String = variables.iter().filter_map(format::mask).collect();
            io::stderr().write_all(masks.as_bytes()).map_err(|error| Failure::at("standard error", error))?;
        }
        print(&text)
    }
}

/// Whether the server, of which only address and folder are known, has the demo tenant, whose client everybody knows.
async fn has_demo(ready: &Ready) -> Result<bool, Failure> {
    let document = format!("/{DEMO_TENANT}/v2.0/.well-known/openid-configuration");
    Control::of(ready)?.has(&document).await
}
