//! `…/installedApps`: apps of a user, a team or a chat. One implementation for all three: the operation's row says
//! which kind of owner its path names.

mod add;
mod bind;
mod body;
mod delete;
mod find;
mod get;
mod list;
mod row;
mod upgrade;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use slipway_model::Owner;

pub(crate) use add::add;
pub(crate) use delete::delete;
pub(crate) use get::get;
pub(crate) use list::list;
pub(crate) use upgrade::upgrade;

/// What Microsoft's samples leave as it is in ids of chats.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_');

/// Path of the owner's collection, as addresses and contexts show it; ids of chats stand percent-encoded there.
fn path(owner: &Owner) -> String {
    match owner {
        Owner::User(id) => format!("users('{id}')/teamwork/installedApps"),
        Owner::Team(id) => format!("teams('{id}')/installedApps"),
        Owner::Chat(id) => format!("chats('{}')/installedApps", utf8_percent_encode(id.as_str(), PLAIN)),
    }
}
