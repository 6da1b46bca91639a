//! `POST /applications/{id}/addPassword` and `…/removePassword`.

use slipway_model::{Client, RegistrationRefusal};
use slipway_odata::Shape;
use slipway_store::{Changeset, client as clients};

use super::credentials::PasswordWish;
use super::row::PasswordRow;
use crate::call::{Basis, Call, Keep};
use crate::fault::Fault;
use crate::graph::client::{self, Face};
use crate::graph::schema;
use crate::object::{Object, invalid_value};
use crate::reply::Reply;
use crate::wire::entity::Writer;

/// The secret is in this answer and nowhere else.
pub(crate) async fn add(mut call: Call) -> Result<Reply, Fault> {
    let body = call.json().await?;
    call.query(&schema::APPLICATION)?;
    client::may_register(&call)?;
    let wish = read_wish(&body).map_err(Fault::of_directory)?;
    let (credential, secret) = wish.make(call.server().ids(), call.now()).map_err(Fault::of_directory)?;
    let new = &credential;
    change(&call, "applications.addPassword", move |client| client.add_secret(new.clone())).await?;
    let shape = Shape::default();
    let kind = &schema::PASSWORD_CREDENTIAL;
    let writer = Writer::new(&call, kind.name, kind, &shape);
    let row = PasswordRow { secret: &credential, text: Some(secret.expose()) };
    Ok(Reply::odata(writer.value_of_type(&row)))
}

fn read_wish(body: &[u8]) -> Result<PasswordWish, Fault> {
    let object = Object::parse(body)?;
    object.check(&["passwordCredential"])?;
    let wish = object.object("passwordCredential")?;
    Ok(wish.map(|wish| PasswordWish::read(&wish)).transpose()?.unwrap_or_default())
}

pub(crate) async fn remove(mut call: Call) -> Result<Reply, Fault> {
    let body = call.json().await?;
    call.query(&schema::APPLICATION)?;
    client::may_register(&call)?;
    let key_id = &read_key_id(&body).map_err(Fault::of_directory)?;
    change(&call, "applications.removePassword", move |client| client.remove_secret(key_id)).await?;
    Ok(Reply::no_content())
}

fn read_key_id(body: &[u8]) -> Result<String, Fault> {
    let object = Object::parse(body)?;
    object.check(&["keyId"])?;
    object.read("keyId", "a GUID")?.ok_or_else(|| invalid_value("keyId", "a GUID"))
}

/// Changes the client in the path.
async fn change(
    call: &Call,
    name: &'static str,
    rule: impl Fn(&mut Client) -> Result<(), RegistrationRefusal> + Copy,
) -> Result<(), Fault> {
    call.keep(move |Basis { view, .. }| async move {
        let known = client::named(call, &view, Face::Application, call.key(0)).await?;
        let mut new = known.record;
        let refused = Fault::registration(&new.id);
        rule(&mut new).map_err(refused)?;
        let changes = Changeset::new(name)
            .expect_revision(&clients::key(call.partition(), &new.id), known.revision)
            .put(call.partition(), &new);
        Ok((Keep::Commit(changes), ()))
    })
    .await
}
