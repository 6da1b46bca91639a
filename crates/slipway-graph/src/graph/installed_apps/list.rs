//! `GET …/installedApps`: an owner's apps in the order in which they were installed.

use slipway_model::{MAX_INSTALLATIONS_PER_OWNER, Owner, TeamsApp, TeamsAppInstallation};
use slipway_odata::Query;
use slipway_store::{app, installation};

use super::path;
use super::row::{InstallationRow, versions};
use super::wanted::Wanted;
use crate::call::Call;
use crate::collection::{Limits, Listing};
use crate::fault::Fault;
use crate::graph::chats::BotChat;
use crate::graph::{owner, schema};
use crate::reply::Reply;

/// All that an owner may have are on one page.
const LIMITS: Limits = Limits { usual: MAX_INSTALLATIONS_PER_OWNER, largest: MAX_INSTALLATIONS_PER_OWNER };

pub(crate) async fn list(call: Call) -> Result<Reply, Fault> {
    let kind = schema::installation(&call);
    let query = call.query(kind)?;
    let access = owner::access(&call, call.view()).await?;
    let filter = query.filter.as_ref();
    let wanted = Wanted::by(&call, |path| filter.and_then(|filter| filter.equals(path))).await?;
    let installations = installations(&call, &access.owner, &wanted).await?;
    let in_reach = |app: &TeamsApp| call.scope().covers(&access, app);
    let rows = rows(&call, &query, installations, in_reach).await?;
    let listing = Listing { call: &call, query: &query, limits: LIMITS };
    Ok(listing.of_rows(rows)?.reply(&call, path(&access.owner), kind, &query))
}

/// The owner's installations that can be wanted. A chat with a bot shows those of its user.
async fn installations(
    call: &Call,
    owner: &Owner,
    wanted: &Wanted,
) -> Result<Vec<TeamsAppInstallation>, Fault> {
    let (view, partition) = (call.view(), call.partition());
    if let Owner::Chat(id) = owner
        && let Some(found) = BotChat::find(view, partition, id).await?
    {
        return Ok(found.apps);
    }
    Ok(match wanted {
        Wanted::Any => of_owner(call, owner).await?,
        Wanted::Of(app) => {
            let found = view.get(&installation::key(partition, owner, app)).await?;
            found.into_iter().map(|row| row.record).collect()
        }
        Wanted::None => Vec::new(),
    })
}

/// Everything that the owner has, be it of apps that were deleted since.
pub(crate) async fn of_owner(call: &Call, owner: &Owner) -> Result<Vec<TeamsAppInstallation>, Fault> {
    let all = installation::of_owner(call.partition(), owner);
    let page = call.view().scan(&all, MAX_INSTALLATIONS_PER_OWNER * 2).await?;
    Ok(page.rows.into_iter().map(|row| row.record).collect())
}

/// The installations whose apps are there and in reach, with what the query needs of each.
pub(crate) async fn rows(
    call: &Call,
    query: &Query,
    installations: Vec<TeamsAppInstallation>,
    in_reach: impl Fn(&TeamsApp) -> bool,
) -> Result<Vec<InstallationRow>, Fault> {
    let apps: Vec<_> = installations.iter().map(|i| app::key(call.partition(), &i.app)).collect();
    let mut found = Vec::with_capacity(installations.len());
    for (installation, app) in installations.into_iter().zip(call.view().get_many(&apps).await?) {
        let Some(app) = app.map(|found| found.record) else { continue };
        if installation.belongs_to(&app) && in_reach(&app) {
            found.push((installation, app));
        }
    }
    let versions = versions(call, query, &found).await?;
    let mut rows = Vec::with_capacity(found.len());
    for (found, version) in found.into_iter().zip(versions) {
        rows.push(InstallationRow::load(call, query, found, version).await?);
    }
    Ok(rows)
}
