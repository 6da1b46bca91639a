//! Every type that a path or a property leads to, with what it does not have from its base.

use std::collections::{BTreeMap, BTreeSet};
use std::ptr;

use slipway_odata::{EnumType, Kind, Property, StructuredType};

use super::tables;
use crate::operation::ApiVersion;

/// The namespace of all types.
const NAMESPACE: &str = "microsoft.graph.";

/// A name without its namespace.
pub(super) fn short(name: &'static str) -> &'static str {
    name.strip_prefix(NAMESPACE).unwrap_or(name)
}

/// Properties by their names.
pub(super) type Properties = BTreeMap<&'static str, Property>;

/// An entity type or a complex type.
#[derive(Default)]
pub(super) struct Declared {
    pub(super) base: Option<&'static StructuredType>,
    pub(super) properties: Properties,
}

/// An enumeration, and whether a value has several of its members.
pub(super) struct Enumeration {
    pub(super) kind: &'static EnumType,
    pub(super) is_flags: bool,
}

/// The types of a version, each under its name.
#[derive(Default)]
pub(super) struct Types {
    pub(super) entities: BTreeMap<&'static str, Declared>,
    pub(super) values: BTreeMap<&'static str, Declared>,
    pub(super) enumerations: BTreeMap<&'static str, Enumeration>,
    /// Tables that were read; a type may have several, one for each place where it is found.
    read: Vec<&'static StructuredType>,
}

impl Types {
    /// All of them.
    pub(super) fn of(version: ApiVersion) -> Self {
        let mut types = Self::default();
        for (_, kind) in tables::sets(version).into_iter().chain(tables::singletons()) {
            types.entity(kind, version);
        }
        types
    }

    fn entity(&mut self, kind: &'static StructuredType, version: ApiVersion) {
        if !self.is_new(kind) {
            return;
        }
        let name = short(kind.name);
        let base = tables::base_of_entity(name, version);
        let properties: Vec<_> =
            kind.properties.iter().copied().chain(tables::on_paths(name, version)).collect();
        self.follow(&properties, version);
        if let Some(base) = base {
            self.entity(base, version);
        }
        let mut inherited = BTreeSet::new();
        let mut above = base;
        while let Some(base) = above {
            inherited.extend(base.properties.iter().map(|property| property.name));
            above = tables::base_of_entity(short(base.name), version);
        }
        declare(self.entities.entry(name).or_default(), base, &properties, &inherited);
    }

    fn value(&mut self, kind: &'static StructuredType, version: ApiVersion) {
        if !self.is_new(kind) {
            return;
        }
        let name = short(kind.name);
        let base = tables::base_of_value(name);
        self.follow(kind.properties, version);
        if let Some(base) = base {
            self.value(base, version);
        }
        let inherited = base.map(|base| base.properties.iter().map(|property| property.name).collect());
        declare(self.values.entry(name).or_default(), base, kind.properties, &inherited.unwrap_or_default());
    }

    /// Goes on to the types of the properties.
    fn follow(&mut self, properties: &[Property], version: ApiVersion) {
        for property in properties {
            match property.kind {
                Kind::Navigation(kind) => self.entity(kind, version),
                Kind::Complex(kind) => self.value(kind, version),
                Kind::Enum(kind) => self.enumeration(Enumeration { kind, is_flags: false }),
                Kind::Flags(kind) => self.enumeration(Enumeration { kind, is_flags: true }),
                Kind::String(_) | Kind::Boolean | Kind::Int32 | Kind::DateTimeOffset | Kind::Binary => {}
            }
        }
    }

    fn enumeration(&mut self, enumeration: Enumeration) {
        self.enumerations.insert(short(enumeration.kind.name), enumeration);
    }

    fn is_new(&mut self, kind: &'static StructuredType) -> bool {
        let is_new = !self.read.iter().any(|read| ptr::eq(*read, kind));
        if is_new {
            self.read.push(kind);
        }
        is_new
    }
}

/// Adds the properties that are neither control information nor the base's.
fn declare(
    declared: &mut Declared,
    base: Option<&'static StructuredType>,
    properties: &[Property],
    inherited: &BTreeSet<&str>,
) {
    declared.base = base;
    let own = properties
        .iter()
        .filter(|property| !property.name.starts_with('@') && !inherited.contains(property.name));
    declared.properties.extend(own.map(|property| (property.name, *property)));
}
