//! A schema of the test server's database for one test.

use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime;
use tokio::task::block_in_place;
use tokio_postgres::{Client, NoTls};

/// An empty schema, which goes with everything in it when this is dropped.
pub struct Schema {
    server: String,
    name: String,
}

impl Schema {
    #[expect(clippy::disallowed_methods, reason = "where the server is, the runner of the tests says")]
    pub async fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let server = std::env::var("SLIPWAY_TEST_POSTGRES").unwrap_or_else(|_| {
            panic!(
                "run `cargo xtask test`, or set SLIPWAY_TEST_POSTGRES to a PostgreSQL server, such as \
                 postgresql://user:password@127.0.0.1:5432/slipway"
            )
        });
        let name = format!("test_{}_{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let schema = Self { server, name };
        let make = format!("DROP SCHEMA IF EXISTS {0} CASCADE; CREATE SCHEMA {0}", schema.name);
        schema.client().await.batch_execute(&make).await.unwrap();
        schema
    }

    /// The address of the schema.
    pub fn url(&self) -> String {
        let separator = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{separator}options=-csearch_path%3D{}", self.server, self.name)
    }

    /// A connection in the schema.
    pub async fn client(&self) -> Client {
        let (client, connection) = tokio_postgres::connect(&self.url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let remove = async {
            let drop = format!("SET lock_timeout = '20s'; DROP SCHEMA {} CASCADE", self.name);
            self.client().await.batch_execute(&drop).await.unwrap();
        };
        // The test's runtime has yet to end the views that are still open in the schema.
        block_in_place(|| runtime::Handle::current().block_on(remove));
    }
}
