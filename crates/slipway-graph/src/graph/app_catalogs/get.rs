//! `GET /appCatalogs/teamsApps/{id}`: one app.

use super::PATH;
use super::find::{required, visible_definitions};
use super::row::AppRow;
use crate::call::Call;
use crate::fault::Fault;
use crate::graph::schema;
use crate::reply::Reply;
use crate::wire::entity::Writer;

pub(crate) async fn get(call: Call) -> Result<Reply, Fault> {
    let kind = schema::teams_app(call.version());
    let query = call.query(kind)?;
    let view = call.view();
    let (entry, _) = &*required(&call, view).await?;
    let expanded = !query.shape.expand.is_empty();
    let definitions = if expanded { visible_definitions(&call, view, &entry.app).await? } else { Vec::new() };
    let root = call.service_root();
    let writer = Writer::new(&call, PATH, kind, &query.shape);
    Ok(Reply::odata(writer.entity(&AppRow { app: entry.app.clone(), definitions, root })))
}
