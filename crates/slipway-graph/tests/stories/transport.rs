//! Headers, hosts, paths and the control API.

use http::Method;
use insta::assert_snapshot;
use slipway_store::{Changeset, Counter};
use slipway_testkit::{CONTROL_SECRET, TestApp};

use crate::{USER02, automation, installed, render};

#[tokio::test]
async fn the_ids_of_a_request_are_echoed() {
    let app = TestApp::start().await;
    let token = format!("Bearer {}", automation(&app).await);
    let id = "0f0e0d0c-0000-4000-8000-000000000001";
    let headers = [("Authorization", token.as_str()), ("client-request-id", id)];
    let answer = app.send(Method::GET, "/v1.0/users/nobody", &headers, b"").await;
    assert_eq!(answer.header("client-request-id"), id);
    let inner = answer.json()["error"]["innerError"].clone();
    assert_eq!(inner["client-request-id"], id);
    assert_eq!(inner["request-id"], answer.header("request-id"));
    let plain = app.send(Method::GET, "/v1.0/users/nobody", &headers[..1], b"").await;
    assert_eq!(plain.header("client-request-id"), plain.header("request-id"));
}

#[tokio::test]
async fn the_word_bearer_in_any_case() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    for scheme in ["bearer", "BEARER", "Bearer "] {
        let authorization = format!("{scheme} {token}");
        let answer =
            app.send(Method::GET, &installed(USER02), &[("Authorization", &authorization)], b"").await;
        assert_eq!(answer.status, 200, "{scheme}");
    }
}

#[tokio::test]
async fn unknown_paths_and_hosts() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    assert_snapshot!("unknown_path", render(&app.get(&token, "/v1.0/me/drive").await));
    assert_snapshot!("no_token", render(&app.send(Method::GET, "/v1.0/me/drive", &[], b"").await));
    let request =
        http::Request::get("/v1.0/users").header("Host", "evil.example").body(bytes::Bytes::new()).unwrap();
    let answer = app.server.respond(request, slipway_graph::Scheme::Http).await;
    assert_eq!(answer.status(), 400);
}

#[tokio::test]
async fn the_control_api() {
    let app = TestApp::start().await;
    for probe in ["/_slipway/livez", "/_slipway/readyz", "/_slipway/ca.crt"] {
        assert_eq!(app.send(Method::GET, probe, &[], b"").await.status, 200, "{probe}");
        assert_eq!(app.send(Method::POST, probe, &[], b"").await.status, 405, "{probe}");
    }
    assert_eq!(app.send(Method::GET, "/_slipway/state", &[], b"").await.status, 401);
    assert_eq!(app.get("wrong", "/_slipway/state").await.status, 401);
    let state = app.get(CONTROL_SECRET, "/_slipway/state").await.json();
    assert_eq!(state, serde_json::json!({"tenants": 1, "users": 20, "apps": 2, "installations": 1}));
    assert_eq!(app.get(CONTROL_SECRET, "/_slipway/nothing").await.status, 404);
}

#[tokio::test]
async fn a_check_of_the_storage() {
    let app = TestApp::start().await;
    assert_eq!(app.get(CONTROL_SECRET, "/_slipway/check").await.status, 405);
    assert_eq!(app.post("wrong", "/_slipway/check", "").await.status, 401);
    let report = app.post(CONTROL_SECRET, "/_slipway/check", "").await.json();
    assert_eq!(report["rows"]["user"], 20);
    assert_eq!(report["damage"], serde_json::json!({}));
    let miscount = Changeset::new("miscount").add(&app.partition().await, Counter::Users, 1);
    app.server.store().commit(miscount).await.unwrap();
    let report = app.post(CONTROL_SECRET, "/_slipway/check", "").await.json();
    let found = &report["damage"]["wrongCounter"]["first"];
    assert_eq!(found[0]["problem"], "it says 21, and there are 20");
}
