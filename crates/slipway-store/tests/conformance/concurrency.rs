//! Many tasks at once.

use std::sync::Arc;

use slipway_store::{Changeset, CommitError, Counter, Index, Kind, Revision, Store, Violation};
use tokio::sync::Barrier;

use crate::place::{Place, installation_key, installation_of, partition, user_key, user_named, user_of};

const TASKS: usize = 64;

/// Starts all changesets at the same moment.
async fn race(store: &Store, changeset: impl Fn(usize) -> Changeset) -> Vec<Result<Revision, CommitError>> {
    let start = Arc::new(Barrier::new(TASKS));
    let tasks: Vec<_> = (0..TASKS)
        .map(|n| {
            let (store, changeset, start) = (store.clone(), changeset(n), Arc::clone(&start));
            tokio::spawn(async move {
                start.wait().await;
                store.commit(changeset).await
            })
        })
        .collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

fn one_wins(results: &[Result<Revision, CommitError>], violation: Violation) {
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    let lost = results.iter().filter(|r| **r == Err(CommitError::Conflict(violation))).count();
    assert_eq!(lost, TASKS - 1);
}

pub async fn of_many_inserts_of_one_row_one_wins(place: Place) {
    let store = place.open().await;
    let insert = |n: usize| {
        Changeset::new("install")
            .expect_absent(&installation_key(1, 1))
            .put(&partition(), &installation_of(1, 1, n as u64))
            .add(&partition(), Counter::Installations, 1)
    };
    let results = race(&store, insert).await;
    one_wins(&results, Violation::Absent(Kind::Installation));
    let winner = results.iter().position(Result::is_ok).unwrap();
    let stored = store.view().get(&installation_key(1, 1)).await.unwrap().unwrap();
    assert_eq!(stored.record.incarnation, winner as u64);
    assert_eq!(store.view().counter(&partition(), Counter::Installations).await.unwrap(), 1);
}

pub async fn of_many_claims_of_one_unique_key_one_wins(place: Place) {
    let store = place.open().await;
    let claim = |n| Changeset::new("claim").put(&partition(), &user_named(n, "same"));
    let results = race(&store, claim).await;
    one_wins(&results, Violation::Unique(Index::UserPrincipalName));
    let winner = results.iter().position(Result::is_ok).unwrap();
    for n in 0..TASKS {
        assert_eq!(store.view().get(&user_key(n)).await.unwrap().is_some(), n == winner);
    }
}

pub async fn no_update_is_lost(place: Place) {
    let store = place.open().await;
    store.commit(Changeset::new("zero").put(&partition(), &installation_of(1, 1, 0))).await.unwrap();
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                loop {
                    let old = store.view().get(&installation_key(1, 1)).await.unwrap().unwrap();
                    let changeset = Changeset::new("increment")
                        .expect_revision(&installation_key(1, 1), old.revision)
                        .put(&partition(), &installation_of(1, 1, old.record.incarnation + 1));
                    match store.commit(changeset).await {
                        Ok(_) => break,
                        Err(CommitError::Conflict(Violation::Revision(Kind::Installation))) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let last = store.view().get(&installation_key(1, 1)).await.unwrap().unwrap();
    assert_eq!(last.record.incarnation, TASKS as u64);
}

pub async fn a_view_made_after_a_commit_shows_it(place: Place) {
    let store = place.open().await;
    let tasks: Vec<_> = (0..TASKS)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                for _ in 0..10 {
                    let put = Changeset::new("put").put(&partition(), &user_of(n));
                    let revision = store.commit(put).await.unwrap();
                    let stored = store.view().get(&user_key(n)).await.unwrap().unwrap();
                    assert_eq!(stored.revision, revision);
                    store.commit(Changeset::new("delete").delete(&user_key(n))).await.unwrap();
                    assert_eq!(store.view().get(&user_key(n)).await.unwrap(), None);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}
