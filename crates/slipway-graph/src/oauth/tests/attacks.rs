//! What attackers try at sign-in.

use super::browser::{CHALLENGE, hidden, request};
use super::*;

#[tokio::test]
async fn a_code_that_comes_back_ends_everything_that_came_of_it() {
    let bench = Bench::start().await;
    let code = bench.browser().code(&[]).await;
    let tokens = bench.redeem(&code, &[]).await;
    assert_eq!(bench.graph(&tokens).await, 200);
    let again = bench.redeem(&code, &[]).await;
    assert_eq!(again.fault(), (400, "invalid_grant".into(), 54005));
    assert_eq!(bench.graph(&tokens).await, 401);
    let refreshed = bench.refresh(&tokens.text_of("refresh_token"), &[]).await;
    assert_eq!(refreshed.fault(), (400, "invalid_grant".into(), 50173));
    assert_eq!(bench.redeem(&code, &[]).await.fault().2, 54005);
}

#[tokio::test]
async fn of_two_who_redeem_a_code_at_once_nobody_keeps_tokens() {
    let bench = Bench::start().await;
    let code = bench.browser().code(&[]).await;
    let (one, other) = tokio::join!(bench.redeem(&code, &[]), bench.redeem(&code, &[]));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400], "{} {}", one.text, other.text);
    let tokens = if one.status == 200 { one } else { other };
    assert_eq!(bench.graph(&tokens).await, 401);
}

#[tokio::test]
async fn a_proof_key_cannot_be_left_out_or_weakened() {
    let bench = Bench::start().await;
    let browser = bench.browser();
    browser.code(&[]).await;
    for (asked, sent, number) in [
        (("code_challenge_method", "S256"), "", 50148),
        (("code_challenge_method", "S256"), CHALLENGE, 501_481),
        (("code_challenge_method", "S256"), &*"a".repeat(43), 501_481),
        (("code_challenge_method", "plain"), super::browser::VERIFIER, 501_481),
    ] {
        let code = browser.get(&request(&[asked])).await.field("code");
        let refused = bench.redeem(&code, &[("code_verifier", sent)]).await;
        assert_eq!(refused.fault(), (400, "invalid_grant".into(), number), "{asked:?} {sent}");
    }
    // A challenge that somebody took out of the request.
    let none = [("code_challenge", ""), ("code_challenge_method", "")];
    let code = browser.get(&request(&none)).await.field("code");
    assert_eq!(bench.redeem(&code, &[]).await.fault().2, 501_481);
}

#[tokio::test]
async fn a_code_is_good_for_its_client_address_tenant_and_time() {
    let bench = Bench::start().await;
    let browser = bench.browser();
    let code = browser.code(&[]).await;
    let other = Client { secrets: vec![], ..client("other", "Other") };
    bench.change(&other).await;
    assert_eq!(bench.redeem(&code, &[("client_id", "other")]).await.fault().2, 70000);
    assert_eq!(bench.redeem(&code, &[("redirect_uri", "http://localhost:1235")]).await.fault().2, 500_112);
    assert_eq!(bench.redeem(&code, &[("redirect_uri", "")]).await.fault().2, 900_144);
    for wrong in ["x", &code[1..], &format!("{code}A")] {
        assert_eq!(bench.redeem(wrong, &[]).await.fault().2, 70000);
    }
    // A refresh token is no code, and a code no refresh token.
    let tokens = bench.redeem(&code, &[]).await;
    assert_eq!(bench.redeem(&tokens.text_of("refresh_token"), &[]).await.fault().2, 70000);
    let code = browser.get(&request(&[])).await.field("code");
    assert_eq!(bench.refresh(&code, &[]).await.fault().2, 70000);
    bench.clock.advance(SignedDuration::from_secs(600));
    assert_eq!(bench.redeem(&code, &[]).await.fault(), (400, "invalid_grant".into(), 70008));
}

