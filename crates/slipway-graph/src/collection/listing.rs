//! One page of a collection.

use std::cmp::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use slipway_odata::{Direction, OrderKey, Query, Row, StructuredType, compare};
use slipway_store::{Cursor, Range, Record};

use super::place::{Mark, Place};
use super::walk::{self, Walk};
use crate::call::Call;
use crate::fault::Fault;
use crate::graph::schema;
use crate::reply::Reply;
use crate::server::RowLimits;
use crate::wire::entity::{Typed, Writer};

/// How many rows a page has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Without `$top`.
    pub(crate) usual: usize,
    /// At most.
    pub(crate) largest: usize,
}

/// A row that knows where it stands among others: what settles the order where `$orderby` does not.
pub(crate) trait Placed: Row {
    /// A text of its own among the rows of the collection; the rows are in the order of these texts.
    fn place(&self) -> String;
}

impl<T: Placed> Placed for &T {
    fn place(&self) -> String {
        (**self).place()
    }
}

/// A request for rows of a collection.
#[derive(Clone, Copy)]
pub(crate) struct Listing<'a> {
    pub(crate) call: &'a Call,
    pub(crate) query: &'a Query,
    pub(crate) limits: Limits,
}

/// How the pages of an answer are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GoesOn {
    /// [`Listing::of_walk`].
    Walking,
    /// [`Listing::of_rows`].
    AtHand,
}

/// A page, and what is said of the whole.
pub(crate) struct Answer<T> {
    pub(crate) rows: Vec<T>,
    /// How many rows match on all pages, where that is known.
    pub(crate) count: Option<u64>,
    next_link: Option<String>,
}

impl Listing<'_> {
    /// How the page before was made, so that this one is made the same way, whatever has become of the rows.
    pub(crate) fn goes_on(&self) -> Result<Option<GoesOn>, Fault> {
        Ok(self.place()?.map(|place| match place {
            Place::Behind { .. } => GoesOn::Walking,
            Place::After(_) => GoesOn::AtHand,
        }))
    }

    /// Whether the row is one that the request asks for.
    pub(crate) fn wants(&self, row: &dyn Row) -> bool {
        let Query { filter, search, .. } = self.query;
        filter.as_ref().is_none_or(|filter| filter.matches(row))
            && search.as_ref().is_none_or(|search| search.matches(row))
    }

    /// Whether the answer says how many rows match on all pages. Of directory objects only the first page does
    /// (Microsoft's page on query parameters).
    pub(crate) fn is_counted(&self) -> bool {
        self.query.count && self.query.skiptoken.is_none()
    }

    /// A page of rows that are all at hand; among them must be every one that the request asks for.
    pub(crate) fn of_rows<T: Placed>(&self, rows: Vec<T>) -> Result<Answer<T>, Fault> {
        let keys = &self.query.orderby;
        if let Some(key) = keys.iter().find(|key| key.property().is_none()) {
            return Err(Fault::bad_request(format!(
                "Query option '$orderby' takes properties of the entity itself here, not '{}'.",
                key.path()
            )));
        }
        let wanted = rows.into_iter().filter(|row| self.wants(row));
        let mut rows: Vec<_> = wanted.map(|row| (row.place(), row)).collect();
        let count = rows.len() as u64;
        let skip = match self.place()? {
            Some(Place::After(mark)) => {
                let last = mark.as_row(keys);
                rows.retain(|(place, row)| order(keys, (place, row), (&mark.place, &last)).is_gt());
                0
            }
            Some(Place::Behind { .. }) => return Err(Place::refused("a token of a walk")),
            None => usize::try_from(self.query.skip.unwrap_or(0)).unwrap_or(usize::MAX),
        };
        let end = skip.saturating_add(self.size()?);
        let by = |(a, left): &(String, T), (b, right): &(String, T)| order(keys, (a, left), (b, right));
        let more = rows.len() > end;
        if more {
            rows.select_nth_unstable_by(end, by);
            rows.truncate(end);
        }
        rows.sort_unstable_by(by);
        rows.drain(..skip.min(rows.len()));
        let next_link = match rows.last() {
            Some((place, last)) if more => {
                Some(Place::After(Mark::of(keys, last, place.clone())).link(self.call)?)
            }
            _ => None,
        };
        let rows = rows.into_iter().map(|(_, row)| row).collect();
        Ok(Answer { rows, count: Some(count), next_link })
    }

    /// A page of rows in the order of a range. `load` gives, for each row of it, what the request asks for of it.
    pub(crate) async fn of_walk<R, T, L>(
        &self,
        range: impl Fn() -> Range<R>,
        load: impl Fn(Vec<R>) -> L,
    ) -> Result<Answer<T>, Fault>
    where
        R: Record,
        L: Future<Output = Result<Vec<Option<T>>, Fault>>,
    {
        let (from, skip) = match self.place()? {
            Some(Place::Behind { cursor, skip }) => {
                let cursor =
                    URL_SAFE_NO_PAD.decode(cursor).map_err(|error| Place::refused(error.to_string()))?;
                (Some(Cursor::from_bytes(&cursor)), skip)
            }
            Some(Place::After(_)) => return Err(Place::refused("a token of rows at hand")),
            None => (None, self.query.skip.unwrap_or(0)),
        };
        let walk = Walk { view: self.call.view(), limits: self.row_limits(), size: self.size()?, from, skip };
        let stretch = walk.stretch(range, load).await?;
        let next_link = match stretch.next {
            Some(cursor) => {
                let cursor = URL_SAFE_NO_PAD.encode(cursor.as_bytes());
                Some(Place::Behind { cursor, skip: stretch.skip }.link(self.call)?)
            }
            None => None,
        };
        Ok(Answer { rows: stretch.rows, count: None, next_link })
    }

    /// How many rows the request asks for on all pages, by looking at all of them. What is too much to look at is
    /// refused, with a hint at what to ask instead.
    pub(crate) async fn count<R, T, L>(
        &self,
        range: impl Fn() -> Range<R>,
        load: impl Fn(Vec<R>) -> L,
        hint: &str,
    ) -> Result<u64, Fault>
    where
        R: Record,
        L: Future<Output = Result<Vec<Option<T>>, Fault>>,
    {
        let limits = self.row_limits();
        walk::count(self.call.view(), limits, range, load).await?.ok_or_else(|| {
            Fault::bad_request(format!(
                "Counting the rows of this request would examine more than {} of them. {hint}",
                limits.counted
            ))
        })
    }

    /// How many rows the request may look at.
    pub(crate) fn row_limits(&self) -> RowLimits {
        self.call.server().settings().row_limits
    }

    fn place(&self) -> Result<Option<Place>, Fault> {
        self.query.skiptoken.as_deref().map(|token| Place::read(self.call, token)).transpose()
    }

    /// Rows on a page: `$top`, within what the operation gives at most.
    fn size(&self) -> Result<usize, Fault> {
        let Limits { usual, largest } = self.limits;
        match self.query.top.map(|top| usize::try_from(top).unwrap_or(usize::MAX)) {
            None => Ok(usual),
            Some(top) if (1..=largest).contains(&top) => Ok(top),
            Some(top) => Err(Fault::bad_request(format!(
                "Invalid value '{top}' for $top query option found. The value must be between 1 and {largest}."
            ))),
        }
    }
}

