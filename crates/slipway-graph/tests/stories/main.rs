//! Stories: what clients do and see, as whole answers. Clock and ids are fixed, so nothing is blanked.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod batch;
mod catalog;
mod chats;
mod definitions;
mod errors;
mod headers;
mod installed_apps;
mod keys;
mod paths;
mod permissions;
mod queries;
mod races;
