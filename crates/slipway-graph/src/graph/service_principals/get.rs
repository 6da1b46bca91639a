//! `GET /servicePrincipals`, and one of them by id or `appId`.

use super::row::PrincipalRow;
use super::{PATH, Principal, named};
use crate::call::Call;
use crate::collection::{Limits, Listing};
use crate::fault::Fault;
use crate::graph::client::{self, Face};
use crate::graph::{schema, users};
use crate::reply::Reply;
use crate::wire::entity::Writer;

/// Service principals on a page unless `$top` says otherwise, and at most; both are documented for directory objects.
const LIMITS: Limits = Limits { usual: 100, largest: 999 };

pub(crate) async fn list(call: Call) -> Result<Reply, Fault> {
    let kind = &schema::SERVICE_PRINCIPAL;
    let query = call.query(kind)?;
    users::check_consistency(&call, &query)?;
    let listing = Listing { call: &call, query: &query, limits: LIMITS };
    let clients = client::candidates(&listing, Face::ServicePrincipal).await?;
    let tenant = call.tenant().id.as_str();
    let row = |client| PrincipalRow { client, tenant };
    let rows = std::iter::once(row(None)).chain(clients.into_iter().map(Some).map(row)).collect();
    let mut answer = listing.of_rows(rows)?;
    answer.count = answer.count.filter(|_| listing.is_counted());
    Ok(answer.reply(&call, PATH, kind, &query))
}

pub(crate) async fn get(call: Call) -> Result<Reply, Fault> {
    let kind = &schema::SERVICE_PRINCIPAL;
    let query = call.query(kind)?;
    let client = match named(&call, call.view(), call.key(0)).await? {
        Principal::MicrosoftGraph => None,
        Principal::Client(client) => Some(client.record),
    };
    let row = PrincipalRow { client, tenant: call.tenant().id.as_str() };
    Ok(Reply::odata(Writer::new(&call, PATH, kind, &query.shape).entity(&row)))
}
