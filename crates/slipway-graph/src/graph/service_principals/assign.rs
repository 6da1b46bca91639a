//! Assigning application permissions and taking them back, from either side: the client's `appRoleAssignments`, or the
//! API's `appRoleAssignedTo`. Tokens that are out keep the roles that they were made with.

use slipway_model::{AppRole, ClientId};
use slipway_odata::Shape;
use slipway_store::{Changeset, client as clients};

use super::assignments::{AssignmentRow, path, read_id};
use super::{Principal, named};
use crate::call::{Basis, Call, Keep};
use crate::fault::{Fault, FaultKind};
use crate::graph::{client, schema};
use crate::object::{Object, invalid_value};
use crate::reply::Reply;
use crate::wire::entity::Writer;

/// Whose collection the path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    /// The client's.
    Principal,
    /// The API's.
    Resource,
}

impl Side {
    const fn property(self) -> &'static str {
        match self {
            Self::Principal => "appRoleAssignments",
            Self::Resource => "appRoleAssignedTo",
        }
    }
}

pub(crate) async fn create(call: Call) -> Result<Reply, Fault> {
    assign(call, Side::Principal).await
}

pub(crate) async fn create_to(call: Call) -> Result<Reply, Fault> {
    assign(call, Side::Resource).await
}

async fn assign(mut call: Call, side: Side) -> Result<Reply, Fault> {
    let body = call.json().await?;
    call.query(&schema::APP_ROLE_ASSIGNMENT)?;
    client::may_assign_roles(&call)?;
    let wish = &Wish::read(&body).map_err(Fault::of_directory)?;
    let call = &call;
    let (row, path) = call
        .keep(move |Basis { view, .. }| async move {
            let at = named(call, &view, call.key(0)).await?;
            wish.check(&at, side)?;
            let client = match named(call, &view, wish.principal.as_str()).await {
                Ok(Principal::Client(client)) => *client,
                Ok(Principal::MicrosoftGraph) | Err(_) if side == Side::Resource => {
                    return Err(
                        invalid_value("principalId", "the id of a client's service principal").of_directory()
                    );
                }
                Ok(Principal::MicrosoftGraph) => return Err(FaultKind::InsufficientPrivileges.into()),
                Err(fault) => return Err(fault),
            };
            let mut new = client.record;
            let refused = Fault::registration(&new.id);
            new.assign_role(wish.role).map_err(refused)?;
            let changes = Changeset::new("appRoleAssignments.create")
                .expect_revision(&clients::key(call.partition(), &new.id), client.revision)
                .put(call.partition(), &new);
            Ok((Keep::Commit(changes), (AssignmentRow::new(&new, wish.role), path(&at, side.property()))))
        })
        .await?;
    let location = format!("{}/{path}/{}", call.service_root(), row.id());
    let shape = Shape::default();
    let writer = Writer::new(call, path, &schema::APP_ROLE_ASSIGNMENT, &shape);
    Ok(Reply::created(&location, writer.entity(&row)))
}

/// What is to be assigned to whom.
struct Wish {
    /// The client's service principal.
    principal: ClientId,
    /// The API's.
    resource: ClientId,
    role: AppRole,
}

impl Wish {
    fn read(body: &[u8]) -> Result<Self, Fault> {
        let object = Object::parse(body)?;
        object.check(&[
            "appRoleId",
            "createdDateTime",
            "deletedDateTime",
            "id",
            "principalDisplayName",
            "principalId",
            "principalType",
            "resourceDisplayName",
            "resourceId",
        ])?;
        let id = |name: &str| -> Result<ClientId, Fault> {
            let text: Option<String> = object.read(name, "a GUID")?;
            text.and_then(|text| ClientId::parse(&text).ok()).ok_or_else(|| invalid_value(name, "a GUID"))
        };
        let (principal, resource, role) = (id("principalId")?, id("resourceId")?, id("appRoleId")?);
        if resource.of_service_principal() != ClientId::microsoft_graph() {
            return Err(Fault::bad_request(format!(
                "The resource '{resource}' has no app roles: send the id of the service principal of Microsoft Graph."
            )));
        }
        let role = AppRole::of_id(role.as_str()).ok_or_else(|| {
            Fault::bad_request(format!(
                "Permission being assigned was not found on application '{}'.",
                ClientId::microsoft_graph()
            ))
        })?;
        Ok(Self { principal, resource, role })
    }

    /// The path and the body must name the same.
    fn check(&self, at: &Principal, side: Side) -> Result<(), Fault> {
        let (name, sent) = match side {
            Side::Principal => ("principalId", &self.principal),
            Side::Resource => ("resourceId", &self.resource),
        };
        if at.app_id().service_principal_id() == *sent {
            return Ok(());
        }
        Err(invalid_value(name, "the id of the service principal in the path").of_directory())
    }
}

pub(crate) async fn delete(call: Call) -> Result<Reply, Fault> {
    unassign(call, Side::Principal).await
}

pub(crate) async fn delete_to(call: Call) -> Result<Reply, Fault> {
    unassign(call, Side::Resource).await
}

async fn unassign(call: Call, side: Side) -> Result<Reply, Fault> {
    call.query(&schema::APP_ROLE_ASSIGNMENT)?;
    client::may_assign_roles(&call)?;
    let call = &call;
    call.keep(move |Basis { view, .. }| async move {
        let at = named(call, &view, call.key(0)).await?;
        let unknown = || Fault::from(FaultKind::DirectoryObjectNotFound(call.key(1).to_owned()));
        let (client, role) = read_id(call.key(1)).ok_or_else(unknown)?;
        let named_in_path = match side {
            Side::Principal => client.clone(),
            Side::Resource => ClientId::microsoft_graph(),
        };
        let key = clients::key(call.partition(), &client);
        let known = view.get(&key).await?.filter(|known| known.record.has_service_principal);
        let known = known.filter(|_| at.app_id() == named_in_path).ok_or_else(unknown)?;
        let mut new = known.record;
        if !new.unassign_role(role) {
            return Err(unknown());
        }
        let changes = Changeset::new("appRoleAssignments.delete")
            .expect_revision(&key, known.revision)
            .put(call.partition(), &new);
        Ok((Keep::Commit(changes), ()))
    })
    .await?;
    Ok(Reply::no_content())
}
