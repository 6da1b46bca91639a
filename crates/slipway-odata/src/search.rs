//! `$search` as Microsoft Graph has it for directory objects: `"displayName:ann" AND "mail:x"`.
//!
//! The rules are those of Microsoft's page on the `$search` query parameter: each clause stands in double quotes
//! and names a property; `AND` and `OR` are upper case; parentheses group. How texts are compared is in
//! [`crate::token`].

use std::fmt;
use std::ops::Bound;

use crate::shape::find;
use crate::{ClauseError, Kind, MAX_FILTER_DEPTH, Property, Row, StructuredType, SyntaxFault, Value};

/// How many alternatives `AND` and `OR` of a search may come to.
pub const MAX_SEARCH_ALTERNATIVES: usize = 64;

/// The syntax tree of `$search`. Printed, it reads back as itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchExpr {
    /// Two or more, one of which must hold.
    Or(Vec<SearchExpr>),
    /// Two or more, all of which must hold.
    And(Vec<SearchExpr>),
    /// What stands in double quotes.
    Clause(String),
}

impl SearchExpr {
    /// Reads the text of a search.
    ///
    /// # Errors
    /// [`ClauseError::Syntax`]
    pub fn parse(text: &str) -> Result<Self, ClauseError> {
        let mut scanner = Scanner { text, rest: text, start: 0, depth: 0 };
        let (search, after) = scanner.alternatives()?;
        if after == Token::End { Ok(search) } else { Err(scanner.unexpected()) }
    }
}

impl fmt::Display for SearchExpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = |f: &mut fmt::Formatter<'_>, parts: &[Self], keyword| {
            for (at, part) in parts.iter().enumerate() {
                if at > 0 {
                    f.write_str(keyword)?;
                }
                if matches!(part, Self::Clause(_)) { write!(f, "{part}") } else { write!(f, "({part})") }?;
            }
            Ok(())
        };
        match self {
            Self::Or(parts) => join(f, parts, " OR "),
            Self::And(parts) => join(f, parts, " AND "),
            Self::Clause(clause) => write!(f, "\"{}\"", clause.replace('\\', r"\\").replace('"', "\\\"")),
        }
    }
}

#[derive(PartialEq, Eq)]
enum Token {
    Clause(String),
    And,
    Or,
    Open,
    Close,
    End,
}

struct Scanner<'t> {
    text: &'t str,
    rest: &'t str,
    /// Where the last token begins, in bytes.
    start: usize,
    depth: usize,
}

impl<'t> Scanner<'t> {
    fn next(&mut self) -> Result<Token, ClauseError> {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
        self.start = self.text.len() - self.rest.len();
        let mut chars = self.rest.chars();
        let token = match chars.next() {
            None => return Ok(Token::End),
            Some('(') => Token::Open,
            Some(')') => Token::Close,
            Some('"') => return self.quoted(chars.as_str()),
            Some(c) if is_word(c) => return Ok(self.word()),
            Some(c) => return Err(self.fault(SyntaxFault::Character(c))),
        };
        self.rest = chars.as_str();
        Ok(token)
    }

    /// Quotes and backslashes inside of quotes have a backslash before them.
    fn quoted(&mut self, rest: &'t str) -> Result<Token, ClauseError> {
        let mut clause = String::new();
        let mut chars = rest.chars();
        while let Some(c) = chars.next() {
            match c {
                '"' => {
                    self.rest = chars.as_str();
                    return Ok(Token::Clause(clause));
                }
                '\\' => clause.extend(chars.next()),
                c => clause.push(c),
            }
        }
        self.start = self.text.len();
        Err(self.fault(SyntaxFault::UnterminatedText))
    }

    /// A word without quotes is a clause for OData; for Graph it is one that names no property.
    fn word(&mut self) -> Token {
        let end = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        match word {
            "AND" => Token::And,
            "OR" => Token::Or,
            word => Token::Clause(word.to_owned()),
        }
    }

    fn unexpected(&mut self) -> ClauseError {
        self.start = self.text.len() - self.rest.len();
        self.fault(SyntaxFault::Unexpected)
    }

    fn fault(&self, fault: SyntaxFault) -> ClauseError {
        let position = self.text.char_indices().take_while(|(index, _)| *index < self.start).count();
        ClauseError::Syntax { fault, position, text: self.text.to_owned() }
    }

    /// Parts between `OR`, and the token behind them.
    fn alternatives(&mut self) -> Result<(SearchExpr, Token), ClauseError> {
        self.chain(&Token::Or, SearchExpr::Or, |scanner| {
            scanner.chain(&Token::And, SearchExpr::And, |scanner| {
                let part = scanner.part()?;
                Ok((part, scanner.next()?))
            })
        })
    }

    fn chain(
        &mut self,
        keyword: &Token,
        join: fn(Vec<SearchExpr>) -> SearchExpr,
        part: impl Fn(&mut Self) -> Result<(SearchExpr, Token), ClauseError>,
    ) -> Result<(SearchExpr, Token), ClauseError> {
        let (first, mut after) = part(self)?;
        if after != *keyword {
            return Ok((first, after));
        }
        let mut parts = vec![first];
        while after == *keyword {
            let (next, behind) = part(self)?;
            parts.push(next);
            after = behind;
        }
        Ok((join(parts), after))
    }

