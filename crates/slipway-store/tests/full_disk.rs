//! A disk that takes no more bytes. Alone in its process, since it limits what the process may write.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected fails")]

use std::process::Command;

use slipway_model::{Tenant, TenantId};
use slipway_store::{Changeset, CommitError, Partition, Store, tenant};
use tokio::signal::unix::{SignalKind, signal};

const SIGXFSZ: i32 = 25;

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
    };
    Changeset::new("tenant").put(&Partition::global(), &tenant)
}

#[tokio::test]
async fn a_failed_write_is_unknown_and_makes_the_store_read_only() {
    // Without a handler the kernel ends a process that writes beyond its limit.
    let _handler = signal(SignalKind::from_raw(SIGXFSZ)).unwrap();
    let place = tempfile::tempdir().unwrap();
    let store = Store::open(place.path()).await.unwrap();
    store.commit(put("first", 10)).await.unwrap();
    assert_eq!(store.health(), Ok(()));

    limit_files("100000");
    let unknown = store.commit(put("large", 200_000)).await;
    assert!(
        matches!(&unknown, Err(CommitError::Unknown(why)) if why.contains("File too large")),
        "{unknown:?}"
    );
    let refused = store.commit(put("later", 10)).await;
    let expected = "read-only since commit 2 could not be written: File too large";
    assert!(
        matches!(&refused, Err(CommitError::Unavailable(why)) if why.starts_with(expected)),
        "{refused:?}"
    );
    assert_eq!(store.health().err(), refused.err());
    let key = |id: &str| tenant::key(&TenantId::parse(id).unwrap());
    assert!(store.view().get(&key("first")).await.unwrap().is_some());
    store.close().await;
    drop(store);

    limit_files("unlimited");
    let store = Store::open(place.path()).await.unwrap();
    assert!(store.view().get(&key("first")).await.unwrap().is_some());
    assert_eq!(store.view().get(&key("later")).await.unwrap(), None);
    store.commit(put("again", 10)).await.unwrap();
    assert!(store.view().get(&key("again")).await.unwrap().is_some());
}
