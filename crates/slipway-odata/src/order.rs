//! `$orderby`: its grammar, its keys, and the order that they give rows.

use std::cmp::Ordering;

use crate::evaluate::{Scope, order};
use crate::filter::BoundPath;
use crate::parse::Parser;
use crate::{Case, ClauseError, Kind, Path, Property, Row, StructuredType, Value};

/// One item of `$orderby`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderItem {
    /// What is compared, as written.
    pub path: Path,
    /// Which way.
    pub direction: Direction,
}

/// Which way a key orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// `asc`, or nothing: null comes first.
    Ascending,
    /// `desc`: null comes last.
    Descending,
}

/// An item of `$orderby`, bound to a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderKey {
    pub(crate) path: BoundPath,
    pub(crate) kind: Kind,
    /// Which way.
    pub direction: Direction,
}

impl OrderKey {
    /// Whether this key compares the property at `path` (names as the schema writes them, between slashes).
    #[must_use]
    pub fn is(&self, path: &str) -> bool {
        !self.path.count && self.path.is(path)
    }

    /// The property that this key compares, if it is one of the row itself.
    #[must_use]
    pub fn property(&self) -> Option<&'static Property> {
        match self.path.steps.as_slice() {
            [property] if !self.path.count => Some(property),
            _ => None,
        }
    }

    /// The names of the path, between slashes.
    #[must_use]
    pub fn path(&self) -> String {
        self.path.steps.iter().map(|step| step.name).collect::<Vec<_>>().join("/")
    }

    pub(crate) fn reads(&self, name: &str) -> bool {
        self.path.reads(name)
    }

    pub(crate) fn bind_all(
        items: Option<&[OrderItem]>,
        on: &'static StructuredType,
    ) -> Result<Vec<Self>, ClauseError> {
        items.unwrap_or_default().iter().map(|item| Self::bind(item, on)).collect()
    }

    fn compare(&self, left: &dyn Row, right: &dyn Row) -> Ordering {
        let ascending = self.path.read(Scope::of(left), |left| {
            self.path.read(Scope::of(right), |right| rank(self.kind, left, right))
        });
        match self.direction {
            Direction::Ascending => ascending,
            Direction::Descending => ascending.reverse(),
        }
    }
}

/// Which of two rows comes first: the first key decides that does not take them for equal. Null comes before
/// everything, texts go by their letters without case, members of an enumeration by their values.
#[must_use]
pub fn compare(keys: &[OrderKey], left: &dyn Row, right: &dyn Row) -> Ordering {
    let unequal = |key: &OrderKey| Some(key.compare(left, right)).filter(|ordering| ordering.is_ne());
    keys.iter().find_map(unequal).unwrap_or(Ordering::Equal)
}

fn rank(kind: Kind, left: &Value<'_>, right: &Value<'_>) -> Ordering {
    match (kind, left, right) {
        (Kind::Enum(kind), Value::Text(left), Value::Text(right)) => {
            let number = |name: &str| kind.member(name).map(|(_, number)| number);
            number(left).cmp(&number(right))
        }
        (_, Value::Null, Value::Null) => Ordering::Equal,
        (_, Value::Null, _) => Ordering::Less,
        (_, _, Value::Null) => Ordering::Greater,
        // A row gives values of the property's kind, and values of one kind have an order.
        _ => order(left, right, Case::Ignored).unwrap_or(Ordering::Equal),
    }
}

/// The grammar of `$orderby`.
impl Parser<'_> {
    pub(crate) fn orderby(&mut self) -> Result<Vec<OrderItem>, ClauseError> {
        self.separated(|parser| {
            let path = parser.path()?;
            let direction = if parser.skip_keyword("desc")? {
                Direction::Descending
            } else {
                parser.skip_keyword("asc")?;
                Direction::Ascending
            };
            Ok(OrderItem { path, direction })
        })
    }
}
