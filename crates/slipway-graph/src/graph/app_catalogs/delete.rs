//! `DELETE /appCatalogs/teamsApps/{id}`: one small commit. The app's installations vanish from reads with it; a
//! sweep removes their rows.

use slipway_model::MAX_VERSIONS_PER_APP;
use slipway_store::{Changeset, Counter, app, definition, installation, package};

use super::find::required;
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
        entry.may_change().map_err(FaultKind::Refused)?;
        let id = &entry.app.id;
        let versions = view.scan(&definition::of_app(partition, id), MAX_VERSIONS_PER_APP).await?;
        let mut changes = Changeset::new("teamsApps.delete")
            .expect_revision(&app::key(partition, id), *revision)
            .delete(&app::key(partition, id))
            .sweep(&installation::of_app(partition, id, entry.app.incarnation))
            .add(partition, Counter::Apps, -1);
        for version in versions.rows.iter().map(|row| &row.record.version) {
            changes = changes
                .delete(&definition::key(partition, id, version))
                .delete(&package::key(partition, id, version));
        }
        Ok((Keep::Commit(changes), ()))
    })
    .await?;
    Ok(Reply::no_content())
}
