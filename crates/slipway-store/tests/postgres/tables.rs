//! Tables: made once, brought up to date, refused when they are newer.

use std::time::Duration;

use slipway_store::{Database, OpenError, Store};
use tokio::time::sleep;

use crate::records::{TENANT, add_user, address, database, open, users};
use crate::schema::Schema;

async fn refusal(database: &Database) -> OpenError {
    match Store::open_database(database).await {
        Ok(_) => panic!("{} was opened", database.name()),
        Err(error) => error,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_start_together_make_the_tables_once() {
    let schema = Schema::new().await;
    let stores = tokio::join!(open(&schema), open(&schema), open(&schema));
    for (n, store) in [&stores.0, &stores.1, &stores.2].into_iter().enumerate() {
        store.commit(add_user(n)).await.unwrap();
    }
    let again = open(&schema).await;
    assert_eq!(users(&again).await, (3, 3));
    let migrations = schema.client().await.query("SELECT number FROM migrations", &[]).await.unwrap();
    assert_eq!(migrations.iter().map(|row| row.get(0)).collect::<Vec<i32>>(), [1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_make_the_tables_once_whatever_isolation_is_the_default() {
    let schema = Schema::new().await;
    let strict = schema.url() + "%20-cdefault_transaction_isolation%3Dserializable";
    let strict = Database::parse(&strict).unwrap().with_connections(4);
    // Whoever comes first keeps the others waiting for as long as this does.
    let mut client = schema.client().await;
    let turn = client.transaction().await.unwrap();
    let lock = "SELECT pg_advisory_xact_lock(hashtextextended('slipway migrations ' || current_schema(), 0))";
    turn.execute(lock, &[]).await.unwrap();
    let all = async { tokio::join!(Store::open_database(&strict), Store::open_database(&strict)) };
    let release = async {
        sleep(Duration::from_millis(500)).await;
        turn.commit().await.unwrap();
    };
    let (stores, ()) = tokio::join!(all, release);
    stores.0.unwrap().commit(add_user(1)).await.unwrap();
    stores.1.unwrap().commit(add_user(2)).await.unwrap();
    assert_eq!(users(&open(&schema).await).await, (2, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_cannot_keep_every_name_is_refused() {
    let schema = Schema::new().await;
    let client = schema.client().await;
    let name = format!("test_encoding_{}", std::process::id());
    let make =
        format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'");
    client.batch_execute(&make).await.unwrap();
    let error = refusal(&Database::parse(&address(&schema, &[("dbname", &name)])).unwrap()).await;
    client.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
    assert!(matches!(&error, OpenError::Database { why, .. } if why.contains("LATIN1")), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_of_a_newer_slipway_are_refused_and_left_alone() {
    let schema = Schema::new().await;
    open(&schema).await.commit(add_user(1)).await.unwrap();
    let client = schema.client().await;
    client.execute("INSERT INTO migrations (number) VALUES (99)", &[]).await.unwrap();
    let error = refusal(&database(&schema)).await;
    assert!(matches!(error, OpenError::NewerDatabase { found: 99, known: 3, .. }), "{error}");
    assert!(error.to_string().contains("newer Slipway"), "{error}");
    client.execute("DELETE FROM migrations WHERE number = 99", &[]).await.unwrap();
    assert_eq!(users(&open(&schema).await).await, (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_the_address_is_told() {
    let schema = Schema::new().await;
    let url = schema.url();
    let nowhere = Database::parse(&url.replace("search_path%3D", "search_path%3Dno_such_")).unwrap();
    let error = refusal(&nowhere).await;
    assert!(matches!(&error, OpenError::Database { why, .. } if why.contains("schema")), "{error}");

    let unknown = Database::parse("postgresql://u:hush@127.0.0.1:1/nothing").unwrap();
    let error = refusal(&unknown).await;
    assert!(matches!(error, OpenError::Unreachable { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("'nothing' on 127.0.0.1:1") && !text.contains("hush"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_tell_people_whose_they_are() {
    let schema = Schema::new().await;
    open(&schema).await.commit(add_user(7)).await.unwrap();
    let sql = "SELECT tenant_id, generation, user_id, user_principal_name, account_enabled FROM users";
    let row = schema.client().await.query_one(sql, &[]).await.unwrap();
    assert_eq!((row.get::<_, &str>(0), row.get::<_, i64>(1)), (TENANT, 1));
    assert_eq!((row.get::<_, &str>(2), row.get::<_, &str>(3)), ("user-000007", "user7@contoso.example"));
    assert!(row.get::<_, bool>(4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notes_of_batches_go_after_a_day_but_for_the_newest_ten_thousand() {
    let schema = Schema::new().await;
    let store = open(&schema).await;
    store.commit(add_user(1)).await.unwrap();
    store.close().await;
    let client = schema.client().await;
    let old = "INSERT INTO commits SELECT gen_random_uuid(), n, now() - interval '25 hours' \
               FROM generate_series(-10498, 0) AS n";
    client.execute(old, &[]).await.unwrap();
    client.execute("UPDATE commits SET at = now() - interval '25 hours'", &[]).await.unwrap();
    client.execute("UPDATE commits SET at = now() WHERE last_revision = -10490", &[]).await.unwrap();
    let store = open(&schema).await;
    store.commit(add_user(2)).await.unwrap();
    // Closing waits for what the writer does behind an answer.
    store.close().await;
    let left = "SELECT last_revision FROM commits ORDER BY last_revision";
    let left = client.query(left, &[]).await.unwrap();
    let left: Vec<i64> = left.iter().map(|row| row.get(0)).collect();
    // The young one and ten thousand others, with those of the two batches.
    assert_eq!((left.len(), left[0], left[1], left[10_000]), (10_001, -10_490, -9_997, 1_025));
}
