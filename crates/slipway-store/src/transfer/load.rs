//! Rows on their way into the storage: several changesets at once, bounded in rows and bytes.

use std::{mem, slice};

use tokio::task::{JoinError, JoinSet};

use super::error::ImportError;
use crate::changeset::{Changeset, Expectation, ExpectedState, MAX_ROWS, Write};
use crate::declared::Declared;
use crate::error::{CommitError, Violation};
use crate::key::{Key, Partition};
use crate::kind::Kind;
use crate::record::{Record as _, Reference};
use crate::records::import::Import;
use crate::store::Store;

/// Documents of one changeset, in bytes, unless one alone is larger.
const CHUNK_BYTES: usize = 1_024 * 1_024;

/// Documents that are in the queue of the storage, in bytes.
const FLIGHT_BYTES: usize = 16 * 1_024 * 1_024;

/// Changesets that are in the queue of the storage. Together they are the most that a batch takes.
const FLIGHT: usize = 4;

/// A row, and where the file has it.
pub(super) struct Loaded {
    pub(super) line: u64,
    pub(super) kind: Kind,
    pub(super) record: Declared,
    /// Rows that follow from it and go with it.
    pub(super) along: Vec<Declared>,
}

impl Loaded {
    fn rows(&self) -> usize {
        1 + self.along.len()
    }

    /// Of the documents.
    fn bytes(&self) -> usize {
        self.record.document.len() + self.along.iter().map(|row| row.document.len()).sum::<usize>()
    }
}

/// The way into the partition of one import.
pub(super) struct Load {
    store: Store,
    import: Key<Import>,
    partition: Partition,
    rows: Vec<Loaded>,
    count: usize,
    bytes: usize,
    flight: JoinSet<Landed>,
    flight_bytes: usize,
}

impl Load {
    pub(super) fn new(store: &Store, import: &Import) -> Self {
        Self {
            store: store.clone(),
            import: import.key(&Partition::global()),
            partition: import.partition(),
            rows: Vec::new(),
            count: 0,
            bytes: 0,
            flight: JoinSet::new(),
            flight_bytes: 0,
        }
    }

    pub(super) fn partition(&self) -> &Partition {
        &self.partition
    }

    /// Takes a row; waits while the storage has enough to do.
    ///
    /// # Errors
    /// Of an earlier row, the first one that the storage refused.
    pub(super) async fn add(&mut self, row: Loaded) -> Result<(), ImportError> {
        // Changesets in the queue may overtake each other, and expect what the row refers to, which is of another
        // kind.
        if self.rows.last().is_some_and(|last| last.kind != row.kind) {
            self.settle().await?;
        }
        if self.count + row.rows() > MAX_ROWS || self.bytes + row.bytes() > CHUNK_BYTES {
            self.launch().await?;
        }
        self.count += row.rows();
        self.bytes += row.bytes();
        self.rows.push(row);
        Ok(())
    }

    /// Waits until every row is stored.
    ///
    /// # Errors
    /// Of the first row that the storage refused.
    pub(super) async fn settle(&mut self) -> Result<(), ImportError> {
        self.launch().await?;
        while !self.flight.is_empty() {
            self.land().await?;
        }
        Ok(())
    }

    async fn launch(&mut self) -> Result<(), ImportError> {
        let (rows, bytes) = (mem::take(&mut self.count), mem::take(&mut self.bytes));
        while self.flight.len() == FLIGHT
            || (!self.flight.is_empty() && self.flight_bytes + bytes > FLIGHT_BYTES)
        {
            self.land().await?;
        }
        self.flight_bytes += bytes;
        let chunk = Chunk {
            import: self.import.clone(),
            partition: self.partition.clone(),
            rows: mem::take(&mut self.rows),
            count: rows,
        };
        let store = self.store.clone();
        self.flight.spawn(async move { Landed { bytes, outcome: chunk.store(&store).await } });
        Ok(())
    }

