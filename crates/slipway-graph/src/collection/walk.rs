//! Walks over rows in the order of their keys, with limits on how many a request may look at.

use slipway_store::{Cursor, Range, Record, View};

use crate::fault::Fault;
use crate::server::RowLimits;

/// Rows that one read of the store fetches.
const CHUNK: usize = 1_000;

/// Where a walk begins and how far it goes.
pub(super) struct Walk<'a> {
    pub(super) view: &'a View,
    pub(super) limits: RowLimits,
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
    /// The next rows that `load` turns into something; it gives as many as it gets.
    ///
    /// The first read is as long as the page, which is right where all rows match, and each other one as long as
    /// those before it together: few reads where few rows match, and few rows too many where most do.
    pub(super) async fn stretch<R, T, L>(
        self,
        range: impl Fn() -> Range<R>,
        load: impl Fn(Vec<R>) -> L,
    ) -> Result<Stretch<T>, Fault>
    where
        R: Record,
        L: Future<Output = Result<Vec<Option<T>>, Fault>>,
    {
        let Self { view, limits, size, mut from, mut skip } = self;
        let most = limits.examined.get();
        let mut rows = Vec::new();
        let mut examined = 0;
        loop {
            let range = behind(range(), from);
            let wanted = (size - rows.len()).saturating_add(usize::try_from(skip).unwrap_or(usize::MAX));
            let chunk = view.scan(&range, wanted.max(examined).min(CHUNK).min(most - examined)).await?;
            examined += chunk.rows.len();
            let records = chunk.rows.into_iter().map(|stored| stored.record).collect();
            for (at, loaded) in load(records).await?.into_iter().enumerate() {
                if rows.len() == size {
                    let next = view.scan(&range, at).await?.next;
                    return Ok(Stretch { rows, next, skip });
                }
                match loaded {
                    Some(_) if skip > 0 => skip -= 1,
                    loaded => rows.extend(loaded),
                }
            }
            if chunk.next.is_none() || rows.len() == size || examined >= most {
                return Ok(Stretch { rows, next: chunk.next, skip });
            }
            from = chunk.next;
            tokio::task::yield_now().await;
        }
    }
}

/// How many rows there are that `load` turns into something, from the first one on; none if that takes a look at
/// more rows than a count may.
pub(super) async fn count<R, T, L>(
    view: &View,
    limits: RowLimits,
    range: impl Fn() -> Range<R>,
    load: impl Fn(Vec<R>) -> L,
) -> Result<Option<u64>, Fault>
where
    R: Record,
    L: Future<Output = Result<Vec<Option<T>>, Fault>>,
{
    let most = limits.counted.get();
    let (mut count, mut examined, mut from) = (0, 0, None);
    loop {
        let chunk = view.scan(&behind(range(), from), CHUNK.min(most - examined)).await?;
        examined += chunk.rows.len();
        let records = chunk.rows.into_iter().map(|stored| stored.record).collect();
        count += load(records).await?.iter().flatten().count() as u64;
        if chunk.next.is_none() {
            return Ok(Some(count));
        }
        if examined >= most {
            return Ok(None);
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
