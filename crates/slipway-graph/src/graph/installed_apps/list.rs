//! `GET …/installedApps`: an owner's apps in the order in which they were installed.

use slipway_model::{Access, MAX_INSTALLATIONS_PER_OWNER, Owner, TeamsAppId, TeamsAppInstallation};
use slipway_odata::{Filter, Query};
use slipway_store::{View, app, installation};

use super::path;
use super::row::InstallationRow;
use crate::call::Call;
use crate::fault::Fault;
use crate::graph::{owner, schema};
use crate::reply::Reply;
use crate::wire::entity::Writer;
use crate::wire::paging;

pub(crate) async fn list(call: Call) -> Result<Reply, Fault> {
    let kind = schema::installation(&call);
    let query = call.query(kind)?;
    let view = call.view();
    let access = owner::access(&call, view).await?;
    let installations = candidates(&call, view, &access.owner, query.filter.as_ref()).await?;
    let mut rows = rows(&call, &access, &query, installations).await?;
    rows.sort_by_cached_key(place);
    let count = rows.len() as u64;
    if let Some(token) = &query.skiptoken {
        let from = paging::token(token)?;
        rows.retain(|row| place(row) > from);
    }
    let size = paging::size(query.top, MAX_INSTALLATIONS_PER_OWNER, MAX_INSTALLATIONS_PER_OWNER)?;
    let more = rows.len() > size;
    rows.truncate(size);
    let mut writer = Writer::new(&call, path(&access.owner), kind, &query.shape).count(count);
    if let Some(last) = rows.last().filter(|_| more) {
        writer = writer.next_link(paging::next_link(&call, &place(last)));
    }
    Ok(Reply::odata(writer.collection(rows.iter())))
}

/// Where a row stands in the list: by its time, then by its app, as bytes that compare in this order.
fn place(row: &InstallationRow) -> Vec<u8> {
    let installation = &row.installation;
    let time = installation.installed_at.as_microsecond().cast_unsigned() ^ (1 << 63);
    [time.to_be_bytes().as_slice(), installation.app.folded().as_bytes()].concat()
}

/// The owner's installations among which the filter's are: the one of a single app where the filter names it.
async fn candidates(
    call: &Call,
    view: &View,
    owner: &Owner,
    filter: Option<&Filter>,
) -> Result<Vec<TeamsAppInstallation>, Fault> {
    let partition = call.partition();
    let by_id = filter.and_then(|f| f.equals("teamsApp/id").or(f.equals("teamsAppDefinition/teamsAppId")));
    let by_external_id = filter.and_then(|f| f.equals("teamsApp/externalId"));
    let app = match (by_id, by_external_id) {
        (Some(id), _) => TeamsAppId::parse(id).ok(),
        (None, Some(external_id)) => {
            let found = view.find(&app::by_external_id(partition, external_id)).await?;
            found.map(|found| found.record.id)
        }
        (None, None) => {
            let all = installation::of_owner(partition, owner);
            let page = view.scan(&all, MAX_INSTALLATIONS_PER_OWNER * 2).await?;
            return Ok(page.rows.into_iter().map(|row| row.record).collect());
        }
    };
    let Some(app) = app else { return Ok(Vec::new()) };
    let found = view.get(&installation::key(partition, owner, &app)).await?;
    Ok(found.into_iter().map(|row| row.record).collect())
}

/// The installations that the caller may see and the filter keeps, with what the query needs of each.
async fn rows(
    call: &Call,
    access: &Access,
    query: &Query,
    installations: Vec<TeamsAppInstallation>,
) -> Result<Vec<InstallationRow>, Fault> {
    let view = call.view();
    let apps: Vec<_> = installations.iter().map(|i| app::key(call.partition(), &i.app)).collect();
    let mut rows = Vec::with_capacity(installations.len());
    for (installation, app) in installations.into_iter().zip(view.get_many(&apps).await?) {
        let Some(app) = app.map(|found| found.record) else { continue };
        if installation.belongs_to(&app) && call.scope().covers(access, &app) {
            let row = InstallationRow::load(call, view, query, (installation, app)).await?;
            if query.filter.as_ref().is_none_or(|filter| filter.matches(&row)) {
                rows.push(row);
            }
        }
    }
    Ok(rows)
}
