//! `GET /applications`, and one of them by id or `appId`.

use slipway_model::Client;

use super::PATH;
use super::row::ApplicationRow;
use crate::call::Call;
use crate::collection::{Limits, Listing};
use crate::fault::Fault;
use crate::graph::client::{self, Face};
use crate::graph::{schema, users};
use crate::reply::Reply;
use crate::wire::entity::Writer;

/// Applications on a page unless `$top` says otherwise, and at most; both are documented for directory objects.
const LIMITS: Limits = Limits { usual: 100, largest: 999 };

pub(crate) async fn list(call: Call) -> Result<Reply, Fault> {
    let query = call.query(&schema::APPLICATION)?;
    users::check_consistency(&call, &query)?;
    let listing = Listing { call: &call, query: &query, limits: LIMITS };
    let clients = client::candidates(&listing, Face::Application).await?;
    let mut answer = listing.of_rows(clients.into_iter().map(|client| row(&call, client)).collect())?;
    answer.count = answer.count.filter(|_| listing.is_counted());
    Ok(answer.reply(&call, PATH, &schema::APPLICATION, &query))
}

pub(crate) async fn get(call: Call) -> Result<Reply, Fault> {
    let query = call.query(&schema::APPLICATION)?;
    let client = client::named(&call, call.view(), Face::Application, call.key(0)).await?.record;
    let writer = Writer::new(&call, PATH, &schema::APPLICATION, &query.shape);
    Ok(Reply::odata(writer.entity(&row(&call, client))))
}

fn row(call: &Call, client: Client) -> ApplicationRow<'_> {
    ApplicationRow { client, domain: &call.tenant().domain, shown: Vec::new() }
}
