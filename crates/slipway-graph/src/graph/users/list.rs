//! `GET /users`: the users of the tenant in the order of their ids, or as `$orderby` says.

use slipway_model::User;
use slipway_odata::{Direction, OrderKey, Query};
use slipway_store::{Counter, Range, TermField, UserTerm, user};

use super::candidates::{Term, Way, candidates, of_filter};
use super::row::UserRow;
use crate::call::Call;
use crate::collection::{Answer, GoesOn, Limits, Listing};
use crate::fault::{Fault, FaultKind};
use crate::graph::schema;
use crate::reply::Reply;

/// Users on a page unless `$top` says otherwise, and at most; both are documented for `/users`.
const LIMITS: Limits = Limits { usual: 100, largest: 999 };

const COUNT_HINT: &str = "Filter by 'id', 'userPrincipalName' or 'mail', or by how 'displayName' begins.";

pub(crate) async fn list(call: Call) -> Result<Reply, Fault> {
    let query = call.query(&schema::USER)?;
    check_consistency(&call, &query)?;
    let listing = Listing { call: &call, query: &query, limits: LIMITS };
    let mut answer = page(&listing).await?;
    answer.count = match answer.count {
        _ if !listing.is_counted() => None,
        Some(count) => Some(count),
        None => Some(number(&listing).await?),
    };
    Ok(answer.reply(&call, "users", &schema::USER, &query))
}

/// `GET /users/$count`: how many users there are, as a plain number.
pub(crate) async fn count(call: Call) -> Result<Reply, Fault> {
    let query = call.query(&schema::USER)?;
    check_consistency(&call, &query)?;
    let listing = Listing { call: &call, query: &query, limits: LIMITS };
    Ok(Reply::number(number(&listing).await?))
}

/// A page that costs what is on it, if an index has the users in the order that is asked for; else those whom an
/// index finds are put in order, as long as they are few.
async fn page(listing: &Listing<'_>) -> Result<Answer<UserRow>, Fault> {
    let Listing { call, query, .. } = *listing;
    let walks = match listing.goes_on()? {
        Some(goes_on) => goes_on == GoesOn::Walking,
        None => Course::shortest(query).is_in_order(&query.orderby),
    };
    if !walks && let Some(users) = candidates(listing).await? {
        return listing.of_rows(users);
    }
    let (course, direction) = Course::in_order(query)?;
    match course {
        Course::Ids => listing.of_walk(|| user::all(call.partition()), tried(listing)).await,
        Course::PrincipalNames(prefix) => {
            let range = || directed(user::principal_names(call.partition(), prefix), direction);
            listing.of_walk(range, tried(listing)).await
        }
        Course::Terms(term) => {
            let range = || directed(term.range(call), direction);
            listing.of_walk(range, |terms| found(listing, terms)).await
        }
    }
}

/// How many users match: the kept number where all do, else by looking at them.
async fn number(listing: &Listing<'_>) -> Result<u64, Fault> {
    let Listing { call, query, .. } = *listing;
    if query.filter.is_none() && query.search.is_none() {
        return Ok(call.view().counter(call.partition(), Counter::Users).await?.unsigned_abs());
    }
    match Course::shortest(query) {
        Course::Ids => match candidates(listing).await? {
            Some(users) => Ok(users.iter().filter(|user| listing.wants(user)).count() as u64),
            None => listing.count(|| user::all(call.partition()), tried(listing), COUNT_HINT).await,
        },
        Course::PrincipalNames(prefix) => {
            let range = || user::principal_names(call.partition(), prefix);
            listing.count(range, tried(listing), COUNT_HINT).await
        }
        Course::Terms(term) => {
            listing.count(|| term.range(call), |terms| found(listing, terms), COUNT_HINT).await
        }
    }
}

/// A range that meets every user who may match, each once.
enum Course<'q> {
    Ids,
    /// Principal names that begin so.
    PrincipalNames(&'q str),
    Terms(Term<'q>),
}

impl<'q> Course<'q> {
    /// The one that an index makes shortest; by ids where none does.
    fn shortest(query: &'q Query) -> Self {
        match query.filter.as_ref().and_then(of_filter) {
            Some(Way::PrincipalNamesFrom(prefix)) => Self::PrincipalNames(prefix),
            Some(Way::Terms(terms)) => match terms.as_slice() {
                [term] => Self::Terms(*term),
                _ => Self::Ids,
            },
            Some(Way::Ids(_) | Way::PrincipalNames(_)) | None => Self::Ids,
        }
    }

    /// Whether it is an index's, and in this order.
    fn is_in_order(&self, keys: &[OrderKey]) -> bool {
        let path = match self {
            Self::Ids => return false,
            Self::PrincipalNames(_) => "userPrincipalName",
            Self::Terms(term) => term.property(),
        };
        match keys {
            [] => true,
            [key] => key.is(path),
            _ => false,
        }
    }

    /// The one in the order that is asked for; without `$orderby` the shortest.
    fn in_order(query: &'q Query) -> Result<(Self, Direction), Fault> {
        let keys = query.orderby.as_slice();
        let direction = keys.first().map_or(Direction::Ascending, |key| key.direction);
        let shortest = Self::shortest(query);
        if keys.is_empty() || shortest.is_in_order(keys) {
            return Ok((shortest, direction));
        }
        match keys {
            [key] if key.is("displayName") => {
                Ok((Self::Terms(Term::From(TermField::DisplayName, "")), direction))
            }
            [key] if key.is("userPrincipalName") => Ok((Self::PrincipalNames(""), direction)),
            _ => Err(Fault::bad_request(
                "Query option '$orderby' takes 'displayName' or 'userPrincipalName' for this many users. Filter by a key to order few of them otherwise.",
            )),
        }
    }
}

/// Those of the users who match, each at its place.
fn tried(
    listing: &Listing<'_>,
) -> impl Fn(Vec<User>) -> std::future::Ready<Result<Vec<Option<UserRow>>, Fault>> {
    |users| std::future::ready(Ok(users.into_iter().map(|user| wanted(listing, user)).collect()))
}

/// Those of the users with these terms who match, each at its place.
async fn found(listing: &Listing<'_>, terms: Vec<UserTerm>) -> Result<Vec<Option<UserRow>>, Fault> {
    let call = listing.call;
    let keys: Vec<_> = terms.iter().map(|term| user::key(call.partition(), &term.user)).collect();
    let users = call.view().get_many(&keys).await?;
    Ok(users.into_iter().map(|user| wanted(listing, user?.record)).collect())
}

fn wanted(listing: &Listing<'_>, user: User) -> Option<UserRow> {
    let row = UserRow(user);
    listing.wants(&row).then_some(row)
}

fn directed<R>(range: Range<R>, direction: Direction) -> Range<R> {
    match direction {
        Direction::Ascending => range,
        Direction::Descending => range.reversed(),
    }
}

/// `$search` on directory objects is answered only with the header `ConsistencyLevel: eventual`, as documented.
pub(crate) fn check_consistency(call: &Call, query: &Query) -> Result<(), Fault> {
    if query.search.is_none() || call.header_text("consistencylevel").eq_ignore_ascii_case("eventual") {
        Ok(())
    } else {
        Err(FaultKind::SearchNotConsistent.into())
    }
}
