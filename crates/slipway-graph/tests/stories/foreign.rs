//! Tokens of another issuer that the settings trust: its keys are fetched from a server of the test.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use jiff::SignedDuration;
use serde_json::{Value, json};
use slipway_identity::{KeyRing, Mint, SigningKey, TrustedIssuer};
use slipway_model::{Client, ClientId, TenantId, User, UserId};
use slipway_store::{Changeset, client, user};
use slipway_testkit::TestApp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::{USER02, installed};

const TENANT: &str = "51190000-0000-4000-8000-000000000001";
const PUBLIC: &str = "51190000-0000-4000-8000-00000000a003";

/// Making keys is slow in debug builds.
static KEYS: LazyLock<[Vec<u8>; 2]> =
    LazyLock::new(|| [(); 2].map(|()| SigningKey::generate().unwrap().to_pkcs8().unwrap()));

fn ring(which: usize) -> KeyRing {
    KeyRing::new(SigningKey::from_pkcs8(&KEYS[which]).unwrap(), vec![])
}

/// The server of the other issuer.
struct Issuer {
    url: String,
    keys: Arc<Mutex<Value>>,
    asked: Arc<AtomicUsize>,
    is_down: Arc<AtomicBool>,
}

impl Issuer {
    /// With the name of the tenant in its URL, or another.
    async fn start(path: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/{path}", listener.local_addr().unwrap());
        let keys = Arc::new(Mutex::new(json!({"keys": ring(0).jwks().keys})));
        let (asked, is_down) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let issuer = Self { url, keys, asked, is_down };
        let (url, keys) = (issuer.url.clone(), Arc::clone(&issuer.keys));
        let (asked, is_down) = (Arc::clone(&issuer.asked), Arc::clone(&issuer.is_down));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 4096];
                let read = stream.read(&mut request).await.unwrap_or_default();
                let request = String::from_utf8_lossy(&request[..read]).into_owned();
                let discovery = json!({"issuer": url, "jwks_uri": format!("{url}/keys")});
                let is_discovery = request.contains("/.well-known/openid-configuration ");
                asked.fetch_add(usize::from(is_discovery), Ordering::SeqCst);
                let body = if is_discovery { discovery } else { keys.lock().unwrap().clone() }.to_string();
                let status = if is_down.load(Ordering::SeqCst) { "503 Down" } else { "200 OK" };
                let answer = format!(
                    "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        issuer
    }

    async fn trusted_by(&self, app: &TestApp) -> TestApp {
        app.trusting(&[TrustedIssuer::parse(&self.url).unwrap()]).await
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn user02(app: &TestApp) -> User {
    let key = user::key(&app.partition().await, &UserId::parse(USER02).unwrap());
    app.server.store().view().get(&key).await.unwrap().unwrap().record
}

/// A token of the issuer for the user, with some claims set to other values.
async fn token(app: &TestApp, which: usize, changes: &[(&str, Value)]) -> String {
    let (tenant, client) =
        (TenantId::parse(TENANT).unwrap(), Client::new(ClientId::parse(PUBLIC).unwrap(), "Public"));
    let mint = Mint { tenant: &tenant, client: &client, now: app.clock.now(), uti: "u", session: None };
    let scopes = ["TeamsAppInstallation.ReadForUser".to_owned()];
    let made = ring(which).user_token(&mint, &user02(app).await, &scopes).unwrap();
    if changes.is_empty() {
        return made;
    }
    resigned(which, &made, changes)
}

fn resigned(which: usize, token: &str, changes: &[(&str, Value)]) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let part = |at: usize| URL_SAFE_NO_PAD.decode(token.split('.').nth(at).unwrap()).unwrap();
    let mut claims: Value = serde_json::from_slice(&part(1)).unwrap();
    for (name, value) in changes {
        claims[name] = value.clone();
    }
    let message =
        format!("{}.{}", token.split('.').next().unwrap(), URL_SAFE_NO_PAD.encode(claims.to_string()));
    // The private key without its container, whose header has 26 bytes for RSA (RFC 5208).
    let key = jsonwebtoken::EncodingKey::from_rsa_der(&KEYS[which][26..]);
    let algorithm = jsonwebtoken::Algorithm::RS256;
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, algorithm).unwrap();
    format!("{message}.{signature}")
}

