//! Backups.

use std::fs;

use slipway_store::{BackupError, Store, tenant};

use crate::fixture::{commit, read};

#[tokio::test]
async fn a_backup_opens_as_it_is_and_goes_on() {
    let place = tempfile::tempdir().unwrap();
    let store = Store::open(&place.path().join("data")).await.unwrap();
    let (nothing, target) = (place.path().join("nothing"), place.path().join("deep").join("backup"));
    assert_eq!(store.backup(&nothing, &[]).await.unwrap(), Some(0));
    for n in 0..5 {
        commit(&store, n).await;
    }
    fs::create_dir_all(&target).unwrap();
    assert_eq!(store.backup(&target, &[]).await.unwrap(), Some(5));
    commit(&store, 5).await;

    let copy = Store::open(&target).await.unwrap();
    assert_eq!((read(&store).await.unwrap(), read(&copy).await.unwrap()), (6, 5));
    for n in 5..8 {
        commit(&copy, n).await;
    }
    drop(copy);
    assert_eq!(read(&Store::open(&target).await.unwrap()).await.unwrap(), 8);
    assert_eq!(read(&Store::open(&nothing).await.unwrap()).await.unwrap(), 0);
    assert_eq!(fs::read_dir(target.parent().unwrap()).unwrap().count(), 1);
}

#[tokio::test]
async fn what_is_there_is_not_written_over() {
    let place = tempfile::tempdir().unwrap();
    let store = Store::open(&place.path().join("data")).await.unwrap();
    let file = place.path().join("file");
    fs::write(&file, "kept").unwrap();
    for target in [&place.path().join("data"), &file] {
        let error = store.backup(target, &[]).await.unwrap_err();
        assert!(matches!(&error, BackupError::Occupied(path) if path == target), "{error}");
    }
    assert_eq!(fs::read_to_string(file).unwrap(), "kept");
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_shows_one_moment() {
    let place = tempfile::tempdir().unwrap();
    let store = Store::open(&place.path().join("data")).await.unwrap();
    for n in 0..20 {
        commit(&store, n).await;
    }
    let writing = tokio::spawn({
        let store = store.clone();
        async move {
            for n in 20..120 {
                commit(&store, n).await;
            }
        }
    });
    for round in 0..3 {
        let target = place.path().join(format!("backup-{round}"));
        let last = store.backup(&target, &[]).await.unwrap().unwrap();
        let copy = Store::open(&target).await.unwrap();
        assert_eq!(copy.view().count(&tenant::all(), usize::MAX).await.unwrap() as u64, last);
        assert_eq!(read(&copy).await.unwrap(), last);
    }
    writing.await.unwrap();
    assert_eq!(read(&store).await.unwrap(), 120);
}
