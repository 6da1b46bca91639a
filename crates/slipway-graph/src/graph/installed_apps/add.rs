//! `POST …/installedApps`: installs an app for a user, a team or a chat.

use std::sync::Arc;

use http::StatusCode;
use slipway_model::{
    Access, CatalogEntry, Held, InstallRequest, MAX_INSTALLATIONS_PER_OWNER, Owner, OwnerKind, Refusal,
    Scope, TeamsAppInstallation,
};
use slipway_store::{Changeset, Counter, Revision, View, app, installation};

use super::body::Install;
use super::path;
use crate::call::{Basis, Call, Keep};
use crate::fault::{Fault, FaultKind};
use crate::graph::{app_catalogs, owner, schema};
use crate::reply::{Content, Reply};

pub(crate) async fn add(mut call: Call) -> Result<Reply, Fault> {
    let body = call.json().await?;
    call.query(schema::installation(&call))?;
    let install = &Install::read(&body)?;
    let call = &call;
    let installed: TeamsAppInstallation = call
        .keep_presuming(move |basis| async move {
            let access = owner::access_to_change(call, &basis.view).await?;
            let addition = Addition::decide(call, &basis, (&access, call.scope()), install).await?;
            let changes = Changeset::new(call.operation().name);
            let changes = owner::expect_present(changes, call.partition(), &access.owner);
            let changes = owner::expect_membership(changes, call, &access.owner);
            Ok((Keep::Commit(addition.write(call, changes)), addition.installed))
        })
        .await?;
    let location = format!("{}/{}('{}')", call.service_root(), path(&installed.owner), installed.id());
    // The team page and its examples have 200, the others 201.
    let status = match installed.owner.kind() {
        OwnerKind::Team => StatusCode::OK,
        OwnerKind::User | OwnerKind::Chat => StatusCode::CREATED,
    };
    Ok(Reply::made(status, &location, Content::Empty))
}

/// A new installation, and what the decision for it rests on.
pub(crate) struct Addition {
    installed: TeamsAppInstallation,
    app: Arc<(CatalogEntry, Revision)>,
    /// The row that is written over: of an app that was deleted since, and waits for its sweep.
    over: Option<Revision>,
}

impl Addition {
    /// Asks the rules. The owner is there, or comes with the same commit.
    pub(crate) async fn decide(
        call: &Call,
        basis: &Basis,
        (access, scope): (&Access, &Scope),
        install: &Install,
    ) -> Result<Self, Fault> {
        let not_installable = FaultKind::Refused(Refusal::AppNotInstallable);
        let Some(wanted) = &install.app else {
            return Err(not_installable.because("no app can have the bound id"));
        };
        let (view, tenant) = (&basis.view, &basis.tenant.record);
        let app = app_catalogs::entry(call, view, wanted).await?.ok_or(not_installable)?;
        let user = owner::special_user(call, view, tenant, &access.owner).await?;
        let request = InstallRequest {
            access,
            client: &call.caller().client,
            scope,
            consented: install.consented.as_deref(),
            tenant,
            user: user.as_ref(),
        };
        let key = installation::key(call.partition(), &access.owner, &app.0.app.id);
        let earlier = view.get_presuming_absent(&key).await?;
        let held = Held {
            same_app: earlier.as_ref().map(|row| &row.record),
            at_most: at_most(call, view, &access.owner).await?,
        };
        let installed = slipway_model::install(&app.0, held, request, call.now());
        let over = earlier.map(|row| row.revision);
        Ok(Self { installed: installed.map_err(FaultKind::Refused)?, app, over })
    }

    /// The changes, with the installation.
    pub(crate) fn write(&self, call: &Call, changes: Changeset) -> Changeset {
        let Self { installed, app, over } = self;
        let partition = call.partition();
        let key = installation::key(partition, &installed.owner, &installed.app);
        let changes = changes.expect_revision(&app::key(partition, &installed.app), app.1);
        let changes = match over {
            None => changes.expect_absent(&key).add(partition, Counter::Installations, 1),
            Some(revision) => changes.expect_revision(&key, *revision),
        };
        changes.put(partition, installed)
    }
}

/// A bound on how many apps the owner has. Nobody has an app twice, so where the catalog has fewer apps than one
/// owner may have, their number will do; only in larger ones are the owner's rows counted.
async fn at_most(call: &Call, view: &View, owner: &Owner) -> Result<usize, Fault> {
    let partition = call.partition();
    let apps = view.counter(partition, Counter::Apps).await?;
    match usize::try_from(apps) {
        Ok(apps) if apps < MAX_INSTALLATIONS_PER_OWNER => Ok(apps),
        _ => {
            let range = installation::of_owner(partition, owner);
            Ok(view.count(&range, MAX_INSTALLATIONS_PER_OWNER).await?)
        }
    }
}
