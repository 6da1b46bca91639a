//! `POST /appCatalogs/teamsApps/{id}/appDefinitions`: publishes a new version of an app, without review. No
//! installation is touched; each moves when it is upgraded.

use slipway_model::{Known, MAX_VERSIONS_PER_APP};
use slipway_store::{Changeset, app, definition as definitions};

use super::find::required;
use super::package::{definition, read, record};
use crate::call::{Basis, Call, Keep};
use crate::fault::{Fault, FaultKind};
use crate::graph::schema;
use crate::reply::Reply;

pub(crate) async fn publish_version(mut call: Call) -> Result<Reply, Fault> {
    call.query(schema::definition(call.version()))?;
    let package = read(&mut call).await?;
    let (call, package) = (&call, &package);
    let partition = call.partition();
    call.keep(move |Basis { view, .. }| async move {
        let (entry, revision) = &*required(call, &view).await?;
        let id = &entry.app.id;
        let definition = definition(call, &package.facts, id);
        let key = definitions::key(partition, id, &definition.version);
        let known = Known {
            this_version: view.exists(&key).await?,
            versions: view.count(&definitions::of_app(partition, id), MAX_VERSIONS_PER_APP).await?,
        };
        let next = entry.publish_version(known, definition.clone()).map_err(FaultKind::Refused)?;
        let changes = Changeset::new("appDefinitions.publish")
            .expect_revision(&app::key(partition, id), *revision)
            .expect_absent(&key)
            .put(partition, &next.app)
            .put(partition, &definition)
            .put(partition, &record(package, id));
        Ok((Keep::Commit(changes), ()))
    })
    .await?;
    Ok(Reply::no_content())
}
