//! `$batch`: what becomes of requests that come together.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use insta::assert_snapshot;
use serde_json::{Value, json};
use slipway_testkit::{Answer, Package, TestApp};

use crate::{POLLS, PUBLIC, USER02, USER03, admin, automation, bind, installation_id, installed, render};

const BATCH: &str = "/v1.0/$batch";

async fn batch(app: &TestApp, token: &str, requests: Value) -> Answer {
    app.post(token, BATCH, &json!({ "requests": requests }).to_string()).await
}

/// The responses of an accepted batch.
async fn responses(app: &TestApp, token: &str, requests: Value) -> Vec<Value> {
    let answer = batch(app, token, requests).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    answer.json()["responses"].as_array().unwrap().clone()
}

fn get(id: &str, url: &str) -> Value {
    json!({ "id": id, "method": "GET", "url": url })
}

fn post(id: &str, url: &str, body: &str) -> Value {
    let (headers, body): (_, Value) =
        (json!({ "Content-Type": "application/json" }), serde_json::from_str(body).unwrap());
    json!({ "id": id, "method": "POST", "url": url, "headers": headers, "body": body })
}

/// The path of a request in a batch: the same without its version.
fn relative(path: &str) -> &str {
    path.strip_prefix("/v1.0").unwrap()
}

fn statuses(responses: &[Value]) -> Vec<(&str, u64)> {
    responses.iter().map(|one| (one["id"].as_str().unwrap(), one["status"].as_u64().unwrap())).collect()
}

#[tokio::test]
async fn a_batch_as_it_stands_on_the_wire() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let requests = json!([
        get("one", "/users?$select=id&$top=1"),
        post("two", relative(&installed(USER03)), &bind(POLLS)),
        get("three", "users/nobody"),
        { "id": "four", "method": "delete", "url": format!("{}/x", relative(&installed(USER02))) },
    ]);
    assert_snapshot!("batch", render(&batch(&app, &token, requests).await));
}

/// The answer to a request does not depend on whether it came alone or in a batch.
#[tokio::test]
async fn each_request_is_answered_as_if_it_came_alone() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    for url in [
        "/users?$top=2",
        &format!("/users('{USER02}')"),
        relative(&installed(USER02)),
        "/appCatalogs/teamsApps?$expand=appDefinitions&$filter=distributionMethod eq 'organization'",
        "/users?$filter=shoeSize eq 1",
        "/me",
        "/v1.0/users",
        "/nothing",
    ] {
        let alone = app.get(&token, &format!("/v1.0{}", url.replace(' ', "%20"))).await;
        let together = responses(&app, &token, json!([get("1", url)])).await.remove(0);
        assert_eq!(together["status"], alone.status, "{url}");
        assert_eq!(together["headers"]["Content-Type"], alone.header("content-type"), "{url}");
        let version = together["headers"]["OData-Version"].as_str().unwrap_or_default();
        assert_eq!(version, alone.header("odata-version"), "{url}");
        let (mut together, mut alone) = (together["body"].clone(), alone.json());
        for body in [&mut together, &mut alone] {
            if let Some(error) = body.pointer_mut("/error/innerError") {
                *error = Value::Null;
            }
            // Each link's token is sealed anew.
            if let Some(Value::String(link)) = body.get_mut("@odata.nextLink") {
                link.truncate(link.find("$skiptoken=").unwrap());
            }
        }
        assert_eq!(together, alone, "{url}");
    }
}

#[tokio::test]
async fn writes_of_a_batch_are_done_each_by_itself() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let users: Vec<_> = (3..=20).map(|n| format!("user{n:02}@contoso.example")).collect();
    let mut requests: Vec<_> =
        users.iter().map(|user| post(user, relative(&installed(user)), &bind(POLLS))).collect();
    requests.push(post("again", relative(&installed(USER02)), &bind(POLLS)));
    requests.push(post("nobody", relative(&installed("nobody")), &bind(POLLS)));
    let responses = responses(&app, &token, json!(requests)).await;
    let mut expected: Vec<_> = users.iter().map(|user| (user.as_str(), 201)).collect();
    expected.extend([("again", 409), ("nobody", 404)]);
    assert_eq!(statuses(&responses), expected);
    for installed in &responses[..users.len()] {
        assert!(installed.get("body").is_none(), "{installed}");
        let location = installed["headers"]["Location"].as_str().unwrap();
        assert!(location.starts_with("https://localhost:8365/v1.0/users('"), "{location}");
    }
    assert_eq!(app.installations().await, 19);
}

