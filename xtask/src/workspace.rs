//! Where things are in the workspace, and how other programs are run in it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

/// The workspace's root folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Where cargo builds.
pub fn target() -> PathBuf {
    root().join("target")
}

/// Builds a release binary and says where it is.
///
/// # Errors
/// When cargo fails.
pub fn release_binary(package: &str, name: &str) -> anyhow::Result<PathBuf> {
    cargo(&["build", "--release", "--locked", "--package", package, "--bin", name])?;
    Ok(target().join("release").join(name))
}

/// A folder that is removed when dropped. It lies beside the build, not in `/tmp`, which may be memory.
///
/// # Errors
/// When it cannot be made.
pub fn scratch() -> anyhow::Result<tempfile::TempDir> {
    let parent = target().join("scratch");
    std::fs::create_dir_all(&parent).with_context(|| format!("cannot make {}", parent.display()))?;
    tempfile::tempdir_in(&parent).with_context(|| format!("cannot make a folder in {}", parent.display()))
}

/// Runs cargo in the workspace.
///
/// # Errors
/// When cargo is missing or fails.
pub fn cargo(arguments: &[&str]) -> anyhow::Result<()> {
    succeed(Command::new("cargo").args(arguments))
}

/// Runs a program in the workspace's root (unless it says otherwise) and waits until it has ended well.
///
/// # Errors
/// When it is missing or ends with another code than 0.
pub fn succeed(command: &mut Command) -> anyhow::Result<()> {
    if command.get_current_dir().is_none() {
        command.current_dir(root());
    }
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("cannot run {program}"))?;
    if status.success() {
        return Ok(());
    }
    let arguments: Vec<_> = command.get_args().map(|a| a.to_string_lossy().into_owned()).collect();
    bail!("{program} {}: {status}", arguments.join(" "))
}
