//! Tokens for APIs of clients, tokens on behalf of their users, and the endpoint of version 1.

use slipway_identity::{AccessToken, Account, Mint, Subject};
use slipway_model::{AccessTokenVersion, ExposedScope};
use slipway_store::{Session, SessionState};

use super::token::{claims, with};
use super::*;

const API: &str = "51190000-0000-4000-8000-00000000a0a1";
const URI: &str = "api://tasks";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

fn api(version: AccessTokenVersion) -> Client {
    let scope = ExposedScope {
        id: "1".into(),
        value: "access_as_user".into(),
        display_name: "Act".into(),
        users_may_consent: true,
    };
    Client {
        identifier_uris: vec![URI.into()],
        exposed_scopes: vec![scope],
        access_token_version: version,
        application_permissions: vec![],
        ..client(API, "Tasks")
    }
}

/// A server where the public client may call the API, and the API may call Graph for user 2.
async fn bench(version: AccessTokenVersion) -> Bench {
    let bench = Bench::start().await;
    bench.change(&api(version)).await;
    let mut caller = client(PUBLIC, "Public");
    caller.delegated_permissions[0].scopes.push(format!("{API}/access_as_user"));
    bench.change(&caller).await;
    bench
}

fn by_password(scope: &str) -> [(&str, &str); 5] {
    [
        ("grant_type", "password"),
        ("client_id", PUBLIC),
        ("scope", scope),
        ("username", "user02@contoso.example"),
        ("password", "slipway-demo"),
    ]
}

async fn token_for(bench: &Bench, scope: &str) -> String {
    let answer = bench.token(&by_password(scope)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.text_of("access_token")
}

fn exchange<'a>(assertion: &'a str, scope: &'a str) -> [(&'a str, &'a str); 6] {
    [
        ("grant_type", JWT_BEARER),
        ("client_id", API),
        ("client_secret", "slipway-demo-secret"),
        ("requested_token_use", "on_behalf_of"),
        ("assertion", assertion),
        ("scope", scope),
    ]
}

#[tokio::test]
async fn an_api_gets_tokens_of_the_version_that_it_says_under_each_of_its_names() {
    for (version, audience) in [(AccessTokenVersion::V1, URI), (AccessTokenVersion::V2, API)] {
        let bench = bench(version).await;
        let answer = bench.token(&by_password("api://tasks/access_as_user openid")).await;
        assert_eq!(answer.text_of("scope"), "api://tasks/access_as_user openid");
        let said = claims(&answer.text_of("access_token"));
        assert_eq!(
            (said["aud"].as_str().unwrap(), &said["scp"]),
            (audience, &json!("access_as_user openid"))
        );
        let said = claims(&token_for(&bench, &format!("{API}/.default")).await);
        assert_eq!(said["aud"], API);
        assert_eq!(said["ver"], if version == AccessTokenVersion::V1 { "1.0" } else { "2.0" });
    }
}

#[tokio::test]
async fn what_an_api_does_not_have_or_was_not_granted_is_refused() {
    let bench = bench(AccessTokenVersion::V2).await;
    for (scope, number) in [
        ("api://tasks/other", 65001),
        ("api://unknown/access_as_user", 500_011),
        ("api://tasks/access_as_user User.Read.All", 28000),
        ("api://tasks/access_as_user api://other/x", 28000),
    ] {
        assert_eq!(bench.token(&by_password(scope)).await.fault().2, number, "{scope}");
    }
    let graph = bench.token(&by_password(GRAPH)).await;
    assert!(!claims(&graph.text_of("access_token"))["scp"].as_str().unwrap().contains("access_as_user"));
    let of_api = token_for(&bench, "api://tasks/access_as_user").await;
    let path = "/v1.0/appCatalogs/teamsApps";
    let bearer = format!("Bearer {of_api}");
    let refused = bench.send(Method::GET, path, &[("Authorization", &bearer)], String::new()).await;
    assert_eq!(refused.status, 401, "a token of the API is none for Graph");
}

#[tokio::test]
async fn a_client_gets_a_token_of_its_own_for_an_api() {
    let bench = bench(AccessTokenVersion::V2).await;
    let mut robot = client(ROBOT, "Robot");
    robot.application_permissions.push(format!("{API}/Tasks.Read"));
    bench.change(&robot).await;
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", ROBOT),
        ("client_secret", "slipway-demo-secret"),
        ("scope", "api://tasks/.default"),
    ];
    let said = claims(&bench.token(&fields).await.text_of("access_token"));
    assert_eq!(
        (&said["aud"], &said["roles"], &said["azp"]),
        (&json!(API), &json!(["Tasks.Read"]), &json!(ROBOT))
    );
}

