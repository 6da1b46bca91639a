//! The authorization code flow, as clients and people see it.

use super::browser::{CHALLENGE, VERIFIER, hidden, request};
use super::*;

fn claims(token: &str) -> Value {
    let part = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&part).unwrap()
}

#[tokio::test]
async fn a_user_signs_in_on_the_page_and_the_client_gets_tokens() {
    let bench = Bench::start().await;
    let browser = bench.browser();
    let page = browser.get(&request(&[("client_info", "1")])).await;
    assert_eq!(page.status, 200);
    assert!(page.is_page_with("to continue to <strong>&lt;Public&gt;</strong>"), "{}", page.text);

    let back = browser.log_in(&page, 2).await;
    let (uri, fields) = back.sent_to();
    assert_eq!((uri.as_str(), fields["state"].as_str()), ("http://localhost:1234", "s t&"));
    assert!(!fields["session_state"].is_empty() && !fields["client_info"].is_empty());
    assert_eq!(back.headers["cache-control"], "no-store");

    let tokens = bench.redeem(&fields["code"], &[]).await;
    assert_eq!(tokens.status, 200, "{}", tokens.text);
    assert_eq!(tokens.text_of("scope"), "User.Read.All openid profile");
    assert!(!tokens.text_of("refresh_token").is_empty());
    let (access, id) = (claims(&tokens.text_of("access_token")), claims(&tokens.text_of("id_token")));
    assert_eq!((&id["nonce"], &id["aud"]), (&json!("n1"), &json!(PUBLIC)));
    assert_eq!(id["auth_time"], bench.clock.now().as_second());
    assert_eq!((&access["sid"], &access["sid"]), (&id["sid"], &json!(fields["session_state"])));
    assert_eq!(bench.caller(&tokens).user, Some(user(2, None).id));
    assert_eq!(bench.graph(&tokens).await, 200);

    let bearer = format!("Bearer {}", tokens.text_of("access_token"));
    let headers = [("Authorization", bearer.as_str())];
    let info = bench.send(Method::GET, "/oidc/userinfo", &headers, String::new()).await;
    assert_eq!((&info.json()["sub"], &info.json()["name"]), (&id["sub"], &json!("User 2")));
    assert_eq!(bench.get("/oidc/userinfo").await.status, 401);
    assert_eq!(bench.send(Method::PUT, "/oidc/userinfo", &headers, String::new()).await.status, 405);
    let robot = [
        ("grant_type", "client_credentials"),
        ("client_id", ROBOT),
        ("client_secret", "slipway-demo-secret"),
        ("scope", GRAPH),
    ];
    let bearer = format!("Bearer {}", bench.token(&robot).await.text_of("access_token"));
    let headers = [("Authorization", bearer.as_str())];
    assert_eq!(bench.send(Method::GET, "/oidc/userinfo", &headers, String::new()).await.status, 403);
}

#[tokio::test]
async fn the_answer_travels_as_it_was_asked_for() {
    let bench = Bench::start().await;
    let browser = bench.browser();
    browser.code(&[]).await;
    // Signed in now: no page.
    let fragment = browser.get(&request(&[("response_mode", "fragment")])).await;
    assert!(fragment.headers["location"].to_str().unwrap().starts_with("http://localhost:1234#code="));
    let form = browser.get(&request(&[("response_mode", "form_post")])).await;
    assert!(form.is_page_with("action=\"http://localhost:1234\""), "{}", form.text);
    assert_eq!(hidden(&form.text, "state"), "s t&amp;");
    let policy = form.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("script-src 'sha256-") && !policy.contains("form-action"), "{policy}");
    assert_eq!(bench.redeem(&hidden(&form.text, "code"), &[]).await.status, 200);

    let both = [("response_type", "code id_token")];
    let hybrid = browser.get(&request(&both)).await;
    assert!(hybrid.headers["location"].to_str().unwrap().contains("#code="));
    let id = claims(&hybrid.field("id_token"));
    assert_eq!(id["nonce"], "n1");
    assert!(id["c_hash"].as_str().is_some_and(|hash| hash.len() == 22));
    let alone = browser.get(&request(&[("response_type", "id_token")])).await;
    assert!(alone.field("code").is_empty() && !alone.field("id_token").is_empty());
    let query = browser.get(&request(&[both[0], ("response_mode", "query")])).await;
    assert_eq!(query.sent_error(), ("invalid_request".into(), "90023".into()));

    // The first version takes a resource, and gives a refresh token unasked.
    let first = request(&[("scope", ""), ("resource", "https://graph.microsoft.com/")]);
    let first = browser.get(&first.replace("/v2.0", "")).await;
    let tokens = bench.redeem(&first.field("code"), &[]).await;
    assert!(!tokens.text_of("refresh_token").is_empty(), "{}", tokens.text);

    let posted = request(&[]);
    let (path, body) = posted.split_once('?').unwrap();
    let fields: Vec<_> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert!(!browser.post(path, &fields).await.field("code").is_empty());
}

