//! `DELETE /applications/{id}`: the registration with its service principal and everything that was granted to it. Its
//! tokens are refused from now on, for whoever asks with one is looked for. There is no place from which it could be
//! restored.

use slipway_store::{Changeset, client as clients, consent};

use crate::call::{Basis, Call, Keep};
use crate::fault::Fault;
use crate::graph::client::{self, Face};
use crate::graph::schema;
use crate::reply::Reply;

pub(crate) async fn delete(call: Call) -> Result<Reply, Fault> {
    call.query(&schema::APPLICATION)?;
    client::may_register(&call)?;
    let call = &call;
    call.keep(move |Basis { view, .. }| async move {
        let known = client::named(call, &view, Face::Application, call.key(0)).await?;
        let (partition, id) = (call.partition(), &known.record.id);
        let key = clients::key(partition, id);
        // Sign-ins name a client that is gone, so they are worth nothing until they expire.
        let changes = Changeset::new("applications.delete")
            .expect_revision(&key, known.revision)
            .delete(&key)
            .sweep(&consent::of_client(partition, id));
        Ok((Keep::Commit(changes), ()))
    })
    .await?;
    Ok(Reply::no_content())
}
