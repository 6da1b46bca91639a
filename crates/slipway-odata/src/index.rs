//! What an index can know of a filter. Each answer is a condition that every matching row meets, so an index on
//! the path finds all rows that can match; each still has to be tried. Texts compare by the property's
//! [`crate::Case`]. Paths are names as the schema writes them, between slashes.

use crate::filter::{BoundPath, Constant, Origin, Term, TextFunction};
use crate::{Filter, Operator, Quantifier};

impl Filter {
    /// The text that the property at `path` equals in every row that matches: the filter is `path eq 'text'`, or
    /// several conditions joined by `and` of which one is.
    #[must_use]
    pub fn equals(&self, path: &str) -> Option<&str> {
        match self.any_of(path).as_deref() {
            Some([text]) => Some(text),
            _ => None,
        }
    }

    /// Texts one of which the property at `path` equals in every row that matches: the filter is
    /// `path in ('a','b')`, or `path eq 'a' or path eq 'b'`, or several conditions joined by `and` of which one
    /// is; of several such conditions the one with the fewest texts.
    #[must_use]
    pub fn any_of(&self, path: &str) -> Option<Vec<&str>> {
        self.0.any_of(Origin::Row, path)
    }

    /// How the property at `path` begins in every row that matches: the filter is `startswith(path,'text')`, or
    /// several conditions joined by `and` of which one is; of several the longest text.
    #[must_use]
    pub fn starts_with(&self, path: &str) -> Option<&str> {
        self.0.starts_with(path)
    }

    /// The text that the property at `path` of some element of `collection` equals in every row that matches: the
    /// filter is `collection/any(a:a/path eq 'text')`, or several conditions joined by `and` of which one is.
    #[must_use]
    pub fn any_equals(&self, collection: &str, path: &str) -> Option<&str> {
        self.0.any_equals(collection, path)
    }
}

impl Term {
    fn any_of(&self, origin: Origin, wanted: &str) -> Option<Vec<&str>> {
        match self {
            Self::And(parts) => {
                parts.iter().filter_map(|part| part.any_of(origin, wanted)).min_by_key(Vec::len)
            }
            Self::Or(parts) => {
                let parts = parts.iter().map(|part| part.any_of(origin, wanted));
                parts.collect::<Option<Vec<_>>>().map(|texts| texts.concat())
            }
            Self::In { item, list, .. } if item.leads(origin, wanted) => {
                list.iter().map(Constant::text).collect()
            }
            Self::Compare { operator: Operator::Equal, left, right, .. } => {
                let text = match (&**left, &**right) {
                    (path, Self::Constant(text)) | (Self::Constant(text), path) => {
                        text.text().filter(|_| path.leads(origin, wanted))
                    }
                    _ => None,
                };
                text.map(|text| vec![text])
            }
            _ => None,
        }
    }

    fn starts_with(&self, wanted: &str) -> Option<&str> {
        match self {
            Self::And(parts) => {
                parts.iter().filter_map(|part| part.starts_with(wanted)).max_by_key(|text| text.len())
            }
            Self::Text { function: TextFunction::StartsWith, text, part, .. }
                if text.leads(Origin::Row, wanted) =>
            {
                match &**part {
                    Self::Constant(part) => part.text(),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn any_equals(&self, wanted: &str, path: &str) -> Option<&str> {
        match self {
            Self::And(parts) => parts.iter().find_map(|part| part.any_equals(wanted, path)),
            Self::Quantified { quantifier: Quantifier::Any, collection, body: Some(body) }
                if collection.leads(Origin::Row, wanted) =>
            {
                match body.any_of(Origin::Element(0), path).as_deref() {
                    Some([text]) => Some(text),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Whether this is the path from there.
    fn leads(&self, origin: Origin, wanted: &str) -> bool {
        matches!(self, Self::Path(path) if path.leads(origin, wanted))
    }
}

impl BoundPath {
    fn leads(&self, origin: Origin, wanted: &str) -> bool {
        self.origin == origin && !self.count && self.is(wanted)
    }
}

impl Constant {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}
