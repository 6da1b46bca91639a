//! The body of a batch's answer: `{"responses":[{"id","status","headers","body"}]}`.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderName;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::fault::{Fault, FaultKind};
use crate::reply::{Content, Reply};

#[derive(Serialize)]
struct Answers {
    responses: Vec<Answer>,
}

#[derive(Serialize)]
struct Answer {
    id: String,
    status: u16,
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Box<RawValue>>,
}

/// The body for the answers of requests, by their ids.
pub(super) fn write(done: impl Iterator<Item = (String, Reply)>) -> Result<Vec<u8>, Fault> {
    let responses = done.map(|(id, reply)| answer(id, reply)).collect::<Result<_, _>>();
    let body = responses.and_then(|responses| serde_json::to_vec(&Answers { responses }));
    body.map_err(|error| FaultKind::Internal.because(format!("an answer in a batch: {error}")))
}

fn answer(id: String, reply: Reply) -> serde_json::Result<Answer> {
    let mut headers = BTreeMap::from([("Cache-Control".to_owned(), "no-cache".to_owned())]);
    headers.extend(reply.content.media_type().map(|name| ("Content-Type".to_owned(), name.to_owned())));
    headers.extend(reply.content.odata_version().map(|name| ("OData-Version".to_owned(), name.to_owned())));
    for (name, value) in &reply.headers {
        headers.insert(spelled(name), String::from_utf8_lossy(value.as_bytes()).into_owned());
    }
    Ok(Answer { id, status: reply.status.as_u16(), headers, body: body(reply.content)? })
}

/// JSON as it is, text as a string, anything else in base64.
fn body(content: Content) -> serde_json::Result<Option<Box<RawValue>>> {
    Ok(Some(match content {
        Content::Empty => return Ok(None),
        Content::OData(_, json) | Content::Json(json) => {
            RawValue::from_string(String::from_utf8(json).map_err(serde::de::Error::custom)?)?
        }
        Content::Html(text) => to_raw_value(&text)?,
        Content::Other(media_type, text) if media_type.starts_with("text/") => {
            to_raw_value(&String::from_utf8_lossy(&text))?
        }
        Content::Other(_, bytes) => to_raw_value(&STANDARD.encode(bytes))?,
    }))
}

/// The name as people write it, with capitals: clients look it up in JSON, where case counts.
fn spelled(name: &HeaderName) -> String {
    if *name == http::header::WWW_AUTHENTICATE {
        return "WWW-Authenticate".to_owned();
    }
    let words = name.as_str().split('-').map(|word| {
        let (first, rest) = word.split_at(usize::from(!word.is_empty()));
        first.to_ascii_uppercase() + rest
    });
    words.collect::<Vec<_>>().join("-")
}
