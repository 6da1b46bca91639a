//! Finds the installation that a path names.

use std::sync::Arc;

use slipway_model::{
    Access, CatalogEntry, InstallRequest, InstallationId, Refusal, ResourceSpecificPermission,
    TeamsAppInstallation, User,
};
use slipway_store::{Revision, Stored, View, installation};

use crate::call::{Basis, Call};
use crate::fault::{Fault, FaultKind};
use crate::graph::{app_catalogs, owner};

/// An installation with its app, as one snapshot shows them.
pub(crate) struct Found {
    pub(crate) access: Access,
    pub(crate) installation: Stored<TeamsAppInstallation>,
    /// The app's entry, and the revision of the app's row.
    pub(crate) app: Arc<(CatalogEntry, Revision)>,
}

impl Found {
    /// The user whose it is, where the rules have to look at them.
    pub(super) async fn special_user(&self, call: &Call, basis: &Basis) -> Result<Option<User>, Fault> {
        owner::special_user(call, &basis.view, &basis.tenant.record, &self.access.owner).await
    }

    /// What the rules are asked.
    pub(super) fn request<'a>(
        &'a self,
        call: &'a Call,
        basis: &'a Basis,
        consented: Option<&'a [ResourceSpecificPermission]>,
        user: Option<&'a User>,
    ) -> InstallRequest<'a> {
        InstallRequest {
            access: &self.access,
            client: &call.caller().client,
            scope: call.scope(),
            consented,
            tenant: &basis.tenant.record,
            user,
        }
    }
}

/// The installation in the path. It is not there for a caller when it is another owner's, when its app was
/// deleted, and when the caller's permissions do not reach the app.
pub(crate) async fn installation(call: &Call, view: &View) -> Result<Found, Fault> {
    let key = call.key(1);
    let id = InstallationId::parse(key).map_err(|_| FaultKind::InvalidInstallationId(key.to_owned()))?;
    let access = owner::access(call, view).await?;
    let not_installed = || Fault::from(FaultKind::Refused(Refusal::NotInstalled));
    if !id.is_of(&access.owner) {
        return Err(not_installed());
    }
    let key = installation::key(call.partition(), &access.owner, &id.app);
    let installation = view.get(&key).await?.ok_or_else(not_installed)?;
    let app = app_catalogs::entry(call, view, &id.app).await?.ok_or_else(not_installed)?;
    if installation.record.belongs_to(&app.0.app) && call.scope().covers(&access, &app.0.app) {
        Ok(Found { access, installation, app })
    } else {
        Err(not_installed())
    }
}
