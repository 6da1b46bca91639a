//! Skip tokens: where a page ended, sealed, so that clients cannot read or change it, and bound to the question, so
//! that it is good for no other one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use slipway_identity::Purpose;
use slipway_odata::{OrderKey, Property, Row, Value};

use crate::call::Call;
use crate::fault::{Fault, FaultKind};

/// Where a page ended.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
pub(super) enum Place {
    /// Behind a row of a walk, which the cursor names.
    Behind {
        /// In base64.
        cursor: String,
        /// How many of the rows that match are still to be left out.
        skip: u32,
    },
    /// Behind a row of a sorted answer.
    After(Mark),
}

/// What a sorted answer knows of the last row of a page. The row itself may be gone by the next request.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Mark {
    /// What the keys of `$orderby` compared.
    values: Vec<Compared>,
    /// What settles the order where they are the same.
    pub(super) place: String,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
enum Compared {
    Null,
    Boolean(bool),
    Integer(i64),
    Text(String),
    Time(Timestamp),
    Flags(u32),
}

impl Mark {
    pub(super) fn of(keys: &[OrderKey], row: &dyn Row, place: String) -> Self {
        let compared = |key: &OrderKey| match key.property().map(|property| row.value(property)) {
            Some(Value::Boolean(value)) => Compared::Boolean(value),
            Some(Value::Integer(value)) => Compared::Integer(value),
            Some(Value::Text(text)) => Compared::Text(text.into_owned()),
            Some(Value::Time(time)) => Compared::Time(time),
            Some(Value::Flags(bits)) => Compared::Flags(bits),
            Some(Value::Null | Value::Row(_) | Value::Many(_)) | None => Compared::Null,
        };
        Self { values: keys.iter().map(compared).collect(), place }
    }

    /// A row that has the values, for comparing.
    pub(super) fn as_row<'a>(&'a self, keys: &'a [OrderKey]) -> impl Row + 'a {
        Remembered { mark: self, keys }
    }
}

struct Remembered<'a> {
    mark: &'a Mark,
    keys: &'a [OrderKey],
}

impl Row for Remembered<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        let at = self.keys.iter().position(|key| key.property() == Some(property));
        match at.and_then(|at| self.mark.values.get(at)) {
            Some(Compared::Boolean(value)) => Value::Boolean(*value),
            Some(Compared::Integer(value)) => Value::Integer(*value),
            Some(Compared::Text(text)) => text.as_str().into(),
            Some(Compared::Time(time)) => Value::Time(*time),
            Some(Compared::Flags(bits)) => Value::Flags(*bits),
            Some(Compared::Null) | None => Value::Null,
        }
    }
}

/// First byte of what is sealed; another layout gets another number.
const VERSION: u8 = 2;

impl Place {
    /// What is said of tokens that are good for nothing here.
    pub(super) fn refused(cause: impl Into<String>) -> Fault {
        const TEXT: &str = "Invalid value for $skiptoken query option found. Use the @odata.nextLink of the page before as it is.";
        FaultKind::BadRequest(TEXT.to_owned()).because(cause)
    }

    /// The place that a skip token names.
    pub(super) fn read(call: &Call, token: &str) -> Result<Self, Fault> {
        let sealed = URL_SAFE_NO_PAD.decode(token).map_err(|error| Self::refused(error.to_string()))?;
        let opened = call.server().keys().ring().open(Purpose::Place, &question(call), &sealed);
        let opened = opened.map_err(|fault| Self::refused(fault.to_string()))?;
        match opened.split_first() {
            Some((&VERSION, place)) => {
                serde_json::from_slice(place).map_err(|error| Self::refused(error.to_string()))
            }
            _ => Err(Self::refused("a token of another version")),
        }
    }

    /// The address of the next page: this request's, with a skip token for this place.
    pub(super) fn link(&self, call: &Call) -> Result<String, Fault> {
        let internal = |error: String| FaultKind::Internal.because(error);
        let mut place = vec![VERSION];
        serde_json::to_writer(&mut place, self).map_err(|error| internal(error.to_string()))?;
        let (keys, ids) = (call.server().keys(), call.server().ids());
        let sealed = keys.ring().seal(Purpose::Place, &question(call), place, ids);
        let token = URL_SAFE_NO_PAD.encode(sealed.map_err(|fault| internal(fault.to_string()))?);
        let kept: Vec<_> =
            call.raw_query().split('&').filter(|part| !part.is_empty() && !is_replaced(part)).collect();
        let separator = if kept.is_empty() { "" } else { "&" };
        Ok(format!("{}?{}{separator}$skiptoken={token}", call.url_without_query(), kept.join("&")))
    }
}

/// Options whose work the token does from the second page on.
fn is_replaced(part: &str) -> bool {
    let name = form_urlencoded::parse(part.as_bytes()).next().map(|(name, _)| name.to_ascii_lowercase());
    name.is_some_and(|name| ["skiptoken", "skip"].contains(&name.trim_start_matches('$')))
}

/// What is asked: by whose tenant, of which collection of which version, for which rows in which order. What is shown
/// of them may change from page to page.
fn question(call: &Call) -> String {
    let rows = ["filter", "search", "orderby"];
    let mut said: Vec<_> = form_urlencoded::parse(call.raw_query().as_bytes())
        .map(|(name, value)| (name.to_ascii_lowercase().trim_start_matches('$').to_owned(), value))
        .filter(|(name, _)| rows.contains(&name.as_str()))
        .collect();
    said.sort();
    let (tenant, version, operation) =
        (&call.caller().tenant, call.version().as_str(), call.operation().name);
    format!("{tenant} {version} {operation} {:?} {said:?}", call.keys())
}
