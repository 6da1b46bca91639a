//! What the clients did, as the suites write it down, and the table of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, ensure};
use serde::Deserialize;

/// One thing that a client did: a line of JSON.
#[derive(Debug, Deserialize)]
pub struct Step {
    client: String,
    /// As the installed package says.
    version: String,
    name: String,
    passed: bool,
    seconds: f64,
}

/// A line of the table: one client on one engine.
#[derive(Debug, PartialEq)]
pub struct Row {
    client: String,
    version: String,
    engine: &'static str,
    steps: usize,
    failed: Vec<String>,
    seconds: f64,
}

impl Step {
    /// # Errors
    /// When the file is not there, as when the suite did not begin, or holds something else.
    pub fn read(file: &Path) -> anyhow::Result<Vec<Self>> {
        let text = fs::read_to_string(file).context("the suite wrote down no step")?;
        let steps =
            text.lines().map(|line| serde_json::from_str(line).with_context(|| format!("a step: {line}")));
        steps.collect()
    }
}

impl Row {
    /// Whether all steps passed.
    pub fn passed(&self) -> bool {
        self.failed.is_empty()
    }
}

/// The steps by client, in the order of `clients`.
///
/// # Errors
/// When a client took no step, one is not among the clients, or one has two versions.
pub fn rows(steps: &[Step], engine: &'static str, clients: &[&str]) -> anyhow::Result<Vec<Row>> {
    for step in steps {
        ensure!(clients.contains(&step.client.as_str()), "no such client: {} ({})", step.client, step.name);
    }
    let row = |client: &&str| {
        let mine = || steps.iter().filter(|step| step.client == **client);
        let versions: BTreeSet<&str> = mine().map(|step| step.version.as_str()).collect();
        let version = versions.first().with_context(|| format!("{client} took no step"))?;
        ensure!(versions.len() == 1, "{client} has versions {versions:?}");
        Ok(Row {
            client: (*client).to_owned(),
            version: (*version).to_owned(),
            engine,
            steps: mine().count(),
            failed: mine().filter(|step| !step.passed).map(|step| step.name.clone()).collect(),
            seconds: mine().map(|step| step.seconds).sum(),
        })
    };
    clients.iter().map(row).collect()
}

/// Prints the table, and below it the steps that failed.
pub fn print(rows: &[Row]) {
    let width = rows.iter().map(|row| row.client.len()).max().unwrap_or_default();
    println!("\n{:<width$}  {:<15}  {:<8}  steps  passed  seconds", "client", "version", "engine");
    for row in rows {
        let Row { client, version, engine, steps, failed, seconds } = row;
        let passed = steps - failed.len();
        println!("{client:<width$}  {version:<15}  {engine:<8}  {steps:>5}  {passed:>6}  {seconds:>7.1}");
    }
    for row in rows {
        for step in &row.failed {
            println!("FAILED: {} on {}: {step}", row.client, row.engine);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(client: &str, name: &str, passed: bool) -> Step {
        Step {
            client: client.to_owned(),
            version: "1.0".to_owned(),
            name: name.to_owned(),
            passed,
            seconds: 0.5,
        }
    }

    #[test]
    fn steps_are_counted_by_client_and_failures_named() {
        let steps = [step("a", "installs", true), step("b", "installs", false), step("a", "lists", true)];
        let rows = rows(&steps, "embedded", &["a", "b"]).unwrap();
        let counted: Vec<_> = rows.iter().map(|row| (row.client.as_str(), row.steps, row.passed())).collect();
        assert_eq!(counted, [("a", 2, true), ("b", 1, false)]);
        assert_eq!(rows[1].failed, ["installs"]);
    }

    #[test]
    fn a_client_that_took_no_step_is_an_error() {
        let error = rows(&[step("a", "installs", true)], "embedded", &["a", "b"]).unwrap_err();
        assert_eq!(error.to_string(), "b took no step");
    }

    #[test]
    fn a_client_that_nobody_expects_is_an_error() {
        assert!(rows(&[step("c", "installs", true)], "embedded", &["a"]).is_err());
    }
}
