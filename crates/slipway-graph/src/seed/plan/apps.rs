//! Apps and their versions.

use std::collections::BTreeMap;

use serde_json::Value;
use slipway_model::{
    AppVersion, DistributionMethod, MAX_VERSIONS_PER_APP, PublishingState, TeamsApp, TeamsAppDefinition,
    TeamsAppId, UserId,
};
use slipway_store::{Package, ReadError, Revision, Stored, app, definition, package};

use super::references::UserNames;
use super::{Planner, Row};
use crate::graph::app_catalogs::published;
use crate::seed::check::Findings;
use crate::seed::packages::{AppSeed, DefinitionSeed, plain_icons};

/// What is to be written for an app; all of it goes into one commit.
pub struct AppPlan {
    /// The app as it shall be.
    pub app: TeamsApp,
    /// Its row's revision now.
    pub seen: Option<Revision>,
    pub row: Option<Row<TeamsApp>>,
    pub definitions: Vec<Row<TeamsAppDefinition>>,
    pub packages: Vec<Row<Package>>,
    /// All versions that there will be.
    pub versions: Versions,
}

/// An app of the seed.
struct Wanted<'a> {
    said: &'a AppSeed,
    /// Its key in the document.
    at: String,
    /// Who sent its versions in, one for each.
    authors: Vec<Option<UserId>>,
}

/// Versions of an app from the lowest to the highest.
type Versions = BTreeMap<AppVersion, TeamsAppDefinition>;

impl Planner<'_> {
    /// Plans the apps, in the order of the document.
    pub(super) async fn apps(
        &self,
        users: &UserNames,
        findings: &mut Findings<'_>,
    ) -> Result<Vec<AppPlan>, ReadError> {
        let mut plans = Vec::new();
        for (n, said) in self.seed.apps.iter().enumerate() {
            let at = format!("{}.apps[{n}]", self.at);
            let stored = self.stored_app(said, &at, findings).await?;
            let mut authors = Vec::new();
            for (version, definition) in said.definitions.iter().enumerate() {
                let key = format!("apps[{n}].definitions[{version}].createdBy");
                authors.push(match &definition.created_by {
                    Some(text) => self.user_at(users, &key, text, findings).await?,
                    None => None,
                });
            }
            plans.extend(self.app(&Wanted { said, at, authors }, stored, findings).await?);
        }
        Ok(plans)
    }

    /// The stored app, found by id or else by the manifest's id; what does not fit it is reported.
    async fn stored_app(
        &self,
        said: &AppSeed,
        at: &str,
        findings: &mut Findings<'_>,
    ) -> Result<Option<Stored<TeamsApp>>, ReadError> {
        let named = match said.method {
            DistributionMethod::Store => None,
            DistributionMethod::Organization | DistributionMethod::Sideloaded => {
                self.view.find(&app::by_external_id(&self.partition, &said.external_id)).await?
            }
        };
        let Some(id) = &said.id else {
            return Ok(checked(said, named, at, findings));
        };
        if let Some(other) = named.filter(|named| named.record.id != *id) {
            let text = format!("app '{}' has the manifest's id '{}'", other.record.id, said.external_id);
            findings.add(format!("{at}.id"), text);
        }
        let stored = self.view.get(&app::key(&self.partition, id)).await?;
        Ok(checked(said, stored, at, findings))
    }

    async fn app(
        &self,
        Wanted { said, at, authors }: &Wanted<'_>,
        stored: Option<Stored<TeamsApp>>,
        findings: &mut Findings<'_>,
    ) -> Result<Option<AppPlan>, ReadError> {
        let id = match (&stored, &said.id) {
            (Some(stored), _) => Ok(stored.record.id.clone()),
            (None, Some(id)) => Ok(id.clone()),
            (None, None) => TeamsAppId::parse(&self.ids.guid()),
        };
        let Some(id) = findings.take(id, at) else {
            return Ok(None);
        };
        let mut known = match &stored {
            Some(_) => self.stored_versions(&id).await?,
            None => BTreeMap::new(),
        };
        let named = |(version, row): (&AppVersion, &Stored<TeamsAppDefinition>)| {
            (version.clone(), row.record.clone())
        };
        let mut versions: Versions = known.iter().map(named).collect();
        let (mut definitions, mut packages) = (Vec::new(), Vec::new());
        for (n, (version, author)) in said.definitions.iter().zip(authors).enumerate() {
            let stored = known.remove(&version.facts.version);
            let record = if let Some(stored) = &stored {
                let at = format!("{at}.definitions[{n}]");
                self.check_package(version, &stored.record, &at, findings).await?;
                TeamsAppDefinition {
                    state: version.next_state(stored.record.state),
                    created_by: author.clone().or_else(|| stored.record.created_by.clone()),
                    ..stored.record.clone()
                }
            } else {
                packages.push(Row { record: version.package(&id), seen: None });
                TeamsAppDefinition { created_by: author.clone(), ..version.definition(&id, self) }
            };
            versions.insert(record.version.clone(), record.clone());
            definitions.extend(Row::unless_stored(record, stored));
        }
        let seen = stored.as_ref().map(|stored| stored.revision);
        let Some(app) = self.entry(said, id, stored.as_ref(), &versions) else {
            return Ok(None);
        };
        let row = Row::unless_stored(app.clone(), stored);
        Ok(Some(AppPlan { app, seen, row, definitions, packages, versions }))
    }

    async fn stored_versions(
        &self,
        id: &TeamsAppId,
    ) -> Result<BTreeMap<AppVersion, Stored<TeamsAppDefinition>>, ReadError> {
        let mut versions = BTreeMap::new();
        let mut rest = Some(definition::of_app(&self.partition, id));
        while let Some(range) = rest.take() {
            let page = self.view.scan(&range, MAX_VERSIONS_PER_APP).await?;
            versions.extend(page.rows.into_iter().map(|row| (row.record.version.clone(), row)));
            rest = page.next.map(|cursor| definition::of_app(&self.partition, id).after(cursor));
        }
        Ok(versions)
    }

    /// A version never changes what it holds. A manifest without a package says nothing about icons.
    async fn check_package(
        &self,
        said: &DefinitionSeed,
        stored: &TeamsAppDefinition,
        at: &str,
        findings: &mut Findings<'_>,
    ) -> Result<(), ReadError> {
        let key = package::key(&self.partition, &stored.app, &stored.version);
        let same = self.view.get(&key).await?.is_some_and(|Stored { record, .. }| {
            let icons = said.icons.as_ref();
            same_json(&said.manifest, &record.manifest)
                && icons
                    .is_none_or(|icons| (&icons.0, &icons.1) == (&record.color_icon, &record.outline_icon))
        });
        if !same {
            let text =
                format!("version {} of app '{}' is stored with another content", stored.version, stored.app);
            findings.add(at, text);
        }
        Ok(())
    }

    /// The app over its versions: the highest published one is current, so a seed takes no version back.
    fn entry(
        &self,
        said: &AppSeed,
        id: TeamsAppId,
        stored: Option<&Stored<TeamsApp>>,
        versions: &Versions,
    ) -> Option<TeamsApp> {
        let published = versions.values().rev().find(|version| version.state == PublishingState::Published);
        let shown = published.or(versions.values().next_back())?;
        let stored = stored.map(|stored| &stored.record);
        let external_id = match said.method {
            DistributionMethod::Store => None,
            DistributionMethod::Organization | DistributionMethod::Sideloaded => {
                Some(said.external_id.clone())
            }
        };
        Some(TeamsApp {
            id,
            external_id: stored.map_or(external_id, |stored| stored.external_id.clone()),
            display_name: shown.display_name.clone(),
            distribution_method: said.method,
            azure_ad_app_id: shown.azure_ad_app_id.clone(),
            published: published.map(|version| version.version.clone()),
            permanent: said.permanent.unwrap_or_else(|| stored.is_some_and(|stored| stored.permanent)),
            blocked: said.blocked.unwrap_or_else(|| stored.is_some_and(|stored| stored.blocked)),
            incarnation: stored.map_or_else(|| self.ids.incarnation(), |stored| stored.incarnation),
            created_at: stored.map_or(self.now, |stored| stored.created_at),
        })
    }
}

