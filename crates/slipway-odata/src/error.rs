//! What is wrong with a query, in the words that Microsoft Graph and Microsoft's OData libraries have for it.

use std::fmt;

use crate::{MAX_LAMBDA_DEPTH, MAX_QUERY_LENGTH, MAX_SEARCH_ALTERNATIVES, SystemOption};

/// A query that cannot be answered: a 400. The message is public and names what is at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueryError {
    /// The query string has more than [`MAX_QUERY_LENGTH`] bytes.
    TooLong,
    /// The `$…` option is none that is known here.
    UnknownOption(String),
    /// The operation does not support the option.
    UnsupportedOption(SystemOption),
    /// The option is there twice.
    DuplicateOption(SystemOption),
    /// The option takes a number and this is none, or too large a one.
    InvalidNumber(SystemOption, String),
    /// `$count` takes `true` or `false` and this is neither.
    InvalidCount(String),
    /// `$filter` cannot be read or does not fit the type.
    Filter(ClauseError),
    /// `$select` or `$expand` cannot be read or does not fit the type.
    Projection(ClauseError),
    /// `$orderby` cannot be read or does not fit the type.
    OrderBy(ClauseError),
    /// `$search` cannot be read or does not fit the type.
    Search(ClauseError),
    /// `$format` names something else than JSON.
    UnsupportedFormat(String),
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "The query string is longer than {MAX_QUERY_LENGTH} bytes."),
            Self::UnknownOption(option) => write!(f, "The query parameter '{option}' is not supported."),
            Self::UnsupportedOption(option) => write!(
                f,
                "Query option '{}' is not allowed. To allow it, set the 'AllowedQueryOptions' property on \
                 EnableQueryAttribute or QueryValidationSettings.",
                option.as_str(),
            ),
            Self::DuplicateOption(option) => write!(
                f,
                "Query option '{option}' was specified more than once, but it must be specified at most once.",
            ),
            Self::InvalidNumber(option, value) => write!(
                f,
                "Invalid value '{value}' for {option} query option found. The {option} query option requires a \
                 non-negative integer value.",
            ),
            Self::InvalidCount(value) => write!(
                f,
                "Invalid value '{value}' for $count query option found. Valid values are 'true, false'.",
            ),
            Self::Filter(error) => write!(f, "Invalid filter clause: {error}"),
            Self::Projection(error) => write!(f, "Parsing OData Select and Expand failed: {error}"),
            Self::OrderBy(error) | Self::Search(error) => write!(f, "{error}"),
            Self::UnsupportedFormat(format) => {
                write!(
                    f,
                    "The value '{format}' of the query option '$format' is not supported; it can be 'json'."
                )
            }
        }
    }
}

impl std::error::Error for QueryError {}

