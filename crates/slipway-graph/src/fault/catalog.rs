//! What is said about the catalog.

use slipway_model::{AdministratorWish, AppVersion, PublishingState, TeamsApp, UserId};

/// Of an `If-Match` header.
pub(super) const ETAG_MISMATCH: &str =
    "The app definition has another etag than If-Match says: it was changed meanwhile.";

/// Recorded; its `entitlementId` is not known from anywhere else, and is the app's id here.
pub(super) fn already_published(app: &TeamsApp, by: Option<&UserId>) -> String {
    let user = by.map_or("", UserId::as_str);
    let (id, external_id) = (&app.id, app.external_id.as_deref().unwrap_or_default());
    format!(
        "App with same id already exists in the tenant. UserId: '{user}', AppId: '{id}', ExternalId: '{external_id}', entitlementId: {id}, state: Installed"
    )
}

pub(super) fn not_submitted(version: &AppVersion, state: PublishingState) -> String {
    let state = state.as_str();
    format!(
        "The version '{version}' is {state}. Only a submitted one can be approved, rejected or withdrawn."
    )
}

pub(super) const fn administrator_needed(wish: AdministratorWish) -> &'static str {
    match wish {
        AdministratorWish::Publish => {
            "Only a Teams administrator can publish without review. Send requiresReview=true to submit the app."
        }
        AdministratorWish::Review => "Only a Teams administrator can approve or reject an app.",
        AdministratorWish::Withdraw => "Only a Teams administrator can withdraw what another user submitted.",
        AdministratorWish::Delete => {
            "Only a Teams administrator can delete an app that was published or that another user submitted."
        }
        AdministratorWish::ChangeSettings => "Only a Teams administrator can change the settings.",
    }
}
