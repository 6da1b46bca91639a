//! `slipway keys`: the keys that sign tokens.

use http::Uri;
use serde::Deserialize;

use super::control::Control;
use super::flags::Flags;
use super::{found, offline, print};
use crate::failure::Failure;

/// What becomes of the keys.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Have a running server make a key that signs from now on, and print its name.
    ///
    /// Tokens, refresh tokens and links that the earlier keys made go on: a key is kept for 100 days after the next
    /// one was made. Servers on one database share their keys.
    Rotate(Rotate),
}

/// Which server does it.
#[derive(Debug, clap::Args)]
pub struct Rotate {
    /// The server, such as `https://127.0.0.1:8365`. Without it, it is found as by `slipway env`.
    #[arg(long)]
    url: Option<Uri>,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Deserialize)]
struct Rotated {
    kid: String,
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// [`Failure::Runtime`] with what the server says, or that there is none.
    pub fn run(self) -> Result<(), Failure> {
        let Self::Rotate(Rotate { url, flags }) = self;
        let settings = flags.settings()?;
        let kid = offline::run(&settings, async {
            let answer = Control::of(&found::server(&settings, url.as_ref())?)?
                .post("/_slipway/keys/rotate", Vec::new())
                .await?;
            serde_json::from_slice(&answer)
                .map(|Rotated { kid }| kid)
                .map_err(|error| Failure::at("the server's answer", error))
        })?;
        print(&format!("{kid}\n"))
    }
}
