//! The server under test as a process: started, waited for, stopped and killed.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal};
use serde::Deserialize;

/// How long a start or a stop may take before it counts as hanging.
const PATIENCE: Duration = Duration::from_secs(60);

/// A free port of this machine.
pub const ANY_PORT: [&str; 2] = ["--listen", "127.0.0.1:0"];

/// What the server writes into its ready file, as far as it is used here.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ready {
    /// Address for plain HTTP, such as `http://127.0.0.1:8365`.
    pub http_url: String,
    /// Bearer secret of the control API.
    pub control_secret: String,
}

/// How a start came out.
pub enum Outcome {
    /// The server takes requests.
    Ready(Ready),
    /// It ended with code 1; the end of its log says why.
    Refused(String),
}

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    ready_file: PathBuf,
    log: PathBuf,
}

impl Server {
    /// Starts `slipway serve` on a free port of 127.0.0.1 with `data` as its data folder, and does not wait.
    /// The log goes to `{data}.log`, the ready file to `{data}.ready`.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub fn spawn(binary: &Path, data: &Path, extra: &[&str]) -> anyhow::Result<Self> {
        Self::spawn_under(Command::new(binary), data, &[&ANY_PORT, extra].concat())
    }

    /// The same for a command that ends in the server's binary, such as a tracer's, with all arguments but `serve`,
    /// the data folder and the ready file.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub fn spawn_under(mut command: Command, data: &Path, arguments: &[&str]) -> anyhow::Result<Self> {
        let (ready_file, log) = (data.with_extension("ready"), data.with_extension("log"));
        // What an earlier start left there would look like an answer of this one.
        if ready_file.exists() {
            std::fs::remove_file(&ready_file)?;
        }
        let output = File::create(&log).with_context(|| format!("cannot make {}", log.display()))?;
        command.args(["serve", "--data"]).arg(data);
        command.arg("--ready-file").arg(&ready_file).args(arguments);
        command.stdin(std::process::Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command.spawn().with_context(|| format!("cannot run {program}"))?;
        Ok(Self { child, ready_file, log })
    }

    /// Starts the server and waits until it is ready.
    ///
    /// # Errors
    /// When it cannot be started, exits before it is ready, or hangs.
    pub fn start(binary: &Path, data: &Path, extra: &[&str]) -> anyhow::Result<(Self, Ready)> {
        let mut server = Self::spawn(binary, data, extra)?;
        let ready = server.wait_ready()?;
        Ok((server, ready))
    }

    /// The server's process, also when it has ended.
    pub fn process(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Waits until the ready file is there.
    ///
    /// # Errors
    /// When the server exits before, or hangs; the message carries the end of its log.
    pub fn wait_ready(&mut self) -> anyhow::Result<Ready> {
        match self.outcome()? {
            Outcome::Ready(ready) => Ok(ready),
            Outcome::Refused(log) => bail!("the server refused to start\n{log}"),
        }
    }

    /// Waits for the end of a start that must be refused, and gives what the server wrote.
    ///
    /// # Errors
    /// When it gets ready, hangs or ends with another code than 1.
    pub fn refusal(mut self) -> anyhow::Result<String> {
        match self.outcome()? {
            Outcome::Refused(log) => Ok(log),
            Outcome::Ready(_) => bail!("the server started, and should have refused to\n{}", self.log_end()),
        }
    }

    /// Waits until the server is ready or has refused to start.
    ///
    /// # Errors
    /// When it hangs or ends with another code than 1.
    pub fn outcome(&mut self) -> anyhow::Result<Outcome> {
        let started = Instant::now();
        loop {
            if let Ok(text) = std::fs::read(&self.ready_file)
                && !text.is_empty()
            {
                let ready = serde_json::from_slice(&text).context("the ready file cannot be read")?;
                return Ok(Outcome::Ready(ready));
            }
            match self.child.try_wait()? {
                Some(status) if status.code() == Some(1) => return Ok(Outcome::Refused(self.log_end())),
                Some(status) => bail!("the server ended before it was ready: {status}\n{}", self.log_end()),
                None => {}
            }
            if started.elapsed() > PATIENCE {
                bail!("the server was not ready after {PATIENCE:?}\n{}", self.log_end());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// SIGKILL, and waits until the process is gone.
    ///
    /// # Errors
    /// When the process had ended by itself before.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.require_alive()?;
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// # Errors
    /// When the process has ended by itself.
    pub fn require_alive(&mut self) -> anyhow::Result<()> {
        match self.child.try_wait()? {
            Some(status) => bail!("the server ended by itself: {status}\n{}", self.log_end()),
            None => Ok(()),
        }
    }

    /// SIGTERM, and waits for the graceful stop.
    ///
    /// # Errors
    /// When the server hangs or does not exit with 0.
    pub fn stop(mut self) -> anyhow::Result<()> {
        rustix::process::kill_process(Pid::from_child(&self.child), Signal::TERM)?;
        let status = self.wait_end()?;
        if !status.success() {
            bail!("the server stopped with {status}\n{}", self.log_end());
        }
        Ok(())
    }

    fn wait_end(&mut self) -> anyhow::Result<ExitStatus> {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if started.elapsed() > PATIENCE {
                bail!("the server did not stop within {PATIENCE:?}\n{}", self.log_end());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// The last lines that the server wrote.
    fn log_end(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let skipped = text.lines().count().saturating_sub(12);
        text.lines().skip(skipped).collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already ended is as good as killed, and there is nobody left to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
