//! The second room: who calls, and whether the operation's row lets them.

use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use slipway_identity::{Caller, TokenFault};
use slipway_model::{AppReach, Grantee, Permission, Scope, TeamsAppId, Tenant};
use slipway_store::{Partition, Stored, View, client, tenant};

use crate::fault::{Fault, FaultKind};
use crate::operation::{ApiVersion, Operation};
use crate::server::{LegacyPermissions, LegacyRefusal, Server};

/// The caller that the bearer token names, with the caller's tenant. The tenant and the client must still exist.
pub(crate) async fn authenticate(
    server: &Server,
    headers: &HeaderMap,
    view: &View,
) -> Result<(Arc<Caller>, Stored<Tenant>), Fault> {
    let caller = server.keys().verify(bearer(headers)?, server.clock().now()).await?;
    let unknown = |what: &str| FaultKind::Token(TokenFault::UnknownIssuer).because(format!("unknown {what}"));
    let tenant = view.get(&tenant::key(&caller.tenant)).await?.ok_or_else(|| unknown("tenant"))?;
    let partition = Partition::of(&tenant.record);
    if !view.exists(&client::key(&partition, &caller.client)).await? {
        return Err(unknown("client"));
    }
    Ok((caller, tenant))
}

impl From<TokenFault> for Fault {
    fn from(fault: TokenFault) -> Self {
        FaultKind::Token(fault).into()
    }
}

/// The token behind `Bearer`, a word that is compared without case.
fn bearer(headers: &HeaderMap) -> Result<&str, Fault> {
    let empty = || Fault::from(TokenFault::Empty);
    let header = headers.get(AUTHORIZATION).ok_or_else(empty)?;
    let text = header.to_str().map_err(|_| Fault::from(TokenFault::Malformed))?.trim();
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() {
        Ok(token.trim())
    } else {
        Err(FaultKind::Token(TokenFault::Empty).because(
            "the Authorization header has no 'Bearer {token}'; hint: send the word Bearer before it",
        ))
    }
}

/// An operation that a caller asks for.
pub(crate) struct Asked<'a> {
    pub(crate) operation: &'static Operation,
    pub(crate) version: ApiVersion,
    pub(crate) caller: &'a Caller,
    pub(crate) partition: &'a Partition,
}

/// What the caller may see and change through the operation.
pub(crate) async fn authorize(server: &Server, view: &View, asked: Asked<'_>) -> Result<Scope, Fault> {
    let Asked { operation, version, caller, partition } = asked;
    let kind = caller.kind();
    let settings = server.settings();
    let legacy: &[Permission] = match (settings.legacy_permissions, version) {
        (LegacyPermissions::All, _) | (LegacyPermissions::Beta, ApiVersion::Beta) => operation.legacy,
        (LegacyPermissions::Off, _) | (LegacyPermissions::Beta, ApiVersion::V1) => &[],
    };
    let accepted = operation.accepted(kind);
    let taken = accepted.iter().chain(legacy);
    let held: Vec<_> = taken.copied().filter(|permission| caller.permissions.contains(*permission)).collect();
    if !held.is_empty() {
        let selected = &selected_apps(view, partition, caller, &held).await?;
        let to = Grantee { client: &caller.client, kind, selected };
        return Ok(Scope::of(held.iter().map(|permission| permission.grant(&to)).collect()));
    }
    if operation.holds_legacy(caller.permissions) && settings.legacy_refusal == LegacyRefusal::UnknownError {
        return Err(FaultKind::UnknownError.into());
    }
    Err(FaultKind::MissingPermission { kind, accepted, held: caller.names.clone() }.into())
}

/// The apps that were selected for the client, read only for permissions that ask for it.
async fn selected_apps(
    view: &View,
    partition: &Partition,
    caller: &Caller,
    held: &[Permission],
) -> Result<Arc<[TeamsAppId]>, Fault> {
    let selecting = |reach| matches!(reach, AppReach::Selected | AppReach::SelectedWithConsent);
    if !held.iter().any(|permission| selecting(permission.reach())) {
        return Ok(Arc::default());
    }
    let client = view.get(&client::key(partition, &caller.client)).await?;
    Ok(client.map(|found| found.record.selected_apps.into()).unwrap_or_default())
}
