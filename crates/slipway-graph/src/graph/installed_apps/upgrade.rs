//! `POST …/installedApps/{id}/upgrade`: brings an installation to the published version.

use slipway_store::{Changeset, app, installation};

use super::body::read_upgrade;
use super::find;
use crate::call::{Call, Keep};
use crate::fault::{Fault, FaultKind};
use crate::graph::{owner, schema};
use crate::reply::Reply;

pub(crate) async fn upgrade(mut call: Call) -> Result<Reply, Fault> {
    let body = call.json().await?;
    call.query(schema::installation(&call))?;
    let consented = read_upgrade(&body)?;
    let (call, consented) = (&call, consented.as_deref());
    let partition = call.partition();
    call.keep_presuming(move |basis| async move {
        let found = find::changeable(call, &basis.view).await?;
        let user = found.special_user(call, &basis).await?;
        let request = found.request(call, &basis, consented, user.as_ref());
        let installed = &found.installation;
        let (entry, app_revision) = &*found.app;
        let upgraded = slipway_model::upgrade(entry, &installed.record, request);
        let Some(upgraded) = upgraded.map_err(FaultKind::Refused)? else { return Ok((Keep::Nothing, ())) };
        let app = &entry.app.id;
        let changes = Changeset::new(call.operation().name)
            .expect_revision(&app::key(partition, app), *app_revision)
            .expect_revision(&installation::key(partition, &found.access.owner, app), installed.revision)
            .put(partition, &upgraded);
        Ok((Keep::Commit(owner::expect_membership(changes, call, &found.access.owner)), ()))
    })
    .await?;
    Ok(Reply::no_content())
}
