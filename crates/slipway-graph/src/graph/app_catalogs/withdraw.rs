//! `DELETE …/appDefinitions/{id}`: withdraws a definition that waits for review. An app that has no other goes with
//! it.

use slipway_store::{Changeset, app, definition as definitions, package};

use super::body::remover;
use super::delete::deletion;
use super::etag;
use super::find::{Named, named, versions};
use crate::call::{Basis, Call, Keep};
use crate::fault::{Fault, FaultKind};
use crate::graph::schema;
use crate::reply::Reply;

pub(crate) async fn withdraw(call: Call) -> Result<Reply, Fault> {
    call.query(schema::definition(call.version()))?;
    let call = &call;
    let partition = call.partition();
    call.keep(move |Basis { view, .. }| async move {
        let Named { entry, definition } = named(call, &view).await?;
        let (entry, revision) = &*entry;
        etag::check(call.header_text("if-match"), &definition.record)?;
        let (id, version) = (&entry.app.id, &definition.record.version);
        let versions = versions(call, &view, id).await?;
        let left =
            entry.withdraw(&versions, &definition.record, remover(call)).map_err(FaultKind::Refused)?;
        let key = definitions::key(partition, id, version);
        let changes = match left {
            None => deletion("appDefinitions.withdraw", partition, &entry.app, &versions),
            Some(left) => Changeset::new("appDefinitions.withdraw")
                .put(partition, &left.app)
                .delete(&key)
                .delete(&package::key(partition, id, version)),
        };
        let changes = changes
            .expect_revision(&app::key(partition, id), *revision)
            .expect_revision(&key, definition.revision);
        Ok((Keep::Commit(changes), ()))
    })
    .await?;
    Ok(Reply::no_content())
}
