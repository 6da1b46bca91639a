//! `/chats`: chats of people, which have rows, and the chats of users with bots, which follow from installations.

mod body;
mod bot;
mod create;
mod find;
mod get;
mod row;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use slipway_model::ChatId;

pub(crate) use bot::{BotChat, is_with_bot_of};
pub(crate) use create::create;
use find::between;
pub(crate) use find::{find, of_one, of_user};
pub(crate) use get::{entity, get};
pub(crate) use row::ChatRow;

/// Path of the chats in `@odata.context`.
pub(crate) const PATH: &str = "chats";

/// What Microsoft's samples leave as it is in ids of chats.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_');

/// The id as addresses and contexts show it, percent-encoded.
pub(crate) fn encoded(id: &ChatId) -> PercentEncode<'_> {
    utf8_percent_encode(id.as_str(), PLAIN)
}
