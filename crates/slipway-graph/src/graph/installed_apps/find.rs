//! Finds the user and the installation that a path names.

use std::sync::Arc;

use slipway_model::{CatalogEntry, InstallationId, Refusal, TeamsAppInstallation, UserId};
use slipway_store::{Revision, Stored, View, installation};

use crate::call::Call;
use crate::fault::{Fault, FaultKind};
use crate::graph::{app_catalogs, users};

/// The user in the path, if the caller may act for them at all.
pub(super) async fn owner(call: &Call, view: &View) -> Result<UserId, Fault> {
    let key = call.key(0);
    let user = users::resolve(view, call.partition(), key).await?;
    let user = user.ok_or_else(|| FaultKind::UserNotFound(key.to_owned()))?;
    if call.scope().covers_owner(&user) {
        Ok(user)
    } else {
        Err(FaultKind::CallerNotAuthorized.because("a delegated token acts for its own user only"))
    }
}

/// An installation with its app, as one snapshot shows them.
pub(super) struct Found {
    pub(super) owner: UserId,
    pub(super) installation: Stored<TeamsAppInstallation>,
    /// The app's entry, and the revision of the app's row.
    pub(super) app: Arc<(CatalogEntry, Revision)>,
}

/// The installation in the path. It is not there for a caller when it is another user's, when its app was
/// deleted, and when the caller's permissions do not reach the app.
pub(super) async fn installation(call: &Call, view: &View) -> Result<Found, Fault> {
    let key = call.key(1);
    let id = InstallationId::parse(key).map_err(|_| FaultKind::InvalidInstallationId(key.to_owned()))?;
    let owner = owner(call, view).await?;
    let not_installed = || Fault::from(FaultKind::Refused(Refusal::NotInstalled));
    if !id.is_of(&owner) {
        return Err(not_installed());
    }
    let key = installation::key(call.partition(), &owner, &id.app);
    let installation = view.get(&key).await?.ok_or_else(not_installed)?;
    let app = app_catalogs::entry(call, view, &id.app).await?.ok_or_else(not_installed)?;
    if installation.record.belongs_to(&app.0.app) && call.scope().covers(&owner, &app.0.app) {
        Ok(Found { owner, installation, app })
    } else {
        Err(not_installed())
    }
}
