//! The rules of publishing: how a definition comes into the catalog, is reviewed, and goes.

use super::{CatalogEntry, DistributionMethod, PublishingState, TeamsApp, TeamsAppDefinition};
use crate::{AdministratorWish, Refusal, UserId};

/// Most definitions that one app may have: an app and all of them, two rows each, go into one commit.
pub const MAX_VERSIONS_PER_APP: usize = 400;

/// Who wishes to change the catalog. Users who do not administer Teams submit, and take back what they submitted.
#[derive(Clone, Copy, Debug)]
pub struct Author<'a> {
    /// The signed-in user.
    pub user: Option<&'a UserId>,
    /// Whether they administer Teams.
    pub administers: bool,
}

impl Author<'_> {
    /// Whether they may bring a new definition into the catalog in this state: published is without review.
    ///
    /// # Errors
    /// [`Refusal::AdministratorNeeded`].
    pub fn may_bring(self, state: PublishingState) -> Result<(), Refusal> {
        self.may(AdministratorWish::Publish, state != PublishingState::Published)
    }

    fn may(self, wish: AdministratorWish, everybody_may: bool) -> Result<(), Refusal> {
        if self.administers || everybody_may { Ok(()) } else { Err(Refusal::AdministratorNeeded(wish)) }
    }

    fn has_made(self, definition: &TeamsAppDefinition) -> bool {
        self.user.is_some() && definition.created_by.as_ref() == self.user
    }
}

/// What an administrator finds about a submitted definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is published.
    Approve,
    /// It is turned down; its version may be submitted again.
    Reject,
}

impl CatalogEntry {
    /// A new organization app with its first definition, which is published or waits for review.
    #[must_use]
    pub fn publish(definition: TeamsAppDefinition, incarnation: u64) -> Self {
        let published = definition.state == PublishingState::Published;
        Self {
            app: TeamsApp {
                id: definition.app.clone(),
                external_id: Some(definition.external_id.clone()),
                display_name: definition.display_name.clone(),
                distribution_method: DistributionMethod::Organization,
                azure_ad_app_id: definition.azure_ad_app_id.clone(),
                published: published.then(|| definition.version.clone()),
                permanent: false,
                blocked: false,
                incarnation,
                created_at: definition.created_at,
            },
            published: published.then_some(definition),
        }
    }

    /// The entry after another definition came, published or submitted, beside these that there are. It takes the
    /// place of a rejected one of the same version.
    ///
    /// # Errors
    /// [`Refusal::NotAnOrganizationApp`], [`Refusal::OtherManifestId`] when the package is another app's,
    /// [`Refusal::AlreadyPublished`] when the version is there, submitted ones included,
    /// [`Refusal::VersionNotIncremented`] and [`Refusal::TooManyVersions`].
    pub fn add_version(
        &self,
        versions: &[TeamsAppDefinition],
        definition: &TeamsAppDefinition,
    ) -> Result<Self, Refusal> {
        self.may_change()?;
        let external_id = self.app.external_id.as_deref().unwrap_or_default();
        if !external_id.eq_ignore_ascii_case(&definition.external_id) {
            let (known, sent) = (external_id.to_owned(), definition.external_id.clone());
            return Err(Refusal::OtherManifestId { known, sent });
        }
        let same = versions.iter().find(|known| known.version == definition.version);
        if same.is_some_and(|same| same.state != PublishingState::Rejected) {
            let (app, by) = (Box::new(self.app.clone()), definition.created_by.clone());
            return Err(Refusal::AlreadyPublished { app, by });
        }
        self.is_higher(definition)?;
        if same.is_none() && versions.len() >= MAX_VERSIONS_PER_APP {
            return Err(Refusal::TooManyVersions);
        }
        let newest = versions.iter().all(|known| known.version <= definition.version);
        Ok(match definition.state {
            PublishingState::Published => self.published_now(definition),
            PublishingState::Submitted | PublishingState::Rejected if newest => {
                self.unless_published(definition)
            }
            PublishingState::Submitted | PublishingState::Rejected => self.clone(),
        })
    }

