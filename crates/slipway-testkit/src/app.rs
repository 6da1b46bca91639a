//! The server and a client for it.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use http_body_util::BodyExt;
use serde_json::Value;
use slipway_graph::seed::{DEMO_TENANT, Seed};
use slipway_graph::{
    Hosts, Keys, LegacyPermissions, LegacyRefusal, Mode, RowLimits, Scheme, Server, Settings,
};
use slipway_identity::{Clock, Ids, ManualClock, Mint, SigningKey, TrustedIssuer};
use slipway_model::TenantId;
use slipway_outbound::{Origin, Outbound, Rules};
use slipway_store::{Changeset, Partition, PrivateKey, Store, signing_key, tenant};

use crate::place::Place;
use crate::tenant::TestTenant;

/// Where the clock of a [`TestApp`] stands.
pub const DEMO_EPOCH: &str = "2026-11-22T10:00:00Z";

/// The demo client to which the demo app belongs.
pub const DEMO_SELF: &str = "51190000-0000-4000-8000-00000000a002";

/// The demo client whose `…Selected…` permissions reach the demo app Contoso Polls.
pub const DEMO_SELECTED: &str = "51190000-0000-4000-8000-00000000a005";

/// The demo team: the administrator owns it, users 02 and 03 are members.
pub const DEMO_TEAM: &str = "51190000-0000-4000-8000-00000000c001";

/// The demo group of all users.
pub const DEMO_GROUP: &str = "51190000-0000-4000-8000-00000000f001";

/// The demo group chat of users 02, 03 and 04.
pub const DEMO_CHAT: &str = "19:51190000040008000000000000000d001@thread.v2";

/// The demo meeting chat of the same users.
pub const DEMO_MEETING: &str = "19:51190000040008000000000000000d002@thread.v2";

/// Secret of the control API.
pub const CONTROL_SECRET: &str = "control-secret-of-tests";

/// Signs the tokens of tests and nothing else; making a key takes half a second. PKCS#8, DER.
const SIGNING_KEY: &[u8] = include_bytes!("signing-key.der");

/// A server with the demo tenant.
pub struct TestApp {
    /// The server; of several on one storage, the first.
    pub server: Server,
    /// Its clock.
    pub clock: ManualClock,
    others: Vec<Server>,
    requests: AtomicUsize,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON; null when it is empty or is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// A header's text; empty when it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// `error.code` and `error.message` of the body.
    #[must_use]
    pub fn error(&self) -> (String, String) {
        let json = self.json();
        let text = |name| json.pointer(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        (text("/error/code"), text("/error/message"))
    }
}

impl TestApp {
    /// A server with default settings.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start() -> Self {
        let clock = ManualClock::at(DEMO_EPOCH.parse().expect("a time"));
        let stores = Place::of_environment().open().await;
        let store = stores.first().expect("a store");
        put_signing_key(store, &clock).await;
        let ids = Ids::seeded(1);
        Seed::demo().expect("the demo seed").apply(store, &ids, clock.now()).await.expect("seeding");
        let settings = || settings(LegacyPermissions::Beta, LegacyRefusal::Forbidden);
        Self::on(stores, clock, &ids, settings).await
    }

