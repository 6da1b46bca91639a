//! Records and the storage seam, with its engines.
//!
//! A [`Store`] gives a [`View`], one snapshot to read from, and takes a [`Changeset`], expectations and writes that
//! commit together. Every rule and every query stands above these verbs; an engine knows keys, documents and
//! index keys, and no record kind. Each kind is declared in one module: its keys, its indexes, its encoding.

mod batch;
mod changeset;
mod check;
mod declared;
mod embedded;
mod engine;
mod error;
mod key;
mod kind;
mod memory;
mod orders;
mod postgres;
mod record;
mod records;
mod row;
mod store;
mod sweep;
mod terms;
mod transfer;

pub use changeset::{Changeset, MAX_DOCUMENT_BYTES, MAX_KEY_BYTES, MAX_ROWS};
pub use check::{Damage, Finding, Findings, Report};
pub use embedded::BackupError;
pub use error::{CommitError, OpenError, ReadError, Violation};
pub use key::{Cursor, IndexKey, Key, Partition, Range, UniqueKey};
pub use kind::{Counter, Index, Kind};
pub use postgres::{Database, SetupLock};
pub use record::{Record, Reference, Revision, Undecodable};
pub use records::device_grant::{DeviceGrant, GrantState};
pub use records::package::{Icon, Package};
pub use records::session::{CodeChallenge, PendingCode, Session, SessionState};
pub use records::signing_key::{PrivateKey, SigningKey};
pub use records::user_term::{TermField, Tokens, UserTerm};
pub use records::{
    app, chat, client, consent, definition, device_grant, group, installation, membership, package, session,
    signing_key, tenant, user, user_term,
};
pub use store::{Page, Store, Stored, View};
pub use transfer::{Counts, Existing, ExportError, ImportError, Selection, SigningKeys};
