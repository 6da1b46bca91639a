//! The suites: what each needs, how it is run, and which clients must have come by.

use std::process::Command;

use clap::ValueEnum;

use crate::needs;
use crate::test::install::{self, Requirement};

/// Clients that are driven from one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Suite {
    /// Microsoft's Graph SDKs and sign-in libraries for Python.
    Python,
    /// Microsoft's Graph client and sign-in libraries for JavaScript.
    Node,
    /// The CLI for Microsoft 365, through the proxy.
    M365,
    /// The pages in Chromium, and a page with MSAL in it.
    Browser,
}

impl Suite {
    /// What it is called at the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Node => "node",
            Self::M365 => "m365",
            Self::Browser => "browser",
        }
    }

    /// What must be installed for it.
    pub const fn requires(self) -> &'static [Requirement] {
        match self {
            Self::Python => &[
                Requirement::Debian(needs::PYTHON),
                Requirement::PythonClient,
                Requirement::Debian(needs::POSTGRES),
            ],
            Self::Node | Self::M365 => &[
                Requirement::Debian(needs::NPM),
                Requirement::NodeClient,
                Requirement::Debian(needs::POSTGRES),
            ],
            Self::Browser => &[
                Requirement::Debian(needs::NPM),
                Requirement::NodeClient,
                Requirement::Debian(needs::CHROMIUM),
                Requirement::Debian(needs::CERTUTIL),
                Requirement::Debian(needs::POSTGRES),
            ],
        }
    }

    /// The clients that its steps are of. One without a step is a failure: nothing is skipped.
    pub const fn clients(self) -> &'static [&'static str] {
        match self {
            Self::Python => &["azure-identity", "msal", "msgraph-sdk", "msgraph-beta-sdk"],
            Self::Node => &["@azure/identity", "@azure/msal-node", "@microsoft/microsoft-graph-client"],
            Self::M365 => &["@pnp/cli-microsoft365"],
            Self::Browser => &["chromium", "@azure/msal-browser"],
        }
    }

    /// The program that runs it; it starts the server that `SLIPWAY_BINARY` names, with its rows in the folder or the
    /// database of `SLIPWAY_TEST_DATABASE`, and writes its steps to the file of `SLIPWAY_STEPS`, and the blocks of
    /// docs/clients.md that it ran to that of `SLIPWAY_BLOCKS`.
    ///
    /// # Errors
    /// When the lists of packages cannot be read.
    pub fn command(self) -> anyhow::Result<Command> {
        if self == Self::Python {
            let mut pytest = Command::new(install::venv()?.join("bin/python"));
            pytest.args(["-m", "pytest", "clients/python"]);
            return Ok(pytest);
        }
        let modules = install::node_modules()?;
        let mut node = Command::new(modules.join(".bin/node"));
        node.args(["clients/node/run.js", self.name()]);
        // The packages do not lie beside the tests, where Node would look for them.
        node.env("NODE_PATH", modules);
        Ok(node)
    }
}
