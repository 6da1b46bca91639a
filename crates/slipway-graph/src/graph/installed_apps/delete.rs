//! `DELETE /users/{id}/teamwork/installedApps/{id}`: removes an app from the personal scope of a user.

use slipway_store::{Changeset, Counter, app, installation};

use super::find;
use crate::call::{Call, Keep};
use crate::fault::Fault;
use crate::graph::schema;
use crate::reply::Reply;

pub(crate) async fn delete(call: Call) -> Result<Reply, Fault> {
    call.query(schema::installation(call.version()))?;
    let call = &call;
    let partition = call.partition();
    call.keep_presuming(move |view| async move {
        let found = find::installation(call, &view).await?;
        let (entry, app_revision) = &*found.app;
        let key = installation::key(partition, &found.owner, &entry.app.id);
        let changes = Changeset::new("installedApps.delete")
            .expect_revision(&app::key(partition, &entry.app.id), *app_revision)
            .expect_revision(&key, found.installation.revision)
            .delete(&key)
            .add(partition, Counter::Installations, -1);
        Ok((Keep::Commit(changes), ()))
    })
    .await?;
    Ok(Reply::no_content())
}
