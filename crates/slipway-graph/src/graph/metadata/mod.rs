//! `GET /$metadata`: what is served, as an OData metadata document. Like Graph's it needs no token, and it takes no
//! notice of a query.

mod document;
mod tables;
mod types;

use http::{HeaderName, HeaderValue, Method, StatusCode};

use crate::fault::Fault;
use crate::operation::{ApiVersion, Throttle};
use crate::reply::{Content, Reply};
use crate::segment::is_alone;

/// Whether this is the document's path, below the version segment.
pub(crate) fn is_at(path: &str) -> bool {
    is_alone(path, "$metadata")
}

pub(crate) fn answer(method: &Method, version: ApiVersion) -> Result<Reply, Fault> {
    if method != Method::GET {
        return Err(Fault::method(Throttle::TeamsRead, &[Method::GET]));
    }
    let document = document::write(version).into_bytes();
    let reply = Reply::new(StatusCode::OK, Content::Other("application/xml", document));
    Ok(reply.with_header(HeaderName::from_static("odata-version"), HeaderValue::from_static("4.0")))
}
