//! The folder, its files and its lock.

use std::fs;
use std::time::{Duration, Instant};

use slipway_model::Tenant;
use slipway_store::{Changeset, CommitError, OpenError, Partition, Store, tenant};

use crate::fixture::{commit, put, read, refusal, tenant_of};

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
    assert_eq!(read(&Store::open(place.path()).await.unwrap()).await.unwrap(), 1);
}

#[tokio::test]
async fn newer_and_damaged_folders_are_refused() {
    let place = tempfile::tempdir().unwrap();
    commit(&Store::open(place.path()).await.unwrap(), 0).await;
    let format = place.path().join("format");
    fs::write(&format, "5\n").unwrap();
    let error = refusal(place.path()).await;
    assert!(matches!(error, OpenError::Newer { found: 5, known: 4, .. }), "{error}");
    assert!(error.to_string().contains("written by a newer Slipway: its format is 5, this one knows 4"));
    for damaged in ["", "one", "0", "1", "-1"] {
        fs::write(&format, damaged).unwrap();
        let error = refusal(place.path()).await;
        assert!(matches!(&error, OpenError::Damaged(file, _) if *file == format), "{damaged}: {error}");
    }
    fs::write(&format, "4\n").unwrap();
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
    assert_eq!(read(&store).await.unwrap(), 1);
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
    let late = caller.block_on(store.commit(put(1)));
    assert!(matches!(late, Err(CommitError::Unknown(_))), "{late:?}");
    drop(store);
    let store = caller.block_on(Store::open(place.path())).unwrap();
    assert_eq!(caller.block_on(read(&store)).unwrap(), 2);
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
    // Twice what is kept in memory, one commit after the other.
    for name in 0..4 {
        store.commit(rewrite(name)).await.unwrap();
    }
    let patience = Instant::now() + Duration::from_secs(20);
    while tables() == 0 {
        assert!(Instant::now() < patience, "no table was written");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    drop(store);
    let store = Store::open(place.path()).await.unwrap();
    let view = store.view();
    for n in 0..100 {
        let stored = view.get(&tenant::key(&tenant_of(n).id)).await.unwrap().unwrap();
        assert!(stored.record.display_name.starts_with("3 "));
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
    assert_eq!((read(&store).await.unwrap(), read(&other).await.unwrap()), (20, 0));
    drop((store, other));
    assert_eq!(folders(), before);
}
