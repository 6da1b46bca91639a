//! The record kinds, one module each: keys, ranges, indexes and the versioned encoding.
//!
//! Documents are mirrors of the model's types, so that the model knows no encoding. A mirror is never edited once
//! released; a change is a new version that reads the old one.

pub mod app;
pub mod chat;
pub mod client;
pub mod consent;
mod credential;
pub mod definition;
pub mod device_grant;
pub mod group;
pub(crate) mod import;
pub mod installation;
pub mod membership;
pub mod package;
mod permission;
mod policy;
mod redirect;
pub mod session;
pub mod signing_key;
pub(crate) mod sweep;
pub mod tenant;
pub mod user;
pub mod user_term;
