//! `$select` and `$expand`: their syntax trees and their grammar.

use crate::parse::Parser;
use crate::{ClauseError, Literal, QueryOptions, SyntaxFault, SystemOption};

/// How many `$expand`s may stand inside each other.
pub const MAX_EXPAND_DEPTH: usize = 3;

/// `$select` and `$expand`, of the request or of one expanded property.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Projection {
    /// Names as written, and `*` for all properties that lead to no other entity.
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
    pub options: QueryOptions,
}

/// The grammar of `$select` and `$expand`.
impl Parser<'_> {
    pub(crate) fn select(&mut self) -> Result<Vec<String>, ClauseError> {
        self.separated(|parser| Ok(if parser.skip('*')? { "*" } else { parser.name()? }.to_owned()))
    }

    pub(crate) fn expand(&mut self) -> Result<Vec<Expand>, ClauseError> {
        self.deeper(|parser| parser.separated(Self::expand_item))
    }

    fn expand_item(&mut self) -> Result<Expand, ClauseError> {
        if self.skip('*')? {
            return Err(ClauseError::InvalidTerm("*".to_owned()));
        }
        let property = self.name()?.to_owned();
        let options = if self.skip('(')? { self.nested_options()? } else { QueryOptions::default() };
        Ok(Expand { property, options })
    }

    /// Options between semicolons, and the closing parenthesis.
    fn nested_options(&mut self) -> Result<QueryOptions, ClauseError> {
        let mut options = QueryOptions::default();
        loop {
            let name = self.name()?;
            let invalid = || ClauseError::InvalidTerm(name.to_owned());
            let option = SystemOption::parse(name).ok_or_else(invalid)?;
            if options.present().any(|present| present == option) {
                return Err(ClauseError::DuplicateTerm(option));
            }
            self.expect('=', "'='")?;
            match option {
                SystemOption::Select => options.projection.select = Some(self.select()?),
                SystemOption::Expand => options.projection.expand = Some(self.expand()?),
                SystemOption::Filter => options.filter = Some(self.filter()?),
                SystemOption::OrderBy => options.orderby = Some(self.orderby()?),
                SystemOption::Top => options.top = Some(self.number()?),
                SystemOption::Skip => options.skip = Some(self.number()?),
                SystemOption::Count => options.count = Some(self.boolean()?),
                SystemOption::SkipToken | SystemOption::Search | SystemOption::Format => {
                    return Err(invalid());
                }
            }
            if !self.skip(';')? {
                self.expect(')', "')' or ';'")?;
                return Ok(options);
            }
        }
    }

    fn number(&mut self) -> Result<u32, ClauseError> {
        let expected = self.error(SyntaxFault::Expected("Non-negative integer"));
        match self.literal()? {
            Literal::Integer(number) => u32::try_from(number).map_err(|_| expected),
            _ => Err(expected),
        }
    }

    fn boolean(&mut self) -> Result<bool, ClauseError> {
        let expected = self.error(SyntaxFault::Expected("'true' or 'false'"));
        match self.literal()? {
            Literal::Boolean(truth) => Ok(truth),
            _ => Err(expected),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Expr;

    fn options(select: &[&str], expand: Vec<Expand>) -> QueryOptions {
        let names = || select.iter().map(|&name| name.to_owned()).collect();
        let select = (!select.is_empty()).then(names);
        let expand = (!expand.is_empty()).then_some(expand);
        QueryOptions { projection: Projection { select, expand }, ..QueryOptions::default() }
    }

    fn expand(property: &str, options: QueryOptions) -> Expand {
        Expand { property: property.to_owned(), options }
    }

    #[test]
    fn expand_nests() {
        let raw =
            "$expand=teamsApp, teamsAppDefinition($select=id,displayName;$expand=bot($select=*))&$select=id";
        let bot = expand("bot", options(&["*"], vec![]));
        let definition = expand("teamsAppDefinition", options(&["id", "displayName"], vec![bot]));
        let expected = options(&["id"], vec![expand("teamsApp", options(&[], vec![])), definition]);
        assert_eq!(QueryOptions::parse(raw), Ok(expected));
    }

    #[test]
    fn an_expansion_has_options_of_its_own() {
        let raw =
            "$expand=a($filter=(b eq ';)') and c in ('x','y');orderby=b/c desc,d;$top=2;$SKIP=0;$count=true)";
        let whole = QueryOptions::parse(raw).unwrap().projection.expand.unwrap().remove(0).options;
        assert_eq!(whole.filter, Some(Expr::parse("(b eq ';)') and c in ('x','y')").unwrap()));
        assert_eq!(whole.orderby, QueryOptions::parse("$orderby=b/c desc,d asc").unwrap().orderby);
        assert_eq!((whole.top, whole.skip, whole.count), (Some(2), Some(0), Some(true)));
    }

    #[test]
    fn filters_nest_as_deep_as_outside() {
        let nested =
            |levels: usize| format!("$expand=a($filter={}true{})", "(".repeat(levels), ")".repeat(levels));
        assert!(QueryOptions::parse(&nested(crate::MAX_FILTER_DEPTH)).is_ok());
        assert!(QueryOptions::parse(&nested(crate::MAX_FILTER_DEPTH + 1)).is_err());
    }

    #[test]
    fn faults_name_the_term() {
        let term = |name: &str| format!("Term '{name}' is not valid in a $select or $expand expression.");
        for (raw, expected) in [
            ("$expand=*", term("*")),
            ("$expand=a($levels=2)", term("$levels")),
            ("$expand=a($search=b)", term("$search")),
            ("$expand=a($skiptoken=b)", term("$skiptoken")),
            (
                "$expand=a($select=b;$select=c)",
                "Query option '$select' was specified more than once, but it must be specified at most once."
                    .into(),
            ),
            ("$expand=a(", "Identifier expected at position 2 in 'a('.".into()),
            ("$expand=a($select=b", "')' or ';' expected at position 11 in 'a($select=b'.".into()),
            ("$expand=a($top=-1)", "Non-negative integer expected at position 7 in 'a($top=-1)'.".into()),
            ("$expand=a($count=1)", "'true' or 'false' expected at position 9 in 'a($count=1)'.".into()),
            ("$select=a/b", "Syntax error at position 2 in 'a/b'.".into()),
            (
                "$expand=a($expand=b($expand=c($expand=d)))",
                "Recursion depth exceeded allowed limit of 3 at position 30 in \
                 'a($expand=b($expand=c($expand=d)))'."
                    .into(),
            ),
        ] {
            let message = QueryOptions::parse(raw).unwrap_err().to_string();
            assert_eq!(message, format!("Parsing OData Select and Expand failed: {expected}"), "{raw}");
        }
    }
}
