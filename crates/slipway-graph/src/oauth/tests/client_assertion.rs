//! Certificates, and secrets that are good for a time.

use jsonwebtoken::crypto::sign;
use jsonwebtoken::{Algorithm, EncodingKey};
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, date_time_ymd};
use slipway_identity::Certificate;

use super::*;

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const ENDPOINT: &str = "https://localhost:8365/51190000-0000-4000-8000-000000000001/oauth2/v2.0/token";

/// Of the key that signs this server's tokens, since making one is slow.
fn certificate() -> slipway_model::ClientCertificate {
    let pair = KeyPair::from_pkcs8_der_and_sign_algo(&KEY.clone().into(), &PKCS_RSA_SHA256).unwrap();
    let mut params = CertificateParams::default();
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    let made = params.self_signed(&pair).unwrap();
    Certificate::parse(&made.pem()).unwrap().into()
}

fn assertion(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    // The private key without its container, whose header has 26 bytes for RSA (RFC 5208).
    let key = EncodingKey::from_rsa_der(&KEY[26..]);
    format!("{message}.{}", sign(message.as_bytes(), &key, Algorithm::PS256).unwrap())
}

fn thumbprint() -> String {
    let hex = certificate().thumbprint_256;
    let bytes: Vec<_> =
        (0..64).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    URL_SAFE_NO_PAD.encode(bytes)
}

async fn bench() -> Bench {
    let bench = Bench::start().await;
    let certificates = vec![certificate()];
    bench.change(&Client { certificates, secrets: vec![], ..client(ROBOT, "Robot") }).await;
    bench
}

async fn ask(bench: &Bench, client: &str, audience: &str) -> Answer {
    let now = bench.clock.now().as_second();
    let claims =
        json!({"iss": ROBOT, "sub": ROBOT, "aud": audience, "jti": "1", "nbf": now, "exp": now + 600});
    let header = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint()});
    let text = assertion(&header, &claims);
    let proof = [("client_assertion_type", TYPE), ("client_assertion", text.as_str())];
    let request = [("grant_type", "client_credentials"), ("client_id", client), ("scope", GRAPH)];
    bench.token(&[&request[..], &proof].concat()).await
}

#[tokio::test]
async fn a_certificate_is_as_good_as_a_secret_at_every_name_of_the_endpoint() {
    let bench = bench().await;
    for audience in [
        ENDPOINT,
        "https://login.microsoftonline.com/Contoso.Example/oauth2/v2.0/token",
        "https://login.microsoftonline.com/common/oauth2/token",
        "https://login.microsoftonline.com/51190000-0000-4000-8000-000000000001/v2.0",
        "https://sts.windows.net/51190000-0000-4000-8000-000000000001/",
        "http://127.0.0.1:8365/organizations/oauth2/v2.0/token",
    ] {
        let answer = ask(&bench, ROBOT, audience).await;
        assert_eq!(answer.status, 200, "{audience}: {}", answer.text);
        assert_eq!(bench.caller(&answer).client.as_str(), ROBOT);
    }
}