#[tokio::test]
async fn an_api_acts_for_the_user_whose_token_it_got() {
    for version in [AccessTokenVersion::V1, AccessTokenVersion::V2] {
        let bench = bench(version).await;
        let assertion = token_for(&bench, "api://tasks/access_as_user").await;
        let answer = bench.token(&exchange(&assertion, "https://graph.microsoft.com/User.Read.All")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let caller = bench.caller(&answer);
        assert_eq!((caller.client.as_str(), caller.user), (API, Some(user(2, None).id)));
        assert_eq!(caller.names, ["User.Read.All"]);
        let refused = bench.token(&exchange(&assertion, "Mail.Read")).await;
        assert_eq!(refused.fault(), (400, "invalid_grant".into(), 65001), "nobody consented");
    }
}

#[tokio::test]
async fn only_a_users_token_for_the_very_api_that_is_good_now_is_exchanged() {
    let bench = bench(AccessTokenVersion::V2).await;
    let number = async |assertion: &str| bench.token(&exchange(assertion, GRAPH)).await.fault().2;
    let graph = bench.token(&by_password("User.Read.All openid")).await;
    assert_eq!(number(&graph.text_of("access_token")).await, 500_131, "a token for Graph");
    assert_eq!(number(&graph.text_of("id_token")).await, 50013, "an id token of the caller");
    assert_eq!(number("x").await, 50013);

    // Not even of a client that came to be called as Graph is.
    for name in ["https://graph.microsoft.com", "HTTPS://Graph.Microsoft.com/"] {
        bench.change(&Client { identifier_uris: vec![name.into()], ..api(AccessTokenVersion::V2) }).await;
        assert_eq!(number(&graph.text_of("access_token")).await, 500_131, "{name}");
    }
    bench.change(&api(AccessTokenVersion::V2)).await;

    let good = token_for(&bench, "api://tasks/access_as_user").await;
    let own = [("client_id", ROBOT), ("assertion", good.as_str())];
    let other = exchange(&good, GRAPH)
        .map(|(name, value)| own.iter().find(|(known, _)| *known == name).copied().unwrap_or((name, value)));
    assert_eq!(bench.token(&other).await.fault().2, 500_131, "another client presents it");
    assert_eq!(bench.token(&with(&exchange(&good, GRAPH), "client_secret", "")).await.fault().2, 7_000_218);
    assert_eq!(
        bench.token(&with(&exchange(&good, GRAPH), "requested_token_use", "x")).await.fault().2,
        9_002_313
    );

    let (header, rest) = good.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    let mut said = claims(&good);
    said["oid"] = json!(user(3, None).id.as_str());
    let changed = format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(said.to_string()));
    assert_eq!(number(&changed).await, 50013);
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    assert_eq!(number(&format!("{none}.{payload}.")).await, 50013);

    bench.change(&User { account_enabled: false, ..user(2, Some(PASSWORD_HASH)) }).await;
    assert_eq!(number(&good).await, 50057);
    bench.change(&user(2, Some(PASSWORD_HASH))).await;
    bench.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(number(&good).await, 500_133);
}

