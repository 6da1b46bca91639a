//! `POST …/installedApps`: installs an app for a user, a team or a chat.

use http::StatusCode;
use slipway_model::{
    Access, CatalogEntry, Held, InstallRequest, MAX_INSTALLATIONS_PER_OWNER, Owner, OwnerKind, Refusal,
    TeamsAppInstallation,
};
use slipway_store::{Changeset, Counter, Revision, Stored, View, app, installation};

use super::bind::Bind;
use super::body::Install;
use super::path;
use crate::call::{Basis, Call, Keep};
use crate::fault::{Fault, FaultKind};
use crate::graph::{app_catalogs, owner, schema};
use crate::reply::{Content, Reply};

pub(crate) async fn add(mut call: Call) -> Result<Reply, Fault> {
    let body = call.json().await?;
    call.query(schema::installation(&call))?;
    let Install { bind: Bind::App(wanted), consented } = Install::read(&body)? else {
        return Err(FaultKind::Refused(Refusal::AppNotInstallable).because("no app can have the bound id"));
    };
    let (call, wanted, consented) = (&call, &wanted, consented.as_deref());
    let installed: TeamsAppInstallation = call
        .keep_presuming(move |Basis { view, tenant }| async move {
            let access = owner::access(call, &view).await?;
            let app = app_catalogs::entry(call, &view, wanted).await?;
            let app = app.ok_or(FaultKind::Refused(Refusal::AppNotInstallable))?;
            let user = owner::special_user(call, &view, &tenant.record, &access.owner).await?;
            let request = InstallRequest {
                access: &access,
                client: &call.caller().client,
                scope: call.scope(),
                consented,
                tenant: &tenant.record,
                user: user.as_ref(),
            };
            let earlier = earlier(call, &view, &access, &app.0).await?;
            let held = Held {
                same_app: earlier.as_ref().map(|row| &row.record),
                at_most: at_most(call, &view, &access.owner).await?,
            };
            let installed =
                slipway_model::install(&app.0, held, request, call.now()).map_err(FaultKind::Refused)?;
            Ok((Keep::Commit(changes(call, &app, &installed, earlier)), installed))
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

async fn earlier(
    call: &Call,
    view: &View,
    access: &Access,
    entry: &CatalogEntry,
) -> Result<Option<Stored<TeamsAppInstallation>>, Fault> {
    let key = installation::key(call.partition(), &access.owner, &entry.app.id);
    Ok(view.get_presuming_absent(&key).await?)
}

fn changes(
    call: &Call,
    (entry, app_revision): &(CatalogEntry, Revision),
    installed: &TeamsAppInstallation,
    earlier: Option<Stored<TeamsAppInstallation>>,
) -> Changeset {
    let partition = call.partition();
    let key = installation::key(partition, &installed.owner, &installed.app);
    let changes = Changeset::new("installedApps.add")
        .expect_revision(&app::key(partition, &entry.app.id), *app_revision);
    let changes = owner::expect_present(changes, partition, &installed.owner);
    // A row of an app that was deleted since waits for its sweep and is written over.
    let changes = match earlier {
        None => changes.expect_absent(&key).add(partition, Counter::Installations, 1),
        Some(row) => changes.expect_revision(&key, row.revision),
    };
    changes.put(partition, installed)
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
