//! Grants as queries and answers see them, and their ids.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use slipway_model::{ClientId, DelegatedGrant, UserId};
use slipway_odata::{Property, Row, Value};

use crate::collection::Placed;

/// Which grant: the client, the API, and the user if it is not for everyone. Its id is made of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GrantKey {
    pub(super) client: ClientId,
    pub(super) resource: ClientId,
    pub(super) user: Option<UserId>,
}

impl GrantKey {
    pub(super) fn id(&self) -> String {
        let Self { client, resource, user } = self;
        let (client, resource) = (client.service_principal_id(), resource.service_principal_id());
        URL_SAFE_NO_PAD.encode(match user {
            None => format!("{client} {resource}"),
            Some(user) => format!("{client} {resource} {user}"),
        })
    }

    /// The one of which the text is the id.
    pub(super) fn read(id: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
        let mut parts = text.split(' ');
        let mut client = || Some(ClientId::parse(parts.next()?).ok()?.of_service_principal());
        let (client, resource) = (client()?, client()?);
        let user = parts.next().map(UserId::parse).transpose().ok()?;
        parts.next().is_none().then_some(Self { client, resource, user })
    }
}

/// A grant.
pub(super) struct GrantRow {
    pub(super) client: ClientId,
    pub(super) grant: DelegatedGrant,
}

impl GrantRow {
    pub(super) fn key(&self) -> GrantKey {
        let DelegatedGrant { user, resource, .. } = &self.grant;
        GrantKey { client: self.client.clone(), resource: resource.clone(), user: user.clone() }
    }
}

impl Row for GrantRow {
    fn value(&self, property: &'static Property) -> Value<'_> {
        let DelegatedGrant { user, resource, scopes } = &self.grant;
        match property.name {
            "id" => self.key().id().into(),
            "clientId" => self.client.service_principal_id().as_str().to_owned().into(),
            "consentType" => if user.is_some() { "Principal" } else { "AllPrincipals" }.into(),
            "principalId" => user.as_ref().map(UserId::as_str).into(),
            "resourceId" => resource.service_principal_id().as_str().to_owned().into(),
            "scope" => scopes.join(" ").into(),
            _ => Value::Null,
        }
    }
}

impl Placed for GrantRow {
    fn place(&self) -> String {
        self.key().id()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_back_to_client_api_and_user() {
        for user in [None, Some("51190000-0000-4000-8000-0000000e0002"), Some("u")] {
            for client in ["51190000-0000-4000-8000-00000000a001", "some.client"] {
                let key = GrantKey {
                    client: ClientId::parse(client).unwrap(),
                    resource: ClientId::microsoft_graph(),
                    user: user.map(|user| UserId::parse(user).unwrap()),
                };
                assert_eq!(GrantKey::read(&key.id()), Some(key));
            }
        }
        for id in ["", "YQ", "YSBiIGMgZA", "%"] {
            assert_eq!(GrantKey::read(id), None, "{id}");
        }
    }
}