#[tokio::test]
async fn neither_applications_nor_other_tenants_nor_ended_sign_ins_are_acted_for() {
    let bench = bench(AccessTokenVersion::V2).await;
    let (ring, tenant, asking, now) =
        (bench.server.keys().ring(), tenant(), client(PUBLIC, "Public"), bench.clock.now());
    let (user, scopes) = (user(2, None), ["access_as_user".to_owned()]);
    let made = |tenant: &TenantId, subject, session| {
        let mint = Mint { tenant, client: &asking, now, uti: "u", session };
        let access = AccessToken {
            audience: API,
            version: AccessTokenVersion::V2,
            issuer: &slipway_identity::issuer("https://localhost", tenant),
            subject,
            times: None,
            account: Account::Organization,
        };
        ring.access_token(&mint, &access).unwrap()
    };
    let of_user = Subject::User(&user, &scopes);
    let number = async |assertion: String| bench.token(&exchange(&assertion, GRAPH)).await.fault().2;
    assert_eq!(number(made(&tenant.id, Subject::Application(&[]), None)).await, 7_000_114);
    let other = TenantId::parse("51190000-0000-4000-8000-000000000002").unwrap();
    assert_eq!(number(made(&other, of_user, None)).await, 50013);
    let session = |state| Session {
        id: "51190000-0000-4000-8000-00000000e5e5".into(),
        client: asking.id.clone(),
        user: user.id.clone(),
        scopes: vec![],
        state,
        signed_in_at: now,
        expires_at: now + SignedDuration::from_hours(1),
    };
    let of_session = || made(&tenant.id, of_user, Some("51190000-0000-4000-8000-00000000e5e5"));
    assert_ne!(number(of_session()).await, 0, "there is no such sign-in");
    bench.change(&session(SessionState::Live { generation: 0 })).await;
    let answer = bench.token(&exchange(&of_session(), GRAPH)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(bench.caller(&answer).session.as_deref(), Some("51190000-0000-4000-8000-00000000e5e5"));
    bench.change(&session(SessionState::Revoked)).await;
    assert_ne!(number(of_session()).await, 0);
    let bearer = format!("Bearer {}", answer.text_of("access_token"));
    let path = "/v1.0/appCatalogs/teamsApps";
    let refused = bench.send(Method::GET, path, &[("Authorization", &bearer)], String::new()).await;
    assert_eq!(refused.status, 401, "what was exchanged ends with the sign-in");
}

#[tokio::test]
async fn the_endpoint_of_version_1_takes_a_resource_and_answers_in_texts() {
    let bench = bench(AccessTokenVersion::V2).await;
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", ROBOT),
        ("client_secret", "slipway-demo-secret"),
        ("resource", "https://graph.microsoft.com"),
    ];
    let path = format!("/{TENANT}/oauth2/token");
    let answer = bench.post(&path, &fields).await;
    assert_eq!(bench.caller(&answer).client.as_str(), ROBOT);
    let mut shown = answer.json();
    shown.as_object_mut().unwrap().remove("access_token");
    let expected = json!({
        "token_type": "Bearer",
        "expires_in": "3599",
        "ext_expires_in": "3599",
        "expires_on": "1795345200",
        "not_before": "1795341300",
        "resource": "https://graph.microsoft.com",
    });
    assert_eq!(shown, expected);
    assert_eq!(bench.post(&path, &with(&fields, "resource", "")).await.fault().2, 900_144);
    assert_eq!(bench.post(&path, &with(&fields, "resource", "api://unknown")).await.fault().2, 500_011);
    let user = with(&by_password("openid"), "client_id", PUBLIC);
    let user = [&user[..], &[("resource", "api://tasks")]].concat();
    let answer = bench.post("/common/oauth2/token", &user).await;
    assert_eq!(answer.text_of("scope"), "access_as_user openid");
    assert_eq!(claims(&answer.text_of("access_token"))["aud"], API);
}

#[tokio::test]
async fn a_token_of_this_server_stands_for_a_client_that_trusts_it() {
    let bench = bench(AccessTokenVersion::V1).await;
    let mut exchanging = api(AccessTokenVersion::V1);
    exchanging.identifier_uris = vec!["api://AzureADTokenExchange".into()];
    bench.change(&exchanging).await;
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", ROBOT),
        ("client_secret", "slipway-demo-secret"),
        ("scope", "api://AzureADTokenExchange/.default"),
    ];
    let assertion = bench.token(&fields).await.text_of("access_token");
    let said = claims(&assertion);
    let credential = slipway_model::FederatedCredential {
        id: "f".into(),
        name: "f".into(),
        issuer: said["iss"].as_str().unwrap().to_owned(),
        subject: said["sub"].as_str().unwrap().to_owned(),
        audiences: vec!["api://AzureADTokenExchange".into()],
        description: None,
    };
    let trusting =
        Client { federated_credentials: vec![credential], secrets: vec![], ..client("other", "Other") };
    bench.change(&trusting).await;
    let ask = async |assertion: &str| {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", "other"),
            ("scope", GRAPH),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion),
        ];
        bench.token(&fields).await
    };
    let answer = ask(&assertion).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(bench.caller(&answer).client.as_str(), "other");
    // The same words under no signature.
    let (message, _) = assertion.rsplit_once('.').unwrap();
    assert_eq!(ask(&format!("{message}.AAAA")).await.fault(), (401, "invalid_client".into(), 7_000_272));
}

