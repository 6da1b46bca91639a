//! Service principals as queries and answers see them.

use slipway_model::{AppRole, Client, ClientId, PermissionScope, SignInAudience};
use slipway_odata::{Property, Row, Value};

use crate::collection::Placed;
use crate::graph::applications::{AppRoleRow, ScopeRow};

/// Microsoft's own tenant, which owns its APIs ("First-party Microsoft applications").
const MICROSOFT: &str = "f8cdef31-a31e-4b4a-93e4-5f571e91255a";

/// A service principal.
pub(super) struct PrincipalRow<'a> {
    /// None = Microsoft Graph.
    pub(super) client: Option<Client>,
    /// The tenant's id.
    pub(super) tenant: &'a str,
}

impl PrincipalRow<'_> {
    fn app_id(&self) -> ClientId {
        self.client.as_ref().map_or_else(ClientId::microsoft_graph, |client| client.id.clone())
    }

    fn display_name(&self) -> &str {
        self.client.as_ref().map_or("Microsoft Graph", |client| &client.display_name)
    }

    /// The names under which tokens for it are asked for.
    fn names(&self) -> Value<'_> {
        let app_id = self.app_id().as_str().to_owned().into();
        let more = match &self.client {
            None => vec!["https://graph.microsoft.com".into()],
            Some(client) => client.identifier_uris.iter().map(|uri| uri.as_str().into()).collect(),
        };
        Value::Many(std::iter::once(app_id).chain(more).collect())
    }

    fn scopes(&self) -> Value<'_> {
        let rows: Vec<ScopeRow<'_>> = match &self.client {
            None => PermissionScope::all().map(ScopeRow::from).collect(),
            Some(client) => client.exposed_scopes.iter().map(ScopeRow::from).collect(),
        };
        Value::Many(rows.into_iter().map(|row| Value::Row(Box::new(row))).collect())
    }

    fn roles(&self) -> Value<'_> {
        match &self.client {
            None => Value::Many(AppRole::all().map(|role| Value::Row(Box::new(AppRoleRow(role)))).collect()),
            Some(_) => Value::Many(Vec::new()),
        }
    }
}

impl Row for PrincipalRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        let client = self.client.as_ref();
        match property.name {
            "id" => self.app_id().service_principal_id().as_str().to_owned().into(),
            "accountEnabled" => Value::Boolean(true),
            "appDisplayName" | "displayName" => self.display_name().into(),
            "appId" => self.app_id().as_str().to_owned().into(),
            "appOwnerOrganizationId" => client.map_or(MICROSOFT, |_| self.tenant).into(),
            "appRoleAssignmentRequired" => Value::Boolean(false),
            "createdDateTime" => client.and_then(|client| client.created_at).map_or(Value::Null, Value::Time),
            "servicePrincipalNames" => self.names(),
            "servicePrincipalType" => "Application".into(),
            "signInAudience" => {
                client.map_or(SignInAudience::Organizations, |client| client.sign_in_audience).as_str().into()
            }
            "appRoles" => self.roles(),
            "oauth2PermissionScopes" => self.scopes(),
            _ => Value::Null,
        }
    }
}

impl Placed for PrincipalRow<'_> {
    fn place(&self) -> String {
        self.app_id().service_principal_id().folded()
    }
}
