//! `/groups/{id}`: who belongs to a group of the directory, directly or through groups inside it.

mod members;
mod row;
mod transitive_members;

pub(crate) use members::{count, list};
pub(crate) use transitive_members::{count as count_transitive, list as list_transitive};
