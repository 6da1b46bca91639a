//! Connections that break, are all taken, or lead nowhere, and what becomes of commits then.

use std::time::{Duration, Instant};

use slipway_store::{Changeset, CommitError, Counter, Kind, ReadError, Store, View, Violation, user};
use tokio::runtime::Runtime;
use tokio::time::sleep;

use crate::proxy::{Network, Proxy};
use crate::records::{add_user, database, open, partition, user_key, user_of, users};
use crate::schema::Schema;

/// User whose request the proxy knows.
const MARKED: usize = 4711;

/// Ends connections of Slipway in this schema: those that match the condition.
async fn terminate(schema: &Schema, condition: &str) -> u64 {
    let sql = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'slipway' AND {condition} \
         AND pid IN (SELECT pid FROM pg_locks WHERE relation IN \
             (SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace))"
    );
    schema.client().await.execute(&sql, &[]).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_is_settled_and_not_repeated() {
    let schema = Schema::new().await;
    let proxy = Proxy::new(&schema).await;
    let store = proxy.open(&schema).await;
    store.commit(add_user(1)).await.unwrap();
    proxy.set(Network::LosesTheAnswer);
    let revision = store.commit(add_user(2)).await.unwrap();
    assert_eq!(proxy.breaks(), 1);
    assert_eq!(store.view().get(&user_key(2)).await.unwrap().unwrap().revision, revision);
    assert_eq!(users(&store).await, (2, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_never_arrived_is_made_again() {
    let schema = Schema::new().await;
    let proxy = Proxy::new(&schema).await;
    let store = proxy.open(&schema).await;
    store.commit(add_user(1)).await.unwrap();
    proxy.set(Network::LosesTheRequest);
    store.commit(add_user(MARKED)).await.unwrap();
    assert_eq!(proxy.breaks(), 1);
    assert_eq!(users(&store).await, (2, 2));
    // The place of the lost batch is taken for good.
    let notes = "SELECT count(*) FILTER (WHERE last_revision = 0), count(*) FROM commits";
    let row = schema.client().await.query_one(notes, &[]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (1, 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_cannot_be_settled_is_unknown_and_whole() {
    let schema = Schema::new().await;
    let proxy = Proxy::new(&schema).await;
    let store = proxy.open(&schema).await;
    store.commit(add_user(1)).await.unwrap();
    proxy.then(Network::IsDown);
    proxy.set(Network::LosesTheAnswer);
    let began = Instant::now();
    let unknown = store.commit(add_user(2)).await;
    assert!(matches!(unknown, Err(CommitError::Unknown(_))), "{unknown:?}");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    proxy.set(Network::Works);
    let again = store.commit(add_user(2)).await;
    assert_eq!(again, Err(CommitError::Conflict(Violation::Absent(Kind::User))));
    assert_eq!(users(&store).await, (2, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_database_is_away_commits_wait_and_then_are_refused() {
    let schema = Schema::new().await;
    let proxy = Proxy::new(&schema).await;
    let store = proxy.open(&schema).await;
    store.commit(add_user(1)).await.unwrap();

    // Away for a moment: nobody notices.
    proxy.set(Network::IsDown);
    let waiting = tokio::spawn({
        let store = store.clone();
        async move { store.commit(add_user(2)).await }
    });
    sleep(Duration::from_millis(1_500)).await;
    assert!(matches!(store.health(), Err(CommitError::Unavailable(_))));
    let read = store.view().get(&user_key(1)).await;
    assert!(matches!(read, Err(ReadError::Unavailable(_))), "{read:?}");
    proxy.set(Network::Works);
    waiting.await.unwrap().unwrap();
    assert_eq!(store.health(), Ok(()));

    // Away for longer than anybody waits.
    proxy.set(Network::IsDown);
    let began = Instant::now();
    let refused = store.commit(add_user(3)).await;
    assert!(matches!(refused, Err(CommitError::Unavailable(_))), "{refused:?}");
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());

    // Back again, it is found without a commit that looks for it.
    proxy.set(Network::Works);
    for _ in 0..100 {
        if store.health().is_ok() {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(store.health(), Ok(()));
    assert_eq!(users(&store).await, (2, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_falls_silent_is_given_up_within_seconds() {
    let schema = Schema::new().await;
    let proxy = Proxy::new(&schema).await;
    let store = proxy.open(&schema).await;
    store.commit(add_user(1)).await.unwrap();
    let view = store.view();
    assert!(view.exists(&user_key(1)).await.unwrap());

    proxy.set(Network::IsSilent);
    let began = Instant::now();
    let key = user_key(1);
    let (read, refused) = tokio::join!(view.get(&key), store.commit(add_user(2)));
    assert!(matches!(read, Err(ReadError::Unavailable(_))), "{read:?}");
    // The commit was not yet sent: its batch had not got its number.
    assert!(matches!(refused, Err(CommitError::Unavailable(_))), "{refused:?}");
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
    proxy.set(Network::Works);
    drop(view);
    store.commit(add_user(3)).await.unwrap();
    assert_eq!(users(&store).await, (2, 2));
}

/// Commits users one after the other, from `first` on, and gives how many were acknowledged.
async fn keep_adding(store: Store, first: usize, until: Instant) -> usize {
    let mut added = 0;
    while Instant::now() < until {
        store.commit(add_user(first + added)).await.unwrap();
        added += 1;
    }
    added
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_ended_cost_no_commit_and_double_none() {
    let schema = Schema::new().await;
    let store = open(&schema).await;
    let until = Instant::now() + Duration::from_secs(2);
    let tasks: Vec<_> =
        (0..8).map(|n| tokio::spawn(keep_adding(store.clone(), n * 100_000, until))).collect();
    let mut ended = 0;
    while Instant::now() < until {
        ended += terminate(&schema, "query NOT LIKE 'SELECT pg_terminate%'").await;
        sleep(Duration::from_millis(20)).await;
    }
    let mut acknowledged = 0;
    for task in tasks {
        acknowledged += task.await.unwrap();
    }
    assert!(ended > 0);
    assert_eq!(users(&store).await, (acknowledged, i64::try_from(acknowledged).unwrap()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_connection_of_the_pool_costs_no_read() {
    let schema = Schema::new().await;
    let store = open(&schema).await;
    store.commit(add_user(1)).await.unwrap();
    for _ in 0..5 {
        let views = [store.view(), store.view(), store.view()];
        for view in &views {
            assert!(view.exists(&user_key(1)).await.unwrap());
        }
        let ended = terminate(&schema, "state = 'idle in transaction'").await;
        assert_eq!(ended, 3);
        let broken = views[0].exists(&user_key(1)).await;
        assert!(matches!(broken, Err(ReadError::Unavailable(_))), "{broken:?}");
        drop(views);
        assert!(store.view().exists(&user_key(1)).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_all_connections_are_taken_a_read_is_refused_in_time() {
    let schema = Schema::new().await;
    let store = Store::open_database(&database(&schema).with_connections(2)).await.unwrap();
    store.commit(add_user(1)).await.unwrap();
    let views = [store.view(), store.view()];
    for view in &views {
        assert!(view.exists(&user_key(1)).await.unwrap());
    }
    let began = Instant::now();
    let refused = store.view().get(&user_key(1)).await;
    assert!(matches!(refused, Err(ReadError::Unavailable(_))), "{refused:?}");
    assert!(began.elapsed() < Duration::from_secs(13), "{:?}", began.elapsed());
    // Writing has a connection of its own.
    store.commit(add_user(2)).await.unwrap();
    drop(views);
    assert_eq!(users(&store).await, (2, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_view_that_outlives_its_runtime_leaves_no_transaction_behind() {
    let schema = Schema::new().await;
    let database = database(&schema);
    let runtime = Runtime::new().unwrap();
    let store = runtime.spawn(async move { Store::open_database(&database).await }).await.unwrap().unwrap();
    // At least the last connection is made by this runtime; all go back through the other one.
    let sees_user = async |view: &View| view.exists(&user_key(1)).await.unwrap();
    let views = [store.view(), store.view(), store.view(), store.view()];
    for view in &views {
        assert!(!sees_user(view).await);
    }
    runtime.shutdown_background();
    while store.health().is_ok() {
        sleep(Duration::from_millis(5)).await;
    }
    open(&schema).await.commit(add_user(1)).await.unwrap();
    drop(views);
    let views = [store.view(), store.view(), store.view(), store.view()];
    for view in &views {
        assert!(sees_user(view).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_changeset_has_the_time_that_it_takes_on_a_slow_way() {
    let schema = Schema::new().await;
    let proxy = Proxy::new(&schema).await;
    let store = proxy.open(&schema).await;
    store.commit(add_user(1)).await.unwrap();
    proxy.set(Network::IsSlow);
    let large = slipway_model::User { mail: Some("m".repeat(11 << 20)), ..user_of(2) };
    let began = Instant::now();
    store.commit(Changeset::new("large").put(&partition(), &large)).await.unwrap();
    // Longer than a small one may take, and at the first try.
    assert!(began.elapsed() > Duration::from_secs(8), "{:?}", began.elapsed());
    let notes = schema.client().await.query("SELECT batch FROM commits", &[]).await.unwrap();
    assert_eq!(notes.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_at_the_same_moment_see_the_same_state() {
    let schema = Schema::new().await;
    let store = open(&schema).await;
    let both = |n: usize| {
        let name = format!("round {n}");
        let named = |user: usize| slipway_model::User { display_name: name.clone(), ..user_of(user) };
        Changeset::new("both").put(&partition(), &named(1)).put(&partition(), &named(2))
    };
    store.commit(both(0)).await.unwrap();
    let writer = tokio::spawn({
        let store = store.clone();
        async move {
            for n in 1..150 {
                store.commit(both(n)).await.unwrap();
            }
        }
    });
    while !writer.is_finished() {
        let view = store.view();
        let (key_1, key_2, all) = (user_key(1), user_key(2), user::all(&partition()));
        let (one, two, all) = tokio::join!(view.get(&key_1), view.get(&key_2), view.scan(&all, 9));
        let (one, two, all) = (one.unwrap().unwrap(), two.unwrap().unwrap(), all.unwrap().rows);
        assert_eq!((one.revision, &one.record.display_name), (two.revision, &two.record.display_name));
        assert_eq!([one, two], all[..]);
    }
    writer.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changeset_that_cannot_be_kept_does_not_harm_those_beside_it() {
    let schema = Schema::new().await;
    let store = open(&schema).await;
    store.commit(add_user(0)).await.unwrap();
    // A lock on the first one's row keeps the writer busy until all are in the queue.
    let mut client = schema.client().await;
    let held = client.transaction().await.unwrap();
    held.execute("SELECT FROM users FOR UPDATE", &[]).await.unwrap();
    let send = |changeset: Changeset| {
        let store = store.clone();
        tokio::spawn(async move { store.commit(changeset).await })
    };
    let first = send(Changeset::new("first").put(&partition(), &user_of(0)));
    sleep(Duration::from_millis(100)).await;
    let before = send(add_user(1));
    let guilty = send(add_user(2).add(&partition(), Counter::Users, i64::MAX));
    let behind = send(add_user(3));
    sleep(Duration::from_millis(100)).await;
    held.commit().await.unwrap();
    first.await.unwrap().unwrap();
    before.await.unwrap().unwrap();
    let refused = guilty.await.unwrap();
    assert!(
        matches!(&refused, Err(CommitError::Invalid(why)) if why.contains("out of range")),
        "{refused:?}"
    );
    behind.await.unwrap().unwrap();
    assert_eq!(users(&store).await, (3, 3));
}
