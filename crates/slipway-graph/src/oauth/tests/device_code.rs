//! Tokens by device code, and the page.

use slipway_store::{
    CommitError, DeviceGrant, GrantState, Kind, Stored, Violation, device_grant, user as users,
};

use super::*;
use crate::oauth::device_login::decided;

#[tokio::test]
async fn a_device_code_gives_one_token_after_its_user_signed_in() {
    let bench = Bench::start().await;
    let codes = bench.ask_for_device_code().await;
    let code = codes["user_code"].as_str().unwrap();
    assert_eq!(codes["verification_uri"], "https://localhost:8365/devicelogin");
    assert_eq!((&codes["expires_in"], &codes["interval"]), (&json!(900), &json!(5)));
    assert!(codes["message"].as_str().unwrap().contains(code));
    assert_eq!(bench.poll(&codes).await.fault(), (400, "authorization_pending".into(), 70016));

    let spaced = format!(" {}-{} ", &code[..4].to_lowercase(), &code[4..]);
    let page = bench.type_code(&spaced, "approve").await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("signed in to &lt;Public&gt;"), "{}", page.text);

    let answer = bench.poll(&codes).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let base = "https://localhost:8365";
    let scope = format!("{base}/User.Read.All {base}/AppCatalog.ReadWrite.All {base}/.default openid");
    assert_eq!(answer.text_of("scope"), scope);
    let caller = bench.caller(&answer);
    assert_eq!(caller.user, Some(user(2, None).id));
    assert_eq!(caller.names, ["User.Read.All", "AppCatalog.ReadWrite.All", "openid"]);

    assert_eq!(bench.poll(&codes).await.fault(), (400, "invalid_grant".into(), 7_000_014));
    assert_eq!(bench.type_code(code, "approve").await.status, 400);
}

#[tokio::test]
async fn a_device_code_ends_when_its_user_declines_or_does_nothing() {
    let bench = Bench::start().await;
    let declined = bench.ask_for_device_code().await;
    let page = bench.type_code(declined["user_code"].as_str().unwrap(), "decline").await;
    assert!(page.status == 200 && page.text.contains("was not given access"), "{}", page.text);
    assert_eq!(bench.poll(&declined).await.fault(), (400, "authorization_declined".into(), 65004));

    let idle = bench.ask_for_device_code().await;
    bench.clock.advance(SignedDuration::from_secs(900));
    assert_eq!(bench.poll(&idle).await.fault(), (400, "expired_token".into(), 70020));
    let page = bench.type_code(idle["user_code"].as_str().unwrap(), "approve").await;
    assert!(page.status == 400 && page.text.contains("AADSTS70019"), "{}", page.text);

    // Asking anew clears away what expired an hour ago.
    bench.clock.advance(SignedDuration::from_hours(1));
    bench.ask_for_device_code().await;
    assert_eq!(bench.poll(&idle).await.fault(), (400, "invalid_grant".into(), 7_000_014));
}

#[tokio::test]
async fn a_device_code_is_its_clients_alone() {
    let bench = Bench::start().await;
    let codes = bench.ask_for_device_code().await;
    bench.type_code(codes["user_code"].as_str().unwrap(), "approve").await;
    let stolen = [
        ("grant_type", DEVICE_GRANT),
        ("client_id", ROBOT),
        ("client_secret", "slipway-demo-secret"),
        ("device_code", codes["device_code"].as_str().unwrap()),
    ];
    assert_eq!(bench.token(&stolen).await.fault(), (400, "invalid_grant".into(), 7_000_014));
    assert_eq!(bench.poll(&codes).await.status, 200);
}

#[tokio::test]
async fn a_device_code_is_given_out_for_a_known_client_and_a_scope() {
    let bench = Bench::start().await;
    let path = format!("/{TENANT}/oauth2/v2.0/devicecode");
    for (fields, number) in [
        (vec![("scope", GRAPH)], 900_144),
        (vec![("client_id", PUBLIC)], 900_144),
        (vec![("client_id", "other"), ("scope", GRAPH)], 700_016),
        (vec![("client_id", PUBLIC), ("scope", "api://x/y")], 500_011),
        (vec![("client_id", PUBLIC), ("scope", &"a ".repeat(1025))], 70011),
    ] {
        assert_eq!(bench.post(&path, &fields).await.fault().2, number, "{fields:?}");
    }
}

