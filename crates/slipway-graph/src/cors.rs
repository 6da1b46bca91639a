//! Browsers: pages of other origins may call Graph and the sign-in endpoints, as they may call Microsoft's.
//!
//! A token is needed as ever, and no cookie counts, so any origin may. The server's own addresses stay closed, and so
//! do the pages that people sign in on.

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ORIGIN,
};
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode};
use http_body_util::Full;

use crate::reply::{Content, Reply};

/// What scripts may read beside the plain headers, as the service was seen to list it.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "ETag, Location, Preference-Applied, Content-Range, request-id, client-request-id, ReadWriteConsistencyToken, SdkVersion, WWW-Authenticate, x-ms-client-gcc-tenant, Retry-After",
);

/// Whether a page of some origin asks.
pub(crate) fn is_cross_origin(parts: &Parts) -> bool {
    parts.headers.contains_key(ORIGIN)
}

/// The answer to a browser that asks, before the request itself and without its token, what a page may send.
pub(crate) fn preflight(parts: &Parts) -> Option<Reply> {
    if parts.method != Method::OPTIONS || !is_cross_origin(parts) {
        return None;
    }
    let methods = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
    let reply = Reply::new(StatusCode::OK, Content::Empty)
        .with_header(ACCESS_CONTROL_ALLOW_METHODS, methods)
        .with_header(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    Some(match parts.headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        Some(wanted) => reply.with_header(ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone()),
        None => reply,
    })
}

/// Lets the page read the answer.
pub(crate) fn share(response: &mut Response<Full<Bytes>>) {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
}
