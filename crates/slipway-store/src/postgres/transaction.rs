//! A batch as one transaction, in two trips: rows are locked and looked at, then all changes go out with the commit.
//!
//! A row that somebody else inserts meanwhile makes the insert fail, a unique key that somebody else takes makes the
//! commit fail; both end the transaction without a trace.

use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;
use std::time::Duration;

use bytes::Bytes;
use deadpool_postgres::ClientWrapper;
use tokio_postgres::Row as Columns;

use super::document::Document;
use super::pipeline::{self, Step, Value};
use super::queues;
use super::sql::{self, Statements};
use super::tables::tenant_and_generation;
use super::trouble::Trouble;
use crate::batch::{self, Batch, Newest, Outcome};
use crate::changeset::ExpectedState;
use crate::error::CommitError;
use crate::key::IndexKey;
use crate::kind::{Index, Kind};
use crate::record::Revision;
use crate::row;

pub(super) type Request = batch::Request<Bytes>;
pub(super) type Answer = Result<Revision, CommitError>;

/// Longest wait for the answers of one trip: a statement may wait for a lock and then work.
const ANSWERS: Duration = Duration::from_secs(8);

/// What the way to the database carries at least, in bytes a second.
const CARRIED: usize = 1_024 * 1_024;

/// What the database holds before the batch, locked as far as it matters.
pub(super) struct Held {
    /// Rows without their documents, and entries of unique indexes.
    values: HashMap<Bytes, Bytes>,
    /// Number before those that the batch may use.
    before: u64,
    /// Number of the last commit.
    last: Revision,
    /// Name of the batch.
    pub(super) batch: String,
}

impl Newest for Held {
    type Bytes = Bytes;

    fn newest(&self, key: &Bytes) -> Result<Option<Bytes>, CommitError> {
        Ok(self.values.get(key).cloned())
    }
}

/// What has been decided about a batch.
pub(super) struct Decided {
    /// One for each request, true if the changes are committed.
    pub(super) answers: Vec<Answer>,
    /// None = nothing is to be written.
    pub(super) changes: Option<Changes>,
    /// Rows that were not there when a refused request was decided on.
    doubtful: BTreeSet<Bytes>,
}

/// What is to be written.
pub(super) struct Changes {
    outcome: Outcome<Bytes>,
    /// Rows that must stay absent until the commit and are not written.
    absent: BTreeSet<Bytes>,
}

/// Begins the transaction: locks the rows that the requests write or expect, and finds who has the unique keys that
/// they claim. Every server locks in the same order: queues first, then rows by kind, then by key.
pub(super) async fn hold(client: &ClientWrapper, requests: &[Request]) -> Result<Held, Trouble> {
    let written: BTreeSet<&[u8]> = requests.iter().flat_map(Request::written).map(AsRef::as_ref).collect();
    let expected = requests.iter().flat_map(Request::expected).map(|(key, _)| key.as_ref());
    let expected: BTreeSet<&[u8]> = expected.filter(|key| !written.contains(key)).collect();
    let claimed: BTreeSet<&[u8]> = requests.iter().flat_map(Request::claimed).collect();

    let mut steps = vec![Step::bare(sql::BEGIN_BATCH)];
    steps.extend(queues::wait(requests));
    let before = steps.len();
    for (kind, statements) in sql::all() {
        for (keys, sql) in [(&written, &statements.lock), (&expected, &statements.hold)] {
            let keys = beginning_with(keys, kind as u8);
            if !keys.is_empty() {
                steps.push(Step::new(sql, vec![Box::new(keys)]));
            }
        }
    }
    let tables = steps.len() - before;
    for index in Index::ALL {
        let keys = beginning_with(&claimed, index as u8);
        if let (false, Some((_, order))) = (keys.is_empty(), sql::of_index(index)) {
            steps.push(Step::new(&order.entries_at, vec![Box::new(keys)]));
        }
    }
    // Behind the locks, so that the revisions of a row rise.
    steps.push(Step::bare(sql::NEXT_BATCH));

    let mut answers = pipeline::run(client, &steps, ANSWERS).await?;
    let next = answers.pop().and_then(|mut rows| rows.pop());
    let next = next.ok_or_else(|| Trouble::Refused("a sequence gave no number".to_owned()))?;
    let first: i64 = next.try_get(0)?;
    let mut values = HashMap::new();
    for (step, rows) in answers.iter().skip(before).enumerate() {
        for columns in rows {
            let value = if step < tables { undocumented(columns)? } else { bytes(columns, 1)? };
            values.insert(bytes(columns, 0)?, value);
        }
    }
    let last = Revision(next.try_get::<_, i64>(2)?.cast_unsigned());
    Ok(Held { values, before: first.cast_unsigned() - 1, last, batch: next.try_get(1)? })
}

