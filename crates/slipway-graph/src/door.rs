//! The first room: every request comes in here, and every answer goes out with the headers that Graph sends.

use std::time::Instant;

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, DATE, RETRY_AFTER, STRICT_TRANSPORT_SECURITY, VARY, WWW_AUTHENTICATE,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use jiff::Timestamp;

use crate::base::Scheme;
use crate::call::Call;
use crate::fault::{Fault, FaultKind};
use crate::operation::ApiVersion;
use crate::payload::Payload;
use crate::reply::{Content, Reply};
use crate::server::Server;
use crate::wire::envelope;
use crate::{control, oauth};

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

/// A request that was let in: everything about it but its body.
pub(crate) struct Arrival {
    pub(crate) server: Server,
    pub(crate) parts: Parts,
    /// The base of absolute URLs, such as `https://localhost:8365`.
    pub(crate) base: String,
    pub(crate) now: Timestamp,
}

/// The ids and the time that the whole answer carries.
#[derive(Debug)]
struct Visit {
    request_id: String,
    client_request_id: HeaderValue,
    now: Timestamp,
}

impl Server {
    /// Answers one request, whatever it asks.
    pub async fn respond<B: Into<Payload>>(
        &self,
        request: Request<B>,
        scheme: Scheme,
    ) -> Response<Full<Bytes>> {
        let started = Instant::now();
        let (parts, body) = request.into_parts();
        let visit = Visit::begin(self, &parts.headers);
        let (method, uri) = (parts.method.clone(), parts.uri.clone());
        let outcome = self.answer(parts, body.into(), scheme, visit.now).await;
        let status = outcome.as_ref().map_or_else(Fault::status, |reply| reply.status.as_u16());
        visit.log(&format_args!("{method} {}", uri.path()), status, started, outcome.as_ref().err());
        visit.response(outcome)
    }

    async fn answer(
        &self,
        parts: Parts,
        body: Payload,
        scheme: Scheme,
        now: Timestamp,
    ) -> Result<Reply, Fault> {
        let (first, _) = split_first(parts.uri.path());
        if first == "_slipway" {
            return control::answer(self, &parts, body, scheme).await;
        }
        let version = ApiVersion::parse(first);
        let base = self.settings().hosts.base(&parts, scheme)?;
        let arrival = Arrival { server: self.clone(), parts, base, now };
        match version {
            Some(version) => {
                let call = Call::admit(arrival, version, body).await?;
                (call.handler())(call).await
            }
            None => Ok(oauth::answer(arrival, body).await),
        }
    }
}

/// The first segment of a path, and what follows it with its slash.
pub(crate) fn split_first(path: &str) -> (&str, &str) {
    let path = path.trim_start_matches('/');
    path.find('/').map_or((path, ""), |at| path.split_at(at))
}

impl Visit {
    fn begin(server: &Server, headers: &HeaderMap) -> Self {
        let request_id = server.ids().guid();
        let echo = headers.get(&CLIENT_REQUEST_ID).filter(|id| !id.is_empty() && id.len() <= LONGEST_ECHO);
        let client_request_id = echo
            .cloned()
            .unwrap_or_else(|| HeaderValue::from_str(&request_id).unwrap_or(HeaderValue::from_static("")));
        Self { request_id, client_request_id, now: server.clock().now() }
    }

    /// One line a request: faults with their cause always, the rest only when somebody asks for it.
    fn log(&self, request: &std::fmt::Arguments<'_>, status: u16, started: Instant, fault: Option<&Fault>) {
        let micros = started.elapsed().as_micros();
        let id = self.request_id.as_str();
        match fault {
            None => tracing::debug!(target: "slipway::request", %request, status, micros, id),
            Some(fault) => {
                let code = fault.wording().code;
                let cause = fault.cause().unwrap_or_default();
                if status >= 500 {
                    tracing::error!(target: "slipway::request", %request, status, micros, id, code, cause);
                } else {
                    tracing::info!(target: "slipway::request", %request, status, micros, id, code, cause);
                }
            }
        }
    }

    fn response(self, outcome: Result<Reply, Fault>) -> Response<Full<Bytes>> {
        let reply = outcome.unwrap_or_else(|fault| self.refuse(&fault));
        let is_odata = matches!(reply.content, Content::OData(..));
        let (content_type, body) = match reply.content {
            Content::Empty => (None, Vec::new()),
            Content::OData(metadata, body) => (Some(metadata.content_type()), body),
            Content::Json(body) => (Some(HeaderValue::from_static("application/json")), body),
            Content::Html(body) => {
                (Some(HeaderValue::from_static("text/html; charset=utf-8")), body.into_bytes())
            }
            Content::Other(media_type, body) => (Some(HeaderValue::from_static(media_type)), body),
        };
        let mut response = Response::new(Full::new(Bytes::from(body)));
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
        if let Some(content_type) = content_type {
            headers.insert(CONTENT_TYPE, content_type);
        }
        if is_odata {
            headers.insert(ODATA_VERSION, HeaderValue::from_static("4.0"));
        }
        for (name, value) in reply.headers {
            headers.insert(name, value);
        }
        response
    }

    fn refuse(&self, fault: &Fault) -> Reply {
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
}

/// For values that are visible ASCII by their making.
fn header_of(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

fn http_date(now: Timestamp) -> String {
    now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
