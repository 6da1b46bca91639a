//! `GET /appCatalogs/teamsApps/{id}`: one app.

use super::find::{required, visible_definitions};
use super::row::AppRow;
use super::PATH;
use crate::call::Call;
use crate::fault::Fault;
use crate::graph::schema;
use crate::reply::Reply;
use crate::wire::entity::Writer;

pub(crate) async fn get(call: Call) -> Result<Reply, Fault> {
    let kind = schema::teams_app(call.version());
    let query = call.query(kind)?;
    let view = call.view();
    let (entry, _) = required(&call, &view).await?;
    let definitions = visible_definitions(&call, &view, &entry.app).await?;
    let writer = Writer::new(call.service_root(), PATH, kind, &query.shape);
    Ok(Reply::odata(writer.entity(&AppRow { app: entry.app, definitions })))
}
