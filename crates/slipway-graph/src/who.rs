//! The second room: who calls, and whether the operation's row lets them.

use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use slipway_identity::{Caller, TokenFault};
use slipway_model::{Permission, Scope, Tenant};
use slipway_store::{Partition, Stored, View, client, tenant};

use crate::fault::{Fault, FaultKind};
use crate::operation::{ApiVersion, Operation, TokenKind};
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

/// What the caller may see and change through the operation.
pub(crate) fn authorize(
    server: &Server,
    operation: &Operation,
    version: ApiVersion,
    caller: &Caller,
) -> Result<Scope, Fault> {
    let kind = if caller.user.is_some() { TokenKind::Delegated } else { TokenKind::Application };
    let settings = server.settings();
    let legacy: &[Permission] = match (settings.legacy_permissions, version) {
        (LegacyPermissions::All, _) | (LegacyPermissions::Beta, ApiVersion::Beta) => operation.legacy,
        (LegacyPermissions::Off, _) | (LegacyPermissions::Beta, ApiVersion::V1) => &[],
    };
    let accepted = operation.accepted(kind);
    let grants: Vec<_> = accepted
        .iter()
        .chain(legacy)
        .filter(|permission| caller.permissions.contains(**permission))
        .map(|permission| permission.grant(&caller.client, caller.user.as_ref()))
        .collect();
    if !grants.is_empty() {
        return Ok(Scope::of(grants));
    }
    if operation.holds_legacy(caller.permissions) && settings.legacy_refusal == LegacyRefusal::UnknownError {
        return Err(FaultKind::UnknownError.into());
    }
    Err(FaultKind::MissingPermission { kind, accepted, held: caller.names.clone() }.into())
}
