//! Makes connections: single ones, and the pool that readers share.

use std::net::IpAddr;
use std::time::Duration;

use deadpool_postgres::{ClientWrapper, Manager, ManagerConfig, Pool, QueueMode, RecyclingMethod, Runtime};
use tokio::time::timeout;
use tokio_postgres::Config;
use tokio_postgres::config::Host;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::database::{Database, Purpose, why};
use super::trouble::Trouble;

/// Longest wait for a connection of the pool to come free.
const PATIENCE: Duration = Duration::from_secs(10);

/// What signing in may take besides connecting.
const SIGN_IN: Duration = Duration::from_secs(1);

/// How many addresses a host's name is taken to have: one of each version of IP.
const ADDRESSES_OF_NAME: u32 = 2;

/// Fewest and most connections for readers when the database decides.
const FEWEST: usize = 2;
const MOST: usize = 32;

/// The part of the database's connections that one server takes, so that there is room for other servers, a
/// roll-out of new ones beside the old, and people.
const SHARE: usize = 4;

/// What the database allows; the least of its limits counts, and a limit below 0 is none.
const LIMITS: &str = "\
    SELECT current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint, \
        datconnlimit::bigint, rolconnlimit::bigint, current_setting('fsync') = 'on' \
    FROM pg_database, pg_roles WHERE datname = current_database() AND rolname = session_user";

/// A commit is durable when it is answered, whatever the role's default is; stronger settings stay.
const DURABLE: &str = "\
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// Knows the way to the database.
pub(super) struct Connector {
    database: Database,
    tls: MakeRustlsConnect,
}

impl Connector {
    /// Reads what TLS needs.
    ///
    /// # Errors
    /// Certificate authorities that cannot be read, in words.
    pub(super) fn new(database: &Database) -> Result<Self, String> {
        Ok(Self { database: database.clone(), tls: database.verification().connector()? })
    }

    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    /// A connection of its own, which ends when it is dropped.
    pub(super) async fn connect(&self, purpose: Purpose) -> Result<ClientWrapper, Trouble> {
        let config = self.database.config(purpose);
        let patience = patience(&config);
        let connect = async {
            let (client, connection) = config.connect(self.tls.clone()).await?;
            let task = tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(why = why(&error), "a connection to the database ended");
                }
            });
            let client = ClientWrapper::new(client, task);
            if matches!(purpose, Purpose::Write) {
                client.query(DURABLE, &[]).await?;
            }
            Ok(client)
        };
        timeout(patience, connect).await.map_err(|_| Trouble::silence(patience))?
    }

    /// The pool for readers, as large as the database's limits suggest; `client` asks for them.
    pub(super) async fn readers(&self, client: &ClientWrapper) -> Result<Pool, Trouble> {
        let limits = client.query_one(LIMITS, &[]).await?;
        if !limits.try_get::<_, bool>(3)? {
            tracing::warn!("the database runs with fsync = off: it loses commits when it loses power");
        }
        let allowed = [limits.try_get(0)?, limits.try_get(1)?, limits.try_get(2)?];
        let size = self.database.connections().unwrap_or_else(|| share(&allowed));
        let recycling_method = RecyclingMethod::Fast;
        let config = self.database.config(Purpose::Read);
        let patience = patience(&config);
        let manager = Manager::from_config(config, self.tls.clone(), ManagerConfig { recycling_method });
        let pool = Pool::builder(manager)
            .max_size(size)
            // The one that was used last has most in its caches.
            .queue_mode(QueueMode::Lifo)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(patience))
            .recycle_timeout(Some(PATIENCE))
            .runtime(Runtime::Tokio1)
            .build();
        pool.map_err(|error| Trouble::Refused(error.to_string()))
    }
}

/// Longest wait for a connection to be made: each address may use up its time, and the last one be the right one.
fn patience(config: &Config) -> Duration {
    let of_host = |host: &Host| match host {
        Host::Tcp(name) if name.parse::<IpAddr>().is_err() => ADDRESSES_OF_NAME,
        Host::Tcp(_) | Host::Unix(_) => 1,
    };
    let addresses = match config.get_hostaddrs().len() {
        0 => config.get_hosts().iter().map(of_host).sum(),
        given => u32::try_from(given).unwrap_or(u32::MAX),
    };
    config.get_connect_timeout().copied().unwrap_or_default().saturating_mul(addresses) + SIGN_IN
}

/// One server's part of the connections that are allowed.
fn share(allowed: &[i64]) -> usize {
    let least = allowed.iter().filter_map(|limit| usize::try_from(*limit).ok()).min();
    least.map_or(MOST, |least| (least / SHARE).clamp(FEWEST, MOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_given_its_time() {
        for (text, expected) in [
            ("host=/run/postgresql", 4),
            ("host=192.0.2.1", 4),
            ("host=192.0.2.1,192.0.2.2,::1", 10),
            ("host=a.example,b.example", 13),
            ("host=a.example hostaddr=192.0.2.1", 4),
            ("host=192.0.2.1 connect_timeout=20", 21),
        ] {
            let config = Database::parse(text).unwrap().config(Purpose::Write);
            assert_eq!(patience(&config), Duration::from_secs(expected), "{text}");
        }
    }

    #[test]
    fn the_least_limit_is_shared() {
        for (allowed, expected) in [
            ([97, -1, -1], 24),
            ([97, 40, -1], 10),
            ([97, 40, 12], 3),
            ([1_000, -1, -1], 32),
            ([97, -1, 1], 2),
            ([-1, -1, -1], 32),
        ] {
            assert_eq!(share(&allowed), expected, "{allowed:?}");
        }
    }
}
