//! Installations.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use slipway_model::{
    AppVersion, MAX_INSTALLATIONS_PER_OWNER, Owner, OwnerKind, Refusal, ResourceSpecificPermission,
    TeamsAppDefinition, TeamsAppId, TeamsAppInstallation,
};
use slipway_store::{ReadError, Revision, chat, definition, group, installation, user};

use super::references::{Names, Target};
use super::{Planner, Row};
use crate::seed::check::Findings;
use crate::seed::format::{self, ConsentedPermission};

/// An installation to be written.
pub struct InstallationPlan {
    pub row: Row<TeamsAppInstallation>,
    pub change: InstallationChange,
    /// The owner's row is there now, and must still be there.
    pub owner_stored: bool,
    /// Revision of the app's row if the seed leaves it alone: it must still be there, or else the app may have
    /// been deleted, and even made anew.
    pub app_kept: Option<Revision>,
}

/// What becomes of an installation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum InstallationChange {
    /// There was none.
    Created,
    /// There was one of a deleted app, to which the sweep has not come; it is still counted.
    Revived,
    /// The seed says otherwise of its version, what was consented to, or what put it there.
    Changed,
}

/// What an installation of the seed names.
struct Wanted<'a> {
    said: &'a format::Installation,
    /// Its key in the document.
    at: &'a str,
    owner: Owner,
    target: Target<'a>,
}

