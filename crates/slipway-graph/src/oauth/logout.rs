//! `/{tenant}/oauth2/v2.0/logout`: the browser is signed out, and goes back to the client if the client has such an
//! address. Tokens that are out stay good, as Entra's do.
//!
//! Source: OpenID Connect RP-Initiated Logout 1.0, and "OpenID Connect on the Microsoft identity platform".

use http::{Method, StatusCode};
use slipway_model::Tenant;
use slipway_store::{Partition, client, tenant};

use super::authorize::request::ResponseMode;
use super::authorize::response;
use super::form::Form;
use super::pages::{self, Forms};
use super::refusal::Refusal;
use super::sign_in::SignIn;
use super::tenant::TenantSegment;
use crate::reply::Reply;

/// Most tenants and clients among which the address is looked for.
const LOOKED_AT: usize = 1_000;

pub(super) async fn answer(sign_in: &SignIn, segment: &str) -> Result<Reply, Refusal> {
    let query = Form::parse(sign_in.arrival.parts.uri.query().unwrap_or_default().as_bytes());
    let form = if sign_in.arrival.parts.method == Method::POST { &sign_in.form } else { &query };
    let to = form.get("post_logout_redirect_uri");
    let reply = match to {
        Some(uri) if is_registered(sign_in, segment, uri).await? => match form.get("state") {
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

/// Whether a client of the tenant has this redirect URI, letter for letter or on this machine.
async fn is_registered(sign_in: &SignIn, segment: &str, uri: &str) -> Result<bool, Refusal> {
    let tenants: Vec<Tenant> = match TenantSegment::of(segment) {
        TenantSegment::Named(name) => vec![sign_in.named_tenant(name).await?],
        TenantSegment::Any | TenantSegment::Consumers => {
            let page = sign_in.view().scan(&tenant::all(), LOOKED_AT).await?;
            page.rows.into_iter().map(|row| row.record).collect()
        }
    };
    for tenant in &tenants {
        let clients = sign_in.view().scan(&client::all(&Partition::of(tenant)), LOOKED_AT).await?;
        if clients.rows.iter().any(|row| slipway_identity::registered(&row.record, uri).is_some()) {
            return Ok(true);
        }
    }
    Ok(false)
}
