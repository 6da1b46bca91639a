//! `cargo xtask break rules`: the tests of the storage must notice when an engine breaks a rule. Each fault is planted
//! in a copy of the sources, one after the other, and the tests must fail.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Output};

use anyhow::{Context as _, bail, ensure};

use crate::postgres::{FOR_TESTS, Postgres, TEST_VARIABLE};
use crate::workspace;

/// A fault in the storage's sources.
struct Fault {
    what: &'static str,
    /// Below `crates/slipway-store/src`.
    file: &'static str,
    /// A text that stands in the file once, and what takes its place.
    right: &'static str,
    wrong: &'static str,
}

const FAULTS: &[Fault] = &[
    Fault {
        what: "absent is not checked",
        file: "batch.rs",
        right: "ExpectedState::Absent => stored.is_some()",
        wrong: "ExpectedState::Absent => (stored.is_some() && false)",
    },
    Fault {
        what: "what a changeset writes is forgotten",
        file: "batch.rs",
        right: "value, written: true });",
        wrong: "value, written: true });\n        self.slots.clear();",
    },
    Fault {
        what: "embedded: a counter forgets what it had",
        file: "embedded/tree.rs",
        right: "match value.saturating_add(delta)",
        wrong: "match (value & 0).saturating_add(delta)",
    },
    Fault {
        what: "postgres: written rows are not locked",
        file: "postgres/sql.rs",
        right: "format!(\"{locked} FOR UPDATE\")",
        wrong: "locked.clone()",
    },
    Fault {
        what: "postgres: a change of a shared row waits behind nobody's turn",
        file: "postgres/transaction.rs",
        right: "steps.extend(queues::wait(requests));",
        wrong: "let _ = queues::wait(requests);",
    },
    Fault {
        what: "postgres: expected rows are not held",
        file: "postgres/sql.rs",
        right: "format!(\"{locked} FOR SHARE\")",
        wrong: "locked.clone()",
    },
    Fault {
        what: "postgres: rows that were to stay absent are not held",
        file: "postgres/transaction.rs",
        right: "absent.extend(not_there.cloned());",
        wrong: "drop(not_there);",
    },
    Fault {
        what: "postgres: a commit without an answer is begun anew without asking",
        file: "postgres/writer.rs",
        right: "Ok(true) => return Ok(()),",
        wrong: "Ok(true) => return Err(Trouble::Lost(lost)),",
    },
    Fault {
        what: "memory: what was presumed is not stated",
        file: "changeset.rs",
        right: "self.expectations.extend(presumed);",
        wrong: "drop(presumed);",
    },
];

/// Plants every fault and counts which are noticed.
///
/// # Errors
/// When the sources do not have the text that a fault replaces, or the tests fail without a fault.
pub fn run() -> anyhow::Result<ExitCode> {
    let postgres = Postgres::start(FOR_TESTS)?;
    let copy = workspace::scratch()?;
    copy_sources(copy.path())?;
    let sound = test(copy.path(), &postgres)?;
    ensure!(
        sound.status.success(),
        "the tests fail without a fault\n{}",
        String::from_utf8_lossy(&sound.stderr)
    );
    let mut missed = 0;
    for fault in FAULTS {
        let file = copy.path().join("crates/slipway-store/src").join(fault.file);
        let source = fs::read_to_string(&file)?;
        ensure!(
            source.matches(fault.right).count() == 1,
            "{}: {} is not there just once",
            fault.file,
            fault.right
        );
        fs::write(&file, source.replace(fault.right, fault.wrong))?;
        let output = test(copy.path(), &postgres)?;
        fs::write(&file, source)?;
        let failed = failed_tests(&output)?;
        println!("{:<70} {}", fault.what, if failed.is_empty() { "MISSED" } else { "noticed by" });
        missed += usize::from(failed.is_empty());
        for test in failed.iter().take(3) {
            println!("    {test}");
        }
    }
    println!("{} faults, {missed} missed", FAULTS.len());
    Ok(if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The files that git knows, as they are now.
fn copy_sources(to: &Path) -> anyhow::Result<()> {
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(workspace::root()).output()?;
    for name in String::from_utf8(listed.stdout)?.split_terminator('\0') {
        let (from, target) = (workspace::root().join(name), to.join(name));
        // A file that git knows may have been removed since.
        if from.is_file() {
            fs::create_dir_all(target.parent().context("a file lies in a folder")?)?;
            fs::copy(from, target)?;
        }
    }
    Ok(())
}

fn test(copy: &Path, postgres: &Postgres) -> anyhow::Result<Output> {
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--locked", "--no-fail-fast", "--package", "slipway-store"]);
    cargo.args(["--test", "conformance", "--test", "postgres"]).current_dir(copy);
    // A build folder of its own: cargo takes the crates of a copy for those of the workspace, faults and all.
    cargo.env("CARGO_TARGET_DIR", workspace::target().join("rules")).env(TEST_VARIABLE, postgres.url());
    cargo.output().context("cannot run cargo")
}

/// Names of the tests that failed.
///
/// # Errors
/// When the copy does not compile, which no test noticed.
fn failed_tests(output: &Output) -> anyhow::Result<Vec<String>> {
    let text = String::from_utf8_lossy(&output.stdout);
    if !text.contains("test result:") {
        bail!("the fault does not compile\n{}", String::from_utf8_lossy(&output.stderr));
    }
    let failed = text.lines().filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"));
    Ok(failed.map(str::to_owned).collect())
}
