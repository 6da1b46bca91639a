//! One request of a sign-in endpoint, and the answers that all of them share.

use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderValue, PRAGMA};
use jiff::Timestamp;
use serde::Serialize;
use slipway_identity::{SignInFault, Trace};
use slipway_model::Id;
use slipway_store::View;

use super::form::Form;
use super::refusal::Refusal;
use crate::door::Arrival;
use crate::reply::{Content, Reply};
use crate::server::Server;

/// A sign-in request: how it arrived, its form, and one snapshot to judge it by.
pub(super) struct SignIn {
    pub(super) arrival: Arrival,
    pub(super) form: Form,
    pub(super) view: View,
}

impl SignIn {
    pub(super) fn begin(arrival: Arrival, form: Form) -> Self {
        let view = arrival.server.store().view();
        Self { arrival, form, view }
    }

    pub(super) fn server(&self) -> &Server {
        &self.arrival.server
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
            Refusal::Refused(SignInFault::AuthorizationPending) => SignInFault::AuthorizationPending,
            Refusal::Refused(fault) => {
                // In quotes, with control characters escaped: parts of it are the client's words.
                let reason = fault.to_string();
                tracing::info!(target: "slipway::sign_in", path, number = fault.number(), ?reason);
                fault
            }
            Refusal::Broken(cause) => {
                tracing::error!(target: "slipway::sign_in", path, cause);
                SignInFault::Unavailable
            }
        }
    }

    fn trace(&self) -> Trace {
        let ids = self.server().ids();
        let sent = self.arrival.parts.headers.get("client-request-id").and_then(|id| id.to_str().ok());
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
        Err(_) => Reply::new(StatusCode::INTERNAL_SERVER_ERROR, Content::Empty),
    }
}
