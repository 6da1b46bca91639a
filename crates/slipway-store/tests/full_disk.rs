//! A disk that takes no more bytes. Each test is alone in the process, since it limits what the process may write.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected fails")]

use std::process::Command;
use std::time::{Duration, Instant};

use slipway_model::{AppPermissionPolicy, TeamsAppSettings, Tenant, TenantId};
use slipway_store::{Changeset, CommitError, Partition, Revision, Store, View, tenant};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Mutex, MutexGuard};

const SIGXFSZ: i32 = 25;

/// Keeps other tests waiting. Without a handler the kernel ends a process that writes beyond its limit.
async fn alone() -> (MutexGuard<'static, ()>, Signal) {
    static ALONE: Mutex<()> = Mutex::const_new(());
    (ALONE.lock().await, signal(SignalKind::from_raw(SIGXFSZ)).unwrap())
}

/// Writes beyond this many bytes of a file fail from now on.
fn limit_files(bytes: &str) {
    let limit = format!("--fsize={bytes}:unlimited");
    let status = Command::new("prlimit").args(["--pid", &std::process::id().to_string(), &limit]).status();
    assert!(status.unwrap().success());
}

fn put(id: &str, size: usize) -> Changeset {
    let tenant = Tenant {
        id: TenantId::parse(id).unwrap(),
        // Digits, since the journal would compress one letter to nothing.
        display_name: (0..size).map(|n| n.to_string()).collect(),
        domain: id.to_owned(),
        generation: 0,
        settings: TeamsAppSettings::default(),
        policy: AppPermissionPolicy::default(),
        has_special_users: false,
    };
    Changeset::new("tenant").put(&Partition::global(), &tenant)
}

async fn has(view: &View, id: &str) -> bool {
    view.get(&tenant::key(&TenantId::parse(id).unwrap())).await.unwrap().is_some()
}

async fn until_it_takes_changes(store: &Store) {
    let patience = Instant::now() + Duration::from_secs(20);
    while let Err(error) = store.health() {
        assert!(Instant::now() < patience, "{error}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn assert_unavailable(result: &Result<Revision, CommitError>, expected: &str) {
    assert!(matches!(result, Err(CommitError::Unavailable(why)) if why.starts_with(expected)), "{result:?}");
}

#[tokio::test]
async fn a_failed_write_is_taken_back_and_writing_goes_on_by_itself() {
    let _alone = alone().await;
    let place = tempfile::tempdir().unwrap();
    let store = Store::open(place.path()).await.unwrap();
    let empty = store.view();
    let first = store.commit(put("first", 10)).await.unwrap();
    assert_eq!(store.health(), Ok(()));
    let view = store.view();

    limit_files("100000");
    let expected = "read-only since commit 2 could not be written: File too large";
    assert_unavailable(&store.commit(put("large", 200_000)).await, expected);
    let later = store.commit(put("later", 10)).await;
    assert_unavailable(&later, expected);
    assert_eq!(store.health().err(), later.err());
    assert!(has(&view, "first").await && has(&store.view(), "first").await);
    // Trying again does not end it while there is no room.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert!(store.health().is_err());
    let meanwhile = store.view();
    assert!(!has(&empty, "first").await && has(&meanwhile, "first").await);

    limit_files("unlimited");
    until_it_takes_changes(&store).await;
    let second = store.commit(put("again", 10)).await.unwrap();
    assert!(second > first);
    for id in ["first", "again"] {
        assert!(has(&store.view(), id).await, "{id}");
    }
    for id in ["large", "later"] {
        assert!(!has(&store.view(), id).await, "{id}");
    }
    // Views that showed the last state still do; an older state went with the old tree.
    assert!(has(&view, "first").await && !has(&view, "again").await);
    assert!(has(&meanwhile, "first").await && !has(&meanwhile, "again").await);
    assert!(empty.get(&tenant::key(&TenantId::parse("first").unwrap())).await.is_err());
    drop((view, meanwhile, empty));

    // Again, with nothing in between but the next failure.
    limit_files("100000");
    assert_unavailable(&store.commit(put("large", 200_000)).await, "read-only since commit 3");
    limit_files("unlimited");
    until_it_takes_changes(&store).await;
    store.commit(put("third", 10)).await.unwrap();
    store.close().await;
    drop(store);
    let store = Store::open(place.path()).await.unwrap();
    let view = store.view();
    assert_eq!(view.count(&tenant::all(), 99).await.unwrap(), 3);
    assert!(has(&view, "third").await);
}

#[tokio::test]
async fn a_table_that_cannot_be_written_stops_writing_until_it_can() {
    let _alone = alone().await;
    let place = tempfile::tempdir().unwrap();
    let store = Store::open(place.path()).await.unwrap();
    // In the journal large values are compressed, in young tables they are not.
    let large = |n: usize| {
        let tenant = Tenant {
            id: TenantId::parse(&format!("tenant-{n}")).unwrap(),
            display_name: "x".repeat(4_000_000),
            domain: format!("{n}.example"),
            generation: 0,
            settings: TeamsAppSettings::default(),
            policy: AppPermissionPolicy::default(),
            has_special_users: false,
        };
        Changeset::new("tenant").put(&Partition::global(), &tenant)
    };
    limit_files("5000000");
    let mut written = 0;
    let refused = loop {
        match store.commit(large(written)).await {
            Ok(_) => written += 1,
            Err(error) => break Err(error),
        }
        assert!(written < 100);
    };
    let why = format!("read-only since commit {} could not be written: its worker", written + 1);
    assert_unavailable(&refused, &why);
    assert_eq!(store.view().count(&tenant::all(), 999).await.unwrap(), written);

    limit_files("unlimited");
    until_it_takes_changes(&store).await;
    assert_eq!(store.view().count(&tenant::all(), 999).await.unwrap(), written);
    store.commit(large(written)).await.unwrap();
    drop(store);
    let store = Store::open(place.path()).await.unwrap();
    assert_eq!(store.view().count(&tenant::all(), 999).await.unwrap(), written + 1);
}

#[tokio::test]
async fn temporary_storage_goes_on_too() {
    let _alone = alone().await;
    let store = Store::open_temporary().await.unwrap();
    for n in 0..50 {
        store.commit(put(&format!("tenant-{n}"), 10)).await.unwrap();
    }
    limit_files("100000");
    assert_unavailable(&store.commit(put("large", 200_000)).await, "read-only since commit 51");
    limit_files("unlimited");
    until_it_takes_changes(&store).await;
    assert_eq!(store.view().count(&tenant::all(), 99).await.unwrap(), 50);
    store.commit(put("again", 10)).await.unwrap();
}
