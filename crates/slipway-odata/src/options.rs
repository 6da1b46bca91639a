//! The query options of a request, judged by syntax alone.

use std::fmt;

use crate::parse::Parser;
use crate::{ClauseError, Expr, QueryError};

/// Longest query string, in bytes as sent.
pub const MAX_QUERY_LENGTH: usize = 16_384;

/// How many `$expand`s may stand inside each other.
pub const MAX_EXPAND_DEPTH: usize = 3;

/// A query option that OData defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemOption {
    /// `$filter`
    Filter,
    /// `$select`
    Select,
    /// `$expand`
    Expand,
    /// `$orderby`
    OrderBy,
    /// `$top`
    Top,
    /// `$skip`
    Skip,
    /// `$skiptoken`
    SkipToken,
    /// `$count`
    Count,
    /// `$search`
    Search,
}

impl SystemOption {
    const ALL: [Self; 9] = [
        Self::Filter,
        Self::Select,
        Self::Expand,
        Self::OrderBy,
        Self::Top,
        Self::Skip,
        Self::SkipToken,
        Self::Count,
        Self::Search,
    ];

    /// The name without `$`, in the case of Microsoft's OData libraries.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Filter => "Filter",
            Self::Select => "Select",
            Self::Expand => "Expand",
            Self::OrderBy => "OrderBy",
            Self::Top => "Top",
            Self::Skip => "Skip",
            Self::SkipToken => "SkipToken",
            Self::Count => "Count",
            Self::Search => "Search",
        }
    }

    /// The option of a name with its `$`.
    fn parse(name: &str) -> Option<Self> {
        let name = name.strip_prefix('$')?;
        Self::ALL.into_iter().find(|option| option.as_str().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for SystemOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}", self.as_str().to_ascii_lowercase())
    }
}

/// `$select` and `$expand`, of the request or of one expanded property.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Projection {
    /// Names as written.
    pub select: Option<Vec<String>>,
    /// What to expand.
    pub expand: Option<Vec<Expand>>,
}

/// One item of `$expand`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expand {
    /// Name as written.
    pub property: String,
    /// What stands in the parentheses behind it.
    pub projection: Projection,
}

/// The query options of a request. An absent option is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryOptions {
    /// `$filter`
    pub filter: Option<Expr>,
    /// `$select` and `$expand`
    pub projection: Projection,
    /// `$orderby`, as text: nothing here reads it yet.
    pub orderby: Option<String>,
    /// `$top`
    pub top: Option<u32>,
    /// `$skip`
    pub skip: Option<u32>,
    /// `$skiptoken`, opaque here.
    pub skiptoken: Option<String>,
    /// `$count`
    pub count: Option<bool>,
    /// `$search`, as text: nothing here reads it yet.
    pub search: Option<String>,
}

impl QueryOptions {
    /// Reads a query string as it stands behind the `?`: `+` is a blank, percent-encoding is undone once, names
    /// of options are taken without case. Options without `$` are not OData's and are passed over.
    ///
    /// # Errors
    /// [`QueryError::TooLong`], [`QueryError::UnknownOption`], [`QueryError::DuplicateOption`],
    /// [`QueryError::InvalidNumber`], [`QueryError::InvalidCount`], and what is wrong with the syntax of a clause.
    pub fn parse(raw: &str) -> Result<Self, QueryError> {
        if raw.len() > MAX_QUERY_LENGTH {
            return Err(QueryError::TooLong);
        }
        let mut options = Self::default();
        for (name, value) in form_urlencoded::parse(raw.as_bytes()) {
            if name.starts_with('$') {
                let option = SystemOption::parse(&name)
                    .ok_or_else(|| QueryError::UnknownOption(name.clone().into_owned()))?;
                if options.present().any(|present| present == option) {
                    return Err(QueryError::DuplicateOption(option));
                }
                options.set(option, &value)?;
            }
        }
        Ok(options)
    }

