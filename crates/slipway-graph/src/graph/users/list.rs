//! `GET /users`: the users of the tenant in the order of their ids, or as `$orderby` says.

use slipway_model::User;
use slipway_odata::{Direction, OrderKey, Query};
use slipway_store::{Counter, Range, TermField, UserTerm, user, user_term};

use super::candidates::candidates;
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
    let mut answer = page(&call, &query).await?;
    answer.count = match answer.count {
        _ if !query.count => None,
        Some(count) => Some(count),
        None => Some(number(&call, &query).await?),
    };
    Ok(answer.reply(&call, "users", &schema::USER, &query))
}

/// `GET /users/$count`: how many users there are, as a plain number.
pub(crate) async fn count(call: Call) -> Result<Reply, Fault> {
    let query = call.query(&schema::USER)?;
    check_consistency(&call, &query)?;
    let listing = Listing { call: &call, query: &query, limits: LIMITS };
    let number = match candidates(&listing).await? {
        Some(users) => users.into_iter().filter(|user| listing.wants(user)).count() as u64,
        None => number(&call, &query).await?,
    };
    Ok(Reply::number(number))
}

async fn page(call: &Call, query: &Query) -> Result<Answer<UserRow>, Fault> {
    check_consistency(call, query)?;
    let listing = Listing { call, query, limits: LIMITS };
    if listing.goes_on()? != Some(GoesOn::Walking)
        && let Some(users) = candidates(&listing).await?
    {
        return listing.of_rows(users);
    }
    let partition = call.partition();
    let tried = move |user: User| {
        let row = UserRow(user);
        listing.wants(&row).then_some(row)
    };
    match order(&query.orderby)? {
        Order::Ids => listing.of_walk(|| user::all(partition), |user| async move { Ok(tried(user)) }).await,
        Order::PrincipalNames(direction) => {
            let range = || directed(user::principal_names(partition, ""), direction);
            listing.of_walk(range, |user| async move { Ok(tried(user)) }).await
        }
        Order::DisplayNames(direction) => {
            let range = || directed(user_term::all(partition, TermField::DisplayName), direction);
            let load = |term: UserTerm| async move {
                let found = call.view().get(&user::key(partition, &term.user)).await?;
                Ok(found.and_then(|found| tried(found.record)))
            };
            listing.of_walk(range, load).await
        }
    }
}

/// How many users match: the kept number where all do.
async fn number(call: &Call, query: &Query) -> Result<u64, Fault> {
    let partition = call.partition();
    if query.filter.is_none() && query.search.is_none() {
        return Ok(call.view().counter(partition, Counter::Users).await?.unsigned_abs());
    }
    let listing = Listing { call, query, limits: LIMITS };
    let load = move |user| async move {
        let row = UserRow(user);
        Ok(listing.wants(&row).then_some(row))
    };
    listing.count(|| user::all(partition), load, COUNT_HINT).await
}

/// Orders for which there is an index.
enum Order {
    Ids,
    DisplayNames(Direction),
    PrincipalNames(Direction),
}

fn order(keys: &[OrderKey]) -> Result<Order, Fault> {
    match keys {
        [] => Ok(Order::Ids),
        [key] if key.is("displayName") => Ok(Order::DisplayNames(key.direction)),
        [key] if key.is("userPrincipalName") => Ok(Order::PrincipalNames(key.direction)),
        _ => Err(Fault::bad_request(
            "Query option '$orderby' takes 'displayName' or 'userPrincipalName' for this many users. Filter by a key to order few of them otherwise.",
        )),
    }
}

fn directed<R>(range: Range<R>, direction: Direction) -> Range<R> {
    match direction {
        Direction::Ascending => range,
        Direction::Descending => range.reversed(),
    }
}

/// `$search` on directory objects is answered only with the header `ConsistencyLevel: eventual`, as documented.
fn check_consistency(call: &Call, query: &Query) -> Result<(), Fault> {
    if query.search.is_none() || call.header_text("consistencylevel").eq_ignore_ascii_case("eventual") {
        Ok(())
    } else {
        Err(FaultKind::SearchNotConsistent.into())
    }
}
