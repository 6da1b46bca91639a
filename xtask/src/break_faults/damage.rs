//! Copies of the data folder of a server that has stopped: damaged, opened by a server, and compared with the ledger.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail, ensure};

use super::trial::Trial;
use crate::server::Outcome;
use crate::workspace;

/// How much of a file is looked at at once.
const CHUNK: u64 = 64 * 1_024;

/// What became of a damaged copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// The start was refused, with the place named.
    Refused,
    /// The server started; what it shows has been compared with the ledger.
    Started,
    /// The same, but for what it said it cannot read.
    Unreadable,
}

/// Copies the data folder, lets `damage` do its work on the copy, and sees what a server makes of it. `damage` says what
/// it did.
///
/// # Errors
/// When a start is refused without naming the folder, the server dies of it, or answers in a way that no count can
/// express.
pub async fn open_copy(
    trial: &mut Trial,
    damage: impl FnOnce(&Path) -> anyhow::Result<String>,
) -> anyhow::Result<Found> {
    let copy = trial.site.scratch().join("copy");
    let mut cp = Command::new("cp");
    workspace::succeed(cp.args(["-a", "--sparse=always"]).arg(&trial.site.data).arg(&copy))?;
    let done = damage(&copy)?;
    let mut server = trial.site.spawn(&copy)?;
    let found = match server.outcome().with_context(|| done.clone())? {
        Outcome::Refused(told) => {
            ensure!(
                told.contains(&*copy.to_string_lossy()),
                "{done}: the server does not say where the damage is:\n{told}"
            );
            Found::Refused
        }
        Outcome::Ready(ready) => {
            let unreadable = trial.compare_copy(&ready).await.with_context(|| done.clone())?;
            if unreadable == 0 { Found::Started } else { Found::Unreadable }
        }
    };
    drop(server);
    std::fs::remove_dir_all(&copy)?;
    if !trial.tally.is_clean() {
        println!("  after this: {done}");
    }
    Ok(found)
}

/// The journal that is written to: the one with the highest number.
///
/// # Errors
/// When there is none.
pub fn active_journal(data: &Path) -> anyhow::Result<PathBuf> {
    let number = |path: &PathBuf| path.file_stem()?.to_str()?.parse::<u64>().ok();
    let journals = files_below(&data.join("tree"))?.into_iter();
    let journals = journals.filter(|path| path.extension().is_some_and(|extension| extension == "jnl"));
    journals.max_by_key(number).context("there is no journal")
}

/// The position behind the last byte of a file that is not zero; behind it there is only space that was set aside.
///
/// # Errors
/// When the file cannot be read.
pub fn data_end(file: &File) -> anyhow::Result<u64> {
    let mut end = file.metadata()?.len();
    while end > 0 {
        let start = end.saturating_sub(CHUNK);
        let mut chunk = vec![0; usize::try_from(end - start)?];
        file.read_exact_at(&mut chunk, start)?;
        if let Some(last) = chunk.iter().rposition(|&byte| byte != 0) {
            return Ok(start + u64::try_from(last)? + 1);
        }
        end = start;
    }
    Ok(0)
}

/// All files in a folder and the folders in it, in the order of their names.
///
/// # Errors
/// When a folder cannot be read.
pub fn files_below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            match (kind.is_dir(), kind.is_file()) {
                (true, _) => folders.push(entry.path()),
                (_, true) => files.push(entry.path()),
                _ => bail!("{} is neither file nor folder", entry.path().display()),
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_that_was_set_aside_is_not_data() {
        let folder = tempfile::tempdir().unwrap();
        let file =
            File::options().read(true).write(true).create_new(true).open(folder.path().join("f")).unwrap();
        assert_eq!(data_end(&file).unwrap(), 0);
        file.set_len(5 * CHUNK + 3).unwrap();
        assert_eq!(data_end(&file).unwrap(), 0);
        for position in [0, CHUNK - 1, CHUNK, 3 * CHUNK + 7, 5 * CHUNK + 2] {
            file.write_all_at(b"x", position).unwrap();
            assert_eq!(data_end(&file).unwrap(), position + 1);
        }
    }

    #[test]
    fn the_active_journal_is_the_newest() {
        let folder = tempfile::tempdir().unwrap();
        let tree = folder.path().join("tree");
        std::fs::create_dir_all(tree.join("keyspaces/1")).unwrap();
        for name in ["9.jnl", "10.jnl", "keyspaces/1/v12"] {
            std::fs::write(tree.join(name), "x").unwrap();
        }
        assert_eq!(active_journal(folder.path()).unwrap(), tree.join("10.jnl"));
        assert_eq!(files_below(&tree).unwrap().len(), 3);
    }
}
