//! The server's answers to the requests whose answers are documented.

use http::Method;
use serde_json::{Map, Value};
use slipway_testkit::{Answer, CONTROL_SECRET, TestApp};

/// The demo tenant, its clients with and without a secret, and their secret.
pub const TENANT: &str = "51190000-0000-4000-8000-000000000001";
const AUTOMATION: &str = "51190000-0000-4000-8000-00000000a001";
const PUBLIC: &str = "51190000-0000-4000-8000-00000000a003";
/// A client that is seeded for its API.
const API: &str = "51190000-0000-4000-8000-00000000a0f1";
const SECRET: &str = "slipway-demo-secret";
const REDIRECT: &str = "http://localhost:1234";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const GRAPH: &str = "https://graph.microsoft.com/.default";
const EVERYTHING: &str = "https://graph.microsoft.com/User.Read.All openid profile offline_access";
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

type Fields<'a> = [(&'a str, &'a str)];

/// Sends what the request of the shape is called, and gives the object that the shape describes.
pub async fn of(app: &TestApp, shape: &str, request: &str) -> Map<String, Value> {
    let answer = match (shape, request) {
        ("v2.0 OpenID configuration", request) => {
            get(app, &format!("/{}/v2.0/{CONFIGURATION}", segment(request))).await
        }
        ("v1.0 OpenID configuration", request) => {
            get(app, &format!("/{}/{CONFIGURATION}", segment(request))).await
        }
        ("signing key", "v2.0") => first_key(&get(app, "/common/discovery/v2.0/keys").await),
        ("signing key", "v1.0") => first_key(&get(app, "/common/discovery/keys").await),
        ("instance discovery", "known") => {
            let asked = "https%3A%2F%2Flocalhost%3A8365%2Fcommon%2Foauth2%2Fv2.0%2Fauthorize";
            let path = format!("/common/discovery/instance?api-version=1.1&authorization_endpoint={asked}");
            get(app, &path).await
        }
        ("token of an application", "secret") => {
            granted(&post(app, TENANT, "token", &by_secret(SECRET, GRAPH)).await)
        }
        ("token of a user", "password") => {
            granted(&post(app, TENANT, "token", &by_password("slipway-demo")).await)
        }
        ("token of a user", "device code") => by_device_code(app).await,
        ("token of a user", "code") => by_page(app).await,
        ("token of a user", "refresh token") => {
            let before = granted(&post(app, TENANT, "token", &by_password("slipway-demo")).await);
            let token = before["refresh_token"].as_str().unwrap();
            granted(&post(app, TENANT, "token", &by_refresh_token(token)).await)
        }
        ("token of a user", "on behalf of") => on_behalf_of(app).await,
        ("v1.0 token of an application", "secret") => granted(&first(app, SECRET).await),
        ("device code", "v2.0") => device_code(app).await,
        ("error", request) => refused(app, request).await,
        _ => panic!("no request for {shape}, {request}"),
    };
    answer.as_object().unwrap_or_else(|| panic!("{shape}, {request}: {answer}")).clone()
}

const CONFIGURATION: &str = ".well-known/openid-configuration";

/// The tenant in the path of the request.
pub fn segment(request: &str) -> &str {
    if request == "tenant" { TENANT } else { request }
}

fn by_secret<'a>(secret: &'a str, scope: &'a str) -> [(&'a str, &'a str); 4] {
    [
        ("grant_type", "client_credentials"),
        ("client_id", AUTOMATION),
        ("client_secret", secret),
        ("scope", scope),
    ]
}

fn by_password(password: &str) -> [(&str, &str); 5] {
    [
        ("grant_type", "password"),
        ("client_id", PUBLIC),
        ("scope", EVERYTHING),
        ("username", "user02@contoso.example"),
        ("password", password),
    ]
}

fn by_code(code: &str) -> [(&str, &str); 3] {
    [("grant_type", DEVICE_GRANT), ("client_id", PUBLIC), ("device_code", code)]
}

fn by_refresh_token(token: &str) -> [(&str, &str); 4] {
    [("grant_type", "refresh_token"), ("client_id", PUBLIC), ("scope", EVERYTHING), ("refresh_token", token)]
}

fn by_redeeming(code: &str) -> [(&str, &str); 5] {
    [
        ("grant_type", "authorization_code"),
        ("client_id", PUBLIC),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ]
}

fn by_assertion(assertion: &str) -> [(&str, &str); 6] {
    [
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("client_id", API),
        ("client_secret", SECRET),
        ("requested_token_use", "on_behalf_of"),
        ("scope", EVERYTHING),
        ("assertion", assertion),
    ]
}

/// A token from the older endpoint.
async fn first(app: &TestApp, secret: &str) -> Answer {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", AUTOMATION),
        ("client_secret", secret),
        ("resource", "https://graph.microsoft.com"),
    ];
    form(app, &format!("/{TENANT}/oauth2/token"), &fields, "").await
}