    /// Another server on the same storage, with these limits for the rows that a request may look at.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn with_row_limits(&self, row_limits: RowLimits) -> Self {
        let legacy = || settings(LegacyPermissions::Beta, LegacyRefusal::Forbidden);
        self.beside(|| Settings { row_limits, ..legacy() }).await
    }

    /// One more server on the same storage, which trusts other issuers. What it knows of their keys is its own, so it
    /// is one also where the app is several.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn trusting(&self, issuers: &[TrustedIssuer]) -> Self {
        let legacy = || settings(LegacyPermissions::Beta, LegacyRefusal::Forbidden);
        let origins = || issuers.iter().map(|issuer| Origin::of(issuer.url()).expect("a URL"));
        let outbound = || Outbound::new(Rules { named: origins().collect(), ..Rules::default() });
        let trusting = || Settings { trusted_issuers: issuers.to_vec(), outbound: outbound(), ..legacy() };
        let store = self.server.store().clone();
        Self::on(vec![store], self.clock.clone(), self.server.ids(), trusting).await
    }

    /// Another server on the same storage, in mode `service`.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn in_service(&self) -> Self {
        let legacy = || settings(LegacyPermissions::Beta, LegacyRefusal::Forbidden);
        self.beside(|| Settings { mode: Mode::Service, ..legacy() }).await
    }

    /// Another server on the same storage, with these settings for the permissions of the first documentation.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn with_legacy(&self, permissions: LegacyPermissions, refusal: LegacyRefusal) -> Self {
        self.beside(|| settings(permissions, refusal)).await
    }

    async fn beside(&self, settings: impl Fn() -> Settings) -> Self {
        let stores = self.servers().map(|server| server.store().clone()).collect();
        Self::on(stores, self.clock.clone(), self.server.ids(), settings).await
    }

    /// A server on each of the stores, which are the same storage.
    async fn on(stores: Vec<Store>, clock: ManualClock, ids: &Ids, settings: impl Fn() -> Settings) -> Self {
        let mut servers = Vec::with_capacity(stores.len());
        for store in stores {
            let keys = Keys::open(&store, None, ids, clock.now()).await.expect("keys");
            let clock = Clock::Manual(clock.clone());
            servers.push(Server::new(settings(), store, keys, clock, ids.clone()));
        }
        let mut servers = servers.into_iter();
        let server = servers.next().expect("a store");
        Self { server, clock, others: servers.collect(), requests: AtomicUsize::new(0) }
    }

    fn servers(&self) -> impl Iterator<Item = &Server> {
        std::iter::once(&self.server).chain(&self.others)
    }

    /// Adds what the seed says: YAML or JSON, as `slipway seed schema` has it.
    ///
    /// # Panics
    /// With the findings, when the seed is wrong.
    pub async fn seed(&self, text: &str) {
        let seed = Seed::parse("seed", text, std::path::Path::new(""));
        let seed = seed.unwrap_or_else(|error| panic!("{error}"));
        let applied = seed.apply(self.server.store(), self.server.ids(), self.clock.now()).await;
        applied.unwrap_or_else(|error| panic!("{error}"));
    }

    /// Sends a request, of several servers to the other one than the last; the path begins behind the host.
    ///
    /// # Panics
    /// When the request cannot be built.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("Host", "localhost:8365");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Bytes::copy_from_slice(body)).expect("a request");
        let turn = self.requests.fetch_add(1, Ordering::Relaxed);
        let server = self.servers().nth(turn % (1 + self.others.len())).expect("a server");
        let (parts, body) = server.respond(request, Scheme::Https).await.into_parts();
        let body = body.collect().await.expect("a body in memory").to_bytes();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// GET with a token.
    pub async fn get(&self, token: &str, path: &str) -> Answer {
        self.send(Method::GET, path, &[("Authorization", &format!("Bearer {token}"))], b"").await
    }

    /// DELETE with a token.
    pub async fn delete(&self, token: &str, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[("Authorization", &format!("Bearer {token}"))], b"").await
    }

    /// POST of JSON with a token; nothing is sent for an empty text.
    pub async fn post(&self, token: &str, path: &str, json: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
        let headers = if json.is_empty() { &headers[..1] } else { &headers[..] };
        self.send(Method::POST, path, headers, json.as_bytes()).await
    }

    /// POST of an app package with a token.
    pub async fn post_zip(&self, token: &str, path: &str, zip: &[u8]) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/zip")];
        self.send(Method::POST, path, &headers, zip).await
    }

    /// A token of a demo client for itself, with the roles that it has.
    ///
    /// # Panics
    /// When there is no such client.
    pub async fn application_token(&self, client_id: &str) -> String {
        self.demo().await.application_token(client_id).await
    }

    /// A token of a demo client for a demo user, with the scopes that it has for everyone.
    ///
    /// # Panics
    /// When there is no such client or user.
    pub async fn user_token(&self, client_id: &str, user_id: &str) -> String {
        self.demo().await.user_token(client_id, user_id).await
    }

    /// A token with just these permissions, delegated by the user if one is given. Its client is the demo
    /// tenant's "Self", to which the demo app belongs.
    ///
    /// # Panics
    /// When there is no such user.
    pub async fn token_with(&self, permissions: &[&str], user_id: Option<&str>) -> String {
        self.demo().await.token_with(DEMO_SELF, permissions, user_id).await
    }

    /// A token that is signed by the server's key and names a tenant that the server does not have.
    ///
    /// # Panics
    /// Never.
    pub async fn token_of_unknown_tenant(&self) -> String {
        let client = self.demo().await.client(DEMO_SELF).await;
        let tenant = TenantId::parse("51190000-0000-4000-8000-0000000000ff").expect("an id");
        let mint =
            Mint { tenant: &tenant, client: &client, now: self.clock.now(), uti: "uti", session: None };
        self.server.keys().ring().application_token(&mint).expect("a token")
    }

    /// The demo tenant.
    ///
    /// # Panics
    /// When it is not there.
    pub async fn demo(&self) -> TestTenant<'_> {
        self.tenant(DEMO_TENANT).await
    }

    /// The tenant with this id.
    ///
    /// # Panics
    /// When it is not there.
    pub async fn tenant(&self, id: &str) -> TestTenant<'_> {
        let id = TenantId::parse(id).expect("an id");
        let found = self.server.store().view().get(&tenant::key(&id)).await.expect("a read");
        TestTenant::new(self, found.expect("the tenant").record)
    }

    /// Where the demo tenant keeps its rows.
    pub async fn partition(&self) -> Partition {
        self.demo().await.partition()
    }

    /// How many installations the demo tenant has.
    ///
    /// # Panics
    /// When the store cannot be read.
    pub async fn installations(&self) -> i64 {
        self.demo().await.installations().await
    }
}

fn settings(legacy_permissions: LegacyPermissions, legacy_refusal: LegacyRefusal) -> Settings {
    Settings {
        mode: Mode::Lab,
        legacy_permissions,
        legacy_refusal,
        row_limits: RowLimits {
            examined: NonZeroUsize::new(20_000).expect("not 0"),
            counted: NonZeroUsize::new(200_000).expect("not 0"),
        },
        hosts: Hosts::default(),
        control_secret: CONTROL_SECRET.into(),
        ca_certificate: "-----BEGIN CERTIFICATE-----\n".into(),
        trusted_issuers: Vec::new(),
        outbound: Outbound::new(Rules::default()),
        own_files: Vec::new(),
    }
}

async fn put_signing_key(store: &Store, clock: &ManualClock) {
    let key = SigningKey::from_pkcs8(SIGNING_KEY).expect("a key");
    let record = slipway_store::SigningKey {
        kid: key.kid().to_owned(),
        created_at: clock.now(),
        private: PrivateKey::Pkcs8(SIGNING_KEY.to_vec()),
    };
    let changes = Changeset::new("test.signingKey")
        .expect_absent(&signing_key::key(&record.kid))
        .put(&Partition::global(), &record);
    store.commit(changes).await.expect("a commit");
}
