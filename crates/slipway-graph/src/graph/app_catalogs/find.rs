//! Loads catalog entries and definitions.

use std::sync::Arc;

use slipway_model::{
    CatalogEntry, DefinitionId, MAX_VERSIONS_PER_APP, PublishingState, TeamsApp, TeamsAppDefinition,
    TeamsAppId,
};
use slipway_store::{Revision, Stored, View, app, definition};

use crate::call::Call;
use crate::fault::{Fault, FaultKind};

/// An app with its published definition, and the revision of the app's row. Neither is read again while the row
/// has the revision that is remembered. What is remembered comes from one snapshot, whatever kind of view asks.
pub(crate) async fn entry(
    call: &Call,
    view: &View,
    id: &TeamsAppId,
) -> Result<Option<Arc<(CatalogEntry, Revision)>>, Fault> {
    let key = app::key(call.partition(), id);
    let Some(revision) = view.revision(&key).await? else { return Ok(None) };
    let catalog = call.server().catalog();
    if let Some(entry) = catalog.get(&key).filter(|entry| entry.1 == revision) {
        return Ok(Some(entry));
    }
    let snapshot = if view.presumes() { Some(call.server().store().view()) } else { None };
    let view = snapshot.as_ref().unwrap_or(view);
    let Some(app) = view.get(&key).await? else { return Ok(None) };
    let published = match &app.record.published {
        Some(version) => view.get(&definition::key(call.partition(), id, version)).await?,
        None => None,
    };
    let entry = CatalogEntry { app: app.record, published: published.map(|found| found.record) };
    let entry = Arc::new((entry, app.revision));
    catalog.insert(key, Arc::clone(&entry));
    Ok(Some(entry))
}

/// The entry that the first key of the path names.
pub(super) async fn required(call: &Call, view: &View) -> Result<Arc<(CatalogEntry, Revision)>, Fault> {
    let id = TeamsAppId::parse(call.key(0)).map_err(|_| FaultKind::AppNotFound)?;
    let entry = entry(call, view, &id).await?;
    Ok(entry.filter(|entry| shows_app(call, &entry.0.app)).ok_or(FaultKind::AppNotFound)?)
}

/// A definition that the second key of the path names, with the entry of its app.
pub(super) struct Named {
    pub(super) entry: Arc<(CatalogEntry, Revision)>,
    pub(super) definition: Stored<TeamsAppDefinition>,
}

pub(super) async fn named(call: &Call, view: &View) -> Result<Named, Fault> {
    let key = call.key(1);
    let id = DefinitionId::parse(key).map_err(|_| FaultKind::InvalidDefinitionId(key.to_owned()))?;
    let entry = required(call, view).await?;
    let key = definition::key(call.partition(), &entry.0.app.id, &id.version);
    let definition = view.get(&key).await?;
    let shown = definition.filter(|found| id.is_of(&found.record) && shows_definition(call, &found.record));
    Ok(Named { definition: shown.ok_or(FaultKind::AppPartNotFound("app definition"))?, entry })
}

/// Every definition of an app, in the order of the rows.
pub(super) async fn versions(
    call: &Call,
    view: &View,
    app: &TeamsAppId,
) -> Result<Vec<TeamsAppDefinition>, Fault> {
    let page = view.scan(&definition::of_app(call.partition(), app), MAX_VERSIONS_PER_APP).await?;
    Ok(page.rows.into_iter().map(|row| row.record).collect())
}

/// The definitions of an app that the caller may see: the published one first, then the newest.
pub(crate) async fn visible_definitions(
    call: &Call,
    view: &View,
    app: &TeamsApp,
) -> Result<Vec<TeamsAppDefinition>, Fault> {
    let mut definitions = versions(call, view, &app.id).await?;
    definitions.retain(|definition| shows_definition(call, definition));
    let is_current = |definition: &TeamsAppDefinition| app.published.as_ref() == Some(&definition.version);
    definitions.sort_by(|a, b| (is_current(b), &b.version).cmp(&(is_current(a), &a.version)));
    Ok(definitions)
}

/// Whether the caller sees what is not published: without a user they do not, a documented limit of listing with
/// application permissions.
pub(super) fn sees_all(call: &Call) -> bool {
    call.caller().user.is_some()
}

/// Whether the caller sees the app.
pub(super) fn shows_app(call: &Call, app: &TeamsApp) -> bool {
    app.published.is_some() || sees_all(call)
}

fn shows_definition(call: &Call, definition: &TeamsAppDefinition) -> bool {
    definition.state == PublishingState::Published || sees_all(call)
}