#[tokio::test]
async fn faults_stay_on_a_page_until_the_way_back_is_proven() {
    let bench = Bench::start().await;
    let browser = bench.browser();
    for (fields, number) in [
        ([("client_id", ""), ("", "")], 900_144),
        ([("client_id", "other"), ("", "")], 700_016),
        ([("client_id", "<script>"), ("", "")], 700_016),
        ([("redirect_uri", "https://evil.example"), ("", "")], 50011),
        ([("redirect_uri", "http://localhost:1@evil.example"), ("", "")], 50011),
        ([("redirect_uri", "http://localhost/%2e"), ("", "")], 50011),
        ([("redirect_uri", ""), ("", "")], 900_144),
        ([("client_id", ROBOT), ("redirect_uri", "https://app.example/auth")], 50011),
    ] {
        let answer = browser.get(&request(&fields)).await;
        assert_eq!(answer.status, 400, "{fields:?}");
        assert!(answer.is_page_with(&format!("AADSTS{number}")), "{fields:?} {}", answer.text);
        assert!(!answer.headers.contains_key("location") && !answer.text.contains("<script>"), "{fields:?}");
    }
    let unknown = browser.get(&request(&[]).replace(TENANT, "fabrikam.example")).await;
    assert!(unknown.is_page_with("AADSTS90002"));
    let consumers = browser.get(&request(&[]).replace(TENANT, "consumers")).await;
    assert!(consumers.is_page_with("AADSTS9002332"));
}

#[tokio::test]
async fn later_faults_go_back_to_the_client_with_its_state() {
    let bench = Bench::start().await;
    let browser = bench.browser();
    for (fields, error, number) in [
        ([("response_type", "")], "invalid_request", 900_144),
        ([("response_type", "token")], "unsupported_response_type", 70005),
        ([("response_mode", "web_message")], "invalid_request", 90023),
        ([("scope", "")], "invalid_request", 900_144),
        ([("scope", "api://x/y")], "invalid_resource", 500_011),
        ([("scope", "a,b")], "invalid_scope", 70011),
        ([("prompt", "create")], "invalid_request", 90023),
        ([("prompt", "none")], "login_required", 50058),
        ([("code_challenge_method", "S512")], "invalid_request", 50149),
        ([("code_challenge", "short")], "invalid_request", 501_491),
        ([("code_challenge", "")], "invalid_request", 900_144),
    ] {
        let answer = browser.get(&request(&fields)).await;
        assert_eq!(answer.sent_error(), (error.to_owned(), number.to_string()), "{fields:?}");
        assert_eq!(answer.field("state"), "s t&", "{fields:?}");
        assert_eq!(answer.sent_to().0, "http://localhost:1234");
    }
    let no_nonce = browser.get(&request(&[("response_type", "id_token"), ("nonce", "")])).await;
    assert_eq!(no_nonce.sent_error().1, "900144");
    let long = request(&[("claims", &"x".repeat(9_000))]);
    assert_eq!(browser.get(&long).await.sent_error().1, "9002313");
}

#[tokio::test]
async fn who_is_signed_in_need_not_sign_in_again() {
    let bench = Bench::start().await;
    let browser = bench.browser();
    browser.code(&[]).await;
    assert!(!browser.get(&request(&[("prompt", "none")])).await.field("code").is_empty());
    assert!(!browser.get(&request(&[]).replace(TENANT, "common")).await.field("code").is_empty());
    let meant = [("prompt", "none"), ("login_hint", "USER02@contoso.example")];
    assert!(!browser.get(&request(&meant)).await.field("code").is_empty());
    let other = [("prompt", "none"), ("login_hint", "user03@contoso.example")];
    assert_eq!(browser.get(&request(&other)).await.sent_error().1, "50058");
    let page = browser.get(&request(&other[1..])).await;
    assert!(page.is_page_with("value=\"user03@contoso.example\""), "{}", page.text);
    for prompt in ["login", "select_account"] {
        let page = browser.get(&request(&[("prompt", prompt)])).await;
        assert!(!browser.log_in(&page, 2).await.field("code").is_empty(), "{prompt}");
    }
    bench.clock.advance(SignedDuration::from_hours(25));
    assert_eq!(browser.get(&request(&[("prompt", "none")])).await.sent_error().1, "50058");
}

