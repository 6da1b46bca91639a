//! The sign-in endpoints from outside: requests in, answers out. Here is what the tests share.

mod apis;
mod attacks;
mod authorize;
mod browser;
mod client_assertion;
mod consent;
mod device_code;
mod discovery;
mod refresh;
mod token;

use std::num::NonZeroUsize;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use http_body_util::BodyExt;
use jiff::SignedDuration;
use serde_json::{Value, json};
use slipway_identity::{Caller, Clock, Ids, ManualClock, Secret, SignInFault, SigningKey};
use slipway_model::{
    Client, ClientId, ClientSecret, ConsentGrant, Platform, RedirectUri, Tenant, TenantId, User, UserId,
    UserPrincipalName,
};
use slipway_store::{Changeset, Partition, PrivateKey, Record, Store};

use super::form::Form;
use super::sign_in::SignIn;
use crate::door::Arrival;
use crate::{Hosts, Keys, LegacyPermissions, LegacyRefusal, RowLimits, Scheme, Server, Settings};

const TENANT: &str = "51190000-0000-4000-8000-000000000001";
const ROBOT: &str = "51190000-0000-4000-8000-00000000a001";
const PUBLIC: &str = "51190000-0000-4000-8000-00000000a003";
const WEB: &str = "https://app.example/auth?x=1";
const PAGE: &str = "http://localhost:3000";
const GRAPH: &str = "https://graph.microsoft.com/.default";
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// `slipway-demo`, hashed with next to no work.
const PASSWORD_HASH: &str =
    "$argon2id$v=19$m=8,t=1,p=1$c2l4dGVlbiBieXRlcyAxNg$ZKbx83Mgj6q2TogDejG/lyEABqb1n2rIa4T6LFHEleg";

static KEY: LazyLock<Vec<u8>> = LazyLock::new(|| SigningKey::generate().unwrap().to_pkcs8().unwrap());

struct Bench {
    server: Server,
    clock: ManualClock,
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    fn text_of(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap_or_default().to_owned()
    }

    /// Status, OAuth error and AADSTS number.
    fn fault(&self) -> (u16, String, u64) {
        (self.status, self.text_of("error"), self.json()["error_codes"][0].as_u64().unwrap_or_default())
    }
}

fn tenant() -> Tenant {
    Tenant {
        id: TenantId::parse(TENANT).unwrap(),
        display_name: "Contoso".into(),
        domain: "contoso.example".into(),
        generation: 1,
        settings: slipway_model::TeamsAppSettings::default(),
        policy: slipway_model::AppPermissionPolicy::default(),
        has_special_users: false,
    }
}

fn user(number: u8, hash: Option<&str>) -> User {
    User {
        id: UserId::parse(&format!("51190000-0000-4000-8000-0000000e00{number:02}")).unwrap(),
        user_principal_name: UserPrincipalName::parse(&format!("user{number:02}@contoso.example")).unwrap(),
        display_name: format!("User {number}"),
        given_name: None,
        surname: None,
        mail: None,
        job_title: None,
        mobile_phone: None,
        office_location: None,
        preferred_language: None,
        business_phones: vec![],
        account_enabled: true,
        directory_roles: vec![],
        password_hash: hash.map(str::to_owned),
        user_type: slipway_model::UserType::Member,
        has_teams_licence: true,
        policy: slipway_model::AppPermissionPolicy::default(),
    }
}

fn client(id: &str, name: &str) -> Client {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let secret = Secret::from("slipway-demo-secret").sha256_hex();
    let redirect = |platform, uri: &str| RedirectUri { platform, uri: uri.to_owned() };
    Client {
        redirect_uris: if id == PUBLIC {
            vec![
                redirect(Platform::Spa, PAGE),
                redirect(Platform::PublicClient, "http://localhost"),
                redirect(Platform::PublicClient, "msal5119://auth"),
            ]
        } else {
            vec![redirect(Platform::Web, WEB)]
        },
        secrets: if id == PUBLIC { vec![] } else { vec![ClientSecret::of_hash(secret)] },
        application_permissions: names(&["AppCatalog.Read.All", "User.Read.All"]),
        delegated_permissions: vec![ConsentGrant {
            user: Some(user(2, None).id),
            scopes: names(&["User.Read.All", "AppCatalog.ReadWrite.All"]),
        }],
        ..Client::new(ClientId::parse(id).unwrap(), name)
    }
}