#[tokio::test]
async fn a_tenant_keeps_a_thousand_device_codes() {
    let bench = Bench::start().await;
    let partition = Partition::of(&tenant());
    let expires_at = |number: i64| bench.clock.now() + SignedDuration::from_secs(number);
    let grants = (0..1000).map(|number| DeviceGrant {
        device_code_hash: number.to_string(),
        user_code: number.to_string(),
        client: ClientId::parse(PUBLIC).unwrap(),
        scopes: vec![],
        state: GrantState::Pending,
        expires_at: expires_at(number + 1),
    });
    let changes = grants.fold(Changeset::new("grants"), |changes, grant| changes.put(&partition, &grant));
    bench.server.store().commit(changes).await.unwrap();

    let fields = [("client_id", PUBLIC), ("scope", GRAPH)];
    let path = format!("/{TENANT}/oauth2/v2.0/devicecode");
    let refused = bench.post(&path, &fields).await;
    assert_eq!(refused.fault(), (503, "temporarily_unavailable".into(), 90033));
    assert_eq!(refused.headers["retry-after"], "5");

    // One that expires makes room for one.
    bench.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(bench.post(&path, &fields).await.status, 200);
    assert_eq!(bench.post(&path, &fields).await.status, 503);
    // Room is made for more than one, a hundred at a time.
    bench.clock.advance(SignedDuration::from_secs(500));
    assert_eq!(bench.post(&path, &fields).await.status, 200);
    let view = bench.server.store().view();
    assert_eq!(view.count(&device_grant::all(&partition), 2000).await.unwrap(), 901);
}

#[tokio::test]
async fn an_answer_holds_only_while_user_client_and_code_are_as_they_were() {
    let bench = Bench::start().await;
    let partition = Partition::of(&tenant());
    let codes = bench.ask_for_device_code().await;
    let code = codes["user_code"].as_str().unwrap();
    let key = users::key(&partition, &user(2, None).id);
    let asked =
        bench.server.store().view().find(&device_grant::by_user_code(&partition, code)).await.unwrap();
    for kind in [Kind::User, Kind::Client, Kind::DeviceGrant] {
        let proven: Stored<User> = bench.server.store().view().get(&key).await.unwrap().unwrap();
        let (_, answer) = decided(&bench.sign_in(), &partition, code, &proven).await.unwrap();
        match kind {
            Kind::User => bench.change(&proven.record).await,
            Kind::Client => bench.change(&client(PUBLIC, "Other")).await,
            _ => bench.change(&asked.as_ref().unwrap().record).await,
        }
        let refused = bench.server.store().commit(answer).await.unwrap_err();
        assert_eq!(refused, CommitError::Conflict(Violation::Revision(kind)));
    }
}

#[tokio::test]
async fn the_page_is_plain_and_cannot_be_framed() {
    let bench = Bench::start().await;
    let page = bench.get("/devicelogin").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    assert_eq!(page.headers["cache-control"], "no-store");
    assert_eq!(page.headers["x-frame-options"], "DENY");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!page.text.contains("<script") && !page.text.contains("style="));
    for field in ["user_code", "username", "password"] {
        assert!(page.text.contains(&format!("<label for=\"{field}\">")), "{field}");
    }
}

#[tokio::test]
async fn the_page_repeats_what_was_typed_as_text_and_never_the_password() {
    let bench = Bench::start().await;
    let fields =
        [("user_code", "\"><script>alert(1)</script>"), ("username", "'&@x"), ("password", "hunter2")];
    let page = bench.post("/devicelogin", &fields).await;
    assert_eq!(page.status, 400);
    assert!(page.text.contains("role=\"alert\"") && !page.text.contains("<script"));
    assert!(page.text.contains("&quot;&gt;&lt;script&gt;") && page.text.contains("&#39;&amp;@x"));
    assert!(!page.text.contains("hunter2"));
    let empty = bench.post("/devicelogin", &[]).await;
    assert!(empty.status == 400 && empty.text.contains("Please fill in every field."));
}

#[tokio::test]
async fn a_storage_that_takes_no_commits_is_a_transient_error() {
    let bench = Bench::start().await;
    let codes = bench.ask_for_device_code().await;
    bench.type_code(codes["user_code"].as_str().unwrap(), "approve").await;
    bench.server.store().close().await;
    let unavailable = (503, "temporarily_unavailable".to_owned(), 90033);
    let fields = [("client_id", PUBLIC), ("scope", "openid")];
    let asked = bench.post(&format!("/{TENANT}/oauth2/v2.0/devicecode"), &fields).await;
    // The code is approved, and no token goes out for it before the code is known to be spent.
    let redeemed = bench.poll(&codes).await;
    assert_eq!((asked.fault(), redeemed.fault()), (unavailable.clone(), unavailable));
    assert!([asked, redeemed].iter().all(|answer| answer.headers["retry-after"] == "5"));
}
