//! The log on standard error.

use std::io::{self, IsTerminal};

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{fmt, registry};

use crate::config::{LogFormat, LogLevel};
use crate::failure::Failure;

/// Begins to log, for the rest of the process.
///
/// # Errors
/// [`Failure::Runtime`] if the process logs already.
pub fn start(format: LogFormat, level: &LogLevel) -> Result<(), Failure> {
    let filtered = registry().with(level.targets());
    let lines = fmt::layer().with_writer(io::stderr);
    let started = match format {
        LogFormat::Json => filtered.with(lines.json().flatten_event(true)).try_init(),
        // Without a terminal no colours; with one, the layer itself obeys NO_COLOR.
        LogFormat::Text if !io::stderr().is_terminal() => filtered.with(lines.with_ansi(false)).try_init(),
        LogFormat::Text => filtered.with(lines).try_init(),
    };
    started.map_err(|error| Failure::at("log", error))
}
