//! `/teams`: reading a team, as far as those need it who install apps there.

mod get;
mod row;

pub(crate) use get::get;