#[tokio::test]
async fn a_code_ends_with_its_user() {
    let bench = Bench::start().await;
    let browser = bench.browser();
    let code = browser.code(&[]).await;
    bench.change(&User { account_enabled: false, ..user(2, Some(PASSWORD_HASH)) }).await;
    assert_eq!(bench.redeem(&code, &[]).await.fault().2, 50057);
    let key = slipway_store::user::key(&Partition::of(&tenant()), &user(2, None).id);
    bench.server.store().commit(Changeset::new("delete").delete(&key)).await.unwrap();
    assert_eq!(bench.redeem(&code, &[]).await.fault().2, 50034);
}

#[tokio::test]
async fn forms_that_no_page_of_this_browser_sent_are_refused() {
    let bench = Bench::start().await;
    let (mine, theirs) = (bench.browser(), bench.browser());
    let page = mine.get(&request(&[])).await;
    let their_page = theirs.get(&request(&[])).await;
    let ctx = hidden(&page.text, "ctx");
    let login = format!("/{TENANT}/login");
    let filled = |ctx: &str| {
        let fields = [("ctx", ctx), ("username", "user02@contoso.example"), ("password", "slipway-demo")];
        fields.map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let forged = |answer: &Answer| {
        answer.status == 400
            && answer.is_page_with("AADSTS165000")
            && !answer.headers.contains_key("location")
            && answer.headers.get_all("set-cookie").iter().next().is_none()
    };
    let form = filled(&ctx);
    let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    // Without the cookie, and with that of another browser.
    assert!(forged(&bench.post(&login, &form).await));
    assert!(forged(&theirs.post(&login, &form).await));
    // From a page of another origin, which the browser says in either way.
    for header in [
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
        ("Origin", "https://localhost:8365.evil.example"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ] {
        assert!(forged(&mine.send(Method::POST, &login, &[header], &form).await), "{header:?}");
        let device = [("user_code", "AAAA"), ("username", "user02@contoso.example"), ("password", "x")];
        let device = mine.send(Method::POST, "/devicelogin", &[header], &device).await;
        assert!(device.is_page_with("AADSTS165000"), "{header:?}");
    }
    // Without the field, with a changed one, and with one that was opened long ago.
    let changed = format!("{}A", &ctx[..ctx.len() - 1]);
    for wrong in ["", "x", &changed, &hidden(&their_page.text, "ctx")] {
        let form = filled(wrong);
        let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert!(forged(&mine.post(&login, &form).await), "{wrong}");
    }
    // The field of the sign-in page is none of the consent page, and the other way round.
    assert!(forged(&mine.post(&format!("/{TENANT}/consent"), &[("ctx", &ctx), ("answer", "accept")]).await));
    let page = mine.get(&request(&[("scope", "User.Read")])).await;
    let consent = mine.log_in(&page, 3).await;
    assert!(consent.is_page_with("Permissions requested"));
    let proven = filled(&hidden(&consent.text, "ctx"));
    let proven: Vec<_> = proven.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert!(forged(&mine.post(&login, &proven).await));
    let accept = [("ctx", proven[0].1), ("answer", "accept")];
    assert!(forged(&theirs.post(&format!("/{TENANT}/consent"), &accept).await));
    let header = [("Origin", "https://evil.example")];
    assert!(forged(&mine.send(Method::POST, &format!("/{TENANT}/consent"), &header, &accept).await));
    bench.clock.advance(SignedDuration::from_hours(1));
    assert!(forged(&mine.post(&login, &form).await));
}

#[tokio::test]
async fn what_was_made_without_proof_in_the_lab_counts_there_only() {
    let bench = Bench::start().await;
    let service = bench.with(Settings { mode: crate::Mode::Service, ..settings() }).await;
    let user = user(2, None).id;
    for version in [1, 2] {
        let order =
            json!({"clientId": PUBLIC, "userId": user.as_str(), "scopes": ["User.Read"], "version": version});
        let control = [("Authorization", "Bearer control"), ("Content-Type", "application/json")];
        let forged = bench.send(Method::POST, "/_slipway/tokens", &control, order.to_string()).await;
        assert_eq!(forged.status, 200, "{}", forged.text);
        let authorization = format!("Bearer {}", forged.text_of("accessToken"));
        let headers = [("Authorization", authorization.as_str())];
        for (server, status) in [(&bench, 200), (&service, 401)] {
            assert_eq!(server.send(Method::GET, "/v1.0/me", &headers, String::new()).await.status, status);
        }
        let long = json!({"clientId": PUBLIC, "expiresIn": 90 * 86400 + 1}).to_string();
        assert_eq!(bench.send(Method::POST, "/_slipway/tokens", &control, long).await.status, 400);
    }
    let browser = bench.browser();
    let page = browser.get(&request(&[])).await;
    let ctx = hidden(&page.text, "ctx");
    let fields = [("ctx", ctx.as_str()), ("user", user.as_str())];
    let picked = browser.post(&format!("/{TENANT}/pick"), &fields).await.field("code");
    assert_eq!(service.redeem(&picked, &[]).await.fault().2, 50173);
    let tokens = bench.redeem(&picked, &[]).await;
    let refreshed = bench.refresh(&tokens.text_of("refresh_token"), &[]).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.text);
    let token = refreshed.text_of("refresh_token");
    assert_eq!(service.refresh(&token, &[]).await.fault().2, 50173);
    // The cookie.
    let silent = request(&[("prompt", "none")]);
    assert!(!browser.get(&silent).await.field("code").is_empty());
    let same = super::browser::Browser { bench: &service, cookies: browser.cookies.clone() };
    assert_eq!(same.get(&silent).await.sent_error().1, "50058");
    // What was proven by password counts in both.
    let proven = bench.browser().code(&[]).await;
    assert_eq!(service.redeem(&proven, &[]).await.status, 200);
}

#[tokio::test]
async fn under_a_public_url_a_form_of_another_host_is_refused_whatever_host_it_names() {
    let bench = Bench::start().await;
    let public_url = Some("https://graph.corp".to_owned());
    let settings = Settings { hosts: Hosts { public_url, ..Hosts::default() }, ..settings() };
    let bench = bench.with(settings).await;
    let device = [("user_code", "AAAA"), ("username", "user02@contoso.example"), ("password", "x")];
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(device).finish();
    for (host, origin, is_refused) in [
        ("rebound.example", "http://rebound.example", true),
        ("rebound.example", "https://graph.corp", false),
        ("localhost:8365", "https://localhost:8365", false),
        ("graph.corp", "https://graph.corp", false),
    ] {
        let request = Request::post("/devicelogin").header("Host", host).header("Origin", origin);
        let request = request.body(Bytes::from(body.clone())).unwrap();
        let answer = bench.server.respond(request, Scheme::Https).await;
        let text = answer.into_body().collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&text);
        assert_eq!(text.contains("AADSTS165000"), is_refused, "{host} {origin}: {text}");
    }
}

