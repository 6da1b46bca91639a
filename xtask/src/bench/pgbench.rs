//! pgbench, PostgreSQL's own load generator, inserting single rows like those of installations.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, ensure};
use tempfile::TempDir;

use super::filled::sql;
use crate::postgres::Postgres;
use crate::workspace;

/// What it inserts into: an installation's columns, with its key and without its indexes.
const TABLE: &str = "CREATE TABLE installation (owner text, app text, version text NOT NULL, \
    document jsonb NOT NULL, PRIMARY KEY (owner, app))";

/// One transaction. The owner is new each time, and anywhere in the key's order, as in a roll-out.
const SCRIPT: &str = r#"INSERT INTO installation VALUES (
    gen_random_uuid()::text,
    '51190000-0000-4000-8000-00000000b001',
    '1.0.0',
    '{"v":1,"owner":"51190000-0000-4000-8001-00000000abcd","app":"51190000-0000-4000-8000-00000000b001","incarnation":1234567890123456789,"version":"1.0.0","installedAt":"2026-01-01T00:00:00.000000Z"}'
);
"#;

/// pgbench with its table on a server.
pub struct Pgbench {
    url: String,
    folder: TempDir,
}

impl Pgbench {
    /// Makes the table, in a database of its own.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn prepare(postgres: &Postgres) -> anyhow::Result<Self> {
        let url = postgres.create_database("pgbench")?;
        sql(&url, TABLE)?;
        let folder = workspace::scratch()?;
        fs::write(folder.path().join("insert.sql"), SCRIPT)?;
        Ok(Self { url, folder })
    }

    /// Inserts by so many clients at once for some time; gives the rows of a second.
    ///
    /// # Errors
    /// When pgbench fails, or the table did not grow by what it counted.
    pub fn rate(&self, clients: usize, seconds: u64) -> anyhow::Result<f64> {
        let count =
            || -> anyhow::Result<u64> { Ok(sql(&self.url, "SELECT count(*) FROM installation")?.parse()?) };
        let before = count()?;
        let mut command = Command::new("pgbench");
        // Statements are parsed once, as Slipway's are.
        command.args(["--no-vacuum", "--protocol=prepared", "--jobs=2"]);
        command.arg(format!("--client={clients}")).arg(format!("--time={seconds}"));
        command.arg("--file").arg(self.folder.path().join("insert.sql")).arg(&self.url);
        let output = command.output().context("cannot run pgbench")?;
        let text = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "pgbench: {text}{}", String::from_utf8_lossy(&output.stderr));
        let processed: u64 = after(&text, "number of transactions actually processed: ")?.parse()?;
        let inserted = count()? - before;
        ensure!(inserted == processed, "pgbench counted {processed} rows, {inserted} are there");
        Ok(after(&text, "tps = ")?.parse()?)
    }
}

/// The word behind a beginning.
fn after<'a>(text: &'a str, beginning: &str) -> anyhow::Result<&'a str> {
    let rest = text.split_once(beginning).map(|(_, rest)| rest.split_whitespace().next().unwrap_or_default());
    rest.with_context(|| format!("no {beginning:?} in:\n{text}"))
}
