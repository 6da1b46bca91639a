//! Moving tenants between storages: as lines of JSON that show nothing of the engine that they come from, nor of
//! the one that they go to.

mod error;
mod export;
mod file;
mod import;
mod load;
mod reader;
mod writer;

pub use error::{ExportError, ImportError};
pub use export::{Selection, SigningKeys};
pub use file::Counts;
pub use import::Existing;
