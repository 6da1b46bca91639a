//! The server and a client for it.

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use http_body_util::BodyExt;
use jiff::Timestamp;
use serde_json::Value;
use slipway_graph::seed::Seed;
use slipway_graph::{Hosts, LegacyPermissions, LegacyRefusal, Mode, Scheme, Server, Settings};
use slipway_identity::{Clock, Ids, ManualClock, Mint};
use slipway_model::{Client, ClientId, ConsentGrant, Tenant, TenantId, User, UserId};
use slipway_store::{Counter, Partition, Store, client, tenant, user};

/// Where the clock of a [`TestApp`] stands.
pub const DEMO_EPOCH: &str = "2026-11-22T10:00:00Z";

/// The demo client to which the demo app belongs.
pub const DEMO_SELF: &str = "51190000-0000-4000-8000-00000000a002";

/// Secret of the control API.
pub const CONTROL_SECRET: &str = "control-secret-of-tests";

/// A server with the demo tenant.
pub struct TestApp {
    /// The server.
    pub server: Server,
    /// Its clock.
    pub clock: ManualClock,
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
        Self::start_with(LegacyPermissions::Beta, LegacyRefusal::Forbidden).await
    }

    /// A server with these settings for the permissions of the first documentation.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_with(legacy_permissions: LegacyPermissions, legacy_refusal: LegacyRefusal) -> Self {
        let clock = ManualClock::at(DEMO_EPOCH.parse().expect("a time"));
        let store = Store::open_temporary().await.expect("a temporary store");
        let keys = slipway_graph::load_or_make(&store, clock.now()).await.expect("keys");
        let ids = Ids::seeded(1);
        Seed::demo().expect("the demo seed").apply(&store, &ids, clock.now()).await.expect("seeding");
        let settings = Settings {
            mode: Mode::Lab,
            legacy_permissions,
            legacy_refusal,
            hosts: Hosts::default(),
            control_secret: CONTROL_SECRET.into(),
            ca_certificate: "-----BEGIN CERTIFICATE-----\n".into(),
        };
        let server = Server::new(settings, store, keys, Clock::Manual(clock.clone()), ids);
        Self { server, clock }
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Sends a request; the path begins behind the host.
    ///
    /// # Panics
    /// When the request cannot be built.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("Host", "localhost:8365");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Bytes::copy_from_slice(body)).expect("a request");
        let (parts, body) = self.server.respond(request, Scheme::Https).await.into_parts();
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
        let client = self.client(client_id).await;
        self.mint(&client, None)
    }

    /// A token of a demo client for a demo user, with the scopes that it has for everyone.
    ///
    /// # Panics
    /// When there is no such client or user.
    pub async fn user_token(&self, client_id: &str, user_id: &str) -> String {
        let client = self.client(client_id).await;
        self.mint_for(&client, user_id).await
    }

    /// A token with just these permissions, delegated by the user if one is given. Its client is the demo
    /// tenant's "Self", to which the demo app belongs.
    ///
    /// # Panics
    /// When there is no such user.
    pub async fn token_with(&self, permissions: &[&str], user_id: Option<&str>) -> String {
        let permissions: Vec<_> = permissions.iter().map(|p| (*p).to_owned()).collect();
        let client = Client {
            application_permissions: permissions.clone(),
            delegated_permissions: vec![ConsentGrant { user: None, scopes: permissions }],
            ..self.client(DEMO_SELF).await
        };
        match user_id {
            Some(user_id) => self.mint_for(&client, user_id).await,
            None => self.mint(&client, None),
        }
    }

    /// What the client gets to know who signed in; it is no access token.
    ///
    /// # Panics
    /// When there is no such client or user.
    pub async fn id_token(&self, client_id: &str, user_id: &str) -> String {
        let (client, user, tenant) = (self.client(client_id).await, self.user(user_id).await, self.tenant().await);
        let mint = Mint { tenant: &tenant.id, client: &client, now: self.now(), uti: "uti" };
        self.server.keys().id_token(&mint, &user, "https://localhost:8365/tid/v2.0", None).expect("a token")
    }

    /// A token that is signed by the server's key and names a tenant that the server does not have.
    ///
    /// # Panics
    /// Never.
    pub async fn token_of_unknown_tenant(&self) -> String {
        let client = self.client(DEMO_SELF).await;
        let tenant = TenantId::parse("51190000-0000-4000-8000-0000000000ff").expect("an id");
        let mint = Mint { tenant: &tenant, client: &client, now: self.now(), uti: "uti" };
        self.server.keys().application_token(&mint).expect("a token")
    }

    /// The demo tenant.
    ///
    /// # Panics
    /// When it is not there.
    pub async fn tenant(&self) -> Tenant {
        let id = TenantId::parse(slipway_graph::seed::DEMO_TENANT).expect("an id");
        let found = self.server.store().view().get(&tenant::key(&id)).await.expect("a read");
        found.expect("the demo tenant").record
    }

    /// Where the demo tenant keeps its rows.
    pub async fn partition(&self) -> Partition {
        Partition::of(&self.tenant().await)
    }

    /// How many installations the demo tenant has.
    ///
    /// # Panics
    /// When the store cannot be read.
    pub async fn installations(&self) -> i64 {
        let partition = self.partition().await;
        self.server.store().view().counter(&partition, Counter::Installations).await.expect("a read")
    }

    async fn client(&self, id: &str) -> Client {
        let key = client::key(&self.partition().await, &ClientId::parse(id).expect("an id"));
        self.server.store().view().get(&key).await.expect("a read").expect("the client").record
    }

    async fn user(&self, id: &str) -> User {
        let key = user::key(&self.partition().await, &UserId::parse(id).expect("an id"));
        self.server.store().view().get(&key).await.expect("a read").expect("the user").record
    }

    async fn mint_for(&self, client: &Client, user_id: &str) -> String {
        self.mint(client, Some(&self.user(user_id).await))
    }

    fn mint(&self, client: &Client, user: Option<&User>) -> String {
        let tenant = TenantId::parse(slipway_graph::seed::DEMO_TENANT).expect("an id");
        let uti = self.server.ids().uti();
        let mint = Mint { tenant: &tenant, client, now: self.now(), uti: &uti };
        let keys = self.server.keys();
        let token = match user {
            None => keys.application_token(&mint),
            Some(user) => {
                let scopes: Vec<_> = client.scopes_for(&user.id).into_iter().map(str::to_owned).collect();
                keys.user_token(&mint, user, &scopes)
            }
        };
        token.expect("a token")
    }
}
