//! From syntax trees to terms whose names and types are right.

use crate::filter::{BoundPath, Constant, Origin, Term, TextFunction};
use crate::shape::find;
use crate::{
    Case, ClauseError, Expr, Filter, Kind, Lambda, Literal, Operator, OrderItem, OrderKey, Path, Quantifier,
    StructuredType,
};

/// How many `any` and `all` may stand inside each other: they cost the product of the collections' lengths.
pub const MAX_LAMBDA_DEPTH: usize = 3;

impl Filter {
    /// Binds a filter to the type of the rows.
    pub(crate) fn bind(filter: Expr, on: &'static StructuredType) -> Result<Self, ClauseError> {
        let (term, found) = Names::of(on).term(filter)?;
        if found.is_condition() { Ok(Self(term)) } else { Err(ClauseError::NotACondition) }
    }
}

impl OrderKey {
    /// Binds a key to the type of the rows.
    pub(crate) fn bind(item: &OrderItem, on: &'static StructuredType) -> Result<Self, ClauseError> {
        match Names::of(on).path(&item.path)? {
            (path, Type::One(kind)) if kind.structure().is_none() => {
                Ok(Self { path, kind, direction: item.direction })
            }
            _ => Err(ClauseError::NotOrderable(item.path.to_string())),
        }
    }
}

/// The type of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    /// Of `null`.
    Null,
    One(Kind),
    Many(Kind),
}

impl Type {
    const fn is_condition(self) -> bool {
        matches!(self, Self::Null | Self::One(Kind::Boolean))
    }

    const fn is_text(self) -> bool {
        matches!(self, Self::Null | Self::One(Kind::String(_)))
    }

    const fn case(self) -> Case {
        match self {
            Self::One(Kind::String(case)) => case,
            _ => Case::Matters,
        }
    }

    fn name(self) -> String {
        match self {
            Self::Null => "<null>".to_owned(),
            Self::One(kind) => kind.type_name().to_owned(),
            Self::Many(kind) => format!("Collection({})", kind.type_name()),
        }
    }
}

/// Whether the operator takes values of that kind.
const fn takes(operator: Operator, kind: Kind) -> bool {
    match operator {
        Operator::Equal | Operator::NotEqual => true,
        Operator::GreaterThan
        | Operator::GreaterThanOrEqual
        | Operator::LessThan
        | Operator::LessThanOrEqual => {
            matches!(kind, Kind::String(_) | Kind::Int32 | Kind::DateTimeOffset)
        }
        Operator::Has => matches!(kind, Kind::Flags(_)),
    }
}

/// Whether the operator can stand between the two.
fn go_together(left: Type, operator: Operator, right: Type) -> bool {
    match (left, right) {
        (Type::Null, Type::Null) => true,
        (Type::Null, Type::One(kind)) | (Type::One(kind), Type::Null) => takes(operator, kind),
        (Type::One(Kind::String(_)), Type::One(Kind::String(_))) => operator != Operator::Has,
        (Type::One(left), Type::One(right)) => {
            left == right && left.structure().is_none() && takes(operator, left)
        }
        (Type::Many(_), _) | (_, Type::Many(_)) => false,
    }
}

/// Reads a literal as what it is compared with: a text is an enumeration's member next to an enumeration.
fn constant(literal: Literal, against: Type) -> Result<(Constant, Type), ClauseError> {
    Ok(match (literal, against) {
        (Literal::Text(members), Type::One(kind @ (Kind::Enum(_) | Kind::Flags(_)))) => {
            let constant = members_of(kind, &members).ok_or(ClauseError::UnknownMember(members))?;
            (constant, against)
        }
        (Literal::Enum { name, members }, against) => {
            let found = match against {
                Type::One(kind) if kind.type_name() == name => members_of(kind, &members),
                _ => None,
            };
            let unknown = || ClauseError::UnknownMember(Literal::Enum { name, members }.to_string());
            (found.ok_or_else(unknown)?, against)
        }
        (Literal::Null, _) => (Constant::Null, Type::Null),
        (Literal::Boolean(value), _) => (Constant::Boolean(value), Type::One(Kind::Boolean)),
        (Literal::Integer(value), _) => (Constant::Integer(value), Type::One(Kind::Int32)),
        (Literal::Text(text) | Literal::Guid(text), _) => {
            (Constant::Text(text), Type::One(Kind::String(Case::Matters)))
        }
        (Literal::Time(time), _) => (Constant::Time(time), Type::One(Kind::DateTimeOffset)),
    })
}

