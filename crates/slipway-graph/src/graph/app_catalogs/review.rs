//! `PATCH …/appDefinitions/{id}`: approves or rejects a submitted definition, whose id changes with its state. No
//! installation is touched.

use slipway_odata::Shape;
use slipway_store::{Changeset, app, definition as definitions};

use super::body::{author, read_verdict};
use super::find::{Named, named};
use super::row::DefinitionRow;
use super::{definitions_path, etag};
use crate::call::{Basis, Call, Keep};
use crate::fault::{Fault, FaultKind};
use crate::graph::schema;
use crate::reply::Reply;
use crate::wire::entity::Writer;

pub(crate) async fn review(mut call: Call) -> Result<Reply, Fault> {
    let body = call.json().await?;
    call.query(schema::definition(call.version()))?;
    let verdict = read_verdict(&body)?;
    let call = &call;
    let partition = call.partition();
    let reviewed = call
        .keep(move |Basis { view, .. }| async move {
            let Named { entry, definition } = named(call, &view).await?;
            let (entry, revision) = &*entry;
            etag::check(call.header_text("if-match"), &definition.record)?;
            let reviewed = entry.review(&definition.record, verdict, author(call));
            let (next, reviewed) = reviewed.map_err(FaultKind::Refused)?;
            let (id, version) = (&reviewed.app, &reviewed.version);
            let changes = Changeset::new("appDefinitions.review")
                .expect_revision(&app::key(partition, id), *revision)
                .expect_revision(&definitions::key(partition, id, version), definition.revision)
                .put(partition, &next.app)
                .put(partition, &reviewed);
            Ok((Keep::Commit(changes), reviewed))
        })
        .await?;
    let (root, shape) = (call.service_root(), Shape::default());
    let path = definitions_path(&reviewed.app);
    let writer = Writer::new(call, path, schema::definition(call.version()), &shape);
    Ok(Reply::odata(writer.entity(&DefinitionRow { definition: &reviewed, root: &root })))
}
