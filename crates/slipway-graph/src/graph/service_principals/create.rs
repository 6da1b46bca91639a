//! `POST /servicePrincipals`: brings a registered client into the tenant, so that it may get tokens.

use slipway_model::ClientId;
use slipway_odata::Shape;
use slipway_store::{Changeset, client as clients};

use super::PATH;
use super::row::PrincipalRow;
use crate::call::{Basis, Call, Keep};
use crate::fault::{DirectoryFault, Fault, FaultKind, echo};
use crate::graph::{client, schema};
use crate::object::{Object, invalid_value};
use crate::reply::Reply;
use crate::wire::entity::Writer;

/// What only describes a service principal; it is passed over.
const DESCRIPTIONS: [&str; 12] = [
    "accountEnabled",
    "alternativeNames",
    "appDisplayName",
    "appRoleAssignmentRequired",
    "description",
    "displayName",
    "homepage",
    "info",
    "notes",
    "replyUrls",
    "servicePrincipalType",
    "tags",
];

pub(crate) async fn create(mut call: Call) -> Result<Reply, Fault> {
    let body = call.json().await?;
    call.query(&schema::SERVICE_PRINCIPAL)?;
    client::may_register(&call)?;
    let id = &read(&body).map_err(Fault::of_directory)?;
    let call = &call;
    let new = call
        .keep(move |Basis { view, .. }| async move {
            let key = clients::key(call.partition(), id);
            let refused = Fault::registration(id);
            if *id == ClientId::microsoft_graph() {
                return Err(refused(slipway_model::RegistrationRefusal::ServicePrincipalThere));
            }
            let known = view.get(&key).await?.ok_or_else(|| no_application(id))?;
            let new = known.record.with_service_principal().map_err(refused)?;
            let changes = Changeset::new("servicePrincipals.create")
                .expect_revision(&key, known.revision)
                .put(call.partition(), &new);
            Ok((Keep::Commit(changes), new))
        })
        .await?;
    let location = format!("{}/{PATH}/{}", call.service_root(), new.service_principal_id());
    let row = PrincipalRow { client: Some(new), tenant: call.tenant().id.as_str() };
    let shape = Shape::default();
    let writer = Writer::new(call, PATH, &schema::SERVICE_PRINCIPAL, &shape);
    Ok(Reply::created(&location, writer.entity(&row)))
}

fn read(body: &[u8]) -> Result<ClientId, Fault> {
    let object = Object::parse(body)?;
    object.check(&[&["appId"][..], &DESCRIPTIONS].concat())?;
    if object.get("accountEnabled").is_some_and(|value| value.get() == "false") {
        return Err(invalid_value("accountEnabled", "true, for service principals are not disabled here"));
    }
    object.check_unserved(&["appRoleAssignmentRequired"])?;
    let id: Option<String> = object.read("appId", "the appId of an application")?;
    let id = id.ok_or_else(|| Fault::bad_request("The property 'appId' is required."))?;
    ClientId::parse(&id).map_err(|_| invalid_value("appId", "the appId of an application"))
}

fn no_application(id: &ClientId) -> Fault {
    let id = echo(id.as_str());
    let message =
        format!("The appId '{id}' of the service principal does not reference a valid application object.");
    FaultKind::Directory(DirectoryFault::BadRequest(message)).into()
}
