//! `POST /appCatalogs/teamsApps/{id}/appDefinitions`, and the older `PUT /appCatalogs/teamsApps/{id}`: brings
//! another version of an app into the catalog, published or submitted for review. No installation is touched; each
//! moves when it is upgraded.

use slipway_model::{PublishingState, TeamsAppDefinition};
use slipway_odata::Shape;
use slipway_store::{Changeset, app, definition as definitions};

use super::find::{required, versions};
use super::package::{definition, read, record};
use super::row::DefinitionRow;
use super::{PATH, definitions_path};
use crate::call::{Basis, Call, Keep};
use crate::fault::{Fault, FaultKind};
use crate::graph::schema;
use crate::reply::Reply;
use crate::wire::entity::Writer;

pub(crate) async fn add_version(mut call: Call) -> Result<Reply, Fault> {
    let sent = read(&mut call).await?;
    call.query(schema::definition(call.version()))?;
    let (call, sent) = (&call, &sent);
    let partition = call.partition();
    let added = call
        .keep(move |Basis { view, .. }| async move {
            let (entry, revision) = &*required(call, &view).await?;
            let id = &entry.app.id;
            let definition = definition(call, sent, id);
            let versions = versions(call, &view, id).await?;
            let next = entry.add_version(&versions, &definition).map_err(FaultKind::Refused)?;
            let key = definitions::key(partition, id, &definition.version);
            let changes =
                Changeset::new("appDefinitions.add").expect_revision(&app::key(partition, id), *revision);
            let changes = match view.revision(&key).await? {
                None => changes.expect_absent(&key),
                Some(rejected) => changes.expect_revision(&key, rejected),
            };
            let changes = changes
                .put(partition, &next.app)
                .put(partition, &definition)
                .put(partition, &record(&sent.package, id));
            Ok((Keep::Commit(changes), definition))
        })
        .await?;
    Ok(match added.state {
        PublishingState::Published => Reply::no_content(),
        PublishingState::Submitted | PublishingState::Rejected => created(call, &added),
    })
}

fn created(call: &Call, definition: &TeamsAppDefinition) -> Reply {
    let root = call.service_root();
    let location = format!("{root}/{PATH}/{}/appDefinitions/{}", definition.app, definition.id());
    let shape = Shape::default();
    let path = definitions_path(&definition.app);
    let writer = Writer::new(call, path, schema::definition(call.version()), &shape);
    let body = writer.entity(&DefinitionRow { definition, root: &root });
    Reply::created(&location, body)
}
