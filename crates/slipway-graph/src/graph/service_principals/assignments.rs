//! `GET …/appRoleAssignments` and `…/appRoleAssignedTo`: the application permissions of a client, and whom an API's
//! application permissions are granted to. Only Microsoft Graph has some.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use slipway_model::{AppRole, Client, ClientId};
use slipway_odata::{Property, Row, Value};

use super::{PATH, Principal, named};
use crate::call::Call;
use crate::collection::{Limits, Listing, Placed};
use crate::fault::Fault;
use crate::graph::{client, schema};
use crate::reply::Reply;

/// Assignments on a page unless `$top` says otherwise, and at most; both are documented for directory objects.
const LIMITS: Limits = Limits { usual: 100, largest: 999 };

/// A role of Microsoft Graph that a client has. Its id is made of both, so that nothing has to be kept for it.
pub(super) struct AssignmentRow {
    pub(super) client: ClientId,
    pub(super) name: String,
    pub(super) role: AppRole,
}

impl AssignmentRow {
    pub(super) fn new(client: &Client, role: AppRole) -> Self {
        Self { client: client.id.clone(), name: client.display_name.clone(), role }
    }

    pub(super) fn id(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{} {}", self.client.service_principal_id(), self.role.id))
    }
}

/// The client and the role of which the text is the id.
pub(super) fn read_id(id: &str) -> Option<(ClientId, AppRole)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
    let (principal, role) = text.split_once(' ')?;
    Some((ClientId::parse(principal).ok()?.of_service_principal(), AppRole::of_id(role)?))
}

impl Row for AssignmentRow {
    fn value(&self, property: &'static Property) -> Value<'_> {
        match property.name {
            "id" => self.id().into(),
            "appRoleId" => self.role.id.into(),
            "principalDisplayName" => self.name.as_str().into(),
            "principalId" => self.client.service_principal_id().as_str().to_owned().into(),
            "principalType" => "ServicePrincipal".into(),
            "resourceDisplayName" => Principal::MicrosoftGraph.display_name().to_owned().into(),
            "resourceId" => ClientId::microsoft_graph().service_principal_id().as_str().to_owned().into(),
            _ => Value::Null,
        }
    }
}

impl Placed for AssignmentRow {
    fn place(&self) -> String {
        self.id()
    }
}

/// Path of the assignments of a service principal.
pub(super) fn path(principal: &Principal, property: &str) -> String {
    format!("{PATH}('{}')/{property}", principal.app_id().service_principal_id())
}

pub(crate) async fn list(call: Call) -> Result<Reply, Fault> {
    let principal = named(&call, call.view(), call.key(0)).await?;
    let rows = match &principal {
        Principal::MicrosoftGraph => Vec::new(),
        Principal::Client(client) => {
            let client = &client.record;
            client.app_roles().map(|role| AssignmentRow::new(client, role)).collect()
        }
    };
    answer(&call, rows, path(&principal, "appRoleAssignments"))
}

pub(crate) async fn list_to(call: Call) -> Result<Reply, Fault> {
    let principal = named(&call, call.view(), call.key(0)).await?;
    let mut rows = Vec::new();
    if let Principal::MicrosoftGraph = principal {
        for client in
            client::all(&call, call.view()).await?.iter().filter(|client| client.has_service_principal)
        {
            rows.extend(client.app_roles().map(|role| AssignmentRow::new(client, role)));
        }
    }
    answer(&call, rows, path(&principal, "appRoleAssignedTo"))
}

fn answer(call: &Call, rows: Vec<AssignmentRow>, path: String) -> Result<Reply, Fault> {
    let kind = &schema::APP_ROLE_ASSIGNMENT;
    let query = call.query(kind)?;
    let listing = Listing { call, query: &query, limits: LIMITS };
    let mut answer = listing.of_rows(rows)?;
    answer.count = answer.count.filter(|_| listing.is_counted());
    Ok(answer.reply(call, path, kind, &query))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_back_to_client_and_role() {
        for id in ["51190000-0000-4000-8000-00000000a001", "some.client"] {
            let client = Client::new(ClientId::parse(id).unwrap(), "c");
            let row = AssignmentRow::new(&client, AppRole::named("User.Read.All").unwrap());
            assert_eq!(read_id(&row.id()), Some((client.id, row.role)));
        }
        for id in ["", "x", "YSBi", "%"] {
            assert_eq!(read_id(id), None, "{id}");
        }
    }
}
