//! The bare hyper server as a process.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;
use hyper::HeaderMap;
use hyper::header::{CONTENT_LENGTH, DATE};

/// A running yardstick; killed when dropped.
pub struct Yardstick {
    child: Child,
    /// Where it listens.
    pub url: String,
}

impl Yardstick {
    /// Starts the server with the headers of an answer, so that it sends as many bytes.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(binary: &Path, answer: &HeaderMap) -> anyhow::Result<Self> {
        // hyper writes these two itself.
        let lines = answer.iter().filter(|(name, _)| **name != DATE && **name != CONTENT_LENGTH);
        let mut command = Command::new(binary);
        for (name, value) in lines {
            command.arg(format!("{name}: {}", value.to_str()?));
        }
        let child = command.stdout(Stdio::piped()).spawn().context("cannot start the yardstick")?;
        let mut yardstick = Self { child, url: String::new() };
        let output = yardstick.child.stdout.take().context("no output")?;
        BufReader::new(output).read_line(&mut yardstick.url)?;
        yardstick.url.truncate(yardstick.url.trim_end().len());
        Ok(yardstick)
    }
}

impl Drop for Yardstick {
    fn drop(&mut self) {
        // Already ended is as good as killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