#[tokio::test]
async fn one_of_two_same_installs_in_a_batch() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let url = installed(USER03);
    let requests: Vec<_> = (0..20).map(|n| post(&n.to_string(), relative(&url), &bind(POLLS))).collect();
    let responses = responses(&app, &token, json!(requests)).await;
    let mut statuses: Vec<_> = statuses(&responses).into_iter().map(|(_, status)| status).collect();
    statuses.sort_unstable();
    assert_eq!((statuses[0], &statuses[1..]), (201, [409; 19].as_slice()));
    assert_eq!(app.installations().await, 2);
}

#[tokio::test]
async fn what_depends_on_others_waits_for_them() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let url = installed(USER03);
    let list = relative(&url);
    let one = format!("{list}/{}", installation_id(USER03, POLLS));
    let after = |mut request: Value, others: &[&str]| {
        request["dependsOn"] = json!(others);
        request
    };
    let requests = json!([
        post("install", list, &bind(POLLS)),
        after(get("read", &one), &["INSTALL"]),
        after(json!({ "id": "remove", "method": "DELETE", "url": one }), &["read", "install"]),
        after(get("gone", &one), &["remove"]),
        after(get("never", list), &["gone"]),
        after(json!({ "id": "nor this", "method": "DELETE", "url": "users" }), &["read", "never"]),
        get("by itself", list),
    ]);
    let responses = responses(&app, &token, requests).await;
    let expected = [
        ("install", 201),
        ("read", 200),
        ("remove", 204),
        ("gone", 404),
        ("never", 424),
        ("nor this", 424),
        ("by itself", 200),
    ];
    assert_eq!(statuses(&responses), expected);
    let error = &responses[4]["body"]["error"];
    assert_eq!(error["code"], "FailedDependency");
    assert_eq!(error["message"], "Request 'gone', on which this one depends, has failed.");
    assert_eq!(
        responses[5]["body"]["error"]["message"],
        "Request 'never', on which this one depends, has failed."
    );
}

#[tokio::test]
async fn a_package_comes_and_goes_as_base64() {
    let app = TestApp::start().await;
    let zip = Package::new("51190000-0000-4000-8000-00000000f00d", "1.0.0").zip();
    let publish = |encoded: String| {
        let headers = json!({ "Content-Type": "application/zip" });
        json!([{ "id": "1", "method": "POST", "url": "/appCatalogs/teamsApps", "headers": headers, "body": encoded }])
    };
    let published = responses(&app, &admin(&app).await, publish(STANDARD.encode(&zip))).await;
    assert_eq!(published[0]["status"], 201, "{published:?}");
    assert_eq!(published[0]["body"]["externalId"], "51190000-0000-4000-8000-00000000f00d");
    assert!(published[0]["headers"]["Location"].as_str().unwrap().contains("/appCatalogs/teamsApps/"));
    let refused = batch(&app, &admin(&app).await, publish("*".into())).await;
    let message = "Batch request 1: a body of type 'application/zip' must be base64.".to_owned();
    assert_eq!((refused.status, refused.error()), (400, ("BadRequest".to_owned(), message)));
}

