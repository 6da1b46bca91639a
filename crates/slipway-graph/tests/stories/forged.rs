//! `POST /_slipway/tokens`: any token that a test wants, and who gets none.

use http::Method;
use serde_json::{Value, json};
use slipway_testkit::{Answer, CONTROL_SECRET, DEMO_SELF, TestApp};

use crate::{USER02, installed};

const FORGE: &str = "/_slipway/tokens";
const AUTOMATION: &str = "51190000-0000-4000-8000-00000000a001";
const PUBLIC: &str = "51190000-0000-4000-8000-00000000a003";

async fn ask(app: &TestApp, order: Value) -> Answer {
    app.post(CONTROL_SECRET, FORGE, &order.to_string()).await
}

async fn forge(app: &TestApp, order: Value) -> String {
    let answer = ask(app, order).await;
    assert_eq!(answer.status, 200, "{:?}", answer.json());
    answer.json()["accessToken"].as_str().unwrap().to_owned()
}

async fn status(app: &TestApp, order: Value) -> (u16, String) {
    let answer = app.get(&forge(app, order).await, &installed(USER02)).await;
    (answer.status, answer.error().1)
}

#[tokio::test]
async fn a_forged_token_is_as_good_as_what_it_says() {
    let app = TestApp::start().await;
    assert_eq!(status(&app, json!({"clientId": AUTOMATION})).await.0, 200, "the client's own permissions");
    let roles =
        json!({"clientId": DEMO_SELF, "roles": ["TeamsAppInstallation.ReadForUser.All"], "version": 2});
    assert_eq!(status(&app, roles).await.0, 200);
    assert_eq!(status(&app, json!({"clientId": AUTOMATION, "roles": []})).await.0, 403);
    let user = json!({"clientId": PUBLIC, "userPrincipalName": "user02@contoso.example"});
    assert_eq!(status(&app, user).await.0, 200, "what was consented to");
    let scopes = json!({"clientId": PUBLIC, "userId": USER02, "scopes": ["User.Read"]});
    assert_eq!(status(&app, scopes).await.0, 403);
}

#[tokio::test]
async fn a_token_that_is_over_or_not_begun_or_for_another_or_of_a_person_is_refused() {
    let app = TestApp::start().await;
    for (order, text) in [
        (json!({"clientId": AUTOMATION, "expiresIn": -60}), "expired or is not yet valid"),
        (json!({"clientId": AUTOMATION, "notBefore": "2026-11-22T10:00:01Z"}), "expired or is not yet valid"),
        (json!({"clientId": AUTOMATION, "audience": "api://other"}), "Invalid audience"),
        (json!({"clientId": AUTOMATION, "personal": true}), "Personal Microsoft accounts"),
        (json!({"clientId": PUBLIC, "userId": USER02, "personal": true}), "Personal Microsoft accounts"),
    ] {
        let (status, message) = status(&app, order.clone()).await;
        assert!(status == 401 && message.contains(text), "{order}: {status} {message}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_order_is_named() {
    let app = TestApp::start().await;
    for (order, named) in [
        (json!({}), "clientId"),
        (json!({"clientId": AUTOMATION, "role": []}), "role"),
        (json!({"clientId": "nobody"}), "nobody"),
        (json!({"clientId": AUTOMATION, "tenantId": "fabrikam.example"}), "fabrikam.example"),
        (json!({"clientId": PUBLIC, "userId": "nobody"}), "user"),
        (json!({"clientId": PUBLIC, "userId": USER02, "roles": []}), "roles"),
        (json!({"clientId": PUBLIC, "userId": USER02, "userPrincipalName": "x@y"}), "userPrincipalName"),
        (json!({"clientId": AUTOMATION, "scopes": []}), "scopes"),
        (json!({"clientId": AUTOMATION, "version": 3}), "version"),
        (json!({"clientId": AUTOMATION, "expiresIn": 1_000_000_000_000_000_i64}), "expiresIn"),
    ] {
        let answer = ask(&app, order.clone()).await;
        let message = answer.error().1;
        assert!(answer.status == 400 && message.contains(named), "{order}: {} {message}", answer.status);
    }
}

#[tokio::test]
async fn it_takes_the_secret_this_host_this_origin_and_mode_lab() {
    let app = TestApp::start().await;
    let order = json!({"clientId": AUTOMATION}).to_string();
    let send = async |app: &TestApp, headers: &[(&str, &str)]| {
        let secret = format!("Bearer {CONTROL_SECRET}");
        let own = [("authorization", secret.as_str()), ("content-type", "application/json")];
        app.send(Method::POST, FORGE, &[&own[..], headers].concat(), order.as_bytes()).await.status
    };
    assert_eq!(send(&app, &[]).await, 200);
    assert_eq!(app.post("guess", FORGE, &order).await.status, 401);
    assert_eq!(app.send(Method::POST, FORGE, &[], order.as_bytes()).await.status, 401);
    assert_eq!(app.get(CONTROL_SECRET, FORGE).await.status, 405);
    assert_eq!(send(&app, &[("origin", "https://evil.example")]).await, 403, "a page of another origin");
    assert_eq!(send(&app, &[("origin", "null")]).await, 403);
    let service = app.in_service().await;
    assert_eq!(send(&service, &[]).await, 404);
    assert_eq!(service.get("guess", FORGE).await.status, 404, "as any other path");
}

#[tokio::test]
async fn a_name_that_leads_here_without_being_ours_reaches_nothing_of_the_control_api() {
    let app = TestApp::start().await;
    for path in ["/_slipway/state", "/_slipway/check", "/_slipway/backup", FORGE] {
        let method = if path.ends_with("state") { Method::GET } else { Method::POST };
        // The page of evil.example, whose name now leads to 127.0.0.1 (DNS rebinding), with and without the secret.
        for secret in ["guess", CONTROL_SECRET] {
            let uri = format!("http://evil.example{path}");
            let request = http::Request::builder()
                .method(&method)
                .uri(uri)
                .header("origin", "http://evil.example")
                .header("authorization", format!("Bearer {secret}"))
                .body(bytes::Bytes::from_static(b"{}"))
                .unwrap();
            let answer = app.server.respond(request, slipway_graph::Scheme::Http).await;
            assert_eq!(answer.status(), 400, "{path}");
        }
    }
}
