//! wrk and the script that makes it ask for installations.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};
use serde::Deserialize;

use crate::graph::install_body;

/// The script's fixed part; what varies is put before it.
const SCRIPT: &str = include_str!("install.lua");

/// How wrk's threads are set; the script deals out its pairs to exactly these.
const THREADS: &str = "2";

/// Seconds for the last installations to be answered after the time is up.
const DRAIN: u64 = 2;

/// One run of wrk.
pub struct Load<'a> {
    /// Where to, such as `http://127.0.0.1:8365`.
    pub url: &'a str,
    /// The access token.
    pub token: &'a str,
    /// The apps' catalog ids; an even number, so that each thread has its own pairs.
    pub apps: &'a [String],
    /// How many generated users there are; a power of two, as the number of apps.
    pub users: usize,
    /// Connections at once.
    pub connections: usize,
}

/// Whether every answer's status is looked at, which costs wrk time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// Each must be 201.
    Checked,
    /// Only statuses from 400 on are noticed.
    Trusted,
}

/// What the script counted.
#[derive(Deserialize)]
pub struct Counted {
    /// Installations asked for, all of them answered.
    pub sent: u64,
    created: u64,
    failed: u64,
    longest: f64,
    shortest: f64,
}

impl Counted {
    /// Installations a second. The last answers (at most one a connection) came after the time was up.
    pub fn rate(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let sent = self.sent as f64;
        sent / self.longest
    }
}

impl Load<'_> {
    /// Asks for installations during some seconds; the script is written into `folder`.
    ///
    /// # Errors
    /// When wrk fails, an answer is missing or wrong, or the pairs ran out before the time.
    pub fn run(&self, folder: &Path, seconds: u64, answers: Answers) -> anyhow::Result<Counted> {
        let script = folder.join("install.lua");
        std::fs::write(&script, self.script(seconds, answers)?)?;
        let output = Command::new("wrk")
            .args(["--threads", THREADS, "--timeout", "30s"])
            .args(["--connections", &self.connections.to_string()])
            .args(["--duration", &format!("{}s", seconds + DRAIN)])
            .arg("--script")
            .arg(&script)
            .arg(self.url)
            .output()
            .context("cannot run wrk")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().find(|line| line.starts_with('{'));
        let line = line.with_context(|| {
            format!("wrk printed no counts:\n{text}{}", String::from_utf8_lossy(&output.stderr))
        })?;
        let counted: Counted = serde_json::from_str(line)?;
        ensure!(counted.failed == 0, "{} requests failed:\n{text}", counted.failed);
        #[expect(clippy::cast_precision_loss, reason = "seconds are few")]
        let wanted = seconds as f64;
        ensure!(counted.shortest >= wanted, "the pairs ran out, or the server stood still:\n{text}");
        if answers == Answers::Checked {
            // Beside the installations only harmless requests are sent, and they are answered with 200.
            ensure!(
                counted.created == counted.sent,
                "{} of {} installations were answered with 201",
                counted.created,
                counted.sent
            );
        }
        Ok(counted)
    }

    fn script(&self, seconds: u64, answers: Answers) -> anyhow::Result<String> {
        ensure!(self.apps.len().is_power_of_two() && self.apps.len() > 1, "pairs cannot be dealt out");
        let host = self.url.strip_prefix("http://").context("wrk is to speak plain HTTP")?;
        let marker = "{}";
        let body = install_body(marker);
        let (start, end) = body.split_once(marker).context("a body without an app")?;
        let apps: Vec<String> = self.apps.iter().map(|app| format!("{app:?}")).collect();
        Ok(format!(
            "HOST = {host:?}\nTOKEN = {:?}\nAPPS = {{ {} }}\nUSERS = {}\nSECONDS = {seconds}\nBODY_START = {start:?}\nBODY_END = {end:?}\nCOUNT_ANSWERS = {}\n{SCRIPT}",
            self.token,
            apps.join(", "),
            self.users,
            answers == Answers::Checked,
        ))
    }
}
