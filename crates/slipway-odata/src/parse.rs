//! The grammar of `$filter`, and what other options share with it. Keywords are taken without case, as Graph's own examples write `NOT` and
//! `startsWith`.

use std::mem;

use crate::lexer::{Lexer, Token};
use crate::{ClauseError, Expr, Lambda, Literal, Operator, Path, Quantifier, SyntaxFault};

/// How deep parentheses, `not`, calls and lambdas of a filter may go.
pub const MAX_FILTER_DEPTH: usize = 32;

/// How many paths, literals and calls a filter may have.
pub const MAX_FILTER_OPERANDS: usize = 256;

impl Expr {
    /// Reads the text of a filter.
    ///
    /// # Errors
    /// [`ClauseError::Syntax`], and [`ClauseError::UnknownFunction`] where a lambda is neither `any` nor `all`.
    pub fn parse(text: &str) -> Result<Self, ClauseError> {
        let mut parser = Parser::new(text, MAX_FILTER_DEPTH)?;
        let filter = parser.filter()?;
        parser.finish()?;
        Ok(filter)
    }
}

/// A text, the token at its front, and what of the limits is used up.
pub(crate) struct Parser<'t> {
    lexer: Lexer<'t>,
    token: Token<'t>,
    depth: usize,
    max_depth: usize,
    operands: usize,
}

impl<'t> Parser<'t> {
    pub(crate) fn new(text: &'t str, max_depth: usize) -> Result<Self, ClauseError> {
        let mut lexer = Lexer::new(text);
        let token = lexer.next()?;
        Ok(Self { lexer, token, depth: 0, max_depth, operands: 0 })
    }

    /// Nothing may be left.
    pub(crate) fn finish(self) -> Result<(), ClauseError> {
        if self.token == Token::End { Ok(()) } else { Err(self.error(SyntaxFault::Unexpected)) }
    }

    /// An error about the token at the front.
    pub(crate) fn error(&self, fault: SyntaxFault) -> ClauseError {
        self.lexer.error(fault)
    }

