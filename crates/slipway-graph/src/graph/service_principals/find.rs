//! The service principal that a path names.

use slipway_model::{Client, ClientId};
use slipway_store::{Stored, View};

use crate::call::Call;
use crate::fault::Fault;
use crate::graph::client::{self, Face};

/// A service principal of the tenant.
pub(crate) enum Principal {
    /// The API that is served here. No row says that it is there.
    MicrosoftGraph,
    /// A client.
    Client(Box<Stored<Client>>),
}

impl Principal {
    /// `appId`
    pub(crate) fn app_id(&self) -> ClientId {
        match self {
            Self::MicrosoftGraph => ClientId::microsoft_graph(),
            Self::Client(client) => client.record.id.clone(),
        }
    }

    /// `displayName`
    pub(crate) fn display_name(&self) -> &str {
        match self {
            Self::MicrosoftGraph => "Microsoft Graph",
            Self::Client(client) => &client.record.display_name,
        }
    }
}

/// The one whom a key of a path names: its id, or `appId='…'`.
pub(crate) async fn named(call: &Call, view: &View, key: &str) -> Result<Principal, Fault> {
    if client::app_id(Face::ServicePrincipal, key)? == ClientId::microsoft_graph() {
        return Ok(Principal::MicrosoftGraph);
    }
    let client = client::named(call, view, Face::ServicePrincipal, key).await?;
    Ok(Principal::Client(Box::new(client)))
}
