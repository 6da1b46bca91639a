//! The tables, made and brought up to date. Migrations are never changed, only followed by others.

use deadpool_postgres::ClientWrapper;
use tokio_postgres::IsolationLevel;

use super::connector::Connector;
use super::database::Purpose;
use super::trouble::Trouble;
use crate::error::OpenError;

/// All migrations, the first one at number 1.
const MIGRATIONS: [&str; 3] = [
    include_str!("migrations/0001_tables.sql"),
    include_str!("migrations/0002_groups_and_chats.sql"),
    include_str!("migrations/0003_consents_and_sessions.sql"),
];

/// Where the tables go: the first schema of the search path that there is; and how the database writes text.
const PLACE: &str = "SELECT current_schema()::text, current_setting('server_encoding')";

/// Held by whoever migrates the schema, for the time of one transaction.
const LOCK: &str =
    "SELECT pg_advisory_xact_lock(hashtextextended('slipway migrations ' || current_schema(), 0))";

/// Servers whose tables are up to date need no right to make any.
const IS_NEW: &str = "SELECT to_regclass('migrations') IS NULL";

const MAKE: &str = "\
    CREATE TABLE migrations (number integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())";

const NEWEST: &str = "SELECT coalesce(max(number), 0) FROM migrations";

const NOTE: &str = "INSERT INTO migrations (number) VALUES ($1)";

/// Held by the server that sets the schema up, until its connection ends.
const SETUP_LOCK: &str = "SELECT pg_advisory_lock(hashtextextended('slipway setup ' || current_schema(), 0))";

/// Keeps other servers from setting the same database up; dropped, it lets the next one go on.
pub struct SetupLock {
    connection: ClientWrapper,
}

impl Drop for SetupLock {
    fn drop(&mut self) {
        if self.connection.is_closed() {
            tracing::warn!(
                "the connection that kept other servers waiting has broken; one may have set the database up meanwhile"
            );
        }
    }
}

/// Waits for the lock.
pub(super) async fn setup_lock(connector: &Connector) -> Result<SetupLock, Trouble> {
    let connection = connector.connect(Purpose::Setup).await?;
    connection.execute(SETUP_LOCK, &[]).await?;
    Ok(SetupLock { connection })
}

/// Applies what is missing, each migration in a transaction of its own, one server after the other.
///
/// # Errors
/// [`OpenError`]: the tables are newer than this Slipway, or what the database says.
pub(super) async fn apply(client: &mut ClientWrapper, database: &str) -> Result<(), OpenError> {
    let refused = |why: String| OpenError::Database { database: database.to_owned(), why };
    let place = client.query_one(PLACE, &[]).await;
    let place =
        place.and_then(|row| Ok((row.try_get::<_, Option<String>>(0)?, row.try_get::<_, String>(1)?)));
    let (schema, encoding) = place.map_err(|error| opening(database, error.into()))?;
    if encoding != "UTF8" {
        return Err(refused(format!(
            "its encoding is {encoding}, which cannot keep every name; it takes a database made with ENCODING 'UTF8'"
        )));
    }
    if schema.is_none() {
        return Err(refused("no schema of the search path is there, and no tables can be made".to_owned()));
    }
    loop {
        match apply_next(client).await.map_err(|trouble| opening(database, trouble))? {
            Progress::Applied(number) => tracing::info!(database, number, "tables migrated"),
            Progress::UpToDate => return Ok(()),
            Progress::Newer(found) => {
                let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
                return Err(OpenError::NewerDatabase { database: database.to_owned(), found, known });
            }
        }
    }
}

/// What a trouble on the way in means.
pub(super) fn opening(database: &str, trouble: Trouble) -> OpenError {
    let database = database.to_owned();
    match trouble {
        Trouble::Race(why) | Trouble::Lost(why) | Trouble::Unsettled(why) => {
            OpenError::Unreachable { database, why }
        }
        Trouble::Unfit(why) | Trouble::Refused(why) => OpenError::Database { database, why },
    }
}

enum Progress {
    Applied(usize),
    UpToDate,
    /// The number of a migration that is not known here.
    Newer(u32),
}

async fn apply_next(client: &mut ClientWrapper) -> Result<Progress, Trouble> {
    // What another server has made is seen behind the lock, whatever the role's default is.
    let transaction =
        client.build_transaction().isolation_level(IsolationLevel::ReadCommitted).start().await?;
    transaction.execute(LOCK, &[]).await?;
    if transaction.query_one(IS_NEW, &[]).await?.try_get(0)? {
        transaction.batch_execute(MAKE).await?;
    }
    let newest: i32 = transaction.query_one(NEWEST, &[]).await?.try_get(0)?;
    let newest = usize::try_from(newest).unwrap_or_default();
    let Some(next) = MIGRATIONS.get(newest) else {
        return Ok(if newest == MIGRATIONS.len() {
            Progress::UpToDate
        } else {
            Progress::Newer(u32::try_from(newest).unwrap_or(u32::MAX))
        });
    };
    transaction.batch_execute(next).await?;
    let number = newest + 1;
    transaction.execute(NOTE, &[&i32::try_from(number).unwrap_or(i32::MAX)]).await?;
    transaction.commit().await?;
    Ok(Progress::Applied(number))
}