    /// Waits for a chunk. If one is refused, the others are waited for too, since the row that is wrong may stand in
    /// one of them.
    async fn land(&mut self) -> Result<(), ImportError> {
        let Some(Landed { bytes, outcome }) = self.next().await else {
            return Ok(());
        };
        self.flight_bytes -= bytes;
        let Err(mut first) = outcome else { return Ok(()) };
        while let Some(landed) = self.next().await {
            if let Err(error) = landed.outcome
                && rank(&error) < rank(&first)
            {
                first = error;
            }
        }
        Err(first)
    }

    /// A task that ended without an outcome was stopped with the runtime.
    async fn next(&mut self) -> Option<Landed> {
        let lost = |error: JoinError| Err(CommitError::Unknown(error.to_string()).into());
        let joined = self.flight.join_next().await?;
        Some(joined.unwrap_or_else(|error| Landed { bytes: 0, outcome: lost(error) }))
    }
}

/// What became of a chunk.
struct Landed {
    bytes: usize,
    outcome: Result<(), ImportError>,
}

/// Of several errors, the one with the lowest rank tells the cause.
fn rank(error: &ImportError) -> u64 {
    match error {
        ImportError::Ended => 0,
        ImportError::File { line, .. } | ImportError::Exists { line, .. } => *line,
        ImportError::Input(_) | ImportError::Store(_) => u64::MAX,
    }
}

/// Rows of one kind that go together.
struct Chunk {
    import: Key<Import>,
    partition: Partition,
    rows: Vec<Loaded>,
    count: usize,
}

impl Chunk {
    async fn store(self, store: &Store) -> Result<(), ImportError> {
        let changes = self.changeset(&self.rows);
        // Of several writes of a row the last one would hold.
        if changes.rows() < self.count {
            return self.store_singly(store).await;
        }
        match store.commit(changes).await {
            Ok(_) => Ok(()),
            Err(CommitError::Conflict(_) | CommitError::Invalid(_)) => self.store_singly(store).await,
            Err(error) => Err(error.into()),
        }
    }

    /// Finds the row that the storage refuses.
    async fn store_singly(&self, store: &Store) -> Result<(), ImportError> {
        for row in &self.rows {
            let outcome = store.commit(self.changeset(slice::from_ref(row))).await;
            outcome.map_err(|error| row.refused(error))?;
        }
        Ok(())
    }

    fn changeset(&self, rows: &[Loaded]) -> Changeset {
        let mut changes = Changeset::new("import").expect_present(&self.import);
        for Loaded { kind, record, along, .. } in rows {
            let absent = Expectation { kind: *kind, key: record.key.clone(), state: ExpectedState::Absent };
            changes.expectations.push(absent);
            for Reference { kind, key } in &record.references {
                let present = Expectation { kind: *kind, key: key.clone(), state: ExpectedState::Present };
                changes.expectations.push(present);
            }
            for row in along.iter().chain([record]) {
                let (index_keys, document) = (row.index_keys.clone(), row.document.clone());
                changes.write(row.key.clone(), Write::Put { index_keys, document });
            }
            if let Some(counter) = kind.counter() {
                changes = changes.add(&self.partition, counter, 1);
            }
        }
        changes
    }
}

impl Loaded {
    fn refused(&self, error: CommitError) -> ImportError {
        let why = match error {
            CommitError::Conflict(Violation::Present(Kind::Import)) => return ImportError::Ended,
            CommitError::Conflict(Violation::Absent(kind)) => {
                format!("the file has this {} twice", kind.name())
            }
            CommitError::Conflict(Violation::Present(kind)) => {
                format!("the {} that it refers to does not stand before it", kind.name())
            }
            CommitError::Conflict(Violation::Unique(index)) => {
                format!("{} is that of an earlier record", index.name())
            }
            CommitError::Invalid(why) => why,
            error @ (CommitError::Conflict(Violation::Revision(_))
            | CommitError::Unavailable(_)
            | CommitError::Unknown(_)) => return error.into(),
        };
        ImportError::File { line: self.line, why }
    }
}
