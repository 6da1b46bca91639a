//! Tokens by secret and by password.

use super::*;
use crate::oauth::refusal::Refusal;

pub(super) fn claims(token: &str) -> Value {
    let part = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&part).unwrap()
}

pub(super) fn with<'a>(
    base: &[(&'a str, &'a str)],
    name: &'a str,
    value: &'a str,
) -> Vec<(&'a str, &'a str)> {
    let mut fields: Vec<_> = base.iter().copied().filter(|(field, _)| *field != name).collect();
    fields.push((name, value));
    fields
}

const BY_SECRET: [(&str, &str); 4] = [
    ("grant_type", "client_credentials"),
    ("client_id", ROBOT),
    ("client_secret", "slipway-demo-secret"),
    ("scope", GRAPH),
];

const BY_PASSWORD: [(&str, &str); 5] = [
    ("grant_type", "password"),
    ("client_id", PUBLIC),
    ("username", "user02@contoso.example"),
    ("password", "slipway-demo"),
    ("scope", "User.Read.All Mail.Read openid"),
];

#[tokio::test]
async fn a_client_gets_its_roles_for_its_secret() {
    let bench = Bench::start().await;
    let answer = bench.token(&BY_SECRET).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.headers["cache-control"], "no-store, no-cache");
    let json = answer.json();
    assert_eq!((&json["token_type"], &json["expires_in"]), (&json!("Bearer"), &json!(3599)));
    let mut names: Vec<_> = json.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["access_token", "expires_in", "ext_expires_in", "token_type"]);
    let caller = bench.caller(&answer);
    assert_eq!((caller.client.as_str(), caller.user), (ROBOT, None));
    assert_eq!(caller.names, ["AppCatalog.Read.All", "User.Read.All"]);
}

