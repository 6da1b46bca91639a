//! The second room: who calls, and whether the operation's row lets them.

use std::mem;
use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use slipway_identity::{Caller, TokenFault};
use slipway_model::{
    AppReach, Client, Grantee, Permission, ResourceSpecificPermissionType, Scope, TeamsApp,
    TeamsAppInstallation, Tenant, TokenKind,
};
use slipway_store::{
    Changeset, Key, Partition, Revision, SessionState, Stored, View, app, client, installation, session,
    tenant, user,
};

use crate::Mode;
use crate::fault::{Fault, FaultKind};
use crate::graph::{installed_apps, owner};
use crate::operation::{ApiVersion, Operation};
use crate::server::{LegacyPermissions, LegacyRefusal, Server};

/// The caller that the bearer token names, with the caller's tenant. The tenant and the client must still exist, and
/// so must the sign-in that the token is part of.
pub(crate) async fn authenticate(
    server: &Server,
    headers: &HeaderMap,
    view: &View,
) -> Result<(Arc<Caller>, Stored<Tenant>), Fault> {
    let caller = server.keys().verify(bearer(headers)?, server.issuers(), server.clock().now()).await?;
    if caller.is_forged && caller.issuer.is_none() && server.settings().mode == Mode::Service {
        return Err(FaultKind::Token(TokenFault::BadSignature).because("the token was forged in mode lab"));
    }
    let unknown = |what: &str| FaultKind::Token(TokenFault::UnknownIssuer).because(format!("unknown {what}"));
    let tenant = view.get(&tenant::key(&caller.tenant)).await?.ok_or_else(|| unknown("tenant"))?;
    let partition = Partition::of(&tenant.record);
    let client_key = client::key(&partition, &caller.client);
    if caller.issuer.is_none() {
        if !view.exists(&client_key).await? {
            return Err(unknown("client"));
        }
    } else {
        // What this server looks at before it makes a token, other issuers know nothing of.
        if !view.get(&client_key).await?.is_some_and(|client| client.record.has_service_principal) {
            return Err(unknown("client, or one without a service principal"));
        }
        if let Some(id) = &caller.user
            && !view.get(&user::key(&partition, id)).await?.is_some_and(|user| user.record.account_enabled)
        {
            return Err(unknown("user, or one who is disabled"));
        }
    }
    if let Some(session) = &caller.session {
        // On a view of its own: what was ended must not be taken from memory, and no commit looks at it again.
        let found = server.store().view().get(&session::key(&partition, session)).await?;
        if found.is_none_or(|session| session.record.state == SessionState::Revoked) {
            return Err(TokenFault::Revoked.into());
        }
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
    let header = headers.get(AUTHORIZATION).ok_or_else(|| missing(headers))?;
    let text = header.to_str().map_err(|_| Fault::from(TokenFault::Malformed))?.trim();
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() {
        Ok(token.trim())
    } else {
        Err(FaultKind::Token(TokenFault::Empty).because(
            "the Authorization header has no 'Bearer {token}'\nhint: send the word Bearer before it",
        ))
    }
}

/// There is no token. Microsoft's client for JavaScript leaves it away without a word on the way to a host that it does
/// not know, and its `SdkVersion` too (observed, microsoft-graph-client 3.0.7): what is left is that a script fetches,
/// as browsers and Node say (Fetch Metadata, `Sec-Fetch-Mode`).
fn missing(headers: &HeaderMap) -> Fault {
    let is_script = headers.get("sec-fetch-mode").is_some_and(|mode| mode == "cors");
    if !is_script {
        return TokenFault::Empty.into();
    }
    FaultKind::Token(TokenFault::Empty).because(
        "no Authorization header\nhint: microsoft-graph-client drops the token unless this server's host name is in \
         its customHosts and its baseUrl begins with https",
    )
}

/// An operation that a caller asks for.
pub(crate) struct Asked<'a> {
    pub(crate) operation: &'static Operation,
    pub(crate) version: ApiVersion,
    /// The keys of the path.
    pub(crate) keys: &'a [String],
    pub(crate) caller: &'a Caller,
    pub(crate) partition: &'a Partition,
}

/// What a caller may see and change, and the rows beside the token that say so.
#[derive(Clone, Default)]
pub(crate) struct Authorization {
    pub(crate) scope: Scope,
    grounds: Vec<Ground>,
}

/// A row that an authorization rests on.
#[derive(Clone)]
enum Ground {
    /// The client, for what was selected for it.
    Client(Key<Client>, Revision),
    /// An installation that grants the client something.
    Installation(Key<TeamsAppInstallation>, Revision),
    /// The app that is installed.
    App(Key<TeamsApp>, Revision),
}

impl Authorization {
    /// The changes, good only while those rows are as they were.
    pub(crate) fn expect(&self, changes: Changeset) -> Changeset {
        self.grounds.iter().fold(changes, |changes, ground| match ground {
            Ground::Client(key, revision) => changes.expect_revision(key, *revision),
            Ground::Installation(key, revision) => changes.expect_revision(key, *revision),
            Ground::App(key, revision) => changes.expect_revision(key, *revision),
        })
    }
}

