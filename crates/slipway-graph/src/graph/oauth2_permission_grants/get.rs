//! `GET /oauth2PermissionGrants`, one of them, and those of a client.

use slipway_model::ClientId;
use slipway_store::client as clients;

use super::PATH;
use super::find::{self, Found};
use super::row::GrantRow;
use crate::call::Call;
use crate::collection::{Limits, Listing};
use crate::fault::Fault;
use crate::graph::service_principals::{self, Principal};
use crate::graph::{client, schema};
use crate::reply::Reply;
use crate::wire::entity::Writer;

/// Grants on a page unless `$top` says otherwise, and at most; both are documented for directory objects.
const LIMITS: Limits = Limits { usual: 100, largest: 999 };

pub(crate) async fn list(call: Call) -> Result<Reply, Fault> {
    let query = call.query(&schema::OAUTH2_PERMISSION_GRANT)?;
    let named = query.filter.as_ref().and_then(|filter| filter.any_of("clientId"));
    let rows = if let Some(ids) = named {
        of_named(&call, &ids).await?
    } else {
        let mut all = client::all(&call, call.view()).await?;
        all.retain(|client| client.has_service_principal);
        find::of_clients(&call, &all).await?
    };
    answer(&call, rows, PATH.to_owned())
}

/// The grants of the clients whose service principals have these ids.
async fn of_named(call: &Call, ids: &[&str]) -> Result<Vec<GrantRow>, Fault> {
    let mut keys = Vec::new();
    for id in ids.iter().filter_map(|id| ClientId::parse(id).ok()) {
        let key = clients::key(call.partition(), &id.of_service_principal());
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let mut rows = Vec::new();
    for client in call.view().get_many(&keys).await?.into_iter().flatten() {
        if client.record.has_service_principal {
            rows.extend(find::of_client(call, &client.record).await?);
        }
    }
    Ok(rows)
}

/// `GET /servicePrincipals/{id}/oauth2PermissionGrants`.
pub(crate) async fn list_of_client(call: Call) -> Result<Reply, Fault> {
    let principal = service_principals::named(&call, call.view(), call.key(0)).await?;
    let rows = match &principal {
        Principal::MicrosoftGraph => Vec::new(),
        Principal::Client(client) => find::of_client(&call, &client.record).await?,
    };
    answer(&call, rows, PATH.to_owned())
}

fn answer(call: &Call, rows: Vec<GrantRow>, path: String) -> Result<Reply, Fault> {
    let kind = &schema::OAUTH2_PERMISSION_GRANT;
    let query = call.query(kind)?;
    let listing = Listing { call, query: &query, limits: LIMITS };
    let mut answer = listing.of_rows(rows)?;
    answer.count = answer.count.filter(|_| listing.is_counted());
    Ok(answer.reply(call, path, kind, &query))
}

pub(crate) async fn get(call: Call) -> Result<Reply, Fault> {
    let kind = &schema::OAUTH2_PERMISSION_GRANT;
    let query = call.query(kind)?;
    let Found { client, grant, .. } = find::named(&call, call.view()).await?;
    let row = GrantRow { client: client.record.id, grant };
    Ok(Reply::odata(Writer::new(&call, PATH, kind, &query.shape).entity(&row)))
}
