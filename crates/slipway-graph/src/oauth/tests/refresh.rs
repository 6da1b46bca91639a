//! Refresh tokens.

use super::browser::request;
use super::*;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Tokens of a sign-in by password that goes on.
async fn tokens(bench: &Bench) -> Answer {
    let fields = [
        ("grant_type", "password"),
        ("client_id", PUBLIC),
        ("username", "user02@contoso.example"),
        ("password", "slipway-demo"),
        ("scope", "User.Read.All offline_access"),
    ];
    let answer = bench.token(&fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_gives_the_next_one() {
    let bench = Bench::start().await;
    let first = tokens(&bench).await;
    let second = bench.refresh(&first.text_of("refresh_token"), &[]).await;
    assert_eq!((second.status, second.text_of("scope").as_str()), (200, "User.Read.All"), "{}", second.text);
    let third =
        bench.refresh(&second.text_of("refresh_token"), &[("scope", "AppCatalog.ReadWrite.All")]).await;
    assert_eq!(third.text_of("scope"), "AppCatalog.ReadWrite.All", "{}", third.text);
    let none = bench.refresh(&third.text_of("refresh_token"), &[("scope", "Mail.Read")]).await;
    assert_eq!(none.fault(), (400, "invalid_grant".into(), 65001));
    // What was refused has not used it up.
    assert_eq!(bench.refresh(&third.text_of("refresh_token"), &[]).await.status, 200);
}

#[tokio::test]
async fn a_refresh_token_that_comes_back_ends_the_sign_in() {
    let bench = Bench::start().await;
    let first = tokens(&bench).await;
    let second = bench.refresh(&first.text_of("refresh_token"), &[]).await;
    assert_eq!(bench.graph(&second).await, 200);
    let reused = bench.refresh(&first.text_of("refresh_token"), &[]).await;
    assert_eq!(reused.fault(), (400, "invalid_grant".into(), 70000));
    assert!(reused.text.contains("was used before"), "{}", reused.text);
    for tokens in [&first, &second] {
        assert_eq!(bench.graph(tokens).await, 401);
    }
    let ended = bench.refresh(&second.text_of("refresh_token"), &[]).await;
    assert_eq!(ended.fault(), (400, "invalid_grant".into(), 50173));
    // Another sign-in of the same user goes on.
    assert_eq!(bench.graph(&tokens(&bench).await).await, 200);
}

#[tokio::test]
async fn a_refresh_token_ends_with_its_user() {
    let bench = Bench::start().await;
    let token = tokens(&bench).await.text_of("refresh_token");
    let other = user(2, Some("$argon2id$v=19$m=8,t=1,p=1$c2l4dGVlbiBieXRlcyAxNg$AAAA"));
    let disabled = User { account_enabled: false, ..user(2, Some(PASSWORD_HASH)) };
    for (changed, number) in [(other, 50173), (disabled, 50057)] {
        bench.change(&changed).await;
        assert_eq!(bench.refresh(&token, &[]).await.fault().2, number);
    }
    let key = slipway_store::user::key(&Partition::of(&tenant()), &user(2, None).id);
    bench.server.store().commit(Changeset::new("delete").delete(&key)).await.unwrap();
    assert_eq!(bench.refresh(&token, &[]).await.fault().2, 50034);
    bench.change(&user(2, Some(PASSWORD_HASH))).await;
    assert_eq!(bench.refresh(&token, &[]).await.status, 200);
}

#[tokio::test]
async fn a_refresh_token_lasts_90_days_and_a_pages_one_day() {
    let bench = Bench::start().await;
    let first = tokens(&bench).await;
    bench.clock.advance(DAY * 89);
    let second = bench.refresh(&first.text_of("refresh_token"), &[]).await;
    assert_eq!(second.status, 200, "{}", second.text);
    bench.clock.advance(DAY * 90);
    let late = bench.refresh(&second.text_of("refresh_token"), &[]).await;
    assert_eq!(late.fault(), (400, "invalid_grant".into(), 700_082));

    let browser = bench.browser();
    let page = [("redirect_uri", PAGE)];
    let login = browser.get(&request(&page)).await;
    let code = browser.log_in(&login, 2).await.field("code");
    let (at, headers) = (format!("/{TENANT}/oauth2/v2.0/token"), [("Origin", PAGE)]);
    let tokens = bench.post_with(&at, &headers, &super::browser::redeeming(&code, &page)).await;
    bench.clock.advance(SignedDuration::from_hours(23));
    let token = tokens.text_of("refresh_token");
    let form = |token| [("grant_type", "refresh_token"), ("client_id", PUBLIC), ("refresh_token", token)];
    assert_eq!(bench.refresh(&token, &[]).await.fault().2, 9_002_327);
    let next = bench.post_with(&at, &headers, &form(&token)).await;
    assert_eq!(next.status, 200, "{}", next.text);
    bench.clock.advance(SignedDuration::from_hours(1));
    let late = bench.post_with(&at, &headers, &form(&next.text_of("refresh_token"))).await;
    assert_eq!(late.fault(), (400, "invalid_grant".into(), 700_084));
}

#[tokio::test]
async fn a_refresh_token_is_its_clients_alone() {
    let bench = Bench::start().await;
    let token = tokens(&bench).await.text_of("refresh_token");
    let other = Client { secrets: vec![], ..client("other", "Other") };
    bench.change(&other).await;
    let stolen = [("grant_type", "refresh_token"), ("client_id", "other"), ("refresh_token", &token)];
    assert_eq!(bench.token(&stolen).await.fault(), (400, "invalid_grant".into(), 70000));
    for wrong in ["x", "", &format!("{token}A"), &token[1..]] {
        let fault = bench.refresh(wrong, &[]).await.fault();
        assert!(fault.2 == 70000 || fault.2 == 900_144, "{fault:?}");
    }
    let elsewhere = [("grant_type", "refresh_token"), ("client_id", PUBLIC), ("refresh_token", &token)];
    let other = slipway_model::Tenant {
        id: TenantId::parse("t2").unwrap(),
        domain: "other.example".into(),
        generation: 2,
        ..tenant()
    };
    let changes = Changeset::new("another tenant").put(&Partition::global(), &other);
    bench.server.store().commit(changes).await.unwrap();
    let refused = bench.post("/other.example/oauth2/v2.0/token", &elsewhere).await;
    assert_eq!(refused.fault(), (400, "invalid_grant".into(), 700_005));
    assert_eq!(bench.post("/common/oauth2/v2.0/token", &elsewhere).await.status, 200);
}

#[tokio::test]
async fn sessions_that_are_over_are_cleared_away() {
    let bench = Bench::start().await;
    let sessions = || async {
        let range = slipway_store::session::all(&Partition::of(&tenant()));
        bench.server.store().view().count(&range, 100).await.unwrap()
    };
    for _ in 0..3 {
        tokens(&bench).await;
    }
    assert_eq!(sessions().await, 3);
    bench.clock.advance(DAY * 91);
    tokens(&bench).await;
    assert_eq!(sessions().await, 1);
    // Nothing is kept of a sign-in that does not go on.
    let fields = [
        ("grant_type", "password"),
        ("client_id", PUBLIC),
        ("username", "user02@contoso.example"),
        ("password", "slipway-demo"),
        ("scope", "User.Read.All"),
    ];
    let answer = bench.token(&fields).await;
    assert!(answer.json().get("refresh_token").is_none());
    assert_eq!((sessions().await, bench.caller(&answer).session), (1, None));
}
