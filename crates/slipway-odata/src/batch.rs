//! `$batch` in JSON, as Microsoft Graph has it: which requests a body asks for.
//!
//! The rules are those of Microsoft's page on JSON batching, where it says nothing those of OData 4.01's JSON
//! format. A fault in any part refuses the whole batch, as the service was seen to do.

mod fault;

use std::collections::BTreeMap;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Deserialize;
use serde_json::value::RawValue;

pub use fault::{BatchFault, PartFault};

/// Most requests of a batch.
pub const MAX_PARTS: usize = 20;

/// Longest body of a batch, in bytes.
pub const MAX_BATCH_LENGTH: usize = 4 * 1024 * 1024;

/// Most headers of a part.
pub const MAX_PART_HEADERS: usize = 64;

/// One request of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// As sent; in a batch no two are the same without case.
    pub id: String,
    /// What to do.
    pub method: Method,
    /// Path behind the version, with a slash before it, and query. What cannot stand in an address is
    /// percent-encoded, for Microsoft's examples have blanks in filters.
    pub url: String,
    /// Names, no two the same without case, and values, without control characters.
    pub headers: Vec<(String, String)>,
    /// JSON text as sent, or the bytes that base64 stood for.
    pub body: Option<Vec<u8>>,
    /// Places of the parts whose success this one needs, all before its own; each once.
    pub depends_on: Vec<usize>,
}

/// The method of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

impl Method {
    const ALL: [Self; 5] = [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// The name, in upper case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(name))
    }

    const fn writes(self) -> bool {
        matches!(self, Self::Post | Self::Put | Self::Patch)
    }
}

#[derive(Deserialize)]
struct Envelope<'b> {
    #[serde(borrow)]
    requests: Vec<&'b RawValue>,
}

/// The members of a part, unread: so an error can say which one it is about. Null is the same as absent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Members<'b> {
    #[serde(borrow)]
    id: Option<&'b RawValue>,
    method: Option<&'b RawValue>,
    url: Option<&'b RawValue>,
    headers: Option<&'b RawValue>,
    body: Option<&'b RawValue>,
    depends_on: Option<&'b RawValue>,
    atomicity_group: Option<&'b RawValue>,
    #[serde(rename = "if")]
    condition: Option<&'b RawValue>,
}

/// Reads the body of a batch: one part or more, in the order of the body.
///
/// # Errors
/// [`BatchFault`], which refuses the whole batch.
pub fn parse(json: &[u8]) -> Result<Vec<Part>, BatchFault> {
    if json.len() > MAX_BATCH_LENGTH {
        return Err(BatchFault::TooLong);
    }
    let malformed = |error: serde_json::Error| BatchFault::Malformed(error.to_string());
    let Envelope { requests } = serde_json::from_slice(json).map_err(malformed)?;
    if requests.is_empty() {
        return Err(BatchFault::Malformed("'requests' is empty".to_owned()));
    }
    if requests.len() > MAX_PARTS {
        return Err(BatchFault::TooManyParts(requests.len()));
    }
    let mut ids: Vec<String> = vec![];
    let mut all = vec![];
    for (request, number) in requests.into_iter().zip(1..) {
        let (id, members) = identify(request)
            .map_err(|fault| BatchFault::Part { part: format!("number {number}"), fault })?;
        if ids.iter().any(|known| known.eq_ignore_ascii_case(&id)) {
            return Err(BatchFault::Part { part: id, fault: PartFault::NotUnique });
        }
        ids.push(id);
        all.push(members);
    }
    let read = |((place, id), members): ((usize, &String), Members<'_>)| {
        members.read(id, place, &ids).map_err(|fault| BatchFault::Part { part: id.clone(), fault })
    };
    ids.iter().enumerate().zip(all).map(read).collect()
}

fn identify(request: &RawValue) -> Result<(String, Members<'_>), PartFault> {
    let members: Members<'_> =
        serde_json::from_str(request.get()).map_err(|error| PartFault::Malformed(error.to_string()))?;
    let id: String = required("id", "a string", members.id)?;
    if id.is_empty() { Err(PartFault::Member("id", "a string")) } else { Ok((id, members)) }
}

