//! `/users`: listing and reading the tenant's users. Other resources find their user here.

mod get;
mod list;
mod row;
mod terms;

pub(crate) use get::{get, resolve};
pub(crate) use list::list;
pub(crate) use terms::search_tokens;