/// What the names stand for in that enumeration.
fn members_of(kind: Kind, names: &str) -> Option<Constant> {
    match kind {
        Kind::Enum(kind) => kind.member(names).map(|(name, _)| Constant::Text(name.to_owned())),
        Kind::Flags(kind) => kind.bits(names).map(Constant::Flags),
        _ => None,
    }
}

/// What the first name of a path can mean.
struct Names {
    row: &'static StructuredType,
    /// Inside lambdas: their variables and what an element is, the innermost last.
    elements: Vec<(String, Kind)>,
}

impl Names {
    const fn of(row: &'static StructuredType) -> Self {
        Self { row, elements: vec![] }
    }

    fn term(&self, expr: Expr) -> Result<(Term, Type), ClauseError> {
        let condition = |term| Ok((term, Type::One(Kind::Boolean)));
        match expr {
            Expr::Or(parts) => condition(Term::Or(self.conditions(parts, "Or")?)),
            Expr::And(parts) => condition(Term::And(self.conditions(parts, "And")?)),
            Expr::Not(inner) => match self.term(*inner)? {
                (inner, found) if found.is_condition() => condition(Term::Not(Box::new(inner))),
                (_, found) => Err(ClauseError::NotNegatable(found.name())),
            },
            Expr::Binary { operator, left, right } => condition(self.compare(operator, *left, *right)?),
            Expr::In { item, list } => condition(self.one_of(*item, list)?),
            Expr::Call { function, arguments } => condition(self.call(&function, arguments)?),
            Expr::Quantified { quantifier, collection, lambda } => {
                condition(self.quantified(quantifier, &collection, lambda)?)
            }
            Expr::Path(path) => self.path(&path).map(|(path, found)| (Term::Path(path), found)),
            Expr::Literal(literal) => {
                constant(literal, Type::Null).map(|(constant, found)| (Term::Constant(constant), found))
            }
        }
    }

    fn conditions(&self, parts: Vec<Expr>, operator: &'static str) -> Result<Vec<Term>, ClauseError> {
        let bound = parts.into_iter().map(|part| self.term(part));
        let (terms, types): (Vec<_>, Vec<_>) = bound.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        for pair in types.windows(2) {
            if let [left, right] = pair
                && !(left.is_condition() && right.is_condition())
            {
                return Err(ClauseError::IncompatibleTypes {
                    left: left.name(),
                    right: right.name(),
                    operator,
                });
            }
        }
        Ok(terms)
    }

    fn compare(&self, operator: Operator, left: Expr, right: Expr) -> Result<Term, ClauseError> {
        let ((left, left_type), (right, right_type)) = match (left, right) {
            (left, Expr::Literal(literal)) => {
                let left = self.term(left)?;
                let (right, found) = constant(literal, left.1)?;
                (left, (Term::Constant(right), found))
            }
            (Expr::Literal(literal), right) => {
                let right = self.term(right)?;
                let (left, found) = constant(literal, right.1)?;
                ((Term::Constant(left), found), right)
            }
            (left, right) => (self.term(left)?, self.term(right)?),
        };
        check(left_type, operator, right_type)?;
        let case = left_type.case().with(right_type.case());
        Ok(Term::Compare { operator, left: Box::new(left), right: Box::new(right), case })
    }

