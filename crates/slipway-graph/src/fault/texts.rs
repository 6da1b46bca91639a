//! Texts of faults, and how much of what a client sent they repeat.

use std::borrow::Cow;

use slipway_identity::TokenFault;
use slipway_odata::batch::BatchFault;

/// Most characters of what a client sent that an answer repeats in one place.
const LONGEST_ECHO: usize = 128;

/// Most characters of a message that is made of more than one thing that a client sent.
pub(super) const LONGEST_MESSAGE: usize = 1_024;

/// What a client sent, short enough to be repeated.
pub(crate) fn echo(sent: &str) -> Cow<'_, str> {
    cut(sent, LONGEST_ECHO)
}

/// The text, or its first characters with an ellipsis behind them.
pub(super) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

pub(super) const HEAD_TOO_LONG: &str =
    "The address of the request is longer than 16,384 bytes, or its headers are longer than 32,768 together.";

pub(super) fn token(fault: TokenFault) -> &'static str {
    match fault {
        TokenFault::Empty => "Access token is empty.",
        TokenFault::Malformed => "CompactToken parsing failed with error code: 80049217",
        TokenFault::Expired | TokenFault::NotYetValid => "Access token has expired or is not yet valid.",
        TokenFault::WrongAudience => "Access token validation failure. Invalid audience.",
        TokenFault::UnknownKey | TokenFault::BadSignature => {
            "Access token validation failure. Invalid signature."
        }
        TokenFault::UnknownIssuer => "Access token validation failure. Invalid issuer.",
        TokenFault::PersonalAccount => {
            "Access token validation failure. Personal Microsoft accounts are not supported by this API."
        }
        // As continuous access evaluation says it.
        TokenFault::Revoked => {
            "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: \
             TokenIssuedBeforeRevocationTimestamp"
        }
    }
}

pub(super) fn no_directory_object(id: &str) -> String {
    format!(
        "Resource '{}' does not exist or one of its queried reference-property objects are not present.",
        echo(id)
    )
}

pub(super) fn host_refused(host: &str) -> String {
    let host = echo(host);
    format!(
        "The server does not answer for host '{host}'. Use localhost or a loopback address, or start it with --tls-name {host} or --public-url."
    )
}

/// The code of a batch that is refused as a whole; only that of too many parts is on record.
pub(super) const fn batch_code(fault: &BatchFault) -> &'static str {
    match fault {
        BatchFault::TooManyParts(_) => "MaximumValueExceeded",
        BatchFault::TooLong | BatchFault::Malformed(_) | BatchFault::Part { .. } => "BadRequest",
    }
}

pub(super) fn batch_text(fault: &BatchFault) -> String {
    cut(&fault.to_string(), LONGEST_MESSAGE).into_owned()
}

pub(super) fn no_user(id: &str) -> String {
    format!("Failed to find user with id '{}' in the tenant", echo(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_is_repeated_up_to_a_length() {
        let long = "é".repeat(LONGEST_ECHO);
        assert_eq!(echo(&long), long);
        assert_eq!(echo(&format!("{long}x")), format!("{long}…"));
        assert_eq!(echo(""), "");
    }
}