#[tokio::test]
async fn what_was_exchanged_late_is_good_for_its_whole_time() {
    let bench = bench(AccessTokenVersion::V2).await;
    let browser = bench.browser();
    let scope = [("scope", "api://tasks/access_as_user openid")];
    let tokens = bench.redeem(&browser.code(&scope).await, &[]).await;
    bench.clock.advance(SignedDuration::from_mins(55));
    let late = bench.token(&exchange(&tokens.text_of("access_token"), "User.Read.All")).await;
    assert_eq!(late.status, 200, "{}", late.text);
    bench.clock.advance(SignedDuration::from_mins(50));
    // Another sign-in clears away sessions that are over.
    browser.get(&super::browser::request(&[])).await.field("code");
    assert_eq!(bench.graph(&late).await, 200);
}

#[tokio::test]
async fn only_the_issuer_under_which_this_server_is_asked_is_its_own() {
    const EXCHANGE: &str = "api://AzureADTokenExchange";
    let bench = Bench::start().await;
    let url = |host: &str| format!("https://{host}/{TENANT}/v2.0");
    let trusted = vec![slipway_identity::TrustedIssuer::parse(&url("localhost:8365")).unwrap()];
    let trusting = bench.with(Settings { trusted_issuers: trusted, ..settings() }).await;
    let first = format!("https://sts.windows.net/{TENANT}/");
    // Of the first issuer another one's keys would be fetched from Microsoft, which no test does.
    for (issuer, here, there) in [
        (url("localhost:8365"), 0, Some(50166)),
        (first, 0, None),
        (url("localhost:9"), 50166, Some(50166)),
        (url("127.0.0.1:9"), 50166, Some(50166)),
    ] {
        let robot = client(ROBOT, "Robot");
        let (tenant, now) = (tenant().id, bench.clock.now());
        let mint = Mint { tenant: &tenant, client: &robot, now, uti: "u", session: None };
        let access = AccessToken {
            audience: EXCHANGE,
            version: AccessTokenVersion::V2,
            issuer: &issuer,
            subject: Subject::Application(&[]),
            times: None,
            account: Account::Organization,
        };
        let assertion = bench.server.keys().ring().access_token(&mint, &access).unwrap();
        let credential = slipway_model::FederatedCredential {
            id: "f".into(),
            name: "f".into(),
            issuer: issuer.clone(),
            subject: claims(&assertion)["sub"].as_str().unwrap().to_owned(),
            audiences: vec![EXCHANGE.into()],
            description: None,
        };
        let federated_credentials = vec![credential];
        bench.change(&Client { federated_credentials, secrets: vec![], ..client("other", "Other") }).await;
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", "other"),
            ("scope", GRAPH),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion.as_str()),
        ];
        assert_eq!(bench.token(&fields).await.fault().2, here, "{issuer}");
        if let Some(there) = there {
            assert_eq!(trusting.token(&fields).await.fault().2, there, "{issuer}");
        }
    }
}

#[tokio::test]
async fn a_forged_token_is_no_assertion_in_service() {
    let bench = bench(AccessTokenVersion::V2).await;
    let service = bench.with(Settings { mode: crate::Mode::Service, ..settings() }).await;
    let forge = async |order: Value| {
        let headers = [("Authorization", "Bearer control"), ("Content-Type", "application/json")];
        let forged = bench.send(Method::POST, "/_slipway/tokens", &headers, order.to_string()).await;
        assert_eq!(forged.status, 200, "{}", forged.text);
        forged.text_of("accessToken")
    };
    let id = user(2, None).id;
    let of_user = forge(json!({
        "clientId": PUBLIC, "userId": id.as_str(), "scopes": ["access_as_user"], "audience": API, "version": 2,
    }))
    .await;
    assert_eq!(bench.token(&exchange(&of_user, GRAPH)).await.status, 200);
    assert_eq!(service.token(&exchange(&of_user, GRAPH)).await.fault().2, 50013);

    let audience = "api://AzureADTokenExchange";
    let of_client = forge(json!({"clientId": ROBOT, "audience": audience, "version": 2})).await;
    let said = claims(&of_client);
    let credential = slipway_model::FederatedCredential {
        id: "f".into(),
        name: "f".into(),
        issuer: said["iss"].as_str().unwrap().to_owned(),
        subject: said["sub"].as_str().unwrap().to_owned(),
        audiences: vec![audience.into()],
        description: None,
    };
    let federated_credentials = vec![credential];
    bench.change(&Client { federated_credentials, secrets: vec![], ..client("other", "Other") }).await;
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", "other"),
        ("scope", GRAPH),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", of_client.as_str()),
    ];
    assert_eq!(bench.token(&fields).await.fault().2, 0);
    assert_eq!(service.token(&fields).await.fault().2, 7_000_272);
}