    /// The options that are there.
    pub fn present(&self) -> impl Iterator<Item = SystemOption> + '_ {
        SystemOption::ALL.into_iter().filter(|option| match option {
            SystemOption::Filter => self.filter.is_some(),
            SystemOption::Select => self.projection.select.is_some(),
            SystemOption::Expand => self.projection.expand.is_some(),
            SystemOption::OrderBy => self.orderby.is_some(),
            SystemOption::Top => self.top.is_some(),
            SystemOption::Skip => self.skip.is_some(),
            SystemOption::SkipToken => self.skiptoken.is_some(),
            SystemOption::Count => self.count.is_some(),
            SystemOption::Search => self.search.is_some(),
        })
    }

    fn set(&mut self, option: SystemOption, value: &str) -> Result<(), QueryError> {
        match option {
            SystemOption::Filter => self.filter = Some(Expr::parse(value).map_err(QueryError::Filter)?),
            SystemOption::Select => self.projection.select = Some(whole(value, Parser::select)?),
            SystemOption::Expand => self.projection.expand = Some(whole(value, Parser::expand)?),
            SystemOption::OrderBy => self.orderby = Some(value.to_owned()),
            SystemOption::Top => self.top = Some(number(option, value)?),
            SystemOption::Skip => self.skip = Some(number(option, value)?),
            SystemOption::SkipToken => self.skiptoken = Some(value.to_owned()),
            SystemOption::Count => self.count = Some(boolean(value)?),
            SystemOption::Search => self.search = Some(value.to_owned()),
        }
        Ok(())
    }
}

fn number(option: SystemOption, value: &str) -> Result<u32, QueryError> {
    value.parse().map_err(|_| QueryError::InvalidNumber(option, value.to_owned()))
}

fn boolean(value: &str) -> Result<bool, QueryError> {
    let folded = value.to_ascii_lowercase();
    folded.parse().map_err(|_| QueryError::InvalidCount(value.to_owned()))
}

/// Parses a `$select` or `$expand` to its end.
fn whole<'t, T>(
    text: &'t str,
    parse: impl FnOnce(&mut Parser<'t>) -> Result<T, ClauseError>,
) -> Result<T, QueryError> {
    let parsed = Parser::new(text, MAX_EXPAND_DEPTH).and_then(|mut parser| {
        let parsed = parse(&mut parser)?;
        parser.finish()?;
        Ok(parsed)
    });
    parsed.map_err(QueryError::Projection)
}

