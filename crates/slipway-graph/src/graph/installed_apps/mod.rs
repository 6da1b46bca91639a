//! `…/installedApps`: apps of a user, a team or a chat. One implementation for all three: the operation's row says
//! which kind of owner its path names.

mod add;
mod body;
mod chat;
mod consent;
mod delete;
mod find;
mod get;
mod list;
mod row;
mod upgrade;
mod wanted;

use slipway_model::Owner;

pub(crate) use add::{Addition, add};
pub(crate) use body::Install;
pub(crate) use chat::chat;
pub(crate) use consent::consented;
pub(crate) use delete::delete;
pub(crate) use get::get;
pub(crate) use list::{list, of_owner, rows};
pub(crate) use row::InstallationRow;
pub(crate) use upgrade::upgrade;
pub(crate) use wanted::Wanted;

use crate::graph::chats::encoded;

/// Path of the owner's collection, as addresses and contexts show it; ids of chats stand percent-encoded there.
fn path(owner: &Owner) -> String {
    match owner {
        Owner::User(id) => format!("users('{id}')/teamwork/installedApps"),
        Owner::Team(id) => format!("teams('{id}')/installedApps"),
        Owner::Chat(id) => format!("chats('{}')/installedApps", encoded(id)),
    }
}
