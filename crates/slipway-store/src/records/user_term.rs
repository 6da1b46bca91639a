//! Terms: the texts by which users are found and listed.
//!
//! They follow from the user, so whoever puts, changes or deletes a user does the same to its terms in the same
//! changeset.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use slipway_model::{User, UserId};

use super::user;
use crate::key::{Key, KeyWriter, Partition, Range};
use crate::kind::Kind;
use crate::record::{Record, Reference, Undecodable, Version};

/// Longest term, in bytes; longer texts are cut at the end of a character. It is more than the 256 characters that
/// Microsoft documents for display names take.
pub const MAX_TERM_BYTES: usize = 1_024;

/// Most tokens of one text, so that the terms of a user fit into a changeset with those that they replace.
pub const MAX_TOKENS: usize = 200;

/// Splits a display name or an address into the tokens that a search compares.
pub type Tokens = fn(TermField, &str) -> Vec<String>;

/// What a term was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TermField {
    /// The whole display name.
    DisplayName,
    /// The whole mail address.
    Mail,
    /// A token of the display name.
    DisplayNameToken,
    /// A token of the mail address.
    MailToken,
}

impl TermField {
    const ALL: [Self; 4] = [Self::DisplayName, Self::Mail, Self::DisplayNameToken, Self::MailToken];

    /// The word for it in keys and documents.
    const fn as_str(self) -> &'static str {
        match self {
            Self::DisplayName => "displayName",
            Self::Mail => "mail",
            Self::DisplayNameToken => "displayNameToken",
            Self::MailToken => "mailToken",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == text)
    }
}

/// A text by which a user is found.
///
/// It only names a candidate: texts that were cut or fold alike have the same term, so whoever reads it still tries
/// the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserTerm {
    /// What it was made of.
    pub field: TermField,
    /// The text, as [`UserTerm::new`] makes it.
    pub text: String,
    /// Whom it finds.
    pub user: UserId,
}

impl UserTerm {
    /// A term of the user: the text in lower case, at most [`MAX_TERM_BYTES`] of it.
    #[must_use]
    pub fn new(field: TermField, text: &str, user: &UserId) -> Self {
        Self { field, text: folded(text), user: user.clone() }
    }
}

/// The text in lower case, character by character so that what begins a text begins its folded form too, and cut.
fn folded(text: &str) -> String {
    let mut folded = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        if folded.len() + c.len_utf8() > MAX_TERM_BYTES {
            break;
        }
        folded.push(c);
    }
    folded
}

/// All terms of the user, each once: the whole display name, the whole mail address if there is one, and the first
/// [`MAX_TOKENS`] tokens of each.
///
/// A changeset that changes a user deletes those of the former user and then puts these; of several writes of a row
/// the last one holds.
#[must_use]
pub fn of(user: &User, tokens: Tokens) -> Vec<UserTerm> {
    let parts = |field, text: &str| {
        let tokens: BTreeSet<_> =
            tokens(field, text).iter().take(MAX_TOKENS).map(|text| folded(text)).collect();
        tokens.into_iter().map(move |text| UserTerm { field, text, user: user.id.clone() })
    };
    let mail = user.mail.as_deref();
    let of_mail = mail.into_iter().flat_map(|mail| parts(TermField::MailToken, mail));
    whole(user).chain(parts(TermField::DisplayNameToken, &user.display_name)).chain(of_mail).collect()
}

/// The terms that every user has, however texts are split.
pub(crate) fn whole(user: &User) -> impl Iterator<Item = UserTerm> {
    let mail = user.mail.as_deref().map(|mail| UserTerm::new(TermField::Mail, mail, &user.id));
    [UserTerm::new(TermField::DisplayName, &user.display_name, &user.id)].into_iter().chain(mail)
}

/// Where the term stands.
#[must_use]
pub fn key(partition: &Partition, term: &UserTerm) -> Key<UserTerm> {
    rows(partition, term.field).text(&folded(&term.text)).text(&term.user.folded()).into()
}

/// The terms that begin with the prefix, without case; in the order of their texts, those of one text by user.
#[must_use]
pub fn starting_with(partition: &Partition, field: TermField, prefix: &str) -> Range<UserTerm> {
    rows(partition, field).beginning(&folded(prefix)).into()
}

/// The terms that are this text, without case, by user.
#[must_use]
pub fn equal_to(partition: &Partition, field: TermField, text: &str) -> Range<UserTerm> {
    rows(partition, field).text(&folded(text)).into()
}

/// All terms of the field, in the order of their texts. Those of [`TermField::DisplayName`] have every user once.
#[must_use]
pub fn all(partition: &Partition, field: TermField) -> Range<UserTerm> {
    rows(partition, field).into()
}

fn rows(partition: &Partition, field: TermField) -> KeyWriter {
    KeyWriter::row(Kind::UserTerm, partition).text(field.as_str())
}

#[derive(Deserialize, Serialize)]
struct Document<'a> {
    v: Version<1>,
    #[serde(borrow)]
    field: Cow<'a, str>,
    #[serde(borrow)]
    text: Cow<'a, str>,
    #[serde(borrow)]
    user: Cow<'a, str>,
}

impl Record for UserTerm {
    const KIND: Kind = Kind::UserTerm;

    fn key(&self, partition: &Partition) -> Key<Self> {
        key(partition, self)
    }

    fn references(&self, partition: &Partition) -> Vec<Reference> {
        vec![user::key(partition, &self.user).into()]
    }

    fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Document {
            v: Version,
            field: self.field.as_str().into(),
            text: self.text.as_str().into(),
            user: self.user.as_str().into(),
        })
    }

    fn decode(document: &[u8]) -> Result<Self, Undecodable> {
        let document: Document<'_> = serde_json::from_slice(document)?;
        let field = TermField::parse(&document.field)
            .ok_or_else(|| Undecodable(format!("'{}' is no field of users", document.field)))?;
        Ok(Self { field, text: document.text.into_owned(), user: UserId::parse(&document.user)? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_begins_a_text_begins_its_term(text in ".{0,40}", times in 1..60_usize, at in 0..4_000_usize) {
            let text = text.repeat(times);
            let prefix: String = text.chars().take(at).collect();
            prop_assert!(folded(&text).starts_with(&folded(&prefix)));
            prop_assert!(folded(&text).len() <= MAX_TERM_BYTES);
            prop_assert_eq!(folded(&folded(&text)), folded(&text));
        }
    }

    #[test]
    fn terms_are_cut_at_the_end_of_a_character() {
        assert_eq!(folded(&"É".repeat(600)), "é".repeat(512));
        assert_eq!(folded(&format!("a{}", "É".repeat(600))), format!("a{}", "é".repeat(511)));
    }
}
