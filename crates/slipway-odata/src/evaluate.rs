//! Tries a filter on rows in memory, with OData's rules for null: `null eq null` holds, other comparisons with
//! null do not, functions of null are unknown, and `not`, `and` and `or` know true, false and unknown.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::Timestamp;

use crate::filter::{BoundPath, Constant, Origin, Term, TextFunction};
use crate::{Case, Filter, Operator, Property, Quantifier};

/// Something that has the properties of a structured type.
pub trait Row {
    /// The value of a property of this row's type, in the form that [`Value`] names for the property's kind.
    fn value(&self, property: &'static Property) -> Value<'_>;
}

impl<T: Row + ?Sized> Row for &T {
    fn value(&self, property: &'static Property) -> Value<'_> {
        (**self).value(property)
    }
}

/// The value of a property.
pub enum Value<'a> {
    /// No value.
    Null,
    /// Of [`crate::Kind::Boolean`].
    Boolean(bool),
    /// Of [`crate::Kind::Int32`].
    Integer(i64),
    /// Of [`crate::Kind::String`]; of [`crate::Kind::Enum`] the member's name as its type writes it, of
    /// [`crate::Kind::Binary`] base64.
    Text(Cow<'a, str>),
    /// Of [`crate::Kind::DateTimeOffset`].
    Time(Timestamp),
    /// Of [`crate::Kind::Flags`]: the members' values together.
    Flags(u32),
    /// Of [`crate::Kind::Complex`] and [`crate::Kind::Navigation`].
    Row(Box<dyn Row + 'a>),
    /// Of a collection, in order; an empty collection is not null.
    Many(Vec<Value<'a>>),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl Filter {
    /// Whether the row belongs to the answer. The row must be of the type that the filter was bound to.
    #[must_use]
    pub fn matches(&self, row: &dyn Row) -> bool {
        self.0.truth(Scope::of(row)) == Some(true)
    }
}

/// What paths begin at.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'s> {
    row: &'s dyn Row,
    /// Inside a lambda.
    element: Option<&'s Element<'s>>,
}

impl<'s> Scope<'s> {
    pub(crate) const fn of(row: &'s dyn Row) -> Self {
        Self { row, element: None }
    }
}

/// The element that a lambda speaks of, inside of other lambdas maybe.
struct Element<'s> {
    value: &'s Value<'s>,
    outer: Option<&'s Element<'s>>,
}

impl<'s> Element<'s> {
    /// The element of the lambda that stands so many levels outside of this one.
    fn out(&'s self, levels: usize) -> Option<&'s Value<'s>> {
        if levels == 0 { Some(self.value) } else { self.outer?.out(levels - 1) }
    }
}

impl Term {
    /// Whether the condition holds; `None` is unknown.
    fn truth(&self, scope: Scope<'_>) -> Option<bool> {
        match self {
            Self::Or(parts) => any(parts.iter().map(|part| part.truth(scope))),
            Self::And(parts) => all(parts.iter().map(|part| part.truth(scope))),
            Self::Not(inner) => inner.truth(scope).map(|truth| !truth),
            Self::Compare { operator, left, right, case } => {
                left.read(scope, |left| right.read(scope, |right| compare(*operator, left, right, *case)))
            }
            Self::In { item, list, case } => item.read(scope, |item| {
                let equal = |one: &Constant| order(item, &one.value(), *case) == Some(Ordering::Equal);
                Some(list.iter().any(equal))
            }),
            Self::Text { function, text, part, case } => {
                text.read(scope, |text| part.read(scope, |part| function.holds(text, part, *case)))
            }
            Self::Quantified { quantifier, collection, body } => collection.read(scope, |collection| {
                let elements = match collection {
                    Value::Many(elements) => elements.as_slice(),
                    _ => &[],
                };
                let Some(body) = body else {
                    return Some(!elements.is_empty());
                };
                let truths = elements.iter().map(|value| {
                    let element = Element { value, outer: scope.element };
                    body.truth(Scope { row: scope.row, element: Some(&element) })
                });
                match quantifier {
                    Quantifier::Any => any(truths),
                    Quantifier::All => all(truths),
                }
            }),
            Self::Constant(_) | Self::Path(_) => self.read(scope, |value| match value {
                Value::Boolean(value) => Some(*value),
                _ => None,
            }),
        }
    }