    /// Takes the token at the front.
    fn advance(&mut self) -> Result<Token<'t>, ClauseError> {
        let next = self.lexer.next()?;
        Ok(mem::replace(&mut self.token, next))
    }

    /// Takes the sign if it is at the front.
    pub(crate) fn skip(&mut self, sign: char) -> Result<bool, ClauseError> {
        let there = self.token == Token::Sign(sign);
        if there {
            self.advance()?;
        }
        Ok(there)
    }

    /// Takes the sign, which must be at the front.
    pub(crate) fn expect(&mut self, sign: char, what: &'static str) -> Result<(), ClauseError> {
        if self.skip(sign)? { Ok(()) } else { Err(self.error(SyntaxFault::Expected(what))) }
    }

    /// Takes the name that must be at the front.
    pub(crate) fn name(&mut self) -> Result<&'t str, ClauseError> {
        let Token::Word(word) = self.token else {
            return Err(self.error(SyntaxFault::Expected("Identifier")));
        };
        self.advance()?;
        Ok(word)
    }

    /// Parses one level deeper.
    pub(crate) fn deeper<T>(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<T, ClauseError>,
    ) -> Result<T, ClauseError> {
        if self.depth == self.max_depth {
            return Err(self.error(SyntaxFault::TooDeep(self.max_depth)));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    /// One or more between commas.
    pub(crate) fn separated<T>(
        &mut self,
        item: impl Fn(&mut Self) -> Result<T, ClauseError>,
    ) -> Result<Vec<T>, ClauseError> {
        let mut items = vec![item(self)?];
        while self.skip(',')? {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// Takes the keyword if it is at the front.
    pub(crate) fn skip_keyword(&mut self, keyword: &str) -> Result<bool, ClauseError> {
        let there = matches!(self.token, Token::Word(word) if word.eq_ignore_ascii_case(keyword));
        if there {
            self.advance()?;
        }
        Ok(there)
    }

    fn count_operand(&mut self) -> Result<(), ClauseError> {
        self.operands += 1;
        if self.operands > MAX_FILTER_OPERANDS {
            return Err(self.error(SyntaxFault::TooManyOperands(MAX_FILTER_OPERANDS)));
        }
        Ok(())
    }

    /// Parses with a depth of its own, as a filter in an expansion has.
    pub(crate) fn within<T>(
        &mut self,
        max_depth: usize,
        parse: impl FnOnce(&mut Self) -> Result<T, ClauseError>,
    ) -> Result<T, ClauseError> {
        let outer = (self.depth, self.max_depth);
        (self.depth, self.max_depth) = (0, max_depth);
        let parsed = parse(self);
        (self.depth, self.max_depth) = outer;
        parsed
    }

    /// A whole filter.
    pub(crate) fn filter(&mut self) -> Result<Expr, ClauseError> {
        self.within(MAX_FILTER_DEPTH, Self::alternatives)
    }

    fn alternatives(&mut self) -> Result<Expr, ClauseError> {
        self.chain("or", Expr::Or, |parser| parser.chain("and", Expr::And, Self::comparison))
    }

    fn chain(
        &mut self,
        keyword: &str,
        join: fn(Vec<Expr>) -> Expr,
        part: impl Fn(&mut Self) -> Result<Expr, ClauseError>,
    ) -> Result<Expr, ClauseError> {
        let first = part(self)?;
        if !self.skip_keyword(keyword)? {
            return Ok(first);
        }
        let mut parts = vec![first, part(self)?];
        while self.skip_keyword(keyword)? {
            parts.push(part(self)?);
        }
        Ok(join(parts))
    }

    fn comparison(&mut self) -> Result<Expr, ClauseError> {
        let left = self.negation()?;
        for operator in Operator::COMPARISONS {
            if self.skip_keyword(operator.as_str())? {
                return Ok(binary(operator, left, self.negation()?));
            }
        }
        Ok(left)
    }

    /// `not` binds tighter than `eq` and looser than `has` and `in`, as OData's table of precedence has it.
    fn negation(&mut self) -> Result<Expr, ClauseError> {
        if self.skip_keyword("not")? {
            return Ok(Expr::Not(Box::new(self.deeper(Self::negation)?)));
        }
        self.membership()
    }

    fn membership(&mut self) -> Result<Expr, ClauseError> {
        let item = self.operand()?;
        if self.skip_keyword(Operator::Has.as_str())? {
            return Ok(binary(Operator::Has, item, self.operand()?));
        }
        if !self.skip_keyword("in")? {
            return Ok(item);
        }
        self.expect('(', "'('")?;
        let list = self.separated(Self::literal)?;
        self.expect(')', "')' or ','")?;
        Ok(Expr::In { item: Box::new(item), list })
    }

    pub(crate) fn literal(&mut self) -> Result<Literal, ClauseError> {
        self.count_operand()?;
        let literal = match &self.token {
            Token::Literal(literal) => Some(literal.clone()),
            Token::Word(word) => keyword_literal(word),
            _ => None,
        };
        let literal = literal.ok_or_else(|| self.error(SyntaxFault::Expected("Literal")))?;
        self.advance()?;
        Ok(literal)
    }

    fn operand(&mut self) -> Result<Expr, ClauseError> {
        match self.token {
            Token::Sign('(') => {
                self.advance()?;
                let inner = self.deeper(Self::alternatives)?;
                self.expect(')', "')' or operator")?;
                Ok(inner)
            }
            Token::Word(word) if keyword_literal(word).is_none() => self.named(word),
            Token::Word(_) | Token::Literal(_) => Ok(Expr::Literal(self.literal()?)),
            Token::Sign(_) | Token::End => Err(self.error(SyntaxFault::Expected("Expression"))),
        }
    }

    /// A path, a call or a lambda, whose first word is at the front.
    fn named(&mut self, first: &str) -> Result<Expr, ClauseError> {
        self.count_operand()?;
        self.advance()?;
        if self.skip('(')? {
            let arguments = self.deeper(Self::arguments)?;
            return Ok(Expr::Call { function: first.to_owned(), arguments });
        }
        let mut path = Path { segments: vec![first.to_owned()], count: false };
        while !path.count && self.skip('/')? {
            let segment = self.name()?;
            if self.skip('(')? {
                return self.deeper(|parser| parser.quantified(segment, path));
            }
            path.push(segment);
        }
        Ok(Expr::Path(path))
    }

    /// Names between slashes.
    pub(crate) fn path(&mut self) -> Result<Path, ClauseError> {
        let mut path = Path { segments: vec![self.name()?.to_owned()], count: false };
        while !path.count && self.skip('/')? {
            let segment = self.name()?;
            path.push(segment);
        }
        Ok(path)
    }

    /// What stands behind `name(`.
    fn arguments(&mut self) -> Result<Vec<Expr>, ClauseError> {
        if self.skip(')')? {
            return Ok(vec![]);
        }
        let arguments = self.separated(Self::alternatives)?;
        self.expect(')', "')' or ','")?;
        Ok(arguments)
    }

    /// What stands behind `collection/name(`.
    fn quantified(&mut self, name: &str, collection: Path) -> Result<Expr, ClauseError> {
        let quantifier = [Quantifier::Any, Quantifier::All]
            .into_iter()
            .find(|quantifier| quantifier.as_str().eq_ignore_ascii_case(name))
            .ok_or_else(|| ClauseError::UnknownFunction(name.to_owned()))?;
        if quantifier == Quantifier::Any && self.skip(')')? {
            return Ok(Expr::Quantified { quantifier, collection, lambda: None });
        }
        let variable = self.name()?.to_owned();
        self.expect(':', "':'")?;
        let body = Box::new(self.alternatives()?);
        self.expect(')', "')' or operator")?;
        Ok(Expr::Quantified { quantifier, collection, lambda: Some(Lambda { variable, body }) })
    }
}

fn binary(operator: Operator, left: Expr, right: Expr) -> Expr {
    Expr::Binary { operator, left: Box::new(left), right: Box::new(right) }
}

fn keyword_literal(word: &str) -> Option<Literal> {
    [("null", Literal::Null), ("true", Literal::Boolean(true)), ("false", Literal::Boolean(false))]
        .into_iter()
        .find(|(keyword, _)| keyword.eq_ignore_ascii_case(word))
        .map(|(_, literal)| literal)
}