#[tokio::test]
async fn an_assertion_for_somebody_else_or_of_somebody_else_is_refused() {
    let bench = bench().await;
    for audience in [
        "https://evil.example/51190000-0000-4000-8000-000000000001/oauth2/v2.0/token",
        "https://login.microsoftonline.com/51190000-0000-4000-8000-000000000002/oauth2/v2.0/token",
        "https://login.microsoftonline.com@evil.example/common/oauth2/token",
        "https://login.microsoftonline.com/consumers/oauth2/v2.0/token",
        "https://graph.microsoft.com",
        "",
    ] {
        assert_eq!(
            ask(&bench, ROBOT, audience).await.fault(),
            (401, "invalid_client".into(), 700_023),
            "{audience}"
        );
    }
    // Replayed for another client, with and without the same certificate.
    bench.change(&client("other", "Other")).await;
    assert_eq!(ask(&bench, "other", ENDPOINT).await.fault().2, 700_021);
    bench.change(&Client { certificates: vec![certificate()], ..client("other", "Other") }).await;
    assert_eq!(ask(&bench, "other", ENDPOINT).await.fault().2, 700_021);
    assert_eq!(ask(&bench, PUBLIC, ENDPOINT).await.fault().2, 700_025);
    bench.clock.set("2027-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(ask(&bench, ROBOT, ENDPOINT).await.fault().2, 700_027, "the certificate has expired");
}

#[tokio::test]
async fn an_assertion_names_its_type_and_a_secret_is_none() {
    let bench = bench().await;
    let with = async |fields: &[(&str, &str)]| {
        let request = [("grant_type", "client_credentials"), ("client_id", ROBOT), ("scope", GRAPH)];
        bench.token(&[&request[..], fields].concat()).await.fault().2
    };
    assert_eq!(with(&[("client_assertion", "x")]).await, 900_144);
    assert_eq!(with(&[("client_assertion", "x"), ("client_assertion_type", "saml")]).await, 9_002_313);
    assert_eq!(with(&[("client_assertion", "x"), ("client_assertion_type", TYPE)]).await, 50027);
    assert_eq!(with(&[("client_secret", "slipway-demo-secret")]).await, 7_000_215);
    assert_eq!(with(&[]).await, 7_000_216);
}

#[tokio::test]
async fn a_secret_counts_from_its_start_to_its_end() {
    let bench = Bench::start().await;
    let at = |time: &str| Some(time.parse().unwrap());
    let mut robot = client(ROBOT, "Robot");
    robot.secrets[0].starts_at = at("2026-11-23T00:00:00Z");
    robot.secrets[0].ends_at = at("2026-11-24T00:00:00Z");
    bench.change(&robot).await;
    let ask = async |time: &str, secret: &str| {
        bench.clock.set(time.parse().unwrap());
        let request = [("grant_type", "client_credentials"), ("client_id", ROBOT), ("scope", GRAPH)];
        let answer = bench.token(&[&request[..], &[("client_secret", secret)]].concat()).await;
        (answer.status, answer.fault().2)
    };
    assert_eq!(ask("2026-11-22T23:59:59Z", "slipway-demo-secret").await, (401, 7_000_215));
    assert_eq!(ask("2026-11-23T00:00:00Z", "slipway-demo-secret").await, (200, 0));
    assert_eq!(ask("2026-11-24T00:00:00Z", "slipway-demo-secret").await, (401, 7_000_222));
    assert_eq!(ask("2026-11-24T00:00:00Z", "guess").await, (401, 7_000_215), "who guesses learns nothing");
}

#[tokio::test]
async fn a_client_without_service_principal_gets_nothing() {
    let bench = Bench::start().await;
    bench.change(&Client { has_service_principal: false, ..client(ROBOT, "Robot") }).await;
    let request = [("grant_type", "client_credentials"), ("client_id", ROBOT), ("scope", GRAPH)];
    let proven = [&request[..], &[("client_secret", "slipway-demo-secret")]].concat();
    assert_eq!(bench.token(&proven).await.fault(), (401, "invalid_client".into(), 7_000_229));

    // Nor does one without a credential, for users who signed in before it lost its service principal.
    let codes = bench.ask_for_device_code().await;
    bench.type_code(codes["user_code"].as_str().unwrap(), "approve").await;
    let browser = bench.browser();
    let tokens = bench.redeem(&browser.code(&[]).await, &[]).await;
    let code = browser.get(&super::browser::request(&[])).await.field("code");
    let waiting = bench.ask_for_device_code().await;
    bench.change(&Client { has_service_principal: false, ..client(PUBLIC, "Public") }).await;
    assert_eq!(bench.poll(&codes).await.fault().2, 7_000_229);
    assert_eq!(bench.redeem(&code, &[]).await.fault().2, 7_000_229);
    assert_eq!(bench.refresh(&tokens.text_of("refresh_token"), &[]).await.fault().2, 7_000_229);
    let page = bench.type_code(waiting["user_code"].as_str().unwrap(), "approve").await;
    assert!(page.status != 200 && page.text.contains("AADSTS7000229"), "{}", page.text);
    let asked = [("client_id", PUBLIC), ("scope", "openid")];
    assert_eq!(bench.post(&format!("/{TENANT}/oauth2/v2.0/devicecode"), &asked).await.fault().2, 7_000_229);
}