#[tokio::test]
async fn the_cookie_of_a_signed_in_user_cannot_be_made_up() {
    let bench = Bench::start().await;
    let browser = bench.browser();
    browser.code(&[]).await;
    let name = "__Host-slipway-signed-in";
    let good = browser.cookies.borrow()[name].clone();
    let silent = request(&[("prompt", "none")]);
    let page = browser.get(&request(&[("prompt", "login")])).await;
    for wrong in ["x".to_owned(), good[1..].to_owned(), hidden(&page.text, "ctx")] {
        browser.cookies.borrow_mut().insert(name.to_owned(), wrong);
        assert_eq!(browser.get(&silent).await.sent_error().1, "50058");
    }
    browser.cookies.borrow_mut().insert(name.to_owned(), good);
    assert!(!browser.get(&silent).await.field("code").is_empty());
}

#[tokio::test]
async fn in_service_nobody_is_picked() {
    let bench = Bench::start().await;
    let service = bench.with(Settings { mode: crate::Mode::Service, ..settings() }).await;
    let browser = service.browser();
    let page = browser.get(&request(&[])).await;
    assert!(page.is_page_with("<h1>Sign in</h1>") && !page.text.contains("pick"), "{}", page.text);
    let ctx = hidden(&page.text, "ctx");
    let fields = [("ctx", ctx.as_str()), ("user", "51190000-0000-4000-8000-0000000e0002")];
    let refused = browser.post(&format!("/{TENANT}/pick"), &fields).await;
    assert_eq!(refused.status, 404);
    assert!(!browser.log_in(&page, 2).await.field("code").is_empty());
    // A session that one server ended is ended on the other one.
    let code = bench.browser().code(&[]).await;
    let tokens = bench.redeem(&code, &[]).await;
    assert_eq!(service.graph(&tokens).await, 200);
    bench.redeem(&code, &[]).await;
    assert_eq!(service.graph(&tokens).await, 401);
}

