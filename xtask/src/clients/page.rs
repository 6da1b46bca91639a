//! The blocks of docs/clients.md, each of which the suite of its client must run.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, ensure};

use crate::workspace;

/// What stands before a block's name, which begins with its client's.
const MARK: &str = "<!-- run: ";

/// Looks whether the suite with these clients ran each of their blocks, as it wrote down in the file.
///
/// # Errors
/// When a block was not run.
pub fn require_run(clients: &[&str], file: &Path) -> anyhow::Result<()> {
    let ran = fs::read_to_string(file).context("the suite ran no block of docs/clients.md")?;
    let ran: BTreeSet<&str> = ran.lines().collect();
    let page = text()?;
    let left: Vec<_> =
        blocks(&page).filter(|name| clients.contains(&client_of(name)) && !ran.contains(name)).collect();
    ensure!(left.is_empty(), "blocks of docs/clients.md that the suite does not run: {}", left.join("; "));
    Ok(())
}

fn text() -> anyhow::Result<String> {
    fs::read_to_string(workspace::root().join("docs/clients.md")).context("docs/clients.md cannot be read")
}

fn blocks(page: &str) -> impl Iterator<Item = &str> {
    page.lines().filter_map(|line| line.strip_prefix(MARK)?.strip_suffix(" -->"))
}

/// `msal: a secret, by proxy` -> `msal`.
fn client_of(block: &str) -> &str {
    block.split([':', ',']).next().unwrap_or(block)
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;
    use crate::clients::Suite;

    #[test]
    fn every_block_is_of_a_client_that_is_run_and_every_client_has_one() {
        let page = text().unwrap();
        let clients: BTreeSet<&str> = blocks(&page).map(client_of).collect();
        let run: BTreeSet<&str> =
            Suite::value_variants().iter().flat_map(|suite| suite.clients()).copied().collect();
        assert_eq!(clients, run);
    }

    #[test]
    fn every_block_of_code_is_marked() {
        let page = text().unwrap();
        let lines: Vec<&str> = page.lines().collect();
        // What is not code, such as a line for a file, is `text`.
        let opens =
            |line: &str| line.strip_prefix("```").is_some_and(|language| !matches!(language, "" | "text"));
        let opened = lines.windows(2).filter(|pair| opens(pair[1]));
        for pair in opened {
            assert!(pair[0].starts_with(MARK), "{} after {:?}", pair[1], pair[0]);
        }
    }

    #[test]
    fn a_block_that_was_not_run_is_an_error() {
        let ran = tempfile::NamedTempFile::new().unwrap();
        fs::write(ran.path(), "msal: a secret\n").unwrap();
        let error = require_run(&["msal"], ran.path()).unwrap_err();
        assert!(error.to_string().contains("msal: users"), "{error}");
        assert!(!error.to_string().contains("msal: a secret;"), "{error}");
    }
}
