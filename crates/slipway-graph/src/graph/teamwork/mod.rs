//! `/teamwork`: what the administrators decided for Teams as a whole.

mod get_settings;
mod update_settings;

pub(crate) use get_settings::get_settings;
pub(crate) use update_settings::update_settings;
