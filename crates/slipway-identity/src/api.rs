//! APIs of clients, for which tokens are asked as for Graph.

use slipway_model::{AccessTokenVersion, Client, ClientId};

/// An API of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    /// Whose it is.
    pub client: ClientId,
    /// `aud` of its tokens: the client's id in version 2, in version 1 the name by which it was asked for.
    pub audience: String,
    /// The form of its tokens.
    pub version: AccessTokenVersion,
    /// Every scope that it has, where the client asks for a token for itself.
    pub(crate) own: Vec<String>,
    /// The scopes that the registration of the client that asks says it needs.
    pub(crate) required: Vec<String>,
    /// The scopes that it has, and whether users may grant them.
    offered: Vec<(String, bool)>,
}

impl Api {
    /// The API of the client, for which another client, or the same one, asks by this name.
    #[must_use]
    pub fn of(api: &Client, name: &str, asking: &Client) -> Self {
        let own = if api.id == asking.id { api.exposed_scopes.as_slice() } else { &[] };
        let needed = asking.required_resource_access.iter();
        let needed = needed.filter(|needed| needed.resource.eq_ignore_ascii_case(api.id.as_str()));
        let needed: Vec<_> = needed.flat_map(|needed| &needed.scopes).collect();
        let is_needed = |id: &str| needed.iter().any(|needed| needed.eq_ignore_ascii_case(id));
        let required = api.exposed_scopes.iter().filter(|scope| is_needed(&scope.id));
        Self {
            client: api.id.clone(),
            audience: match api.access_token_version {
                AccessTokenVersion::V1 => name.to_owned(),
                AccessTokenVersion::V2 => api.id.as_str().to_owned(),
            },
            version: api.access_token_version,
            own: own.iter().map(|scope| in_consent(&api.id, &scope.value)).collect(),
            required: required.map(|scope| in_consent(&api.id, &scope.value)).collect(),
            offered: api
                .exposed_scopes
                .iter()
                .map(|scope| (in_consent(&api.id, &scope.value), scope.users_may_consent))
                .collect(),
        }
    }

    /// Whether the API has the scope; then, whether users may grant it.
    pub(crate) fn users_may_grant(&self, consented: &str) -> Option<bool> {
        let found = self.offered.iter().find(|(name, _)| name.eq_ignore_ascii_case(consented));
        found.map(|(_, may)| *may)
    }

    /// Of names in consents those of this API, without the API in front.
    pub fn names<'a>(&self, consented: impl IntoIterator<Item = &'a String>) -> Vec<String> {
        consented.into_iter().filter_map(|name| self.name_of(name)).map(str::to_owned).collect()
    }

    pub(crate) fn name_of<'a>(&self, consented: &'a str) -> Option<&'a str> {
        let (api, name) = consented.split_once('/')?;
        api.eq_ignore_ascii_case(self.client.as_str()).then_some(name)
    }
}

/// How a scope of another API than Graph stands in consents.
pub(crate) fn in_consent(api: &ClientId, name: &str) -> String {
    format!("{api}/{name}")
}
