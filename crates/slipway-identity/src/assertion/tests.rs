//! Assertions that clients really send, and those that attackers would.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::crypto::sign;
use serde_json::{Value, json};
use slipway_model::{ClientId, FederatedCredential};

use super::*;
use crate::certificate::tests::certificate;
use crate::claims::tests::NOW;
use crate::key::tests::pkcs1;

const ID: &str = "51190000-0000-4000-8000-00000000a001";
const ENDPOINT: &str = "https://localhost/t/oauth2/v2.0/token";

fn client(certificates: &[usize]) -> Client {
    let read = |which: &usize| Certificate::parse(&certificate(*which).pem()).unwrap().into();
    Client {
        certificates: certificates.iter().map(read).collect(),
        ..Client::new(ClientId::parse(ID).unwrap(), "Automation")
    }
}

fn claims() -> Value {
    json!({"aud": ENDPOINT, "iss": ID, "sub": ID, "jti": "j", "nbf": NOW, "exp": NOW + 600})
}

fn x5t(which: usize, digits: &str) -> String {
    let known = &client(&[which]).certificates[0];
    let hex = if digits == "x5t" { &known.thumbprint } else { &known.thumbprint_256 };
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    URL_SAFE_NO_PAD.encode((0..hex.len()).step_by(2).map(byte).collect::<Vec<_>>())
}

fn signed(which: usize, header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let algorithm = if header["alg"] == "PS256" { Algorithm::PS256 } else { Algorithm::RS256 };
    let signature = sign(message.as_bytes(), &EncodingKey::from_rsa_der(&pkcs1(which)), algorithm).unwrap();
    format!("{message}.{signature}")
}

fn header(which: usize) -> Value {
    json!({"alg": "PS256", "typ": "JWT", "x5t#S256": x5t(which, "x5t#S256")})
}

fn prove(text: &str, client: &Client, now: i64) -> Result<(), u32> {
    let now = Timestamp::from_second(now).unwrap();
    Assertion::read(text)
        .and_then(|read| read.prove_by_certificate(client, |aud| aud == ENDPOINT, now))
        .map_err(|fault| fault.number())
}

#[test]
fn what_the_libraries_send_is_taken() {
    let client = client(&[0, 1]);
    let digits = client.certificates[0].thumbprint.to_uppercase();
    let mut fractions = claims();
    fractions["exp"] = json!(600.25 + 1_795_341_600.0);
    fractions.as_object_mut().unwrap().remove("nbf");
    for (header, claims) in [
        (header(0), claims()),
        (json!({"alg": "RS256", "x5t": x5t(0, "x5t")}), claims()),
        (json!({"alg": "RS256", "x5t": x5t(0, "x5t"), "x5c": ["not looked at"]}), fractions),
        (json!({"alg": "RS256", "kid": digits}), claims()),
        (json!({"alg": "PS256", "kid": x5t(0, "x5t")}), claims()),
    ] {
        assert_eq!(prove(&signed(0, &header, &claims), &client, NOW), Ok(()), "{header}");
    }
}

#[test]
fn keys_that_come_with_the_assertion_are_not_believed() {
    let (stranger, client) = (1, client(&[0]));
    // Signed by a key that the header brings along, under the name of the registered one and under its own.
    let mut own = header(0);
    own["x5c"] = json!([client.certificates[0].der]);
    own["jku"] = json!("https://evil.example/keys");
    own["jwk"] = json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"});
    assert_eq!(prove(&signed(stranger, &own, &claims()), &client, NOW), Err(700_027));
    assert_eq!(prove(&signed(stranger, &header(stranger), &claims()), &client, NOW), Err(700_027));
    let nameless = json!({"alg": "RS256"});
    assert_eq!(prove(&signed(0, &nameless, &claims()), &client, NOW), Err(50027));
    for alg in ["none", "HS256", "RS512", ""] {
        let mut header = header(0);
        header["alg"] = json!(alg);
        assert_eq!(prove(&signed(0, &header, &claims()), &client, NOW), Err(700_027), "{alg}");
    }
    let mut critical = header(0);
    critical["crit"] = json!(["b64"]);
    assert_eq!(prove(&signed(0, &critical, &claims()), &client, NOW), Err(50027));
}

#[test]
fn it_is_by_the_client_for_this_endpoint_at_this_time() {
    let with = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        prove(&signed(0, &header(0), &claims), &client(&[0]), NOW)
    };
    assert_eq!(with("iss", json!("other")), Err(700_021));
    assert_eq!(with("sub", json!("other")), Err(700_021));
    assert_eq!(with("aud", json!("https://other/t/oauth2/v2.0/token")), Err(700_023));
    assert_eq!(with("aud", json!([ENDPOINT])), Ok(()));
    assert_eq!(with("nbf", json!(NOW + 300)), Ok(()));
    assert_eq!(with("nbf", json!(NOW + 301)), Err(700_024));
    assert_eq!(with("exp", json!(NOW - 299)), Ok(()));
    assert_eq!(with("exp", json!(NOW - 300)), Err(700_024));
    assert_eq!(with("exp", Value::Null), Err(50027));
    assert_eq!(with("exp", json!(1e300)), Err(50027));
    assert_eq!(with("iss", json!(7)), Err(50027));
}

#[test]
fn a_certificate_counts_from_its_first_to_its_last_day_and_for_its_client() {
    let at = |time: &str| time.parse::<Timestamp>().unwrap().as_second();
    let on = |time: &str| {
        let mut claims = claims();
        (claims["nbf"], claims["exp"]) = (json!(at(time)), json!(at(time)));
        prove(&signed(0, &header(0), &claims), &client(&[0]), at(time))
    };
    assert_eq!(on("2026-01-01T23:59:59Z"), Err(700_027));
    assert_eq!(on("2026-01-02T00:00:00Z"), Ok(()));
    assert_eq!(on("2027-01-01T23:59:59Z"), Ok(()));
    assert_eq!(on("2027-01-02T00:00:00Z"), Err(700_027));
    assert_eq!(prove(&signed(0, &header(0), &claims()), &client(&[1]), NOW), Err(700_027));
    assert_eq!(prove(&signed(0, &header(0), &claims()), &client(&[]), NOW), Err(700_027));
}

#[test]
fn a_federated_credential_is_matched_letter_for_letter() {
    let credential = |issuer: &str, subject: &str| FederatedCredential {
        id: "f".into(),
        name: "f".into(),
        issuer: issuer.into(),
        subject: subject.into(),
        audiences: vec!["api://AzureADTokenExchange".into()],
        description: None,
    };
    let client = Client {
        federated_credentials: vec![credential("https://ci", "repo:a"), credential("https://ci", "repo:b")],
        ..client(&[])
    };
    let find = |iss: &str, sub: &str, aud: &str| {
        let claims = json!({"iss": iss, "sub": sub, "aud": aud, "exp": NOW});
        let text = signed(0, &json!({"alg": "RS256", "kid": "k"}), &claims);
        let now = Timestamp::from_second(NOW).unwrap();
        let read = Assertion::read(&text).unwrap();
        assert!(!read.is_self_signed(&client));
        read.federated(&client, now).map(|found| found.subject.clone()).map_err(|fault| fault.number())
    };
    let exchange = "api://AzureADTokenExchange";
    assert_eq!(find("https://ci", "repo:b", exchange), Ok("repo:b".into()));
    assert_eq!(find("https://ci/", "repo:b", exchange), Err(700_211));
    assert_eq!(find("https://ci", "Repo:b", exchange), Err(700_213));
    assert_eq!(find("https://ci", "repo:b", "other"), Err(700_212));
}
