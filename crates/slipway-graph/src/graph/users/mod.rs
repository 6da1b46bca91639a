//! `/users`: listing and reading the tenant's users. Other resources find their user here.

mod candidates;
mod chats;
mod get;
mod list;
mod row;
mod teamwork;
mod terms;

pub(crate) use chats::{get_chat, list_chats};
pub(crate) use get::{get, get_id, resolve};
pub(crate) use list::{check_consistency, count, list};
pub(crate) use row::UserRow;
pub(crate) use teamwork::get_teamwork;
pub use terms::search_tokens;