#[tokio::test]
async fn the_secret_may_come_as_http_basic() {
    let bench = Bench::start().await;
    let path = format!("/{TENANT}/oauth2/v2.0/token");
    let fields = [("grant_type", "client_credentials"), ("scope", GRAPH)];
    let basic = |secret: &str| format!("Basic {}", STANDARD.encode(format!("{ROBOT}:{secret}")));
    for secret in ["slipway-demo-secret", "slipway%2Ddemo%2dsecret"] {
        let answer = bench.post_with(&path, &[("Authorization", &basic(secret))], &fields).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let refused = bench.post_with(&path, &[("Authorization", &basic("wrong"))], &fields).await;
    assert_eq!(refused.fault(), (401, "invalid_client".into(), 7_000_215));
    let refused = bench.post_with(&path, &[("Authorization", "Basic %")], &fields).await;
    assert_eq!(refused.fault(), (400, "invalid_request".into(), 9_002_313));
}

#[tokio::test]
async fn a_client_is_refused_in_entras_words() {
    let bench = Bench::start().await;
    let unknown = "51190000-0000-4000-8000-00000000a999";
    let cases = [
        (with(&BY_SECRET, "client_secret", "wrong"), (401, "invalid_client", 7_000_215)),
        (with(&BY_SECRET, "client_secret", ""), (401, "invalid_client", 7_000_216)),
        (with(&BY_SECRET, "client_id", unknown), (400, "unauthorized_client", 700_016)),
        (with(&BY_SECRET, "client_id", "a b"), (400, "unauthorized_client", 700_016)),
        (with(&BY_SECRET, "client_id", PUBLIC), (401, "invalid_client", 700_025)),
        (with(&BY_SECRET, "client_id", ""), (400, "invalid_request", 900_144)),
        (with(&BY_SECRET, "grant_type", ""), (400, "invalid_request", 900_144)),
        (with(&BY_SECRET, "grant_type", "implicit"), (400, "unsupported_grant_type", 70003)),
        (with(&BY_SECRET, "scope", "User.Read"), (400, "invalid_scope", 1_002_012)),
        (with(&BY_SECRET, "scope", "api://x/.default"), (400, "invalid_resource", 500_011)),
        (with(&BY_SECRET, "scope", ""), (400, "invalid_request", 900_144)),
    ];
    for (fields, (status, error, number)) in cases {
        let answer = bench.token(&fields).await;
        assert_eq!(answer.fault(), (status, error.to_owned(), number), "{fields:?}");
    }
}

#[tokio::test]
async fn a_refusal_carries_the_clients_correlation_id() {
    let bench = Bench::start().await;
    let id = "7b12f9bb-2eef-42e3-ad75-eee69ec9088d";
    let path = format!("/{TENANT}/oauth2/v2.0/token");
    let answer = bench.post_with(&path, &[("client-request-id", id)], &[]).await.json();
    assert_eq!(answer["correlation_id"], id);
    assert_eq!(answer["timestamp"], "2026-11-22 10:00:00Z");
    let expected =
        "AADSTS900144: The request body must contain the following parameter: 'grant_type'. Trace ID: ";
    assert!(answer["error_description"].as_str().unwrap().starts_with(expected));
}

#[tokio::test]
async fn the_correlation_id_may_come_in_the_query() {
    let bench = Bench::start().await;
    let id = "7b12f9bb-2eef-42e3-ad75-eee69ec9088d";
    let path = format!("/{TENANT}/oauth2/v2.0/token?client-request-id={id}");
    assert_eq!(bench.post(&path, &[]).await.text_of("correlation_id"), id);
}

#[tokio::test]
async fn a_user_gets_what_was_asked_for_and_consented_to() {
    let bench = Bench::start().await;
    let answer = bench.token(&with(&BY_PASSWORD, "nonce", "n1")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.text_of("scope"), "User.Read.All openid");
    let caller = bench.caller(&answer);
    assert_eq!((caller.client.as_str(), caller.user), (PUBLIC, Some(user(2, None).id)));
    assert_eq!(caller.names, ["User.Read.All", "openid"]);
    let id = claims(&answer.text_of("id_token"));
    assert_eq!(id["iss"], format!("https://localhost:8365/{TENANT}/v2.0"));
    assert_eq!((&id["aud"], &id["nonce"]), (&json!(PUBLIC), &json!("n1")));
    let info = URL_SAFE_NO_PAD.decode(answer.text_of("client_info")).unwrap();
    let info: Value = serde_json::from_slice(&info).unwrap();
    assert_eq!(info, json!({"uid": user(2, None).id.as_str(), "utid": TENANT}));
}

#[tokio::test]
async fn a_user_is_refused_in_entras_words() {
    let bench = Bench::start().await;
    let cases = [
        (with(&BY_PASSWORD, "password", "wrong"), 50126),
        (with(&BY_PASSWORD, "username", "nobody@contoso.example"), 50034),
        (with(&BY_PASSWORD, "username", "nobody"), 50034),
        (with(&BY_PASSWORD, "username", "user04@contoso.example"), 50056),
        (with(&BY_PASSWORD, "username", "user05@contoso.example"), 50057),
        (with(&with(&BY_PASSWORD, "username", "user05@contoso.example"), "password", "wrong"), 50126),
        (with(&BY_PASSWORD, "username", "user03@contoso.example"), 65001),
        (with(&BY_PASSWORD, "scope", "Mail.Read"), 65001),
    ];
    for (fields, number) in cases {
        let answer = bench.token(&fields).await;
        assert_eq!(answer.fault(), (400, "invalid_grant".into(), number), "{fields:?}");
    }
    for name in ["username", "password", "scope"] {
        let answer = bench.token(&with(&BY_PASSWORD, name, "")).await;
        assert_eq!(answer.fault(), (400, "invalid_request".into(), 900_144), "{name}");
    }
    let without_secret = bench.token(&with(&BY_PASSWORD, "client_id", ROBOT)).await;
    assert_eq!(without_secret.fault(), (401, "invalid_client".into(), 7_000_218));
}

#[tokio::test]
async fn who_guesses_is_locked_out_for_a_minute_wherever_they_guess() {
    let bench = Bench::start().await;
    let wrong = with(&BY_PASSWORD, "password", "wrong");
    for _ in 0..9 {
        assert_eq!(bench.token(&wrong).await.fault().2, 50126);
    }
    let fields = [("user_code", "x"), ("username", "USER02@contoso.example"), ("password", "wrong")];
    assert!(bench.post("/devicelogin", &fields).await.text.contains("AADSTS50126"));
    assert!(bench.post("/devicelogin", &fields).await.text.contains("Wait a minute"));
    assert_eq!(bench.token(&BY_PASSWORD).await.fault(), (400, "invalid_grant".into(), 50053));
    let other = with(&BY_PASSWORD, "username", "user03@contoso.example");
    assert_eq!(bench.token(&other).await.fault().2, 65001, "another user is not locked out");
    bench.clock.advance(SignedDuration::from_mins(1));
    assert_eq!(bench.token(&BY_PASSWORD).await.status, 200);
}

#[tokio::test]
async fn what_changed_during_the_check_of_a_password_counts() {
    let bench = Bench::start().await;
    let partition = Partition::of(&tenant());
    let before = user(2, Some(PASSWORD_HASH));
    for (now, expected) in [
        (User { display_name: "Renamed".into(), ..before.clone() }, None),
        (User { account_enabled: false, ..before.clone() }, Some(SignInFault::UserDisabled)),
        (User { password_hash: Some("other".into()), ..before.clone() }, Some(SignInFault::WrongPassword)),
    ] {
        bench.change(&now).await;
        match (bench.sign_in().still_proven(&partition, &before).await, expected) {
            (Ok(user), None) => assert_eq!(user.record, now),
            (Err(Refusal::Refused(fault)), Some(expected)) => assert_eq!(fault, expected),
            (found, expected) => panic!("{found:?} is not {expected:?}"),
        }
    }
}

#[tokio::test]
async fn the_path_names_the_tenant_in_several_ways() {
    let bench = Bench::start().await;
    let capitals = TENANT.to_uppercase();
    for segment in [TENANT, &capitals, "Contoso.example", "common", "organizations"] {
        let answer = bench.post(&format!("/{segment}/oauth2/v2.0/TOKEN"), &BY_SECRET).await;
        assert_eq!(answer.status, 200, "{segment}: {}", answer.text);
        assert_eq!(bench.caller(&answer).tenant.as_str(), TENANT);
    }
    let other = "51190000-0000-4000-8000-000000000002";
    for (segment, number) in
        [(other, 90002), ("fabrikam.example", 90002), ("nonsense", 900_023), ("consumers", 9_002_332)]
    {
        let answer = bench.post(&format!("/{segment}/oauth2/v2.0/token"), &BY_SECRET).await;
        assert_eq!(answer.fault(), (400, "invalid_request".into(), number), "{segment}");
    }
}

#[tokio::test]
async fn any_tenant_is_that_of_the_user_when_there_are_several() {
    let bench = Bench::start().await;
    let second = Tenant {
        id: TenantId::parse("second").unwrap(),
        display_name: "Second".into(),
        domain: "second.example".into(),
        generation: 1,
        settings: slipway_model::TeamsAppSettings::default(),
        policy: slipway_model::AppPermissionPolicy::default(),
        has_special_users: false,
    };
    let records = Changeset::new("second tenant").put(&Partition::of(&second), &second);
    bench.server.store().commit(records).await.unwrap();
    let answer = bench.post("/organizations/oauth2/v2.0/token", &BY_PASSWORD).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let answer = bench.post("/organizations/oauth2/v2.0/token", &BY_SECRET).await;
    assert_eq!(answer.fault(), (400, "invalid_request".into(), 50059));
}

#[tokio::test]
async fn pages_of_other_origins_get_no_tokens_for_what_they_know_or_guess() {
    let bench = Bench::start().await;
    let codes = bench.ask_for_device_code().await;
    let device = codes["device_code"].as_str().unwrap();
    let by_device = [("grant_type", DEVICE_GRANT), ("client_id", PUBLIC), ("device_code", device)];
    let on_behalf = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("requested_token_use", "on_behalf_of"),
        ("assertion", "x"),
    ];
    let forms: [&[(&str, &str)]; 4] = [&BY_SECRET, &BY_PASSWORD, &by_device, &on_behalf];
    for origin in ["https://evil.example", "null", PAGE] {
        for form in forms {
            for path in ["oauth2/v2.0/token", "oauth2/token"] {
                let path = format!("/{TENANT}/{path}");
                let refused = bench.post_with(&path, &[("Origin", origin)], form).await;
                assert_eq!(refused.fault().2, 9_002_326, "{origin} {path}: {}", refused.text);
            }
        }
        let asked = [("client_id", PUBLIC), ("scope", "openid")];
        let path = format!("/{TENANT}/oauth2/v2.0/devicecode");
        assert_eq!(bench.post_with(&path, &[("Origin", origin)], &asked).await.fault().2, 9_002_326);
    }
    assert_eq!(bench.token(&BY_PASSWORD).await.status, 200);
}
