//! A documented answer, and what differs from it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value};

/// The documented answers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Documented {
    shape: Vec<Shape>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    pub name: String,
    /// The requests that are answered so.
    pub requests: Vec<String>,
    /// Where it is documented, or that it was seen.
    pub source: String,
    fields: BTreeMap<String, Field>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Field {
    r#type: Types,
    is: Option<Value>,
    form: Option<Form>,
    #[serde(default)]
    optional: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Types {
    One(String),
    Some(Vec<String>),
}

/// How a text looks.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Form {
    Jwt,
    Guid,
    Timestamp,
    /// `AADSTS`, a number, and three lines.
    Description,
    /// A whole number of seconds, as text.
    Seconds,
}

impl Documented {
    pub fn read() -> Vec<Shape> {
        let Self { shape } = toml::from_str(include_str!("entra.toml")).unwrap();
        for shape in &shape {
            assert!(shape.source.contains("https://") && !shape.requests.is_empty(), "{}", shape.name);
        }
        shape
    }
}

impl Shape {
    /// What differs, as `field: what`; `{…}` in documented values are replaced.
    pub fn differences(&self, answer: &Map<String, Value>, places: &[(&str, &str)]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for (name, field) in &self.fields {
            match answer.get(name) {
                Some(value) => {
                    found.extend(field.difference(value, places).map(|text| format!("{name}: {text}")));
                }
                None if field.optional => {}
                None => _ = found.insert(format!("{name}: missing")),
            }
        }
        let added = answer.keys().filter(|name| !self.fields.contains_key(*name));
        found.extend(added.map(|name| format!("{name}: added")));
        found
    }
}

impl Field {
    fn difference(&self, value: &Value, places: &[(&str, &str)]) -> Option<String> {
        let types = match &self.r#type {
            Types::One(one) => std::slice::from_ref(one),
            Types::Some(some) => some,
        };
        let is = kind(value);
        if !types.iter().any(|wanted| wanted == is) {
            return Some(format!("{is}, not {}", types.join(" or ")));
        }
        if let Some(form) = self.form.filter(|form| !form.fits(value.as_str().unwrap_or_default())) {
            return Some(format!("no {form:?}").to_lowercase());
        }
        match (self.is.as_ref()?, value) {
            (Value::Array(wanted), Value::Array(values)) => items(wanted, values),
            (Value::String(wanted), Value::String(text)) => {
                let wanted =
                    places.iter().fold(wanted.clone(), |text, (place, value)| text.replace(place, value));
                (wanted != *text).then(|| format!("`{text}`, not `{wanted}`"))
            }
            (wanted, value) => (wanted != value).then(|| format!("{value}, not {wanted}")),
        }
    }
}

/// Which items of a list are missing or added; their order means nothing.
fn items(wanted: &[Value], values: &[Value]) -> Option<String> {
    let without = |all: &[Value], some: &[Value]| {
        let rest: Vec<_> = all.iter().filter(|item| !some.contains(item)).filter_map(Value::as_str).collect();
        rest.join(", ")
    };
    match (without(wanted, values), without(values, wanted)) {
        (lacks, adds) if lacks.is_empty() && adds.is_empty() => None,
        (lacks, adds) if adds.is_empty() => Some(format!("lacks {lacks}")),
        (lacks, adds) if lacks.is_empty() => Some(format!("adds {adds}")),
        (lacks, adds) => Some(format!("lacks {lacks}, adds {adds}")),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

impl Form {
    fn fits(self, text: &str) -> bool {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match self {
            Self::Jwt => text.starts_with("eyJ") && text.split('.').count() == 3,
            Self::Guid => {
                let lengths = text.split('-').map(str::len);
                lengths.eq([8, 4, 4, 4, 12])
                    && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
            }
            // 2016-01-09 02:02:12Z
            Self::Timestamp => {
                text.len() == 20
                    && text.ends_with('Z')
                    && text.contains(' ')
                    && text.replace(' ', "T").parse::<jiff::Timestamp>().is_ok()
            }
            Self::Seconds => digits(text),
            Self::Description => {
                let mut lines = text.split("\r\n");
                let first = lines.next().and_then(|line| line.strip_prefix("AADSTS")?.split_once(": "));
                first.is_some_and(|(number, _)| digits(number))
                    && ["Trace ID: ", "Correlation ID: ", "Timestamp: "]
                        .iter()
                        .all(|begin| lines.next().is_some_and(|line| line.starts_with(begin)))
                    && lines.next().is_none()
            }
        }
    }
}

/// A reason for differences that are meant.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    pub reason: String,
    /// `shape: field: what`, or `shape, request: field: what` if it is one request's alone.
    pub differences: Vec<String>,
}

/// The reasons, in the order of the file.
pub fn reasons() -> Vec<Reason> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Listed {
        because: Vec<Reason>,
    }
    let Listed { because } = toml::from_str(include_str!("differences.toml")).unwrap();
    because
}

