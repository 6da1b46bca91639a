//! Damaged files: a folder is refused, or a read, with the file's name; nothing is missing in silence, now or later.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use slipway_store::{OpenError, Store, tenant};

use crate::fixture::{commit, copy, journals, read, refusal, written};

/// A folder with `n` commits as a kill leaves it, the `commits` file as it was before the last one, and where the
/// last one stands in the journal.
async fn killed_after(n: u64) -> (tempfile::TempDir, PathBuf, Range<usize>) {
    let place = tempfile::tempdir().unwrap();
    let (living, killed) = (place.path().join("living"), place.path().join("killed"));
    let store = Store::open(&living).await.unwrap();
    for n in 0..n - 1 {
        commit(&store, n).await;
    }
    let [journal] = &journals(&living)[..] else { panic!("not one journal") };
    let before = written(journal).len();
    fs::copy(living.join("commits"), place.path().join("commits before")).unwrap();
    commit(&store, n - 1).await;
    let after = written(journal).len();
    copy(&living, &killed);
    (place, killed, before..after)
}

/// A folder with 12 commits as a kill leaves it: 4 in tables, 4 in a sealed journal and 4 in the active one.
async fn layered(place: &Path) -> PathBuf {
    let living = place.join("living");
    let store = Store::open(&living).await.unwrap();
    for n in 0..4 {
        commit(&store, n).await;
    }
    let (first, second) = (place.join("first"), place.join("second"));
    copy(&living, &first);
    continue_in_tables(&first, 4).await;
    let layered = place.join("layered");
    copy(&first, &layered);
    copy(&first, &second);
    continue_in_tables(&second, 8).await;
    // What went to tables last is still in its journal here.
    let [newest] = &journals(&second)[..] else { panic!("not one journal") };
    fs::write(layered.join("tree").join(newest.file_name().unwrap()), written(newest)).unwrap();
    fs::copy(second.join("commits"), layered.join("commits")).unwrap();
    layered
}

/// Has what is in the journal written to tables, and makes four commits from the number on.
async fn continue_in_tables(folder: &Path, first: u64) {
    let [old] = &journals(folder)[..] else { panic!("not one journal") };
    // The tree takes the last journal for the active one, and writes to tables what the others hold.
    let number: u64 = old.file_stem().unwrap().to_str().unwrap().parse().unwrap();
    fs::write(old.with_file_name(format!("{}.jnl", number + 1)), "").unwrap();
    let store = Store::open(folder).await.unwrap();
    let patience = Instant::now() + Duration::from_secs(20);
    while old.exists() {
        assert!(Instant::now() < patience, "no table was written");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for n in first..first + 4 {
        commit(&store, n).await;
    }
}

/// The tree's files that it goes by: of each list of tables the last.
fn files(folder: &Path) -> Vec<PathBuf> {
    let (mut files, mut lists) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if let Some(number) = name.strip_prefix('v').and_then(|number| number.parse::<u64>().ok()) {
            lists.push((number, path));
        } else if name != "lock" {
            files.push(path);
        }
    }
    files.extend(lists.into_iter().max().map(|(_, list)| list));
    files.sort();
    files
}

#[tokio::test]
async fn no_flipped_byte_loses_a_commit_in_silence() {
    let place = tempfile::tempdir().unwrap();
    let layered = layered(place.path()).await;
    let folder = place.path().join("damaged");
    let (mut refused, mut unread) = (0, 0);
    for file in files(&layered.join("tree")) {
        let bytes = fs::read(&file).unwrap();
        let name = file.strip_prefix(&layered).unwrap();
        for at in (0..bytes.len()).step_by(bytes.len() / 7 + 1) {
            copy(&layered, &folder);
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x41;
            let file = folder.join(name);
            fs::write(&file, &damaged).unwrap();
            let error = match Store::open(&folder).await {
                Ok(store) => {
                    unread += 1;
                    read(&store).await.unwrap_err().to_string()
                }
                Err(error) => {
                    refused += 1;
                    assert_eq!(refusal(&folder).await.to_string(), error.to_string());
                    assert!(fs::read(&file).unwrap() == damaged, "{name:?} was changed");
                    error.to_string()
                }
            };
            // Of a list and the checksum beside its number, nobody knows which one is wrong; it names both.
            let named = error.contains(&file.display().to_string());
            assert!(named && error.contains("restore the folder from a backup"), "{name:?} {at}: {error}");
            fs::remove_dir_all(&folder).unwrap();
        }
    }
    assert!(refused > unread && unread > 4, "{refused} refused, {unread} not read");
}

