//! `cargo xtask test`: installs what a fresh machine lacks, then runs everything that must pass, step by step.

mod balanced;
pub mod install;
mod readme;
mod steps;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use install::Requirement;
use steps::STEPS;
pub use steps::shapes;

/// How `test` is run.
#[derive(clap::Args)]
pub struct Options {
    /// Installs what is missing without asking, as does CI=true.
    #[arg(long)]
    yes: bool,
    /// Runs these steps alone.
    #[arg(long, num_args = 1.., value_name = "STEP", value_parser = known_step)]
    only: Vec<&'static Step>,
    /// Prints the steps and what each is for.
    #[arg(long)]
    list: bool,
}

/// One thing that must pass.
pub struct Step {
    name: &'static str,
    about: &'static str,
    requires: &'static [Requirement],
    run: fn() -> anyhow::Result<()>,
}

fn known_step(name: &str) -> Result<&'static Step, String> {
    STEPS.iter().find(|step| step.name == name).ok_or_else(|| "no such step; --list prints them".to_owned())
}

/// Runs the steps up to the first that fails.
///
/// Code 0: all passed; 1: one failed; 2: something is missing and was not installed.
pub fn run(options: &Options) -> ExitCode {
    if options.list {
        for step in STEPS {
            println!("{:<9} {}", step.name, step.about);
        }
        return ExitCode::SUCCESS;
    }
    let chosen: Vec<&Step> =
        if options.only.is_empty() { STEPS.iter().collect() } else { options.only.clone() };
    let required: Vec<&Requirement> = chosen.iter().flat_map(|step| step.requires).collect();
    let consent = if options.yes { install::Consent::Given } else { install::Consent::of_environment() };
    if let Err(error) = install::all(&required, consent) {
        eprintln!("error: {error:#}");
        return ExitCode::from(2);
    }
    let mut done: Vec<(&str, Duration)> = Vec::new();
    for step in &chosen {
        println!("\n==> {}: {}", step.name, step.about);
        let started = Instant::now();
        let outcome = (step.run)();
        done.push((step.name, started.elapsed()));
        if let Err(error) = outcome {
            eprintln!("error: step {} failed: {error:#}", step.name);
            print_table(&done, done.len() - 1);
            return ExitCode::FAILURE;
        }
    }
    print_table(&done, done.len());
    ExitCode::SUCCESS
}

/// The last line is in the form that CI systems read: how many steps passed and how many failed.
fn print_table(done: &[(&str, Duration)], passed: usize) {
    println!();
    for (number, (name, took)) in done.iter().enumerate() {
        let word = if number < passed { "passed" } else { "FAILED" };
        println!("{name:<9} {word}  {:>6.1} s", took.as_secs_f64());
    }
    println!("steps: {passed} passed, {} failed", done.len() - passed);
}
