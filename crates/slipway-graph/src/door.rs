//! The first room: every request comes in here, and every answer goes out with the headers that Graph sends.

use std::time::Instant;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderName, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Body;
use jiff::Timestamp;

use crate::base::{self, Scheme};
use crate::call::Call;
use crate::encoding::{self, Coding};
use crate::fault::{Fault, FaultKind};
use crate::graph::{batch, metadata};
use crate::operation::ApiVersion;
use crate::payload::Payload;
use crate::reply::{Content, Reply};
use crate::segment::split_first;
use crate::server::Server;
use crate::visit::Visit;
use crate::{control, cors, oauth};

const JSON: &str = "application/json";

/// Longest address of a request, in bytes, its query included.
const LONGEST_ADDRESS: usize = 16 * 1024;
/// Longest headers of a request together, in bytes; the listener has its own limits beyond this.
const LONGEST_HEADERS: usize = 32 * 1024;

/// Most characters of an address that the log repeats.
const LONGEST_LOGGED: usize = 1024;

/// The first segment of the server's own addresses.
const OWN: &str = "_slipway";

/// A request that was let in: everything about it but its body.
pub(crate) struct Arrival {
    pub(crate) server: Server,
    pub(crate) parts: Parts,
    /// The base of absolute URLs, such as `https://localhost:8365`.
    pub(crate) base: String,
    pub(crate) now: Timestamp,
}

impl Server {
    /// Answers one request, whatever it asks.
    pub async fn respond<B: Into<Payload>>(
        &self,
        request: Request<B>,
        scheme: Scheme,
    ) -> Response<Full<Bytes>> {
        let started = Instant::now();
        let (mut parts, body) = request.into_parts();
        let visit = Visit::begin(self, &parts.headers);
        let (method, uri) = (parts.method.clone(), parts.uri.clone());
        if method == Method::HEAD {
            parts.method = Method::GET;
        }
        let coding = Coding::wanted(&parts.headers).filter(|_| encoding::is_open(uri.path()));
        let is_cross_origin = cors::is_cross_origin(&parts) && split_first(uri.path()).0 != OWN;
        let outcome = self.answer(parts, body.into(), scheme, &visit).await;
        visit.log(&format_args!("{method} {:.LONGEST_LOGGED$}", uri.path()), &outcome, started);
        let is_shared = is_cross_origin && !outcome.as_ref().is_ok_and(Reply::is_page);
        let mut response = visit.response(outcome);
        if is_shared {
            cors::share(&mut response);
        }
        if let Some(coding) = coding {
            response = encoding::pack(response, coding).await;
        }
        if method == Method::HEAD { without_body(response) } else { response }
    }

    async fn answer(
        &self,
        parts: Parts,
        mut body: Payload,
        scheme: Scheme,
        visit: &Visit,
    ) -> Result<Reply, Fault> {
        if let Some(status) = too_long(&parts) {
            body.drain().await;
            return Err(FaultKind::HeadTooLong(status).into());
        }
        let (first, path) = split_first(parts.uri.path());
        if first == OWN {
            return control::answer(self, &parts, body, scheme).await;
        }
        let (version, is_batch) = (ApiVersion::parse(first), batch::is_at(path));
        let base = self.settings().hosts.base(&parts, scheme)?;
        if let Some(reply) = cors::preflight(&parts) {
            body.drain().await;
            return Ok(reply);
        }
        if base::is_unserved(&base) {
            body.drain().await;
            return Ok(unserved(&base));
        }
        let arrival = Arrival { server: self.clone(), parts, base, now: visit.now() };
        match version {
            Some(version) if is_batch => batch::answer(arrival, version, body, visit).await,
            Some(version) => arrival.call(version, body).await,
            None if oauth::is_user_info(path_of(&arrival)) => oauth::user_info(arrival, body).await,
            None => Ok(oauth::answer(arrival, body).await),
        }
    }
}

fn path_of(arrival: &Arrival) -> &str {
    arrival.parts.uri.path()
}

impl Arrival {
    /// Takes the request through the other rooms; what is served is told to anybody.
    pub(crate) async fn call(self, version: ApiVersion, mut body: Payload) -> Result<Reply, Fault> {
        if metadata::is_at(split_first(self.parts.uri.path()).1) {
            body.drain().await;
            return metadata::answer(&self.parts.method, version);
        }
        let call = Call::admit(self, version, body).await?;
        (call.handler())(call).await
    }

    /// The body where JSON is expected; it may be empty.
    pub(crate) async fn json(&self, body: &mut Payload, limit: usize) -> Result<Bytes, Fault> {
        let (body, media_type) = self.bytes(body, limit).await?;
        if body.is_empty() || media_type.is_empty() || media_type == JSON {
            Ok(body)
        } else {
            Err(FaultKind::MediaType { sent: media_type, wanted: JSON }.into())
        }
    }

    /// The whole body, and its media type without parameters, in lower case.
    pub(crate) async fn bytes(&self, body: &mut Payload, limit: usize) -> Result<(Bytes, String), Fault> {
        let body = body.read(limit).await?;
        let encoding = self.header(&CONTENT_ENCODING).trim();
        if encoding.is_empty() || encoding.eq_ignore_ascii_case("identity") {
            let media_type = self.header(&CONTENT_TYPE).split(';').next().unwrap_or_default();
            Ok((body, media_type.trim().to_ascii_lowercase()))
        } else {
            Err(FaultKind::ContentEncoding(encoding.to_owned()).into())
        }
    }

    /// A header's text; empty when it is not there.
    pub(crate) fn header(&self, name: &HeaderName) -> &str {
        self.parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// The status for a request whose address or headers are too long.
fn too_long(parts: &Parts) -> Option<StatusCode> {
    let address = parts.uri.path_and_query().map_or(0, |address| address.as_str().len());
    if address > LONGEST_ADDRESS {
        return Some(StatusCode::URI_TOO_LONG);
    }
    let headers: usize = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    (headers > LONGEST_HEADERS).then_some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
}

/// What is said for a name that is intercepted so that nothing of a test reaches Microsoft.
fn unserved(base: &str) -> Reply {
    let text =
        format!("Slipway stands in for {base}, and serves nothing there: bots are not spoken with yet.\n");
    Reply::new(StatusCode::NOT_FOUND, Content::Other("text/plain; charset=utf-8", text.into_bytes()))
}

/// What HEAD gets of what GET would have got: everything but the body, and so the body's length.
fn without_body(response: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    let (mut parts, body) = response.into_parts();
    if let Some(length) = body.size_hint().exact().filter(|_| parts.status != StatusCode::NO_CONTENT) {
        parts.headers.insert(CONTENT_LENGTH, length.into());
    }
    Response::from_parts(parts, Full::default())
}
