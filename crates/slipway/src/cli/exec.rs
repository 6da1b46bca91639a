//! `slipway exec`: a command with a server of its own.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitCode, ExitStatus};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, getpgrp, kill_process};
use rustix::termios::tcgetpgrp;
use tokio::process::{Child, Command};
use tokio::runtime::Builder;
use tokio::signal::unix::{self, SignalKind, signal};

use super::flags::FreshFlags;
use super::variables::{self, Variable};
use crate::config::Settings;
use crate::descriptors::Former;
use crate::failure::Failure;
use crate::serve::{Running, start};
use crate::telemetry;

/// What a shell adds to the number of the signal by which a command died.
const SIGNALLED: i32 = 128;

/// What is run, and how the server is that it gets.
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    flags: FreshFlags,
    /// The command with its arguments.
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

impl Options {
    /// Starts a server, runs the command, stops the server; gives the command's exit code, or 128 and the number of
    /// the signal that ended it.
    ///
    /// # Errors
    /// [`Failure::Command`] if the command cannot be started, else what kept the server from starting.
    pub fn run(self) -> Result<ExitCode, Failure> {
        let settings = self.flags.settings()?;
        telemetry::start(settings.log_format, &settings.log_level)?;
        for warning in &settings.warnings {
            tracing::warn!("{warning}");
        }
        let runtime = Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::at("runtime", error))?;
        runtime.block_on(exec(&settings, self.command))
    }
}

async fn exec(settings: &Settings, command: Vec<OsString>) -> Result<ExitCode, Failure> {
    let mut signals = Signals::catch()?;
    let former = Former::remember();
    let running = tokio::select! {
        started = start(settings) => started?,
        signal = signals.next() => return Ok(code(SIGNALLED + signal.as_raw())),
    };
    let ended = match begin(&running, command, &former) {
        Ok(child) => signals.pass_on(child).await.map_err(|error| Failure::at("command", error)),
        Err(failure) => Err(failure),
    };
    running.stop().await;
    let status = ended?;
    Ok(code(status.code().unwrap_or_else(|| SIGNALLED + status.signal().unwrap_or_default())))
}

/// Starts the command with the variables of the server, and with its standard input, output and error as they are.
fn begin(running: &Running, command: Vec<OsString>, former: &Former) -> Result<Child, Failure> {
    let variables = variables::of(&running.ready)?;
    let mut words = command.into_iter();
    let program = words.next().unwrap_or_default();
    let mut command = Command::new(&program);
    command.args(words).envs(variables.into_iter().map(|Variable { name, value }| (name, value)));
    // It would lead commands of Slipway to the server that wrote it.
    command.env_remove("SLIPWAY_READY_FILE").kill_on_drop(true);
    former.within(|| command.spawn()).map_err(|error| {
        let name = program.display();
        match error.kind() {
            ErrorKind::NotFound => Failure::Command(127, format!("{name}: command not found")),
            ErrorKind::PermissionDenied => Failure::Command(126, format!("{name}: not executable")),
            _ if Errno::from_io_error(&error) == Some(Errno::NOEXEC) => Failure::Command(
                126,
                format!("{name}: no program\nhint: begin a script with a line such as #!/bin/sh"),
            ),
            _ => Failure::Command(126, format!("{name}: {error}")),
        }
    })
}

/// An exit code as the system keeps it: eight bits.
fn code(number: i32) -> ExitCode {
    ExitCode::from(number.to_le_bytes()[0])
}

/// The signals that are passed on, caught from the time this is made.
struct Signals(Vec<(Signal, unix::Signal)>);

impl Signals {
    const PASSED_ON: [Signal; 6] =
        [Signal::TERM, Signal::INT, Signal::HUP, Signal::QUIT, Signal::USR1, Signal::USR2];

    fn catch() -> Result<Self, Failure> {
        let caught = Self::PASSED_ON.map(|number| {
            let stream = signal(SignalKind::from_raw(number.as_raw()));
            stream.map(|stream| (number, stream)).map_err(|error| Failure::at("signals", error))
        });
        caught.into_iter().collect::<Result<_, _>>().map(Self)
    }

    /// Waits for the next one.
    async fn next(&mut self) -> Signal {
        std::future::poll_fn(|context| {
            for (number, stream) in &mut self.0 {
                if stream.poll_recv(context).is_ready() {
                    return std::task::Poll::Ready(*number);
                }
            }
            std::task::Poll::Pending
        })
        .await
    }

    /// Passes on what comes until the child has ended.
    async fn pass_on(&mut self, mut child: Child) -> std::io::Result<ExitStatus> {
        loop {
            let number = tokio::select! {
                ended = child.wait() => return ended,
                number = self.next() => number,
            };
            // As long as nobody has waited for it, nobody else has its number.
            let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
            if let Some(pid) = pid.filter(|_| !from_terminal(number))
                && let Err(error) = kill_process(pid, number)
            {
                tracing::warn!(%error, "the command cannot be sent a signal");
            }
        }
    }
}

/// Whether the terminal sent the signal, or may have: what its keys send, it sends to all processes in the foreground,
/// of which the command is one.
fn from_terminal(number: Signal) -> bool {
    let key = number == Signal::INT || number == Signal::QUIT;
    key && std::fs::File::open("/dev/tty")
        .is_ok_and(|terminal| tcgetpgrp(terminal).is_ok_and(|foreground| foreground == getpgrp()))
}
