//! `DELETE /servicePrincipals/{id}`: the client gets no tokens any more, and what was granted to it is gone. Tokens that
//! are out stay good until they end, with the roles that they have.

use slipway_store::{Changeset, client as clients, consent};

use super::{Principal, named};
use crate::call::{Basis, Call, Keep};
use crate::fault::{Fault, FaultKind};
use crate::graph::{client, schema};
use crate::reply::Reply;

/// Most consents that go with it; a commit has room for no more than a thousand rows.
const MOST: usize = 900;

pub(crate) async fn delete(call: Call) -> Result<Reply, Fault> {
    call.query(&schema::SERVICE_PRINCIPAL)?;
    client::may_register(&call)?;
    let call = &call;
    call.keep(move |Basis { view, .. }| async move {
        let known = match named(call, &view, call.key(0)).await? {
            Principal::MicrosoftGraph => return Err(FaultKind::InsufficientPrivileges.into()),
            Principal::Client(client) => *client,
        };
        let (partition, id) = (call.partition(), known.record.id.clone());
        let consents = view.scan(&consent::of_client(partition, &id), MOST).await?;
        if consents.next.is_some() {
            return Err(Fault::directory(format!(
                "More than {MOST} users consented to the client. Delete its application."
            )));
        }
        let changes = Changeset::new("servicePrincipals.delete")
            .expect_revision(&clients::key(partition, &id), known.revision)
            .put(partition, &known.record.without_service_principal());
        let changes = consents
            .rows
            .iter()
            .fold(changes, |changes, row| changes.delete(&consent::key(partition, &id, &row.record.user)));
        Ok((Keep::Commit(changes), ()))
    })
    .await?;
    Ok(Reply::no_content())
}
