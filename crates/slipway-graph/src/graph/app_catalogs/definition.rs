//! `GET …/appDefinitions/{id}`: one version of an app.

use super::definitions_path;
use super::find::named;
use super::row::DefinitionRow;
use crate::call::Call;
use crate::fault::Fault;
use crate::graph::schema;
use crate::reply::Reply;
use crate::wire::entity::Writer;

pub(crate) async fn definition(call: Call) -> Result<Reply, Fault> {
    let kind = schema::definition(call.version());
    let query = call.query(kind)?;
    let definition = named(&call, call.view()).await?.definition.record;
    let root = call.service_root();
    let writer = Writer::new(&call, definitions_path(&definition.app), kind, &query.shape);
    Ok(Reply::odata(writer.entity(&DefinitionRow { definition: &definition, root: &root })))
}
