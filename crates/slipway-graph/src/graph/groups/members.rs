//! `GET /groups/{id}/members`: the group's own members, groups first, each by id.

use slipway_model::{Container, GroupId, Membership};
use slipway_store::{View, group, membership};

use super::row::{MemberRow, Wanted};
use crate::call::Call;
use crate::collection::{Limits, Listing};
use crate::fault::{Fault, FaultKind};
use crate::graph::schema;
use crate::reply::Reply;

/// Members on a page unless `$top` says otherwise, and at most; both are documented for directory objects.
pub(super) const LIMITS: Limits = Limits { usual: 100, largest: 999 };

pub(super) const COUNT_HINT: &str = "Ask without '$count'.";

pub(crate) async fn list(call: Call) -> Result<Reply, Fault> {
    let query = call.query(&schema::USER)?;
    let container = Container::Group(find(&call, call.view()).await?);
    let listing = Listing { call: &call, query: &query, limits: LIMITS };
    let wanted = Wanted::of(&call);
    let range = || membership::of_container(call.partition(), &container);
    let load = |memberships: Vec<Membership>| {
        let members = memberships.into_iter().map(|membership| membership.member).collect();
        MemberRow::load(&call, members, wanted)
    };
    let mut answer = listing.of_walk(range, load).await?;
    if listing.is_counted() {
        answer.count = Some(number(&listing, &container, wanted).await?);
    }
    Ok(answer.reply_typed(&call, wanted.path(), &query))
}

/// `GET /groups/{id}/members/$count`.
pub(crate) async fn count(call: Call) -> Result<Reply, Fault> {
    let query = call.query(&schema::USER)?;
    let container = Container::Group(find(&call, call.view()).await?);
    let listing = Listing { call: &call, query: &query, limits: LIMITS };
    Ok(Reply::number(number(&listing, &container, Wanted::of(&call)).await?))
}

async fn number(listing: &Listing<'_>, container: &Container, wanted: Wanted) -> Result<u64, Fault> {
    let range = || membership::of_container(listing.call.partition(), container);
    let load = |memberships: Vec<Membership>| {
        let taken = memberships.iter().map(|membership| wanted.takes(&membership.member).then_some(()));
        std::future::ready(Ok(taken.collect()))
    };
    listing.count(range, load, COUNT_HINT).await
}

/// The group in the path.
pub(super) async fn find(call: &Call, view: &View) -> Result<GroupId, Fault> {
    let key = call.key(0);
    let unknown = || FaultKind::DirectoryObjectNotFound(key.to_owned());
    let id = GroupId::parse(key).map_err(|_| unknown())?;
    let found = view.get(&group::key(call.partition(), &id)).await?;
    Ok(found.ok_or_else(unknown)?.record.id)
}
