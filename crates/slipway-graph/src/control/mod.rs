//! `/_slipway`: the server's own addresses. Probes and the CA certificate are for everybody; the rest takes the
//! control secret as bearer token, on loopback too.

mod backup;
mod check;
mod keys;
mod tokens;
mod upkeep;

use http::header::{AUTHORIZATION, ORIGIN};
use http::request::Parts;
use http::{Method, StatusCode};
use serde::Serialize;
use slipway_identity::{Secret, TokenFault};
use slipway_store::{Counter, Partition, tenant};

use crate::base::Scheme;
use crate::fault::{Fault, FaultKind};
use crate::operation::Throttle;
use crate::payload::Payload;
use crate::reply::{Content, Reply};
use crate::segment::split_first;
use crate::server::{Mode, Server};
pub(crate) use upkeep::Upkeep;

/// How much the storage holds, over all tenants.
#[derive(Default, Serialize)]
struct State {
    tenants: i64,
    users: i64,
    apps: i64,
    installations: i64,
}

pub(crate) async fn answer(
    server: &Server,
    parts: &Parts,
    body: Payload,
    scheme: Scheme,
) -> Result<Reply, Fault> {
    let (_, path) = split_first(parts.uri.path());
    match path {
        "/livez" | "/readyz" | "/ca.crt" | "/state" if parts.method != Method::GET => {
            Err(Fault::method(Throttle::TeamsRead, &[Method::GET]))
        }
        "/check" | "/backup" | "/keys/rotate" if parts.method != Method::POST => {
            Err(Fault::method(Throttle::TeamsRead, &[Method::POST]))
        }
        "/livez" => Ok(text("live\n")),
        "/readyz" => {
            // Ready is who can read and commit: the tenants are the first rows that every request needs.
            server.store().health()?;
            server.store().view().scan(&tenant::all(), 1).await?;
            Ok(text("ready\n"))
        }
        "/ca.crt" => {
            let certificate = server.settings().ca_certificate.clone().into_bytes();
            Ok(Reply::new(StatusCode::OK, Content::Other("application/x-pem-file", certificate)))
        }
        "/state" => {
            authorize(server, parts, scheme)?;
            let body = serde_json::to_vec(&state(server).await?)
                .map_err(|error| FaultKind::Internal.because(error.to_string()))?;
            Ok(Reply::new(StatusCode::OK, Content::Json(body)))
        }
        "/check" => {
            authorize(server, parts, scheme)?;
            check::check(server).await
        }
        "/backup" => {
            authorize(server, parts, scheme)?;
            backup::backup(server, body).await
        }
        "/keys/rotate" => {
            authorize(server, parts, scheme)?;
            keys::rotate(server).await
        }
        // In mode service nothing tells that there could be one.
        "/tokens" if server.settings().mode == Mode::Lab => {
            if parts.method != Method::POST {
                return Err(Fault::method(Throttle::TeamsRead, &[Method::POST]));
            }
            let base = authorize(server, parts, scheme)?;
            tokens::forge(server, &base, body).await
        }
        _ => Err(Fault::path_unknown(path)),
    }
}

fn text(body: &str) -> Reply {
    Reply::new(StatusCode::OK, Content::Other("text/plain; charset=utf-8", body.as_bytes().to_vec()))
}

/// The secret, from a host that the server answers for and not from a page of another origin. Gives the base of
/// absolute URLs.
fn authorize(server: &Server, parts: &Parts, scheme: Scheme) -> Result<String, Fault> {
    let (settings, headers) = (server.settings(), &parts.headers);
    let base = settings.hosts.base(parts, scheme)?;
    if headers.get(ORIGIN).is_some_and(|origin| origin != base.as_str()) {
        return Err(FaultKind::CallerNotAuthorized.because("the control API was called from another origin"));
    }
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (scheme, sent) = header.split_once(' ').unwrap_or_default();
    if scheme.eq_ignore_ascii_case("bearer") && Secret::from(sent.trim()).matches(&settings.control_secret) {
        Ok(base)
    } else {
        Err(FaultKind::Token(TokenFault::Empty)
            .because("the control API takes the control secret as bearer token"))
    }
}

async fn state(server: &Server) -> Result<State, Fault> {
    let view = server.store().view();
    let mut state = State::default();
    let mut rest = Some(tenant::all());
    while let Some(range) = rest.take() {
        let page = view.scan(&range, 1_000).await?;
        for tenant in &page.rows {
            let partition = Partition::of(&tenant.record);
            state.tenants += 1;
            state.users += view.counter(&partition, Counter::Users).await?;
            state.apps += view.counter(&partition, Counter::Apps).await?;
            state.installations += view.counter(&partition, Counter::Installations).await?;
        }
        rest = page.next.map(|cursor| tenant::all().after(cursor));
    }
    Ok(state)
}
