//! The tenant segment of a path: a tenant's id, its domain, or a word that stands for any tenant.

use slipway_identity::SignInFault;
use slipway_model::Tenant;
use slipway_store::tenant;

use super::refusal::Refusal;
use super::sign_in::SignIn;

/// What the segment says.
pub(super) enum TenantSegment<'a> {
    /// An id or a domain.
    Named(&'a str),
    /// `common` or `organizations`: any tenant.
    Any,
    /// `consumers`: personal accounts, of which there are none.
    Consumers,
}

impl<'a> TenantSegment<'a> {
    pub(super) fn of(segment: &'a str) -> Self {
        match segment.to_ascii_lowercase().as_str() {
            "common" | "organizations" => Self::Any,
            "consumers" => Self::Consumers,
            _ => Self::Named(segment),
        }
    }
}

impl SignIn {
    /// The tenant of a token request. Any tenant means the one whose domain the user name has, else the only one
    /// that there is.
    pub(super) async fn tenant(&self, segment: &str) -> Result<Tenant, Refusal> {
        match TenantSegment::of(segment) {
            TenantSegment::Named(name) => self.named_tenant(name).await,
            TenantSegment::Any => self.tenant_of_user(self.form.get("username")).await,
            TenantSegment::Consumers => {
                let client = self.form.get("client_id").unwrap_or_default();
                Err(SignInFault::NoConsumers(client.to_owned()).into())
            }
        }
    }

    /// The tenant with this id or domain.
    pub(super) async fn named_tenant(&self, name: &str) -> Result<Tenant, Refusal> {
        if let Some(found) = tenant::named(&self.view(), name).await? {
            return Ok(found);
        }
        // GUIDs have a `-` and domains a `.`.
        let well_formed = name.contains(['-', '.']);
        let refused = if well_formed { SignInFault::UnknownTenant } else { SignInFault::InvalidTenant };
        Err(refused(name.to_owned()).into())
    }

    /// The tenant whose domain the user name has, else the only one that there is.
    pub(super) async fn tenant_of_user(&self, user_name: Option<&str>) -> Result<Tenant, Refusal> {
        if let Some((_, domain)) = user_name.and_then(|name| name.split_once('@'))
            && let Some(found) = self.view().find(&tenant::by_domain(domain)).await?
        {
            return Ok(found.record);
        }
        Ok(tenant::only(&self.view()).await?.ok_or(SignInFault::NoTenant)?)
    }
}
