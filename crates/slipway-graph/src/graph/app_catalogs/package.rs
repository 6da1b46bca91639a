//! The body of publishing: an app package.

use jiff::Timestamp;
use slipway_manifest::{AppPackage, MAX_PACKAGE_BYTES, PackageFacts};
use slipway_model::{DashboardCard, PublishingState, TeamsAppDefinition, TeamsAppId};
use slipway_store::{Icon, Package};

use super::body::{author, wished_state};
use crate::call::Call;
use crate::fault::{Fault, FaultKind};

const ZIP: &str = "application/zip";

/// A package that came in, and the state in which its definition is to come into the catalog.
pub(super) struct Sent {
    pub(super) package: AppPackage,
    pub(super) state: PublishingState,
}

/// Reads and checks the package of the request, if the caller may bring one in the way that they wish.
pub(super) async fn read(call: &mut Call) -> Result<Sent, Fault> {
    let (body, media_type) = call.bytes(MAX_PACKAGE_BYTES).await?;
    let state = wished_state(call.raw_query())?;
    author(call).may_bring(state).map_err(FaultKind::Refused)?;
    if media_type != ZIP {
        return Err(FaultKind::MediaType { sent: media_type, wanted: ZIP }.into());
    }
    // Unpacking and decoding icons takes milliseconds, too long for a thread that serves connections.
    let read = tokio::task::spawn_blocking(move || slipway_manifest::read_package(&body)).await;
    let package = read.map_err(|error| FaultKind::Internal.because(error.to_string()))?;
    Ok(Sent { package: package.map_err(FaultKind::Package)?, state })
}

/// What was sent as a definition of the app, made now by the caller.
pub(super) fn definition(call: &Call, sent: &Sent, app: &TeamsAppId) -> TeamsAppDefinition {
    TeamsAppDefinition {
        state: sent.state,
        created_by: call.caller().user.clone(),
        ..published(&sent.package.facts, app, call.now())
    }
}

/// What a package says as a published definition of the app, made by nobody.
pub(crate) fn published(facts: &PackageFacts, app: &TeamsAppId, now: Timestamp) -> TeamsAppDefinition {
    let facts = facts.clone();
    TeamsAppDefinition {
        app: app.clone(),
        external_id: facts.external_id,
        version: facts.version,
        display_name: facts.display_name,
        short_description: facts.short_description,
        description: facts.description,
        azure_ad_app_id: facts.azure_ad_app_id,
        bot_id: facts.parts.bot.map(|bot| bot.id),
        scopes: facts.scopes,
        required_permissions: facts.required_permissions,
        dashboard_cards: facts.dashboard_cards.into_iter().map(card).collect(),
        state: PublishingState::Published,
        created_by: None,
        created_at: now,
    }
}

fn card(card: slipway_manifest::DashboardCard) -> DashboardCard {
    let (icon_url, icon_name) = card.icon.map_or((None, None), |icon| (icon.url, icon.name));
    DashboardCard {
        id: card.id,
        display_name: card.display_name,
        description: card.description,
        picker_group_id: card.picker_group_id,
        default_size: card.default_size,
        icon_url,
        office_ui_fabric_icon_name: icon_name,
        bot_id: card.bot_id,
    }
}

/// What is kept of the package's files.
pub(super) fn record(package: &AppPackage, app: &TeamsAppId) -> Package {
    let icon = |icon: &slipway_manifest::Icon| Icon {
        media_type: icon.media_type.to_owned(),
        bytes: icon.bytes.clone(),
    };
    Package {
        app: app.clone(),
        version: package.facts.version.clone(),
        manifest: package.manifest.clone(),
        color_icon: icon(&package.color_icon),
        outline_icon: icon(&package.outline_icon),
    }
}
