//! Tables: made once, brought up to date, refused when they are newer.

use slipway_store::{Database, OpenError, Store};

use crate::records::{TENANT, add_user, database, open, users};
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
    assert_eq!(migrations.iter().map(|row| row.get(0)).collect::<Vec<i32>>(), [1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_of_a_newer_slipway_are_refused_and_left_alone() {
    let schema = Schema::new().await;
    open(&schema).await.commit(add_user(1)).await.unwrap();
    let client = schema.client().await;
    client.execute("INSERT INTO migrations (number) VALUES (99)", &[]).await.unwrap();
    let error = refusal(&database(&schema)).await;
    assert!(matches!(error, OpenError::NewerDatabase { found: 99, known: 1, .. }), "{error}");
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
async fn notes_of_batches_go_after_a_day_and_the_newest_stays() {
    let schema = Schema::new().await;
    let store = open(&schema).await;
    store.commit(add_user(1)).await.unwrap();
    store.close().await;
    let client = schema.client().await;
    let old = "INSERT INTO commits SELECT gen_random_uuid(), n, now() - interval '25 hours' \
               FROM generate_series(-99, 0) AS n";
    client.execute(old, &[]).await.unwrap();
    client.execute("UPDATE commits SET at = now() - interval '25 hours'", &[]).await.unwrap();
    let store = open(&schema).await;
    store.commit(add_user(2)).await.unwrap();
    // Closing waits for what the writer does behind an answer.
    store.close().await;
    let left = client.query("SELECT last_revision FROM commits", &[]).await.unwrap();
    assert_eq!(left.iter().map(|row| row.get(0)).collect::<Vec<i64>>(), [1025]);
}
