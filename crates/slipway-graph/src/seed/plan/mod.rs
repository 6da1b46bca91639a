//! Compares a tenant of a seed with what is stored: which rows are to be written, or what does not fit.

mod apps;
mod clients;
mod installations;
mod users;

use std::collections::HashMap;

use jiff::Timestamp;
use slipway_identity::Ids;
use slipway_model::{Client, Tenant, User, UserId};
use slipway_store::{Partition, ReadError, Revision, Stored, View, tenant};

use super::check::{Findings, TenantSeed};
use super::passwords::Passwords;

pub use apps::AppPlan;
pub use installations::{InstallationChange, InstallationPlan};

/// A row to be written, and the revision that it has now; none = it is not there.
pub struct Row<R> {
    pub record: R,
    pub seen: Option<Revision>,
}

impl<R: PartialEq> Row<R> {
    /// None if the stored row says the same already.
    fn unless_stored(record: R, stored: Option<Stored<R>>) -> Option<Self> {
        match stored {
            Some(stored) if stored.record == record => None,
            stored => Some(Self { record, seen: stored.map(|stored| stored.revision) }),
        }
    }
}

/// What is to be written for a tenant, generated users apart, which are too many to be held at once.
pub struct TenantPlan {
    /// The tenant as it shall be.
    pub tenant: Tenant,
    /// Its row's revision now.
    pub seen: Option<Revision>,
    pub row: Option<Row<Tenant>>,
    pub users: Vec<Row<User>>,
    pub clients: Vec<Row<Client>>,
    pub apps: Vec<AppPlan>,
    pub installations: Vec<InstallationPlan>,
}

/// What planning reads.
pub struct Planner<'a> {
    pub view: &'a View,
    pub partition: Partition,
    pub seed: &'a TenantSeed,
    /// Key of the tenant in the document.
    pub at: &'a str,
    pub ids: &'a Ids,
    pub now: Timestamp,
}

/// The tenant as it shall be, with its row as it is.
pub async fn plan_tenant(
    view: &View,
    seed: &TenantSeed,
    at: &str,
    findings: &mut Findings<'_>,
) -> Result<(Tenant, Option<Stored<Tenant>>), ReadError> {
    let said = &seed.said;
    let stored = view.get(&tenant::key(&said.id.0)).await?;
    let domain = &said.domain.0.0;
    let holder = view.find(&tenant::by_domain(domain)).await?;
    if let Some(other) = holder.filter(|holder| holder.record.id != said.id.0) {
        findings.add(format!("{at}.domain"), format!("tenant '{}' has this domain", other.record.id));
    }
    let tenant = Tenant {
        id: stored.as_ref().map_or_else(|| said.id.0.clone(), |stored| stored.record.id.clone()),
        display_name: said.display_name.clone(),
        domain: domain.clone(),
        generation: stored.as_ref().map_or(0, |stored| stored.record.generation),
        settings: slipway_model::TeamsAppSettings::default(),
        policy: slipway_model::AppPermissionPolicy::default(),
        has_special_users: false,
    };
    Ok((tenant, stored))
}

impl Planner<'_> {
    /// Plans everything but generated users, and checks those too.
    pub async fn plan(
        &self,
        (tenant, stored): (Tenant, Option<Stored<Tenant>>),
        passwords: &mut Passwords<'_>,
        findings: &mut Findings<'_>,
    ) -> Result<TenantPlan, ReadError> {
        let (users, names) = self.users(passwords, findings).await?;
        self.check_generated(passwords, findings).await?;
        let clients = self.clients(&names, findings).await?;
        let apps = self.apps(findings).await?;
        let installations = self.installations(&names, &apps, findings).await?;
        let seen = stored.as_ref().map(|stored| stored.revision);
        let row = Row::unless_stored(tenant.clone(), stored);
        Ok(TenantPlan { tenant, seen, row, users, clients, apps, installations })
    }
}

/// Users of the seed by id and by user principal name, both in lower case.
type UserNames = HashMap<String, UserId>;
