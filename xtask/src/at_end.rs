//! What must be undone when this process ends, however it ends: a shell waits on a pipe that closes with the process,
//! even at SIGKILL, and then runs its script.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;

/// A script that is run once, when this is dropped or the process is gone.
pub struct AtEnd {
    shell: Child,
}

impl AtEnd {
    /// Keeps a script for `sh`; its arguments are `$1`, `$2` and so on.
    ///
    /// # Errors
    /// When there is no shell.
    pub fn run<S: AsRef<OsStr>>(script: &str, arguments: &[S]) -> anyhow::Result<Self> {
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("read -r _\n{script}")).arg("at-end").args(arguments);
        // A group of its own: Ctrl-C at the terminal must not end it.
        command.process_group(0).stdin(Stdio::piped());
        Ok(Self { shell: command.spawn().context("cannot run sh")? })
    }
}

impl Drop for AtEnd {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        if let Err(error) = self.shell.wait() {
            eprintln!("warning: what was set up may be left behind: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_runs_at_the_drop_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let mark = folder.path().join("mark");
        let at_end = AtEnd::run(r#"touch "$1""#, &[&mark]).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert!(!mark.exists());
        drop(at_end);
        assert!(mark.exists());
    }
}
