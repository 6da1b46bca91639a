//! The steps, in their order: what is quick to fail comes first.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use serde::Deserialize;

use super::install::{self, CARGO_DENY, CARGO_FUZZ, Requirement};
use super::{Step, readme};
use crate::workspace::{self, cargo, succeed};
use crate::{bench, break_fsync, break_kill, needs};

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
    Step { name: "tests", about: "the tests of all crates", requires: &[], run: tests },
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
        name: "python",
        about: "Microsoft's Graph SDKs for Python over TLS",
        requires: &[Requirement::Debian(needs::PYTHON), Requirement::PythonClient],
        run: python,
    },
    Step { name: "kill", about: "kill -9 under 64 clients, 5 rounds", requires: &[], run: kill },
    Step {
        name: "fsync",
        about: "power loss at each sync and byte, and the proof that it would show",
        requires: &[Requirement::Debian(needs::STRACE)],
        run: fsync,
    },
    Step {
        name: "bench",
        about: "the measurement counts right (its figures are no gate)",
        requires: &[Requirement::Debian(needs::WRK)],
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
    if nextest.status()?.success() {
        cargo(&["nextest", "run", "--workspace", "--locked"])
    } else {
        cargo(&["test", "--workspace", "--all-targets", "--locked"])
    }
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

fn python() -> anyhow::Result<()> {
    let binary = workspace::release_binary("slipway", "slipway")?;
    let mut pytest = Command::new(install::venv()?.join("bin/python"));
    succeed(pytest.args(["-m", "pytest", "clients/python"]).env("SLIPWAY_BINARY", binary))
}

fn kill() -> anyhow::Result<()> {
    let options = break_kill::Options { rounds: 5, clients: 64, binary: None, seed: None };
    let tally = break_kill::run(&options)?;
    tally.print();
    ensure!(tally.holds(), "the server lost or invented installations");
    Ok(())
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
    bench::run(&bench::Options { json: None, seconds: 2, connections: 256, pairs: 1, binary: None })
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
