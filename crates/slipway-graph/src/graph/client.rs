//! Clients as the directory shows them, each as an application and, with one in the tenant, a service principal: who
//! may change them, and which one a path or a filter names.

use slipway_identity::Caller;
use slipway_model::{Client, ClientId};
use slipway_odata::{Query, alternate_key};
use slipway_store::{Stored, View, client};

use crate::call::Call;
use crate::collection::Listing;
use crate::fault::{Fault, FaultKind};

/// As what a client is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Face {
    /// `application`
    Application,
    /// `servicePrincipal`
    ServicePrincipal,
}

impl Face {
    /// The client whose object this is.
    pub(crate) fn client(self, id: &ClientId) -> ClientId {
        match self {
            Self::Application => id.of_application(),
            Self::ServicePrincipal => id.of_service_principal(),
        }
    }

    /// Whether the client has it.
    fn is_of(self, client: &Client) -> bool {
        self == Self::Application || client.has_service_principal
    }
}

/// Delegated calls change registrations for administrators of these only. That whoever registers an application owns
/// it is not kept, so nobody may for that reason.
pub(crate) fn may_register(call: &Call) -> Result<(), Fault> {
    permit(call, Caller::is_application_administrator)
}

/// The same for grants, of which administrators of roles may make some too.
pub(crate) fn may_grant(call: &Call) -> Result<(), Fault> {
    permit(call, |caller| caller.is_application_administrator() || caller.may_grant_app_roles())
}

/// The same for application permissions of Microsoft Graph, which administrators of registrations may not grant.
pub(crate) fn may_assign_roles(call: &Call) -> Result<(), Fault> {
    permit(call, Caller::may_grant_app_roles)
}

fn permit(call: &Call, is_administrator: impl FnOnce(&Caller) -> bool) -> Result<(), Fault> {
    let caller = call.caller();
    if caller.user.is_none() || is_administrator(caller) {
        Ok(())
    } else {
        Err(FaultKind::InsufficientPrivileges.into())
    }
}

/// `appId` of the client whose object a key of a path names: its id, or `appId='…'`.
pub(crate) fn app_id(face: Face, key: &str) -> Result<ClientId, Fault> {
    let (id, by_app_id) = match alternate_key(key, "appId") {
        Some(id) => (id, true),
        None => (key.into(), false),
    };
    let id = ClientId::parse(&id).map_err(|_| unknown(key))?;
    Ok(if by_app_id { id } else { face.client(&id) })
}

/// The client whose object a key of a path names.
pub(crate) async fn named(call: &Call, view: &View, face: Face, key: &str) -> Result<Stored<Client>, Fault> {
    let id = app_id(face, key)?;
    let found = view.get(&client::key(call.partition(), &id)).await?;
    found.filter(|found| face.is_of(&found.record)).ok_or_else(|| unknown(key))
}

/// There is no such object. Of a key that names its property the value is said.
pub(crate) fn unknown(key: &str) -> Fault {
    let id = alternate_key(key, "appId").unwrap_or(key.into());
    FaultKind::DirectoryObjectNotFound(id.into_owned()).into()
}

/// The clients with the object among whom are all that the request asks for.
pub(crate) async fn candidates(listing: &Listing<'_>, face: Face) -> Result<Vec<Client>, Fault> {
    let Listing { call, query, .. } = *listing;
    let mut clients = match named_by_filter(query, face) {
        Some(ids) => of_ids(call, &ids).await?,
        None => all(call, call.view()).await?,
    };
    clients.retain(|client| face.is_of(client));
    Ok(clients)
}

/// `appId`s that the filter names; none if it does not.
fn named_by_filter(query: &Query, face: Face) -> Option<Vec<ClientId>> {
    let filter = query.filter.as_ref()?;
    let parsed = |ids: Vec<&str>| ids.into_iter().filter_map(|id| ClientId::parse(id).ok()).collect();
    if let Some(ids) = filter.any_of("appId") {
        return Some(parsed(ids));
    }
    let ids: Vec<_> = parsed(filter.any_of("id")?);
    Some(ids.iter().map(|id| face.client(id)).collect())
}

async fn of_ids(call: &Call, ids: &[ClientId]) -> Result<Vec<Client>, Fault> {
    let mut keys: Vec<_> = Vec::new();
    for id in ids {
        let key = client::key(call.partition(), id);
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let found = call.view().get_many(&keys).await?;
    Ok(found.into_iter().flatten().map(|found| found.record).collect())
}

/// Every client of the tenant, if a request may look at that many.
pub(crate) async fn all(call: &Call, view: &View) -> Result<Vec<Client>, Fault> {
    let most = call.server().settings().row_limits.examined.get();
    let page = view.scan(&client::all(call.partition()), most).await?;
    if page.next.is_some() {
        return Err(Fault::directory(format!(
            "The tenant has more than {most} applications, too many to look at. Filter by 'appId' or 'id'."
        )));
    }
    Ok(page.rows.into_iter().map(|row| row.record).collect())
}
