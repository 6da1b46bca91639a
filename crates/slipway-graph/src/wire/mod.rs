//! What stands on the wire: JSON of entities and errors, and the address of their metadata.

pub(crate) mod entity;
pub(crate) mod envelope;
mod json;
pub(crate) mod metadata;