/// A request has the batch's token unless its own headers have one, and is authorised by that alone.
#[tokio::test]
async fn each_request_is_authorised_singly() {
    let app = TestApp::start().await;
    let reader = app.token_with(&["TeamsAppInstallation.ReadForUser"], Some(USER02)).await;
    let public = app.user_token(PUBLIC, USER03).await;
    let with = |mut request: Value, authorization: &str| {
        request["headers"]["authorization"] = json!(authorization);
        request
    };
    let other = installed(USER03);
    let list = relative(&other);
    let requests = json!([
        get("own", "/me/teamwork/installedApps"),
        get("another's", list),
        post("may not write", "/me/teamwork/installedApps", &bind(POLLS)),
        with(get("another token", list), &format!("Bearer {public}")),
        with(post("writes", "/me/teamwork/installedApps", &bind(POLLS)), &format!("Bearer {public}")),
        with(get("a broken token", list), "Bearer x"),
        with(get("no token", list), ""),
    ]);
    let responses = responses(&app, &reader, requests).await;
    let expected = [
        ("own", 200),
        ("another's", 403),
        ("may not write", 403),
        ("another token", 200),
        ("writes", 201),
        ("a broken token", 401),
        ("no token", 401),
    ];
    assert_eq!(statuses(&responses), expected);
    assert!(responses[5]["headers"]["WWW-Authenticate"].as_str().unwrap().starts_with("Bearer "));
}

#[tokio::test]
async fn a_batch_needs_a_token_a_method_and_json() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let bearer = format!("Bearer {token}");
    let before = app.fingerprint().await;
    let body = json!({ "requests": [post("1", relative(&installed(USER03)), &bind(POLLS))] }).to_string();
    let send = async |method: Method, authorization: &str, media_type: &str| {
        let headers = [("Authorization", authorization), ("Content-Type", media_type)];
        let headers: Vec<_> = headers.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        app.send(method, BATCH, &headers, body.as_bytes()).await
    };
    assert_eq!(send(Method::POST, "", "application/json").await.status, 401);
    assert_eq!(send(Method::POST, "Bearer x", "application/json").await.status, 401);
    assert_eq!(send(Method::GET, "", "").await.status, 401);
    let read = send(Method::GET, &bearer, "").await;
    assert_eq!((read.status, read.header("allow")), (405, "POST"));
    let text = send(Method::POST, &bearer, "text/plain").await;
    assert_eq!((text.status, text.error().0.as_str()), (415, "UnsupportedMediaType"));
    assert_eq!(app.fingerprint().await, before);

    for path in ["/v1.0/$batch", "/v1.0/%24batch", "/beta//$BATCH/"] {
        let requests = json!({ "requests": [get("1", "/me")] }).to_string();
        assert_eq!(app.post(&token, path, &requests).await.status, 200, "{path}");
    }
    let requests = json!({ "requests": [get("1", "/users?$top=1")] }).to_string();
    let answer = app.post(&token, "/beta/$batch", &requests).await.json();
    let context = &answer["responses"][0]["body"]["@odata.context"];
    assert_eq!(context, "https://localhost:8365/beta/$metadata#users");
}

#[tokio::test]
async fn a_batch_that_is_none_is_refused_whole() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let before = app.fingerprint().await;
    let install = || post("1", relative(&installed(USER03)), &bind(POLLS));
    let many: Vec<_> = (0..21).map(|n| get(&n.to_string(), "/users")).collect();
    let long = "x".repeat(5_000);
    for (requests, message) in [
        (json!(many), "Number of batch request steps exceeds the maximum value of 20.".to_owned()),
        (json!([]), "Invalid batch payload format. 'requests' is empty.".to_owned()),
        (json!([install(), get("1", "/users")]), "Request Id 1 has to be unique in a batch.".to_owned()),
        (
            json!([install(), get("2", "https://graph.microsoft.com/v1.0/users")]),
            "Batch request 2: the url 'https://graph.microsoft.com/v1.0/users' is not relative.".to_owned(),
        ),
        (
            json!([install(), get("2", "/users"), { "id": "3", "method": "GET", "url": "/users", "dependsOn": ["4"] }]),
            "Invalid dependency for request Id 3: '4' is not in the batch.".to_owned(),
        ),
        (
            json!([install(), { "id": "2", "method": long, "url": "/users" }]),
            format!(
                "Batch request 2: the method '{}…",
                &long[..1_024 - "Batch request 2: the method '".len()]
            ),
        ),
    ] {
        let answer = batch(&app, &token, requests).await;
        let code = if message.starts_with("Number of") { "MaximumValueExceeded" } else { "BadRequest" };
        assert_eq!((answer.status, answer.error()), (400, (code.to_owned(), message)));
    }
    let no_json = app.post(&token, BATCH, "{").await;
    assert_eq!(no_json.status, 400);
    let message = no_json.error().1;
    assert!(message.starts_with("Invalid batch payload format. EOF while parsing"), "{message}");
    let padded = format!("{{\"requests\":[]{}}}", " ".repeat(4 * 1024 * 1024));
    assert_eq!(app.post(&token, BATCH, &padded).await.status, 413);
    assert_eq!(app.fingerprint().await, before);
}

