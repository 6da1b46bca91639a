//! Installations.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use slipway_model::{
    AppVersion, MAX_INSTALLATIONS_PER_OWNER, Owner, Refusal, TeamsApp, TeamsAppDefinition, TeamsAppId,
    TeamsAppInstallation,
};
use slipway_store::{ReadError, Revision, app, definition, installation, user};

use super::apps::AppPlan;
use super::{Planner, Row, UserNames};
use crate::seed::check::Findings;
use crate::seed::format;

/// An installation to be written.
pub struct InstallationPlan {
    pub row: Row<TeamsAppInstallation>,
    pub change: InstallationChange,
    /// The user's row is there now, and must still be there.
    pub user_stored: bool,
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
    /// It goes to the version that the seed names.
    Moved,
}

/// What an installation of the seed names.
struct Wanted<'a> {
    said: &'a format::Installation,
    /// Its key in the document.
    at: &'a str,
    owner: Owner,
    target: Target<'a>,
}

/// An app that an installation names.
struct Target<'a> {
    app: TeamsApp,
    kept: Option<Revision>,
    plan: Option<&'a AppPlan>,
}

impl Planner<'_> {
    pub(super) async fn installations(
        &self,
        names: &UserNames,
        apps: &[AppPlan],
        findings: &mut Findings<'_>,
    ) -> Result<Vec<InstallationPlan>, ReadError> {
        let apps = by_name(apps);
        let mut plans = Vec::new();
        let mut said_at: HashMap<(Owner, TeamsAppId), usize> = HashMap::new();
        let mut held = HashMap::new();
        for (n, said) in self.seed.said.installations.iter().enumerate() {
            let at = format!("{}.installations[{n}]", self.at);
            let owner = self.find_user(names, &said.user).await?;
            if owner.is_none() {
                self.unknown_user(&format!("installations[{n}].user"), &said.user, findings);
            }
            let target = self.find_app(&apps, &said.app).await?;
            if target.is_none() {
                findings.add(
                    format!("{at}.app"),
                    format!("no app has the id or the manifest's id '{}'", said.app),
                );
            }
            let (Some(owner), Some(target)) = (owner, target) else {
                continue;
            };
            let owner = Owner::User(owner);
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

    async fn find_app<'p>(
        &self,
        apps: &HashMap<String, &'p AppPlan>,
        text: &str,
    ) -> Result<Option<Target<'p>>, ReadError> {
        if let Some(plan) = apps.get(&text.to_lowercase()) {
            let kept = plan.seen.filter(|_| plan.row.is_none());
            return Ok(Some(Target { app: plan.app.clone(), kept, plan: Some(plan) }));
        }
        let by_id = match TeamsAppId::parse(text) {
            Ok(id) => self.view.get(&app::key(&self.partition, &id)).await?,
            Err(_) => None,
        };
        let stored = match by_id {
            Some(stored) => Some(stored),
            None => self.view.find(&app::by_external_id(&self.partition, text)).await?,
        };
        Ok(stored.map(|stored| Target { app: stored.record, kept: Some(stored.revision), plan: None }))
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
        if living.is_some_and(|living| named.is_none_or(|named| *named == living.version)) {
            return Ok(None);
        }
        let Some(version) = named.or(app.published.as_ref()) else {
            findings.add(format!("{at}.app"), format!("app '{}' has no published version", app.id));
            return Ok(None);
        };
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
        let consented = Some(definition.required_permissions).filter(|permissions| !permissions.is_empty());
        let record = TeamsAppInstallation {
            owner: owner.clone(),
            app: app.id.clone(),
            incarnation: app.incarnation,
            version: definition.version,
            consented,
            preinstalled: false,
            installed_at: living.map_or(self.now, |living| living.installed_at),
        };
        let change = match (&stored, living) {
            (None, _) => InstallationChange::Created,
            (Some(_), None) => InstallationChange::Revived,
            (Some(_), Some(_)) => InstallationChange::Moved,
        };
        let user_stored = match owner.user() {
            Some(id) => self.view.exists(&user::key(&self.partition, id)).await?,
            None => false,
        };
        let row = Row { record, seen: stored.map(|stored| stored.revision) };
        Ok(Some(InstallationPlan { row, change, user_stored, app_kept: target.kept }))
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

/// The apps of the seed by id and by manifest id, both in lower case.
fn by_name(apps: &[AppPlan]) -> HashMap<String, &AppPlan> {
    let mut named = HashMap::new();
    for plan in apps {
        named.extend(plan.app.external_id.as_ref().map(|id| (id.to_lowercase(), plan)));
        named.insert(plan.app.id.folded(), plan);
    }
    named
}
