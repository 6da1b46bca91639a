//! Whole queries against a schema like Graph's, and the rows that they are tried on.

mod forms;
mod index;
mod properties;
mod rows;

use jiff::Timestamp;

use crate::{
    Case, EnumType, Kind, Property, Query, QueryError, QueryOptions, Row, StructuredType, SystemOption, Value,
};

const TEXT: Kind = Kind::String(Case::Matters);
const ID: Kind = Kind::String(Case::Ignored);

static METHOD: EnumType =
    EnumType { name: "test.method", members: &[("store", 0), ("organization", 1), ("sideloaded", 2)] };
static SCOPES: EnumType =
    EnumType { name: "test.scopes", members: &[("team", 1), ("groupChat", 2), ("personal", 4)] };
static BOT: StructuredType = StructuredType { name: "test.bot", properties: &[Property::one("id", ID)] };
static AUTHORIZATION: StructuredType =
    StructuredType { name: "test.authorization", properties: &[Property::one("clientAppId", ID)] };
static DEFINITION: StructuredType = StructuredType {
    name: "test.definition",
    properties: &[
        Property::one("id", ID),
        Property::one("teamsAppId", ID),
        Property::one("displayName", TEXT),
        Property::one("allowedInstallationScopes", Kind::Flags(&SCOPES)),
        Property::one("authorization", Kind::Complex(&AUTHORIZATION)),
        Property::one("lastModifiedDateTime", Kind::DateTimeOffset),
        Property::many("tags", TEXT),
        Property::one("bot", Kind::Navigation(&BOT)),
        Property::many("dashboardCards", Kind::Navigation(&BOT)),
    ],
};
static APP: StructuredType = StructuredType {
    name: "test.app",
    properties: &[
        Property::one("id", ID),
        Property::one("externalId", ID),
        Property::one("displayName", TEXT),
        Property::one("distributionMethod", Kind::Enum(&METHOD)),
        Property::one("size", Kind::Int32),
        Property::one("isBlocked", Kind::Boolean).on_request(),
        Property::many("appDefinitions", Kind::Navigation(&DEFINITION)),
    ],
};
static INSTALLATION: StructuredType = StructuredType {
    name: "test.installation",
    properties: &[
        Property::one("id", ID),
        Property::one("consentedPermissionSet", Kind::Complex(&AUTHORIZATION)).on_request(),
        Property::one("teamsAppDefinition", Kind::Navigation(&DEFINITION)),
        Property::one("teamsApp", Kind::Navigation(&APP)),
    ],
};

/// What a property of a [`Node`] holds.
#[derive(Clone, Debug)]
enum Field {
    Null,
    Boolean(bool),
    Integer(i64),
    Text(String),
    Time(Timestamp),
    Flags(u32),
    Row(Node),
    Many(Vec<Field>),
}

impl Field {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(value) => Value::Boolean(*value),
            Self::Integer(value) => Value::Integer(*value),
            Self::Text(text) => text.as_str().into(),
            Self::Time(time) => Value::Time(*time),
            Self::Flags(bits) => Value::Flags(*bits),
            Self::Row(node) => Value::Row(Box::new(node)),
            Self::Many(fields) => Value::Many(fields.iter().map(Self::value).collect()),
        }
    }
}

/// A row of named fields; what is not named is null.
#[derive(Clone, Debug)]
struct Node(Vec<(&'static str, Field)>);

impl Node {
    fn field(&self, name: &str) -> Field {
        self.0.iter().find(|(known, _)| *known == name).map_or(Field::Null, |(_, field)| field.clone())
    }
}

impl Row for Node {
    fn value(&self, property: &'static Property) -> Value<'_> {
        self.0.iter().find(|(name, _)| *name == property.name).map_or(Value::Null, |(_, field)| field.value())
    }
}

fn text(text: &str) -> Field {
    Field::Text(text.to_owned())
}

const SERVED: &[SystemOption] = &[
    SystemOption::Filter,
    SystemOption::Select,
    SystemOption::Expand,
    SystemOption::Top,
    SystemOption::Skip,
    SystemOption::SkipToken,
    SystemOption::Count,
    SystemOption::OrderBy,
    SystemOption::Search,
];

fn bind(raw: &str, on: &'static StructuredType) -> Result<Query, QueryError> {
    Query::bind(QueryOptions::parse(raw)?, on, SERVED)
}

fn matches(raw: &str, on: &'static StructuredType, row: &Node) -> bool {
    bind(raw, on).unwrap_or_else(|error| panic!("{raw}: {error}")).filter.unwrap().matches(row)
}
