//! Every statement that the engine sends, but for those that make the tables and ask for limits.
//!
//! What is said of every table is a template over its names; each kind has its own set, made once.

use std::sync::LazyLock;

use super::tables::{self, Table};
use crate::kind::{Index, Kind};

/// Begins what a view sees: one state, from the first read on.
pub(super) const BEGIN_VIEW: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Begins a batch: every statement sees what was committed before it.
pub(super) const BEGIN_BATCH: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

pub(super) const COMMIT: &str = "COMMIT";

pub(super) const ROLLBACK: &str = "ROLLBACK";

/// Waits in the queues `$1`, one after the other, and stays in them until the transaction ends: alone where `$2` is
/// true, else beside others. Each schema has queues of its own.
pub(super) const WAIT: &str = "\
    SELECT CASE WHEN alone \
        THEN pg_advisory_xact_lock(hashtext('slipway rows ' || current_schema()), queue) \
        ELSE pg_advisory_xact_lock_shared(hashtext('slipway rows ' || current_schema()), queue) END \
    FROM unnest($1::integer[], $2::boolean[]) AS queues (queue, alone)";

/// The first number of a batch, the batch's name, and the last commit there is. Numbers alone do not name it: one that
/// was given out shortly before a crash is given out again.
pub(super) const NEXT_BATCH: &str = "\
    SELECT nextval('commit_numbers'), gen_random_uuid()::text, \
        (SELECT coalesce(max(last_revision), 0) FROM commits)";

/// Lets the transaction be idle for as long as `$1` says: to the database it is, while a statement is on its way.
pub(super) const ALLOW_IDLE: &str = "SELECT set_config('idle_in_transaction_session_timeout', $1, true)";

/// Adds to counters, in the part of this connection.
pub(super) const ADD: &str = "\
    INSERT INTO counters (key, part, value) \
    SELECT key, pg_backend_pid() % 16, delta FROM unnest($1::bytea[], $2::bigint[]) AS added (key, delta) \
    ON CONFLICT (key, part) DO UPDATE SET value = counters.value + excluded.value";

/// Notes that the batch is committed, with the rest of it.
pub(super) const NOTE: &str = "INSERT INTO commits (batch, last_revision) VALUES ($1::text::uuid, $2)";

/// Takes the batch's place in the notes, unless it is committed; waits for it if it is just being committed. From
/// then on it cannot be committed any more.
pub(super) const FORESTALL: &str = "\
    INSERT INTO commits (batch, last_revision) VALUES ($1::text::uuid, 0) ON CONFLICT (batch) DO NOTHING";

/// Whether the batch is committed, once its place is taken.
pub(super) const IS_COMMITTED: &str = "SELECT last_revision > 0 FROM commits WHERE batch = $1::text::uuid";

/// Removes some of the oldest notes, if nobody can ask for them any more. The newest 10,000 stay however old they
/// seem: the database's clock may have been put forward.
pub(super) const FORGET: &str = "\
    DELETE FROM commits WHERE at < now() - interval '1 day' \
        AND last_revision <= (SELECT last_revision FROM commits ORDER BY last_revision DESC OFFSET 10000 LIMIT 1) \
        AND batch IN (SELECT batch FROM commits ORDER BY last_revision LIMIT 2000)";

pub(super) const LAST_COMMIT: &str = "SELECT coalesce(max(last_revision), 0) FROM commits";

pub(super) const COUNTER: &str = "SELECT coalesce(sum(value), 0)::bigint FROM counters WHERE key = $1";

pub(super) const COUNTERS: &str =
    "SELECT key, sum(value)::bigint FROM counters GROUP BY key HAVING sum(value) <> 0 ORDER BY key";

/// The statements about one table.
pub(super) struct Statements {
    table: Table,
    /// Rows that will be written, locked, without their documents: key, revision, index columns.
    pub(super) lock: String,
    /// The same for rows that only have to stay as they are.
    pub(super) hold: String,
    pub(super) insert: String,
    pub(super) update: String,
    pub(super) delete: String,
    pub(super) revision: String,
    pub(super) by_key: Order,
    /// In the order of the table's index columns.
    pub(super) by_index: Vec<Order>,
}

/// Statements that find rows by one column and list them in its order. Rows are key, revision, document, index
/// columns; bounds are from `$1` on, before `$2`, at most `$3`.
pub(super) struct Order {
    /// Whole rows with one of the keys `$1`.
    pub(super) rows: String,
    /// The column and the row's key, for the keys `$1`.
    pub(super) entries_at: String,
    pub(super) forwards: String,
    pub(super) backwards: String,
    pub(super) count: String,
    /// The column and the row's key.
    pub(super) entries: String,
}

