//! What the references of a seed mean: users, apps, groups and chats, of the seed or of the store.

use std::collections::HashMap;

use slipway_model::{ChatId, Group, GroupId, TeamsApp, TeamsAppId, UserId, UserPrincipalName};
use slipway_store::{ReadError, Revision, app, chat, group, user};

use super::{AppPlan, Planner};
use crate::seed::check::Findings;
use crate::seed::format::Generate;

/// Users of the document by id and by user principal name, both in lower case.
pub type UserNames = HashMap<String, UserId>;

/// What the seed has, by the names that references may use, in lower case. Generated users apart: these are known
/// by their form.
pub struct Names<'p> {
    pub users: UserNames,
    /// Apps by id and by manifest id.
    pub apps: HashMap<String, &'p AppPlan>,
    /// Groups and teams by id.
    pub groups: HashMap<String, Group>,
    /// Chats by id.
    pub chats: HashMap<String, ChatId>,
}

/// An app that a reference names.
pub struct Target<'p> {
    pub app: TeamsApp,
    /// Revision of the app's row if the seed leaves it alone.
    pub kept: Option<Revision>,
    /// What the seed says of it.
    pub plan: Option<&'p AppPlan>,
}

/// The apps of the seed by id and by manifest id.
pub fn by_name(apps: &[AppPlan]) -> HashMap<String, &AppPlan> {
    let mut named = HashMap::new();
    for plan in apps {
        named.extend(plan.app.external_id.as_ref().map(|id| (id.to_lowercase(), plan)));
        named.insert(plan.app.id.folded(), plan);
    }
    named
}

/// What is wrong with a reference to a user who is not there.
pub fn no_user(text: &str) -> String {
    format!("no user has the id or user principal name '{text}'")
}

impl Planner<'_> {
    /// The user with this id or user principal name.
    pub(super) async fn find_user(&self, names: &UserNames, text: &str) -> Result<Option<UserId>, ReadError> {
        if let Some(id) = names.get(&text.to_lowercase()) {
            return Ok(Some(id.clone()));
        }
        if let Ok(id) = UserId::parse(text) {
            let stored = self.view.get(&user::key(&self.partition, &id)).await?;
            if self.seed.said.generates_id(&id) || stored.is_some() {
                return Ok(Some(id));
            }
        }
        let Ok(name) = UserPrincipalName::parse(text) else {
            return Ok(None);
        };
        if let Some(n) = self.seed.said.generated_number(&name) {
            return Ok(UserId::parse(&Generate::id(n)).ok());
        }
        let stored = self.view.find(&user::by_principal_name(&self.partition, &name)).await?;
        Ok(stored.map(|stored| stored.record.id))
    }

    /// The user of a reference at a key of the tenant; none is reported there.
    pub(super) async fn user_at(
        &self,
        names: &UserNames,
        key: &str,
        text: &str,
        findings: &mut Findings<'_>,
    ) -> Result<Option<UserId>, ReadError> {
        let found = self.find_user(names, text).await?;
        if found.is_none() {
            findings.add(format!("{}.{key}", self.at), no_user(text));
        }
        Ok(found)
    }

    /// The app of a reference at a key of the tenant, by id or by manifest id; none is reported there.
    pub(super) async fn app_at<'p>(
        &self,
        names: &Names<'p>,
        key: &str,
        text: &str,
        findings: &mut Findings<'_>,
    ) -> Result<Option<Target<'p>>, ReadError> {
        if let Some(plan) = names.apps.get(&text.to_lowercase()) {
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
        if stored.is_none() {
            let text = format!("no app has the id or the manifest's id '{text}'");
            findings.add(format!("{}.{key}", self.at), text);
        }
        Ok(stored.map(|stored| Target { app: stored.record, kept: Some(stored.revision), plan: None }))
    }

    /// The group or team with this id.
    pub(super) async fn find_group(&self, names: &Names<'_>, text: &str) -> Result<Option<Group>, ReadError> {
        let Ok(id) = GroupId::parse(text) else {
            return Ok(None);
        };
        if let Some(group) = names.groups.get(&id.folded()) {
            return Ok(Some(group.clone()));
        }
        let stored = self.view.get(&group::key(&self.partition, &id)).await?;
        Ok(stored.map(|stored| stored.record))
    }

    /// The team with this id; none, or a group without a team, is reported at the key of the tenant.
    pub(super) async fn team_at(
        &self,
        names: &Names<'_>,
        key: &str,
        text: &str,
        findings: &mut Findings<'_>,
    ) -> Result<Option<GroupId>, ReadError> {
        let wrong = match self.find_group(names, text).await? {
            Some(group) if group.is_team => return Ok(Some(group.id)),
            Some(group) => format!("group '{}' has no team", group.id),
            None => format!("no team has the id '{text}'"),
        };
        findings.add(format!("{}.{key}", self.at), wrong);
        Ok(None)
    }

    /// The chat with this id; none is reported at the key of the tenant.
    pub(super) async fn chat_at(
        &self,
        names: &Names<'_>,
        key: &str,
        text: &str,
        findings: &mut Findings<'_>,
    ) -> Result<Option<ChatId>, ReadError> {
        if let Some(id) = names.chats.get(&text.to_lowercase()) {
            return Ok(Some(id.clone()));
        }
        let stored = match ChatId::parse(text) {
            Ok(id) => self.view.get(&chat::key(&self.partition, &id)).await?,
            Err(_) => None,
        };
        if stored.is_none() {
            findings.add(format!("{}.{key}", self.at), format!("no chat has the id '{text}'"));
        }
        Ok(stored.map(|stored| stored.record.id))
    }
}
