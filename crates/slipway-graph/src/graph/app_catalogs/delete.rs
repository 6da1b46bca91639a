//! `DELETE /appCatalogs/teamsApps/{id}`: one small commit. The app's installations vanish from reads with it; a
//! sweep removes their rows.

use slipway_model::{TeamsApp, TeamsAppDefinition};
use slipway_store::{Changeset, Counter, Partition, app, definition, installation, package};

use super::body::remover;
use super::find::{required, versions};
use crate::call::{Basis, Call, Keep};
use crate::fault::{Fault, FaultKind};
use crate::graph::schema;
use crate::reply::Reply;

pub(crate) async fn delete(call: Call) -> Result<Reply, Fault> {
    call.query(schema::teams_app(call.version()))?;
    let call = &call;
    let partition = call.partition();
    call.keep(move |Basis { view, .. }| async move {
        let (entry, revision) = &*required(call, &view).await?;
        let versions = versions(call, &view, &entry.app.id).await?;
        entry.may_delete(&versions, remover(call)).map_err(FaultKind::Refused)?;
        let changes = deletion("teamsApps.delete", partition, &entry.app, &versions)
            .expect_revision(&app::key(partition, &entry.app.id), *revision);
        Ok((Keep::Commit(changes), ()))
    })
    .await?;
    Ok(Reply::no_content())
}

/// Deletes the app with all its versions; the app must be expected at the revision with which they were read.
pub(super) fn deletion(
    name: &'static str,
    partition: &Partition,
    app: &TeamsApp,
    versions: &[TeamsAppDefinition],
) -> Changeset {
    let id = &app.id;
    let changes = Changeset::new(name)
        .delete(&app::key(partition, id))
        .sweep(&installation::of_app(partition, id, app.incarnation))
        .add(partition, Counter::Apps, -1);
    versions.iter().map(|definition| &definition.version).fold(changes, |changes, version| {
        changes.delete(&definition::key(partition, id, version)).delete(&package::key(partition, id, version))
    })
}
