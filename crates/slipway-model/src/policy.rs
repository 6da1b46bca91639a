//! App permission policies: which apps may not be installed, for a tenant or for one user.

use crate::{DistributionMethod, TeamsApp, TeamsAppId};

/// What is blocked. The default blocks nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppPermissionPolicy {
    /// Every app of Microsoft's store.
    pub blocks_store: bool,
    /// Every app of the tenant's catalog.
    pub blocks_organization: bool,
    /// These apps.
    pub blocked: Vec<TeamsAppId>,
}

impl AppPermissionPolicy {
    /// Whether it blocks the app.
    #[must_use]
    pub fn blocks(&self, app: &TeamsApp) -> bool {
        let by_kind = match app.distribution_method {
            DistributionMethod::Store => self.blocks_store,
            DistributionMethod::Organization | DistributionMethod::Sideloaded => self.blocks_organization,
        };
        by_kind || self.blocked.contains(&app.id)
    }
}
