//! The steps, in their order: what is quick to fail comes first.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use clap::ValueEnum as _;
use serde::Deserialize;

use super::install::{CARGO_DENY, CARGO_FUZZ, Requirement};
use super::{Step, balanced, readme};
use crate::break_faults::{Fault, Scale};
use crate::clients::{self, Suite};
use crate::postgres::{self, Postgres};
use crate::workspace::{self, cargo, succeed};
use crate::{bench, bench_tls, break_faults, break_fsync, break_history, move_data, needs, scenarios};

/// How long each fuzz target runs.
const FUZZ_SECONDS: u32 = 15;

/// Crates without input and output; all they offer is documented.
const PURE: [&str; 4] = ["slipway-model", "slipway-manifest", "slipway-odata", "slipway-identity"];

/// All steps.
pub const STEPS: &[Step] = &[
    Step { name: "fmt", about: "the code is formatted", requires: &[], run: fmt },
    Step { name: "clippy", about: "no lint speaks up", requires: &[], run: clippy },
    Step {
        name: "deny",
        about: "licences, bans and sources of the dependencies",
        requires: &[Requirement::Tool(CARGO_DENY)],
        run: deny,
    },
    Step {
        name: "tests",
        about: "the tests of all crates, with a PostgreSQL server",
        requires: &[
            Requirement::Debian(needs::POSTGRES),
            Requirement::Debian(needs::CURL),
            Requirement::Debian(needs::OPENSSL),
            Requirement::Debian(needs::CA_CERTIFICATES),
            Requirement::Debian(needs::KEYTOOL),
        ],
        run: tests,
    },
    Step { name: "shapes", about: "where sign-in's answers differ from Entra's", requires: &[], run: shapes },
    Step { name: "doctests", about: "the examples in the documentation", requires: &[], run: doctests },
    Step { name: "docs", about: "the pure crates are documented", requires: &[], run: docs },
    Step { name: "build", about: "the release binary", requires: &[], run: build },
    Step {
        name: "readme",
        about: "the README's five minutes with curl",
        requires: &[Requirement::Debian(needs::CURL), Requirement::Debian(needs::JQ)],
        run: readme::run,
    },
    Step {
        name: "exec",
        about: "the README's test with a server of its own, through the proxy",
        requires: &[Requirement::Debian(needs::PYTHON), Requirement::PythonClient],
        run: readme::in_a_test,
    },
    Step {
        name: "python",
        about: "Microsoft's Graph SDKs and sign-in libraries for Python over TLS, on both engines",
        requires: Suite::Python.requires(),
        run: || clients::all_of(Suite::Python),
    },
    Step {
        name: "node",
        about: "Microsoft's Graph client and sign-in libraries for JavaScript over TLS, on both engines",
        requires: Suite::Node.requires(),
        run: || clients::all_of(Suite::Node),
    },
    Step {
        name: "m365",
        about: "the CLI for Microsoft 365 through the proxy, on both engines",
        requires: Suite::M365.requires(),
        run: || clients::all_of(Suite::M365),
    },
    Step {
        name: "browser",
        about: "the pages in Chromium, and MSAL in a page, on both engines",
        requires: Suite::Browser.requires(),
        run: || clients::all_of(Suite::Browser),
    },
    Step {
        name: "scenarios",
        about: "the stories of scenarios/ against the binary, on both engines",
        requires: &[Requirement::Debian(needs::POSTGRES)],
        run: scenarios::all,
    },
    Step {
        name: "balanced",
        about: "story and SDKs on PostgreSQL, before one server and alternating between two",
        requires: &[
            Requirement::Debian(needs::CURL),
            Requirement::Debian(needs::JQ),
            Requirement::Debian(needs::PYTHON),
            Requirement::PythonClient,
            Requirement::Debian(needs::POSTGRES),
        ],
        run: balanced::run,
    },
    Step {
        name: "faults",
        about: "ten rounds of kill -9 and one of every other fault, on both engines",
        requires: &[Requirement::Debian(needs::POSTGRES), Requirement::Debian(needs::FAKETIME)],
        run: faults,
    },
    Step {
        name: "history",
        about: "what concurrent clients see fits one order, on both engines; a planted stale read does not",
        requires: &[Requirement::Debian(needs::POSTGRES)],
        run: history,
    },
    Step {
        name: "move",
        about: "a tenant of 2,000 users from engine to engine and back, byte for byte",
        requires: &[Requirement::Debian(needs::POSTGRES)],
        run: move_tenant,
    },
    Step {
        name: "fsync",
        about: "power loss at each sync and byte, and the proof that it would show",
        requires: &[Requirement::Debian(needs::STRACE)],
        run: fsync,
    },
    Step {
        name: "bench",
        about: "the measurement counts right (its figures are no gate)",
        requires: &[Requirement::Debian(needs::POSTGRES), Requirement::Debian(needs::NGINX)],
        run: bench_counts,
    },
    Step {
        name: "fuzz",
        about: "15 seconds of each fuzz target",
        requires: &[Requirement::Debian(needs::CXX), Requirement::Tool(CARGO_FUZZ)],
        run: fuzz,
    },
];

fn fmt() -> anyhow::Result<()> {
    cargo(&["fmt", "--all", "--check"])
}

fn clippy() -> anyhow::Result<()> {
    cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])
}

fn deny() -> anyhow::Result<()> {
    succeed(Command::new(CARGO_DENY.program()).args(["check", "licenses", "bans", "sources"]))
}

