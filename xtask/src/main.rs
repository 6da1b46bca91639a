//! The project's own commands: tests, clients, stories, faults and measurements.
//!
//! Exit codes: 0 all well, 1 something failed, 2 used wrongly or a tool is missing that cannot be installed here.

#![expect(clippy::print_stdout, reason = "a command line tool talks to its terminal")]
#![expect(clippy::print_stderr, reason = "a command line tool talks to its terminal")]

mod at_end;
mod balancer;
mod bench;
mod bench_tls;
mod break_faults;
mod break_fsync;
mod break_history;
mod break_rules;
mod clients;
mod graph;
mod move_data;
mod needs;
mod package;
mod postgres;
mod scenarios;
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
    /// Measures the server, row by row, next to a yardstick.
    Bench(bench::Options),
    /// Measures handshakes and requests over TLS, next to Debian's nginx.
    BenchTls(bench_tls::Options),
    /// Runs real clients, unmodified, against the server, and prints a table of what they did.
    Clients(clients::Options),
    /// Tells the stories of `scenarios/` to the server and looks at its answers.
    Scenarios(scenarios::Options),
    /// Moves a large tenant from a folder to PostgreSQL and back, and compares byte for byte.
    Move(move_data::Options),
    /// Prints where the answers of sign-in differ from Entra's documented ones, and why.
    Shapes,
    /// Starts a PostgreSQL server for tests, prints its address and stays until Ctrl-C.
    Postgres,
}

#[derive(Subcommand)]
enum Break {
    /// Everything that happens in the field, on both engines, under concurrent clients.
    Faults(break_faults::Options),
    /// kill -9 at random moments: `faults --fault kill`.
    Kill(break_faults::Scale),
    /// Power loss: the data folder cut back to what was synced, byte by byte.
    Fsync(break_fsync::Options),
    /// Concurrent clients on few users and apps, whose histories must be linearizable.
    History(break_history::Options),
    /// Faults planted in copies of the storage's sources, which its tests must notice.
    Rules,
}

fn main() -> ExitCode {
    let outcome = match Command::parse() {
        Command::Test(options) => return test::run(&options),
        Command::Break(Break::Faults(options)) => break_faults::command(&options),
        Command::Break(Break::Kill(scale)) => {
            break_faults::command(&break_faults::Options { fault: vec![break_faults::Fault::Kill], scale })
        }
        Command::Break(Break::Fsync(options)) => break_fsync::run(&options).map(|tally| tally.print()),
        Command::Break(Break::History(options)) => break_history::run(&options).map(|tally| tally.print()),
        Command::Break(Break::Rules) => break_rules::run(),
        Command::BenchTls(options) => bench_tls::run(&options).map(|()| ExitCode::SUCCESS),
        Command::Bench(options) => bench::run(&options).map(|()| ExitCode::SUCCESS),
        Command::Clients(options) => clients::run(&options),
        Command::Scenarios(options) => scenarios::run(&options),
        Command::Move(options) => move_data::run(&options).map(|()| ExitCode::SUCCESS),
        Command::Shapes => test::shapes().map(|()| ExitCode::SUCCESS),
        Command::Postgres => postgres::serve().map(|()| ExitCode::SUCCESS),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        if error.is::<needs::Missing>() { ExitCode::from(2) } else { ExitCode::FAILURE }
    })
}
