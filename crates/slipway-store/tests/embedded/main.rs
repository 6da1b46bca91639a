//! What only the embedded engine does: its folder, its lock, what it makes of damage, and its backup.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that meets the unexpected fails")]

mod backup;
mod damage;
mod fixture;
mod folder;
