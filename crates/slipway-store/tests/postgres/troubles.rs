//! What the database says, and what is made of it.

use slipway_store::CommitError;

use crate::records::{add_user, open, users};
use crate::schema::Schema;

/// Has the database refuse users for as long as the condition holds.
async fn refuse_users(schema: &Schema, condition: &str, error: &str) {
    let make = format!(
        "CREATE SEQUENCE tries; \
         CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
            $$ BEGIN IF {condition} THEN RAISE EXCEPTION 'not now' USING {error}; END IF; RETURN NEW; END $$; \
         CREATE TRIGGER refuse BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION refuse()"
    );
    schema.client().await.batch_execute(&make).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_tells_code_and_message_and_keeps_details_to_itself() {
    let schema = Schema::new().await;
    let store = open(&schema).await;
    refuse_users(&schema, "true", "ERRCODE = '42501', DETAIL = 'hush', HINT = 'hush'").await;
    let refused = store.commit(add_user(1)).await;
    let Err(CommitError::Unavailable(why)) = refused else { panic!("{refused:?}") };
    assert_eq!(why, "db error: 42501 not now");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_that_may_have_been_completed_is_looked_after() {
    let schema = Schema::new().await;
    let store = open(&schema).await;
    refuse_users(&schema, "nextval('tries') = 1", "ERRCODE = '40003'").await;
    store.commit(add_user(1)).await.unwrap();
    assert_eq!(users(&store).await, (1, 1));
    // The batch was asked for under its name before it was begun anew.
    let notes = "SELECT count(*) FROM commits WHERE last_revision = 0";
    assert_eq!(schema.client().await.query_one(notes, &[]).await.unwrap().get::<_, i64>(0), 1);
}
