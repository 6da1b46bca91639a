//! `GET /appCatalogs/teamsApps/{id}/appDefinitions`: the versions of an app, the published one first.

use super::PATH;
use super::find::{required, visible_definitions};
use super::row::DefinitionRow;
use crate::call::Call;
use crate::fault::Fault;
use crate::graph::schema;
use crate::reply::Reply;
use crate::wire::entity::Writer;

pub(crate) async fn definitions(call: Call) -> Result<Reply, Fault> {
    let kind = schema::definition(call.version());
    let query = call.query(kind)?;
    let view = call.view();
    let (entry, _) = &*required(&call, view).await?;
    let definitions = visible_definitions(&call, view, &entry.app).await?;
    let rows = definitions.iter().map(DefinitionRow);
    let rows: Vec<_> = rows.filter(|row| query.filter.as_ref().is_none_or(|f| f.matches(row))).collect();
    let path = format!("{PATH}('{}')/appDefinitions", entry.app.id);
    let mut writer = Writer::new(&call, path, kind, &query.shape);
    if query.count {
        writer = writer.count(rows.len() as u64);
    }
    Ok(Reply::odata(writer.collection(rows.iter())))
}
