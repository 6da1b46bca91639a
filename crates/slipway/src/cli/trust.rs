//! `slipway trust`: what makes systems and languages trust the server's certificate authority, and the doing of it.

mod certificate;
mod instructions;
mod java;
mod system;

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::ValueEnum;

use super::flags::Flags;
use super::{found, print};
use crate::failure::Failure;
use certificate::Certificate;

/// Whose trust in which authority.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Make this machine trust the authority. Done twice it changes nothing.
    #[arg(long, conflicts_with = "uninstall")]
    install: bool,
    /// Take back what --install did.
    #[arg(long)]
    uninstall: bool,
    /// What is to trust it.
    #[arg(long, value_enum, default_value_t = Store::System)]
    store: Store,
    /// A key store of Java's in place of the installed one; it is made if it is not there. Its password is `changeit`.
    #[arg(long, value_name = "FILE")]
    keystore: Option<PathBuf>,
    /// Another root folder of the system's store, such as that of an image which is being built.
    #[arg(long, value_name = "FOLDER")]
    root: Option<PathBuf>,
    /// The certificate, such as a copy of what `/_slipway/ca.crt` serves. Without it, that of the `--ready-file`, of
    /// `SLIPWAY_CA_FILE` or of the data folder.
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    #[command(flatten)]
    flags: Flags,
}

/// Where trusted authorities are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Store {
    /// The operating system's: of curl, Go, .NET, most browsers, and of what asks for it (Node with --use-system-ca).
    System,
    /// Java's key store.
    Java,
}

impl Options {
    /// Prints how trust is made, or makes it, or takes it back.
    ///
    /// # Errors
    /// [`Failure`] that says why the authority is not trusted, or goes on being so.
    pub fn run(self) -> Result<(), Failure> {
        let file = match self.ca_file {
            Some(file) => file,
            None => found::authority(&self.flags.settings()?)?,
        };
        let certificate = Certificate::read(&file)?;
        if self.root.is_some() && self.store == Store::Java {
            return Err(Failure::Usage(
                "--root is the system's\nhint: --keystore names a file of Java's".to_owned(),
            ));
        }
        if self.keystore.is_some() && self.store == Store::System {
            return Err(Failure::Usage("--keystore is Java's\nhint: add --store java".to_owned()));
        }
        let said = match (self.install, self.uninstall, self.store) {
            (false, false, _) => instructions::of(&certificate)?,
            (true, _, Store::System) => system::install(&certificate, self.root.as_deref())?,
            (_, true, Store::System) => system::uninstall(&certificate, self.root.as_deref())?,
            (true, _, Store::Java) => java::install(&certificate, self.keystore.as_deref())?,
            (_, true, Store::Java) => java::uninstall(&certificate, self.keystore.as_deref())?,
        };
        print(&said)
    }
}

/// Runs a program of the system that is to succeed.
fn succeed(command: &mut Command) -> Result<(), Failure> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| Failure::at(&name, error))?;
    if output.status.success() {
        return Ok(());
    }
    let told = [output.stdout, output.stderr].concat();
    Err(Failure::at(&name, format_args!("{}: {}", output.status, String::from_utf8_lossy(&told).trim())))
}

/// A failure of the file system, with what helps against missing rights.
fn refused(path: &Path, error: &std::io::Error) -> Failure {
    let hint = match error.kind() {
        std::io::ErrorKind::PermissionDenied => "\nhint: run it as root, such as with sudo",
        _ => "",
    };
    Failure::at(path.display(), format_args!("{error}{hint}"))
}
