//! The words and signs of `$filter`, `$orderby`, `$select` and `$expand`.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::{ClauseError, Literal, SyntaxFault};

/// The smallest parts that mean something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token<'t> {
    /// A name, keyword or `$name`.
    Word(&'t str),
    /// A value that is no word.
    Literal(Literal),
    /// One of `( ) , ; = / : *`.
    Sign(char),
    /// Behind the last character.
    End,
}

/// Reads tokens off the front of a text.
pub(crate) struct Lexer<'t> {
    text: &'t str,
    rest: &'t str,
    start: usize,
}

impl<'t> Lexer<'t> {
    pub(crate) const fn new(text: &'t str) -> Self {
        Self { text, rest: text, start: 0 }
    }

    /// The next token.
    pub(crate) fn next(&mut self) -> Result<Token<'t>, ClauseError> {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
        self.start = self.end();
        let mut chars = self.rest.chars();
        match chars.next() {
            None => Ok(Token::End),
            Some(sign @ ('(' | ')' | ',' | ';' | '=' | '/' | ':' | '*')) => {
                self.rest = chars.as_str();
                Ok(Token::Sign(sign))
            }
            Some('\'') => Ok(Token::Literal(Literal::Text(self.quoted(chars.as_str())?))),
            Some(first) if first.is_ascii_digit() || first == '-' || self.at_guid() => self.bare(),
            Some(first) if is_word(first) => self.word(),
            Some(other) => Err(self.fault(SyntaxFault::Character(other), self.start)),
        }
    }

    /// An error about the last token; "unexpected" points behind it, as OData services do, others at its start.
    pub(crate) fn error(&self, fault: SyntaxFault) -> ClauseError {
        let at = if fault == SyntaxFault::Unexpected { self.end() } else { self.start };
        self.fault(fault, at)
    }

    fn fault(&self, fault: SyntaxFault, at: usize) -> ClauseError {
        let position = self.text.char_indices().take_while(|(index, _)| *index < at).count();
        ClauseError::Syntax { fault, position, text: self.text.to_owned() }
    }

    /// Bytes read so far.
    const fn end(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    fn take(&mut self, accepts: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|c| !accepts(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// A GUID may begin with a letter, as words do.
    fn at_guid(&self) -> bool {
        self.rest.get(..GUID_LENGTH).is_some_and(is_guid)
    }

    /// The text behind an opening quote; a quote inside it is doubled.
    fn quoted(&mut self, mut rest: &'t str) -> Result<String, ClauseError> {
        let mut text = String::new();
        while let Some((part, after)) = rest.split_once('\'') {
            text.push_str(part);
            let Some(more) = after.strip_prefix('\'') else {
                self.rest = after;
                return Ok(text);
            };
            text.push('\'');
            rest = more;
        }
        Err(self.fault(SyntaxFault::UnterminatedText, self.text.len()))
    }

    /// A name, which may be qualified, or a qualified enumeration with members in quotes behind it.
    fn word(&mut self) -> Result<Token<'t>, ClauseError> {
        let word = self.take(|c| is_word(c) || c == '.');
        match self.rest.strip_prefix('\'') {
            Some(members) if word.contains('.') => {
                let members = self.quoted(members)?;
                Ok(Token::Literal(Literal::Enum { name: word.to_owned(), members }))
            }
            _ => Ok(Token::Word(word)),
        }
    }

    /// A number, GUID, date or point in time. A date is its first moment in UTC: that is what OData services take
    /// it for next to a point in time.
    fn bare(&mut self) -> Result<Token<'t>, ClauseError> {
        let text = self.take(|c| is_word(c) || matches!(c, '.' | ':' | '+' | '-'));
        let literal = if is_guid(text) {
            Literal::Guid(text.to_owned())
        } else if let Ok(number) = text.parse() {
            Literal::Integer(number)
        } else if let Ok(time) = text.parse::<Timestamp>() {
            Literal::Time(time)
        } else if let Ok(moment) = text.parse::<Date>().and_then(|date| date.to_zoned(TimeZone::UTC)) {
            Literal::Time(moment.timestamp())
        } else {
            return Err(self.error(SyntaxFault::Unexpected));
        };
        Ok(Token::Literal(literal))
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

const GUID_LENGTH: usize = 36;

/// Whether the text is `8-4-4-4-12` hexadecimal digits.
fn is_guid(text: &str) -> bool {
    text.len() == GUID_LENGTH
        && text.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Result<Vec<Token<'_>>, ClauseError> {
        let mut lexer = Lexer::new(text);
        let mut all = vec![];
        loop {
            match lexer.next()? {
                Token::End => return Ok(all),
                token => all.push(token),
            }
        }
    }

    #[test]
    fn literals() {
        let literal = |text| match tokens(text).unwrap().as_slice() {
            [Token::Literal(literal)] => literal.clone(),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(literal("'O''Neil''s'"), Literal::Text("O'Neil's".into()));
        assert_eq!(literal("''"), Literal::Text(String::new()));
        assert_eq!(literal("-12"), Literal::Integer(-12));
        let guid = "cf1ba4c7-f94e-4d80-ba90-5594b641a8ee";
        assert_eq!(literal(guid), Literal::Guid(guid.into()));
        let time = literal("2026-01-31T12:00:00+02:00");
        assert_eq!(time, Literal::Time("2026-01-31T10:00:00Z".parse().unwrap()));
        assert_eq!(literal("2026-01-31"), Literal::Time("2026-01-31T00:00:00Z".parse().unwrap()));
        assert_eq!(literal("2026-01-31T12:00Z"), Literal::Time("2026-01-31T12:00:00Z".parse().unwrap()));
        let named = Literal::Enum { name: "test.scopes".into(), members: "a'b".into() };
        assert_eq!(literal("test.scopes'a''b'"), named);
    }

    #[test]
    fn only_a_qualified_name_has_members() {
        let split = [Token::Word("guid"), Token::Literal(Literal::Text("a".into()))];
        assert_eq!(tokens("guid'a'").unwrap(), split);
    }

    #[test]
    fn a_colon_ends_a_word() {
        let word = Token::Word;
        let expected = [word("a"), Token::Sign(':'), word("a"), Token::Sign('/'), word("$count")];
        assert_eq!(tokens("a:a/$count").unwrap(), expected);
    }

    #[test]
    fn faults_say_where() {
        for (text, message) in [
            ("id eq 'a", "There is an unterminated string literal at position 8 in 'id eq 'a'."),
            ("ä eq &", "Syntax error: character '&' is not valid at position 5 in 'ä eq &'."),
            ("n eq 1.5", "Syntax error at position 8 in 'n eq 1.5'."),
            ("n eq 99999999999999999999", "Syntax error at position 25 in 'n eq 99999999999999999999'."),
        ] {
            assert_eq!(tokens(text).unwrap_err().to_string(), message);
        }
    }
}
