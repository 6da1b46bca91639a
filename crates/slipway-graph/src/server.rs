//! The server's parts that every request shares.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use quick_cache::sync::Cache;
use slipway_identity::{Clock, Ids, Secret, TrustedIssuer};
use slipway_model::{CatalogEntry, TeamsApp};
use slipway_outbound::Outbound;
use slipway_store::{Key, Revision, Store};

use crate::base::Hosts;
use crate::control::Upkeep;
use crate::issuers::Issuers;
use crate::keys::Keys;
use crate::oauth::{PasswordChecks, Polls};
use crate::operation::ApiVersion;
use crate::operations::operations;
use crate::router::Router;

/// Where the permissions of the first documentation (2019, `User.ReadWrite.All` and kin) are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegacyPermissions {
    /// Nowhere, as Graph today.
    Off,
    /// On `/beta`, where they were documented.
    Beta,
    /// On `/v1.0` too.
    All,
}

/// How a caller is refused who has nothing but permissions of the first documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegacyRefusal {
    /// With the names of today's permissions.
    Forbidden,
    /// With `UnknownError` and an empty message, as was seen in August 2020.
    UnknownError,
}

/// How many rows a request may look at.
#[derive(Clone, Copy, Debug)]
pub struct RowLimits {
    /// For a page; one that an unindexed filter leaves short has a link to go on.
    pub examined: NonZeroUsize,
    /// For a count.
    pub counted: NonZeroUsize,
}

/// What may help whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Everything that helps tests: forged tokens, picking a user at sign-in.
    Lab,
    /// None of these is there.
    Service,
}

/// What is fixed at the start.
pub struct Settings {
    /// Whether what helps tests is there.
    pub mode: Mode,
    /// Where the permissions of the first documentation are accepted.
    pub legacy_permissions: LegacyPermissions,
    /// How they are refused elsewhere.
    pub legacy_refusal: LegacyRefusal,
    /// How many rows a request may look at.
    pub row_limits: RowLimits,
    /// Which hosts the server answers for.
    pub hosts: Hosts,
    /// The bearer secret of the control API.
    pub control_secret: Secret,
    /// The certificate of the server's own authority, PEM.
    pub ca_certificate: String,
    /// Other issuers whose tokens are taken as if this server had signed them.
    pub trusted_issuers: Vec<TrustedIssuer>,
    /// The way to the keys of other issuers.
    pub outbound: Outbound,
    /// Files beside the storage that are this server's and go along with a backup.
    pub own_files: Vec<PathBuf>,
}

/// Catalog entries that are remembered, each with the revision of its app's row: good as long as the row has it,
/// for nothing of an entry changes without its app.
pub(crate) type Catalog = Cache<Key<TeamsApp>, Arc<(CatalogEntry, Revision)>>;

/// Entries that are remembered; one takes a few kilobytes.
const REMEMBERED_ENTRIES: usize = 1_000;

/// The server; clones share everything.
#[derive(Clone)]
pub struct Server(Arc<Parts>);

struct Parts {
    settings: Settings,
    store: Store,
    keys: Keys,
    issuers: Issuers,
    clock: Clock,
    ids: Ids,
    v1: Router,
    beta: Router,
    catalog: Catalog,
    password_checks: PasswordChecks,
    polls: Polls,
    upkeep: Upkeep,
}

impl Server {
    /// A server on the store, signing with the keys.
    #[must_use]
    pub fn new(settings: Settings, store: Store, keys: Keys, clock: Clock, ids: Ids) -> Self {
        let of = |version| Router::of(operations().filter(|operation| operation.versions.contains(&version)));
        let (v1, beta) = (of(ApiVersion::V1), of(ApiVersion::Beta));
        let catalog = Cache::new(REMEMBERED_ENTRIES);
        let (password_checks, upkeep) = (PasswordChecks::new(), Upkeep::new());
        let issuers = Issuers::new(settings.outbound.clone(), settings.trusted_issuers.clone());
        Self(Arc::new(Parts {
            settings,
            store,
            keys,
            issuers,
            clock,
            ids,
            v1,
            beta,
            catalog,
            password_checks,
            polls: Polls::new(),
            upkeep,
        }))
    }

    /// What is fixed at the start.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Where everything is kept.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// What signs and verifies tokens.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.0.keys
    }

    /// The time.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Where new ids come from.
    #[must_use]
    pub fn ids(&self) -> &Ids {
        &self.0.ids
    }

    /// Finds what is served of a version.
    pub(crate) fn router(&self, version: ApiVersion) -> &Router {
        match version {
            ApiVersion::V1 => &self.0.v1,
            ApiVersion::Beta => &self.0.beta,
        }
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.0.catalog
    }

    pub(crate) fn issuers(&self) -> &Issuers {
        &self.0.issuers
    }

    pub(crate) fn upkeep(&self) -> &Upkeep {
        &self.0.upkeep
    }

    pub(crate) fn polls(&self) -> &Polls {
        &self.0.polls
    }

    pub(crate) fn password_checks(&self) -> &PasswordChecks {
        &self.0.password_checks
    }
}