/// Ends a transaction without changes.
pub(super) async fn release(client: &ClientWrapper) -> Result<(), Trouble> {
    pipeline::run(client, &[Step::bare(sql::ROLLBACK)], ANSWERS).await.map(drop)
}

/// Decides what becomes of each request.
pub(super) fn decide(held: &Held, requests: &[Request]) -> Decided {
    let mut batch = Batch::new(held, held.before, requests.iter());
    let (mut absent, mut doubtful) = (BTreeSet::new(), BTreeSet::new());
    let mut answers = Vec::with_capacity(requests.len());
    for request in requests {
        let mut answer = batch.take(request.clone());
        match &mut answer {
            Ok(revision) => {
                // It wrote nothing, and nor did those before it.
                if revision.0 == held.before {
                    *revision = held.last;
                }
                let not_there = expected_absent(request).filter(|key| !held.values.contains_key(*key));
                absent.extend(not_there.cloned());
            }
            Err(error) => {
                tracing::debug!(commit = request.name, %error, "commit refused");
                let looked_at = request.written().chain(request.expected().map(|(key, _)| key));
                doubtful.extend(looked_at.filter(|key| !held.values.contains_key(*key)).cloned());
            }
        }
        answers.push(answer);
    }
    let changes = batch.finish().map(|outcome| {
        for (key, _) in outcome.writes.iter().filter(|(_, value)| value.is_some()) {
            absent.remove(key);
        }
        Changes { outcome, absent }
    });
    Decided { answers, changes, doubtful }
}

/// Rows that must not be there.
pub(super) fn expected_absent(request: &Request) -> impl Iterator<Item = &Bytes> {
    request.expected().filter(|(_, state)| matches!(state, ExpectedState::Absent)).map(|(key, _)| key)
}

/// Makes sure that what was refused was refused for its first reason. Locks keep rows as they were seen, but not absent
/// ones absent: had one appeared between two looks, the reason might be one that never was the first.
pub(super) async fn confirm(client: &ClientWrapper, decided: &Decided) -> Result<(), Trouble> {
    let doubtful: BTreeSet<&[u8]> = decided.doubtful.iter().map(AsRef::as_ref).collect();
    let mut steps = Vec::new();
    for (kind, statements) in sql::all() {
        let keys = beginning_with(&doubtful, kind as u8);
        if !keys.is_empty() {
            steps.push(Step::new(&statements.by_key.entries_at, vec![Box::new(keys)]));
        }
    }
    if pipeline::run(client, &steps, ANSWERS).await?.iter().all(Vec::is_empty) {
        return Ok(());
    }
    Err(Trouble::Race("a row has appeared meanwhile".to_owned()))
}

/// Writes the changes and commits. With [`Trouble::Lost`] it may be committed or not; other troubles leave nothing.
pub(super) async fn write(client: &ClientWrapper, held: &Held, changes: &Changes) -> Result<(), Trouble> {
    let mut steps = Vec::new();
    let values = changes.outcome.writes.iter().filter_map(|(_, value)| value.as_ref());
    let limit = ANSWERS + carriage(values.map(Bytes::len).sum());
    if limit > ANSWERS {
        steps.push(Step::new(sql::ALLOW_IDLE, vec![Box::new(format!("{}s", limit.as_secs()))]));
    }
    for (kind, statements) in sql::all() {
        write_table(&mut steps, held, changes, (kind, statements))?;
    }
    if !changes.outcome.counters.is_empty() {
        let (keys, deltas): (Vec<&[u8]>, Vec<i64>) =
            changes.outcome.counters.iter().map(|(key, delta)| (key.as_ref(), *delta)).unzip();
        steps.push(Step::new(sql::ADD, vec![Box::new(keys), Box::new(deltas)]));
    }
    let last = changes.outcome.last.cast_signed();
    steps.push(Step::new(sql::NOTE, vec![Box::new(held.batch.as_str()), Box::new(last)]));
    steps.push(Step::bare(sql::COMMIT));
    pipeline::run(client, &steps, limit).await.map(drop)
}

/// How long so many bytes may be on their way.
pub(super) fn carriage(bytes: usize) -> Duration {
    Duration::from_secs(u32::try_from(bytes / CARRIED).unwrap_or(u32::MAX).into())
}

