//! Finds the installation that a path names.

use std::sync::Arc;

use slipway_model::{
    Access, CatalogEntry, InstallRequest, InstallationId, Owner, Refusal, ResourceSpecificPermission,
    TeamsAppId, TeamsAppInstallation, User,
};
use slipway_store::{Revision, Stored, View, installation};

use crate::call::{Basis, Call};
use crate::fault::{Fault, FaultKind};
use crate::graph::chats::BotChat;
use crate::graph::{app_catalogs, owner};

/// An installation that is to be changed, with its app, as one snapshot shows them.
pub(super) struct Found {
    pub(super) access: Access,
    pub(super) installation: Stored<TeamsAppInstallation>,
    /// The app's entry, and the revision of the app's row.
    pub(super) app: Arc<(CatalogEntry, Revision)>,
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

/// An installation that is to be shown.
pub(super) struct Readable {
    pub(super) installation: TeamsAppInstallation,
    pub(super) app: Arc<(CatalogEntry, Revision)>,
}

/// The installation in the path, to be changed. It is not there for a caller when it is another owner's, when its
/// app was deleted, and when the caller's permissions do not reach the app.
pub(super) async fn changeable(call: &Call, view: &View) -> Result<Found, Fault> {
    let id = named(call)?;
    let access = owner::access_to_change(call, view).await?;
    check_owner(&id, &access.owner)?;
    let key = installation::key(call.partition(), &access.owner, &id.app);
    let found = view.get(&key).await?.ok_or_else(|| not_installed(&access.owner))?;
    let app = app_in_reach(call, view, &access, &found.record).await?;
    Ok(Found { access, installation: found, app })
}

/// The same, to be shown.
pub(super) async fn readable(call: &Call, view: &View) -> Result<Readable, Fault> {
    let id = named(call)?;
    let access = owner::access(call, view).await?;
    check_owner(&id, &access.owner)?;
    let key = installation::key(call.partition(), &access.owner, &id.app);
    let installation = match view.get(&key).await? {
        Some(found) => Some(found.record),
        None => of_bot_chat(call, view, &access.owner, &id.app).await?,
    };
    let installation = installation.ok_or_else(|| not_installed(&access.owner))?;
    let app = app_in_reach(call, view, &access, &installation).await?;
    Ok(Readable { installation, app })
}

fn named(call: &Call) -> Result<InstallationId, Fault> {
    let key = call.key(1);
    InstallationId::parse(key).map_err(|_| FaultKind::InvalidInstallationId(key.to_owned()).into())
}

fn check_owner(id: &InstallationId, owner: &Owner) -> Result<(), Fault> {
    if id.is_of(owner) { Ok(()) } else { Err(not_installed(owner)) }
}

fn not_installed(owner: &Owner) -> Fault {
    FaultKind::Refused(Refusal::NotInstalled(owner.kind())).into()
}

/// The app of a user's chat with its bot.
async fn of_bot_chat(
    call: &Call,
    view: &View,
    owner: &Owner,
    app: &TeamsAppId,
) -> Result<Option<TeamsAppInstallation>, Fault> {
    let Owner::Chat(id) = owner else { return Ok(None) };
    let found = BotChat::find(view, call.partition(), id).await?;
    Ok(found.and_then(|found| found.apps.into_iter().find(|installed| installed.app == *app)))
}

async fn app_in_reach(
    call: &Call,
    view: &View,
    access: &Access,
    installation: &TeamsAppInstallation,
) -> Result<Arc<(CatalogEntry, Revision)>, Fault> {
    let unknown = || not_installed(&access.owner);
    let app = app_catalogs::entry(call, view, &installation.app).await?.ok_or_else(unknown)?;
    if installation.belongs_to(&app.0.app) && call.scope().covers(access, &app.0.app) {
        Ok(app)
    } else {
        Err(unknown())
    }
}