#[tokio::test]
async fn what_was_sent_stands_on_pages_as_text_only() {
    let bench = Bench::start().await;
    let evil = "\"><script>alert(1)</script><i a='";
    bench.change(&client(PUBLIC, evil)).await;
    let browser = bench.browser();
    let shown = [
        browser.get(&request(&[("login_hint", evil), ("state", evil), ("scope", "User.Read")])).await,
        browser.get(&request(&[("client_id", evil)])).await,
        browser.get(&request(&[("redirect_uri", evil)])).await,
        browser.get(&request(&[("scope", evil), ("response_mode", "form_post"), ("state", evil)])).await,
        browser.get(&format!("/{}/oauth2/v2.0/authorize", "%22%3E%3Cscript%3E.x")).await,
    ];
    let login = browser.get(&request(&[("scope", "User.Read"), ("state", evil)])).await;
    let consent = browser.log_in(&login, 3).await;
    for page in shown.iter().chain([&login, &consent]) {
        assert!(page.is_page_with("<main>"), "{}", page.text);
        assert!(!page.text.contains("<script>alert") && !page.text.contains("\"><script"), "{}", page.text);
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert_eq!(page.headers["x-frame-options"], "DENY");
        assert_eq!(page.headers["cache-control"], "no-store");
        assert_eq!(page.headers["referrer-policy"], "same-origin");
        assert_eq!(page.headers["x-content-type-options"], "nosniff");
        assert!(!page.text.contains("style=") && !page.text.contains("onclick"));
    }
    let state = hidden(&shown[3].text, "state");
    assert_eq!(state, "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;i a=&#39;");
}

#[tokio::test]
async fn a_device_that_asks_too_often_is_slowed_down() {
    let bench = Bench::start().await;
    let codes = bench.ask_for_device_code().await;
    assert_eq!(bench.poll(&codes).await.fault().1, "authorization_pending");
    bench.clock.advance(SignedDuration::from_secs(2));
    assert_eq!(bench.poll(&codes).await.fault(), (400, "slow_down".into(), 50196));
    bench.clock.advance(SignedDuration::from_secs(5));
    assert_eq!(bench.poll(&codes).await.fault().1, "authorization_pending");
    bench.type_code(codes["user_code"].as_str().unwrap(), "approve").await;
    let tokens = bench.poll(&codes).await;
    assert_eq!(tokens.status, 200, "{}", tokens.text);
    assert!(!tokens.text_of("refresh_token").is_empty());
}

#[tokio::test]
async fn texts_that_cannot_be_kept_are_refused_by_name() {
    let bench = Bench::start().await;
    let browser = bench.browser();
    browser.code(&[]).await;
    let long = "n".repeat(1025);
    for (nonce, is_kept) in [("a\0b", false), ("a\nb", false), (&long[..], false), (&long[1..], true)] {
        let back = browser.get(&request(&[("nonce", nonce)])).await;
        assert_eq!(!back.field("code").is_empty(), is_kept, "{nonce:?}: {}", back.text);
        assert!(is_kept || back.sent_error() == ("invalid_request".into(), "9002313".into()));
    }
    assert!(!browser.get(&request(&[("state", "a\0b")])).await.field("code").is_empty());
    for scope in ["api://a\0b/.default", "a\0b", "openid \0"] {
        let asked = [("client_id", PUBLIC), ("scope", scope)];
        let refused = bench.post(&format!("/{TENANT}/oauth2/v2.0/devicecode"), &asked).await;
        assert_eq!(refused.fault().2, 70011, "{scope:?}: {}", refused.text);
        assert_eq!(browser.get(&request(&[("scope", scope)])).await.sent_error().1, "70011");
    }
}