/// What is wrong with one request's address leaves the others alone.
#[tokio::test]
async fn requests_that_cannot_be_made() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let long = format!("/users?$filter={}", "x".repeat(70_000));
    let requests = json!([
        post("inner", "/$batch", r#"{"requests":[{"id":"1","method":"GET","url":"/users"}]}"#),
        post("encoded", "%24Batch/?x=1", r#"{"requests":[]}"#),
        get("long", &long),
        get("fine", "/users?$top=1"),
    ]);
    let responses = responses(&app, &token, requests).await;
    assert_eq!(statuses(&responses), [("inner", 400), ("encoded", 400), ("long", 400), ("fine", 200)]);
    let message = |at: usize| responses[at]["body"]["error"]["message"].as_str().unwrap();
    assert_eq!(message(0), "Request 'inner' is a batch, and a batch cannot hold another one.");
    assert_eq!(message(1), "Request 'encoded' is a batch, and a batch cannot hold another one.");
    assert!(message(2).starts_with("The url '/users?$filter=xxx"), "{}", message(2));
    assert!(message(2).len() < 300, "{}", message(2));
}

/// The requests of a batch have its ids, but for an id of the client's own.
#[tokio::test]
async fn ids_of_requests() {
    let app = TestApp::start().await;
    let bearer = format!("Bearer {}", automation(&app).await);
    let (outer, inner) = ("0f0e0d0c-0000-4000-8000-000000000001", "0f0e0d0c-0000-4000-8000-000000000002");
    let mut named = get("named", "/users/nobody");
    named["headers"] = json!({ "client-request-id": inner });
    let body = json!({ "requests": [named, get("plain", "/users/nobody")] }).to_string();
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
        ("client-request-id", outer),
    ];
    let answer = app.send(Method::POST, BATCH, &headers, body.as_bytes()).await;
    let json = answer.json();
    for (at, id) in [(0, inner), (1, outer)] {
        let error = &json["responses"][at]["body"]["error"]["innerError"];
        assert_eq!(error["client-request-id"], id);
        assert_eq!(error["request-id"], answer.header("request-id"));
    }
}

/// A batch of one tenant's reaches nothing of another's, whatever token its requests bring along.
#[tokio::test]
async fn tenants_in_one_batch() {
    const FABRIKAM: &str = "51190000-0000-4000-8000-000000000002";
    const CLIENT: &str = "51190000-0000-4000-8000-00000000fa01";
    const ADA: &str = "51190000-0000-4000-8000-00000000ada0";
    let app = TestApp::start().await;
    let seed = json!({ "tenants": [{
        "id": FABRIKAM, "displayName": "Fabrikam", "domain": "fabrikam.example",
        "users": [{ "id": ADA, "userPrincipalName": "ada@fabrikam.example", "displayName": "Ada" }],
        "clients": [{ "id": CLIENT, "displayName": "Everything" }],
    }]});
    app.seed(&seed.to_string()).await;
    let theirs = app.tenant(FABRIKAM).await.token_with(CLIENT, &["User.Read.All"], None).await;
    let ours = automation(&app).await;
    let of_ada = format!("/users/{ADA}");
    let of_user = format!("/users/{USER02}");
    let mut foreign = get("foreign", &of_ada);
    foreign["headers"] = json!({ "Authorization": format!("Bearer {theirs}") });
    let requests = json!([get("own", &of_user), get("another's", &of_ada), foreign]);
    let responses = responses(&app, &ours, requests).await;
    assert_eq!(statuses(&responses), [("own", 200), ("another's", 404), ("foreign", 200)]);
}