#[test]
fn what_differs_is_seen() {
    let documented = r#"
        [[shape]]
        name = "x"
        requests = ["y"]
        source = "https://learn.microsoft.com"
        [shape.fields]
        token_type = { type = "string", is = "Bearer" }
        expires_in = { type = "number" }
        at = { type = "string", is = "{base}/x" }
        list = { type = "array", is = ["a", "b"] }
        maybe = { type = ["string", "null"], optional = true }
        id = { type = "string", form = "guid" }
        when = { type = "string", form = "timestamp" }
        told = { type = "string", form = "description" }
        seconds = { type = "string", form = "seconds" }
        token = { type = "string", form = "jwt" }
    "#;
    let Documented { shape } = toml::from_str(documented).unwrap();
    let differences = |answer: Value| {
        let found = shape[0].differences(answer.as_object().unwrap(), &[("{base}", "https://here")]);
        found.into_iter().collect::<Vec<_>>()
    };
    let mut answer = serde_json::json!({
        "token_type": "Bearer", "expires_in": 1, "at": "https://here/x", "list": ["b", "a"], "maybe": null,
        "id": "0000aaaa-11bb-cccc-dd22-eeeeee333333", "when": "2016-01-09 02:02:12Z", "seconds": "3599",
        "told": "AADSTS70011: No.\r\nTrace ID: x\r\nCorrelation ID: x\r\nTimestamp: x", "token": "eyJh.eyJi.c",
    });
    assert_eq!(differences(answer.clone()), [] as [&str; 0]);
    for (name, value, wanted) in [
        ("token_type", "bearer".into(), "token_type: `bearer`, not `Bearer`"),
        ("expires_in", "1".into(), "expires_in: string, not number"),
        ("at", "https://there/x".into(), "at: `https://there/x`, not `https://here/x`"),
        ("list", serde_json::json!(["a", "c"]), "list: lacks b, adds c"),
        ("list", serde_json::json!(["a"]), "list: lacks b"),
        ("maybe", 1.into(), "maybe: number, not string or null"),
        ("id", "0000aaaa".into(), "id: no guid"),
        ("when", "2016-01-09T02:02:12Z".into(), "when: no timestamp"),
        ("told", "AADSTS70011: No.".into(), "told: no description"),
        ("seconds", "soon".into(), "seconds: no seconds"),
        ("token", "abc".into(), "token: no jwt"),
        ("more", 1.into(), "more: added"),
    ] {
        let before = answer.as_object_mut().unwrap().insert(name.to_owned(), value);
        let found = differences(answer.clone());
        assert_eq!(found, [wanted]);
        match before {
            Some(before) => _ = answer.as_object_mut().unwrap().insert(name.to_owned(), before),
            None => _ = answer.as_object_mut().unwrap().remove(name),
        }
    }
    answer.as_object_mut().unwrap().remove("at");
    assert_eq!(differences(answer), ["at: missing"]);
}
