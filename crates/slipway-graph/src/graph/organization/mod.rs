//! `/organization`: the tenant itself.

mod get;

pub(crate) use get::{get, list};