    fn one_of(&self, item: Expr, list: Vec<Literal>) -> Result<Term, ClauseError> {
        let (item, item_type) = self.term(item)?;
        let constants = list.into_iter().map(|literal| {
            let (constant, found) = constant(literal, item_type)?;
            check(item_type, Operator::Equal, found)?;
            Ok(constant)
        });
        let list = constants.collect::<Result<_, _>>()?;
        Ok(Term::In { item: Box::new(item), list, case: item_type.case() })
    }

    fn call(&self, name: &str, arguments: Vec<Expr>) -> Result<Term, ClauseError> {
        let function = TextFunction::ALL
            .into_iter()
            .find(|function| function.as_str().eq_ignore_ascii_case(name))
            .ok_or_else(|| ClauseError::UnknownFunction(name.to_owned()))?;
        let wrong = || ClauseError::WrongArguments(function.as_str());
        let [text, part] = <[Expr; 2]>::try_from(arguments).map_err(|_| wrong())?;
        let ((text, text_type), (part, part_type)) = (self.term(text)?, self.term(part)?);
        if !text_type.is_text() || !part_type.is_text() {
            return Err(wrong());
        }
        let case = text_type.case().with(part_type.case());
        Ok(Term::Text { function, text: Box::new(text), part: Box::new(part), case })
    }

    fn quantified(
        &self,
        quantifier: Quantifier,
        collection: &Path,
        lambda: Option<Lambda>,
    ) -> Result<Term, ClauseError> {
        let (bound, Type::Many(kind)) = self.path(collection)? else {
            return Err(ClauseError::NotACollection(collection.to_string()));
        };
        let body = match lambda {
            None => None,
            Some(_) if self.elements.len() == MAX_LAMBDA_DEPTH => return Err(ClauseError::LambdasTooDeep),
            Some(Lambda { variable, .. }) if self.elements.iter().any(|(known, _)| *known == variable) => {
                return Err(ClauseError::VariableAgain(variable));
            }
            Some(lambda) => {
                let mut elements = self.elements.clone();
                elements.push((lambda.variable, kind));
                let inner = Self { row: self.row, elements };
                match inner.term(*lambda.body)? {
                    (body, found) if found.is_condition() => Some(Box::new(body)),
                    _ => return Err(ClauseError::NotACondition),
                }
            }
        };
        Ok(Term::Quantified { quantifier, collection: bound, body })
    }

    fn path(&self, path: &Path) -> Result<(BoundPath, Type), ClauseError> {
        let variable =
            |name: &String| self.elements.iter().rev().zip(0..).find(|((known, _), _)| known == name);
        let (first, rest) = path.segments.split_first().unzip();
        let (origin, mut kind, names) = match first.and_then(variable) {
            Some(((_, kind), levels)) => (Origin::Element(levels), *kind, rest.unwrap_or_default()),
            None => (Origin::Row, Kind::Navigation(self.row), path.segments.as_slice()),
        };
        let mut many = false;
        let mut steps = vec![];
        for name in names {
            if many {
                return Err(ClauseError::NotASingleValue(name.clone()));
            }
            let Some(on) = kind.structure() else {
                return Err(ClauseError::UnknownProperty { property: name.clone(), on: kind.type_name() });
            };
            let property = find(on, name)?;
            steps.push(property);
            (kind, many) = (property.kind, property.many);
        }
        let found = match (path.count, many) {
            (true, false) => return Err(ClauseError::NotACollection(path.segments.join("/"))),
            (true, true) => Type::One(Kind::Int32),
            (false, true) => Type::Many(kind),
            (false, false) => Type::One(kind),
        };
        Ok((BoundPath { origin, steps, count: path.count }, found))
    }
}

fn check(left: Type, operator: Operator, right: Type) -> Result<(), ClauseError> {
    if go_together(left, operator, right) {
        return Ok(());
    }
    Err(ClauseError::IncompatibleTypes {
        left: left.name(),
        right: right.name(),
        operator: operator.kind_name(),
    })
}
