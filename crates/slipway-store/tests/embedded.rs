//! What only the embedded engine does: its folder, its lock, and what it makes of damage.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that meets the unexpected fails")]

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use slipway_model::{Tenant, TenantId};
use slipway_store::{Changeset, CommitError, OpenError, Partition, Store, tenant};

fn tenant_of(n: u64) -> Tenant {
    Tenant {
        id: TenantId::parse(&format!("tenant-{n}")).unwrap(),
        display_name: "x".repeat(100),
        domain: format!("{n}.example"),
        generation: 0,
    }
}

async fn commit(store: &Store, n: u64) {
    let changeset = Changeset::new("tenant").put(&Partition::global(), &tenant_of(n));
    store.commit(changeset).await.unwrap();
}

/// How many of the tenants `0..` are there, without a gap.
async fn tenants(store: &Store) -> u64 {
    let view = store.view();
    let mut n = 0;
    while let Some(stored) = view.get(&tenant::key(&tenant_of(n).id)).await.unwrap() {
        assert_eq!(stored.record, tenant_of(n));
        n += 1;
    }
    assert_eq!(view.count(&tenant::all(), usize::MAX).await.unwrap() as u64, n);
    n
}

async fn refusal(folder: &Path) -> OpenError {
    match Store::open(folder).await {
        Ok(_) => panic!("'{}' was opened", folder.display()),
        Err(error) => error,
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn journal(folder: &Path) -> PathBuf {
    let files = fs::read_dir(folder.join("tree")).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "jnl")).max().unwrap()
}

/// Bytes written to the journal; behind them stand zeros, and a batch ends with none.
fn journal_length(folder: &Path) -> usize {
    let bytes = fs::read(journal(folder)).unwrap();
    bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)
}

/// A folder with `n` commits as a kill leaves it, the `commits` file as it was before the last one, and where the
/// last one stands in the journal.
async fn killed_after(n: u64) -> (tempfile::TempDir, PathBuf, Range<usize>) {
    let place = tempfile::tempdir().unwrap();
    let (living, killed) = (place.path().join("living"), place.path().join("killed"));
    let store = Store::open(&living).await.unwrap();
    for n in 0..n - 1 {
        commit(&store, n).await;
    }
    let before = (journal_length(&living), fs::read(living.join("commits")).unwrap());
    commit(&store, n - 1).await;
    let after = journal_length(&living);
    copy(&living, &killed);
    // The zeros behind the last batch are 64 MiB of nothing.
    fs::File::options().write(true).open(journal(&killed)).unwrap().set_len(after as u64).unwrap();
    fs::write(place.path().join("commits before"), before.1).unwrap();
    (place, killed, before.0..after)
}

#[tokio::test]
async fn a_torn_last_batch_is_there_whole_or_not_at_all() {
    let (place, killed, last) = killed_after(5).await;
    let bytes = fs::read(journal(&killed)).unwrap();
    assert!(last.len() > 300, "{last:?}");
    for cut in last.clone().step_by(13).chain([last.end - 1, last.end]) {
        // Cut off as by a kill, and zeroed as by a loss of power. In a debug build the tree asserts that the head
        // of an entry is not zeroed, where a release build drops the batch.
        let in_text =
            bytes.get(cut - 20..cut + 20).is_some_and(|around| around.iter().all(|byte| *byte == b'x'));
        let tails = if in_text || !cfg!(debug_assertions) { &[0, 4_096][..] } else { &[0] };
        for zeros in tails {
            let folder = place.path().join(format!("{cut}-{zeros}"));
            copy(&killed, &folder);
            fs::copy(place.path().join("commits before"), folder.join("commits")).unwrap();
            fs::write(journal(&folder), [&bytes[..cut], &vec![0; *zeros]].concat()).unwrap();
            let store = Store::open(&folder).await.unwrap();
            let expected = if cut == last.end { 5 } else { 4 };
            assert_eq!(tenants(&store).await, expected, "cut at {cut} of {last:?}");
            commit(&store, expected).await;
            drop(store);
            assert_eq!(tenants(&Store::open(&folder).await.unwrap()).await, expected + 1);
            fs::remove_dir_all(folder).unwrap();
        }
    }
}

#[tokio::test]
async fn missing_commits_are_refused_by_number() {
    let (_place, killed, last) = killed_after(5).await;
    let file = fs::File::options().write(true).open(journal(&killed)).unwrap();
    file.set_len(last.start as u64).unwrap();
    for _ in 0..2 {
        let error = refusal(&killed).await;
        assert!(matches!(error, OpenError::CommitsMissing { found: 4, acknowledged: 5, .. }), "{error}");
        assert!(error.to_string().contains("ends at commit 4, but commit 5 was acknowledged"), "{error}");
    }
}

#[tokio::test]
async fn no_flipped_byte_loses_a_commit_in_silence() {
    let (place, killed, last) = killed_after(5).await;
    let bytes = fs::read(journal(&killed)).unwrap();
    let (mut refused, mut harmless) = (0, 0);
    for at in (0..last.end).step_by(41) {
        let folder = place.path().join(at.to_string());
        copy(&killed, &folder);
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x41;
        fs::write(journal(&folder), damaged).unwrap();
        match Store::open(&folder).await {
            Ok(store) => {
                assert_eq!(tenants(&store).await, 5, "byte {at}");
                harmless += 1;
            }
            Err(_) => refused += 1,
        }
        fs::remove_dir_all(folder).unwrap();
    }
    assert!(refused > harmless, "{refused} refused, {harmless} harmless");
}