fn settings() -> Settings {
    Settings {
        mode: crate::Mode::Lab,
        legacy_permissions: LegacyPermissions::Beta,
        legacy_refusal: LegacyRefusal::Forbidden,
        row_limits: RowLimits { examined: NonZeroUsize::new(20).unwrap(), counted: NonZeroUsize::MIN },
        hosts: Hosts::default(),
        control_secret: "control".into(),
        ca_certificate: String::new(),
        trusted_issuers: Vec::new(),
        outbound: slipway_outbound::Outbound::new(slipway_outbound::Rules::default()),
        own_files: Vec::new(),
    }
}

impl Bench {
    async fn start() -> Self {
        let store = Store::open_temporary().await.unwrap();
        let tenant = tenant();
        let partition = Partition::of(&tenant);
        let disabled = User { account_enabled: false, ..user(5, Some(PASSWORD_HASH)) };
        let roles = vec![User::GLOBAL_ADMINISTRATOR.to_owned()];
        let admin = User { directory_roles: roles, ..user(6, Some(PASSWORD_HASH)) };
        let clock = ManualClock::at("2026-11-22T10:00:00Z".parse().unwrap());
        let key = slipway_store::SigningKey {
            kid: SigningKey::from_pkcs8(&KEY).unwrap().kid().to_owned(),
            created_at: clock.now(),
            private: PrivateKey::Pkcs8(KEY.clone()),
        };
        let records = Changeset::new("test records")
            .put(&Partition::global(), &key)
            .put(&partition, &tenant)
            .put(&partition, &client(ROBOT, "Robot"))
            .put(&partition, &client(PUBLIC, "<Public>"))
            .put(&partition, &user(2, Some(PASSWORD_HASH)))
            .put(&partition, &user(3, Some(PASSWORD_HASH)))
            .put(&partition, &user(4, None))
            .put(&partition, &admin)
            .put(&partition, &disabled);
        store.commit(records).await.unwrap();
        let settings = settings();
        let ids = Ids::seeded(1);
        let keys = Keys::open(&store, None, &ids, clock.now()).await.unwrap();
        let server = Server::new(settings, store, keys, Clock::Manual(clock.clone()), ids);
        Self { server, clock }
    }

    /// Another server with the same storage.
    async fn with(&self, settings: Settings) -> Self {
        let (store, ids): (Store, _) = (self.server.store().clone(), Ids::seeded(2));
        let keys = Keys::open(&store, None, &ids, self.clock.now()).await.unwrap();
        let server = Server::new(settings, store, keys, Clock::Manual(self.clock.clone()), ids);
        Self { server, clock: self.clock.clone() }
    }

    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("Host", "localhost:8365");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Bytes::from(body)).unwrap();
        let (parts, body) = self.server.respond(request, Scheme::Https).await.into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Answer { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    /// A request with an empty form.
    fn sign_in(&self) -> SignIn {
        let (parts, ()) = Request::new(()).into_parts();
        let (server, now) = (self.server.clone(), self.clock.now());
        let arrival = Arrival { server, parts, base: "https://localhost:8365".into(), now };
        SignIn { arrival, form: Form::default() }
    }

    async fn change<R: Record>(&self, record: &R) {
        let changes = Changeset::new("test change").put(&Partition::of(&tenant()), record);
        self.server.store().commit(changes).await.unwrap();
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], String::new()).await
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_with(path, &[], fields).await
    }

    async fn post_with(&self, path: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(Method::POST, path, headers, body).await
    }

    async fn token(&self, fields: &[(&str, &str)]) -> Answer {
        self.post(&format!("/{TENANT}/oauth2/v2.0/token"), fields).await
    }

    async fn ask_for_device_code(&self) -> Value {
        let fields =
            [("client_id", PUBLIC), ("scope", "https://localhost:8365/.default openid offline_access")];
        let answer = self.post(&format!("/{TENANT}/oauth2/v2.0/devicecode"), &fields).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    async fn poll(&self, codes: &Value) -> Answer {
        let code = codes["device_code"].as_str().unwrap();
        self.token(&[("grant_type", DEVICE_GRANT), ("client_id", PUBLIC), ("device_code", code)]).await
    }

    async fn type_code(&self, code: &str, answer: &str) -> Answer {
        let fields =
            [("user_code", code), ("username", "User02@Contoso.example"), ("password", "slipway-demo")];
        self.post("/devicelogin", &[&fields[..], &[("answer", answer)]].concat()).await
    }

    fn caller(&self, answer: &Answer) -> Caller {
        self.server.keys().ring().verify(&answer.text_of("access_token"), self.clock.now()).unwrap()
    }
}
