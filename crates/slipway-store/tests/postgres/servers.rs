//! Several servers on one database.

use std::sync::Arc;
use std::time::{Duration, Instant};

use slipway_model::TeamsAppInstallation;
use slipway_store::{
    Changeset, CommitError, Counter, Index, Kind, Partition, Revision, Store, Violation, tenant,
};
use tokio::sync::Barrier;
use tokio::time::{sleep, timeout};

use crate::records::{
    add_user, installation_key, installation_of, open, partition, tenant, user_id, user_key, user_named,
    user_of, users,
};
use crate::schema::Schema;

const TASKS: usize = 32;

async fn two(schema: &Schema) -> [Store; 2] {
    [open(schema).await, open(schema).await]
}

/// Starts 32 changesets on each server at the same moment.
async fn race(
    stores: &[Store; 2],
    changeset: impl Fn(usize) -> Changeset,
) -> Vec<Result<Revision, CommitError>> {
    let start = Arc::new(Barrier::new(2 * TASKS));
    let tasks: Vec<_> = (0..2 * TASKS)
        .map(|n| {
            let (store, changeset, start) = (stores[n % 2].clone(), changeset(n), Arc::clone(&start));
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
    let lost = results.iter().filter(|result| **result == Err(CommitError::Conflict(violation))).count();
    let won = results.iter().filter(|result| result.is_ok()).count();
    assert_eq!((won, lost), (1, 2 * TASKS - 1), "{results:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_inserts_on_two_servers_one_wins() {
    let schema = Schema::new().await;
    let stores = two(&schema).await;
    // The row takes a unique key too; that is never the reason, since it is not the first.
    for round in 0..25 {
        let results = race(&stores, |_| add_user(round)).await;
        one_wins(&results, Violation::Absent(Kind::User));
    }
    assert_eq!(users(&stores[0]).await, (25, 25));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_claims_of_one_unique_key_on_two_servers_one_wins() {
    let schema = Schema::new().await;
    let stores = two(&schema).await;
    for round in 0..10 {
        let claim = |n| {
            Changeset::new("claim").put(&partition(), &user_named(round * 100 + n, &format!("same{round}")))
        };
        one_wins(&race(&stores, claim).await, Violation::Unique(Index::UserPrincipalName));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unique_key_changes_hands_between_servers() {
    let schema = Schema::new().await;
    let stores = two(&schema).await;
    let names = ["ann", "bob", "cyd"];
    let turned = |turn: usize| {
        (0..3).fold(Changeset::new("turn"), |changeset, n| {
            changeset.put(&partition(), &user_named(n, names[(n + turn) % 3]))
        })
    };
    for round in 0..12 {
        stores[round % 2].commit(turned(round)).await.unwrap();
    }
    let user = stores[0].view().get(&user_key(0)).await.unwrap().unwrap().record;
    assert_eq!(user.user_principal_name.as_str(), "cyd@contoso.example");
}

fn numbered(incarnation: u64) -> TeamsAppInstallation {
    TeamsAppInstallation { incarnation, ..installation_of(1, "app", "1") }
}

/// Adds one to the number of the row and to a counter.
async fn increment(store: Store) {
    let key = installation_key(1, "app");
    loop {
        let old = store.view().get(&key).await.unwrap().unwrap();
        let changeset = Changeset::new("increment")
            .expect_revision(&key, old.revision)
            .put(&partition(), &numbered(old.record.incarnation + 1))
            .add(&partition(), Counter::Installations, 1);
        match store.commit(changeset).await {
            Ok(revision) => return assert!(revision > old.revision),
            Err(CommitError::Conflict(Violation::Revision(Kind::Installation))) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_update_of_two_servers_is_lost() {
    let schema = Schema::new().await;
    let stores = two(&schema).await;
    stores[0].commit(Changeset::new("zero").put(&partition(), &numbered(0))).await.unwrap();
    let tasks: Vec<_> = (0..2 * TASKS).map(|n| tokio::spawn(increment(stores[n % 2].clone()))).collect();
    for task in tasks {
        task.await.unwrap();
    }
    let view = stores[1].view();
    let last = view.get(&installation_key(1, "app")).await.unwrap().unwrap().record.incarnation;
    let counted = view.counter(&partition(), Counter::Installations).await.unwrap();
    assert_eq!((usize::try_from(last), usize::try_from(counted)), (Ok(2 * TASKS), Ok(2 * TASKS)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_must_stay_absent_or_present_do() {
    let schema = Schema::new().await;
    let stores = two(&schema).await;
    for round in 0..30 {
        let (a, b) = (2 * round, 2 * round + 1);
        // Each adds its row only if the other's is not there.
        let alone = |own, other| {
            Changeset::new("alone").expect_absent(&user_key(other)).put(&partition(), &user_of(own))
        };
        let (first, second) = tokio::join!(stores[0].commit(alone(a, b)), stores[1].commit(alone(b, a)));
        assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");

        // One deletes what the other rests on.
        let winner = if first.is_ok() { a } else { b };
        let installation = installation_of(winner, "app", "1");
        let install =
            Changeset::new("install").expect_present(&user_key(winner)).put(&partition(), &installation);
        let delete = Changeset::new("delete")
            .expect_absent(&installation_key(winner, "app"))
            .expect_present(&user_key(winner))
            .delete(&user_key(winner));
        let (first, second) = tokio::join!(stores[0].commit(install), stores[1].commit(delete));
        assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_names_what_was_violated_first_though_rows_appear_meanwhile() {
    let schema = Schema::new().await;
    let stores = two(&schema).await;
    let put = Changeset::new("install").put(&partition(), &installation_of(1, "app", "1"));
    let revision = stores[0].commit(put).await.unwrap();
    let mut client = schema.client().await;
    let other = client.transaction().await.unwrap();
    other.execute("UPDATE installations SET revision = revision + 1", &[]).await.unwrap();

    // It sees no user, and then waits for the installation.
    let check = Changeset::new("check").expect_absent(&user_key(5));
    let check = check.expect_revision(&installation_key(1, "app"), revision);
    let store = stores[0].clone();
    let check = tokio::spawn(async move { store.commit(check).await });
    sleep(Duration::from_millis(300)).await;
    stores[1].commit(add_user(5)).await.unwrap();
    other.commit().await.unwrap();
    assert_eq!(check.await.unwrap(), Err(CommitError::Conflict(Violation::Absent(Kind::User))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadlock_is_resolved_and_the_batch_made_again() {
    let schema = Schema::new().await;
    let store = open(&schema).await;
    store.commit(add_user(1)).await.unwrap();
    store.commit(add_user(2)).await.unwrap();
    let mut client = schema.client().await;
    // The server's own transaction is to be the victim.
    client.batch_execute("SET deadlock_timeout = '20s'").await.unwrap();
    let other = client.transaction().await.unwrap();
    let lock = "SELECT FROM users WHERE user_id = $1 FOR UPDATE";
    other.execute(lock, &[&user_id(2).as_str()]).await.unwrap();
    let commit = tokio::spawn({
        let store = store.clone();
        let both = Changeset::new("both").put(&partition(), &user_named(1, "one"));
        async move { store.commit(both.put(&partition(), &user_named(2, "two"))).await }
    });
    sleep(Duration::from_millis(200)).await;
    other.execute(lock, &[&user_id(1).as_str()]).await.unwrap();
    other.commit().await.unwrap();
    commit.await.unwrap().unwrap();
    let user = store.view().get(&user_key(2)).await.unwrap().unwrap().record;
    assert_eq!(user.user_principal_name.as_str(), "two@contoso.example");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_others_keep_locked_is_refused_in_time() {
    let schema = Schema::new().await;
    let store = open(&schema).await;
    store.commit(add_user(1)).await.unwrap();
    let mut client = schema.client().await;
    let held = client.transaction().await.unwrap();
    held.execute("SELECT FROM users FOR UPDATE", &[]).await.unwrap();
    let began = Instant::now();
    let refused = store.commit(Changeset::new("user").put(&partition(), &user_of(1))).await;
    assert!(matches!(refused, Err(CommitError::Unavailable(_))), "{refused:?}");
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    drop(held);
    store.commit(add_user(2)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_a_row_that_all_servers_hold_is_not_overtaken() {
    let schema = Schema::new().await;
    let stores = [open(&schema).await, open(&schema).await, open(&schema).await];
    let tenant_changes = || Changeset::new("tenant").put(&Partition::global(), &tenant());
    stores[0].commit(tenant_changes().put(&partition(), &installation_of(1, "app", "1"))).await.unwrap();
    let mut client = schema.client().await;
    let other = client.transaction().await.unwrap();
    other.execute("SELECT FROM installations FOR UPDATE", &[]).await.unwrap();

    let send = |server: usize, changes: Changeset| {
        let store = stores[server].clone();
        tokio::spawn(async move { store.commit(changes).await.unwrap() })
    };
    let a_moment = || sleep(Duration::from_millis(300));
    let install = |user| {
        let rests_on_tenant = Changeset::new("install").expect_present(&tenant::key(&tenant().id));
        rests_on_tenant.put(&partition(), &installation_of(user, "app", "2"))
    };
    // The first one holds the tenant while it waits for its installation, which nothing holds up the last one.
    let first = send(0, install(1));
    a_moment().await;
    let change = send(1, tenant_changes());
    a_moment().await;
    let last = send(2, install(2));
    a_moment().await;
    assert!(!first.is_finished() && !change.is_finished() && !last.is_finished());
    other.commit().await.unwrap();
    let (first, change, last) = (first.await.unwrap(), change.await.unwrap(), last.await.unwrap());
    assert!(first < change && change < last, "{first:?} {change:?} {last:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_set_up_one_after_the_other() {
    let schema = Schema::new().await;
    let stores = two(&schema).await;
    let turn = stores[0].setup_lock().await.unwrap();
    assert!(turn.is_some());
    let next = stores[1].setup_lock();
    tokio::pin!(next);
    assert!(timeout(Duration::from_millis(300), &mut next).await.is_err());
    drop(turn);
    assert!(timeout(Duration::from_secs(5), next).await.unwrap().unwrap().is_some());
}
