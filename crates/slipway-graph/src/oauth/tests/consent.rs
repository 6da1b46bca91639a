//! Consent: of users, of administrators, and for devices.

use slipway_model::RequiredResourceAccess;

use super::browser::{Browser, request};
use super::*;

const GRAPH_ID: &str = "00000003-0000-0000-c000-000000000000";
const USER_READ: &str = "e1fe6dd8-ba31-4d61-89e7-88639da4683d";
const USER_READ_ALL_ROLE: &str = "df021288-bdef-4463-88db-98f22de89214";

async fn asks(browser: &Browser<'_>, scope: &str, user: u8) -> Answer {
    let page = browser.get(&request(&[("scope", scope), ("prompt", "login")])).await;
    browser.log_in(&page, user).await
}

#[tokio::test]
async fn a_user_is_asked_once_and_only_for_what_is_new() {
    let bench = Bench::start().await;
    let browser = bench.browser();
    let page = asks(&browser, "User.Read offline_access", 3).await;
    assert!(page.is_page_with("<h1>Permissions requested</h1>"), "{}", page.text);
    assert!(page.text.contains("See user<br>") && page.text.contains("Keep the access"), "{}", page.text);
    assert!(!page.text.contains("name=\"everyone\""));
    let back = browser.consent(&page, &[("answer", "accept")]).await;
    let tokens = bench.redeem(&back.field("code"), &[]).await;
    assert_eq!(tokens.text_of("scope"), "User.Read", "{}", tokens.text);

    assert!(!browser.get(&request(&[("scope", "User.Read")])).await.field("code").is_empty());
    let more = browser.get(&request(&[("scope", "User.Read Chat.Read")])).await;
    assert!(more.is_page_with("Chat.Read") && !more.text.contains("User.Read<"), "{}", more.text);
    let silent = [("scope", "User.Read Chat.Read"), ("prompt", "none")];
    assert_eq!(
        browser.get(&request(&silent)).await.sent_error(),
        ("consent_required".into(), "65001".into())
    );
    let declined = browser.consent(&more, &[("answer", "cancel")]).await;
    assert_eq!(declined.sent_error(), ("access_denied".into(), "65004".into()));
    assert_eq!(declined.field("state"), "s t&");
    let all = browser.get(&request(&[("scope", "User.Read Chat.Read"), ("prompt", "consent")])).await;
    assert!(all.is_page_with("Chat.Read<") && all.text.contains("User.Read<"), "{}", all.text);
    assert!(!browser.consent(&all, &[("answer", "accept")]).await.field("code").is_empty());
    assert!(!browser.get(&request(&silent)).await.field("code").is_empty());
    // Nobody else is concerned.
    assert!(asks(&bench.browser(), "User.Read", 2).await.is_page_with("Permissions requested"));
}

#[tokio::test]
async fn what_needs_an_administrator_is_not_a_users_to_grant() {
    let bench = Bench::start().await;
    let browser = bench.browser();
    for scope in ["AppCatalog.ReadWrite.All", "User.Read Unheard.Of.All"] {
        let page = asks(&browser, scope, 3).await;
        assert!(page.is_page_with("<h1>Need admin approval</h1>") && page.text.contains("AADSTS90094"));
        assert!(!page.text.contains("value=\"accept\""));
        for answer in ["accept", "cancel"] {
            let back = browser.consent(&page, &[("answer", answer)]).await;
            assert_eq!(back.sent_error(), ("access_denied".into(), "90094".into()), "{answer}");
        }
    }
    // Nor is anything a user's to grant to everyone.
    let page = asks(&browser, "User.Read", 3).await;
    let back = browser.consent(&page, &[("answer", "accept"), ("everyone", "true")]).await;
    assert_eq!(back.sent_error().1, "90094");
    assert!(asks(&browser, "User.Read", 3).await.is_page_with("Permissions requested"));
}

