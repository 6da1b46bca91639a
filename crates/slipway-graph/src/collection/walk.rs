//! Walks over rows in the order of their keys, with limits on how many a request may look at.

use slipway_store::{Cursor, Range, Record, View};

use crate::fault::Fault;

/// Rows that one read of the store fetches.
const CHUNK: usize = 1_000;

/// Rows that a page may look at. A filter that matches few of them gives a short page, with a link to go on.
pub(crate) const MOST_EXAMINED: usize = 20_000;

/// Rows that a count may look at.
const MOST_COUNTED: usize = 200_000;

/// Where a walk begins and how far it goes.
pub(super) struct Walk<'a> {
    pub(super) view: &'a View,
    /// Most rows of a page.
    pub(super) size: usize,
    /// Where the page before ended.
    pub(super) from: Option<Cursor>,
    /// How many of the rows that match are left out first.
    pub(super) skip: u32,
}

/// Some of the rows that match, and where to go on if more may follow.
pub(super) struct Stretch<T> {
    pub(super) rows: Vec<T>,
    pub(super) next: Option<Cursor>,
    /// How many of the rows that match are still to be left out.
    pub(super) skip: u32,
}

impl Walk<'_> {
    /// The next rows that `load` turns into something.
    pub(super) async fn stretch<R, T, L>(
        self,
        range: impl Fn() -> Range<R>,
        load: impl Fn(R) -> L,
    ) -> Result<Stretch<T>, Fault>
    where
        R: Record,
        L: Future<Output = Result<Option<T>, Fault>>,
    {
        let Self { view, size, mut from, mut skip } = self;
        let mut rows = Vec::new();
        let mut examined = 0;
        loop {
            let range = behind(range(), from);
            let chunk = view.scan(&range, CHUNK.min(size.saturating_add(1))).await?;
            for (at, stored) in chunk.rows.into_iter().enumerate() {
                if rows.len() >= size {
                    let next = view.scan(&range, at).await?.next;
                    return Ok(Stretch { rows, next, skip });
                }
                match load(stored.record).await? {
                    Some(_) if skip > 0 => skip -= 1,
                    loaded => rows.extend(loaded),
                }
                examined += 1;
            }
            if chunk.next.is_none() || rows.len() >= size || examined >= MOST_EXAMINED {
                return Ok(Stretch { rows, next: chunk.next, skip });
            }
            from = chunk.next;
            tokio::task::yield_now().await;
        }
    }
}

/// How many rows there are that `load` turns into something, from the first one on.
pub(super) async fn count<R, T, L>(
    view: &View,
    range: impl Fn() -> Range<R>,
    load: impl Fn(R) -> L,
    hint: &str,
) -> Result<u64, Fault>
where
    R: Record,
    L: Future<Output = Result<Option<T>, Fault>>,
{
    let (mut count, mut examined, mut from) = (0, 0, None);
    loop {
        let chunk = view.scan(&behind(range(), from), CHUNK).await?;
        examined += chunk.rows.len();
        for stored in chunk.rows {
            count += u64::from(load(stored.record).await?.is_some());
        }
        if chunk.next.is_none() {
            return Ok(count);
        }
        if examined >= MOST_COUNTED {
            return Err(Fault::bad_request(format!(
                "Query option '$count' with this '$filter' or '$search' would examine more than {MOST_COUNTED} rows. {hint}"
            )));
        }
        from = chunk.next;
        tokio::task::yield_now().await;
    }
}

fn behind<R>(range: Range<R>, from: Option<Cursor>) -> Range<R> {
    match from {
        Some(cursor) => range.after(cursor),
        None => range,
    }
}
