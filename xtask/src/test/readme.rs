//! Runs the README's stories as a reader would paste them.
//!
//! Below the heading of a story, each `sh` block is run by bash, one after another in one shell, in a
//! folder that looks like the clone. A `text` block says what the `sh` block before it prints: each of its lines must
//! be a line of the output, in that order; `…` stands for anything.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, ensure};

use super::install;
use crate::server::Server;
use crate::workspace;

/// Headings of the stories, without backquotes: the one for a server that runs, and the one of `slipway exec`.
const FIVE_MINUTES: &str = "Five minutes with curl";
const IN_A_TEST: &str = "In a test";

/// Printed before each block's output.
const MARK: &str = "--- block";

/// Commands and what they print.
#[derive(Debug, Default, PartialEq, Eq)]
struct Block {
    commands: String,
    prints: Vec<String>,
}

/// Runs the story against the release binary on its usual port.
///
/// # Errors
/// When there is no story, a command fails, or the output is not as the README says.
pub fn run() -> anyhow::Result<()> {
    let binary = workspace::release_binary("slipway", "slipway")?;
    first_command()?;
    let folder = workspace::scratch()?;
    let data = folder.path().join("slipway-data");
    let started = Instant::now();
    let mut server = Server::spawn_under(Command::new(binary), &data, &["--listen", "127.0.0.1:8365"])?;
    server.wait_ready()?;
    println!("the server was ready {} ms after its start", started.elapsed().as_millis());
    tell()?;
    server.stop()
}

/// Whether `cargo run --release`, with which the README begins, runs the server.
fn first_command() -> anyhow::Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--release", "--quiet", "--", "--version"]).current_dir(workspace::root());
    let printed = cargo.output().context("cannot run cargo")?.stdout;
    ensure!(printed.starts_with(b"slipway "), "`cargo run --release` runs something else than slipway");
    Ok(())
}

/// Runs the story against what listens on the usual port.
///
/// # Errors
/// When there is no story, a command fails, or the output is not as the README says.
pub fn tell() -> anyhow::Result<()> {
    tell_under(FIVE_MINUTES, &[])
}

/// Runs the story of the test with a server of its own, with the release binary as `slipway` and a `python` that has
/// Microsoft's packages.
///
/// # Errors
/// When there is no story, a command fails, or the output is not as the README says.
pub fn in_a_test() -> anyhow::Result<()> {
    let binary = workspace::release_binary("slipway", "slipway")?;
    let folder = binary.parent().context("a program in no folder")?;
    tell_under(IN_A_TEST, &[folder.to_owned(), install::venv()?.join("bin")])
}

/// Runs the story below the heading, with these folders before all others in which programs are looked for.
fn tell_under(heading: &str, programs: &[PathBuf]) -> anyhow::Result<()> {
    let readme =
        fs::read_to_string(workspace::root().join("README.md")).context("README.md cannot be read")?;
    let blocks = story(&readme, heading);
    ensure!(!blocks.is_empty(), "README.md has no commands below \"{heading}\"");
    ensure!(blocks.iter().any(|block| !block.prints.is_empty()), "the story does not say what it prints");
    let folder = workspace::scratch()?;
    resemble_clone(folder.path())?;
    compare(&blocks, &paste(&blocks, folder.path(), programs)?)
}

/// Links to everything in the clone, so that relative paths work and new files fall into the folder.
fn resemble_clone(folder: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(workspace::root())? {
        let entry = entry?;
        let name = entry.file_name();
        if name != "slipway-data" && name != ".git" {
            symlink(entry.path(), folder.join(&name))?;
        }
    }
    Ok(())
}

fn paste(blocks: &[Block], folder: &Path, programs: &[PathBuf]) -> anyhow::Result<String> {
    let mut script = String::from("exec 2>&1\nset -eo pipefail\n");
    for folder in programs.iter().rev() {
        script.extend(["PATH='", &folder.to_string_lossy(), "':$PATH\n"]);
    }
    for block in blocks {
        script.extend(["echo '", MARK, "'\n", &block.commands, "\n"]);
    }
    let file = folder.join("story.sh");
    fs::write(&file, script)?;
    let output = Command::new("bash").arg(&file).current_dir(folder).output().context("cannot run bash")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(output.status.success(), "the story ended with {}; it printed\n{text}", output.status);
    Ok(text)
}

