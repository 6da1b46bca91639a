//! Where the servers of tests keep their rows. `SLIPWAY_TEST_ON` says it for a whole run: `embedded` (or nothing),
//! `postgres`, or `two-servers` on one database, where each request goes to the other server than the last.

use std::process::Command;

use slipway_store::{Database, Store};

/// A kind of storage for a test, fresh each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Embedded,
    Postgres,
    TwoServers,
}

impl Place {
    /// What the environment asks for.
    pub(crate) fn of_environment() -> Self {
        match variable("SLIPWAY_TEST_ON").as_deref() {
            None | Some("embedded") => Self::Embedded,
            Some("postgres") => Self::Postgres,
            Some("two-servers") => Self::TwoServers,
            Some(other) => panic!("SLIPWAY_TEST_ON={other}: not embedded, postgres or two-servers"),
        }
    }

    /// Opens empty storage, once for each server.
    pub(crate) async fn open(self) -> Vec<Store> {
        let servers = match self {
            Self::Embedded => return vec![Store::open_temporary().await.expect("a temporary store")],
            Self::Postgres => 1,
            Self::TwoServers => 2,
        };
        let database = Database::parse(&empty_schema()).expect("a database's address").with_connections(16);
        let mut stores = Vec::new();
        for _ in 0..servers {
            stores.push(Store::open_database(&database).await.expect("a database"));
        }
        stores
    }
}

/// Makes a schema of the test server's database and gives an address that leads into it. The server goes with the
/// run, and the schema with it.
fn empty_schema() -> String {
    let url = variable("SLIPWAY_TEST_POSTGRES").expect(
        "SLIPWAY_TEST_POSTGRES is the address of a PostgreSQL server; `cargo xtask test` gives one, `cargo xtask postgres` too",
    );
    let folder = tempfile::Builder::new().prefix("slipway_").tempdir().expect("a name that nobody else has");
    let name = folder.path().file_name().expect("a name").to_string_lossy().to_lowercase();
    let made =
        Command::new("psql").args(["--quiet", "--command", &format!("CREATE SCHEMA {name}"), &url]).status();
    assert!(made.expect("psql").success(), "no schema {name}");
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}options=-csearch_path%3D{name}")
}

#[expect(clippy::disallowed_methods, reason = "what a test runs on is the runner's choice, not the test's")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
