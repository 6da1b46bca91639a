//! A filter bound to a type: the tree that is evaluated.

use jiff::Timestamp;

use crate::{Case, Operator, Property, Quantifier};

/// Which rows an answer has. Made by [`crate::Query::bind`], tried on rows by [`Filter::matches`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter(pub(crate) Term);

/// Anything that has a value. A condition's value is true, false or unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Term {
    Constant(Constant),
    Path(BoundPath),
    Or(Vec<Term>),
    And(Vec<Term>),
    Not(Box<Term>),
    Compare { operator: Operator, left: Box<Term>, right: Box<Term>, case: Case },
    In { item: Box<Term>, list: Vec<Constant>, case: Case },
    Text { function: TextFunction, text: Box<Term>, part: Box<Term>, case: Case },
    Quantified { quantifier: Quantifier, collection: BoundPath, body: Option<Box<Term>> },
}

/// A literal, read as the type it is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Constant {
    Null,
    Boolean(bool),
    Integer(i64),
    Text(String),
    Time(Timestamp),
    Flags(u32),
}

/// Where a path begins and which way it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BoundPath {
    pub origin: Origin,
    pub steps: Vec<&'static Property>,
    /// Whether the number of elements is meant.
    pub count: bool,
}

/// Where a path begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The row.
    Row,
    /// The element that a lambda speaks of: 0 is that of the innermost lambda around the path.
    Element(usize),
}

/// A function of two texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextFunction {
    StartsWith,
    EndsWith,
    Contains,
}

impl TextFunction {
    pub(crate) const ALL: [Self; 3] = [Self::StartsWith, Self::EndsWith, Self::Contains];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::StartsWith => "startswith",
            Self::EndsWith => "endswith",
            Self::Contains => "contains",
        }
    }
}

impl Filter {
    /// Whether the filter has to know the property of this name, so that a row must have it at hand.
    #[must_use]
    pub fn reads(&self, name: &str) -> bool {
        self.0.reads(name)
    }
}

impl Term {
    fn reads(&self, name: &str) -> bool {
        let path = |path: &BoundPath| path.reads(name);
        match self {
            Self::Constant(_) => false,
            Self::Path(found) => path(found),
            Self::Or(parts) | Self::And(parts) => parts.iter().any(|part| part.reads(name)),
            Self::Not(part) | Self::In { item: part, .. } => part.reads(name),
            Self::Compare { left, right, .. } => left.reads(name) || right.reads(name),
            Self::Text { text, part, .. } => text.reads(name) || part.reads(name),
            Self::Quantified { collection, body, .. } => {
                path(collection) || body.as_ref().is_some_and(|body| body.reads(name))
            }
        }
    }
}

impl BoundPath {
    /// Whether the path leads over the property of this name.
    pub(crate) fn reads(&self, name: &str) -> bool {
        self.steps.iter().any(|step| step.name == name)
    }

    /// Whether the path's names are these, wherever it begins.
    pub(crate) fn is(&self, wanted: &str) -> bool {
        self.steps.iter().map(|step| step.name).eq(wanted.split('/'))
    }
}
