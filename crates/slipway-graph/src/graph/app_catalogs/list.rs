//! `GET /appCatalogs/teamsApps`: the catalog in the order of the apps' ids, or as `$orderby` says.

use slipway_model::{TeamsApp, TeamsAppId};
use slipway_odata::Query;
use slipway_store::{Counter, ReadError, app};

use super::PATH;
use super::find::{sees_all, shows_app, visible_definitions};
use super::row::AppRow;
use crate::call::Call;
use crate::collection::{Answer, GoesOn, Limits, Listing};
use crate::fault::Fault;
use crate::graph::schema;
use crate::reply::Reply;

/// Microsoft names no page size for the catalog.
const LIMITS: Limits = Limits { usual: 1_000, largest: 1_000 };

const COUNT_HINT: &str = "Filter by 'id' or 'externalId'.";

pub(crate) async fn list(call: Call) -> Result<Reply, Fault> {
    let kind = schema::teams_app(call.version());
    let query = call.query(kind)?;
    let mut answer = page(&call, &query).await?;
    answer.count = match answer.count {
        _ if !query.count => None,
        Some(count) => Some(count),
        None => Some(number(&call, &query).await?),
    };
    Ok(answer.reply(&call, PATH, kind, &query))
}

/// `GET /appCatalogs/teamsApps/$count`: how many apps there are, as a plain number.
pub(crate) async fn count(call: Call) -> Result<Reply, Fault> {
    let query = call.query(schema::teams_app(call.version()))?;
    let listing = Listing { call: &call, query: &query, limits: LIMITS };
    let number = match found(&call, &query).await? {
        Some(apps) => rows(&listing, apps).await?.len() as u64,
        None => number(&call, &query).await?,
    };
    Ok(Reply::number(number))
}

async fn page(call: &Call, query: &Query) -> Result<Answer<AppRow>, Fault> {
    let listing = Listing { call, query, limits: LIMITS };
    if listing.goes_on()? != Some(GoesOn::Walking) {
        let apps = match found(call, query).await? {
            None if !query.orderby.is_empty() => Some(all(&listing).await?),
            apps => apps,
        };
        if let Some(apps) = apps {
            return listing.of_rows(rows(&listing, apps).await?);
        }
    }
    listing.of_walk(|| app::all(call.partition()), |apps| tried(listing, apps)).await
}

/// How many apps match: the kept number where all do.
async fn number(call: &Call, query: &Query) -> Result<u64, Fault> {
    if query.filter.is_none() && sees_all(call) {
        return Ok(call.view().counter(call.partition(), Counter::Apps).await?.unsigned_abs());
    }
    let listing = Listing { call, query, limits: LIMITS };
    listing.count(|| app::all(call.partition()), |apps| tried(listing, apps), COUNT_HINT).await
}

/// The apps among which are all that the filter asks for, where an index finds them.
async fn found(call: &Call, query: &Query) -> Result<Option<Vec<TeamsApp>>, ReadError> {
    let (view, partition) = (call.view(), call.partition());
    let Some(filter) = &query.filter else { return Ok(None) };
    let mut found = Vec::new();
    if let Some(ids) = filter.any_of("id") {
        let ids = ids.into_iter().filter_map(|id| TeamsAppId::parse(id).ok());
        let keys: Vec<_> = ids.map(|id| app::key(partition, &id)).collect();
        found.extend(view.get_many(&keys).await?.into_iter().flatten());
    } else if let Some(ids) = filter.any_of("externalId") {
        for id in ids {
            found.extend(view.find(&app::by_external_id(partition, id)).await?);
        }
    } else {
        return Ok(None);
    }
    let mut apps: Vec<_> = found.into_iter().map(|found| found.record).collect();
    apps.sort_by_key(|app| app.id.folded());
    apps.dedup_by(|a, b| a.id == b.id);
    Ok(Some(apps))
}

/// The whole catalog, to be put in another order than that of ids.
async fn all(listing: &Listing<'_>) -> Result<Vec<TeamsApp>, Fault> {
    let (call, most) = (listing.call, listing.row_limits().examined.get());
    let page = call.view().scan(&app::all(call.partition()), most).await?;
    if page.next.is_some() {
        return Err(Fault::bad_request(format!(
            "Query option '$orderby' takes at most {most} apps. {COUNT_HINT}"
        )));
    }
    Ok(page.rows.into_iter().map(|row| row.record).collect())
}

async fn rows(listing: &Listing<'_>, apps: Vec<TeamsApp>) -> Result<Vec<AppRow>, Fault> {
    Ok(tried(*listing, apps).await?.into_iter().flatten().collect())
}

/// The apps as rows; none for each that the caller does not see or the request does not ask for.
async fn tried(listing: Listing<'_>, apps: Vec<TeamsApp>) -> Result<Vec<Option<AppRow>>, Fault> {
    let mut rows = Vec::with_capacity(apps.len());
    for app in apps {
        rows.push(row(listing, app).await?);
    }
    Ok(rows)
}

/// The app as a row, with its definitions where the query may ask for them, if the caller sees it and it is one that
/// the request asks for.
async fn row(listing: Listing<'_>, app: TeamsApp) -> Result<Option<AppRow>, Fault> {
    let Listing { call, query, .. } = listing;
    if !shows_app(call, &app) {
        return Ok(None);
    }
    let view = call.view();
    let asked = query.reads("appDefinitions");
    let definitions = if asked { visible_definitions(call, view, &app).await? } else { Vec::new() };
    let mut row = AppRow { app, definitions, root: call.service_root() };
    if !listing.wants(&row) {
        return Ok(None);
    }
    if !asked && !query.shape.expand.is_empty() {
        row.definitions = visible_definitions(call, view, &row.app).await?;
    }
    Ok(Some(row))
}
