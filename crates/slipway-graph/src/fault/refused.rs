//! What the rules refuse, in Graph's words.

use http::StatusCode;
use slipway_model::{
    DistributionMethod, Owner, OwnerKind, PermanentWish, Refusal, TeamsAppId, TenantId, UserId,
};

use super::{Wording, bad_request, catalog, coded, forbidden, not_found, plain, precondition_failed};

const fn not_installed(kind: OwnerKind) -> &'static str {
    match kind {
        OwnerKind::User => "The app is not installed for the user.",
        OwnerKind::Team => "The app is not installed in the team.",
        OwnerKind::Chat => "The app is not installed in the chat.",
    }
}

/// The text that installers look for; `Private` is how it calls apps of the tenant's catalog.
fn blocked(tenant: &TenantId, user: Option<&UserId>, app: &TeamsAppId, method: DistributionMethod) -> String {
    let user = user.map_or("", UserId::as_str);
    let kind = match method {
        DistributionMethod::Store => "Public",
        DistributionMethod::Organization | DistributionMethod::Sideloaded => "Private",
    };
    format!(
        "App is blocked by app permission policy. TenantId: {tenant}, UserObjectId: {user}, AppId: {app}, AppType: {kind}"
    )
}

/// What is answered to a wish that the rules do not grant.
pub(super) fn wording(refusal: &Refusal) -> Wording<'_> {
    match refusal {
        Refusal::AppNotInstallable => not_found("Not Found"),
        Refusal::NotInstalled(kind) => not_found(not_installed(*kind)),
        Refusal::AlreadyInstalled { app, owner } => plain(
            StatusCode::CONFLICT,
            "Conflict",
            match owner {
                Owner::User(_) | Owner::Chat(_) => {
                    format!("AppEntitlement id: '{app}' already exists in thread")
                }
                Owner::Team(team) => {
                    format!("AppEntitlement id: '{app}' already exists in TeamId: '{}'", team.thread_id())
                }
            },
        ),
        Refusal::BlockedByPolicy { tenant, user, app, method } => {
            coded("AccessDenied", forbidden(blocked(tenant, user.as_ref(), app, *method)))
        }
        Refusal::NoTeamsLicence => forbidden(
            "Failed to get license information for the user. Ensure user has a valid Office365 license assigned to them.",
        ),
        Refusal::GuestUser => forbidden("User Login. Teams is disabled for your tenant."),
        Refusal::PermanentApp { app, wish: PermanentWish::Upgrade } => coded(
            "AccessDenied",
            forbidden(format!("User operation (Upgrade) is not allowed on a permanent app (appId: {app})")),
        ),
        Refusal::PermanentApp { wish: PermanentWish::Uninstall, .. } => forbidden("Forbidden"),
        Refusal::Preinstalled => forbidden(
            "AppIsTenantAdminPreinstalled: Trying to RemoveUserAppEntitlement for an App that is explicitly preinstalled by the tenant admin.",
        ),
        Refusal::ConsentDisabled(kind) => forbidden(format!(
            "The app requires resource-specific permissions, which the tenant's settings rule out in the {} scope.",
            kind.scope_name()
        )),
        Refusal::GrantsNotRevocable => precondition_failed(
            "Failed to execute TeamsGraphService backend request RevokeGroupResourceSpecificPermissionsRequest.",
        ),
        Refusal::ConsentMismatch => plain(
            StatusCode::BAD_REQUEST,
            "ResourceSpecificPermissionsMismatch",
            "The app requires resource-specific permissions that were not consented.",
        ),
        Refusal::ForeignApp { client, app } => {
            forbidden(format!("AAD App Id '{client}' is not allowed to manage the Teams App '{app}'"))
        }
        Refusal::ScopeNotInManifest { app, scope } => bad_request(format!(
            "The app '{app}' cannot be installed in the {} scope: its manifest does not name it.",
            scope.scope_name()
        )),
        Refusal::TooManyInstallations => bad_request(format!(
            "There are {} installed apps, the most that one user, team or chat may have.",
            slipway_model::MAX_INSTALLATIONS_PER_OWNER
        )),
        Refusal::InvalidUserPrincipalName(_) => bad_request(format!("{refusal}.")),
        Refusal::AlreadyPublished { app, by } => coded(
            "AppDefinitionAlreadyExists",
            plain(StatusCode::CONFLICT, "Conflict", catalog::already_published(app, by.as_ref())),
        ),
        Refusal::TooManyVersions => bad_request(format!(
            "The app has {} versions, the most that one app may have. Delete it and publish it anew.",
            slipway_model::MAX_VERSIONS_PER_APP
        )),
        Refusal::VersionNotIncremented { current, sent } => bad_request(format!(
            "The version '{sent}' must be higher than the published version '{current}'."
        )),
        Refusal::OtherManifestId { known, sent } => bad_request(format!(
            "The id '{sent}' in the manifest of the package is not the app's external id '{known}'."
        )),
        Refusal::NotAnOrganizationApp(app) => forbidden(format!(
            "App '{app}' was not published by the tenant: only organization apps can be changed."
        )),
        Refusal::NotSubmitted { version, state } => bad_request(catalog::not_submitted(version, *state)),
        Refusal::AdministratorNeeded(wish) => forbidden(catalog::administrator_needed(*wish)),
    }
}
