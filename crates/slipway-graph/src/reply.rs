//! Answers before they have headers.

use http::StatusCode;
use http::header::{HeaderName, HeaderValue};

use crate::wire::metadata::Metadata;

/// What an operation answers; the door adds the headers that every answer carries.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) content: Content,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

/// The body, by its media type.
#[derive(Debug)]
pub(crate) enum Content {
    /// No body and no `Content-Type`: one on an empty 201 breaks the JavaScript SDK.
    Empty,
    /// JSON of an OData service, with so much control information.
    OData(Metadata, Vec<u8>),
    /// Any other JSON.
    Json(Vec<u8>),
    /// A page.
    Html(String),
    /// Anything else.
    Other(&'static str, Vec<u8>),
}

impl Content {
    /// What the body is, for `Content-Type`; none where there is no body.
    pub(crate) fn media_type(&self) -> Option<&'static str> {
        match self {
            Self::Empty => None,
            Self::OData(metadata, _) => Some(metadata.content_type()),
            Self::Json(_) => Some("application/json"),
            Self::Html(_) => Some("text/html; charset=utf-8"),
            Self::Other(media_type, _) => Some(media_type),
        }
    }

    /// The protocol of OData services, for `OData-Version`.
    pub(crate) fn odata_version(&self) -> Option<&'static str> {
        matches!(self, Self::OData(..)).then_some("4.0")
    }

    /// The body.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Empty => Vec::new(),
            Self::OData(_, body) | Self::Json(body) | Self::Other(_, body) => body,
            Self::Html(body) => body.into_bytes(),
        }
    }
}

impl Reply {
    pub(crate) fn new(status: StatusCode, content: Content) -> Self {
        Self { status, content, headers: Vec::new() }
    }

    /// 200 with an entity or a collection.
    pub(crate) fn odata(content: Content) -> Self {
        Self::new(StatusCode::OK, content)
    }

    /// 200 with a number as plain text.
    pub(crate) fn number(number: u64) -> Self {
        Self::new(StatusCode::OK, Content::Other("text/plain;charset=utf-8", number.to_string().into_bytes()))
    }

    /// 204.
    pub(crate) fn no_content() -> Self {
        Self::new(StatusCode::NO_CONTENT, Content::Empty)
    }

    /// 201 with the address of what was made.
    pub(crate) fn created(location: &str, content: Content) -> Self {
        Self::made(StatusCode::CREATED, location, content)
    }

    /// A success with the address of what was made.
    pub(crate) fn made(status: StatusCode, location: &str, content: Content) -> Self {
        let mut reply = Self::new(status, content);
        if let Ok(location) = HeaderValue::from_str(location) {
            reply.headers.push((http::header::LOCATION, location));
        }
        reply
    }

    /// Whether it is a page for people.
    pub(crate) fn is_page(&self) -> bool {
        matches!(self.content, Content::Html(_))
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}
