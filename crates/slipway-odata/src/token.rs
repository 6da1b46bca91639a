//! What `$search` compares of a text, and what an index of texts holds.
//!
//! The rules are those of Microsoft's page on the `$search` query parameter for directory objects: words end at
//! blanks, symbols, digits and where a lower-case letter meets an upper-case one; `hello.world` has the words
//! `hello`, `.`, `world` and also `helloworld`.

use std::collections::BTreeSet;

use crate::Property;
use crate::evaluate::folded;

/// What of a text is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tokens {
    /// The text as one.
    Whole,
    /// Its words, numbers and symbols.
    Words,
}

impl Property {
    /// The tokens of a value of this property, in lower case. A row matches a search for this property when each
    /// prefix that [`crate::Search::alternatives`] names begins one of these, so an index has a row for each.
    #[must_use]
    pub fn search_tokens(&self, text: &str) -> BTreeSet<String> {
        let mut tokens: BTreeSet<_> = self.tokens.sought(text).into_iter().collect();
        if self.tokens == Tokens::Words {
            tokens.extend(text.split_whitespace().filter_map(joined));
        }
        tokens
    }
}

impl Tokens {
    /// The prefixes that a search for the text looks for.
    pub(crate) fn sought(self, text: &str) -> Vec<String> {
        match self {
            Self::Whole => vec![folded(text).collect()],
            Self::Words => words(text),
        }
    }
}

/// What a character can be part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Blank,
    Digit,
    Lower,
    /// Upper case, and letters without case.
    Letter,
    Symbol,
}

impl Class {
    fn of(c: char) -> Self {
        if c.is_whitespace() {
            Self::Blank
        } else if c.is_numeric() {
            Self::Digit
        } else if c.is_lowercase() {
            Self::Lower
        } else if c.is_alphabetic() {
            Self::Letter
        } else {
            Self::Symbol
        }
    }

    /// Whether a word goes on from a character of this class to the next: `HELLOworld` is one word.
    const fn joins(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Digit, Self::Digit)
                | (Self::Lower | Self::Letter, Self::Lower)
                | (Self::Letter, Self::Letter)
        )
    }
}

fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![];
    let mut before = Class::Blank;
    for c in text.chars() {
        let class = Class::of(c);
        match words.last_mut() {
            Some(word) if before.joins(class) => word.extend(c.to_lowercase()),
            _ if class == Class::Blank => {}
            _ => words.push(c.to_lowercase().collect()),
        }
        before = class;
    }
    words
}

/// The letters and digits of a text that has symbols among them, in one: a search for `helloworld` finds
/// `hello-world`.
fn joined(run: &str) -> Option<String> {
    let symbol = |c: char| Class::of(c) == Class::Symbol;
    let joined: String = folded(&run.replace(symbol, "")).collect();
    (run.contains(symbol) && !joined.is_empty()).then_some(joined)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Case, Kind};

    const WORDS: Property = Property::one("displayName", Kind::String(Case::Matters)).in_words();
    const WHOLE: Property = Property::one("mail", Kind::String(Case::Ignored));

    #[test]
    fn texts_are_split_as_microsoft_documents() {
        for (text, expected) in [
            ("hello world", &["hello", "world"][..]),
            ("HelloWorld", &["hello", "world"]),
            ("helloWORLD", &["hello", "world"]),
            ("HELLOworld", &["helloworld"]),
            ("HelloWORld", &["hello", "world"]),
            ("hello.world", &[".", "hello", "helloworld", "world"]),
            ("hello123world", &["123", "hello", "world"]),
            ("李四(David Li)", &["(", ")", "david", "li", "李四", "李四david"]),
            ("  ", &[]),
            ("--", &["-"]),
        ] {
            let tokens = WORDS.search_tokens(text);
            assert_eq!(tokens.iter().map(String::as_str).collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn other_texts_are_one_token() {
        assert_eq!(WHOLE.search_tokens("Ann@Contoso.Example"), ["ann@contoso.example".to_owned()].into());
    }

    proptest! {
        #[test]
        fn a_text_has_all_the_tokens_that_a_search_for_it_looks_for(text in "[a-cA-C1. é李-]{0,12}|.{0,12}") {
            for property in [WORDS, WHOLE] {
                let tokens = property.search_tokens(&text);
                prop_assert!(property.tokens.sought(&text).iter().all(|sought| tokens.contains(sought)));
                prop_assert!(tokens.iter().all(|token| folded(token).eq(token.chars())));
            }
        }
    }
}
