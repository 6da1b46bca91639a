//! `client_assertion`: a client that proves itself with a certificate, or with the token of an issuer that it trusts.

use http::Uri;
use slipway_identity::{Assertion, CredentialFault, SignInFault};
use slipway_model::{Client, Tenant, TenantId};
use slipway_store::tenant;

use super::refusal::Refusal;
use super::sign_in::SignIn;
use super::tenant::TenantSegment;
use crate::Mode;

/// Hosts of Microsoft's sign-in, which clients that are not told otherwise sign for.
const MICROSOFT: [&str; 4] =
    ["login.microsoftonline.com", "login.microsoft.com", "login.windows.net", "sts.windows.net"];

/// Behind the tenant: the token endpoints, and the issuers, which older libraries sign for.
const ENDPOINTS: [&str; 4] = ["oauth2/v2.0/token", "oauth2/token", "v2.0", ""];

impl SignIn {
    /// Whether the assertion proves the client.
    pub(super) async fn check_assertion(
        &self,
        tenant: &Tenant,
        client: &Client,
        text: &str,
    ) -> Result<(), Refusal> {
        let assertion = Assertion::read(text)?;
        if assertion.is_self_signed(client) {
            assertion.prove_by_certificate(client, |aud| self.is_endpoint(tenant, aud), self.now())?;
            return Ok(());
        }
        self.check_federated(client, &assertion).await
    }

    async fn check_federated(&self, client: &Client, assertion: &Assertion<'_>) -> Result<(), Refusal> {
        assertion.federated(client, self.now())?;
        let (issuer, server) = (assertion.issuer(), self.server());
        let signed = if self.is_own_issuer(issuer).await? {
            if !server.keys().ring().has_signed(assertion) {
                server.keys().refresh().await?;
            }
            // What was made up in mode lab with these keys counts there only.
            let is_made_up = assertion.is_forged() && server.settings().mode == Mode::Service;
            Some(!is_made_up && server.keys().ring().has_signed(assertion))
        } else {
            server.issuers().have_signed(issuer, assertion, self.now()).await
        };
        match signed {
            Some(true) => Ok(()),
            Some(false) => Err(SignInFault::from(CredentialFault::FederatedSignature).into()),
            None => Err(SignInFault::from(CredentialFault::FederatedKeysUnavailable).into()),
        }
    }

    /// Whether the issuer is a tenant here, whose keys need not be fetched: by the very URL under which this server is
    /// asked, or by Microsoft's, unless the settings say that somebody else speaks under that name.
    async fn is_own_issuer(&self, issuer: &str) -> Result<bool, Refusal> {
        if self.server().settings().trusted_issuers.iter().any(|trusted| trusted.issues(issuer)) {
            return Ok(false);
        }
        let first = || issuer.strip_prefix("https://sts.windows.net/")?.strip_suffix('/');
        let second = || issuer.strip_prefix(self.base())?.strip_prefix('/')?.strip_suffix("/v2.0");
        let Some(tenant) = first().or_else(second) else { return Ok(false) };
        let Ok(id) = TenantId::parse(tenant) else { return Ok(false) };
        Ok(self.view().exists(&tenant::key(&id)).await?)
    }

    /// Whether the audience is a token endpoint of the tenant: on Microsoft's hosts or ours, under the tenant's id or
    /// domain, or for any tenant.
    fn is_endpoint(&self, tenant: &Tenant, audience: &str) -> bool {
        let Ok(url) = audience.parse::<Uri>() else { return false };
        let Some(authority) = url.authority().filter(|authority| !authority.as_str().contains('@')) else {
            return false;
        };
        let is_microsoft = MICROSOFT.iter().any(|host| authority.as_str().eq_ignore_ascii_case(host));
        let is_own = || self.server().settings().hosts.is_own(self.base(), authority);
        let (segment, rest) = url.path().trim_start_matches('/').split_once('/').unwrap_or_default();
        let names_tenant = match TenantSegment::of(segment) {
            TenantSegment::Named(name) => {
                name.eq_ignore_ascii_case(tenant.id.as_str()) || name.eq_ignore_ascii_case(&tenant.domain)
            }
            TenantSegment::Any => true,
            TenantSegment::Consumers => false,
        };
        let is_endpoint = ENDPOINTS.iter().any(|end| rest.trim_end_matches('/').eq_ignore_ascii_case(end));
        names_tenant && is_endpoint && (is_microsoft || is_own())
    }
}