impl Members<'_> {
    fn read(self, id: &str, place: usize, ids: &[String]) -> Result<Part, PartFault> {
        for (name, member) in [("atomicityGroup", self.atomicity_group), ("if", self.condition)] {
            if member.is_some() {
                return Err(PartFault::Unsupported(name));
            }
        }
        let method: String = required("method", "a string", self.method)?;
        let method = Method::parse(&method).ok_or(PartFault::Method(method))?;
        let url: String = required("url", "a string", self.url)?;
        let url = relative(&url).ok_or(PartFault::Url(url))?;
        let headers = headers(optional("headers", "an object", self.headers)?)?;
        let body = body(method, &headers, self.body)?;
        let wanted = optional("dependsOn", "an array of strings", self.depends_on)?;
        let depends_on = dependencies(wanted, ids, place)?;
        Ok(Part { id: id.to_owned(), method, url, headers, body, depends_on })
    }
}

fn required<'b, T: Deserialize<'b>>(
    name: &'static str,
    form: &'static str,
    member: Option<&'b RawValue>,
) -> Result<T, PartFault> {
    let missing = PartFault::Member(name, form);
    member.and_then(|member| serde_json::from_str(member.get()).ok()).ok_or(missing)
}

/// The member, or an empty one.
fn optional<'b, T: Deserialize<'b> + Default>(
    name: &'static str,
    form: &'static str,
    member: Option<&'b RawValue>,
) -> Result<T, PartFault> {
    if member.is_none() { Ok(T::default()) } else { required(name, form, member) }
}

/// What cannot stand in an address as it is.
const FOREIGN: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The address with a slash before it; none for an absolute one (`https://host/…`, `//host/…`) and an empty one.
fn relative(url: &str) -> Option<String> {
    let path = url.strip_prefix('/').unwrap_or(url);
    let first = url.split(['/', '?', '#']).next().unwrap_or_default();
    let is_relative = !path.is_empty() && !path.starts_with('/') && !first.contains(':');
    is_relative.then(|| format!("/{}", utf8_percent_encode(path, FOREIGN)))
}

fn headers(members: BTreeMap<String, &RawValue>) -> Result<Vec<(String, String)>, PartFault> {
    if members.len() > MAX_PART_HEADERS {
        return Err(PartFault::TooManyHeaders);
    }
    let mut headers: Vec<(String, String)> = vec![];
    for (name, value) in members {
        let value = serde_json::from_str(value.get()).ok().filter(|value: &String| is_value(value));
        let Some(value) = value.filter(|_| is_name(&name)) else { return Err(PartFault::Header(name)) };
        if header(&headers, &name).is_some() {
            return Err(PartFault::HeaderAgain(name));
        }
        headers.push((name, value));
    }
    Ok(headers)
}

/// Whether this is a token, as RFC 9110 calls it.
fn is_name(name: &str) -> bool {
    let in_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !name.is_empty() && name.bytes().all(in_token)
}

fn is_value(value: &str) -> bool {
    value.chars().all(|c| c == '\t' || !c.is_control())
}

fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// Base64 in either alphabet, padded or not: Microsoft's page says "base64 URL-encoded", its clients send both.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

fn body(
    method: Method,
    headers: &[(String, String)],
    member: Option<&RawValue>,
) -> Result<Option<Vec<u8>>, PartFault> {
    let (json, content_type) = match (member, header(headers, "Content-Type")) {
        (None, _) if !method.writes() => return Ok(None),
        (Some(json), Some(content_type)) => (json.get(), content_type),
        _ => return Err(PartFault::NoBody),
    };
    if is_json(content_type) {
        return Ok(Some(json.as_bytes().to_vec()));
    }
    let text: Option<String> = serde_json::from_str(json).ok();
    let bytes = text.and_then(|text| BASE64.decode(text.replace('-', "+").replace('_', "/")).ok());
    bytes.map(Some).ok_or_else(|| PartFault::NotBase64(content_type.to_owned()))
}

fn is_json(content_type: &str) -> bool {
    let name = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    name == "application/json" || name.ends_with("+json")
}

fn dependencies(wanted: Vec<String>, ids: &[String], place: usize) -> Result<Vec<usize>, PartFault> {
    let mut places = vec![];
    for wanted in wanted {
        match ids.iter().position(|id| id.eq_ignore_ascii_case(&wanted)) {
            None => return Err(PartFault::UnknownDependency(wanted)),
            Some(found) if found >= place => return Err(PartFault::LaterDependency(wanted)),
            Some(found) if places.contains(&found) => {}
            Some(found) => places.push(found),
        }
    }
    Ok(places)
}

#[cfg(test)]
mod tests;
