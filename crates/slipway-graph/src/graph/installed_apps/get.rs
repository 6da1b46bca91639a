//! `GET …/installedApps/{id}`: one installation.

use super::row::InstallationRow;
use super::{find, path};
use crate::call::Call;
use crate::fault::Fault;
use crate::graph::schema;
use crate::reply::Reply;
use crate::wire::entity::Writer;

pub(crate) async fn get(call: Call) -> Result<Reply, Fault> {
    let kind = schema::installation(&call);
    let query = call.query(kind)?;
    let view = call.view();
    let found = find::readable(&call, view).await?;
    let path = path(&found.installation.owner);
    let found = (found.installation, found.app.0.app.clone());
    let row = InstallationRow::load(&call, view, &query, found).await?;
    let writer = Writer::new(&call, path, kind, &query.shape);
    Ok(Reply::odata(writer.entity(&row)))
}
