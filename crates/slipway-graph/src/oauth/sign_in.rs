//! One request of a sign-in endpoint, and the answers that all of them share.

use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderValue, PRAGMA};
use jiff::Timestamp;
use serde::Serialize;
use slipway_identity::{SignInFault, Trace};
use slipway_model::Id;
use slipway_store::View;

use super::authorize::Endpoint;
use super::form::Form;
use super::refusal::Refusal;
use crate::cors;
use crate::door::Arrival;
use crate::reply::{Content, Reply};
use crate::server::Server;

/// A sign-in request: how it arrived, and its form.
pub(super) struct SignIn {
    pub(super) arrival: Arrival,
    pub(super) form: Form,
}

impl SignIn {
    /// The version of the endpoint that was asked.
    pub(super) fn endpoint(&self) -> Endpoint {
        let mut segments = self.arrival.parts.uri.path().trim_matches('/').split('/');
        match (segments.nth(1), segments.next()) {
            (Some(_), Some(version)) if version.eq_ignore_ascii_case("v2.0") => Endpoint::V2,
            (Some(oauth), Some(_)) if oauth.eq_ignore_ascii_case("oauth2") => Endpoint::V1,
            _ => Endpoint::V2,
        }
    }

    pub(super) fn server(&self) -> &Server {
        &self.arrival.server
    }

    /// Whether a page of some origin asks.
    pub(super) fn is_cross_origin(&self) -> bool {
        cors::is_cross_origin(&self.arrival.parts)
    }

    /// Refuses what no page may do: any page on the web could do it unseen to a server on this machine, and read the
    /// tokens. The refusal itself says nothing of the server, so that pages may read it.
    pub(super) fn refuse_cross_origin(&self) -> Result<(), SignInFault> {
        if self.is_cross_origin() { Err(SignInFault::CrossOrigin) } else { Ok(()) }
    }

    /// The records as they are now. A new snapshot for each step: a password check may stand between two, and the
    /// storage keeps old rows for as long as there is a snapshot with them.
    pub(super) fn view(&self) -> View {
        self.server().store().view()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.arrival.now
    }

    /// Scheme and host under which the client reached the server, without a slash at the end.
    pub(super) fn base(&self) -> &str {
        &self.arrival.base
    }

    /// The refusal as JSON.
    pub(super) fn refuse(&self, refusal: Refusal) -> Reply {
        let fault = self.logged(refusal);
        let status = StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::BAD_REQUEST);
        reply(status, &fault.body(&self.trace()))
    }

    /// What the client is told; the rest goes into the log.
    pub(super) fn logged(&self, refusal: Refusal) -> SignInFault {
        let path = self.arrival.parts.uri.path();
        match refusal {
            // Every waiting device asks every few seconds.
            Refusal::Refused(fault @ (SignInFault::AuthorizationPending | SignInFault::SlowDown)) => fault,
            Refusal::Refused(fault) => {
                // In quotes, with control characters escaped: parts of it are the client's words.
                let reason = fault.to_string();
                tracing::info!(target: "slipway::sign_in", path, number = fault.number(), ?reason);
                fault
            }
            Refusal::Busy(cause) => {
                tracing::warn!(target: "slipway::sign_in", path, cause);
                SignInFault::Unavailable
            }
            Refusal::Broken(cause) => {
                tracing::error!(target: "slipway::sign_in", path, cause);
                SignInFault::Unavailable
            }
        }
    }

    pub(super) fn trace(&self) -> Trace {
        let ids = self.server().ids();
        let parts = &self.arrival.parts;
        let header = parts.headers.get("client-request-id").and_then(|id| id.to_str().ok());
        // MSAL for Node sends it in the query.
        let query = Form::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let sent = header.or_else(|| query.get("client-request-id"));
        // Entra echoes GUIDs only; any id does here.
        let correlation_id = sent.filter(|id| Id::parse(id).is_ok()).map(str::to_owned);
        Trace {
            trace_id: ids.guid(),
            correlation_id: correlation_id.unwrap_or_else(|| ids.guid()),
            now: self.now(),
        }
    }
}

/// JSON that no cache may keep: it holds tokens, codes, or a judgement of this moment.
pub(super) fn reply<T: Serialize>(status: StatusCode, body: &T) -> Reply {
    match serde_json::to_vec(body) {
        Ok(json) => Reply::new(status, Content::Json(json))
            .with_header(CACHE_CONTROL, HeaderValue::from_static("no-store, no-cache"))
            .with_header(PRAGMA, HeaderValue::from_static("no-cache")),
        Err(error) => {
            tracing::error!(target: "slipway::sign_in", %error, "the answer has no JSON");
            Reply::new(StatusCode::INTERNAL_SERVER_ERROR, Content::Empty)
        }
    }
}