    /// The entry and the definition after the review of it.
    ///
    /// # Errors
    /// [`Refusal::NotAnOrganizationApp`], [`Refusal::AdministratorNeeded`], [`Refusal::NotSubmitted`], and
    /// [`Refusal::VersionNotIncremented`] when a version as high has been published meanwhile.
    pub fn review(
        &self,
        definition: &TeamsAppDefinition,
        verdict: Verdict,
        author: Author<'_>,
    ) -> Result<(Self, TeamsAppDefinition), Refusal> {
        self.may_change()?;
        author.may(AdministratorWish::Review, false)?;
        check_submitted(definition)?;
        match verdict {
            Verdict::Approve => {
                self.is_higher(definition)?;
                let approved = TeamsAppDefinition { state: PublishingState::Published, ..definition.clone() };
                Ok((self.published_now(&approved), approved))
            }
            Verdict::Reject => {
                let rejected = TeamsAppDefinition { state: PublishingState::Rejected, ..definition.clone() };
                Ok((self.clone(), rejected))
            }
        }
    }

    /// The entry after a submitted definition was withdrawn; none: it was the app's only one, and the app goes with
    /// it.
    ///
    /// # Errors
    /// [`Refusal::NotAnOrganizationApp`], [`Refusal::AdministratorNeeded`] when another user submitted it, and
    /// [`Refusal::NotSubmitted`].
    pub fn withdraw(
        &self,
        versions: &[TeamsAppDefinition],
        definition: &TeamsAppDefinition,
        author: Author<'_>,
    ) -> Result<Option<Self>, Refusal> {
        self.may_change()?;
        author.may(AdministratorWish::Withdraw, author.has_made(definition))?;
        check_submitted(definition)?;
        let others = versions.iter().filter(|other| other.version != definition.version);
        let newest = others.max_by(|a, b| a.version.cmp(&b.version));
        Ok(newest.map(|newest| self.unless_published(newest)))
    }

    /// Whether the author may delete the app with these definitions, all that it has. Users may as long as none was
    /// published and all are their own.
    ///
    /// # Errors
    /// [`Refusal::NotAnOrganizationApp`] and [`Refusal::AdministratorNeeded`].
    pub fn may_delete(&self, versions: &[TeamsAppDefinition], author: Author<'_>) -> Result<(), Refusal> {
        self.may_change()?;
        let own = self.app.published.is_none() && versions.iter().all(|version| author.has_made(version));
        author.may(AdministratorWish::Delete, own)
    }

    /// Only what the tenant published does it change.
    fn may_change(&self) -> Result<(), Refusal> {
        if self.app.distribution_method == DistributionMethod::Organization {
            Ok(())
        } else {
            Err(Refusal::NotAnOrganizationApp(self.app.id.clone()))
        }
    }

    fn is_higher(&self, definition: &TeamsAppDefinition) -> Result<(), Refusal> {
        match &self.app.published {
            Some(current) if !definition.version.is_higher_than(current) => {
                let (current, sent) = (current.clone(), definition.version.clone());
                Err(Refusal::VersionNotIncremented { current, sent })
            }
            Some(_) | None => Ok(()),
        }
    }

    fn published_now(&self, definition: &TeamsAppDefinition) -> Self {
        let app = TeamsApp { published: Some(definition.version.clone()), ..self.showing(definition) };
        Self { app, published: Some(definition.clone()) }
    }

    /// The entry, which shows the definition unless it has a published one to show.
    fn unless_published(&self, definition: &TeamsAppDefinition) -> Self {
        match self.app.published {
            Some(_) => self.clone(),
            None => Self { app: self.showing(definition), published: None },
        }
    }

    fn showing(&self, definition: &TeamsAppDefinition) -> TeamsApp {
        TeamsApp {
            display_name: definition.display_name.clone(),
            azure_ad_app_id: definition.azure_ad_app_id.clone(),
            ..self.app.clone()
        }
    }
}

fn check_submitted(definition: &TeamsAppDefinition) -> Result<(), Refusal> {
    if definition.state == PublishingState::Submitted {
        Ok(())
    } else {
        Err(Refusal::NotSubmitted { version: definition.version.clone(), state: definition.state })
    }
}

#[cfg(test)]
mod tests;
