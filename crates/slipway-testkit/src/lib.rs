//! A server in process for tests: the demo tenant, a clock that stands still, ids from a seed, no sockets.
//!
//! Answers come back as Graph's clients would see them: status, headers, body.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up has failed")]

mod app;
mod fingerprint;
mod package;
mod place;
mod tenant;

pub use app::{
    Answer, CONTROL_SECRET, DEMO_CHAT, DEMO_EPOCH, DEMO_GROUP, DEMO_MEETING, DEMO_SELECTED, DEMO_SELF,
    DEMO_TEAM, TestApp,
};
pub use fingerprint::Fingerprint;
pub use package::Package;
pub use tenant::TestTenant;
