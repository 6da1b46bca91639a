//! The project's own commands: `cargo xtask test`, `break` and `bench`.
//!
//! Exit codes: 0 all well, 1 something failed, 2 used wrongly or a tool is missing that cannot be installed here.

#![expect(clippy::print_stdout, reason = "a command line tool talks to its terminal")]
#![expect(clippy::print_stderr, reason = "a command line tool talks to its terminal")]

mod bench;
mod break_fsync;
mod break_kill;
mod graph;
mod needs;
mod package;
mod server;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Tests, breaking and measuring")]
enum Command {
    /// Installs what a fresh machine lacks and runs everything that must pass.
    Test(test::Options),
    /// Breaks the server on purpose and looks for what it lost.
    #[command(subcommand)]
    Break(Break),
    /// Measures the server.
    #[command(subcommand)]
    Bench(Bench),
}

#[derive(Subcommand)]
enum Break {
    /// kill -9 at random moments under concurrent clients.
    Kill(break_kill::Options),
    /// Power loss: the data folder cut back to what was synced, byte by byte.
    Fsync(break_fsync::Options),
}

#[derive(Subcommand)]
enum Bench {
    /// Durable installs a second, next to a bare hyper server.
    Install(bench::Options),
}

fn main() -> ExitCode {
    let outcome = match Command::parse() {
        Command::Test(options) => return test::run(&options),
        Command::Break(Break::Kill(options)) => break_kill::run(&options).map(|tally| tally.print()),
        Command::Break(Break::Fsync(options)) => break_fsync::run(&options).map(|tally| tally.print()),
        Command::Bench(Bench::Install(options)) => bench::run(&options).map(|()| ExitCode::SUCCESS),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        if error.is::<needs::Missing>() { ExitCode::from(2) } else { ExitCode::FAILURE }
    })
}
