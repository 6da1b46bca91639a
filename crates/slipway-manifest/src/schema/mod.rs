//! Microsoft's manifest schema as a table, and the walk that compares a manifest with it.
//!
//! One table stands for the schemas 1.0 to 1.30: what any of them allows is allowed, so that a manifest which
//! names an old version and uses a newer property, as published ones do, is taken.

mod office;
mod pattern;
mod teams;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::findings::{Findings, Rule};
use crate::manifest::SchemaVersion;
use crate::node::{Node, is_longer};
use pattern::Pattern;

pub use pattern::{GUID, URL};
pub use teams::MANIFEST;

/// What a value may be.
#[derive(Clone, Copy)]
pub enum Shape {
    /// Anything: it is judged elsewhere, by the service's own rules.
    Any,
    /// Text of `least` to `most` characters.
    Text { least: usize, most: usize },
    /// Text of `least` to `most` characters in a form.
    Form { pattern: &'static Pattern, least: usize, most: usize },
    /// An absolute URI.
    Uri,
    /// The name of a file in the package.
    File,
    /// One of the words; case is not looked at, since published manifests differ in it (`groupchat`).
    Word(&'static [&'static str]),
    /// One of the numbers.
    Size(&'static [u64]),
    /// True or false.
    Bool,
    /// A whole number up to `most`.
    Integer { most: f64 },
    /// A number from `least` to `most`.
    Number { least: f64, most: f64 },
    /// A list of `least` to `most` items.
    List { item: &'static Shape, least: usize, most: usize, items: Items },
    /// A shape that is looked at in numbered schemas only: previews change it from one to the next.
    Released(&'static Shape),
    /// An object.
    Object { properties: &'static [Property], others: Others, least: usize, also: &'static [Also] },
}

/// Whether items of a list may be the same.
#[derive(Clone, Copy)]
pub enum Items {
    Unique,
    Repeated,
}

/// Whether an object may have properties that are not in the table.
#[derive(Clone, Copy)]
pub enum Others {
    Refused,
    Allowed,
}

/// A property of an object.
#[derive(Clone, Copy)]
pub struct Property {
    name: &'static str,
    required: bool,
    shape: Shape,
}

/// A condition on an object as a whole.
#[derive(Clone, Copy)]
pub struct Also {
    rule: Rule,
    holds: fn(&Node<'_>) -> bool,
}

const ANY: Shape = Shape::Any;
const BOOL: Shape = Shape::Bool;
/// Text of any length.
const TEXT: Shape = text(usize::MAX);

const fn text(most: usize) -> Shape {
    text_of(0, most)
}

const fn text_of(least: usize, most: usize) -> Shape {
    Shape::Text { least, most }
}

const fn form(pattern: &'static Pattern) -> Shape {
    form_of(pattern, 0, usize::MAX)
}

const fn form_of(pattern: &'static Pattern, least: usize, most: usize) -> Shape {
    Shape::Form { pattern, least, most }
}

const fn one_of(words: &'static [&'static str]) -> Shape {
    Shape::Word(words)
}

const fn list(most: usize, item: &'static Shape) -> Shape {
    list_of(0, most, item)
}

const fn list_of(least: usize, most: usize, item: &'static Shape) -> Shape {
    Shape::List { item, least, most, items: Items::Repeated }
}

const fn unique(most: usize, item: &'static Shape) -> Shape {
    Shape::List { item, least: 0, most, items: Items::Unique }
}

const fn object(properties: &'static [Property]) -> Shape {
    Shape::Object { properties, others: Others::Refused, least: 0, also: &[] }
}

const fn open(properties: &'static [Property]) -> Shape {
    Shape::Object { properties, others: Others::Allowed, least: 0, also: &[] }
}

/// An object with at least one property.
const fn filled(properties: &'static [Property], others: Others) -> Shape {
    Shape::Object { properties, others, least: 1, also: &[] }
}

impl Shape {
    /// An object with conditions on it as a whole.
    const fn also(self, also: &'static [Also]) -> Self {
        match self {
            Self::Object { properties, others, least, .. } => {
                Self::Object { properties, others, least, also }
            }
            other => other,
        }
    }
}

const fn must(name: &'static str, shape: Shape) -> Property {
    Property { name, required: true, shape }
}

const fn may(name: &'static str, shape: Shape) -> Property {
    Property { name, required: false, shape }
}

/// A walk through a manifest.
pub struct Walk<'a> {
    version: SchemaVersion,
    findings: &'a mut Findings,
    files: Vec<NamedFile>,
}

/// A file that the manifest names.
pub struct NamedFile {
    pub name: String,
    /// Where it does.
    pub target: String,
}

impl<'a> Walk<'a> {
    pub fn new(version: SchemaVersion, findings: &'a mut Findings) -> Self {
        Self { version, findings, files: Vec::new() }
    }

    /// Compares the value with the shape and gives the files that it names; a value that is absent is of every
    /// shape.
    pub fn files_of(mut self, shape: &Shape, node: &Node<'_>) -> Vec<NamedFile> {
        self.visit(shape, node);
        self.files
    }

    fn visit(&mut self, shape: &Shape, node: &Node<'_>) {
        let Some(value) = node.value() else { return };
        match *shape {
            Shape::Any => {}
            Shape::Text { least, most } => drop(self.text(node, least, most)),
            Shape::Form { pattern, least, most } => {
                if let Some(text) = self.text(node, least, most).filter(|text| !(pattern.fits)(text)) {
                    self.findings.pattern(text, pattern.text, &node.path);
                }
            }
            Shape::Uri => {
                // Blank text counts as missing, for which the service has a code of its own.
                let wrong = |text: &&str| !text.trim().is_empty() && !pattern::is_uri(text);
                if let Some(text) = self.text(node, 0, usize::MAX).filter(wrong) {
                    self.findings.format(text, "uri", &node.path);
                }
            }
            Shape::File => {
                if let Some(name) = self.text(node, 0, pattern::MAX_REFERENCE) {
                    self.files.push(NamedFile { name: name.to_owned(), target: node.path.clone() });
                }
            }
            Shape::Word(words) => {
                let known = |text: &str| words.iter().any(|word| word.eq_ignore_ascii_case(text));
                if !value.as_str().is_some_and(known) {
                    self.findings.not_in_enum(value, &node.path);
                }
            }
            Shape::Size(sizes) => {
                if !value.as_u64().is_some_and(|size| sizes.contains(&size)) {
                    self.findings.not_in_enum(value, &node.path);
                }
            }
            Shape::Bool if value.is_boolean() => {}
            Shape::Bool => self.findings.wrong_type(value, "Boolean", &node.path),
            Shape::Integer { most } if value.is_i64() || value.is_u64() => {
                self.number(node, f64::NEG_INFINITY, most);
            }
            Shape::Integer { .. } => self.findings.wrong_type(value, "Integer", &node.path),
            Shape::Number { least, most } if value.is_number() => self.number(node, least, most),
            Shape::Number { .. } => self.findings.wrong_type(value, "Number", &node.path),
            Shape::List { .. } => self.list(shape, node, value),
            Shape::Released(shape) => {
                if matches!(self.version, SchemaVersion::Numbered(..)) {
                    self.visit(shape, node);
                }
            }
            Shape::Object { .. } => self.object(shape, node, value),
        }
    }

    /// The schemas know nothing of NUL characters, but nobody can keep them: a name with one is no name.
    fn text<'n>(&mut self, node: &Node<'n>, least: usize, most: usize) -> Option<&'n str> {
        let value = node.value()?;
        let Some(text) = value.as_str() else {
            self.findings.wrong_type(value, "String", &node.path);
            return None;
        };
        if text.contains('\0') {
            self.findings.pattern(text, pattern::NO_NUL, &node.path);
        }
        if text.chars().count() < least {
            self.findings.too_short(text, least, &node.path);
        } else if is_longer(text, most) {
            self.findings.too_long(text, most, &node.path);
        }
        Some(text)
    }

