//! The syntax tree of `$filter`, and its canonical text.

use std::fmt;

use jiff::Timestamp;

/// An expression. Printed, it reads back as itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// Two or more, one of which must hold.
    Or(Vec<Expr>),
    /// Two or more, all of which must hold.
    And(Vec<Expr>),
    /// The opposite.
    Not(Box<Expr>),
    /// Two sides and what is between them. Comparisons do not chain without parentheses.
    Binary {
        /// What is between.
        operator: Operator,
        /// Left side.
        left: Box<Expr>,
        /// Right side.
        right: Box<Expr>,
    },
    /// `item in ('a','b')`.
    In {
        /// What is looked for.
        item: Box<Expr>,
        /// One or more.
        list: Vec<Literal>,
    },
    /// `name(argument,argument)`.
    Call {
        /// As written.
        function: String,
        /// None or more.
        arguments: Vec<Expr>,
    },
    /// `collection/any(…)` or `collection/all(…)`.
    Quantified {
        /// Which of the two.
        quantifier: Quantifier,
        /// The path before it.
        collection: Path,
        /// What stands in the parentheses; only `any()` may lack it.
        lambda: Option<Lambda>,
    },
    /// A property, or the number of elements of a collection.
    Path(Path),
    /// A value.
    Literal(Literal),
}

/// `variable:body`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lambda {
    /// The name for an element.
    pub variable: String,
    /// What is said of it.
    pub body: Box<Expr>,
}

/// An operator with two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `eq`
    Equal,
    /// `ne`
    NotEqual,
    /// `gt`
    GreaterThan,
    /// `ge`
    GreaterThanOrEqual,
    /// `lt`
    LessThan,
    /// `le`
    LessThanOrEqual,
    /// `has`: all named flags are set.
    Has,
}

impl Operator {
    pub(crate) const COMPARISONS: [Self; 6] = [
        Self::Equal,
        Self::NotEqual,
        Self::GreaterThan,
        Self::GreaterThanOrEqual,
        Self::LessThan,
        Self::LessThanOrEqual,
    ];

    /// The word in queries.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "ne",
            Self::GreaterThan => "gt",
            Self::GreaterThanOrEqual => "ge",
            Self::LessThan => "lt",
            Self::LessThanOrEqual => "le",
            Self::Has => "has",
        }
    }

    /// The name in error messages of Microsoft's OData libraries.
    pub(crate) const fn kind_name(self) -> &'static str {
        match self {
            Self::Equal => "Equal",
            Self::NotEqual => "NotEqual",
            Self::GreaterThan => "GreaterThan",
            Self::GreaterThanOrEqual => "GreaterThanOrEqual",
            Self::LessThan => "LessThan",
            Self::LessThanOrEqual => "LessThanOrEqual",
            Self::Has => "Has",
        }
    }
}

/// `any` or `all`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// At least one element.
    Any,
    /// Every element; true of an empty collection.
    All,
}

impl Quantifier {
    /// The word in queries.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::All => "all",
        }
    }
}

/// Names between slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// One or more, as written.
    pub segments: Vec<String>,
    /// Whether `/$count` ends it.
    pub count: bool,
}

impl Path {
    /// Adds the segment that follows.
    pub(crate) fn push(&mut self, segment: &str) {
        if segment.eq_ignore_ascii_case("$count") {
            self.count = true;
        } else {
            self.segments.push(segment.to_owned());
        }
    }
}

/// A value written in a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// `-12`
    Integer(i64),
    /// `'text'`, already without the quotes.
    Text(String),
    /// `51190000-0000-4000-8000-000000000001` without quotes; ids are texts, so it is read as one.
    Guid(String),
    /// `2026-01-31T12:00:00Z`, or a date, which is its first moment in UTC.
    Time(Timestamp),
    /// `microsoft.graph.teamsAppDistributionMethod'store'`
    Enum {
        /// Full name of the enumeration, as written.
        name: String,
        /// What is between the quotes: a member, or several between commas.
        members: String,
    },
}

/// How tightly a form binds; a looser one inside a tighter one needs parentheses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Or,
    And,
    Comparison,
    Not,
    Membership,
    Operand,
}

impl Expr {
    const fn binding(&self) -> Binding {
        match self {
            Self::Or(_) => Binding::Or,
            Self::And(_) => Binding::And,
            Self::Binary { operator: Operator::Has, .. } | Self::In { .. } => Binding::Membership,
            Self::Binary { .. } => Binding::Comparison,
            Self::Not(_) => Binding::Not,
            Self::Call { .. } | Self::Quantified { .. } | Self::Path(_) | Self::Literal(_) => {
                Binding::Operand
            }
        }
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, needed: Binding) -> fmt::Result {
        if self.binding() < needed { write!(f, "({self})") } else { write!(f, "{self}") }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Or(parts) => separated(f, parts, " or ", |part, f| part.print(f, Binding::And)),
            Self::And(parts) => separated(f, parts, " and ", |part, f| part.print(f, Binding::Comparison)),
            Self::Not(inner) => {
                f.write_str("not ")?;
                inner.print(f, Binding::Not)
            }
            Self::Binary { operator, left, right } => {
                let sides = if *operator == Operator::Has { Binding::Operand } else { Binding::Not };
                left.print(f, sides)?;
                write!(f, " {} ", operator.as_str())?;
                right.print(f, sides)
            }
            Self::In { item, list } => {
                item.print(f, Binding::Operand)?;
                f.write_str(" in (")?;
                separated(f, list, ",", |literal, f| write!(f, "{literal}"))?;
                f.write_str(")")
            }
            Self::Call { function, arguments } => {
                write!(f, "{function}(")?;
                separated(f, arguments, ",", |argument, f| write!(f, "{argument}"))?;
                f.write_str(")")
            }
            Self::Quantified { quantifier, collection, lambda } => {
                write!(f, "{collection}/{}(", quantifier.as_str())?;
                if let Some(lambda) = lambda {
                    write!(f, "{}:{}", lambda.variable, lambda.body)?;
                }
                f.write_str(")")
            }
            Self::Path(path) => write!(f, "{path}"),
            Self::Literal(literal) => write!(f, "{literal}"),
        }
    }
}

fn separated<T>(
    f: &mut fmt::Formatter<'_>,
    items: &[T],
    separator: &str,
    print: impl Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            f.write_str(separator)?;
        }
        print(item, f)?;
    }
    Ok(())
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.segments.join("/"))?;
        if self.count { f.write_str("/$count") } else { Ok(()) }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Text(text) => write!(f, "'{}'", text.replace('\'', "''")),
            Self::Guid(guid) => f.write_str(guid),
            Self::Time(time) => write!(f, "{time}"),
            Self::Enum { name, members } => write!(f, "{name}'{}'", members.replace('\'', "''")),
        }
    }
}
