//! Making, changing and taking back grants. What an administrator grants stands in the client's row; what a user granted
//! themselves stays where it is, as far as the grant still has it.

use slipway_model::{ClientId, Consent, DelegatedGrant, RegistrationRefusal, UserId};
use slipway_odata::Shape;
use slipway_store::{Changeset, Stored, View, client as clients, consent, user as users};

use super::PATH;
use super::body::{Wish, read_scopes};
use super::find::{self, Found, grant_in, rows_of};
use super::row::{GrantKey, GrantRow};
use crate::call::{Basis, Call, Keep};
use crate::fault::{Fault, echo};
use crate::graph::{client, schema};
use crate::object::invalid_value;
use crate::reply::Reply;
use crate::wire::entity::Writer;

pub(crate) async fn create(mut call: Call) -> Result<Reply, Fault> {
    let body = call.json().await?;
    call.query(&schema::OAUTH2_PERMISSION_GRANT)?;
    client::may_grant(&call)?;
    let wish = &Wish::read(&body).map_err(Fault::of_directory)?;
    let call = &call;
    let row = call
        .keep(move |Basis { view, .. }| async move {
            let Wish { client, resource, user, scopes } = wish;
            let key = GrantKey { client: client.clone(), resource: resource.clone(), user: user.clone() };
            check_resource(call, &view, resource).await?;
            let changes = Changeset::new("oauth2PermissionGrants.create");
            let changes = match user {
                Some(user) => expect_user(call, &view, user, changes).await?,
                None => changes,
            };
            let (known, own) = rows_of(call, &view, &key).await?.ok_or_else(|| {
                invalid_value("clientId", "the id of a client's service principal").of_directory()
            })?;
            if grant_in(&known, own.as_ref(), &key).is_some() {
                return Err(Fault::registration(client)(RegistrationRefusal::GrantThere));
            }
            let (user, resource, scopes) = (user.clone(), resource.clone(), scopes.clone());
            let grant = DelegatedGrant { user, resource, scopes };
            let mut new = known.record;
            new.set_grant(&grant);
            let changes = changes
                .expect_revision(&clients::key(call.partition(), client), known.revision)
                .put(call.partition(), &new);
            Ok((Keep::Commit(changes), GrantRow { client: client.clone(), grant }))
        })
        .await?;
    let location = format!("{}/{PATH}/{}", call.service_root(), row.key().id());
    let shape = Shape::default();
    let writer = Writer::new(call, PATH, &schema::OAUTH2_PERMISSION_GRANT, &shape);
    Ok(Reply::created(&location, writer.entity(&row)))
}

/// The API must be there: Microsoft Graph, or a client that offers permissions.
async fn check_resource(call: &Call, view: &View, resource: &ClientId) -> Result<(), Fault> {
    if *resource == ClientId::microsoft_graph() {
        return Ok(());
    }
    let known = view.get(&clients::key(call.partition(), resource)).await?;
    let offers =
        known.is_some_and(|api| api.record.has_service_principal && !api.record.exposed_scopes.is_empty());
    if offers {
        return Ok(());
    }
    Err(invalid_value("resourceId", "the id of the service principal of an API").of_directory())
}

async fn expect_user(
    call: &Call,
    view: &View,
    user: &UserId,
    changes: Changeset,
) -> Result<Changeset, Fault> {
    let key = users::key(call.partition(), user);
    if !view.exists(&key).await? {
        return Err(Fault::directory(format!(
            "Invalid value for property 'principalId': there is no user '{}'.",
            echo(user.as_str())
        )));
    }
    Ok(changes.expect_present(&key))
}

pub(crate) async fn update(mut call: Call) -> Result<Reply, Fault> {
    let body = call.json().await?;
    let scopes = read_scopes(&body).map_err(Fault::of_directory)?;
    set(call, "oauth2PermissionGrants.update", scopes).await
}

pub(crate) async fn delete(call: Call) -> Result<Reply, Fault> {
    set(call, "oauth2PermissionGrants.delete", Vec::new()).await
}

/// The grant in the path becomes one of these permissions; without any it is gone.
async fn set(call: Call, name: &'static str, scopes: Vec<String>) -> Result<Reply, Fault> {
    call.query(&schema::OAUTH2_PERMISSION_GRANT)?;
    client::may_grant(&call)?;
    let (call, scopes) = (&call, &scopes);
    call.keep(move |Basis { view, .. }| async move {
        let Found { client, own, grant } = find::named(call, &view).await?;
        let wanted = DelegatedGrant { scopes: scopes.clone(), ..grant };
        let changes = Changeset::new(name);
        let (changes, left) = match own {
            Some(own) => keep_own(call, changes, own, &wanted),
            None => (changes, wanted),
        };
        let mut new = client.record;
        new.set_grant(&left);
        let changes = changes
            .expect_revision(&clients::key(call.partition(), &new.id), client.revision)
            .put(call.partition(), &new);
        Ok((Keep::Commit(changes), ()))
    })
    .await?;
    Ok(Reply::no_content())
}

/// What the user granted themselves, as far as it is wanted; and what is wanted beside it.
fn keep_own(
    call: &Call,
    changes: Changeset,
    own: Stored<Consent>,
    wanted: &DelegatedGrant,
) -> (Changeset, DelegatedGrant) {
    let (mut kept, key) = (own.record.clone(), own.record);
    let left = kept.keep(wanted);
    let key = consent::key(call.partition(), &key.client, &key.user);
    let changes = changes.expect_revision(&key, own.revision);
    let changes =
        if kept.scopes.is_empty() { changes.delete(&key) } else { changes.put(call.partition(), &kept) };
    (changes, left)
}
