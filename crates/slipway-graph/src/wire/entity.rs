//! Writes entities and collections as OData JSON: what `$select` and `$expand` ask for, and no more.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use slipway_odata::{EnumType, Expansion, Kind, Property, Row, Shape, StructuredType, Value};

use super::json::Json;
use super::metadata::Metadata;
use crate::call::Call;
use crate::reply::Content;

/// What Microsoft's samples have percent-encoded in keys: the ids of chats have it.
const ENCODED: &AsciiSet = &CONTROLS.add(b':').add(b'@');

/// A row that says of which type it is.
pub(crate) trait Typed: Row {
    /// The type.
    fn kind(&self) -> &'static StructuredType;
}

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
        format!("{}/{name}", self.address(row))
    }

    /// The path of the row.
    fn address(self, row: &dyn Row) -> String {
        let Self { kind, path, keyed } = self;
        match id_of(kind, row).filter(|_| keyed) {
            Some(id) => format!("{path}('{}')", utf8_percent_encode(&id, ENCODED)),
            None => path.to_owned(),
        }
    }
}

/// Writes answers about one collection.
pub(crate) struct Writer<'a> {
    /// Address of the service, such as `https://localhost:8365/v1.0`.
    root: String,
    metadata: Metadata,
    /// Path of the collection as `@odata.context` shows it, such as `appCatalogs/teamsApps`.
    path: String,
    keyed: bool,
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
        Self { root, metadata, path: path.into(), keyed: true, kind, shape, count: None, next_link: None }
    }

    /// The path is that of the one entity, and not of a collection.
    pub(crate) fn without_key(mut self) -> Self {
        self.keyed = false;
        self
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

    /// A value that an action returns; the path is the name of its type.
    pub(crate) fn value_of_type(&self, row: &dyn Row) -> Content {
        let mut json = Json::default();
        json.open(b'{');
        self.context(&mut json, "");
        self.annotations(&mut json, self.kind, row);
        self.properties(
            &mut json,
            Place { kind: self.kind, path: &self.path, keyed: false },
            self.shape,
            row,
        );
        json.close(b'}');
        Content::OData(self.metadata, json.0)
    }

    /// One property of an entity of the collection.
    pub(crate) fn property(&self, row: &dyn Row, property: &'static Property) -> Content {
        let place = Place { kind: self.kind, path: &self.path, keyed: self.keyed };
        let mut json = Json::default();
        json.open(b'{');
        if self.metadata != Metadata::None {
            let context = format!("{}/$metadata#{}", self.root, place.below(row, property.name));
            json.field("@odata.context", &context);
        }
        json.name("value");
        self.value(&mut json, (property, ""), &Shape::default(), row.value(property));
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
    fn root_entity(&self, json: &mut Json, kind: &'static StructuredType, row: &dyn Row) {
        let place = Place { kind, path: &self.path, keyed: self.keyed };
        self.annotations(json, kind, row);
        if self.metadata == Metadata::Full {
            let address = place.address(row);
            json.field("@odata.id", &format!("{}/{address}", self.root));
            json.field("@odata.editLink", &address);
        }
        self.properties(json, place, self.shape, row);
    }

    /// Control information such as `@odata.etag`, which is written whatever is selected, where there is some. The type
    /// comes first: readers of a stream need it there.
    fn annotations(&self, json: &mut Json, kind: &'static StructuredType, row: &dyn Row) {
        if self.metadata == Metadata::None {
            return;
        }
        let declared = kind.properties.iter().filter(|property| is_annotation(property));
        let says_type = declared
            .clone()
            .any(|property| property.name == "@odata.type" && !matches!(row.value(property), Value::Null));
        if self.metadata == Metadata::Full && !says_type {
            json.field("@odata.type", &format!("#{}", kind.name));
        }
        for annotation in declared {
            if let Value::Text(text) = row.value(annotation) {
                json.field(annotation.name, &text);
            }
        }
    }

    fn properties(&self, json: &mut Json, place: Place<'_>, shape: &Shape, row: &dyn Row) {
        for property in shape.properties(place.kind).filter(|property| !is_annotation(property)) {
            // A list of several types may be asked for what only one of them has.
            if shape.select.is_some() && place.kind.property(property.name).is_none() {
                continue;
            }
            let value = row.value(property);
            self.type_of(json, property, &value);
            json.name(property.name);
            self.value(json, (property, ""), &Shape::default(), value);
        }
        for expansion in &shape.expand {
            self.expanded(json, expansion, (place, row));
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
    fn expanded(&self, json: &mut Json, expansion: &Expansion, (place, row): (Place<'_>, &dyn Row)) {
        let (property, shape) = (expansion.property, &expansion.shape);
        let (value, count) = match row.value(property) {
            Value::Null => return,
            Value::Many(entities) => {
                let (entities, count) = expansion.apply(entities);
                (Value::Many(entities), count)
            }
            value => (value, None),
        };
        let name = property.name;
        let shown = property.many || !shape.expand.is_empty();
        let path = if shown { place.below(row, name) } else { String::new() };
        if property.many && self.metadata != Metadata::None {
            let context = format!("{}/$metadata#{path}{}", self.root, shape.context_suffix());
            json.field(&format!("{name}@odata.context"), &context);
        }
        if let Some(count) = count {
            json.field(&format!("{name}@odata.count"), &count);
        }
        json.name(name);
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
                    self.annotations(json, kind, &*row);
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

/// Whether the property is control information that a type declares.
fn is_annotation(property: &Property) -> bool {
    property.name.starts_with('@')
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