/// Adds the statements that change one table.
fn write_table<'a>(
    steps: &mut Vec<Step<'a>>,
    held: &'a Held,
    changes: &'a Changes,
    (kind, statements): (Kind, &'static Statements),
) -> Result<(), Trouble> {
    let of_kind = |key: &Bytes| key.first() == Some(&(kind as u8));
    let mut deleted: Vec<&[u8]> = Vec::new();
    let (mut old, mut new) = (Rows::new(statements), Rows::new(statements));
    for (key, value) in changes.outcome.writes.iter().filter(|(key, _)| of_kind(key)) {
        match (value, held.values.contains_key(key)) {
            (Some(value), true) => old.push(key, value)?,
            (Some(value), false) => new.push(key, value)?,
            (None, true) => deleted.push(key),
            (None, false) => {}
        }
    }
    if !deleted.is_empty() {
        steps.push(Step::new(&statements.delete, vec![Box::new(deleted)]));
    }
    if !old.keys.is_empty() {
        steps.push(Step::new(&statements.update, old.for_update()));
    }
    // A row that stands there until the commit keeps others from adding it.
    let absent: Vec<&[u8]> = changes.absent.iter().filter(|key| of_kind(key)).map(AsRef::as_ref).collect();
    for key in &absent {
        new.push_placeholder(key);
    }
    if !new.keys.is_empty() {
        steps.push(Step::new(&statements.insert, new.for_insert()));
    }
    if !absent.is_empty() {
        steps.push(Step::new(&statements.delete, vec![Box::new(absent)]));
    }
    Ok(())
}

/// Rows for one table, column by column.
struct Rows<'a> {
    statements: &'static Statements,
    keys: Vec<&'a [u8]>,
    revisions: Vec<i64>,
    documents: Vec<Document<'a>>,
    index_columns: Vec<Vec<Option<&'a [u8]>>>,
}

impl<'a> Rows<'a> {
    fn new(statements: &'static Statements) -> Self {
        let index_columns = statements.by_index.iter().map(|_| Vec::new()).collect();
        Self { statements, keys: Vec::new(), revisions: Vec::new(), documents: Vec::new(), index_columns }
    }

    /// Adds an encoded row.
    fn push(&mut self, key: &'a [u8], value: &'a [u8]) -> Result<(), Trouble> {
        let parts = row::revision(value).zip(row::split(value));
        let (revision, (index_keys, document)) =
            parts.ok_or_else(|| Trouble::Unfit("a row in a form that is not known".to_owned()))?;
        let mut entries = vec![None; self.index_columns.len()];
        for index_key in index_keys {
            let at = Index::of_key(index_key).and_then(|index| self.statements.position(index));
            let entry = at.and_then(|at| entries.get_mut(at));
            if entry.is_none_or(|entry| entry.replace(index_key).is_some()) {
                return Err(Trouble::Unfit("a row has keys that its table has no column for".to_owned()));
            }
        }
        self.push_columns(key, revision, Document(document), entries);
        Ok(())
    }

    /// Adds a row without meaning.
    fn push_placeholder(&mut self, key: &'a [u8]) {
        self.push_columns(key, Revision(0), Document(b"{}"), vec![None; self.index_columns.len()]);
    }

    fn push_columns(
        &mut self,
        key: &'a [u8],
        revision: Revision,
        document: Document<'a>,
        entries: Vec<Option<&'a [u8]>>,
    ) {
        self.keys.push(key);
        self.revisions.push(revision.0.cast_signed());
        self.documents.push(document);
        for (column, entry) in self.index_columns.iter_mut().zip(entries) {
            column.push(entry);
        }
    }

    /// The values of an update.
    fn for_update(self) -> Vec<Value<'a>> {
        self.values(Vec::new())
    }

    /// The values of an insert.
    fn for_insert(self) -> Vec<Value<'a>> {
        let (tenants, generations): (Vec<_>, Vec<_>) =
            self.keys.iter().map(|key| tenant_and_generation(key)).unzip();
        self.values(vec![Box::new(tenants), Box::new(generations)])
    }

    fn values(self, more: Vec<Value<'a>>) -> Vec<Value<'a>> {
        let mut values: Vec<Value<'a>> =
            vec![Box::new(self.keys), Box::new(self.revisions), Box::new(self.documents)];
        values.extend(more);
        values.extend(self.index_columns.into_iter().map(|column| Box::new(column) as Value<'a>));
        values
    }
}

/// The keys that begin with the number of a table or an index.
fn beginning_with<'a>(keys: &BTreeSet<&'a [u8]>, number: u8) -> Vec<&'a [u8]> {
    keys.range::<[u8], _>((Bound::Included(&[number][..]), Bound::Excluded(&[number + 1][..])))
        .copied()
        .collect()
}

/// A locked row as batches compare it: key, revision and index columns, without its document.
fn undocumented(columns: &Columns) -> Result<Bytes, Trouble> {
    let index_keys =
        (2..columns.len()).filter_map(|at| columns.try_get::<_, Option<Vec<u8>>>(at).transpose());
    let index_keys = index_keys.map(|key| key.map(IndexKey)).collect::<Result<Vec<_>, _>>()?;
    let mut encoded = row::encode(&index_keys, &[]);
    row::stamp(&mut encoded, Revision(columns.try_get::<_, i64>(1)?.cast_unsigned()));
    Ok(encoded.into())
}

fn bytes(columns: &Columns, at: usize) -> Result<Bytes, Trouble> {
    Ok(columns.try_get::<_, Vec<u8>>(at)?.into())
}
