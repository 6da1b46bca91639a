//! Rows in JSON, as the test itself says them: for the evaluator, and in the form in which an answer shows them.

use serde_json::{Map, Value as Json, json};
use slipway_odata::{Kind, Property, Row, Shape, StructuredType, Value};

/// An object whose names are those of a type's properties.
pub struct JsonRow<'a>(pub &'a Json);

impl Row for JsonRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        value(property.kind, &self.0[property.name])
    }
}

fn value(kind: Kind, json: &Json) -> Value<'_> {
    match (json, kind) {
        (Json::Null, _) => Value::Null,
        (Json::Bool(value), _) => Value::Boolean(*value),
        (Json::Number(bits), Kind::Flags(_)) => Value::Flags(u32::try_from(bits.as_u64().unwrap()).unwrap()),
        (Json::Number(number), _) => Value::Integer(number.as_i64().unwrap()),
        (Json::String(text), Kind::DateTimeOffset) => Value::Time(text.parse().unwrap()),
        (Json::String(text), _) => text.as_str().into(),
        (Json::Array(elements), _) => {
            Value::Many(elements.iter().map(|element| value(kind, element)).collect())
        }
        (Json::Object(_), _) => Value::Row(Box::new(JsonRow(json))),
    }
}

/// What an answer shows of a row, without control information other than counts.
pub fn shown(kind: &StructuredType, shape: &Shape, row: &dyn Row) -> Json {
    let mut object = Map::new();
    for property in shape.properties(kind) {
        object.insert(property.name.to_owned(), json_of(property, &Shape::default(), row.value(property)));
    }
    for expansion in &shape.expand {
        let property = expansion.property;
        let value = match row.value(property) {
            Value::Null => continue,
            Value::Many(entities) => {
                let (entities, count) = expansion.apply(entities);
                if let Some(count) = count {
                    object.insert(format!("{}@odata.count", property.name), json!(count));
                }
                Value::Many(entities)
            }
            value => value,
        };
        object.insert(property.name.to_owned(), json_of(property, &expansion.shape, value));
    }
    Json::Object(object)
}

fn json_of(property: &Property, shape: &Shape, value: Value<'_>) -> Json {
    match (value, property.kind) {
        (Value::Null, _) => Json::Null,
        (Value::Boolean(value), _) => json!(value),
        (Value::Integer(value), _) => json!(value),
        (Value::Text(text), _) => json!(text),
        (Value::Time(time), _) => json!(time.strftime("%Y-%m-%dT%H:%M:%S%.7fZ").to_string()),
        (Value::Flags(bits), Kind::Flags(kind)) => {
            let set = kind.members.iter().filter(|(_, bit)| bits & bit != 0);
            json!(set.map(|(name, _)| *name).collect::<Vec<_>>().join(","))
        }
        (Value::Row(row), Kind::Complex(kind) | Kind::Navigation(kind)) => shown(kind, shape, &*row),
        (Value::Many(values), _) => {
            Json::Array(values.into_iter().map(|value| json_of(property, shape, value)).collect())
        }
        (Value::Flags(_) | Value::Row(_), _) => unreachable!("{} has another kind", property.name),
    }
}

/// The same of an answer's row: without control information other than counts.
pub fn bare(answered: &Json) -> Json {
    match answered {
        Json::Object(members) => {
            let kept = members.iter().filter(|(name, _)| !is_control(name));
            Json::Object(kept.map(|(name, value)| (name.clone(), bare(value))).collect())
        }
        Json::Array(elements) => Json::Array(elements.iter().map(bare).collect()),
        other => other.clone(),
    }
}

fn is_control(name: &str) -> bool {
    name.contains("@odata.") && !name.ends_with("@odata.count")
}
