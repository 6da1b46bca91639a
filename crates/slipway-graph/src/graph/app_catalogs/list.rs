//! `GET /appCatalogs/teamsApps`: the catalog in the order of the apps' ids.

use slipway_model::{TeamsApp, TeamsAppId};
use slipway_odata::{Filter, Query};
use slipway_store::{Counter, View, app};

use super::PATH;
use super::find::{sees_all, shows_app, visible_definitions};
use super::row::AppRow;
use crate::call::Call;
use crate::fault::Fault;
use crate::graph::schema;
use crate::reply::Reply;
use crate::wire::entity::Writer;
use crate::wire::paging::{self, Page, Walk};

/// Apps on a page at most; Microsoft names no page size for the catalog.
const PAGE: usize = 1_000;

pub(crate) async fn list(call: Call) -> Result<Reply, Fault> {
    let kind = schema::teams_app(call.version());
    let query = call.query(kind)?;
    let view = call.view();
    let (call, query) = (&call, &query);
    let load = move |app| matching(call, view, query, app);
    let (page, count) = if let Some(indexed) = indexed(call, view, query.filter.as_ref()).await? {
        let row = match indexed {
            Some(app) => load(app).await?,
            None => None,
        };
        let rows: Vec<_> = row.into_iter().collect();
        let count = rows.len() as u64;
        (Page { rows, next: None }, count)
    } else {
        let size = paging::size(query.top, PAGE, PAGE)?;
        let walk = Walk { view, size, from: paging::cursor(query.skiptoken.as_deref())? };
        let all = || app::all(call.partition());
        let page = walk.page(all, load).await?;
        let count = match query.filter {
            _ if !query.count => 0,
            None if sees_all(call) => view.counter(call.partition(), Counter::Apps).await?.unsigned_abs(),
            None | Some(_) => walk.count(all, load).await?,
        };
        (page, count)
    };
    let mut writer = Writer::new(call.service_root(), PATH, kind, &query.shape);
    if query.count {
        writer = writer.count(count);
    }
    if let Some(next) = &page.next {
        writer = writer.next_link(paging::next_link(call, next.as_bytes()));
    }
    Ok(Reply::odata(writer.collection(page.rows.iter())))
}

/// The app that an index gives for `id eq` and `externalId eq`; none when the filter has neither.
async fn indexed(
    call: &Call,
    view: &View,
    filter: Option<&Filter>,
) -> Result<Option<Option<TeamsApp>>, Fault> {
    let Some(filter) = filter else { return Ok(None) };
    let found = if let Some(id) = filter.equals("id") {
        match TeamsAppId::parse(id) {
            Ok(id) => view.get(&app::key(call.partition(), &id)).await?,
            Err(_) => None,
        }
    } else if let Some(external_id) = filter.equals("externalId") {
        view.find(&app::by_external_id(call.partition(), external_id)).await?
    } else {
        return Ok(None);
    };
    Ok(Some(found.map(|found| found.record)))
}

/// The app as a row, with its definitions where the query may ask for them, if the caller sees it and it passes
/// the filter.
async fn matching(call: &Call, view: &View, query: &Query, app: TeamsApp) -> Result<Option<AppRow>, Fault> {
    if !shows_app(call, &app) {
        return Ok(None);
    }
    let filtered = query.filter.as_ref().is_some_and(|filter| filter.reads("appDefinitions"));
    let needed = filtered || !query.shape.expand.is_empty();
    let definitions = if needed { visible_definitions(call, view, &app).await? } else { Vec::new() };
    let row = AppRow { app, definitions, root: call.service_root() };
    Ok(query.filter.as_ref().is_none_or(|filter| filter.matches(&row)).then_some(row))
}
