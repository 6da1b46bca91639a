//! What a token is asked for: Microsoft Graph, or the API of a client.

use http::Uri;
use slipway_identity::{Api, ScopeRequest, SignInFault};
use slipway_model::{Client, ClientId, Tenant};
use slipway_store::{Partition, ReadError, client};

use super::authorize::Endpoint;
use super::refusal::Refusal;
use super::sign_in::SignIn;

/// Clients that are read at once when one is looked for by its URI.
const AT_ONCE: usize = 500;

impl SignIn {
    /// The scopes that the client asks for: `scope`, or at the endpoint of version 1 everything of `resource`.
    pub(super) async fn scopes(&self, tenant: &Tenant, client: &Client) -> Result<ScopeRequest, Refusal> {
        let text = match self.endpoint() {
            Endpoint::V2 => self.form.require("scope")?.to_owned(),
            Endpoint::V1 => {
                let resource = self.form.require("resource")?.trim_end_matches('/');
                let others = self.form.get("scope").unwrap_or_default();
                // Of `scope` version 1 knows what is about the user; permissions it takes from the consent.
                let about_user =
                    others.split_ascii_whitespace().filter(|scope| ScopeRequest::is_about_user(scope));
                let everything = format!("{resource}/.default");
                std::iter::once(everything.as_str()).chain(about_user).collect::<Vec<_>>().join(" ")
            }
        };
        self.scopes_of(&text, tenant, client).await
    }

    /// The scopes in the text, whichever API they are of.
    pub(super) async fn scopes_of(
        &self,
        text: &str,
        tenant: &Tenant,
        client: &Client,
    ) -> Result<ScopeRequest, Refusal> {
        let (request, resource) = ScopeRequest::read(text)?;
        let Some(resource) = resource else { return Ok(request) };
        match self.api(tenant, &resource).await? {
            Some(api) => Ok(request.about(Api::of(&api, &resource, client))),
            None => Err(SignInFault::UnknownResource { resource, tenant: tenant.id.clone() }.into()),
        }
    }

    /// The client that has the id, or the identifier URI.
    ///
    /// Anybody may ask, and so a URI without the id in it is looked for among as many clients only as a request may
    /// look at.
    async fn api(&self, tenant: &Tenant, resource: &str) -> Result<Option<Client>, ReadError> {
        let (view, partition) = (self.view(), Partition::of(tenant));
        let is_named = |api: &Client| {
            let uris = api.identifier_uris.iter().map(|uri| uri.trim_end_matches('/'));
            api.has_service_principal
                && std::iter::once(api.id.as_str())
                    .chain(uris)
                    .any(|name| name.eq_ignore_ascii_case(resource.trim_end_matches('/')))
        };
        // Most URIs are api://{client id}…
        let id = resource.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned));
        if let Ok(id) = ClientId::parse(id.as_deref().unwrap_or(resource))
            && let Some(found) = view.get(&client::key(&partition, &id)).await?
            && is_named(&found.record)
        {
            return Ok(Some(found.record));
        }
        let mut left = self.server().settings().row_limits.examined.get();
        let mut rest = Some(client::all(&partition));
        while let Some(range) = rest.take() {
            let page = view.scan(&range, AT_ONCE.min(left)).await?;
            left = left.saturating_sub(page.rows.len());
            if let Some(found) = page.rows.into_iter().find(|row| is_named(&row.record)) {
                return Ok(Some(found.record));
            }
            rest = page.next.map(|cursor| client::all(&partition).after(cursor));
            if rest.is_some() && left == 0 {
                tracing::warn!(target: "slipway::sign_in", "there are more clients than are looked at for a URI");
                break;
            }
        }
        Ok(None)
    }
}
