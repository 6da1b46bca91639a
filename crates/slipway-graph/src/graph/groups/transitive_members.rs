//! `GET /groups/{id}/transitiveMembers`: the members of the group and of all groups inside it, each once.

use std::collections::BTreeMap;

use slipway_model::{Container, Member};
use slipway_store::membership;

use super::members::{LIMITS, find};
use super::row::{MemberId, MemberRow, Wanted};
use crate::call::Call;
use crate::collection::{Listing, Placed};
use crate::fault::Fault;
use crate::graph::schema;
use crate::reply::Reply;

/// Memberships that one read of the store fetches.
const CHUNK: usize = 1_000;

pub(crate) async fn list(call: Call) -> Result<Reply, Fault> {
    let query = call.query(&schema::USER)?;
    let wanted = Wanted::of(&call);
    let listing = Listing { call: &call, query: &query, limits: LIMITS };
    let mut page = listing.of_rows(everyone(&listing, wanted).await?)?;
    page.count = page.count.filter(|_| listing.is_counted());
    let members = std::mem::take(&mut page.rows).into_iter().map(|member| member.0).collect();
    let rows = MemberRow::load(&call, members, wanted).await?.into_iter().flatten().collect();
    Ok(page.with_rows(rows).reply_typed(&call, wanted.path(), &query))
}

/// `GET /groups/{id}/transitiveMembers/$count`.
pub(crate) async fn count(call: Call) -> Result<Reply, Fault> {
    let query = call.query(&schema::USER)?;
    let listing = Listing { call: &call, query: &query, limits: LIMITS };
    Ok(Reply::number(everyone(&listing, Wanted::of(&call)).await?.len() as u64))
}

/// Follows memberships from group to group. Groups may hold each other in circles: each is looked into once.
async fn everyone(listing: &Listing<'_>, wanted: Wanted) -> Result<Vec<MemberId>, Fault> {
    let (view, partition) = (listing.call.view(), listing.call.partition());
    let most = listing.row_limits().counted.get();
    let whole = find(listing.call, view).await?;
    let mut groups = vec![whole.clone()];
    let mut members: BTreeMap<String, MemberId> = BTreeMap::new();
    let mut examined = 0;
    while let Some(group) = groups.pop() {
        let container = Container::Group(group);
        let mut range = membership::of_container(partition, &container);
        loop {
            let page = view.scan(&range, CHUNK).await?;
            examined += page.rows.len();
            for found in page.rows {
                let member = MemberId(found.record.member);
                let place = member.place();
                if members.contains_key(&place) {
                    continue;
                }
                if let Member::Group(inside) = &member.0
                    && *inside != whole
                {
                    groups.push(inside.clone());
                }
                members.insert(place, member);
            }
            if examined > most {
                return Err(Fault::bad_request(format!(
                    "The group has more than {most} memberships inside it. Read 'members' of its groups one by one."
                )));
            }
            match page.next {
                Some(next) => range = membership::of_container(partition, &container).after(next),
                None => break,
            }
        }
    }
    Ok(members.into_values().filter(|member| wanted.takes(&member.0)).collect())
}