fn checked(
    said: &AppSeed,
    stored: Option<Stored<TeamsApp>>,
    at: &str,
    findings: &mut Findings<'_>,
) -> Option<Stored<TeamsApp>> {
    let app = &stored.as_ref()?.record;
    if app.distribution_method != said.method {
        let text = format!("app '{}' is stored as {}", app.id, app.distribution_method.as_str());
        findings.add(format!("{at}.distributionMethod"), text);
    } else if let Some(known) =
        app.external_id.as_ref().filter(|id| !id.eq_ignore_ascii_case(&said.external_id))
    {
        let text = format!("app '{}' is stored with the manifest's id '{known}'", app.id);
        findings.add(format!("{at}.definitions[0]"), text);
    }
    stored
}

fn same_json(a: &[u8], b: &[u8]) -> bool {
    let read = |json| serde_json::from_slice::<Value>(json).ok();
    a == b || read(a).is_some_and(|a| read(b) == Some(a))
}

impl DefinitionSeed {
    fn definition(&self, app: &TeamsAppId, planner: &Planner<'_>) -> TeamsAppDefinition {
        TeamsAppDefinition { state: self.state, ..published(&self.facts, app, planner.now) }
    }

    fn package(&self, app: &TeamsAppId) -> Package {
        let (color_icon, outline_icon) = self.icons.clone().unwrap_or_else(plain_icons);
        let (manifest, version) = (self.manifest.clone(), self.facts.version.clone());
        Package { app: app.clone(), version, manifest, color_icon, outline_icon }
    }

    /// What is published stays published: users may have it.
    fn next_state(&self, stored: PublishingState) -> PublishingState {
        match stored {
            PublishingState::Published => stored,
            PublishingState::Submitted | PublishingState::Rejected => self.state,
        }
    }
}