#[tokio::test]
async fn an_administrator_grants_for_themselves_or_for_everyone() {
    let bench = Bench::start().await;
    let page = asks(&bench.browser(), "AppCatalog.Read.All TeamworkAppSettings.ReadWrite.All", 6).await;
    assert!(page.is_page_with("name=\"everyone\""), "{}", page.text);
    let browser = bench.browser();
    let page = asks(&browser, "AppCatalog.Read.All", 6).await;
    assert!(!browser.consent(&page, &[("answer", "accept")]).await.field("code").is_empty());
    assert!(asks(&bench.browser(), "AppCatalog.Read.All", 3).await.is_page_with("Permissions requested"));

    let page = asks(&browser, "User.Read AppCatalog.ReadWrite.All", 6).await;
    let back = browser.consent(&page, &[("answer", "accept"), ("everyone", "true")]).await;
    assert!(!back.field("code").is_empty());
    let other = asks(&bench.browser(), "User.Read AppCatalog.ReadWrite.All", 3).await;
    let tokens = bench.redeem(&other.field("code"), &[]).await;
    assert_eq!(tokens.text_of("scope"), "User.Read AppCatalog.ReadWrite.All");
}

fn needing() -> Client {
    let required = RequiredResourceAccess {
        resource: GRAPH_ID.into(),
        scopes: vec![USER_READ.into()],
        roles: vec![USER_READ_ALL_ROLE.into()],
    };
    Client {
        required_resource_access: vec![required],
        application_permissions: vec![],
        delegated_permissions: vec![],
        ..client(PUBLIC, "Needing")
    }
}

#[tokio::test]
async fn default_asks_for_what_the_registration_needs() {
    let bench = Bench::start().await;
    bench.change(&needing()).await;
    let browser = bench.browser();
    let page = asks(&browser, GRAPH, 3).await;
    assert!(page.is_page_with("User.Read<"), "{}", page.text);
    let back = browser.consent(&page, &[("answer", "accept")]).await;
    let tokens = bench.redeem(&back.field("code"), &[]).await;
    assert_eq!(bench.caller(&tokens).names, ["User.Read"]);
    assert!(!asks(&browser, GRAPH, 3).await.field("code").is_empty());
}

#[tokio::test]
async fn admin_consent_grants_everything_that_the_client_needs() {
    let bench = Bench::start().await;
    bench.change(&Client { has_service_principal: false, ..needing() }).await;
    let query = format!("client_id={PUBLIC}&redirect_uri=http%3A%2F%2Flocalhost%3A9&state=st");
    let (first, second) = (
        format!("/{TENANT}/adminconsent?{query}"),
        format!("/{TENANT}/v2.0/adminconsent?{query}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"),
    );
    let user = bench.browser();
    let page = user.log_in(&user.get(&first).await, 3).await;
    assert!(page.is_page_with("Need admin approval"), "{}", page.text);
    assert_eq!(user.consent(&page, &[("answer", "accept")]).await.sent_error().1, "90094");

    let admin = bench.browser();
    let page = admin.log_in(&admin.get(&first).await, 6).await;
    assert!(
        page.is_page_with("without a signed-in user") && page.text.contains("User.Read<"),
        "{}",
        page.text
    );
    let declined = admin.consent(&page, &[("answer", "cancel")]).await;
    assert_eq!(declined.sent_error(), ("consent_required".into(), "65004".into()));
    assert_eq!((declined.field("admin_consent"), declined.field("state")), ("True".into(), "st".into()));

    let page = admin.get(&second).await;
    let back = admin.consent(&page, &[("answer", "accept")]).await;
    assert_eq!((back.field("tenant"), back.field("admin_consent")), (TENANT.into(), "True".into()));
    let key = slipway_store::client::key(&Partition::of(&tenant()), &ClientId::parse(PUBLIC).unwrap());
    let granted = bench.server.store().view().get(&key).await.unwrap().unwrap().record;
    assert_eq!(granted.application_permissions, ["User.Read.All"]);
    assert!(granted.has_service_principal, "consent for everyone makes it");
    let everyone = ConsentGrant { user: None, scopes: vec!["User.Read".into()] };
    assert_eq!(granted.delegated_permissions, [everyone]);

    let evil = format!("/{TENANT}/adminconsent?client_id={PUBLIC}&redirect_uri=https%3A%2F%2Fevil.example");
    let page = admin.get(&evil).await;
    assert!(page.status == 400 && page.is_page_with("AADSTS50011"));
}