/// Rows that the keys take for equal are in the order of their places, backwards if the last key goes backwards: so
/// an order is the same whether rows were sorted or walked.
fn order<'a>(
    keys: &[OrderKey],
    (left_place, left): (&'a str, &'a dyn Row),
    (right_place, right): (&'a str, &'a dyn Row),
) -> Ordering {
    compare(keys, left, right).then_with(|| match keys.last().map(|key| key.direction) {
        None | Some(Direction::Ascending) => left_place.cmp(right_place),
        Some(Direction::Descending) => right_place.cmp(left_place),
    })
}

impl<T> Answer<T> {
    /// The same page with other rows, for those that stood for them.
    pub(crate) fn with_rows<U>(self, rows: Vec<U>) -> Answer<U> {
        Answer { rows, count: self.count, next_link: self.next_link }
    }
}

impl<T: Row> Answer<T> {
    /// The answer to the request, with the count if there is one. `path` is that of the collection in
    /// `@odata.context`.
    pub(crate) fn reply(
        self,
        call: &Call,
        path: impl Into<String>,
        kind: &'static StructuredType,
        query: &Query,
    ) -> Reply {
        let writer = Writer::new(call, path, kind, &query.shape);
        let writer = writer.count(self.count).next_link(self.next_link);
        Reply::odata(writer.collection(self.rows.iter()))
    }
}

impl<T: Typed> Answer<T> {
    /// The same for rows of several types, of which each says its own.
    pub(crate) fn reply_typed(self, call: &Call, path: &str, query: &Query) -> Reply {
        let writer = Writer::new(call, path, &schema::USER, &query.shape);
        let writer = writer.count(self.count).next_link(self.next_link);
        Reply::odata(writer.typed_collection(&self.rows))
    }
}
