//! `POST /users/{id}/teamwork/installedApps`: installs an app in the personal scope of a user.

use slipway_model::{
    Held, InstallRequest, MAX_INSTALLATIONS_PER_OWNER, Refusal, TeamsAppInstallation, UserId,
};
use slipway_store::{Changeset, Counter, View, app, installation, user};

use super::bind::Bind;
use super::body::Install;
use super::find::owner;
use crate::call::{Call, Keep};
use crate::fault::{Fault, FaultKind};
use crate::graph::{app_catalogs, schema};
use crate::reply::{Content, Reply};

pub(crate) async fn add(mut call: Call) -> Result<Reply, Fault> {
    let body = call.json().await?;
    call.query(schema::installation(call.version()))?;
    let Install { bind: Bind::App(wanted), consented } = Install::read(&body)? else {
        return Err(FaultKind::Refused(Refusal::AppNotInstallable).because("no app can have the bound id"));
    };
    let (call, wanted, consented) = (&call, &wanted, consented.as_deref());
    let partition = call.partition();
    let installed: TeamsAppInstallation = call
        .keep_presuming(move |view| async move {
            let owner = owner(call, &view).await?;
            let app = app_catalogs::entry(call, &view, wanted).await?;
            let (entry, app_revision) = &*app.ok_or(FaultKind::Refused(Refusal::AppNotInstallable))?;
            let key = installation::key(partition, &owner, &entry.app.id);
            let earlier = view.get_presuming_absent(&key).await?;
            let request = InstallRequest {
                owner: &owner,
                client: &call.caller().client,
                scope: call.scope(),
                consented,
            };
            let held = Held {
                same_app: earlier.as_ref().map(|row| &row.record),
                at_most: at_most(call, &view, &owner).await?,
            };
            let installed =
                slipway_model::install(entry, held, request, call.now()).map_err(FaultKind::Refused)?;
            let changes = Changeset::new("installedApps.add")
                .expect_present(&user::key(partition, &owner))
                .expect_revision(&app::key(partition, &entry.app.id), *app_revision);
            // A row of an app that was deleted since waits for its sweep and is written over.
            let changes = match earlier {
                None => changes.expect_absent(&key).add(partition, Counter::Installations, 1),
                Some(row) => changes.expect_revision(&key, row.revision),
            };
            Ok((Keep::Commit(changes.put(partition, &installed)), installed))
        })
        .await?;
    let (root, owner) = (call.service_root(), &installed.owner);
    let location = format!("{root}/users('{owner}')/teamwork/installedApps('{}')", installed.id());
    Ok(Reply::created(&location, Content::Empty))
}

/// A bound on how many apps the owner has. Nobody has an app twice, so where the catalog has fewer apps than one
/// owner may have, their number will do; only in larger ones are the owner's rows counted.
async fn at_most(call: &Call, view: &View, owner: &UserId) -> Result<usize, Fault> {
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