    fn number(&mut self, node: &Node<'_>, least: f64, most: f64) {
        let Some(number) = node.value().and_then(Value::as_f64) else { return };
        if number < least {
            self.findings.too_small(number, least, &node.path);
        } else if number > most {
            self.findings.too_large(number, most, &node.path);
        }
    }

    /// What lies beyond the longest length is not looked at.
    fn list(&mut self, shape: &Shape, node: &Node<'_>, value: &Value) {
        let Shape::List { item, least, most, items } = *shape else { return };
        let Some(values) = value.as_array() else {
            self.findings.wrong_type(value, "Array", &node.path);
            return;
        };
        if values.len() < least {
            self.findings.too_few(values.len(), least, &node.path);
        } else if values.len() > most {
            self.findings.too_many(values.len(), most, &node.path);
        }
        let mut seen = BTreeSet::new();
        if matches!(items, Items::Unique)
            && !values.iter().take(most).all(|value| seen.insert(value.to_string()))
        {
            self.findings.not_unique(&node.path);
        }
        for node in node.items().iter().take(most) {
            self.visit(item, node);
        }
    }

    fn object(&mut self, shape: &Shape, node: &Node<'_>, value: &Value) {
        let Shape::Object { properties, others, least, also } = *shape else { return };
        let Some(fields) = value.as_object() else {
            self.findings.wrong_type(value, "Object", &node.path);
            return;
        };
        for Property { name, required, shape } in properties {
            let field = node.field(name);
            if *required && field.is_absent() {
                self.findings.required(&field.path);
            }
            self.visit(shape, &field);
        }
        // Properties of 0.4 and of the previews are not known well enough to call one unknown.
        if matches!((others, self.version), (Others::Refused, SchemaVersion::Numbered(1, _))) {
            let known = |name: &str| properties.iter().any(|property| property.name == name);
            for name in fields.keys().filter(|name| !known(name)) {
                self.findings.unknown(name, &node.field(name).path);
            }
        }
        if fields.len() < least {
            self.findings.too_empty(fields.len(), least, &node.path);
        }
        for Also { rule, .. } in also.iter().filter(|also| !(also.holds)(node)) {
            self.findings.broken(*rule, &node.path);
        }
    }
}