/// The grammar of `$select` and `$expand`.
impl Parser<'_> {
    fn select(&mut self) -> Result<Vec<String>, ClauseError> {
        self.separated(|parser| Ok(parser.name()?.to_owned()))
    }

    fn expand(&mut self) -> Result<Vec<Expand>, ClauseError> {
        self.deeper(|parser| parser.separated(Self::expand_item))
    }

    fn expand_item(&mut self) -> Result<Expand, ClauseError> {
        let property = self.name()?.to_owned();
        let projection = if self.skip('(')? { self.nested_options()? } else { Projection::default() };
        Ok(Expand { property, projection })
    }

    /// Options between semicolons, and the closing parenthesis.
    fn nested_options(&mut self) -> Result<Projection, ClauseError> {
        let mut projection = Projection::default();
        loop {
            let name = self.name()?;
            let option = SystemOption::parse(name)
                .filter(|option| matches!(option, SystemOption::Select | SystemOption::Expand))
                .ok_or_else(|| ClauseError::InvalidTerm(name.to_owned()))?;
            self.expect('=', "'='")?;
            let again = if option == SystemOption::Select {
                projection.select.replace(self.select()?).is_some()
            } else {
                projection.expand.replace(self.expand()?).is_some()
            };
            if again {
                return Err(ClauseError::DuplicateTerm(option));
            }
            if !self.skip(';')? {
                self.expect(')', "')' or ';'")?;
                return Ok(projection);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(raw: &str) -> String {
        QueryOptions::parse(raw).unwrap_err().to_string()
    }

    #[test]
    fn names_are_taken_without_case_and_values_are_decoded_once() {
        let raw =
            "$Filter=displayName+eq+'a%2Bb%2526'&%24TOP=5&$count=True&$skiptoken=x%3D&api-version=1&$skip=0";
        let options = QueryOptions::parse(raw).unwrap();
        assert_eq!(options.filter.unwrap().to_string(), "displayName eq 'a+b%26'");
        assert_eq!((options.top, options.skip, options.count), (Some(5), Some(0), Some(true)));
        assert_eq!(options.skiptoken.as_deref(), Some("x="));
    }

    #[test]
    fn expand_nests() {
        let raw =
            "$expand=teamsApp, teamsAppDefinition($select=id,displayName;$expand=bot($select=id))&$select=id";
        let Projection { select, expand } = QueryOptions::parse(raw).unwrap().projection;
        let plain = |property: &str| Expand { property: property.into(), projection: Projection::default() };
        let bot = Projection { select: Some(vec!["id".into()]), expand: None };
        let definition = Projection {
            select: Some(vec!["id".into(), "displayName".into()]),
            expand: Some(vec![Expand { property: "bot".into(), projection: bot }]),
        };
        let definition = Expand { property: "teamsAppDefinition".into(), projection: definition };
        assert_eq!(select, Some(vec!["id".into()]));
        assert_eq!(expand, Some(vec![plain("teamsApp"), definition]));
    }

    #[test]
    fn present_options_are_named() {
        let options = QueryOptions::parse("$search=%22a%22&$orderby=name&x=1&$expand=a").unwrap();
        let names: Vec<_> = options.present().map(|option| option.to_string()).collect();
        assert_eq!(names, ["$expand", "$orderby", "$search"]);
        assert_eq!(options.orderby.as_deref(), Some("name"));
    }

    #[test]
    fn faults_name_the_option() {
        for (raw, expected) in [
            ("$foo=1", "The query parameter '$foo' is not supported."),
            ("$filter=", "Invalid filter clause: Expression expected at position 0 in ''."),
            (
                "$expand=a($filter=b eq 1)",
                "Parsing OData Select and Expand failed: Term '$filter' is not valid in a $select or $expand \
                 expression.",
            ),
            (
                "$top=1&$Top=2",
                "Query option '$top' was specified more than once, but it must be specified at most once.",
            ),
            (
                "$expand=a($select=b;$select=c)",
                "Parsing OData Select and Expand failed: Query option '$select' was specified more than once, but it must be specified at most once.",
            ),
            (
                "$top=-1",
                "Invalid value '-1' for $top query option found. The $top query option requires a \
                 non-negative integer value.",
            ),
            ("$count=1", "Invalid value '1' for $count query option found. Valid values are 'true, false'."),
            (
                "$expand=a(",
                "Parsing OData Select and Expand failed: Identifier expected at position 2 in 'a('.",
            ),
            (
                "$expand=a($select=b",
                "Parsing OData Select and Expand failed: ')' or ';' expected at position 11 in 'a($select=b'.",
            ),
            ("$select=a/b", "Parsing OData Select and Expand failed: Syntax error at position 2 in 'a/b'."),
            (
                "$select=*",
                "Parsing OData Select and Expand failed: Syntax error: character '*' is not valid at position 0 in '*'.",
            ),
            (
                "$expand=a($expand=b($expand=c($expand=d)))",
                "Parsing OData Select and Expand failed: Recursion depth exceeded allowed limit of 3 at position 30 in \
                 'a($expand=b($expand=c($expand=d)))'.",
            ),
        ] {
            assert_eq!(message(raw), expected, "{raw}");
        }
    }

    #[test]
    fn the_length_is_limited() {
        let fits = format!("x={}", "y".repeat(MAX_QUERY_LENGTH - 2));
        assert_eq!(QueryOptions::parse(&fits), Ok(QueryOptions::default()));
        assert_eq!(QueryOptions::parse(&format!("{fits}y")), Err(QueryError::TooLong));
    }
}