fn compare(blocks: &[Block], output: &str) -> anyhow::Result<()> {
    let mark = format!("{MARK}\n");
    let outputs = output.split(&mark).skip(1);
    for (block, printed) in blocks.iter().zip(outputs) {
        let mut lines = printed.lines().map(str::trim_end);
        for expected in &block.prints {
            ensure!(
                lines.any(|line| fits(expected, line)),
                "README.md promises\n  {expected}\nafter\n{}\nwhich printed\n{printed}",
                block.commands
            );
        }
    }
    println!("{} blocks ran as README.md says", blocks.len());
    Ok(())
}

/// The blocks of the section below the heading.
fn story(readme: &str, heading: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut inside, mut fence) = (false, None);
    for line in readme.lines() {
        match fence {
            Some(_) if line.trim() == "```" => fence = None,
            Some("sh") if inside => {
                if let Some(block) = blocks.last_mut() {
                    block.commands.push_str(line);
                    block.commands.push('\n');
                }
            }
            Some("text") if inside => {
                if let Some(block) = blocks.last_mut()
                    && !line.trim().is_empty()
                {
                    block.prints.push(line.trim_end().to_owned());
                }
            }
            Some(_) => {}
            None if line.starts_with('#') => {
                inside = line.trim_start_matches('#').replace('`', "").trim() == heading;
            }
            None => {
                fence = line.trim().strip_prefix("```");
                if inside && fence == Some("sh") {
                    blocks.push(Block::default());
                }
            }
        }
    }
    blocks
}

/// Whether a line is the expected one, where `…` stands for anything.
fn fits(expected: &str, line: &str) -> bool {
    let Some((start, rest)) = expected.split_once('…') else {
        return expected == line;
    };
    let Some(line) = line.strip_prefix(start) else {
        return false;
    };
    line.char_indices()
        .map(|(at, _)| at)
        .chain([line.len()])
        .any(|at| line.get(at..).is_some_and(|end| fits(rest, end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const README: &str = "# X\n```sh\nnot this\n```\n## Five minutes with `curl`\ntext\n```sh\necho a\n# comment\n```\nprints\n\
        ```text\nHTTP/1.1 201 …\n\nb\n```\n```console\n$ no\n```\n```sh\necho c\n```\n## Next\n```sh\nnor this\n```\n";

    #[test]
    fn the_story_is_the_sections_sh_blocks() {
        let first = Block {
            commands: "echo a\n# comment\n".into(),
            prints: vec!["HTTP/1.1 201 …".into(), "b".into()],
        };
        let second = Block { commands: "echo c\n".into(), prints: vec![] };
        assert_eq!(story(README, FIVE_MINUTES), [first, second]);
        assert_eq!(story("# Nothing\n```sh\necho\n```\n", FIVE_MINUTES), []);
    }

    #[test]
    fn lines_fit_with_gaps() {
        assert!(fits("a…c", "abc") && fits("a…", "a") && fits("…", "") && fits("x…y…z", "x1y2y3z"));
        assert!(!fits("a…c", "abcd") && !fits("a", "ab") && !fits("a…b…c", "acb"));
    }

    #[test]
    fn output_must_hold_what_is_promised() {
        let blocks = story(README, FIVE_MINUTES);
        let output = |first: &str| format!("{MARK}\n{first}{MARK}\nc\n");
        compare(&blocks, &output("HTTP/1.1 201 Created\r\nother\nb\n")).unwrap();
        assert!(compare(&blocks, &output("b\nHTTP/1.1 201 Created\n")).is_err());
        assert!(compare(&blocks, &output("HTTP/1.1 409 Conflict\nb\n")).is_err());
    }

    #[test]
    fn a_failing_command_ends_the_story() {
        let folder = tempfile::tempdir().unwrap();
        let block = |commands: &str| Block { commands: commands.into(), prints: vec![] };
        assert_eq!(
            paste(&[block("x=1"), block("echo $x")], folder.path(), &[]).unwrap(),
            "--- block\n--- block\n1\n"
        );
        assert!(paste(&[block("false"), block("true")], folder.path(), &[]).is_err());
    }
}
