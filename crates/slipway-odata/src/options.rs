//! The query options of a request, judged by syntax alone.

use std::fmt;

use crate::parse::Parser;
use crate::{ClauseError, Expr, MAX_EXPAND_DEPTH, OrderItem, Projection, QueryError, SearchExpr};

/// Longest query string, in bytes as sent.
pub const MAX_QUERY_LENGTH: usize = 16_384;

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
    /// `$format`
    Format,
}

impl SystemOption {
    const ALL: [Self; 10] = [
        Self::Filter,
        Self::Select,
        Self::Expand,
        Self::OrderBy,
        Self::Top,
        Self::Skip,
        Self::SkipToken,
        Self::Count,
        Self::Search,
        Self::Format,
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
            Self::Format => "Format",
        }
    }

    /// The option of that name, with or without `$`: Microsoft's page on query parameters has the sign optional.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let name = name.strip_prefix('$').unwrap_or(name);
        Self::ALL.into_iter().find(|option| option.as_str().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for SystemOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}", self.as_str().to_ascii_lowercase())
    }
}

/// The query options of a request. An absent option is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryOptions {
    /// `$filter`
    pub filter: Option<Expr>,
    /// `$select` and `$expand`
    pub projection: Projection,
    /// `$orderby`
    pub orderby: Option<Vec<OrderItem>>,
    /// `$top`
    pub top: Option<u32>,
    /// `$skip`
    pub skip: Option<u32>,
    /// `$skiptoken`, opaque here.
    pub skiptoken: Option<String>,
    /// `$count`
    pub count: Option<bool>,
    /// `$search`
    pub search: Option<SearchExpr>,
    /// `$format`: `json`, or `application/json` with parameters.
    pub format: Option<String>,
}

impl QueryOptions {
    /// Reads a query string as it stands behind the `?`: `+` is a blank, percent-encoding is undone once, names
    /// of options are taken without case, with `$` or without it. What has no `$` and is none of OData's is
    /// passed over: operations have parameters of their own.
    ///
    /// # Errors
    /// [`QueryError::TooLong`], [`QueryError::UnknownOption`], [`QueryError::DuplicateOption`],
    /// [`QueryError::InvalidNumber`], [`QueryError::InvalidCount`], [`QueryError::UnsupportedFormat`], and what is
    /// wrong with the syntax of a clause.
    pub fn parse(raw: &str) -> Result<Self, QueryError> {
        if raw.len() > MAX_QUERY_LENGTH {
            return Err(QueryError::TooLong);
        }
        let mut options = Self::default();
        for (name, value) in form_urlencoded::parse(raw.as_bytes()) {
            let Some(option) = SystemOption::parse(&name) else {
                if name.starts_with('$') {
                    return Err(QueryError::UnknownOption(name.into_owned()));
                }
                continue;
            };
            if options.present().any(|present| present == option) {
                return Err(QueryError::DuplicateOption(option));
            }
            options.set(option, &value)?;
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
            SystemOption::Format => self.format.is_some(),
        })
    }

    fn set(&mut self, option: SystemOption, value: &str) -> Result<(), QueryError> {
        match option {
            SystemOption::Filter => self.filter = Some(Expr::parse(value).map_err(QueryError::Filter)?),
            SystemOption::Select => self.projection.select = Some(projection(value, Parser::select)?),
            SystemOption::Expand => self.projection.expand = Some(projection(value, Parser::expand)?),
            SystemOption::OrderBy => {
                self.orderby = Some(whole(value, Parser::orderby).map_err(QueryError::OrderBy)?);
            }
            SystemOption::Top => self.top = Some(number(option, value)?),
            SystemOption::Skip => self.skip = Some(number(option, value)?),
            SystemOption::SkipToken => self.skiptoken = Some(value.to_owned()),
            SystemOption::Count => self.count = Some(boolean(value)?),
            SystemOption::Search => {
                self.search = Some(SearchExpr::parse(value).map_err(QueryError::Search)?);
            }
            SystemOption::Format if is_json(value) => self.format = Some(value.to_owned()),
            SystemOption::Format => return Err(QueryError::UnsupportedFormat(value.to_owned())),
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

fn is_json(format: &str) -> bool {
    let name = format.split(';').next().unwrap_or_default().trim();
    name.eq_ignore_ascii_case("json") || name.eq_ignore_ascii_case("application/json")
}

fn projection<'t, T>(
    text: &'t str,
    parse: impl FnOnce(&mut Parser<'t>) -> Result<T, ClauseError>,
) -> Result<T, QueryError> {
    whole(text, parse).map_err(QueryError::Projection)
}

/// Parses a clause to its end.
fn whole<'t, T>(
    text: &'t str,
    parse: impl FnOnce(&mut Parser<'t>) -> Result<T, ClauseError>,
) -> Result<T, ClauseError> {
    let mut parser = Parser::new(text, MAX_EXPAND_DEPTH)?;
    let parsed = parse(&mut parser)?;
    parser.finish()?;
    Ok(parsed)
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
    fn present_options_are_named() {
        let options = QueryOptions::parse("$search=%22a%22&$orderby=name&x=1&expand=a&$format=json").unwrap();
        let names: Vec<_> = options.present().map(|option| option.to_string()).collect();
        assert_eq!(names, ["$expand", "$orderby", "$search", "$format"]);
    }

    #[test]
    fn the_sign_is_optional_and_other_parameters_are_passed_over() {
        let options = QueryOptions::parse("filter=id eq 'a'&requiresReview=true&Top=3&apply=x").unwrap();
        assert_eq!(options, QueryOptions::parse("$filter=id eq 'a'&$top=3").unwrap());
    }

    #[test]
    fn the_format_is_json() {
        for format in ["json", "JSON", "application/json", "application/json;odata.metadata=none"] {
            let options = QueryOptions::parse(&format!("$format={format}")).unwrap();
            assert_eq!(options.format.as_deref(), Some(format));
        }
    }

    #[test]
    fn faults_name_the_option() {
        for (raw, expected) in [
            ("$foo=1", "The query parameter '$foo' is not supported."),
            ("$apply=aggregate(a)", "The query parameter '$apply' is not supported."),
            ("$compute=a as b", "The query parameter '$compute' is not supported."),
            ("$deltatoken=latest", "The query parameter '$deltatoken' is not supported."),
            (
                "$format=xml",
                "The value 'xml' of the query option '$format' is not supported; it can be 'json'.",
            ),
            (
                "filter=a&$filter=b",
                "Query option '$filter' was specified more than once, but it must be specified at most once.",
            ),
            ("$orderby=a b", "Syntax error at position 3 in 'a b'."),
            (
                "$search=displayName:a",
                "Syntax error: character ':' is not valid at position 11 in 'displayName:a'.",
            ),
            ("$filter=", "Invalid filter clause: Expression expected at position 0 in ''."),
            (
                "$top=1&$Top=2",
                "Query option '$top' was specified more than once, but it must be specified at most once.",
            ),
            (
                "$top=-1",
                "Invalid value '-1' for $top query option found. The $top query option requires a \
                 non-negative integer value.",
            ),
            ("$count=1", "Invalid value '1' for $count query option found. Valid values are 'true, false'."),
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
