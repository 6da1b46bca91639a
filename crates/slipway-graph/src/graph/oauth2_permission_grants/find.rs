//! The grants of clients, from the rows in which they are.

use slipway_model::{Client, Consent, DelegatedGrant};
use slipway_store::{Stored, View, client as clients, consent};

use super::row::{GrantKey, GrantRow};
use crate::call::Call;
use crate::fault::{Fault, FaultKind};

/// Most consents of users that a request looks at.
fn most(call: &Call) -> usize {
    call.server().settings().row_limits.examined.get()
}

fn too_many(most: usize) -> Fault {
    Fault::directory(format!(
        "More than {most} consents of users, too many to look at. Filter by 'clientId'."
    ))
}

/// The grants of one client.
pub(super) async fn of_client(call: &Call, client: &Client) -> Result<Vec<GrantRow>, Fault> {
    let most = most(call);
    let page = call.view().scan(&consent::of_client(call.partition(), &client.id), most).await?;
    if page.next.is_some() {
        return Err(too_many(most));
    }
    let own: Vec<Consent> = page.rows.into_iter().map(|row| row.record).collect();
    Ok(rows(client, &own))
}

/// The grants of all of these clients, which are the tenant's.
pub(super) async fn of_clients(call: &Call, clients: &[Client]) -> Result<Vec<GrantRow>, Fault> {
    let most = most(call);
    let page = call.view().scan(&consent::all(call.partition()), most).await?;
    if page.next.is_some() {
        return Err(too_many(most));
    }
    let consents: Vec<Consent> = page.rows.into_iter().map(|row| row.record).collect();
    let of = |client: &Client| {
        let own: Vec<Consent> = consents.iter().filter(|own| own.client == client.id).cloned().collect();
        rows(client, &own)
    };
    Ok(clients.iter().flat_map(of).collect())
}

fn rows(client: &Client, own: &[Consent]) -> Vec<GrantRow> {
    let grants = client.delegated_grants(own);
    grants.into_iter().map(|grant| GrantRow { client: client.id.clone(), grant }).collect()
}

/// A grant with the rows in which it is.
pub(super) struct Found {
    pub(super) client: Stored<Client>,
    /// What the user granted themselves.
    pub(super) own: Option<Stored<Consent>>,
    pub(super) grant: DelegatedGrant,
}

/// The rows that hold, or would hold, a grant; none if there is no such client.
pub(super) async fn rows_of(
    call: &Call,
    view: &View,
    key: &GrantKey,
) -> Result<Option<(Stored<Client>, Option<Stored<Consent>>)>, Fault> {
    let client = view.get(&clients::key(call.partition(), &key.client)).await?;
    let Some(client) = client.filter(|client| client.record.has_service_principal) else { return Ok(None) };
    let own = match &key.user {
        Some(user) => view.get(&consent::key(call.partition(), &key.client, user)).await?,
        None => None,
    };
    Ok(Some((client, own)))
}

/// The grant among those of the rows.
pub(super) fn grant_in(
    client: &Stored<Client>,
    own: Option<&Stored<Consent>>,
    key: &GrantKey,
) -> Option<DelegatedGrant> {
    let own: Vec<_> = own.into_iter().map(|own| own.record.clone()).collect();
    let mut grants = client.record.delegated_grants(&own).into_iter();
    grants.find(|grant| grant.user == key.user && grant.resource == key.resource)
}

/// The grant that the path names.
pub(super) async fn named(call: &Call, view: &View) -> Result<Found, Fault> {
    let unknown = || Fault::from(FaultKind::DirectoryObjectNotFound(call.key(0).to_owned()));
    let key = GrantKey::read(call.key(0)).ok_or_else(unknown)?;
    let (client, own) = rows_of(call, view, &key).await?.ok_or_else(unknown)?;
    let grant = grant_in(&client, own.as_ref(), &key).ok_or_else(unknown)?;
    Ok(Found { client, own, grant })
}
