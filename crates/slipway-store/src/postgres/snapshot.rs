//! Reading: one state of the database.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Mutex;
use tokio_postgres::Row as Columns;
use tokio_postgres::types::FromSql;

use super::database::why;
use super::document::Document;
use super::lease::{Lease, Lender, Reads};
use super::pipeline::{Step, Value};
use super::sql::{self, Order, Statements};
use super::trouble::Trouble;
use crate::error::ReadError;
use crate::key::{Cursor, Span};
use crate::kind::{Index, Kind};
use crate::record::Revision;
use crate::row::Row;

/// What begins behind this, and so what a bound that is left out comes to: no index has this number.
const BEHIND_ALL: &[u8] = &[u8::MAX];

/// One state of the database: that of the first read. Until then it costs nothing, from then on it has one of the
/// readers' connections. One that shows the newest state at each read has a connection during a read only.
pub(crate) struct Snapshot {
    lender: Lender,
    reads: Reads,
    /// Held during the first read, so that reads at the same moment see the same state.
    lease: Mutex<Option<Arc<Lease>>>,
}

impl Snapshot {
    pub(super) fn new(lender: Lender, reads: Reads) -> Self {
        Self { lender, reads, lease: Mutex::new(None) }
    }

    /// The row with this key.
    pub(crate) async fn get(&self, key: &[u8]) -> Result<Option<Row>, ReadError> {
        let rows = self.query(&of_row(key)?.by_key.rows, vec![Box::new(vec![key])]).await?;
        rows.first().map(row).transpose()
    }

    /// The row's revision, if it is there.
    pub(crate) async fn revision(&self, key: &[u8]) -> Result<Option<Revision>, ReadError> {
        let rows = self.query(&of_row(key)?.revision, vec![Box::new(key)]).await?;
        rows.first().map(|columns| revision(columns, 0)).transpose()
    }

    /// The rows of one kind with these keys, in their order; none = not there.
    pub(crate) async fn get_many(&self, kind: Kind, keys: &[&[u8]]) -> Result<Vec<Option<Row>>, ReadError> {
        let found = self.query(&of_row(&[kind as u8])?.by_key.rows, vec![Box::new(keys)]).await?;
        let by_key = by_first_column(&found)?;
        keys.iter().map(|key| by_key.get(key).map(|columns| row(columns)).transpose()).collect()
    }

    /// The row with this key in a unique index.
    pub(crate) async fn find(&self, index_key: &[u8]) -> Result<Option<Row>, ReadError> {
        let (_, order) = of_index(Index::of_key(index_key))?;
        let rows = self.query(&order.rows, vec![Box::new(vec![index_key])]).await?;
        rows.first().map(row).transpose()
    }

    /// At most `limit` rows of the span, and the cursor to go on from if there are more.
    pub(crate) async fn scan(
        &self,
        span: &Span,
        limit: usize,
    ) -> Result<(Vec<Row>, Option<Cursor>), ReadError> {
        let (at, order) = of_span(span)?;
        let sql = if span.reversed { &order.backwards } else { &order.forwards };
        let mut rows = self.query(sql, within(span, limit.saturating_add(1))).await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let last = if more { rows.last() } else { None };
        let last = last.map(|columns| column::<&[u8]>(columns, at)).transpose()?;
        let cursor = last.and_then(|key| key.strip_prefix(span.prefix.as_slice())).map(Cursor::from_bytes);
        Ok((rows.iter().map(row).collect::<Result<_, _>>()?, cursor))
    }

    /// How many rows the span has, counted up to `at_most`.
    pub(crate) async fn count(&self, span: &Span, at_most: usize) -> Result<usize, ReadError> {
        let (_, order) = of_span(span)?;
        let rows = self.query(&order.count, within(span, at_most)).await?;
        Ok(usize::try_from(number(&rows)?).unwrap_or_default())
    }

    /// The counter with this key; 0 if nothing was added.
    pub(crate) async fn counter(&self, key: &[u8]) -> Result<i64, ReadError> {
        number(&self.query(sql::COUNTER, vec![Box::new(key)]).await?)
    }

    /// Every counter that is not 0, by key.
    pub(crate) async fn counters(&self) -> Result<Vec<(Vec<u8>, i64)>, ReadError> {
        let rows = self.query(sql::COUNTERS, Vec::new()).await?;
        rows.iter().map(|columns| Ok((column(columns, 0)?, column(columns, 1)?))).collect()
    }