#[tokio::test]
async fn a_device_asks_for_consent_too() {
    let bench = Bench::start().await;
    for (answer, fault) in [("accept", None), ("cancel", Some(65004))] {
        let fields = [("client_id", PUBLIC), ("scope", "User.Read offline_access")];
        let codes = bench.post(&format!("/{TENANT}/oauth2/v2.0/devicecode"), &fields).await.json();
        let browser = bench.browser();
        let number = if fault.is_none() { "3" } else { "6" };
        let name = format!("user0{number}@contoso.example");
        let form = [
            ("user_code", codes["user_code"].as_str().unwrap()),
            ("username", &name),
            ("password", "slipway-demo"),
            ("answer", "approve"),
        ];
        let page = browser.post("/devicelogin", &form).await;
        assert!(page.is_page_with("Permissions requested"), "{}", page.text);
        assert_eq!(bench.poll(&codes).await.fault().2, 70016);
        let done = browser.consent(&page, &[("answer", answer)]).await;
        assert_eq!(done.status, 200, "{}", done.text);
        bench.clock.advance(SignedDuration::from_secs(5));
        let tokens = bench.poll(&codes).await;
        match fault {
            None => {
                assert_eq!(tokens.text_of("scope"), "User.Read", "{}", tokens.text);
                assert_eq!(bench.refresh(&tokens.text_of("refresh_token"), &[]).await.status, 200);
            }
            Some(number) => assert_eq!(tokens.fault().2, number),
        }
    }
}

#[tokio::test]
async fn a_click_grants_what_the_page_showed_and_no_more() {
    let bench = Bench::start().await;
    bench.change(&needing()).await;
    let wanting_more = || {
        let mut client = needing();
        client.required_resource_access[0].scopes.push("TeamsAppInstallation.ReadForUser".into());
        // Chat.Read
        client.required_resource_access[0].scopes.push("f501c180-9344-439a-bca0-6cbf209fd270".into());
        client.required_resource_access[0].roles.push("e12dae10-5a57-4817-b79d-dfbec5348930".into());
        client
    };
    let stored = async || {
        let key = slipway_store::client::key(&Partition::of(&tenant()), &ClientId::parse(PUBLIC).unwrap());
        bench.server.store().view().get(&key).await.unwrap().unwrap().record
    };
    let path = format!("/{TENANT}/adminconsent?client_id={PUBLIC}&redirect_uri=http%3A%2F%2Flocalhost%3A9");
    let admin = bench.browser();
    let page = admin.log_in(&admin.get(&path).await, 6).await;
    let (user, device) = (bench.browser(), bench.browser());
    let of_user = asks(&user, GRAPH, 3).await;
    let codes = bench.ask_for_device_code().await;
    let form = [
        ("user_code", codes["user_code"].as_str().unwrap()),
        ("username", "user02@contoso.example"),
        ("password", "slipway-demo"),
        ("answer", "approve"),
    ];
    let of_device = device.post("/devicelogin", &form).await;

    bench.change(&wanting_more()).await;
    for (browser, shown) in [(&admin, &page), (&user, &of_user), (&device, &of_device)] {
        assert!(!shown.text.contains("Chat.Read"), "{}", shown.text);
        let again = browser.consent(shown, &[("answer", "accept")]).await;
        assert!(again.is_page_with("Chat.Read<"), "{} {}", again.status, again.text);
        let client = stored().await;
        assert!(client.application_permissions.is_empty() && client.delegated_permissions.is_empty());
    }
    assert_eq!(bench.poll(&codes).await.fault().1, "authorization_pending");
    let page = admin.get(&path).await;
    // What the client no longer wants is not granted either.
    bench.change(&needing()).await;
    admin.consent(&page, &[("answer", "accept")]).await;
    assert_eq!(stored().await.delegated_permissions[0].scopes, ["User.Read"]);
}
