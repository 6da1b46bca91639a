//! `PATCH /applications/{id}`: changes what is sent. Collections are replaced whole; secrets can only be left out,
//! since new ones are made by `addPassword`.

use slipway_model::Client;
use slipway_store::{Changeset, client as clients};

use super::body::Change;
use super::create::check_identifiers;
use crate::call::{Basis, Call, Keep};
use crate::fault::Fault;
use crate::graph::client::{self, Face};
use crate::graph::schema;
use crate::object::invalid_value;
use crate::reply::Reply;

pub(crate) async fn update(mut call: Call) -> Result<Reply, Fault> {
    let body = call.json().await?;
    call.query(&schema::APPLICATION)?;
    client::may_register(&call)?;
    let change = &Change::read(&body).map_err(Fault::of_directory)?;
    let call = &call;
    call.keep(move |Basis { view, .. }| async move {
        let known = client::named(call, &view, Face::Application, call.key(0)).await?;
        let new = changed(change, known.record.clone())?;
        check_identifiers((call, &view), &new, change.identifier_uris.as_deref()).await?;
        if new == known.record {
            return Ok((Keep::Nothing, ()));
        }
        let changes = Changeset::new("applications.update")
            .expect_revision(&clients::key(call.partition(), &new.id), known.revision)
            .put(call.partition(), &new);
        Ok((Keep::Commit(changes), ()))
    })
    .await?;
    Ok(Reply::no_content())
}

fn changed(change: &Change, client: Client) -> Result<Client, Fault> {
    let mut client = change.applied(client).map_err(Fault::of_directory)?;
    if let Some(wishes) = &change.passwords {
        let kept: Option<Vec<String>> = wishes.iter().map(|wish| wish.key_id.clone()).collect();
        let kept = kept.ok_or_else(|| {
            invalid_value(
                "passwordCredentials",
                "those that stay, each with its keyId; addPassword makes new ones",
            )
            .of_directory()
        })?;
        client.keep_secrets(&kept).map_err(Fault::registration(&client.id))?;
    }
    Ok(client)
}