    fn part(&mut self) -> Result<SearchExpr, ClauseError> {
        match self.next()? {
            Token::Clause(clause) => Ok(SearchExpr::Clause(clause)),
            Token::Open if self.depth == MAX_FILTER_DEPTH => {
                Err(self.fault(SyntaxFault::TooDeep(MAX_FILTER_DEPTH)))
            }
            Token::Open => {
                self.depth += 1;
                let (inner, after) = self.alternatives()?;
                self.depth -= 1;
                if after == Token::Close {
                    Ok(inner)
                } else {
                    Err(self.fault(SyntaxFault::Expected("')', AND or OR")))
                }
            }
            Token::And | Token::Or | Token::Close | Token::End => {
                Err(self.fault(SyntaxFault::Expected("Expression")))
            }
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | ',' | '_' | '@')
}

/// Which rows a search finds. Made by [`crate::Query::bind`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search(Condition);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    Or(Vec<Condition>),
    And(Vec<Condition>),
    /// Each prefix begins a token of the property's value.
    Clause {
        property: &'static Property,
        prefixes: Vec<String>,
    },
}

/// Something to look up in an index of [`Property::search_tokens`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchPrefix<'s> {
    /// Whose tokens.
    pub property: &'static Property,
    /// How one of them begins, in lower case.
    pub prefix: &'s str,
}

impl Search {
    /// Binds a search to the type of the rows.
    pub(crate) fn bind(search: SearchExpr, on: &StructuredType) -> Result<Self, ClauseError> {
        let condition = Condition::bind(search, on)?;
        if condition.number_of_alternatives() > MAX_SEARCH_ALTERNATIVES {
            return Err(ClauseError::TooManyAlternatives);
        }
        Ok(Self(condition))
    }

    /// Whether the row is found. The row must be of the type that the search was bound to.
    #[must_use]
    pub fn matches(&self, row: &dyn Row) -> bool {
        self.0.holds(row)
    }

    pub(crate) fn reads(&self, name: &str) -> bool {
        self.alternatives().iter().flatten().any(|sought| sought.property.name == name)
    }

    /// The ways to be found: a row is found if, and only if, all prefixes of one of these begin a token of the
    /// row. None of the lists is empty.
    #[must_use]
    pub fn alternatives(&self) -> Vec<Vec<SearchPrefix<'_>>> {
        self.0.alternatives()
    }
}

impl Condition {
    fn bind(search: SearchExpr, on: &StructuredType) -> Result<Self, ClauseError> {
        let all = |parts: Vec<SearchExpr>| {
            parts.into_iter().map(|part| Self::bind(part, on)).collect::<Result<Vec<_>, _>>()
        };
        match search {
            SearchExpr::Or(parts) => all(parts).map(Self::Or),
            SearchExpr::And(parts) => all(parts).map(Self::And),
            SearchExpr::Clause(clause) => {
                let Some((name, text)) = clause.split_once(':') else {
                    return Err(ClauseError::SearchWithoutProperty(clause));
                };
                let property = find(on, name.trim())?;
                if property.many || !matches!(property.kind, Kind::String(_)) {
                    return Err(ClauseError::NotSearchable(property.name));
                }
                let prefixes = property.tokens.sought(text.trim());
                if prefixes.iter().all(String::is_empty) {
                    return Err(ClauseError::EmptySearch(clause));
                }
                Ok(Self::Clause { property, prefixes })
            }
        }
    }

    fn holds(&self, row: &dyn Row) -> bool {
        match self {
            Self::Or(parts) => parts.iter().any(|part| part.holds(row)),
            Self::And(parts) => parts.iter().all(|part| part.holds(row)),
            Self::Clause { property, prefixes } => {
                let Value::Text(text) = row.value(property) else { return false };
                let tokens = property.search_tokens(&text);
                prefixes.iter().all(|prefix| {
                    let mut from =
                        tokens.range::<str, _>((Bound::Included(prefix.as_str()), Bound::Unbounded));
                    from.next().is_some_and(|token| token.starts_with(prefix))
                })
            }
        }
    }

    fn number_of_alternatives(&self) -> usize {
        match self {
            Self::Or(parts) => parts.iter().map(Self::number_of_alternatives).fold(0, usize::saturating_add),
            Self::And(parts) => parts.iter().map(Self::number_of_alternatives).fold(1, usize::saturating_mul),
            Self::Clause { .. } => 1,
        }
    }

    fn alternatives(&self) -> Vec<Vec<SearchPrefix<'_>>> {
        match self {
            Self::Or(parts) => parts.iter().flat_map(Self::alternatives).collect(),
            Self::And(parts) => parts.iter().fold(vec![vec![]], |so_far, part| {
                let part = part.alternatives();
                so_far
                    .iter()
                    .flat_map(|left| part.iter().map(|right| [&left[..], &right[..]].concat()))
                    .collect()
            }),
            Self::Clause { property, prefixes } => {
                vec![prefixes.iter().map(|prefix| SearchPrefix { property, prefix }).collect()]
            }
        }
    }
}