#[tokio::test]
async fn a_browser_stays_signed_in_only_while_the_user_may() {
    let bench = Bench::start().await;
    let browser = bench.browser();
    browser.code(&[]).await;
    let silent = request(&[("prompt", "none")]);
    for changed in [
        User { account_enabled: false, ..user(2, Some(PASSWORD_HASH)) },
        user(2, Some("$argon2id$v=19$m=8,t=1,p=1$c2l4dGVlbiBieXRlcyAxNg$AAAA")),
    ] {
        bench.change(&changed).await;
        assert_eq!(browser.get(&silent).await.sent_error().1, "50058");
    }
    bench.change(&user(2, Some(PASSWORD_HASH))).await;
    assert!(!browser.get(&silent).await.field("code").is_empty());

    let out = browser.get(&format!("/{TENANT}/oauth2/v2.0/logout")).await;
    assert!(out.is_page_with("You signed out"));
    assert_eq!(browser.get(&silent).await.sent_error().1, "50058");
}

#[tokio::test]
async fn the_page_says_what_was_wrong_and_goes_on() {
    let bench = Bench::start().await;
    let browser = bench.browser();
    let page = browser.get(&request(&[])).await;
    let wrong = browser.log_in_with(&page, 2, "hunter2").await;
    assert!(wrong.status == 400 && wrong.is_page_with("The password is not right. (AADSTS50126)"));
    assert!(wrong.text.contains("user02@contoso.example") && !wrong.text.contains("hunter2"));
    assert!(!browser.log_in(&wrong, 2).await.field("code").is_empty());
    for (number, text) in [(9, "no account"), (4, "password does not exist"), (5, "disabled")] {
        let answer = browser.log_in(&page, number).await;
        assert!(answer.status == 400 && answer.is_page_with(text), "{}", answer.text);
    }
    for _ in 0..10 {
        browser.log_in_with(&page, 2, "x").await;
    }
    assert!(browser.log_in(&page, 2).await.is_page_with("Too many wrong passwords"));
}

#[tokio::test]
async fn in_the_lab_a_user_is_picked() {
    let bench = Bench::start().await;
    let browser = bench.browser();
    let page = browser.get(&request(&[])).await;
    let ctx = hidden(&page.text, "ctx");
    let pick = format!("/{TENANT}/pick");
    let found = browser.post(&pick, &[("ctx", &ctx), ("find", "USER02")]).await;
    let id = user(2, None).id;
    assert!(found.is_page_with(&format!("value=\"{id}\"")) && !found.text.contains("User 3"));
    let nobody = browser.post(&pick, &[("ctx", &ctx), ("find", "<x")]).await;
    assert!(nobody.is_page_with("Nobody has such a user name") && nobody.text.contains("value=\"&lt;x\""));
    let back = browser.post(&pick, &[("ctx", &ctx), ("user", id.as_str())]).await;
    assert_eq!(bench.redeem(&back.field("code"), &[]).await.status, 200);
    for (id, text) in [(user(5, None).id, "disabled"), (UserId::parse("nobody").unwrap(), "no account")] {
        let refused = browser.post(&pick, &[("ctx", &ctx), ("user", id.as_str())]).await;
        assert!(refused.status == 400 && refused.is_page_with(text), "{}", refused.text);
    }
}

#[tokio::test]
async fn each_kind_of_address_has_its_way_to_redeem() {
    let bench = Bench::start().await;
    let browser = bench.browser();
    // A web server proves itself, with or without a proof key.
    let web =
        [("client_id", ROBOT), ("redirect_uri", WEB), ("code_challenge", ""), ("code_challenge_method", "")];
    let at_web = [("client_id", ROBOT), ("redirect_uri", WEB), ("code_verifier", "")];
    let secret = ("client_secret", "slipway-demo-secret");
    let page = browser.get(&request(&web)).await;
    let code = browser.log_in(&page, 2).await.field("code");
    assert_eq!(bench.redeem(&code, &at_web).await.fault().2, 7_000_218);
    let wrong = [&at_web[..], &[("client_secret", "x")]].concat();
    assert_eq!(bench.redeem(&code, &wrong).await.fault().2, 7_000_215);
    let proven = [&at_web[..], &[secret]].concat();
    assert_eq!(bench.redeem(&code, &proven).await.status, 200);

    // A page asks across origins, with a proof key and without a secret.
    let of_page = [("redirect_uri", PAGE)];
    let headers = [("Origin", PAGE)];
    let at = format!("/{TENANT}/oauth2/v2.0/token");
    let code = browser.get(&request(&of_page)).await.field("code");
    assert_eq!(bench.redeem(&code, &of_page).await.fault().2, 9_002_327);
    let form = super::browser::redeeming(&code, &of_page);
    let tokens = bench.post_with(&at, &headers, &form).await;
    assert_eq!(tokens.status, 200, "{}", tokens.text);
    assert_eq!(tokens.headers["access-control-allow-origin"], "*");
    let open = [of_page[0], ("code_challenge", ""), ("code_challenge_method", "")];
    let code = browser.get(&request(&open)).await.field("code");
    let form = super::browser::redeeming(&code, &[of_page[0], ("code_verifier", "")]);
    assert_eq!(bench.post_with(&at, &headers, &form).await.fault().2, 9_002_325);

    // A program has no secret, and is no page.
    let code = browser.get(&request(&[])).await.field("code");
    assert_eq!(bench.redeem(&code, &[secret]).await.fault().2, 700_025);
    let form = super::browser::redeeming(&code, &[]);
    assert_eq!(bench.post_with(&at, &headers, &form).await.fault().2, 9_002_326);
    assert_eq!(bench.redeem(&code, &[]).await.status, 200);

    let plain = [("code_challenge", VERIFIER), ("code_challenge_method", "")];
    let code = browser.get(&request(&plain)).await.field("code");
    assert_eq!(bench.redeem(&code, &[("code_verifier", CHALLENGE)]).await.fault().2, 501_481);
    assert_eq!(bench.redeem(&code, &[]).await.status, 200);
    let custom = browser.get(&request(&[("redirect_uri", "msal5119://auth")])).await;
    assert_eq!(custom.sent_to().0, "msal5119://auth");
}