#[tokio::test]
async fn a_missing_file_is_missed() {
    let place = tempfile::tempdir().unwrap();
    let layered = layered(place.path()).await;
    let folder = place.path().join("damaged");
    for file in files(&layered.join("tree")) {
        let name = file.strip_prefix(&layered).unwrap();
        copy(&layered, &folder);
        fs::remove_file(folder.join(name)).unwrap();
        let error = refusal(&folder).await.to_string();
        assert_eq!(refusal(&folder).await.to_string(), error);
        let file = folder.join(name).display().to_string();
        let expected = match name.to_str().unwrap() {
            "tree/1.jnl" => "commits 5 to 8 are neither in its tables nor in its journals",
            "tree/2.jnl" => "ends at commit 8, but commit 12 was acknowledged",
            "tree/version" => "it has no file 'version'",
            _ => &file,
        };
        assert!(error.contains(expected) && error.contains("from a backup"), "{name:?}: {error}");
        fs::remove_dir_all(&folder).unwrap();
    }
}

#[tokio::test]
async fn a_sealed_journal_without_its_end_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let layered = layered(place.path()).await;
    let [sealed, _active] = &journals(&layered)[..] else { panic!("not two journals") };
    let bytes = written(sealed);
    for cut in (0..bytes.len()).step_by(bytes.len() / 10 + 1) {
        for zeros in [0, 9_000] {
            let damaged = [&bytes[..cut], &vec![0; zeros]].concat();
            fs::write(sealed, &damaged).unwrap();
            for _ in 0..2 {
                let error = refusal(&layered).await;
                assert!(matches!(&error, OpenError::Damaged(..)), "cut at {cut}: {error}");
                assert!(fs::read(sealed).unwrap() == damaged, "cut at {cut}: it was changed");
            }
        }
    }
    fs::write(sealed, &bytes).unwrap();
    assert_eq!(read(&Store::open(&layered).await.unwrap()).await.unwrap(), 12);
}

#[tokio::test]
async fn a_table_that_is_damaged_later_is_named_by_reads() {
    let place = tempfile::tempdir().unwrap();
    let layered = layered(place.path()).await;
    let store = Store::open(&layered).await.unwrap();
    let blobs =
        files(&layered.join("tree")).into_iter().find(|file| file.to_str().unwrap().contains("/blobs/"));
    let blobs = blobs.unwrap();
    let mut bytes = fs::read(&blobs).unwrap();
    bytes[300] ^= 1;
    fs::write(&blobs, bytes).unwrap();
    let error = read(&store).await.unwrap_err().to_string();
    assert!(error.contains(&format!("'{}' is damaged", blobs.display())), "{error}");
    // What the damage does not touch is read and written.
    commit(&store, 12).await;
    assert_eq!(store.view().count(&tenant::all(), 99).await.unwrap(), 13);
}

#[tokio::test]
async fn what_an_interrupted_first_start_left_is_made_anew() {
    let place = tempfile::tempdir().unwrap();
    let tree = place.path().join("tree");
    fs::create_dir_all(tree.join("keyspaces")).unwrap();
    fs::write(tree.join("lock"), "").unwrap();
    fs::write(tree.join("0.jnl"), "").unwrap();
    let store = Store::open(place.path()).await.unwrap();
    commit(&store, 0).await;
    assert_eq!(read(&store).await.unwrap(), 1);
}

#[tokio::test]
async fn a_torn_last_batch_is_there_whole_or_not_at_all() {
    let (place, killed, last) = killed_after(5).await;
    let bytes = fs::read(&journals(&killed)[0]).unwrap();
    assert!(last.len() > 300, "{last:?}");
    for cut in last.clone().step_by(153).chain([last.end - 1, last.end]) {
        // Cut off as by a kill, and zeroed as by a loss of power.
        for zeros in [0, 4_096] {
            let folder = place.path().join(format!("{cut}-{zeros}"));
            copy(&killed, &folder);
            fs::copy(place.path().join("commits before"), folder.join("commits")).unwrap();
            fs::write(&journals(&folder)[0], [&bytes[..cut], &vec![0; zeros]].concat()).unwrap();
            let store = Store::open(&folder).await.unwrap();
            let expected = if cut == last.end { 5 } else { 4 };
            assert_eq!(read(&store).await.unwrap(), expected, "cut at {cut} of {last:?}");
            commit(&store, expected).await;
            drop(store);
            assert_eq!(read(&Store::open(&folder).await.unwrap()).await.unwrap(), expected + 1);
            fs::remove_dir_all(folder).unwrap();
        }
    }
}

#[tokio::test]
async fn missing_commits_are_refused_by_number() {
    let (_place, killed, last) = killed_after(5).await;
    let file = fs::File::options().write(true).open(&journals(&killed)[0]).unwrap();
    file.set_len(last.start as u64).unwrap();
    for _ in 0..2 {
        let error = refusal(&killed).await;
        assert!(matches!(error, OpenError::CommitsMissing { found: 4, acknowledged: 5, .. }), "{error}");
        assert!(error.to_string().contains("ends at commit 4, but commit 5 was acknowledged"), "{error}");
    }
}
