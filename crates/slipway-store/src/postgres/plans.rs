//! Asks the database how it would carry out each statement: always through an index, and in its order.

use tokio_postgres::{NoTls, SimpleQueryMessage};

use super::connector::Connector;
use super::database::{Database, Purpose};
use super::{migrations, sql};

/// Every statement that finds or changes rows by a key. (The others look at tables of a few rows, or at no table.)
fn statements() -> Vec<&'static str> {
    let mut all = vec![sql::FORGET, sql::LAST_COMMIT, sql::IS_COMMITTED, sql::NEXT_BATCH, sql::COUNTER];
    for (_, statements) in sql::all() {
        let own = [
            &statements.lock,
            &statements.hold,
            &statements.update,
            &statements.delete,
            &statements.revision,
        ];
        all.extend(own.map(String::as_str));
        for order in statements.by_index.iter().chain([&statements.by_key]) {
            let of_order = [
                &order.rows,
                &order.entries_at,
                &order.forwards,
                &order.backwards,
                &order.count,
                &order.entries,
            ];
            all.extend(of_order.map(String::as_str));
        }
    }
    all
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "where the server is, the runner of the tests says")]
async fn every_statement_goes_through_an_index_in_its_order() {
    let server = std::env::var("SLIPWAY_TEST_POSTGRES")
        .expect("run `cargo xtask test`, or set SLIPWAY_TEST_POSTGRES to a PostgreSQL server");
    let schema = format!("test_plans_{}", std::process::id());
    let (admin, connection) = tokio_postgres::connect(&server, NoTls).await.unwrap();
    tokio::spawn(connection);
    let make = format!("DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}");
    admin.batch_execute(&make).await.unwrap();
    let separator = if server.contains('?') { '&' } else { '?' };
    let database = Database::parse(&format!("{server}{separator}options=-csearch_path%3D{schema}")).unwrap();
    let mut client = Connector::new(&database).unwrap().connect(Purpose::Write).await.unwrap();
    migrations::apply(&mut client, "test").await.unwrap();

    for statement in statements() {
        let values = (1..9).take_while(|n| statement.contains(&format!("${n}"))).map(|_| "NULL");
        let values = values.collect::<Vec<_>>().join(", ");
        let values = if values.is_empty() { values } else { format!("({values})") };
        let explain =
            format!("PREPARE asked AS {statement}; EXPLAIN EXECUTE asked{values}; DEALLOCATE asked");
        let plan = client.simple_query(&explain).await.unwrap_or_else(|error| panic!("{explain}\n{error:?}"));
        let lines = plan.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        let plan = lines.collect::<Vec<_>>().join("\n");
        assert!(plan.contains("Index"), "{statement}\n{plan}");
        for slow in ["Seq Scan", "Sort", "Bitmap", "Hash Join", "Merge Join"] {
            assert!(!plan.contains(slow), "{statement}\n{plan}");
        }
    }
    admin.batch_execute(&format!("DROP SCHEMA {schema} CASCADE")).await.unwrap();
}
