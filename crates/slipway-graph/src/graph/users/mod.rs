//! `/users`: listing and reading the tenant's users. Other resources find their user here.

mod candidates;
mod get;
mod list;
mod row;

pub(crate) use get::{get, resolve};
pub(crate) use list::{count, list};
pub(crate) use row::{UserRow, terms};