impl Order {
    fn new(table: &Table, by: &str) -> Self {
        let name = table.name;
        let within = format!("FROM {name} WHERE {by} >= $1 AND {by} < $2");
        let rows = format!("key, revision, document{}", columns(table, |column| format!(", {column}")));
        Self {
            rows: format!("SELECT {rows} FROM {name} WHERE {by} = ANY ($1)"),
            entries_at: format!("SELECT {by}, key FROM {name} WHERE {by} = ANY ($1)"),
            forwards: format!("SELECT {rows} {within} ORDER BY {by} LIMIT $3"),
            backwards: format!("SELECT {rows} {within} ORDER BY {by} DESC LIMIT $3"),
            count: format!("SELECT count(*) FROM (SELECT {within} LIMIT $3) AS counted"),
            entries: format!("SELECT {by}, key {within} ORDER BY {by} LIMIT $3"),
        }
    }
}

impl Statements {
    fn new(kind: Kind) -> Self {
        let table = tables::of_kind(kind);
        let name = table.name;
        let index_columns = columns(&table, |column| format!(", {column}"));
        let index_sets = columns(&table, |column| format!(", {column} = new.{column}"));
        let index_arrays = |first: usize| {
            let last = first + table.indexes.len();
            (first..last).fold(String::new(), |text, n| text + &format!(", ${n}::bytea[]"))
        };
        let locked =
            format!("SELECT key, revision{index_columns} FROM {name} WHERE key = ANY ($1) ORDER BY key");
        Self {
            lock: format!("{locked} FOR UPDATE"),
            hold: format!("{locked} FOR SHARE"),
            insert: format!(
                "INSERT INTO {name} (key, revision, document, tenant_id, generation{index_columns}) SELECT * FROM \
                 unnest($1::bytea[], $2::bigint[], $3::jsonb[], $4::text[], $5::bigint[]{})",
                index_arrays(6)
            ),
            update: format!(
                "UPDATE {name} SET revision = new.revision, document = new.document{index_sets} FROM \
                 unnest($1::bytea[], $2::bigint[], $3::jsonb[]{}) AS new (key, revision, document{index_columns}) \
                 WHERE {name}.key = new.key",
                index_arrays(4)
            ),
            delete: format!("DELETE FROM {name} WHERE key = ANY ($1)"),
            revision: format!("SELECT revision FROM {name} WHERE key = $1"),
            by_key: Order::new(&table, "key"),
            by_index: table.indexes.iter().map(|column| Order::new(&table, column.name)).collect(),
            table,
        }
    }

    /// Where among the table's index columns this index is.
    pub(super) fn position(&self, index: Index) -> Option<usize> {
        self.table.indexes.iter().position(|column| column.index == index)
    }
}

fn columns(table: &Table, text: impl Fn(&str) -> String) -> String {
    table.indexes.iter().map(|column| text(column.name)).collect()
}

static STATEMENTS: LazyLock<Vec<(Kind, Statements)>> =
    LazyLock::new(|| Kind::ALL.into_iter().map(|kind| (kind, Statements::new(kind))).collect());

/// The statements about the table of each kind, in the order of kinds, in which all servers lock.
pub(super) fn all() -> impl Iterator<Item = (Kind, &'static Statements)> {
    STATEMENTS.iter().map(|(kind, statements)| (*kind, statements))
}

/// The statements about the table of the row with this key; none = no row's key.
pub(super) fn of_row(key: &[u8]) -> Option<&'static Statements> {
    let kind = Kind::of_key(key)?;
    all().find(|(other, _)| *other == kind).map(|(_, statements)| statements)
}

/// The statements about the table with this index, and those that use it.
pub(super) fn of_index(index: Index) -> Option<(&'static Statements, &'static Order)> {
    all().find_map(|(_, statements)| {
        let at = statements.position(index)?;
        Some((statements, statements.by_index.get(at)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_every_index_has_its_place() {
        for kind in Kind::ALL {
            assert!(of_row(&[kind as u8, 1]).is_some(), "{}", kind.name());
        }
        for index in Index::ALL {
            assert!(of_index(index).is_some(), "{}", index.name());
        }
        assert!(of_row(&[0]).is_none() && of_row(&[]).is_none());
    }

    #[test]
    fn templates_number_their_values() {
        let statements = of_row(&[Kind::DeviceGrant as u8]).unwrap();
        assert_eq!(
            statements.insert,
            "INSERT INTO device_grants (key, revision, document, tenant_id, generation, user_code_key, expiry_key) \
             SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::jsonb[], $4::text[], $5::bigint[], $6::bytea[], \
             $7::bytea[])"
        );
        assert_eq!(
            statements.update,
            "UPDATE device_grants SET revision = new.revision, document = new.document, \
             user_code_key = new.user_code_key, expiry_key = new.expiry_key FROM unnest($1::bytea[], $2::bigint[], \
             $3::jsonb[], $4::bytea[], $5::bytea[]) AS new (key, revision, document, user_code_key, expiry_key) \
             WHERE device_grants.key = new.key"
        );
    }
}
