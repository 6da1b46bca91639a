//! Slipway's binary: command line, settings, TLS, the port, and the life of the server.

mod cli;
mod config;
mod data;
mod descriptors;
mod failure;
mod lifecycle;
mod readiness;
mod seeding;
mod serve;
mod storage;
mod telemetry;
mod tls;
mod ways_out;
mod wire;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run(std::env::args_os())
}
