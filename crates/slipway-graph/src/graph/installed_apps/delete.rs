//! `DELETE …/installedApps/{id}`: removes an app from a user, a team or a chat.

use slipway_store::{Changeset, Counter, app, installation};

use super::find;
use crate::call::{Call, Keep};
use crate::fault::{Fault, FaultKind};
use crate::graph::{owner, schema};
use crate::reply::Reply;

pub(crate) async fn delete(call: Call) -> Result<Reply, Fault> {
    call.query(schema::installation(&call))?;
    let call = &call;
    let partition = call.partition();
    call.keep_presuming(move |basis| async move {
        let found = find::changeable(call, &basis.view).await?;
        let request = found.request(call, &basis, None, None);
        let (entry, app_revision) = &*found.app;
        let installed = &found.installation;
        slipway_model::uninstall(&entry.app, &installed.record, request).map_err(FaultKind::Refused)?;
        let key = installation::key(partition, &found.access.owner, &entry.app.id);
        let changes = Changeset::new(call.operation().name)
            .expect_revision(&app::key(partition, &entry.app.id), *app_revision)
            .expect_revision(&key, installed.revision)
            .delete(&key)
            .add(partition, Counter::Installations, -1);
        Ok((Keep::Commit(owner::expect_membership(changes, call, &found.access.owner)), ()))
    })
    .await?;
    Ok(Reply::no_content())
}
