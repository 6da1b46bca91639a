//! Headers of every answer, HEAD, and calls from pages of other origins.

use http::Method;
use slipway_testkit::{Answer, CONTROL_SECRET, TestApp};

use crate::{POLLS, USER02, automation, bind, installed};

const ORIGIN: (&str, &str) = ("Origin", "https://portal.example");
const TOKEN: &str = "/51190000-0000-4000-8000-000000000001/oauth2/v2.0/token";
const DISCOVERY: &str = "/common/v2.0/.well-known/openid-configuration";
const KEYS: &str = "/common/discovery/v2.0/keys";

/// The headers without those that differ from request to request.
fn lasting(answer: &Answer) -> Vec<(String, String)> {
    let varying = ["request-id", "client-request-id"];
    let lasting = answer.headers.iter().filter(|(name, _)| !varying.contains(&name.as_str()));
    let mut lasting: Vec<_> =
        lasting.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    lasting.sort();
    lasting
}

#[tokio::test]
async fn every_answer_of_graph_has_its_headers() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    for (path, status) in [("/v1.0/users", 200), ("/beta/users/nobody", 404), ("/v1.0/nothing", 404)] {
        let answer = app.get(&token, path).await;
        assert_eq!(answer.status, status, "{path}");
        for (name, value) in [
            ("cache-control", "private"),
            ("strict-transport-security", "max-age=31536000"),
            ("vary", "Accept-Encoding"),
            ("date", "Sun, 22 Nov 2026 10:00:00 GMT"),
            ("odata-version", if status == 200 { "4.0" } else { "" }),
            ("access-control-allow-origin", ""),
        ] {
            assert_eq!(answer.header(name), value, "{name} of {path}");
        }
        let info: serde_json::Value = serde_json::from_str(answer.header("x-ms-ags-diagnostic")).unwrap();
        for name in ["DataCenter", "Slice", "Ring", "ScaleUnit", "RoleInstance"] {
            assert!(info["ServerInfo"][name].is_string(), "{name} in {info}");
        }
        assert_eq!(answer.header("request-id").len(), 36, "{path}");
    }
}

/// HEAD has the status, the headers and the length of GET, and no body.
#[tokio::test]
async fn head_is_get_without_its_body() {
    let app = TestApp::start().await;
    let bearer = format!("Bearer {}", automation(&app).await);
    let headers = [("Authorization", bearer.as_str()), ORIGIN];
    let before = app.fingerprint().await;
    let list = installed(USER02);
    for (path, status) in [
        ("/v1.0/users", 200),
        (list.as_str(), 200),
        ("/v1.0/users/nobody", 404),
        ("/v1.0/$batch", 405),
        ("/v1.0/nothing", 404),
        (DISCOVERY, 200),
        (KEYS, 200),
        (TOKEN, 405),
        ("/devicelogin", 200),
        ("/_slipway/livez", 200),
        ("/_slipway/readyz", 200),
        ("/_slipway/ca.crt", 200),
        ("/_slipway/state", 403),
        ("/_slipway/check", 405),
    ] {
        let get = app.send(Method::GET, path, &headers, b"").await;
        let head = app.send(Method::HEAD, path, &headers, b"").await;
        assert_eq!((head.status, head.body.len()), (status, 0), "{path}");
        assert_eq!(head.header("content-length"), get.body.len().to_string(), "{path}");
        let mut expected = lasting(&get);
        expected.push(("content-length".to_owned(), get.body.len().to_string()));
        expected.sort();
        assert_eq!(lasting(&head), expected, "{path}");
    }
    assert_eq!(app.fingerprint().await, before);
}

#[tokio::test]
async fn pages_of_other_origins_may_call_graph_and_sign_in() {
    let app = TestApp::start().await;
    let bearer = format!("Bearer {}", automation(&app).await);
    let install = installed(USER02);
    let body = bind(POLLS);
    for (method, path, body, status) in [
        (Method::GET, "/v1.0/users", "", 200),
        (Method::GET, "/v1.0/users/nobody", "", 404),
        (Method::POST, &install, body.as_str(), 409),
        (Method::POST, "/v1.0/$batch", "{}", 400),
        (Method::POST, TOKEN, "", 400),
        (Method::GET, DISCOVERY, "", 200),
        (Method::GET, KEYS, "", 200),
    ] {
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json"), ORIGIN];
        let answer = app.send(method, path, &headers, body.as_bytes()).await;
        assert_eq!(answer.status, status, "{path}: {:?}", answer.error());
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        let exposed = answer.header("access-control-expose-headers");
        for name in ["ETag", "Location", "request-id", "client-request-id", "WWW-Authenticate", "Retry-After"]
        {
            assert!(exposed.split(", ").any(|found| found == name), "{name} of {path}: {exposed}");
        }
    }
    let stranger = app.send(Method::GET, "/v1.0/users", &[ORIGIN], b"").await;
    assert_eq!((stranger.status, stranger.header("access-control-allow-origin")), (401, "*"));
}

/// A browser asks first, without the token: any path, for nobody learns from it what is there.
#[tokio::test]
async fn a_browser_asks_what_it_may_send() {
    let app = TestApp::start().await;
    let before = app.fingerprint().await;
    let wanted = "authorization,content-type,sdkversion";
    let headers =
        [ORIGIN, ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", wanted)];
    for path in [installed(USER02).as_str(), "/beta/$batch", "/v1.0/nothing", TOKEN, DISCOVERY, KEYS] {
        let answer = app.send(Method::OPTIONS, path, &headers, b"").await;
        assert_eq!((answer.status, answer.body.len()), (200, 0), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert_eq!(answer.header("access-control-allow-headers"), wanted, "{path}");
        assert_eq!(answer.header("access-control-max-age"), "600", "{path}");
        assert_eq!(answer.header("content-type"), "", "{path}");
        let methods = answer.header("access-control-allow-methods");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            assert!(methods.split(", ").any(|found| found == method), "{method} of {path}: {methods}");
        }
    }
    let plain = app.send(Method::OPTIONS, "/v1.0/users", &[], b"").await;
    assert_eq!(plain.status, 401, "OPTIONS of no browser is a method like any other");
    let evil =
        http::Request::options("/v1.0/users").header("Host", "evil.example").header(ORIGIN.0, ORIGIN.1);
    let evil = app.server.respond(evil.body(bytes::Bytes::new()).unwrap(), slipway_graph::Scheme::Http).await;
    assert_eq!(evil.status(), 400, "a host that is none of ours has nothing to allow");
    assert!(!evil.headers().contains_key("access-control-allow-methods"));
    assert_eq!(app.fingerprint().await, before);
}

/// The server's own addresses and the pages that people sign in on stay closed to other origins.
#[tokio::test]
async fn pages_of_other_origins_get_nothing_else() {
    let app = TestApp::start().await;
    let bearer = format!("Bearer {CONTROL_SECRET}");
    for path in ["/_slipway/livez", "/_slipway/state", "/_slipway/nothing", "/devicelogin", "/DeviceLogi%6e"]
    {
        for method in [Method::GET, Method::HEAD, Method::POST] {
            let headers = [("Authorization", bearer.as_str()), ORIGIN];
            let answer = app.send(method.clone(), path, &headers, b"").await;
            assert_eq!(answer.header("access-control-allow-origin"), "", "{method} {path}");
        }
    }
    let asked = app.send(Method::OPTIONS, "/_slipway/state", &[ORIGIN], b"").await;
    assert_eq!((asked.status, asked.header("access-control-allow-methods")), (405, ""));
}
