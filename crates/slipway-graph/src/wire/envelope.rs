//! The body of an error answer: `{"error":{"code","message","innerError":{…}}}`.

use jiff::Timestamp;
use serde::Serialize;
use slipway_manifest::Detail;

use crate::fault::{Inner, Wording};

#[derive(Serialize)]
struct Envelope<'a> {
    error: Error<'a>,
}

#[derive(Serialize)]
struct Error<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(rename = "innerError")]
    inside: Inside<'a>,
}

#[derive(Serialize)]
struct Inside<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Vec<DetailLine<'a>>>,
    date: String,
    #[serde(rename = "request-id")]
    request_id: &'a str,
    #[serde(rename = "client-request-id")]
    client_request_id: &'a str,
}

#[derive(Serialize)]
struct DetailLine<'a> {
    code: &'a str,
    message: &'a str,
    target: &'a str,
}

/// The body for a fault that happened now; `ids` are the request's and the client's id of it.
pub(crate) fn write(wording: &Wording<'_>, now: Timestamp, ids: [&str; 2]) -> Vec<u8> {
    let [request_id, client_request_id] = ids;
    let message = wording.message.as_ref();
    let (code, details) = match wording.inner {
        Inner::Plain => (None, None),
        Inner::Coded(code) => (Some(code), Some(Vec::new())),
        Inner::Details(code, details) => (Some(code), Some(details.iter().map(line).collect())),
    };
    let inside = Inside {
        code,
        message: code.map(|_| message),
        details,
        date: now.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        request_id,
        client_request_id,
    };
    let envelope = Envelope { error: Error { code: wording.code, message, inside } };
    // Strings always serialise; an empty body would still carry the status.
    serde_json::to_vec(&envelope).unwrap_or_default()
}

fn line(detail: &Detail) -> DetailLine<'_> {
    DetailLine { code: detail.code, message: &detail.message, target: &detail.target }
}
