//! One authorised request, and the way in which its handler keeps what it decides.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use slipway_identity::Caller;
use slipway_model::{Scope, Tenant};
use slipway_odata::{Query, QueryOptions, StructuredType};
use slipway_store::{Changeset, CommitError, Partition, Revision, Stored, View, tenant};

use crate::door::Arrival;
use crate::fault::{Fault, FaultKind};
use crate::operation::{ApiVersion, Handler, Operation};
use crate::payload::Payload;
use crate::router;
use crate::segment::split_first;
use crate::server::Server;
use crate::who::{self, Asked, Authorization};
use crate::wire::metadata::Metadata;

/// Longest JSON body, in bytes.
const JSON_LIMIT: usize = 256 * 1024;

/// How often a write is decided anew when others got there first.
const ATTEMPTS: usize = 8;

/// One authorised request: caller, operation, time, ids and store.
pub(crate) struct Call {
    arrival: Arrival,
    version: ApiVersion,
    authorized: Authorized,
    body: Payload,
}

struct Authorized {
    operation: &'static Operation,
    keys: Vec<String>,
    caller: Arc<Caller>,
    partition: Partition,
    basis: Basis,
}

/// What a decision asks to be kept.
pub(crate) enum Keep {
    /// Commit this.
    Commit(Changeset),
    /// Nothing has changed.
    Nothing,
}

impl Call {
    /// Finds the caller, the operation, and whether the one may call the other. A refused request's body is
    /// read to its end, so that the client reads the answer.
    pub(crate) async fn admit(
        arrival: Arrival,
        version: ApiVersion,
        mut body: Payload,
    ) -> Result<Self, Fault> {
        match Self::authorized(&arrival, version).await {
            Ok(authorized) => Ok(Self { arrival, version, authorized, body }),
            Err(fault) => {
                body.drain().await;
                Err(fault)
            }
        }
    }

    /// A write begins with what is remembered of tenant and client, since its commit will tell if that is old. A
    /// refusal that rests on memory is looked at again.
    async fn authorized(arrival: &Arrival, version: ApiVersion) -> Result<Authorized, Fault> {
        let store = arrival.server.store();
        if arrival.parts.method.is_safe() {
            return Self::authorized_in(arrival, version, Arc::new(store.view())).await;
        }
        let view = Arc::new(store.presuming_view());
        let authorized = Self::authorized_in(arrival, version, Arc::clone(&view)).await;
        if authorized.is_ok() || !view.has_presumed() {
            return authorized;
        }
        let authorized = Self::authorized_in(arrival, version, Arc::new(store.view())).await?;
        // Not the snapshot: it would be held, with a connection to the database, until the commit is answered.
        let view = Arc::new(store.presuming_view());
        Ok(Authorized { basis: Basis { view, ..authorized.basis }, ..authorized })
    }

    async fn authorized_in(
        arrival: &Arrival,
        version: ApiVersion,
        view: Arc<View>,
    ) -> Result<Authorized, Fault> {
        let Arrival { server, parts, .. } = arrival;
        let (caller, tenant) = who::authenticate(server, &parts.headers, &view).await?;
        let (_, path) = split_first(parts.uri.path());
        let path = router::in_tenant(path, &caller.tenant)?;
        let route = server.router(version).route(&parts.method, path, caller.user.as_ref())?;
        let partition = Partition::of(&tenant.record);
        let asked = Asked {
            operation: route.operation,
            version,
            keys: &route.keys,
            caller: &caller,
            partition: &partition,
        };
        let authorization = Arc::new(who::authorize(server, &view, asked).await?);
        Ok(Authorized {
            operation: route.operation,
            keys: route.keys,
            caller,
            partition,
            basis: Basis { view, tenant: Arc::new(tenant), authorization },
        })
    }