/// What the caller may see and change through the operation.
pub(crate) async fn authorize(
    server: &Server,
    view: &View,
    asked: Asked<'_>,
) -> Result<Authorization, Fault> {
    let Asked { operation, caller, partition, .. } = asked;
    let kind = caller.kind();
    let accepted = operation.accepted(kind);
    let taken = accepted.iter().chain(legacy(server, &asked)).copied();
    let mut held: Vec<_> = taken.filter(|permission| caller.permissions.contains(*permission)).collect();
    let mut authorization = through(view, partition, caller, &held).await?;
    let mut granted = Granted::default();
    if !authorization.scope.covers_every_app() && accepted.iter().any(|p| p.is_resource_specific()) {
        granted = Granted::find(view, &asked).await?;
        let known = held.len();
        held.extend(accepted.iter().filter(|permission| granted.has(**permission)));
        if held.len() > known {
            authorization = through(view, partition, caller, &held).await?;
            authorization.grounds.extend(mem::take(&mut granted.grounds));
        }
    }
    if !held.is_empty() {
        return Ok(authorization);
    }
    if operation.holds_legacy(caller.permissions)
        && server.settings().legacy_refusal == LegacyRefusal::UnknownError
    {
        return Err(FaultKind::UnknownError.into());
    }
    let held = caller.names.clone();
    Err(FaultKind::MissingPermission { kind, accepted, held, granted: granted.names }.into())
}

/// Permissions of the first documentation that the operation takes too.
fn legacy(server: &Server, asked: &Asked<'_>) -> &'static [Permission] {
    match (server.settings().legacy_permissions, asked.version) {
        (LegacyPermissions::All, _) | (LegacyPermissions::Beta, ApiVersion::Beta) => asked.operation.legacy,
        (LegacyPermissions::Off, _) | (LegacyPermissions::Beta, ApiVersion::V1) => &[],
    }
}

/// What the caller may see and change through these permissions, which it holds. The client's row is read only for
/// permissions that reach what was selected for it.
pub(crate) async fn through(
    view: &View,
    partition: &Partition,
    caller: &Caller,
    held: &[Permission],
) -> Result<Authorization, Fault> {
    let selecting = |reach| matches!(reach, AppReach::Selected | AppReach::SelectedWithConsent);
    let (mut selected, mut grounds) = (Arc::default(), Vec::new());
    // To whoever may consent for every app, selected apps add nothing: the client's row need not be read.
    let for_all = held.iter().any(|permission| permission.reach() == AppReach::AnyWithConsent);
    if !for_all && held.iter().any(|permission| selecting(permission.reach())) {
        let key = client::key(partition, &caller.client);
        if let Some(found) = view.get(&key).await? {
            selected = found.record.selected_apps.into();
            grounds.push(Ground::Client(key, found.revision));
        }
    }
    let to = Grantee { client: &caller.client, kind: caller.kind(), selected: &selected };
    let scope = Scope::of(held.iter().map(|permission| permission.grant(&to)).collect());
    Ok(Authorization { scope, grounds })
}

/// What installations on the owner in the path grant the client that calls on its own behalf.
#[derive(Default)]
struct Granted {
    names: Vec<String>,
    grounds: Vec<Ground>,
}

impl Granted {
    async fn find(view: &View, asked: &Asked<'_>) -> Result<Self, Fault> {
        let Asked { operation, keys, caller, partition, .. } = asked;
        let mut granted = Self::default();
        let (TokenKind::Application, Some(kind), Some(key)) = (caller.kind(), operation.owner, keys.first())
        else {
            return Ok(granted);
        };
        let Some(owner) = owner::resolve(view, partition, kind, key).await? else { return Ok(granted) };
        let client = caller.client.as_str();
        for consent in installed_apps::consented(view, partition, &owner).await? {
            if !consent.client.is_some_and(|id| id.eq_ignore_ascii_case(client)) {
                continue;
            }
            let permissions = consent.installation.record.granted();
            let by_app = permissions.filter(|p| p.kind == ResourceSpecificPermissionType::Application);
            granted.names.extend(by_app.map(|permission| permission.value.clone()));
            let app = consent.app.record.id;
            let installation = installation::key(partition, &owner, &app);
            granted.grounds.push(Ground::Installation(installation, consent.installation.revision));
            granted.grounds.push(Ground::App(app::key(partition, &app), consent.app.revision));
        }
        granted.names.sort();
        granted.names.dedup();
        Ok(granted)
    }

    fn has(&self, permission: Permission) -> bool {
        permission.is_resource_specific()
            && self.names.iter().any(|name| name.eq_ignore_ascii_case(permission.name()))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_script_without_a_token_is_told_why_in_the_log_only() {
        let plain = bearer(&HeaderMap::new()).unwrap_err();
        assert_eq!(plain.cause(), None);
        let navigating = HeaderMap::from_iter([(
            http::HeaderName::from_static("sec-fetch-mode"),
            HeaderValue::from_static("navigate"),
        )]);
        assert_eq!(bearer(&navigating).unwrap_err().cause(), None);
        let fetching = HeaderMap::from_iter([(
            http::HeaderName::from_static("sec-fetch-mode"),
            HeaderValue::from_static("cors"),
        )]);
        let fault = bearer(&fetching).unwrap_err();
        assert!(
            fault.cause().unwrap().contains("\nhint: ") && fault.cause().unwrap().contains("customHosts")
        );
        let (told, usual) = (fault.wording(), plain.wording());
        assert_eq!((told.status, told.code, told.message), (usual.status, usual.code, usual.message));
    }
}