#[tokio::test]
async fn a_folder_is_open_once() {
    let place = tempfile::tempdir().unwrap();
    let store = Store::open(place.path()).await.unwrap();
    let error = refusal(place.path()).await;
    assert!(matches!(&error, OpenError::InUse(folder) if folder == place.path()), "{error}");
    commit(&store, 0).await;
    // A view keeps it open.
    let view = store.view();
    drop(store);
    assert!(matches!(refusal(place.path()).await, OpenError::InUse(_)));
    drop(view);
    assert_eq!(tenants(&Store::open(place.path()).await.unwrap()).await, 1);
}

#[tokio::test]
async fn newer_and_damaged_folders_are_refused() {
    let place = tempfile::tempdir().unwrap();
    commit(&Store::open(place.path()).await.unwrap(), 0).await;
    let format = place.path().join("format");
    fs::write(&format, "2\n").unwrap();
    let error = refusal(place.path()).await;
    assert!(matches!(error, OpenError::Newer { found: 2, known: 1, .. }), "{error}");
    assert!(error.to_string().contains("written by a newer Slipway: its format is 2, this one knows 1"));
    for damaged in ["", "one", "0", "-1"] {
        fs::write(&format, damaged).unwrap();
        let error = refusal(place.path()).await;
        assert!(matches!(&error, OpenError::Damaged(file, _) if *file == format), "{damaged}: {error}");
    }
    fs::write(&format, "1\n").unwrap();
    let commits = place.path().join("commits");
    for damaged in [Some("many"), Some(""), None] {
        match damaged {
            Some(text) => fs::write(&commits, text).unwrap(),
            None => fs::remove_file(&commits).unwrap(),
        }
        let error = refusal(place.path()).await;
        assert!(matches!(&error, OpenError::Damaged(file, _) if *file == commits), "{damaged:?}: {error}");
        assert!(error.to_string().contains("restore the folder from a backup, or write 1 into the file"));
    }
    fs::write(&commits, "1\n").unwrap();
    let store = Store::open(place.path()).await.unwrap();
    assert_eq!(tenants(&store).await, 1);
    commit(&store, 1).await;
    assert_eq!(fs::read_to_string(&commits).unwrap(), "00000000000000000002\n");
}

#[tokio::test]
async fn the_number_of_commits_stands_there_before_the_first() {
    let place = tempfile::tempdir().unwrap();
    let commits = place.path().join("commits");
    let zero = "00000000000000000000\n";
    drop(Store::open(place.path()).await.unwrap());
    assert_eq!(fs::read_to_string(&commits).unwrap(), zero);
    // As a stop between the tree and the file leaves it.
    fs::remove_file(&commits).unwrap();
    let store = Store::open(place.path()).await.unwrap();
    assert_eq!(fs::read_to_string(&commits).unwrap(), zero);
    commit(&store, 0).await;
    assert_eq!(fs::read_to_string(&commits).unwrap(), "00000000000000000001\n");
}

#[test]
fn commits_of_another_runtime_are_answered() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let (opener, caller) = (runtime(), runtime());
    let place = tempfile::tempdir().unwrap();
    let store = opener.block_on(Store::open(place.path())).unwrap();
    caller.block_on(commit(&store, 0));
    drop(opener);
    // Nobody is left to answer, which must not look like a refusal.
    let late = caller.block_on(store.commit(Changeset::new("late").put(&Partition::global(), &tenant_of(1))));
    assert!(matches!(late, Err(CommitError::Unknown(_))), "{late:?}");
    drop(store);
    let store = caller.block_on(Store::open(place.path())).unwrap();
    assert_eq!(caller.block_on(tenants(&store)), 2);
}

#[tokio::test]
async fn full_memory_goes_to_tables() {
    let place = tempfile::tempdir().unwrap();
    let store = Store::open(place.path()).await.unwrap();
    let rewrite = |name: u64| {
        (0..100).fold(Changeset::new("large"), |changeset, n| {
            let display_name = format!("{name} {}", "x".repeat(100_000));
            changeset.put(&Partition::global(), &Tenant { display_name, ..tenant_of(n) })
        })
    };
    let tables = place.path().join("tree").join("keyspaces").join("1").join("tables");
    let tables = || fs::read_dir(&tables).unwrap().count();
    assert_eq!(tables(), 0);
    // Four times what is kept in memory, one commit after the other.
    for name in 0..8 {
        store.commit(rewrite(name)).await.unwrap();
    }
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while tables() == 0 {
        assert!(std::time::Instant::now() < patience, "no table was written");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    drop(store);
    let store = Store::open(place.path()).await.unwrap();
    let view = store.view();
    for n in 0..100 {
        let stored = view.get(&tenant::key(&tenant_of(n).id)).await.unwrap().unwrap();
        assert!(stored.record.display_name.starts_with("7 "));
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(matches!(refusal(&file.join("data")).await, OpenError::Folder(..)));
}

#[cfg(unix)]
#[tokio::test]
async fn the_folder_is_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("data");
    let store = Store::open(&folder).await.unwrap();
    assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
    drop(store);
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "looks where temporary storage lies")]
async fn temporary_storage_works_and_leaves_nothing() {
    let prefix = format!("slipway-{}-", std::process::id());
    let folders = || {
        let entries = fs::read_dir(std::env::temp_dir()).unwrap().map(|entry| entry.unwrap().file_name());
        entries.filter(|name| name.to_str().is_some_and(|name| name.starts_with(&prefix))).count()
    };
    let before = folders();
    let store = Store::open_temporary().await.unwrap();
    let other = Store::open_temporary().await.unwrap();
    assert_eq!(folders(), before + 2);
    for n in 0..20 {
        commit(&store, n).await;
    }
    assert_eq!((tenants(&store).await, tenants(&other).await), (20, 0));
    drop((store, other));
    assert_eq!(folders(), before);
}
