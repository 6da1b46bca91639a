//! Writes entities and collections as OData JSON: what `$select` and `$expand` ask for, and no more.

use serde::Serialize;
use slipway_odata::{EnumType, Expansion, Kind, Property, Row, Shape, StructuredType, Value};

/// Where entities stand.
#[derive(Clone, Copy)]
struct Place<'p> {
    kind: &'static StructuredType,
    /// Path as `@odata.context` shows it.
    path: &'p str,
    /// Whether it is a collection's, in which entities stand under their ids.
    keyed: bool,
}

impl Place<'_> {
    /// The path of a navigation property of the row.
    fn below(self, row: &dyn Row, name: &str) -> String {
        let Self { kind, path, keyed } = self;
        let id = kind.property("id").filter(|_| keyed).map(|id| row.value(id));
        match id {
            Some(Value::Text(id)) => format!("{path}('{id}')/{name}"),
            _ => format!("{path}/{name}"),
        }
    }
}

/// Properties such as `@odata.etag` say something about the entity: they come first, whatever is selected, and are
/// left out when they have no value.
fn is_annotation(property: &Property) -> bool {
    property.name.starts_with('@')
}

/// Writes answers about one collection.
pub(crate) struct Writer<'a> {
    /// Address of the service, such as `https://localhost:8365/v1.0`.
    root: String,
    /// Path of the collection as `@odata.context` shows it, such as `appCatalogs/teamsApps`.
    path: String,
    kind: &'static StructuredType,
    shape: &'a Shape,
    count: Option<u64>,
    next_link: Option<String>,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(
        root: String,
        path: impl Into<String>,
        kind: &'static StructuredType,
        shape: &'a Shape,
    ) -> Self {
        Self { root, path: path.into(), kind, shape, count: None, next_link: None }
    }

    /// With `@odata.count`.
    pub(crate) fn count(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }

    /// With `@odata.nextLink`.
    pub(crate) fn next_link(mut self, link: String) -> Self {
        self.next_link = Some(link);
        self
    }

    /// One entity.
    pub(crate) fn entity(&self, row: &dyn Row) -> Vec<u8> {
        let mut json = Json::default();
        json.open(b'{');
        json.field("@odata.context", &format!("{}/$entity", self.context()));
        self.properties(&mut json, self.place(), self.shape, row);
        json.close(b'}');
        json.0
    }

    /// A collection.
    pub(crate) fn collection<R: Row>(&self, rows: impl Iterator<Item = R>) -> Vec<u8> {
        let mut json = Json::default();
        json.open(b'{');
        json.field("@odata.context", &self.context());
        if let Some(count) = self.count {
            json.field("@odata.count", &count);
        }
        if let Some(link) = &self.next_link {
            json.field("@odata.nextLink", link);
        }
        json.name("value");
        json.open(b'[');
        for row in rows {
            json.separate();
            json.open(b'{');
            self.properties(&mut json, self.place(), self.shape, &row);
            json.close(b'}');
        }
        json.close(b']');
        json.close(b'}');
        json.0
    }

    fn context(&self) -> String {
        format!("{}/$metadata#{}{}", self.root, self.path, self.shape.context_suffix())
    }

    fn place(&self) -> Place<'_> {
        Place { kind: self.kind, path: &self.path, keyed: true }
    }

    fn properties(&self, json: &mut Json, place: Place<'_>, shape: &Shape, row: &dyn Row) {
        for annotation in place.kind.properties.iter().filter(|property| is_annotation(property)) {
            if let Value::Text(text) = row.value(annotation) {
                json.field(annotation.name, &text);
            }
        }
        for property in shape.properties(place.kind).filter(|property| !is_annotation(property)) {
            json.name(property.name);
            self.value(json, (property, ""), &Shape::default(), row.value(property));
        }
        for expansion in &shape.expand {
            self.expanded(json, place, expansion, row);
        }
    }

    /// A single entity that is not there is left out, as Graph does with `bot`.
    fn expanded(&self, json: &mut Json, place: Place<'_>, expansion: &Expansion, row: &dyn Row) {
        let (property, shape) = (expansion.property, &expansion.shape);
        let value = row.value(property);
        if matches!(value, Value::Null) {
            return;
        }
        let shown = property.many || !shape.expand.is_empty();
        let path = if shown { place.below(row, property.name) } else { String::new() };
        if property.many {
            let context = format!("{}/$metadata#{path}{}", self.root, shape.context_suffix());
            json.field(&format!("{}@odata.context", property.name), &context);
        }
        json.name(property.name);
        self.value(json, (property, &path), shape, value);
    }

    /// A value of the property, whose path matters for what is expanded in it.
    fn value(&self, json: &mut Json, (property, path): (&Property, &str), shape: &Shape, value: Value<'_>) {
        match value {
            Value::Null => json.scalar(&()),
            Value::Boolean(value) => json.scalar(&value),
            Value::Integer(value) => json.scalar(&value),
            Value::Text(value) => json.scalar(&value),
            // Seven digits, as the service writes them.
            Value::Time(value) => json.scalar(&value.strftime("%Y-%m-%dT%H:%M:%S%.7fZ").to_string()),
            Value::Flags(bits) => json.scalar(&flags(property.kind, bits)),
            Value::Row(row) => {
                json.open(b'{');
                if let Kind::Complex(kind) | Kind::Navigation(kind) = property.kind {
                    self.properties(json, Place { kind, path, keyed: property.many }, shape, &*row);
                }
                json.close(b'}');
            }
            Value::Many(values) => {
                json.open(b'[');
                for value in values {
                    json.separate();
                    self.value(json, (property, path), shape, value);
                }
                json.close(b']');
            }
        }
    }
}

/// The names of the set bits, as in `team,personal`.
fn flags(kind: Kind, bits: u32) -> String {
    let Kind::Flags(EnumType { members, .. }) = kind else { return String::new() };
    let names: Vec<_> = members.iter().filter(|(_, bit)| bits & bit != 0).map(|(name, _)| *name).collect();
    names.join(",")
}

/// JSON text in the making.
#[derive(Default)]
struct Json(Vec<u8>);

impl Json {
    fn open(&mut self, bracket: u8) {
        self.0.push(bracket);
    }

    fn close(&mut self, bracket: u8) {
        self.0.push(bracket);
    }

    /// A comma, unless this is the first of its kind.
    fn separate(&mut self) {
        if !matches!(self.0.last(), None | Some(b'{' | b'[' | b':')) {
            self.0.push(b',');
        }
    }

    fn name(&mut self, name: &str) {
        self.separate();
        self.scalar(&name);
        self.0.push(b':');
    }

    fn field(&mut self, name: &str, value: &impl Serialize) {
        self.name(name);
        self.scalar(value);
    }

    fn scalar(&mut self, value: &(impl Serialize + ?Sized)) {
        // Writing text and numbers to memory cannot fail.
        let _ = serde_json::to_writer(&mut self.0, value);
    }
}
