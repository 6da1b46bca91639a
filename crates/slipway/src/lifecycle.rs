//! Signals: the first asks the server to stop, a second one ends the process at once.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::failure::Failure;

/// Exit code after a second signal: work was interrupted.
const INTERRUPTED: i32 = 130;

/// SIGTERM and SIGINT, caught from the time this is made.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Catches the signals.
    ///
    /// # Errors
    /// [`Failure::Runtime`] if the system refuses.
    pub fn catch() -> Result<Self, Failure> {
        let caught = |kind| signal(kind).map_err(|error| Failure::at("signals", error));
        Ok(Self { terminate: caught(SignalKind::terminate())?, interrupt: caught(SignalKind::interrupt())? })
    }

    /// Waits for the next one and tells its name.
    pub async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }

    /// Does the last work, unless another signal ends the process first, with exit code 130.
    pub async fn unless_repeated<T>(&mut self, work: impl Future<Output = T>) -> T {
        tokio::select! {
            done = work => done,
            name = self.next() => {
                tracing::warn!("{name} again: ending at once");
                std::process::exit(INTERRUPTED)
            }
        }
    }
}
