//! Loads catalog entries.

use std::sync::Arc;

use slipway_model::{
    CatalogEntry, MAX_VERSIONS_PER_APP, PublishingState, TeamsApp, TeamsAppDefinition, TeamsAppId,
};
use slipway_store::{Revision, View, app, definition};

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

/// The entry that a key of the path names.
pub(super) async fn required(call: &Call, view: &View) -> Result<Arc<(CatalogEntry, Revision)>, Fault> {
    let id = TeamsAppId::parse(call.key(0)).map_err(|_| FaultKind::AppNotFound)?;
    Ok(entry(call, view, &id).await?.ok_or(FaultKind::AppNotFound)?)
}

/// The definitions of an app that the caller may see: the published one first, then the newest. Callers without
/// a user see published ones only, a documented limit of listing with application permissions.
pub(crate) async fn visible_definitions(
    call: &Call,
    view: &View,
    app: &TeamsApp,
) -> Result<Vec<TeamsAppDefinition>, Fault> {
    let page = view.scan(&definition::of_app(call.partition(), &app.id), MAX_VERSIONS_PER_APP).await?;
    let mut definitions: Vec<_> = page.rows.into_iter().map(|row| row.record).collect();
    if call.caller().user.is_none() {
        definitions.retain(|definition| definition.state == PublishingState::Published);
    }
    let is_current = |definition: &TeamsAppDefinition| app.published.as_ref() == Some(&definition.version);
    definitions.sort_by(|a, b| (is_current(b), &b.version).cmp(&(is_current(a), &a.version)));
    Ok(definitions)
}
