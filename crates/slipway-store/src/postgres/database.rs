//! Which database, as whom, and how: the settings of every connection.

use std::fmt;
use std::str::FromStr as _;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, TargetSessionAttrs};
use tokio_postgres::error::DbError;

use super::connection_text::{self, Extracted};
use super::tls::Verification;

/// Longest wait for one address of the server to accept a connection.
const CONNECT: Duration = Duration::from_secs(3);

/// From when on a silent peer is asked whether it is still there, and how often.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(15);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);

/// How long sent bytes may stay unacknowledged.
const TCP_USER: Duration = Duration::from_secs(15);

/// tokio-postgres' default of the setting, which it does not tell from one that was given.
const KEEPALIVE_IDLE_UNSET: Duration = Duration::from_secs(2 * 60 * 60);

/// What a connection is for.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    /// Views.
    Read,
    /// The writer's batches.
    Write,
    /// Migrations, and the lock of servers that start together: may wait for others as long as they need.
    Setup,
}

impl Purpose {
    /// Settings of the server for such a connection.
    const fn limits(self) -> &'static str {
        match self {
            // A view may be held by somebody who reads slowly; what it holds up is only the removal of old rows.
            Self::Read => {
                "-c statement_timeout=5s -c lock_timeout=2s -c idle_in_transaction_session_timeout=10min"
            }
            // An open batch keeps rows locked.
            Self::Write => {
                "-c statement_timeout=5s -c lock_timeout=2s -c idle_in_transaction_session_timeout=5s"
            }
            Self::Setup => {
                "-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=1min \
                 -c idle_session_timeout=0"
            }
        }
    }
}

/// Settings of the server for all connections. Every statement goes through an index and in its order, and is
/// planned once: the planner's statistics are of no use in a table that has just begun to grow.
const PLANNING: &str = "-c jit=off -c plan_cache_mode=force_generic_plan -c enable_seqscan=off \
                        -c enable_bitmapscan=off -c enable_sort=off -c enable_hashjoin=off -c enable_mergejoin=off";

/// The server too notices that a peer is gone, and ends what it left open.
const KEEPALIVES: &str = "-c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=15s";

/// A PostgreSQL database and how to connect to it. It shows its name only, never the password.
#[derive(Clone)]
pub struct Database {
    config: Config,
    verification: Verification,
    name: String,
    connections: u32,
}

impl Database {
    /// Reads connection settings as `libpq` takes them: a URL, `postgresql://user:password@host:5432/database?…`, or
    /// text of the form `host=… dbname=…`. Without a host it is the local socket; without a name, the user's.
    ///
    /// `sslmode` and `sslrootcert` mean what <https://www.postgresql.org/docs/current/libpq-ssl.html> says, except
    /// that without `sslrootcert` certificates are checked against the system's authorities.
    ///
    /// # Errors
    /// What cannot be read, in words, without the password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Extracted { rest, sslmode, sslrootcert } = connection_text::extract(text)?;
        let mut config = Config::from_str(&rest).map_err(|error| why(&error))?;
        let (mode, verification) = Verification::parse(sslmode.as_deref(), sslrootcert)?;
        config.ssl_mode(mode);
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            config.host_path("/var/run/postgresql");
        }
        if config.get_application_name().is_none() {
            config.application_name("slipway");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(TCP_USER);
        }
        if config.get_keepalives_idle() == KEEPALIVE_IDLE_UNSET {
            config.keepalives_idle(KEEPALIVE_IDLE);
        }
        if config.get_keepalives_interval().is_none() {
            config.keepalives_interval(KEEPALIVE_INTERVAL).keepalives_retries(3);
        }
        // A standby would give old rows to readers and take none from the writer.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        let name = name(&config);
        Ok(Self { config, verification, name, connections: 0 })
    }

    /// How many connections readers share at most; 0 = as the database's limits suggest. The writer has another one.
    #[must_use]
    pub fn with_connections(mut self, connections: u32) -> Self {
        self.connections = connections;
        self
    }

    /// The database in words: `database 'slipway' on db.example:5432`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The most connections for readers that were asked for; none = as the database suggests.
    pub(super) fn connections(&self) -> Option<usize> {
        (self.connections > 0).then(|| usize::try_from(self.connections).unwrap_or(usize::MAX))
    }

    pub(super) fn verification(&self) -> &Verification {
        &self.verification
    }

    /// The settings of a connection; what the user asked for comes last and so wins.
    pub(super) fn config(&self, purpose: Purpose) -> Config {
        let given = self.config.get_options().unwrap_or_default();
        let mut config = self.config.clone();
        config.options(format!("{} {PLANNING} {KEEPALIVES} {given}", purpose.limits()));
        config
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({})", self.name)
    }
}

fn name(config: &Config) -> String {
    let host = match (config.get_hosts().first(), config.get_hostaddrs().first()) {
        (Some(Host::Tcp(host)), _) => host.clone(),
        (Some(Host::Unix(folder)), _) => folder.display().to_string(),
        (None, Some(address)) => address.to_string(),
        (None, None) => String::new(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    match config.get_dbname().or(config.get_user()) {
        Some(database) => format!("database '{database}' on {host}:{port}"),
        None => format!("the user's database on {host}:{port}"),
    }
}

/// An error with what caused it: the outermost message of tokio-postgres says little. Of what the database says, code
/// and message only: details quote keys and values.
pub(super) fn why(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = match cause.downcast_ref::<DbError>() {
            Some(error) => format!("{} {}", error.code().code(), error.message()),
            None => cause.to_string(),
        };
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_and_a_list_say_the_same() {
        for text in [
            "postgresql://u:s%20cret@db.example:6432/slipway",
            "host=db.example port=6432 user=u password='s cret' dbname=slipway",
        ] {
            let database = Database::parse(text).unwrap();
            assert_eq!(database.name(), "database 'slipway' on db.example:6432");
            assert_eq!(database.config.get_password(), Some(&b"s cret"[..]));
            assert_eq!(format!("{database:?}"), "Database(database 'slipway' on db.example:6432)");
        }
    }

    #[test]
    fn what_is_not_given_has_limits() {
        let database = Database::parse("user=u").unwrap();
        assert_eq!(database.name(), "database 'u' on /var/run/postgresql:5432");
        let config = database.config(Purpose::Write);
        assert_eq!(config.get_connect_timeout(), Some(&CONNECT));
        assert_eq!(config.get_application_name(), Some("slipway"));
        assert_eq!((database.connections(), database.with_connections(3).connections()), (None, Some(3)));
    }

    #[test]
    fn what_is_given_wins() {
        let text = "postgres://h/d?application_name=x&connect_timeout=9&options=-c%20statement_timeout%3D1s";
        let config = Database::parse(text).unwrap().config(Purpose::Read);
        assert_eq!(config.get_application_name(), Some("x"));
        assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(9)));
        assert!(config.get_options().unwrap().ends_with("-c statement_timeout=1s"));
    }

    #[test]
    fn errors_name_the_setting_and_not_the_password() {
        for (text, expected) in [
            ("postgres://u:hush@h/d?sslmode=sometimes", "sslmode"),
            ("postgres://u:hush@h/d?sslcert=x", "sslcert"),
            ("password=hush port=x", "port"),
            ("password=hush sslmode='require", "quote"),
            ("postgres://u:hush@h/d?sslrootcert=%FF", "sslrootcert"),
        ] {
            let error = Database::parse(text).unwrap_err();
            assert!(error.contains(expected) && !error.contains("hush"), "{text}: {error}");
        }
    }
}
