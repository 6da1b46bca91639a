//! Microsoft Graph's resources. A folder is a resource, named like its URL segment.

pub(crate) mod app_catalogs;
pub(crate) mod applications;
pub(crate) mod batch;
pub(crate) mod chats;
pub(crate) mod client;
pub(crate) mod groups;
pub(crate) mod installed_apps;
pub(crate) mod metadata;
pub(crate) mod oauth2_permission_grants;
pub(crate) mod organization;
pub(crate) mod owner;
pub(crate) mod permission_grants;
pub(crate) mod schema;
pub(crate) mod service_principals;
pub(crate) mod teams;
pub(crate) mod teamwork;
pub(crate) mod users;

pub use users::search_tokens;
