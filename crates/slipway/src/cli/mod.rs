//! The command line.

mod backup;
mod check;
mod control;
mod env;
mod exec;
mod export;
mod flags;
mod found;
mod import;
mod keys;
mod offline;
mod operations;
mod package;
mod readyz;
mod token;
mod trust;
mod variables;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use jiff::SignedDuration;

use crate::failure::Failure;
use crate::serve::serve;
use flags::Flags;

/// The part of Microsoft Graph that installs, upgrades, lists and removes Teams apps, in one binary.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve Graph, sign-in and control on one port, until SIGTERM or SIGINT.
    ///
    /// The last line on standard output is `slipway is ready: URL`; the log goes to standard error.
    Serve(Flags),
    /// Run a command with a server of its own, such as `slipway exec -- python test.py`.
    ///
    /// The server is new, in memory and on a free port, with the demo tenant or what `--seed` says; it ends with the
    /// command. The command gets the variables that `slipway env` prints: where it reads one of them, or goes by
    /// `HTTPS_PROXY`, it needs no change. Signals are passed on. The exit code is the command's, or 128 and the number of
    /// the signal that ended it, or 127 if there is no such command, 126 if it is no program.
    Exec(exec::Options),
    /// Print what programs need to use a server, as variables: eval "$(slipway env)".
    ///
    /// The server is the one that `--url` names; else the one that wrote the `--ready-file`; else that of
    /// `SLIPWAY_URL`, `SLIPWAY_CA_FILE` and `SLIPWAY_CONTROL_SECRET`, as in a command of `slipway exec`; else the one at the
    /// first address of the settings. Without a ready file or variables, certificate and secret are those in the data
    /// folder. `ca-bundle.crt` is written there: the system's certificate authorities and the server's own.
    Env(env::Options),
    /// Print what makes systems and languages trust the server's certificate authority.
    ///
    /// With --install it is done on this system, and with --uninstall taken back. Only an authority of Slipway is
    /// taken that can vouch for nothing but the names it is bound to.
    Trust(trust::Options),
    /// Print a token for tests, which the server signs as it is asked to. In mode lab only.
    ///
    /// The server is found as by `slipway env`.
    Token(token::Options),
    /// Look at settings.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print what is served of Graph: every operation with its permissions.
    Operations(operations::Options),
    /// Look at seeds.
    #[command(subcommand)]
    Seed(SeedCommand),
    /// Look at app packages.
    #[command(subcommand)]
    Package(PackageCommand),
    /// Write tenants to standard output as lines of JSON, for `slipway import`.
    ///
    /// Hashes of passwords and of client secrets are among them.
    Export(export::Options),
    /// Read tenants that `slipway export` wrote: all of the file, or nothing.
    Import(import::Options),
    /// Look through the storage: rows, indexes and counters. Exit code 0 if all is well, else 1.
    ///
    /// While a server has the folder open, it is the server that does it.
    Check(check::Options),
    /// See to the keys that sign tokens.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Copy a data folder to another one, which a server can start on. A server may have it open.
    Backup(backup::Options),
    /// Ask a server whether it is ready: exit code 0 if so, else 1.
    Readyz {
        /// How long to go on asking, such as 30s or 2m; without it, once.
        #[arg(
            long,
            value_name = "DURATION",
            default_value = "0s",
            hide_default_value = true,
            value_parser = duration
        )]
        wait: Duration,
        /// Which server, such as `http://127.0.0.1:8365`; asked over plain HTTP, which the same port speaks, also if
        /// the URL says https. Without it, the first address of the settings in environment and file.
        #[arg(long)]
        url: Option<http::Uri>,
    },
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Print the settings in force as a file for --config.
    Print(Flags),
}

#[derive(Debug, Subcommand)]
enum SeedCommand {
    /// Print the JSON schema of seed files.
    Schema,
}

#[derive(Debug, Subcommand)]
enum PackageCommand {
    /// Say whether an upgrade from one package to another waits for somebody's consent, and why.
    ///
    /// Microsoft 365 installs a new version by itself, unless it changes what the app may do: then each person, or
    /// whoever runs the roll-out, has to upgrade. Those for whom an administrator installed or pinned the app are not
    /// asked. Exit code 0 if both packages could be read, whatever is said of them, else 1.
    Diff(package::Diffed),
}

/// Does what the command line asks. Data goes to standard output, everything else to standard error.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let done = match CommandLine::try_parse_from(arguments) {
        Ok(CommandLine { command }) => perform(command),
        Err(error) => {
            // Help goes to standard output and is no error. If nobody reads it, there is nobody to tell.
            let _ = error.print();
            return u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from);
        }
    };
    let failure = match done {
        Ok(code) => return code,
        Err(failure) => failure,
    };
    // A log that a program reads stays readable: the failure is its last line.
    if tracing::dispatcher::has_been_set() {
        tracing::error!("{failure}");
    } else {
        let _ = writeln!(io::stderr(), "error: {failure}");
    }
    failure.exit_code()
}

fn perform(command: Command) -> Result<ExitCode, Failure> {
    let done = match command {
        Command::Serve(flags) => serve(&flags.settings()?),
        Command::Config(ConfigCommand::Print(flags)) => {
            print(&flags.settings()?.to_toml().map_err(|error| Failure::at("settings", error))?)
        }
        Command::Exec(options) => return options.run(),
        Command::Env(options) => options.run(),
        Command::Trust(options) => options.run(),
        Command::Token(options) => options.run(),
        Command::Operations(options) => options.run(),
        Command::Seed(SeedCommand::Schema) => print(&slipway_graph::seed::schema()),
        Command::Package(PackageCommand::Diff(diffed)) => diffed.run(),
        Command::Export(options) => options.run(),
        Command::Import(options) => options.run(),
        Command::Check(options) => options.run(),
        Command::Keys(command) => command.run(),
        Command::Backup(options) => options.run(),
        Command::Readyz { wait, url } => {
            let address = match url {
                Some(url) => readyz::address_of(&url)?,
                None => readyz::address_of_settings(&Flags::default().settings()?)?,
            };
            readyz::wait(&address, wait)
        }
    };
    done.map(|()| ExitCode::SUCCESS)
}

/// A duration as people write it: `30s`, `1m 30s`, `PT30S`.
fn duration(text: &str) -> Result<Duration, jiff::Error> {
    text.parse::<SignedDuration>()?.try_into()
}

fn print(data: &str) -> Result<(), Failure> {
    io::stdout().write_all(data.as_bytes()).map_err(|error| Failure::at("standard output", error))
}
