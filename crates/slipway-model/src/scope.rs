//! Which owners and apps a caller may see and change.

use crate::{ClientId, TeamsApp, UserId};

/// Whose installations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owners {
    /// Every user's of the tenant.
    Any,
    /// The signed-in user's.
    Only(UserId),
}

/// Which apps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Apps {
    /// Every app.
    Any,
    /// Apps whose manifest names the calling client in `webApplicationInfo.id`.
    OwnedBy(ClientId),
}

impl Apps {
    fn cover(&self, app: &TeamsApp) -> bool {
        match self {
            Self::Any => true,
            Self::OwnedBy(client) => {
                app.azure_ad_app_id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(client.as_str()))
            }
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

    /// Whether the user's installations are in reach at all.
    #[must_use]
    pub fn covers_owner(&self, user: &UserId) -> bool {
        self.owned_by(user).next().is_some()
    }

    /// Whether this user's installation of this app is in reach.
    #[must_use]
    pub fn covers(&self, user: &UserId, app: &TeamsApp) -> bool {
        self.owned_by(user).any(|grant| grant.apps.cover(app))
    }

    /// Whether the caller may consent to what this app asks for, for this user.
    #[must_use]
    pub fn may_consent(&self, user: &UserId, app: &TeamsApp) -> bool {
        self.owned_by(user).any(|grant| grant.consent && grant.apps.cover(app))
    }

    fn owned_by<'a>(&'a self, user: &'a UserId) -> impl Iterator<Item = &'a Grant> {
        self.grants.iter().filter(move |grant| match &grant.owners {
            Owners::Any => true,
            Owners::Only(me) => me == user,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CatalogEntry;
    use crate::catalog::tests::definition;

    #[test]
    fn the_widest_grant_wins() {
        let app = CatalogEntry::publish(definition("1.0.0"), 1).app;
        let (me, other) = (UserId::parse("me").unwrap(), UserId::parse("other").unwrap());
        let own = |c: &str| Apps::OwnedBy(ClientId::parse(c).unwrap());
        let grant = |owners, apps, consent| Grant { owners, apps, consent };

        let foreign = Scope::of(vec![grant(Owners::Any, own("a999"), true)]);
        assert!(foreign.covers_owner(&me) && !foreign.covers(&me, &app));

        let mine = Scope::of(vec![
            grant(Owners::Only(me.clone()), Apps::Any, false),
            grant(Owners::Only(me.clone()), own("A002"), true),
        ]);
        assert!(mine.covers(&me, &app) && mine.may_consent(&me, &app));
        assert!(!mine.covers_owner(&other) && !mine.covers(&other, &app));

        assert!(!Scope::default().covers_owner(&me));
    }
}