impl Planner<'_> {
    /// Plans the installations, in the order of the document.
    pub(super) async fn installations(
        &self,
        names: &Names<'_>,
        findings: &mut Findings<'_>,
    ) -> Result<Vec<InstallationPlan>, ReadError> {
        let mut plans = Vec::new();
        let mut said_at: HashMap<(Owner, TeamsAppId), usize> = HashMap::new();
        let mut held = HashMap::new();
        for (n, said) in self.seed.said.installations.iter().enumerate() {
            let at = format!("{}.installations[{n}]", self.at);
            let owner = self.owner(said, n, names, findings).await?;
            let target = self.app_at(names, &format!("installations[{n}].app"), &said.app, findings).await?;
            let (Some(owner), Some(target)) = (owner, target) else {
                continue;
            };
            if let Some(first) = said_at.insert((owner.clone(), target.app.id.clone()), n) {
                findings.add(&at, format!("{}.installations[{first}] is the same one", self.at));
            }
            let wanted = Wanted { said, at: &at, owner, target };
            let Some(plan) = self.installation(&wanted, findings).await? else {
                continue;
            };
            if plan.change == InstallationChange::Created && !self.has_room(&wanted.owner, &mut held).await? {
                findings.add(&at, Refusal::TooManyInstallations.to_string());
            }
            plans.push(plan);
        }
        Ok(plans)
    }

    /// Whose the n-th installation is; nobody is reported.
    async fn owner(
        &self,
        said: &format::Installation,
        n: usize,
        names: &Names<'_>,
        findings: &mut Findings<'_>,
    ) -> Result<Option<Owner>, ReadError> {
        let Some((kind, text)) = said.owner() else {
            return Ok(None);
        };
        let key = format!("installations[{n}].{}", kind.as_str());
        Ok(match kind {
            OwnerKind::User => self.user_at(&names.users, &key, text, findings).await?.map(Owner::User),
            OwnerKind::Team => self.team_at(names, &key, text, findings).await?.map(Owner::Team),
            OwnerKind::Chat => self.chat_at(names, &key, text, findings).await?.map(Owner::Chat),
        })
    }

    /// Counts one more installation of the owner, if one may be added.
    async fn has_room(&self, owner: &Owner, held: &mut HashMap<Owner, usize>) -> Result<bool, ReadError> {
        let held = match held.entry(owner.clone()) {
            Entry::Occupied(held) => held.into_mut(),
            Entry::Vacant(entry) => {
                let rows = installation::of_owner(&self.partition, owner);
                entry.insert(self.view.count(&rows, MAX_INSTALLATIONS_PER_OWNER).await?)
            }
        };
        *held += 1;
        Ok(*held <= MAX_INSTALLATIONS_PER_OWNER)
    }

    /// Plans one installation; none if it is there already, or if something is wrong, which is reported.
    async fn installation(
        &self,
        wanted: &Wanted<'_>,
        findings: &mut Findings<'_>,
    ) -> Result<Option<InstallationPlan>, ReadError> {
        let Wanted { said, at, owner, target } = wanted;
        let app = &target.app;
        let stored = self.view.get(&installation::key(&self.partition, owner, &app.id)).await?;
        let living = stored.as_ref().map(|stored| &stored.record).filter(|record| record.belongs_to(app));
        let named = said.version.as_ref().map(|version| &version.0);
        let current = living.map(|living| &living.version).or(app.published.as_ref());
        let Some(version) = named.or(current) else {
            findings.add(format!("{at}.app"), format!("app '{}' has no published version", app.id));
            return Ok(None);
        };
        let kept = living.filter(|living| living.version == *version);
        let preinstalled =
            said.preinstalled.unwrap_or_else(|| living.is_some_and(|living| living.preinstalled));
        if said.consented.is_none() && kept.is_some_and(|kept| kept.preinstalled == preinstalled) {
            return Ok(None);
        }
        let Some(definition) = self.find_definition(target, version).await? else {
            findings.add(format!("{at}.version"), format!("app '{}' has no version {version}", app.id));
            return Ok(None);
        };
        let scope = owner.kind();
        if !definition.scopes.contains(scope.scope()) {
            let refusal = Refusal::ScopeNotInManifest { app: app.id.clone(), scope };
            findings.add(format!("{at}.app"), refusal.to_string());
            return Ok(None);
        }
        let consented = match (&said.consented, kept) {
            (None, Some(kept)) => kept.consented.clone(),
            (None, None) => Some(definition.required_permissions).filter(|asked| !asked.is_empty()),
            (Some(said), _) => consented(said, &definition, at, findings),
        };
        let record = TeamsAppInstallation {
            owner: owner.clone(),
            app: app.id.clone(),
            incarnation: app.incarnation,
            version: definition.version,
            consented,
            preinstalled,
            installed_at: living.map_or(self.now, |living| living.installed_at),
        };
        let change = match (&stored, living) {
            (None, _) => InstallationChange::Created,
            (Some(_), None) => InstallationChange::Revived,
            (Some(_), Some(_)) => InstallationChange::Changed,
        };
        let owner_stored = self.is_stored(owner).await?;
        let row = Row::unless_stored(record, stored);
        Ok(row.map(|row| InstallationPlan { row, change, owner_stored, app_kept: target.kept }))
    }

    async fn is_stored(&self, owner: &Owner) -> Result<bool, ReadError> {
        match owner {
            Owner::User(id) => self.view.exists(&user::key(&self.partition, id)).await,
            Owner::Team(id) => self.view.exists(&group::key(&self.partition, id)).await,
            Owner::Chat(id) => self.view.exists(&chat::key(&self.partition, id)).await,
        }
    }

    async fn find_definition(
        &self,
        target: &Target<'_>,
        version: &AppVersion,
    ) -> Result<Option<TeamsAppDefinition>, ReadError> {
        if let Some(plan) = target.plan {
            return Ok(plan.versions.get(version).cloned());
        }
        let stored = self.view.get(&definition::key(&self.partition, &target.app.id, version)).await?;
        Ok(stored.map(|stored| stored.record))
    }
}

/// What was consented to, in the spelling and order of the definition; what it does not ask for is reported.
fn consented(
    said: &[ConsentedPermission],
    definition: &TeamsAppDefinition,
    at: &str,
    findings: &mut Findings<'_>,
) -> Option<Vec<ResourceSpecificPermission>> {
    let said: Vec<_> = said.iter().map(ConsentedPermission::permission).collect();
    let asked = &definition.required_permissions;
    for (n, one) in said.iter().enumerate() {
        if !asked.iter().any(|asked| asked.is(one)) {
            let (app, version) = (&definition.app, &definition.version);
            let (value, kind) = (&one.value, one.kind.as_str());
            let text = format!("version {version} of app '{app}' does not ask for {value} as {kind}");
            findings.add(format!("{at}.consented[{n}]"), text);
        }
    }
    let consented = asked.iter().filter(|asked| said.iter().any(|one| one.is(asked)));
    Some(consented.cloned().collect()).filter(|consented: &Vec<_>| !consented.is_empty())
}

impl ConsentedPermission {
    fn permission(&self) -> ResourceSpecificPermission {
        ResourceSpecificPermission { value: self.permission_value.clone(), kind: self.permission_type.0 }
    }
}
