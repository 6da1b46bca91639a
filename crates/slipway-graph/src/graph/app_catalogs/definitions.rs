//! `GET /appCatalogs/teamsApps/{id}/appDefinitions`: the versions of an app, the published one first.

use super::definitions_path;
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
    let (view, root) = (call.view(), call.service_root());
    let (entry, _) = &*required(&call, view).await?;
    let definitions = visible_definitions(&call, view, &entry.app).await?;
    let rows = definitions.iter().map(|definition| DefinitionRow { definition, root: &root });
    let rows: Vec<_> = rows.filter(|row| query.filter.as_ref().is_none_or(|f| f.matches(row))).collect();
    let mut writer = Writer::new(&call, definitions_path(&entry.app.id), kind, &query.shape);
    if query.count {
        writer = writer.count(rows.len() as u64);
    }
    Ok(Reply::odata(writer.collection(rows.iter())))
}