    /// Hands the term's value to `then`.
    fn read<T>(&self, scope: Scope<'_>, then: impl FnOnce(&Value<'_>) -> T) -> T {
        match self {
            Self::Constant(constant) => then(&constant.value()),
            Self::Path(path) => path.read(scope, then),
            condition => then(&condition.truth(scope).map_or(Value::Null, Value::Boolean)),
        }
    }
}

impl BoundPath {
    /// Hands what the path leads to to `then`. A path over null leads to null.
    pub(crate) fn read<T>(&self, scope: Scope<'_>, then: impl FnOnce(&Value<'_>) -> T) -> T {
        let end = |value: &Value<'_>| match value {
            Value::Many(elements) if self.count => {
                then(&Value::Integer(i64::try_from(elements.len()).unwrap_or(i64::MAX)))
            }
            value => then(value),
        };
        match (self.origin, self.steps.split_first()) {
            (Origin::Row, Some((first, rest))) => follow(&scope.row.value(first), rest, end),
            (Origin::Row, None) => end(&Value::Null),
            (Origin::Element(levels), _) => match scope.element.and_then(|element| element.out(levels)) {
                Some(element) => follow(element, &self.steps, end),
                None => end(&Value::Null),
            },
        }
    }
}

/// Walks step by step. What a row gives may live only as long as the row, so the end is reached inside.
fn follow<T>(from: &Value<'_>, steps: &[&'static Property], end: impl FnOnce(&Value<'_>) -> T) -> T {
    match (steps.split_first(), from) {
        (None, _) => end(from),
        (Some((step, rest)), Value::Row(row)) => follow(&row.value(step), rest, end),
        (Some(_), _) => end(&Value::Null),
    }
}

impl Constant {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(value) => Value::Boolean(*value),
            Self::Integer(value) => Value::Integer(*value),
            Self::Text(text) => Value::from(text.as_str()),
            Self::Time(time) => Value::Time(*time),
            Self::Flags(bits) => Value::Flags(*bits),
        }
    }
}

impl TextFunction {
    fn holds(self, text: &Value<'_>, part: &Value<'_>, case: Case) -> Option<bool> {
        let (Value::Text(text), Value::Text(part)) = (text, part) else {
            return None;
        };
        let holds = |text: &str, part: &str| match self {
            Self::StartsWith => text.starts_with(part),
            Self::EndsWith => text.ends_with(part),
            Self::Contains => text.contains(part),
        };
        Some(match case {
            Case::Matters => holds(text, part),
            Case::Ignored => holds(&folded(text).collect::<String>(), &folded(part).collect::<String>()),
        })
    }
}

fn compare(operator: Operator, left: &Value<'_>, right: &Value<'_>, case: Case) -> Option<bool> {
    let ordering = order(left, right, case);
    Some(match operator {
        Operator::Equal => ordering == Some(Ordering::Equal),
        Operator::NotEqual => ordering != Some(Ordering::Equal),
        Operator::GreaterThan => ordering == Some(Ordering::Greater),
        Operator::GreaterThanOrEqual => ordering.is_some_and(Ordering::is_ge),
        Operator::LessThan => ordering == Some(Ordering::Less),
        Operator::LessThanOrEqual => ordering.is_some_and(Ordering::is_le),
        Operator::Has => match (left, right) {
            (Value::Flags(left), Value::Flags(right)) => left & right == *right,
            _ => return None,
        },
    })
}

/// The order of two values; none between null and anything else.
pub(crate) fn order(left: &Value<'_>, right: &Value<'_>, case: Case) -> Option<Ordering> {
    match (left, right) {
        (Value::Null, Value::Null) => Some(Ordering::Equal),
        (Value::Boolean(left), Value::Boolean(right)) => Some(left.cmp(right)),
        (Value::Integer(left), Value::Integer(right)) => Some(left.cmp(right)),
        (Value::Time(left), Value::Time(right)) => Some(left.cmp(right)),
        (Value::Flags(left), Value::Flags(right)) => Some(left.cmp(right)),
        (Value::Text(left), Value::Text(right)) => Some(match case {
            Case::Matters => left.cmp(right),
            Case::Ignored => folded(left).cmp(folded(right)),
        }),
        _ => None,
    }
}

/// In lower case.
pub(crate) fn folded(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().flat_map(char::to_lowercase)
}

/// `or` of all: true if one is, else unknown if one is.
fn any(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = true;
    for truth in truths {
        match truth {
            Some(true) => return Some(true),
            Some(false) => {}
            None => known = false,
        }
    }
    known.then_some(false)
}

/// `and` of all: false if one is, else unknown if one is.
fn all(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    any(truths.map(|truth| truth.map(|truth| !truth))).map(|truth| !truth)
}