fn tests() -> anyhow::Result<()> {
    let mut nextest = Command::new("cargo");
    nextest.args(["nextest", "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    let (runner, all): (&[&str], &[&str]) = if nextest.status()?.success() {
        (&["nextest", "run", "--locked"], &["--workspace"])
    } else {
        (&["test", "--locked"], &["--workspace", "--all-targets"])
    };
    let server = Postgres::start(postgres::FOR_TESTS)?;
    let run = |place: &str, what: &[&str]| {
        println!("on {place}:");
        let mut command = Command::new("cargo");
        command.args(runner).args(what).env(postgres::TEST_VARIABLE, server.url());
        succeed(command.env("SLIPWAY_TEST_ON", place))
    };
    run("embedded", all)?;
    // The surface once more, with the rows elsewhere.
    let surface = ["--workspace", "--test", "matrix", "--test", "stories"];
    run("postgres", &[&surface[..], &["--test", "queries", "--test", "samples"]].concat())?;
    run("two-servers", &surface)?;
    if !workspace::root().join("../shared/reference").exists() {
        println!("NOT compared, for ../shared/reference is not there: samples, metadata, codes of manifests");
    }
    Ok(())
}

/// Where the answers of sign-in differ from Entra's: the test compares, and prints the list that it goes by.
///
/// # Errors
/// A difference that is not listed, or is no more.
pub fn shapes() -> anyhow::Result<()> {
    let test = ["test", "--quiet", "--package", "slipway-graph", "--test", "shapes"];
    cargo(&[&test[..], &["--", "--nocapture", "differences_from_entra"]].concat())
}

fn doctests() -> anyhow::Result<()> {
    cargo(&["test", "--workspace", "--doc", "--locked"])
}

fn docs() -> anyhow::Result<()> {
    let packages = PURE.iter().flat_map(|package| ["--package", package]);
    let mut command = Command::new("cargo");
    command.args(["doc", "--no-deps", "--locked"]).args(packages).env("RUSTDOCFLAGS", "-D warnings");
    succeed(&mut command)
}

fn build() -> anyhow::Result<()> {
    workspace::release_binary("slipway", "slipway").map(drop)
}

fn faults() -> anyhow::Result<()> {
    let (kill, others): (Vec<_>, Vec<_>) =
        Fault::value_variants().iter().copied().partition(|fault| *fault == Fault::Kill);
    let mut lines = Vec::new();
    for (fault, rounds) in [(kill, 5), (others, 1)] {
        let scale = Scale { engine: Vec::new(), rounds, clients: 64, binary: None, seed: None };
        lines.extend(break_faults::run(&break_faults::Options { fault, scale })?);
    }
    break_faults::print(&lines);
    ensure!(break_faults::hold(&lines), "the server did not survive every fault");
    Ok(())
}

fn history() -> anyhow::Result<()> {
    use break_history::{Engine, Options, Plant};

    let plans = [
        (Engine::Embedded, 1, None),
        (Engine::Embedded, 1, Some(Plant::StaleRead)),
        (Engine::Postgres, 2, None),
    ];
    for (engine, servers, plant) in plans {
        let (operations, clients) = (4_000, 16);
        let tally = break_history::run(&Options {
            engine,
            servers,
            plant,
            operations,
            clients,
            binary: None,
            seed: None,
        })?;
        tally.print();
        ensure!(tally.holds(), "what the clients saw was judged wrongly");
    }
    Ok(())
}

fn move_tenant() -> anyhow::Result<()> {
    move_data::run(&move_data::Options { users: 2_000, installations: 20_000, memory: 512, binary: None })
}

fn fsync() -> anyhow::Result<()> {
    let real = break_fsync::run(&break_fsync::Options { without_fsync: false, binary: None })?;
    real.print();
    ensure!(real.holds(), "a power loss takes what was acknowledged");
    println!("without fsync:");
    let pretended = break_fsync::run(&break_fsync::Options { without_fsync: true, binary: None })?;
    pretended.print();
    ensure!(pretended.lost > 0, "the test does not notice that nothing is synced");
    Ok(())
}

fn bench_counts() -> anyhow::Result<()> {
    bench::run(&bench::Options {
        only: Vec::new(),
        json: None,
        engine: bench::Engines::Both,
        transport: bench::Transports::Http,
        connections: 64,
        seconds: 1,
        pairs: 1,
        installs: 10_000,
        binary: None,
        against: None,
    })?;
    bench_tls::run(&bench_tls::Options { seconds: 1, pairs: 1, binary: None })
}

#[derive(Deserialize)]
struct FuzzManifest {
    bin: Vec<FuzzTarget>,
}

#[derive(Deserialize)]
struct FuzzTarget {
    name: String,
}

fn fuzz() -> anyhow::Result<()> {
    let manifest =
        fs::read_to_string(workspace::root().join("fuzz/Cargo.toml")).context("no fuzz/Cargo.toml")?;
    let manifest: FuzzManifest = toml::from_str(&manifest)?;
    ensure!(!manifest.bin.is_empty(), "no fuzz target");
    for target in manifest.bin {
        let mut command = Command::new(CARGO_FUZZ.program());
        command.args(["run", &target.name, "--", &format!("-max_total_time={FUZZ_SECONDS}")]);
        // Sanitizers are unstable options of the compiler.
        succeed(command.env("RUSTC_BOOTSTRAP", "1"))?;
    }
    Ok(())
}
