//! One request's visit: the ids and the time that its whole answer carries, its line in the log, and its headers.

use std::time::Instant;

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, DATE, RETRY_AFTER, SET_COOKIE, STRICT_TRANSPORT_SECURITY, VARY,
    WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::Full;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use crate::fault::{Fault, FaultKind};
use crate::reply::{Content, Reply};
use crate::server::Server;
use crate::wire::envelope;

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
const DIAGNOSTIC: HeaderName = HeaderName::from_static("x-ms-ags-diagnostic");
const ODATA_VERSION: HeaderName = HeaderName::from_static("odata-version");

const DIAGNOSTIC_VALUE: HeaderValue = HeaderValue::from_static(
    r#"{"ServerInfo":{"DataCenter":"Slipway","Slice":"E","Ring":"1","ScaleUnit":"000","RoleInstance":"SLIPWAY00000000"}}"#,
);
const CHALLENGE: HeaderValue = HeaderValue::from_static(
    r#"Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000""#,
);

/// Longest `client-request-id` that is echoed; Graph's clients send a GUID.
const LONGEST_ECHO: usize = 128;

/// Seconds after which a client may try again when the storage is busy or full.
pub(crate) const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("5");

/// The ids and the time that the whole answer carries.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    request_id: String,
    client_request_id: HeaderValue,
    now: Timestamp,
}

impl Visit {
    pub(crate) fn begin(server: &Server, headers: &HeaderMap) -> Self {
        let request_id = server.ids().guid();
        let client_request_id = echoed(headers).unwrap_or_else(|| header_of(&request_id));
        Self { request_id, client_request_id, now: server.clock().now() }
    }

    /// The visit of a request in this one's batch: the batch's, unless the request has an id of the client's.
    pub(crate) fn of_part(&self, headers: &HeaderMap) -> Self {
        let client_request_id = echoed(headers).unwrap_or_else(|| self.client_request_id.clone());
        Self { client_request_id, ..self.clone() }
    }

    /// When the request came.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// One line a request: faults with their cause always, the rest only when somebody asks for it.
    pub(crate) fn log(
        &self,
        request: &std::fmt::Arguments<'_>,
        outcome: &Result<Reply, Fault>,
        started: Instant,
    ) {
        let micros = started.elapsed().as_micros();
        let id = self.request_id.as_str();
        match outcome {
            Ok(reply) => {
                let status = reply.status.as_u16();
                tracing::debug!(target: "slipway::request", %request, status, micros, id);
            }
            Err(fault) => {
                let (status, code) = (fault.status(), fault.wording().code);
                let cause = fault.cause().unwrap_or_default();
                if status >= 500 {
                    tracing::error!(target: "slipway::request", %request, status, micros, id, code, cause);
                } else {
                    tracing::info!(target: "slipway::request", %request, status, micros, id, code, cause);
                }
            }
        }
    }

    /// The fault as an answer: its body, and the headers that belong to it.
    pub(crate) fn refuse(&self, fault: &Fault) -> Reply {
        let wording = fault.wording();
        let client_request_id = self.client_request_id.to_str().unwrap_or_default();
        let body = envelope::write(&wording, self.now, [&self.request_id, client_request_id]);
        let reply = Reply::new(wording.status, Content::Json(body));
        match fault.kind() {
            FaultKind::Busy | FaultKind::StorageUnavailable => reply.with_header(RETRY_AFTER, RETRY_SECONDS),
            FaultKind::MethodNotAllowed { allow, .. } => reply.with_header(ALLOW, header_of(allow)),
            _ if wording.status == StatusCode::UNAUTHORIZED => reply.with_header(WWW_AUTHENTICATE, CHALLENGE),
            _ => reply,
        }
    }

    /// The answer with the headers that every answer carries.
    pub(crate) fn response(self, outcome: Result<Reply, Fault>) -> Response<Full<Bytes>> {
        let reply = outcome.unwrap_or_else(|fault| self.refuse(&fault));
        let (media_type, odata_version) = (reply.content.media_type(), reply.content.odata_version());
        let mut response = Response::new(Full::new(Bytes::from(reply.content.into_bytes())));
        *response.status_mut() = reply.status;
        let headers = response.headers_mut();
        headers.reserve(16);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private"));
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
        headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
        headers.insert(REQUEST_ID, header_of(&self.request_id));
        headers.insert(CLIENT_REQUEST_ID, self.client_request_id);
        headers.insert(DIAGNOSTIC, DIAGNOSTIC_VALUE);
        headers.insert(DATE, header_of(&http_date(self.now)));
        if let Some(media_type) = media_type {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        }
        if let Some(version) = odata_version {
            headers.insert(ODATA_VERSION, HeaderValue::from_static(version));
        }
        for (name, value) in reply.headers {
            if name == SET_COOKIE {
                headers.append(name, value);
            } else {
                headers.insert(name, value);
            }
        }
        response
    }
}

/// The client's own id of its request.
fn echoed(headers: &HeaderMap) -> Option<HeaderValue> {
    let sent = headers.get(&CLIENT_REQUEST_ID)?;
    (!sent.is_empty() && sent.len() <= LONGEST_ECHO).then(|| sent.clone())
}

/// For values that are visible ASCII by their making.
fn header_of(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

/// As RFC 9110 section 5.6.7 wants it; the printer is far quicker than one that reads a format first.
fn http_date(now: Timestamp) -> String {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&now).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first is the RFC's own.
    #[test]
    fn dates_have_one_length() {
        for (now, date) in [
            ("1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("2026-12-01T00:00:00.999Z", "Tue, 01 Dec 2026 00:00:00 GMT"),
        ] {
            assert_eq!(http_date(now.parse().unwrap()), date);
        }
    }
}
