//! The engines, and which of them a store has. What they do is told once, at [`crate::Store`] and [`crate::View`].

use std::path::Path;

use crate::changeset::Changeset;
use crate::embedded;
use crate::error::{CommitError, ReadError};
use crate::key::{Cursor, Span};
use crate::kind::{Index, Kind};
use crate::postgres;
use crate::record::Revision;
use crate::row::Row;

/// An open engine.
pub(crate) enum Engine {
    Embedded(embedded::Engine),
    Postgres(postgres::Engine),
}

impl Engine {
    /// The folder, where there is one.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match self {
            Self::Embedded(engine) => Some(engine.folder()),
            Self::Postgres(_) => None,
        }
    }

    /// Where the rows are, in words.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Embedded(engine) => engine.folder().display().to_string(),
            Self::Postgres(engine) => engine.name().to_owned(),
        }
    }

    /// Answers the commits in flight and takes no more.
    pub(crate) async fn close(&self) {
        match self {
            Self::Embedded(engine) => engine.close().await,
            Self::Postgres(engine) => engine.close().await,
        }
    }

    /// A snapshot with every commit that was answered before the call.
    pub(crate) fn snapshot(&self) -> Snapshot {
        match self {
            Self::Embedded(engine) => Snapshot::Embedded(engine.snapshot()),
            Self::Postgres(engine) => Snapshot::Postgres(engine.snapshot()),
        }
    }

    /// The same, or reads that each see the newest commits, where that is cheaper.
    pub(crate) fn newest(&self) -> Snapshot {
        match self {
            Self::Embedded(engine) => Snapshot::Embedded(engine.snapshot()),
            Self::Postgres(engine) => Snapshot::Postgres(engine.newest()),
        }
    }

    /// Commits. When the future is dropped, the changeset is committed or not.
    pub(crate) async fn commit(&self, changeset: Changeset) -> Result<Revision, CommitError> {
        match self {
            Self::Embedded(engine) => engine.commit(changeset).await,
            Self::Postgres(engine) => engine.commit(changeset).await,
        }
    }

    /// Whether changes are taken now.
    pub(crate) fn health(&self) -> Result<(), CommitError> {
        match self {
            Self::Embedded(engine) => engine.health(),
            Self::Postgres(engine) => engine.health(),
        }
    }
}

/// One state of the rows.
pub(crate) enum Snapshot {
    Embedded(embedded::Snapshot),
    Postgres(postgres::Snapshot),
}

impl Snapshot {
    /// The row with this key.
    pub(crate) async fn get(&self, key: &[u8]) -> Result<Option<Row>, ReadError> {
        match self {
            Self::Embedded(snapshot) => snapshot.get(key),
            Self::Postgres(snapshot) => snapshot.get(key).await,
        }
    }

    /// Whether there is a row with this key.
    pub(crate) async fn contains(&self, key: &[u8]) -> Result<bool, ReadError> {
        match self {
            Self::Embedded(snapshot) => snapshot.contains(key),
            Self::Postgres(snapshot) => Ok(snapshot.revision(key).await?.is_some()),
        }
    }

    /// The row's revision, if it is there.
    pub(crate) async fn revision(&self, key: &[u8]) -> Result<Option<Revision>, ReadError> {
        match self {
            Self::Embedded(snapshot) => Ok(snapshot.get(key)?.map(|row| row.revision)),
            Self::Postgres(snapshot) => snapshot.revision(key).await,
        }
    }

    /// The rows of one kind with these keys, in their order; none = not there.
    pub(crate) async fn get_many(&self, kind: Kind, keys: &[&[u8]]) -> Result<Vec<Option<Row>>, ReadError> {
        match self {
            Self::Embedded(snapshot) => keys.iter().map(|key| snapshot.get(key)).collect(),
            Self::Postgres(snapshot) => snapshot.get_many(kind, keys).await,
        }
    }

    /// The row with this key in a unique index.
    pub(crate) async fn find(&self, index_key: &[u8]) -> Result<Option<Row>, ReadError> {
        match self {
            Self::Embedded(snapshot) => snapshot.find(index_key),
            Self::Postgres(snapshot) => snapshot.find(index_key).await,
        }
    }

    /// At most `limit` rows of the span, and the cursor to go on from if there are more.
    pub(crate) async fn scan(
        &self,
        span: &Span,
        limit: usize,
    ) -> Result<(Vec<Row>, Option<Cursor>), ReadError> {
        match self {
            Self::Embedded(snapshot) => snapshot.scan(span, limit),
            Self::Postgres(snapshot) => snapshot.scan(span, limit).await,
        }
    }

    /// How many rows the span has, counted up to `at_most`.
    pub(crate) async fn count(&self, span: &Span, at_most: usize) -> Result<usize, ReadError> {
        match self {
            Self::Embedded(snapshot) => snapshot.count(span, at_most),
            Self::Postgres(snapshot) => snapshot.count(span, at_most).await,
        }
    }

    /// The counter with this key; 0 if nothing was added.
    pub(crate) async fn counter(&self, key: &[u8]) -> Result<i64, ReadError> {
        match self {
            Self::Embedded(snapshot) => snapshot.counter(key),
            Self::Postgres(snapshot) => snapshot.counter(key).await,
        }
    }

    /// Every counter that is not 0, by key.
    pub(crate) async fn counters(&self) -> Result<Vec<(Vec<u8>, i64)>, ReadError> {
        match self {
            Self::Embedded(snapshot) => snapshot.counters(),
            Self::Postgres(snapshot) => snapshot.counters().await,
        }
    }

    /// At most `limit` entries of the index, over all partitions, behind the one with the key `after`: index key and
    /// key of the row.
    pub(crate) async fn entries(
        &self,
        index: Index,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>, ReadError> {
        match self {
            Self::Embedded(snapshot) => snapshot.entries(index, after, limit),
            Self::Postgres(snapshot) => snapshot.entries(index, after, limit).await,
        }
    }

    /// Which rows these keys of one index lead to, in their order; none = no entry.
    pub(crate) async fn entries_by_key(
        &self,
        index: Index,
        keys: &[&[u8]],
    ) -> Result<Vec<Option<Vec<u8>>>, ReadError> {
        match self {
            Self::Embedded(snapshot) => snapshot.entries_by_key(keys),
            Self::Postgres(snapshot) => snapshot.entries_by_key(index, keys).await,
        }
    }

    /// Number of the last commit that the snapshot shows; 0 = none.
    pub(crate) async fn last_commit(&self) -> Result<u64, ReadError> {
        match self {
            Self::Embedded(snapshot) => snapshot.last_commit(),
            Self::Postgres(snapshot) => snapshot.last_commit().await,
        }
    }
}
