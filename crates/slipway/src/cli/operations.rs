//! `slipway operations`: what is served of Graph, printed from the table from which the router is built.

use clap::ValueEnum;
use slipway_graph::listing;

use super::print;
use crate::failure::Failure;

/// How the table is printed.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// For people or for programs.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A paragraph for each operation.
    Text,
    /// One JSON array.
    Json,
}

impl Options {
    /// Prints every operation.
    ///
    /// # Errors
    /// [`Failure::Runtime`] if standard output takes nothing.
    pub fn run(&self) -> Result<(), Failure> {
        match self.format {
            Format::Text => {
                let paragraphs: Vec<_> = listing().map(|operation| operation.to_string()).collect();
                print(&paragraphs.join("\n"))
            }
            Format::Json => {
                let rows: Vec<_> = listing().collect();
                let json =
                    serde_json::to_string_pretty(&rows).map_err(|error| Failure::at("operations", error))?;
                print(&format!("{json}\n"))
            }
        }
    }
}
