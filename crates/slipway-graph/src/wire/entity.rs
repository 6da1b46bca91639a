//! Writes entities and collections as OData JSON: what `$select` and `$expand` ask for, and no more.

use serde::Serialize;
use slipway_odata::{EnumType, Expansion, Kind, Property, Row, Shape, StructuredType, Value};

/// A row that says of which type it is.
pub(crate) trait Typed: Row {
    /// The type.
    fn kind(&self) -> &'static StructuredType;
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

    /// With `@odata.count`, if there is one.
    pub(crate) fn count(mut self, count: impl Into<Option<u64>>) -> Self {
        self.count = count.into();
        self
    }

    /// With `@odata.nextLink`, if there is one.
    pub(crate) fn next_link(mut self, link: impl Into<Option<String>>) -> Self {
        self.next_link = link.into();
        self
    }

    /// One entity.
    pub(crate) fn entity(&self, row: &dyn Row) -> Vec<u8> {
        let mut json = Json::default();
        json.open(b'{');
        json.field("@odata.context", &format!("{}/$entity", self.context()));
        self.properties(&mut json, self.kind, self.shape, row);
        json.close(b'}');
        json.0
    }

    /// A collection.
    pub(crate) fn collection<R: Row>(&self, rows: impl Iterator<Item = R>) -> Vec<u8> {
        self.list(rows, |json, row| self.properties(json, self.kind, self.shape, &row))
    }

    /// A collection of rows of several types. Those that the collection is not named after say which they are of.
    pub(crate) fn typed_collection(&self, rows: &[impl Typed]) -> Vec<u8> {
        self.list(rows.iter(), |json, row| {
            let kind = row.kind();
            json.field("@odata.type", &format!("#{}", kind.name));
            self.properties(json, kind, self.shape, row);
        })
    }

    fn list<R>(&self, rows: impl Iterator<Item = R>, write: impl Fn(&mut Json, R)) -> Vec<u8> {
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
            write(&mut json, row);
            json.close(b'}');
        }
        json.close(b']');
        json.close(b'}');
        json.0
    }

    fn context(&self) -> String {
        format!("{}/$metadata#{}{}", self.root, self.path, self.shape.context_suffix())
    }

    fn properties(&self, json: &mut Json, kind: &StructuredType, shape: &Shape, row: &dyn Row) {
        for property in shape.properties(kind) {
            json.name(property.name);
            self.value(json, property, &Shape::default(), row.value(property));
        }
        for expansion in &shape.expand {
            self.expanded(json, expansion, row);
        }
    }

    /// A single entity that is not there is left out, as Graph does with `bot`.
    fn expanded(&self, json: &mut Json, expansion: &Expansion, row: &dyn Row) {
        let property = expansion.property;
        let value = row.value(property);
        if matches!(value, Value::Null) {
            return;
        }
        if property.many {
            let id = self.kind.property("id").map(|id| row.value(id));
            if let Some(Value::Text(id)) = id {
                let suffix = expansion.shape.context_suffix();
                let (root, path, name) = (&self.root, &self.path, property.name);
                let context = format!("{root}/$metadata#{path}('{id}')/{name}{suffix}");
                json.field(&format!("{name}@odata.context"), &context);
            }
        }
        json.name(property.name);
        self.value(json, property, &expansion.shape, value);
    }

    fn value(&self, json: &mut Json, property: &Property, shape: &Shape, value: Value<'_>) {
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
                    self.properties(json, kind, shape, &*row);
                }
                json.close(b'}');
            }
            Value::Many(values) => {
                json.open(b'[');
                for value in values {
                    json.separate();
                    self.value(json, property, shape, value);
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