/// A user signs in on the page.
async fn by_page(app: &TestApp) -> Value {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("client_id", PUBLIC),
            ("response_type", "code"),
            ("redirect_uri", REDIRECT),
            ("scope", EVERYTHING),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ])
        .finish();
    let page = app.send(Method::GET, &format!("/{TENANT}/oauth2/v2.0/authorize?{query}"), &[], b"").await;
    let cookies: Vec<_> =
        page.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap()).collect();
    let cookies: Vec<_> = cookies.iter().filter_map(|cookie| cookie.split(';').next()).collect();
    let text = String::from_utf8_lossy(&page.body);
    let hidden = text.split_once("name=\"ctx\" value=\"").unwrap().1.split('"').next().unwrap();
    let user = [("ctx", hidden), ("username", "user02@contoso.example"), ("password", "slipway-demo")];
    let answer = form(app, &format!("/{TENANT}/login"), &user, &cookies.join("; ")).await;
    let location = answer.header("location").to_owned();
    let fields = location.split_once('?').unwrap_or_else(|| panic!("sent to {location:?}")).1;
    let (_, code) = form_urlencoded::parse(fields.as_bytes()).find(|(name, _)| name == "code").unwrap();
    granted(&post(app, TENANT, "token", &by_redeeming(&code)).await)
}

/// An API has a user's token, and takes another one with it.
async fn on_behalf_of(app: &TestApp) -> Value {
    let client = format!(
        "{{ id: {API}, displayName: API, secrets: [{SECRET}], delegatedPermissions: [User.Read.All] }}"
    );
    let tenant = format!("id: {TENANT}, displayName: Contoso, domain: contoso.example");
    app.seed(&format!("tenants: [{{ {tenant}, clients: [{client}] }}]")).await;
    let order = format!(
        r#"{{ "tenantId": "{TENANT}", "clientId": "{PUBLIC}", "userPrincipalName": "user02@contoso.example", "audience": "{API}" }}"#
    );
    let forged = app.post(CONTROL_SECRET, "/_slipway/tokens", &order).await.json();
    let assertion = forged["accessToken"].as_str().unwrap_or_else(|| panic!("{forged}"));
    granted(&post(app, TENANT, "token", &by_assertion(assertion)).await)
}

async fn refused(app: &TestApp, request: &str) -> Value {
    let answer = match request {
        "scope" => post(app, TENANT, "token", &by_secret(SECRET, "https://other.example/mail.read")).await,
        "grant type" => {
            post(app, TENANT, "token", &[("grant_type", "magic"), ("client_id", AUTOMATION)]).await
        }
        "secret" => post(app, TENANT, "token", &by_secret("wrong", GRAPH)).await,
        "client" => {
            let fields = [("client_id", TENANT), ("scope", GRAPH), ("grant_type", "client_credentials")];
            post(app, TENANT, "token", &fields).await
        }
        "tenant" => post(app, "fabrikam.example", "token", &by_secret(SECRET, GRAPH)).await,
        "password" => post(app, TENANT, "token", &by_password("wrong")).await,
        "device code pending" => {
            let codes = device_code(app).await;
            post(app, TENANT, "token", &by_code(codes["device_code"].as_str().unwrap())).await
        }
        "code" => post(app, TENANT, "token", &by_redeeming("x")).await,
        "refresh token" => post(app, TENANT, "token", &by_refresh_token("x")).await,
        "assertion" => {
            let wrong =
                by_assertion("x").map(|(name, value)| (name, if value == API { AUTOMATION } else { value }));
            post(app, TENANT, "token", &wrong).await
        }
        "version 1" => first(app, "wrong").await,
        "device code unknown" => post(app, TENANT, "token", &by_code("x")).await,
        _ => panic!("no error {request}"),
    };
    assert!(answer.status == 400 || answer.status == 401, "{request}: {}", answer.status);
    answer.json()
}

async fn device_code(app: &TestApp) -> Value {
    granted(&post(app, TENANT, "devicecode", &[("client_id", PUBLIC), ("scope", EVERYTHING)]).await)
}

async fn by_device_code(app: &TestApp) -> Value {
    let codes = device_code(app).await;
    let user = [
        ("user_code", codes["user_code"].as_str().unwrap()),
        ("username", "user02@contoso.example"),
        ("password", "slipway-demo"),
        ("answer", "approve"),
    ];
    let page = form(app, "/devicelogin", &user, "").await;
    assert_eq!(page.status, 200, "{}", String::from_utf8_lossy(&page.body));
    granted(&post(app, TENANT, "token", &by_code(codes["device_code"].as_str().unwrap())).await)
}

fn granted(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.json());
    answer.json()
}

fn first_key(keys: &Value) -> Value {
    assert_eq!(keys.as_object().unwrap().len(), 1, "{keys}");
    keys["keys"][0].clone()
}

async fn get(app: &TestApp, path: &str) -> Value {
    granted(&app.send(Method::GET, path, &[], b"").await)
}

async fn post(app: &TestApp, tenant: &str, endpoint: &str, fields: &Fields<'_>) -> Answer {
    form(app, &format!("/{tenant}/oauth2/v2.0/{endpoint}"), fields, "").await
}

async fn form(app: &TestApp, path: &str, fields: &Fields<'_>, cookies: &str) -> Answer {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Origin", "https://localhost:8365"),
        ("Sec-Fetch-Site", "same-origin"),
        ("Cookie", cookies),
    ];
    // Programs name no origin, pages do.
    let headers = match (path.contains("/oauth2/"), cookies) {
        (true, _) => &headers[..1],
        (false, "") => &headers[..3],
        _ => &headers[..],
    };
    app.send(Method::POST, path, headers, body.as_bytes()).await
}
