//! `GET /users`: the users of the tenant in the order of their ids.

use slipway_model::{User, UserId, UserPrincipalName};
use slipway_odata::Filter;
use slipway_store::{Counter, View, user};

use super::row::UserRow;
use crate::call::Call;
use crate::fault::Fault;
use crate::graph::schema;
use crate::reply::Reply;
use crate::wire::entity::Writer;
use crate::wire::paging::{self, Walk};

/// Users on a page unless `$top` says otherwise, and at most; both are documented for `/users`.
const PAGE: usize = 100;
const LARGEST_PAGE: usize = 999;

pub(crate) async fn list(call: Call) -> Result<Reply, Fault> {
    let query = call.query(&schema::USER)?;
    let view = call.view();
    let filter = query.filter.as_ref();
    let load = move |user| async move { Ok(matching(user, filter)) };
    let size = paging::size(query.top, PAGE, LARGEST_PAGE)?;
    let (page, count) = if let Some(indexed) = indexed(&call, view, filter).await? {
        let rows: Vec<_> = indexed.into_iter().filter_map(|user| matching(user, filter)).collect();
        let count = rows.len() as u64;
        (paging::Page { rows, next: None }, count)
    } else {
        let walk = Walk { view, size, from: paging::cursor(query.skiptoken.as_deref())? };
        let all = || user::all(call.partition());
        let page = walk.page(all, load).await?;
        let count = match filter {
            _ if !query.count => 0,
            None => view.counter(call.partition(), Counter::Users).await?.unsigned_abs(),
            Some(_) => walk.count(all, load).await?,
        };
        (page, count)
    };
    let mut writer = Writer::new(call.service_root(), "users", &schema::USER, &query.shape);
    if query.count {
        writer = writer.count(count);
    }
    if let Some(next) = &page.next {
        writer = writer.next_link(paging::next_link(&call, next.as_bytes()));
    }
    Ok(Reply::odata(writer.collection(page.rows.iter())))
}

/// The users that an index gives for `id eq` and `userPrincipalName eq`; none when the filter has neither.
async fn indexed(call: &Call, view: &View, filter: Option<&Filter>) -> Result<Option<Vec<User>>, Fault> {
    let partition = call.partition();
    let Some(filter) = filter else { return Ok(None) };
    let found = if let Some(id) = filter.equals("id") {
        match UserId::parse(id) {
            Ok(id) => view.get(&user::key(partition, &id)).await?,
            Err(_) => None,
        }
    } else if let Some(name) = filter.equals("userPrincipalName") {
        match UserPrincipalName::parse(name) {
            Ok(name) => view.find(&user::by_principal_name(partition, &name)).await?,
            Err(_) => None,
        }
    } else {
        return Ok(None);
    };
    Ok(Some(found.into_iter().map(|found| found.record).collect()))
}

fn matching(user: User, filter: Option<&Filter>) -> Option<UserRow> {
    let row = UserRow(user);
    filter.is_none_or(|filter| filter.matches(&row)).then_some(row)
}