async fn status(app: &TestApp, token: &str) -> u16 {
    app.get(token, &installed(USER02)).await.status
}

#[tokio::test]
async fn a_trusted_issuers_tokens_are_taken_and_its_keys_fetched_once() {
    let app = TestApp::start().await;
    let issuer = Issuer::start(&format!("{TENANT}/v2.0")).await;
    let trusting = issuer.trusted_by(&app).await;
    assert_eq!(issuer.asked(), 0, "nothing is fetched at the start");
    let good = token(&app, 0, &[]).await;
    assert_eq!(status(&app, &good).await, 401, "who does not trust it");
    for _ in 0..3 {
        assert_eq!(status(&trusting, &good).await, 200, "its first issuer");
    }
    let second =
        [("iss", json!(issuer.url)), ("ver", json!("2.0")), ("azp", json!(PUBLIC)), ("appid", Value::Null)];
    assert_eq!(status(&trusting, &token(&app, 0, &second).await).await, 200, "its second issuer");
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn what_it_says_must_be_true_here() {
    let app = TestApp::start().await;
    let issuer = Issuer::start(&format!("{TENANT}/v2.0")).await;
    let trusting = issuer.trusted_by(&app).await;
    for change in [
        ("tid", json!("51190000-0000-4000-8000-000000000002")),
        ("appid", json!("nobody")),
        ("oid", json!("nobody")),
        ("aud", json!("api://other")),
        ("iss", json!("https://sts.windows.net/51190000-0000-4000-8000-000000000002/")),
        ("exp", json!(app.clock.now().as_second() - 301)),
        ("nbf", json!(app.clock.now().as_second() + 301)),
        ("idp", json!("live.com")),
    ] {
        let changed = token(&app, 0, std::slice::from_ref(&change)).await;
        assert_eq!(status(&trusting, &changed).await, 401, "{change:?}");
    }
    let late = token(&app, 0, &[("exp", json!(app.clock.now().as_second() - 299))]).await;
    for _ in 0..2 {
        assert_eq!(status(&trusting, &late).await, 200, "clocks may differ, for remembered tokens too");
    }
    // Signed by another key, under its name and under the name of the known one.
    assert_eq!(status(&trusting, &token(&app, 1, &[]).await).await, 401);
    let (known, other) = (token(&app, 0, &[]).await, token(&app, 1, &[]).await);
    let (message, _) = known.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    assert_eq!(status(&trusting, &format!("{message}.{signature}")).await, 401);
}

#[tokio::test]
async fn it_cannot_take_the_name_of_our_key_and_attackers_cannot_make_us_fetch() {
    let app = TestApp::start().await;
    let issuer = Issuer::start(&format!("{TENANT}/v2.0")).await;
    let own_kid = app.server.keys().ring().kids().next().unwrap().to_owned();
    issuer.keys.lock().unwrap()["keys"][0]["kid"] = json!(own_kid);
    let trusting = issuer.trusted_by(&app).await;
    // Its signature under the name of our key; ours is looked at first, and alone.
    let forged = {
        use base64::Engine;
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": own_kid}).to_string();
        let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(header);
        let made = token(&app, 0, &[]).await;
        let (_, rest) = made.split_once('.').unwrap();
        resigned(0, &format!("{header}.{rest}"), &[])
    };
    assert_eq!(status(&trusting, &forged).await, 401);
    assert_eq!(status(&trusting, &crate::automation(&app).await).await, 200, "ours goes on");
    assert_eq!(issuer.asked(), 0);
    // Names that nobody knows, many times.
    for _ in 0..5 {
        assert_eq!(status(&trusting, &token(&app, 1, &[]).await).await, 401);
    }
    assert_eq!(issuer.asked(), 1);
    trusting.clock.advance(SignedDuration::from_secs(31));
    assert_eq!(status(&trusting, &token(&app, 1, &[]).await).await, 401);
    assert_eq!(issuer.asked(), 2);
    let stranger = [("iss", json!("https://evil.example/"))];
    assert_eq!(status(&trusting, &token(&app, 1, &stranger).await).await, 401);
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn its_keys_roll_over_and_it_may_be_down() {
    let app = TestApp::start().await;
    let issuer = Issuer::start(&format!("{TENANT}/v2.0")).await;
    let trusting = issuer.trusted_by(&app).await;
    issuer.is_down.store(true, Ordering::SeqCst);
    assert_eq!(status(&trusting, &token(&app, 0, &[]).await).await, 401, "no keys, no trust");
    issuer.is_down.store(false, Ordering::SeqCst);
    assert_eq!(
        status(&trusting, &token(&app, 0, &[]).await).await,
        401,
        "and it is left in peace for a while"
    );
    trusting.clock.advance(SignedDuration::from_secs(31));
    let of_old = token(&app, 0, &[]).await;
    assert_eq!(status(&trusting, &of_old).await, 200);
    *issuer.keys.lock().unwrap() = json!({"keys": ring(1).jwks().keys});
    trusting.clock.advance(SignedDuration::from_secs(31));
    assert_eq!(status(&trusting, &token(&app, 1, &[]).await).await, 200, "an unknown key is looked for");
    let again = token(&app, 0, &[("uti", json!("again"))]).await;
    assert_eq!(status(&trusting, &again).await, 200, "the old one counts for a while");
    // Down for longer than keys are fresh: the known ones still count.
    issuer.is_down.store(true, Ordering::SeqCst);
    trusting.clock.advance(SignedDuration::from_hours(2));
    assert_eq!(status(&trusting, &token(&app, 1, &[]).await).await, 200);
    trusting.clock.advance(SignedDuration::from_hours(25));
    assert_eq!(status(&trusting, &token(&app, 1, &[]).await).await, 401, "but not for ever");
}

#[tokio::test]
async fn a_discovery_document_of_another_issuer_is_not_believed() {
    let app = TestApp::start().await;
    let issuer = Issuer::start(&format!("{TENANT}/v2.0")).await;
    // The same server under another path: its document names the first.
    let other = issuer.url.replace("/v2.0", "/other/v2.0");
    let trusting = app.trusting(&[TrustedIssuer::parse(&other).unwrap()]).await;
    assert_eq!(status(&trusting, &token(&app, 0, &[("iss", json!(other))]).await).await, 401);
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn its_tokens_end_with_the_user_and_the_service_principal_here() {
    let app = TestApp::start().await;
    let issuer = Issuer::start(&format!("{TENANT}/v2.0")).await;
    let trusting = issuer.trusted_by(&app).await;
    let (good, partition) = (token(&app, 0, &[]).await, app.partition().await);
    assert_eq!(status(&trusting, &good).await, 200);
    let known = user02(&app).await;
    let key = client::key(&partition, &ClientId::parse(PUBLIC).unwrap());
    let registered = app.server.store().view().get(&key).await.unwrap().unwrap().record;
    let changes = || Changeset::new("test change");
    let commit = async |changes| app.server.store().commit(changes).await.unwrap();
    commit(changes().put(&partition, &User { account_enabled: false, ..known.clone() })).await;
    assert_eq!(status(&trusting, &good).await, 401, "a disabled user");
    commit(changes().put(&partition, &known)).await;
    assert_eq!(status(&trusting, &good).await, 200);
    commit(changes().put(&partition, &Client { has_service_principal: false, ..registered })).await;
    assert_eq!(status(&trusting, &good).await, 401, "a client without a service principal");
}
