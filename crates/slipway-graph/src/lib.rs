//! The HTTP surface: Microsoft Graph's operations, the sign-in that they need, and the server's own control.
//!
//! A request goes through five rooms, always in this order: [`door`] (ids, limits, headers, log), [`who`]
//! (token, permission), what (typed input, in each handler), decide (a rule of `slipway-model`), and keep
//! ([`call::Call::keep`]: one named commit).

mod base;
mod call;
mod collection;
mod control;
mod cors;
mod door;
mod encoding;
mod fault;
mod graph;
mod issuers;
mod keys;
mod listing;
mod oauth;
mod object;
mod operation;
mod operations;
mod payload;
mod reply;
mod router;
pub mod seed;
mod segment;
mod server;
mod visit;
mod who;
mod wire;

pub use base::{Hosts, MICROSOFT_HOSTS, Scheme};
pub use fault::{DirectoryFault, Fault, FaultKind, PlaceFault};
pub use graph::search_tokens;
pub use keys::{Keys, KeysError};
pub use listing::{ListedOperation, listing};
pub use operation::{ApiVersion, Operation, Throttle};
pub use operations::operations;
pub use payload::Payload;
pub use server::{LegacyPermissions, LegacyRefusal, Mode, RowLimits, Server, Settings};
