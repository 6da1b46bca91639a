//! Which owners and apps a caller may see and change.

use std::sync::Arc;

use crate::{Access, ClientId, Owner, Standing, TeamsApp, TeamsAppId};

/// Whose installations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owners {
    /// Every user's of the tenant. Of teams and chats a signed-in user reaches those that they are a member of,
    /// whatever the permission.
    Any,
    /// Those that the signed-in user is, or is a member of.
    Joined,
}

/// Which apps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Apps {
    /// Every app.
    Any,
    /// Apps whose manifest names the calling client in `webApplicationInfo.id`.
    OwnedBy(ClientId),
    /// Apps that an administrator selected for the calling client.
    Selected(Arc<[TeamsAppId]>),
}

impl Apps {
    fn cover(&self, app: &TeamsApp) -> bool {
        match self {
            Self::Any => true,
            Self::OwnedBy(client) => {
                app.azure_ad_app_id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(client.as_str()))
            }
            Self::Selected(apps) => apps.contains(&app.id),
        }
    }
}

/// What one held permission allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Whose installations.
    pub owners: Owners,
    /// Which apps.
    pub apps: Apps,
    /// Whether it may consent to resource-specific permissions.
    pub consent: bool,
}

/// The union of what a caller's accepted permissions allow: the widest one wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    grants: Vec<Grant>,
}

impl Scope {
    /// The union of the grants; without any it allows nothing.
    #[must_use]
    pub fn of(grants: Vec<Grant>) -> Self {
        Self { grants }
    }

    /// Whether the owner's installations are in reach at all.
    #[must_use]
    pub fn covers_owner(&self, access: &Access) -> bool {
        self.reaching(access).next().is_some()
    }

    /// Whether the owner's installation of this app is in reach.
    #[must_use]
    pub fn covers(&self, access: &Access, app: &TeamsApp) -> bool {
        self.reaching(access).any(|grant| grant.apps.cover(app))
    }

    /// Whether the caller may consent to what this app asks for, for this owner.
    #[must_use]
    pub fn may_consent(&self, access: &Access, app: &TeamsApp) -> bool {
        self.reaching(access).any(|grant| grant.consent && grant.apps.cover(app))
    }

    /// Whether every app is in reach, whoever's it is.
    #[must_use]
    pub fn covers_every_app(&self) -> bool {
        self.grants.iter().any(|grant| grant.apps == Apps::Any)
    }

    fn reaching<'a>(&'a self, access: &'a Access) -> impl Iterator<Item = &'a Grant> {
        self.grants.iter().filter(move |grant| match (access.standing, grant.owners, &access.owner) {
            (Standing::Application | Standing::Member, _, _)
            | (Standing::Stranger, Owners::Any, Owner::User(_)) => true,
            (Standing::Stranger, Owners::Joined, _)
            | (Standing::Stranger, Owners::Any, Owner::Team(_) | Owner::Chat(_)) => false,
        })
    }
}