    /// At most `limit` entries of the index behind the one with the key `after`: index key and key of the row.
    pub(crate) async fn entries(
        &self,
        index: Index,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>, ReadError> {
        let (_, order) = of_index(Some(index))?;
        let from = after.map_or_else(Vec::new, next);
        let values: Vec<Value<'_>> = vec![Box::new(from), Box::new(BEHIND_ALL), Box::new(most(limit))];
        let rows = self.query(&order.entries, values).await?;
        rows.iter().map(|columns| Ok((column(columns, 0)?, column(columns, 1)?))).collect()
    }

    /// Which rows these keys of one index lead to, in their order; none = no entry.
    pub(crate) async fn entries_by_key(
        &self,
        index: Index,
        keys: &[&[u8]],
    ) -> Result<Vec<Option<Vec<u8>>>, ReadError> {
        let found = self.query(&of_index(Some(index))?.1.entries_at, vec![Box::new(keys)]).await?;
        let by_key = by_first_column(&found)?;
        keys.iter().map(|key| by_key.get(key).map(|columns| column(columns, 1)).transpose()).collect()
    }

    /// Number of the last commit that the snapshot shows; 0 = none.
    pub(crate) async fn last_commit(&self) -> Result<u64, ReadError> {
        Ok(number(&self.query(sql::LAST_COMMIT, Vec::new()).await?)?.cast_unsigned())
    }

    /// Asks; for one state it keeps the connection of the first time.
    async fn query(&self, sql: &str, values: Vec<Value<'_>>) -> Result<Vec<Columns>, ReadError> {
        let step = Step::new(sql, values);
        if self.reads == Reads::Newest {
            return Ok(self.first(&[step]).await?.1);
        }
        let mut taken = self.lease.lock().await;
        if let Some(lease) = &*taken {
            let lease = Arc::clone(lease);
            drop(taken);
            return Ok(last_answer(lease.run(&[step]).await?));
        }
        let (lease, rows) = self.first(&[Step::bare(sql::BEGIN_VIEW), step]).await?;
        *taken = Some(Arc::new(lease));
        Ok(rows)
    }

    /// Takes a connection and asks. One that turns out to be dead is exchanged once, since nothing has been seen
    /// through it.
    async fn first(&self, steps: &[Step<'_>]) -> Result<(Lease, Vec<Columns>), ReadError> {
        let mut exchanged = false;
        loop {
            let lease = self.lender.lend(self.reads).await?;
            match lease.run(steps).await {
                Ok(answers) => return Ok((lease, last_answer(answers))),
                Err(Trouble::Lost(_)) if !exchanged => exchanged = true,
                Err(trouble) => return Err(trouble.into()),
            }
        }
    }
}

fn last_answer(mut answers: Vec<Vec<Columns>>) -> Vec<Columns> {
    answers.pop().unwrap_or_default()
}

fn of_row(key: &[u8]) -> Result<&'static Statements, ReadError> {
    sql::of_row(key).ok_or_else(|| ReadError::Engine("a key of no kind".to_owned()))
}

fn of_index(index: Option<Index>) -> Result<(&'static Statements, &'static Order), ReadError> {
    index.and_then(sql::of_index).ok_or_else(|| ReadError::Engine("a key of no index".to_owned()))
}

/// How the span's rows are listed, and which column of them orders them.
fn of_span(span: &Span) -> Result<(usize, &'static Order), ReadError> {
    let Some(index) = Index::of_key(&span.prefix) else {
        return Ok((0, &of_row(&span.prefix)?.by_key));
    };
    let (statements, order) = of_index(Some(index))?;
    Ok((INDEX_COLUMNS + statements.position(index).unwrap_or_default(), order))
}

/// The bounds of the span, and how many rows at most.
fn within(span: &Span, limit: usize) -> Vec<Value<'static>> {
    let mut from = span.prefix.clone();
    let mut to = end_of(&span.prefix);
    if let Some(cursor) = &span.after {
        let at = [span.prefix.as_slice(), cursor.as_bytes()].concat();
        if span.reversed {
            to = at;
        } else {
            from = next(&at);
        }
    }
    vec![Box::new(from), Box::new(to), Box::new(most(limit))]
}

/// The first key behind all that begin with the prefix.
fn end_of(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            return end;
        }
    }
    BEHIND_ALL.into()
}

/// The first key behind this one.
fn next(key: &[u8]) -> Vec<u8> {
    [key, &[0]].concat()
}

fn most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Behind key, revision and document.
const INDEX_COLUMNS: usize = 3;

fn row(columns: &Columns) -> Result<Row, ReadError> {
    let Document(document) = column(columns, 2)?;
    let index_keys = (INDEX_COLUMNS..columns.len())
        .filter_map(|at| column::<Option<Vec<u8>>>(columns, at).transpose())
        .collect::<Result<_, _>>()?;
    Ok(Row::of_columns(column(columns, 0)?, revision(columns, 1)?, index_keys, document.to_vec()))
}

fn revision(columns: &Columns, at: usize) -> Result<Revision, ReadError> {
    Ok(Revision(column::<i64>(columns, at)?.cast_unsigned()))
}

/// The only number of the only row.
fn number(rows: &[Columns]) -> Result<i64, ReadError> {
    let columns =
        rows.first().ok_or_else(|| ReadError::Engine("no row where there always is one".to_owned()))?;
    column(columns, 0)
}

fn by_first_column(rows: &[Columns]) -> Result<HashMap<&[u8], &Columns>, ReadError> {
    rows.iter().map(|columns| Ok((column(columns, 0)?, columns))).collect()
}

fn column<'a, T: FromSql<'a>>(columns: &'a Columns, at: usize) -> Result<T, ReadError> {
    columns.try_get(at).map_err(|error| ReadError::Engine(why(&error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_where_the_next_begins() {
        assert_eq!(end_of(&[1, 2]), [1, 3]);
        assert_eq!(end_of(&[1, 255, 255]), [2]);
        assert_eq!(end_of(&[255]), BEHIND_ALL);
    }

    #[test]
    fn nothing_lies_between_a_key_and_the_next() {
        assert!(next(&[1, 2])[..] > [1, 2][..]);
        assert!(next(&[1, 2])[..] < [1, 2, 0, 0][..]);
    }
}
