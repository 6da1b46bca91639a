//! Compares a tenant of a seed with what is stored: which rows are to be written, or what does not fit.

mod apps;
mod clients;
mod groups;
mod installations;
mod memberships;
mod policies;
mod references;
mod users;

use jiff::Timestamp;
use slipway_identity::Ids;
use slipway_model::{AppPermissionPolicy, Chat, Client, Group, TeamsAppSettings, Tenant};
use slipway_store::{Partition, ReadError, Revision, Stored, View, tenant};

use super::check::{Findings, TenantSeed};
use super::passwords::Passwords;

pub use apps::AppPlan;
pub use installations::{InstallationChange, InstallationPlan};
pub use memberships::MembershipChange;
pub use users::UserPlan;

use references::{Names, by_name};

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
    pub users: Vec<UserPlan>,
    /// With and without teams.
    pub groups: Vec<Row<Group>>,
    pub chats: Vec<Row<Chat>>,
    pub memberships: Vec<MembershipChange>,
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

/// The tenant as it shall be, but for what names apps and users; with its row as it is.
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
    let kept = stored.as_ref().map(|stored| &stored.record);
    let settings = kept.map_or_else(TeamsAppSettings::default, |kept| kept.settings);
    let tenant = Tenant {
        id: kept.map_or_else(|| said.id.0.clone(), |kept| kept.id.clone()),
        display_name: said.display_name.clone(),
        domain: domain.clone(),
        generation: kept.map_or(0, |kept| kept.generation),
        settings: said.settings.as_ref().map_or(settings, |said| said.over(settings)),
        policy: kept.map_or_else(AppPermissionPolicy::default, |kept| kept.policy.clone()),
        has_special_users: kept.is_some_and(|kept| kept.has_special_users),
    };
    Ok((tenant, stored))
}

impl Planner<'_> {
    /// Plans everything but generated users, and checks those too.
    pub async fn plan(
        &self,
        (mut tenant, stored): (Tenant, Option<Stored<Tenant>>),
        passwords: &mut Passwords<'_>,
        findings: &mut Findings<'_>,
    ) -> Result<TenantPlan, ReadError> {
        let (listed, users) = self.listed_users(passwords, findings).await?;
        self.check_generated(passwords, findings).await?;
        let apps = self.apps(&users, findings).await?;
        let (groups, chats) = (self.groups(findings).await?, self.chats().await?);
        let names = Names {
            users,
            apps: by_name(&apps),
            groups: groups.iter().map(|group| (group.record.id.folded(), group.record.clone())).collect(),
            chats: chats.iter().map(|chat| (chat.record.id.folded(), chat.record.id.clone())).collect(),
        };
        let (users, special) = self.users(listed, &names, findings).await?;
        let memberships = self.memberships((&groups, &chats), &names, findings).await?;
        let clients = self.clients(&names, findings).await?;
        let installations = self.installations(&names, findings).await?;
        if let Some(said) = &self.seed.said.policy {
            tenant.policy = self.policy(said, "policy", &names, findings).await?;
        }
        // Users whom this seed does not name may be special too, so it is never taken back.
        tenant.has_special_users |= special;
        let seen = stored.as_ref().map(|stored| stored.revision);
        let row = Row::unless_stored(tenant.clone(), stored);
        Ok(TenantPlan {
            tenant,
            seen,
            row,
            users,
            groups: groups.into_iter().filter_map(|group| group.row).collect(),
            chats: chats.into_iter().filter_map(|chat| chat.row).collect(),
            memberships,
            clients,
            apps,
            installations,
        })
    }
}
