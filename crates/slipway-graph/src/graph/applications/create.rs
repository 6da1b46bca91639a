//! `POST /applications`: registers a client. It has no service principal yet, so that it gets no tokens.

use slipway_identity::Secret;
use slipway_model::{Client, ClientId, TenantId};
use slipway_odata::Shape;
use slipway_store::{Changeset, View, client as clients};

use super::PATH;
use super::body::Change;
use super::row::ApplicationRow;
use crate::call::{Basis, Call, Keep};
use crate::fault::{Fault, FaultKind, echo};
use crate::graph::{client, schema};
use crate::reply::Reply;
use crate::wire::entity::Writer;

pub(crate) async fn create(mut call: Call) -> Result<Reply, Fault> {
    let body = call.json().await?;
    call.query(&schema::APPLICATION)?;
    client::may_register(&call)?;
    let change = &Change::read(&body).map_err(Fault::of_directory)?;
    let id = ClientId::parse(&call.server().ids().guid())
        .map_err(|error| FaultKind::Internal.because(error.to_string()))?;
    let (new, shown) = registered(&call, change, id).map_err(Fault::of_directory)?;
    let (call, new) = (&call, &new);
    call.keep(move |Basis { view, .. }| async move {
        check_identifiers((call, &view), new, change.identifier_uris.as_deref()).await?;
        let changes = Changeset::new("applications.create")
            .expect_absent(&clients::key(call.partition(), &new.id))
            .put(call.partition(), new);
        Ok((Keep::Commit(changes), ()))
    })
    .await?;
    let row = ApplicationRow { client: new.clone(), domain: &call.tenant().domain, shown };
    let location = format!("{}/{PATH}/{}", call.service_root(), new.application_id());
    let shape = Shape::default();
    let writer = Writer::new(call, PATH, &schema::APPLICATION, &shape);
    Ok(Reply::created(&location, writer.entity(&row)))
}

/// The client, and the secrets that were made for it, each with its id.
fn registered(call: &Call, change: &Change, id: ClientId) -> Result<(Client, Vec<(String, Secret)>), Fault> {
    let name = change
        .display_name
        .as_deref()
        .ok_or_else(|| Fault::bad_request("The property 'displayName' is required."))?;
    let blank =
        Client { created_at: Some(call.now()), has_service_principal: false, ..Client::new(id, name) };
    let mut client = change.applied(blank)?;
    let mut shown = Vec::new();
    for wish in change.passwords.iter().flatten() {
        let (credential, secret) = wish.make(call.server().ids(), call.now())?;
        shown.push((credential.key_id.clone(), secret));
        client.add_secret(credential).map_err(Fault::registration(&client.id))?;
    }
    Ok((client, shown))
}

/// No two clients are the same API. Of two that are registered at the same moment with the same URI both may come to
/// be, since nothing counts such URIs.
pub(super) async fn check_identifiers(
    (call, view): (&Call, &View),
    new: &Client,
    uris: Option<&[String]>,
) -> Result<(), Fault> {
    let Some(uris) = uris.filter(|uris| !uris.is_empty()) else { return Ok(()) };
    if let Some(uri) = uris.iter().find(|uri| !is_own_to_take(uri, new, &call.tenant().id)) {
        return Err(Fault::directory(format!(
            "The identifier URI '{}' has the id of another application or tenant in it.",
            echo(uri)
        )));
    }
    let others = client::all(call, view).await?;
    let has = |other: &Client, uri: &String| {
        other.id != new.id && other.identifier_uris.iter().any(|known| known.eq_ignore_ascii_case(uri))
    };
    if uris.iter().any(|uri| others.iter().any(|other| has(other, uri))) {
        return Err(Fault::directory(
            "Another object with the same value for property identifierUris already exists.",
        ));
    }
    Ok(())
}

/// Whether an `api://{GUID}…` has the id of the client itself, or, with something behind it, of its tenant: otherwise
/// one client could pass for another's API.
fn is_own_to_take(uri: &str, client: &Client, tenant: &TenantId) -> bool {
    let Some((scheme, rest)) = uri.split_once("://") else { return true };
    let (host, behind) = rest.split_once('/').unwrap_or((rest, ""));
    let is_guid = ClientId::parse(host).is_ok_and(|id| id.is_guid());
    !scheme.eq_ignore_ascii_case("api")
        || !is_guid
        || host.eq_ignore_ascii_case(client.id.as_str())
        || (host.eq_ignore_ascii_case(tenant.as_str()) && !behind.is_empty())
}