/// What is wrong inside an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClauseError {
    /// The text does not follow the grammar or goes over a limit.
    Syntax {
        /// What is wrong.
        fault: SyntaxFault,
        /// Where, in characters from the start of `text`.
        position: usize,
        /// The option's value.
        text: String,
    },
    /// The type has no such property.
    UnknownProperty {
        /// What was asked for.
        property: String,
        /// Full name of the type.
        on: &'static str,
    },
    /// A path goes on behind a collection, with this property.
    NotASingleValue(String),
    /// `any`, `all` or `$count` follows this path, which leads to no collection.
    NotACollection(String),
    /// `any` and `all` stand inside each other on more than [`crate::MAX_LAMBDA_DEPTH`] levels.
    LambdasTooDeep,
    /// A lambda inside another has the same variable.
    VariableAgain(String),
    /// No such function.
    UnknownFunction(String),
    /// The function was given other arguments than two texts.
    WrongArguments(&'static str),
    /// The two sides of an operator do not go together.
    IncompatibleTypes {
        /// Name of the left side's type.
        left: String,
        /// Name of the right side's type.
        right: String,
        /// The operator as Microsoft's libraries call it.
        operator: &'static str,
    },
    /// `not` stands before something of this type, which is not true or false.
    NotNegatable(String),
    /// A filter, or what a lambda says, is not true or false.
    NotACondition,
    /// The enumeration has no such member.
    UnknownMember(String),
    /// An expanded property cannot have this option here.
    InvalidTerm(String),
    /// An expanded property has the option twice.
    DuplicateTerm(SystemOption),
    /// `$expand` names a property that leads to no entity.
    NotExpandable {
        /// The property.
        property: &'static str,
        /// Full name of the type that has it.
        on: &'static str,
    },
    /// `$expand` names the property twice.
    ExpandedTwice(&'static str),
    /// `$orderby` names a path that leads to no single value that has an order.
    NotOrderable(String),
    /// A clause of `$search` does not begin with `property:`.
    SearchWithoutProperty(String),
    /// `$search` names a property that is no single text.
    NotSearchable(&'static str),
    /// A clause of `$search` has nothing to look for.
    EmptySearch(String),
    /// `and` and `or` of `$search` make more than [`crate::MAX_SEARCH_ALTERNATIVES`] alternatives.
    TooManyAlternatives,
}

impl fmt::Display for ClauseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { fault, position, text } => {
                write!(f, "{fault} at position {position} in '{text}'.")
            }
            Self::UnknownProperty { property, on } => {
                write!(f, "Could not find a property named '{property}' on type '{on}'.")
            }
            Self::NotASingleValue(property) => write!(
                f,
                "The parent value for a property access of a property '{property}' is not a single value. \
                 Property access can only be applied to a single value.",
            ),
            Self::NotACollection(path) => {
                write!(
                    f,
                    "Any, all and $count may only be used following a collection, and '{path}' is none."
                )
            }
            Self::LambdasTooDeep => {
                write!(f, "The Any/All nesting limit of '{MAX_LAMBDA_DEPTH}' has been exceeded.")
            }
            Self::VariableAgain(variable) => {
                write!(f, "The range variable '{variable}' has already been declared.")
            }
            Self::UnknownFunction(name) => write!(f, "An unknown function with name '{name}' was found."),
            Self::WrongArguments(name) => write!(
                f,
                "No function signature for the function with name '{name}' matches the specified arguments. \
                 The function signatures considered are: {name}(Edm.String Nullable=true, Edm.String \
                 Nullable=true).",
            ),
            Self::IncompatibleTypes { left, right, operator } => write!(
                f,
                "A binary operator with incompatible types was detected. Found operand types '{left}' and \
                 '{right}' for operator kind '{operator}'.",
            ),
            Self::NotNegatable(found) => write!(
                f,
                "A unary operator with an incompatible type was detected. Found operand type '{found}' for \
                 operator kind 'Not'.",
            ),
            Self::NotACondition => f.write_str("The expression must evaluate to a single boolean value."),
            Self::UnknownMember(name) => {
                write!(f, "The string '{name}' is not a valid enumeration type constant.")
            }
            Self::InvalidTerm(name) => {
                write!(f, "Term '{name}' is not valid in a $select or $expand expression.")
            }
            Self::DuplicateTerm(option) => write!(f, "{}", QueryError::DuplicateOption(*option)),
            Self::NotExpandable { property, on } => write!(
                f,
                "Property '{property}' on type '{on}' is not a navigation property or complex property. Only \
                 navigation properties can be expanded.",
            ),
            Self::ExpandedTwice(property) => {
                write!(f, "The navigation property '{property}' is expanded more than once.")
            }
            Self::NotOrderable(path) => {
                write!(
                    f,
                    "The $orderby expression '{path}' must evaluate to a single value of primitive type."
                )
            }
            Self::SearchWithoutProperty(clause) => write!(
                f,
                "The $search clause '{clause}' does not name a property. Write it as \"property:text\".",
            ),
            Self::NotSearchable(property) => {
                write!(f, "The property '{property}' cannot be searched: it is not a single text.")
            }
            Self::EmptySearch(clause) => {
                write!(f, "The $search clause '{clause}' has no text to search for.")
            }
            Self::TooManyAlternatives => {
                write!(f, "The $search expression has more than {MAX_SEARCH_ALTERNATIVES} alternatives.")
            }
        }
    }
}

/// What is wrong with the text of an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyntaxFault {
    /// Something stands where it cannot stand; the position is behind it.
    Unexpected,
    /// A character that no part of the grammar has.
    Character(char),
    /// A quoted text that does not end.
    UnterminatedText,
    /// This is missing.
    Expected(&'static str),
    /// Parentheses, `not`, calls or expansions go deeper than this many levels.
    TooDeep(usize),
    /// There are more paths, literals and calls than this.
    TooManyOperands(usize),
}

impl fmt::Display for SyntaxFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unexpected => f.write_str("Syntax error"),
            Self::Character(character) => {
                write!(f, "Syntax error: character '{character}' is not valid")
            }
            Self::UnterminatedText => f.write_str("There is an unterminated string literal"),
            Self::Expected(what) => write!(f, "{what} expected"),
            Self::TooDeep(limit) => write!(f, "Recursion depth exceeded allowed limit of {limit}"),
            Self::TooManyOperands(limit) => write!(f, "The node count limit of {limit} has been exceeded"),
        }
    }
}