    /// The operation's row.
    pub(crate) fn operation(&self) -> &'static Operation {
        self.authorized.operation
    }

    /// How to carry the operation out.
    pub(crate) fn handler(&self) -> Handler {
        self.authorized.operation.handler
    }

    pub(crate) fn server(&self) -> &Server {
        &self.arrival.server
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.arrival.now
    }

    /// `v1.0` or `beta`.
    pub(crate) fn version(&self) -> ApiVersion {
        self.version
    }

    pub(crate) fn caller(&self) -> &Caller {
        &self.authorized.caller
    }

    pub(crate) fn scope(&self) -> &Scope {
        &self.authorized.basis.authorization.scope
    }

    /// The caller's tenant in the snapshot of [`Self::view`].
    pub(crate) fn tenant(&self) -> &Tenant {
        &self.authorized.basis.tenant.record
    }

    /// Where the caller's tenant keeps its rows.
    pub(crate) fn partition(&self) -> &Partition {
        &self.authorized.partition
    }

    /// The keys of the path, decoded.
    pub(crate) fn keys(&self) -> &[String] {
        &self.authorized.keys
    }

    /// The n-th key of the path, decoded; the router made sure that it is there.
    pub(crate) fn key(&self, n: usize) -> &str {
        self.authorized.keys.get(n).map_or("", String::as_str)
    }

    /// The address of the service, such as `https://localhost:8365/v1.0`.
    pub(crate) fn service_root(&self) -> String {
        format!("{}/{}", self.arrival.base, self.version.as_str())
    }

    /// How much control information the answer carries.
    pub(crate) fn metadata(&self) -> Metadata {
        Metadata::wanted(&self.arrival.parts.headers)
    }

    /// The snapshot in which the caller was found; reads answer from it. A write reads in [`Self::keep`] only.
    pub(crate) fn view(&self) -> &View {
        &self.authorized.basis.view
    }

    /// The request's query text as it came, without the question mark.
    pub(crate) fn raw_query(&self) -> &str {
        self.arrival.parts.uri.query().unwrap_or_default()
    }

    /// The address of the request, without its query.
    pub(crate) fn url_without_query(&self) -> String {
        format!("{}{}", self.arrival.base, self.arrival.parts.uri.path())
    }

    /// The query, bound to the type; options that the operation does not serve are refused by name.
    pub(crate) fn query(&self, kind: &'static StructuredType) -> Result<Query, Fault> {
        let options = QueryOptions::parse(self.raw_query()).map_err(FaultKind::Query)?;
        Ok(Query::bind(options, kind, self.authorized.operation.options).map_err(FaultKind::Query)?)
    }

    /// The body where JSON is expected; it may be empty.
    pub(crate) async fn json(&mut self) -> Result<Bytes, Fault> {
        self.arrival.json(&mut self.body, JSON_LIMIT).await
    }

    /// The whole body, and its media type without parameters, in lower case.
    pub(crate) async fn bytes(&mut self, limit: usize) -> Result<(Bytes, String), Fault> {
        self.arrival.bytes(&mut self.body, limit).await
    }

    /// The text of a header by its name in lower case; empty when it is not there.
    pub(crate) fn header_text(&self, name: &'static str) -> &str {
        self.arrival.header(&http::HeaderName::from_static(name))
    }

    /// Decides and commits; when another writer changed what the decision rests on, decides anew on a fresh
    /// snapshot, a bounded number of times.
    pub(crate) async fn keep<T, D>(&self, decide: impl Fn(Basis) -> D) -> Result<T, Fault>
    where
        D: Future<Output = Result<(Keep, T), Fault>>,
    {
        for _ in 0..ATTEMPTS {
            let fresh = self.fresh_basis().await?;
            let (tenant, authorization) = (fresh.tenant.revision, Arc::clone(&fresh.authorization));
            let (keep, kept) = decide(fresh).await?;
            let Keep::Commit(changeset) = keep else { return Ok(kept) };
            // The snapshot went with the decision: what it holds is for others while the commit waits for the disk.
            if self.commit(authorization.expect(changeset), tenant).await? {
                return Ok(kept);
            }
        }
        Err(FaultKind::Busy.because(format!("others got there first {ATTEMPTS} times")))
    }

    /// The same, with a first try on the request's own view, which presumes that little has changed since rows were
    /// read last: the commit tells, and any other end than a commit is decided anew. For decisions that rest on
    /// single rows.
    pub(crate) async fn keep_presuming<T, D>(&self, decide: impl Fn(Basis) -> D) -> Result<T, Fault>
    where
        D: Future<Output = Result<(Keep, T), Fault>>,
    {
        let Basis { view, tenant, authorization } = &self.authorized.basis;
        if let Ok((Keep::Commit(changeset), kept)) = decide(self.authorized.basis.clone()).await {
            let changeset = authorization.expect(changeset.presuming(view));
            if self.commit(changeset, tenant.revision).await? {
                return Ok(kept);
            }
            view.forget_shown();
        }
        self.keep(decide).await
    }

    /// Commits in the tenant as it was at this revision; false if others were there first.
    async fn commit(&self, changeset: Changeset, tenant: Revision) -> Result<bool, Fault> {
        let key = tenant::key(&self.authorized.caller.tenant);
        let changeset = changeset.expect_revision(&key, tenant);
        match self.server().store().commit(changeset).await {
            Ok(_) => Ok(true),
            Err(CommitError::Conflict(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// A snapshot of this moment, in which the caller still is who they were and may what they might.
    async fn fresh_basis(&self) -> Result<Basis, Fault> {
        let view = Arc::new(self.server().store().view());
        let (caller, tenant) = who::authenticate(self.server(), &self.arrival.parts.headers, &view).await?;
        let Authorized { operation, keys, partition, .. } = &self.authorized;
        if Partition::of(&tenant.record) != *partition {
            return Err(FaultKind::Busy.because("the tenant was replaced meanwhile"));
        }
        let asked = Asked { operation, version: self.version, keys, caller: &caller, partition };
        let authorization = who::authorize(self.server(), &view, asked).await?;
        if authorization.scope != *self.scope() {
            return Err(FaultKind::Busy.because("what the caller may do changed meanwhile"));
        }
        Ok(Basis { view, tenant: Arc::new(tenant), authorization: Arc::new(authorization) })
    }
}

/// What a decision rests on: a snapshot, and the tenant and the caller's authorization in it. A commit expects that
/// tenant's revision, and the rows that authorize.
#[derive(Clone)]
pub(crate) struct Basis {
    pub(crate) view: Arc<View>,
    pub(crate) tenant: Arc<Stored<Tenant>>,
    authorization: Arc<Authorization>,
}
