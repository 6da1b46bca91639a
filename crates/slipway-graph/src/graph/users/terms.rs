//! The tokens of a user's texts, as the store keeps them for searches.

use slipway_store::TermField;

use crate::graph::schema::{USER_DISPLAY_NAME, USER_MAIL};

/// The tokens that a `$search` compares with, in lower case: of a display name its words, of an address all of it.
#[must_use]
pub fn search_tokens(field: TermField, text: &str) -> Vec<String> {
    let property = match field {
        TermField::DisplayName | TermField::DisplayNameToken => USER_DISPLAY_NAME,
        TermField::Mail | TermField::MailToken => USER_MAIL,
    };
    property.search_tokens(text).into_iter().collect()
}
