//! Pages: how many rows, where they begin, and the link to the next one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::percent_decode_str;
use slipway_store::{Cursor, Range, Record, View};

use crate::call::Call;
use crate::fault::Fault;

/// First byte of a skip token; another layout gets another number.
const TOKEN_VERSION: u8 = 1;

/// Rows that one read of the store fetches.
const CHUNK: usize = 1_000;

/// Rows that a page may look at. A filter that matches few of them gives a short page, with a link to go on.
const MOST_EXAMINED: usize = 20_000;

/// Rows that a count may look at.
const MOST_COUNTED: usize = 200_000;

/// Some of the rows that match, and where to go on if more may follow.
pub(crate) struct Page<T> {
    pub(crate) rows: Vec<T>,
    pub(crate) next: Option<Cursor>,
}

/// A walk over rows in the order of their keys.
pub(crate) struct Walk<'a> {
    pub(crate) view: &'a View,
    /// Most rows of a page.
    pub(crate) size: usize,
    /// Where the page before ended.
    pub(crate) from: Option<Cursor>,
}

impl Walk<'_> {
    /// The next rows that `load` turns into something.
    pub(crate) async fn page<R, T, L>(
        &self,
        range: impl Fn() -> Range<R>,
        load: impl Fn(R) -> L,
    ) -> Result<Page<T>, Fault>
    where
        R: Record,
        L: Future<Output = Result<Option<T>, Fault>>,
    {
        let mut rows = Vec::new();
        let mut examined = 0;
        let mut from = self.from.clone();
        loop {
            let range = behind(range(), from);
            let chunk = self.view.scan(&range, CHUNK.min(self.size.saturating_add(1))).await?;
            for (at, stored) in chunk.rows.into_iter().enumerate() {
                if rows.len() >= self.size {
                    let next = self.view.scan(&range, at).await?.next;
                    return Ok(Page { rows, next });
                }
                rows.extend(load(stored.record).await?);
                examined += 1;
            }
            if chunk.next.is_none() || rows.len() >= self.size || examined >= MOST_EXAMINED {
                return Ok(Page { rows, next: chunk.next });
            }
            from = chunk.next;
            tokio::task::yield_now().await;
        }
    }

    /// How many rows there are that `load` turns into something, from the first one on.
    pub(crate) async fn count<R, T, L>(
        &self,
        range: impl Fn() -> Range<R>,
        load: impl Fn(R) -> L,
    ) -> Result<u64, Fault>
    where
        R: Record,
        L: Future<Output = Result<Option<T>, Fault>>,
    {
        let (mut count, mut examined, mut from) = (0, 0, None);
        loop {
            let chunk = self.view.scan(&behind(range(), from), CHUNK).await?;
            examined += chunk.rows.len();
            for stored in chunk.rows {
                count += u64::from(load(stored.record).await?.is_some());
            }
            if chunk.next.is_none() {
                return Ok(count);
            }
            if examined >= MOST_COUNTED {
                return Err(Fault::bad_request(format!(
                    "Query option '$count' with this '$filter' would examine more than {MOST_COUNTED} rows. Filter by 'id eq' or another key."
                )));
            }
            from = chunk.next;
            tokio::task::yield_now().await;
        }
    }
}

fn behind<R>(range: Range<R>, from: Option<Cursor>) -> Range<R> {
    match from {
        Some(cursor) => range.after(cursor),
        None => range,
    }
}

/// Rows on a page: `$top`, within what the operation gives at most.
pub(crate) fn size(top: Option<u32>, usual: usize, largest: usize) -> Result<usize, Fault> {
    match top.map(|top| usize::try_from(top).unwrap_or(usize::MAX)) {
        None => Ok(usual),
        Some(top) if (1..=largest).contains(&top) => Ok(top),
        Some(top) => Err(Fault::bad_request(format!(
            "Invalid value '{top}' for $top query option found. The value must be between 1 and {largest}."
        ))),
    }
}

/// The bytes of a skip token that an earlier answer carried.
pub(crate) fn token(text: &str) -> Result<Vec<u8>, Fault> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    match bytes.as_deref().and_then(<[u8]>::split_first) {
        Some((&TOKEN_VERSION, place)) => Ok(place.to_vec()),
        _ => Err(Fault::bad_request(format!(
            "Invalid value '{text}' for $skiptoken query option found. Use the @odata.nextLink of the page before as it is."
        ))),
    }
}

/// The place in the store that a skip token names.
pub(crate) fn cursor(text: Option<&str>) -> Result<Option<Cursor>, Fault> {
    text.map(|text| token(text).map(|place| Cursor::from_bytes(&place))).transpose()
}

/// The address of the next page: this request's, with a skip token for the place where this page ended.
pub(crate) fn next_link(call: &Call, place: &[u8]) -> String {
    let token = URL_SAFE_NO_PAD.encode([&[TOKEN_VERSION], place].concat());
    let is_token = |part: &&str| {
        let name = part.split('=').next().unwrap_or_default();
        let name = percent_decode_str(name).decode_utf8_lossy();
        name.trim_start_matches('$').eq_ignore_ascii_case("skiptoken")
    };
    let kept: Vec<_> =
        call.raw_query().split('&').filter(|part| !part.is_empty() && !is_token(part)).collect();
    let separator = if kept.is_empty() { "" } else { "&" };
    format!("{}?{}{separator}$skiptoken={token}", call.url_without_query(), kept.join("&"))
}