#[tokio::test]
async fn logout_leads_only_to_registered_addresses() {
    let bench = Bench::start().await;
    let at = |uri: &str| {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("post_logout_redirect_uri", uri)
            .append_pair("state", "s")
            .finish();
        format!("/common/oauth2/v2.0/logout?{query}")
    };
    let back = bench.get(&at("http://localhost:77")).await;
    assert_eq!(
        (back.status, back.headers["location"].to_str().unwrap()),
        (302, "http://localhost:77?state=s")
    );
    for uri in ["https://evil.example", "javascript:alert(1)", "//evil.example", "https://app.example/auth"] {
        let page = bench.get(&at(uri)).await;
        assert!(page.status == 200 && page.is_page_with("You signed out"), "{uri}");
    }
}

#[tokio::test]
async fn who_logs_out_reads_no_more_clients_than_a_request_may() {
    let bench = Bench::start().await;
    let row_limits = RowLimits { examined: NonZeroUsize::MIN, counted: NonZeroUsize::MIN };
    let limited = bench.with(Settings { row_limits, ..settings() }).await;
    let of = |client: &str| {
        format!("/common/oauth2/v2.0/logout?post_logout_redirect_uri=http%3A%2F%2Flocalhost%3A77{client}")
    };
    // The client with this address is the second one.
    assert_eq!(bench.get(&of("")).await.status, 302);
    assert!(limited.get(&of("")).await.is_page_with("You signed out"));
    assert_eq!(limited.get(&of(&format!("&client_id={PUBLIC}"))).await.status, 302);
    for other in [ROBOT, "nobody", "%00"] {
        let page = bench.get(&of(&format!("&client_id={other}"))).await;
        assert!(page.is_page_with("You signed out"), "{other}");
    }
    // Of two tenants it is the one in which the browser is signed in.
    let browser = bench.browser();
    browser.code(&[]).await;
    let id = TenantId::parse("51190000-0000-4000-8000-000000000002").unwrap();
    let other = Tenant { id, domain: "fabrikam.example".into(), ..tenant() };
    let changes = Changeset::new("test change").put(&Partition::of(&other), &other);
    bench.server.store().commit(changes).await.unwrap();
    assert!(bench.get(&of("")).await.is_page_with("You signed out"));
    assert_eq!(browser.get(&of("")).await.status, 302);
}

#[tokio::test]
async fn an_api_is_looked_for_among_as_many_clients_as_a_request_may_read() {
    let bench = Bench::start().await;
    let uris = ["api://tasks".to_owned(), format!("api://{PUBLIC}")];
    bench.change(&Client { identifier_uris: uris.to_vec(), ..client(PUBLIC, "Public") }).await;
    let row_limits = RowLimits { examined: NonZeroUsize::MIN, counted: NonZeroUsize::MIN };
    let limited = bench.with(Settings { row_limits, ..settings() }).await;
    let ask = async |bench: &Bench, scope: &str| {
        let asked = [("client_id", ROBOT), ("scope", scope)];
        bench.post(&format!("/{TENANT}/oauth2/v2.0/devicecode"), &asked).await.status
    };
    assert_eq!(ask(&bench, "api://tasks/.default").await, 200);
    assert_eq!(ask(&limited, "api://tasks/.default").await, 400);
    assert_eq!(ask(&limited, &format!("api://{PUBLIC}/.default")).await, 200, "found by its id");
}
