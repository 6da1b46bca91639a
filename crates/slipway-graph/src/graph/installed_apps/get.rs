//! `GET …/installedApps/{id}`: one installation.

use std::slice;

use super::row::{InstallationRow, versions};
use super::{find, path};
use crate::call::Call;
use crate::fault::Fault;
use crate::graph::schema;
use crate::reply::Reply;
use crate::wire::entity::Writer;

pub(crate) async fn get(call: Call) -> Result<Reply, Fault> {
    let kind = schema::installation(&call);
    let query = call.query(kind)?;
    let found = find::readable(&call, call.view()).await?;
    let path = path(&found.installation.owner);
    let found = (found.installation, found.app.0.app.clone());
    let version = versions(&call, &query, slice::from_ref(&found)).await?.pop().flatten();
    let row = InstallationRow::load(&call, &query, found, version).await?;
    let writer = Writer::new(&call, path, kind, &query.shape);
    Ok(Reply::odata(writer.entity(&row)))
}
