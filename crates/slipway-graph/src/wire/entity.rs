//! Writes entities and collections as OData JSON: what `$select` and `$expand` ask for, and no more.

use slipway_odata::{EnumType, Expansion, Kind, Property, Row, Shape, StructuredType, Value};

use super::json::Json;
use super::metadata::Metadata;
use crate::call::Call;
use crate::reply::Content;

/// A row that says of which type it is.
pub(crate) trait Typed: Row {
    /// The type.
    fn kind(&self) -> &'static StructuredType;
}

/// Writes answers about one collection.
pub(crate) struct Writer<'a> {
    /// Address of the service, such as `https://localhost:8365/v1.0`.
    root: String,
    metadata: Metadata,
    /// Path of the collection as `@odata.context` shows it, such as `appCatalogs/teamsApps`.
    path: String,
    kind: &'static StructuredType,
    shape: &'a Shape,
    count: Option<u64>,
    next_link: Option<String>,
}

impl<'a> Writer<'a> {
    /// Writes rows of the type for the call; `path` is that of their collection in `@odata.context`.
    pub(crate) fn new(
        call: &Call,
        path: impl Into<String>,
        kind: &'static StructuredType,
        shape: &'a Shape,
    ) -> Self {
        let (root, metadata) = (call.service_root(), call.metadata());
        Self { root, metadata, path: path.into(), kind, shape, count: None, next_link: None }
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

    /// One entity of the collection.
    pub(crate) fn entity(&self, row: &dyn Row) -> Content {
        let mut json = Json::default();
        json.open(b'{');
        self.context(&mut json, "/$entity");
        self.root_entity(&mut json, self.kind, row);
        json.close(b'}');
        Content::OData(self.metadata, json.0)
    }

    /// A collection.
    pub(crate) fn collection<R: Row>(&self, rows: impl Iterator<Item = R>) -> Content {
        self.list(rows, |json, row| self.root_entity(json, self.kind, &row))
    }

    /// A collection of rows of several types, each of which says which it is of.
    pub(crate) fn typed_collection(&self, rows: &[impl Typed]) -> Content {
        self.list(rows.iter(), |json, row| {
            if self.metadata == Metadata::Minimal {
                json.field("@odata.type", &format!("#{}", row.kind().name));
            }
            self.root_entity(json, row.kind(), row);
        })
    }

    fn list<R>(&self, rows: impl Iterator<Item = R>, write: impl Fn(&mut Json, R)) -> Content {
        let mut json = Json::default();
        json.open(b'{');
        self.context(&mut json, "");
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
        Content::OData(self.metadata, json.0)
    }

    fn context(&self, json: &mut Json, end: &str) {
        if self.metadata != Metadata::None {
            let Self { root, path, shape, .. } = self;
            json.field("@odata.context", &format!("{root}/$metadata#{path}{}{end}", shape.context_suffix()));
        }
    }

    /// An entity of the collection that the answer is about.
    fn root_entity(&self, json: &mut Json, kind: &StructuredType, row: &dyn Row) {
        if self.metadata == Metadata::Full {
            json.field("@odata.type", &format!("#{}", kind.name));
            if let Some(id) = id_of(kind, row) {
                let address = format!("{}('{id}')", self.path);
                json.field("@odata.id", &format!("{}/{address}", self.root));
                json.field("@odata.editLink", &address);
            }
        }
        self.properties(json, kind, self.shape, row);
    }

    fn properties(&self, json: &mut Json, kind: &StructuredType, shape: &Shape, row: &dyn Row) {
        for property in shape.properties(kind) {
            // A list of several types may be asked for what only one of them has.
            if shape.select.is_some() && kind.property(property.name).is_none() {
                continue;
            }
            let value = row.value(property);
            // Control information that a type declares, such as the type of a value, goes with the level too.
            if property.name.starts_with('@')
                && (self.metadata == Metadata::None || matches!(value, Value::Null))
            {
                continue;
            }
            self.type_of(json, property, &value);
            json.name(property.name);
            self.value(json, property, &Shape::default(), value);
        }
        for expansion in &shape.expand {
            self.expanded(json, expansion, (kind, row));
        }
    }

    /// The type of a value that JSON does not tell; full metadata says it.
    fn type_of(&self, json: &mut Json, property: &Property, value: &Value<'_>) {
        if self.metadata != Metadata::Full || matches!(value, Value::Null | Value::Row(_)) {
            return;
        }
        let name = match property.kind {
            Kind::String(_) | Kind::Boolean | Kind::Navigation(_) if !property.many => return,
            kind => kind.type_name().trim_start_matches("Edm."),
        };
        let name = if property.many { format!("#Collection({name})") } else { format!("#{name}") };
        json.field(&format!("{}@odata.type", property.name), &name);
    }

    /// A single entity that is not there is left out, as Graph does with `bot`.
    fn expanded(&self, json: &mut Json, expansion: &Expansion, (kind, row): (&StructuredType, &dyn Row)) {
        let property = expansion.property;
        let (value, count) = match row.value(property) {
            Value::Null => return,
            Value::Many(entities) => {
                let (entities, count) = expansion.apply(entities);
                (Value::Many(entities), count)
            }
            value => (value, None),
        };
        let name = property.name;
        if property.many
            && self.metadata != Metadata::None
            && let Some(id) = id_of(kind, row)
        {
            let suffix = expansion.shape.context_suffix();
            let context = format!("{}/$metadata#{}('{id}')/{name}{suffix}", self.root, self.path);
            json.field(&format!("{name}@odata.context"), &context);
        }
        if let Some(count) = count {
            json.field(&format!("{name}@odata.count"), &count);
        }
        json.name(name);
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
                    if self.metadata == Metadata::Full && kind.property("@odata.type").is_none() {
                        json.field("@odata.type", &format!("#{}", kind.name));
                    }
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

fn id_of<'r>(kind: &StructuredType, row: &'r dyn Row) -> Option<std::borrow::Cow<'r, str>> {
    match kind.property("id").map(|id| row.value(id)) {
        Some(Value::Text(id)) => Some(id),
        _ => None,
    }
}

/// The names of the set bits, as in `team,personal`.
fn flags(kind: Kind, bits: u32) -> String {
    let Kind::Flags(EnumType { members, .. }) = kind else { return String::new() };
    let names: Vec<_> = members.iter().filter(|(_, bit)| bits & bit != 0).map(|(name, _)| *name).collect();
    names.join(",")
}
