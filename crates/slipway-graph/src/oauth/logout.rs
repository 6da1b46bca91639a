//! `/{tenant}/oauth2/v2.0/logout`: the browser is signed out, and goes back to the client if the client has such an
//! address. Tokens that are out stay good, as Entra's do.
//!
//! Source: OpenID Connect RP-Initiated Logout 1.0, and "OpenID Connect on the Microsoft identity platform".

use http::{Method, StatusCode};
use slipway_identity::SignInFault;
use slipway_model::{Client, Tenant};
use slipway_store::{Partition, client, tenant};

use super::authorize::request::ResponseMode;
use super::authorize::response;
use super::form::Form;
use super::pages::{self, Forms};
use super::refusal::Refusal;
use super::sign_in::SignIn;
use super::tenant::TenantSegment;
use crate::reply::Reply;

/// Most clients among which the address is looked for.
const LOOKED_AT: usize = 1_000;

pub(super) async fn answer(sign_in: &SignIn, segment: &str) -> Result<Reply, Refusal> {
    let query = Form::parse(sign_in.arrival.parts.uri.query().unwrap_or_default().as_bytes());
    let form = if sign_in.arrival.parts.method == Method::POST { &sign_in.form } else { &query };
    let to = form.get("post_logout_redirect_uri");
    let reply = match to {
        Some(uri) if is_registered(sign_in, segment, form, uri).await? => match form.get("state") {
            Some(state) => response::back(uri, ResponseMode::Query, &[("state", state.to_owned())]),
            None => response::redirect(uri),
        },
        _ => {
            let main = "<p>You signed out of your account. You can close this page.</p>";
            pages::page(StatusCode::OK, "Signed out", main, Forms::Own)
        }
    };
    Ok(sign_in.sign_out(reply))
}

/// Whether the client that the request names has this redirect URI, letter for letter or on this machine; else, if it
/// names none, whether one of the tenant's has it. Anybody may ask, so that no more is looked at than by any request.
async fn is_registered(sign_in: &SignIn, segment: &str, form: &Form, uri: &str) -> Result<bool, Refusal> {
    let tenant = match tenant_of(sign_in, segment).await {
        Ok(tenant) => tenant,
        Err(Refusal::Refused(SignInFault::NoTenant)) => return Ok(false),
        Err(refusal) => return Err(refusal),
    };
    let has = |client: &Client| slipway_identity::registered(client, uri).is_some();
    if let Some(id) = form.get("client_id") {
        let known = sign_in.known_client(&tenant, id).await;
        return match known {
            Ok(client) => Ok(has(&client)),
            Err(Refusal::Refused(_)) => Ok(false),
            Err(refusal) => Err(refusal),
        };
    }
    let most = sign_in.server().settings().row_limits.examined.get();
    let clients = sign_in.view().scan(&client::all(&Partition::of(&tenant)), most.min(LOOKED_AT)).await?;
    Ok(clients.rows.iter().any(|row| has(&row.record)))
}

/// The tenant that the path names, else that of whoever is signed in, else the only one.
async fn tenant_of(sign_in: &SignIn, segment: &str) -> Result<Tenant, Refusal> {
    if let TenantSegment::Named(name) = TenantSegment::of(segment) {
        return sign_in.named_tenant(name).await;
    }
    if let Some(id) = sign_in.signed_in().await?.and_then(|proof| proof.tenant())
        && let Some(found) = sign_in.view().get(&tenant::key(&id)).await?
    {
        return Ok(found.record);
    }
    sign_in.tenant_of_user(None).await
}
