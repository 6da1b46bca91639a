//! Methods and paths that no client should send.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use slipway_graph::operations;
use slipway_testkit::{Answer, TestApp};

use crate::{POLLS, USER02, automation, bind, installation_id, installed};

const METHODS: [&str; 10] =
    ["GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH", "TRACE", "CONNECT", "PURGE"];

fn method(name: &str) -> Method {
    Method::from_bytes(name.as_bytes()).unwrap()
}

async fn send(app: &TestApp, token: &str, method: Method, path: &str) -> Answer {
    app.send(method, path, &[("Authorization", &format!("Bearer {token}"))], b"").await
}

/// Paths of the directory, whose refusals have a code of their own.
fn is_of_directory(path: &str) -> bool {
    let of_clients = ["/applications", "/servicePrincipals", "/oauth2PermissionGrants", "/organization"];
    matches!(path, "/users" | "/users/$count" | "/users/{user}" | "/users/{user}/id" | "/me")
        || path.starts_with("/groups/")
        || of_clients.iter().any(|start| path.starts_with(start))
}

#[tokio::test]
async fn methods_that_a_path_does_not_take() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let before = app.fingerprint().await;
    let paths: BTreeMap<_, _> = operations().map(|operation| (operation.path, operation.versions)).collect();
    let text = "Specified HTTP method is not allowed for the request target.".to_owned();
    let (mut refused, mut expected) = (0, 0);
    for (path, versions) in paths {
        let served = operations().filter(|operation| operation.path == path);
        let served: Vec<_> = served.map(|operation| operation.method.as_str()).collect();
        let code = if is_of_directory(path) { "Request_BadRequest" } else { "MethodNotAllowed" };
        // The method is looked at before any key.
        let segments = path.split('/').map(|segment| if segment.starts_with('{') { "x" } else { segment });
        let path = segments.collect::<Vec<_>>().join("/");
        // HEAD goes with GET.
        expected += (METHODS.len() - 1 - served.len()) * versions.len();
        for version in versions {
            let path = format!("/{}{path}", version.as_str());
            for name in METHODS.into_iter().filter(|name| *name != "HEAD" && !served.contains(name)) {
                let answer = send(&app, &token, method(name), &path).await;
                let error = (code.to_owned(), text.clone());
                assert_eq!((answer.status, answer.error()), (405, error), "{name} {path}");
                let allow: BTreeSet<_> = answer.header("allow").split(", ").collect();
                let head = served.contains(&"GET").then_some("HEAD");
                assert_eq!(allow, served.iter().copied().chain(head).collect(), "{name} {path}");
                let unknown = app.send(method(name), &path, &[], b"").await;
                assert_eq!(unknown.status, 401, "{name} {path} without a token");
                refused += 1;
            }
        }
    }
    assert!(refused > 300 && refused == expected, "{refused} of {expected}");
    assert_eq!(app.fingerprint().await, before);
}

#[tokio::test]
async fn methods_outside_of_graph() {
    let app = TestApp::start().await;
    for path in
        ["/", "/common/userrealm/user02@contoso.example", "/common/oauth2/v2.0/token", "/_slipway/livez"]
    {
        for name in ["OPTIONS", "TRACE", "CONNECT", "PURGE", "PATCH"] {
            let answer = app.send(method(name), path, &[], b"").await;
            assert!((400..500).contains(&answer.status), "{name} {path}: {}", answer.status);
        }
    }
}

#[tokio::test]
async fn segments_that_no_client_means() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let (list, long) = (installed(USER02), "x".repeat(10_000));
    let cut = format!("{}…", "x".repeat(128));
    let of = |user: &str| installed(user);
    let nowhere = "Requested API is not supported. Please check the path.".to_owned();
    let nobody = |user: &str| format!("Failed to find user with id '{user}' in the tenant");
    let none = |id: &str| {
        format!(
            "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
        )
    };
    let directory = "Request_ResourceNotFound";
    for (path, status, code, message) in [
        ("/v1.0/users/a%00b".into(), 404, directory, none("a\0b")),
        ("/v1.0/users/%00".into(), 404, directory, none("\0")),
        (of("%00"), 404, "NotFound", nobody("\0")),
        (format!("{list}/%00"), 400, "BadRequest", "Invalid id '\0' provided.".into()),
        ("/v1.0/appCatalogs/teamsApps/%00".into(), 404, "NotFound", "app is not found".into()),
        // An encoded slash belongs to its segment.
        ("/v1.0/users/%2F".into(), 404, directory, none("/")),
        (
            format!("/v1.0/users/{USER02}%2Fteamwork%2FinstalledApps"),
            404,
            directory,
            none(&format!("{USER02}/teamwork/installedApps")),
        ),
        (format!("{list}%2Fabc"), 404, "NotFound", nowhere.clone()),
        (format!("{list}/a%2Fb"), 400, "BadRequest", "Invalid id 'a/b' provided.".into()),
        (format!("/v1.0/users/{long}"), 404, directory, none(&cut)),
        (of(&long), 404, "NotFound", nobody(&cut)),
        (format!("{list}/{long}"), 400, "BadRequest", format!("Invalid id '{cut}' provided.")),
        (format!("/v1.0/appCatalogs/teamsApps/{long}"), 404, "NotFound", "app is not found".into()),
        (format!("/v1.0{}", "/a".repeat(1_000)), 404, "NotFound", nowhere.clone()),
        (format!("{list}{}", "/a".repeat(1_000)), 404, "NotFound", nowhere.clone()),
        ("/v1.0/users('a')('b')".into(), 404, directory, none("a')('b")),
        ("/v1.0/users('o''hara')".into(), 404, directory, none("o'hara")),
        ("/v1.0/users('')".into(), 404, directory, none("")),
        ("/v1.0/users/%FF".into(), 404, "NotFound", nowhere.clone()),
        ("/v1.0/%C3%28".into(), 404, "NotFound", nowhere.clone()),
        (format!("{list}/%F0%9F"), 404, "NotFound", nowhere.clone()),
        ("/v1.0/users/%zz".into(), 404, directory, none("%zz")),
        ("/v1.0/users/%".into(), 404, directory, none("%")),
        ("/v1.0/users/..".into(), 404, directory, none("..")),
        ("/v1.0/users/$value".into(), 404, "NotFound", nowhere.clone()),
        ("/v1.0/users('$value')".into(), 404, directory, none("$value")),
        ("//v1.0//users//nobody//".into(), 404, directory, none("nobody")),
        ("/v1.0/v1.0/users".into(), 404, "NotFound", nowhere.clone()),
        ("/v1.0".into(), 404, "NotFound", nowhere.clone()),
        ("/v1.0/".into(), 404, "NotFound", nowhere),
    ] {
        let answer = send(&app, &token, Method::GET, &path).await;
        let shown = &path[..path.len().min(80)];
        assert_eq!((answer.status, answer.error()), (status, (code.to_owned(), message)), "{shown}");
    }
}

/// Any method on any path has an answer, and it is never the server's fault.
#[test]
fn any_path_is_answered() {
    const KNOWN: [&str; 13] = [
        "v1.0",
        "beta",
        "$batch",
        "$count",
        "me",
        "tenants",
        "users",
        "teamwork",
        "installedApps",
        "appCatalogs",
        "teamsApps",
        "upgrade",
        "_slipway",
    ];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (app, token) = runtime.block_on(async {
        let app = TestApp::start().await;
        let token = automation(&app).await;
        (app, token)
    });
    let segment = prop_oneof![
        prop::sample::select(&KNOWN).prop_map(str::to_owned),
        prop::sample::select(&KNOWN).prop_map(|name| format!("{name}('{USER02}')")),
        Just(USER02.to_owned()),
        "[A-Za-z0-9._~!$&'()*+,;=:@-]{0,12}",
        prop::collection::vec(any::<u8>(), 0..6)
            .prop_map(|bytes| percent_encode(&bytes, NON_ALPHANUMERIC).to_string()),
    ];
    let paths = (prop::sample::select(&METHODS), prop::collection::vec(segment, 0..8));
    let paths = paths.prop_map(|(method, segments)| (method, format!("/{}", segments.join("/"))));
    let mut runner = TestRunner::new(ProptestConfig::with_cases(1_000));
    let outcome = runner.run(&paths, |(name, path)| {
        let answer = runtime.block_on(send(&app, &token, method(name), &path));
        prop_assert!((200..500).contains(&answer.status), "{name} {path}: {}", answer.status);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// `/me/…` is `/users/{id}/…` of the signed-in user.
#[tokio::test]
async fn the_signed_in_user() {
    let app = TestApp::start().await;
    let token = app.token_with(&["User.Read", "TeamsAppInstallation.ReadWriteForUser"], Some(USER02)).await;
    let same = async |me: &str, user: &str| {
        let (me, user) = (app.get(&token, me).await, app.get(&token, user).await);
        assert_eq!((me.status, me.json()), (200, user.json()));
    };
    same("/v1.0/me", &format!("/v1.0/users/{USER02}")).await;
    same("/beta/ME/?$select=id", &format!("/beta/users/{USER02}?$select=id")).await;
    same("/v1.0/me/teamwork/installedApps", &installed(USER02)).await;

    let installation = installation_id(USER02, POLLS);
    let path = format!("/v1.0/me/teamwork/installedApps/{installation}");
    same(&path, &format!("{}/{installation}", installed(USER02))).await;
    assert_eq!(app.post(&token, &format!("{path}/upgrade"), "").await.status, 204);
    assert_eq!(app.delete(&token, &path).await.status, 204);
    let again = app.post(&token, "/v1.0/me/teamwork/installedApps", &bind(POLLS)).await;
    assert_eq!((again.status, again.body.len()), (201, 0));
    let of_user =
        format!("https://localhost:8365{}('{installation}')", "/v1.0/users('{}')/teamwork/installedApps");
    assert_eq!(again.header("location"), of_user.replace("{}", USER02));

    // `/me` has a row of its own, which takes less than that of `/users/{user}`.
    let devices = app.token_with(&["DeviceManagementApps.Read.All"], Some(USER02)).await;
    assert_eq!(app.get(&devices, "/v1.0/me").await.status, 403);
    assert_eq!(app.get(&devices, &format!("/v1.0/users/{USER02}")).await.status, 200);
}

#[tokio::test]
async fn a_tenant_before_the_path() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let of = |tenant: &str| format!("/v1.0/tenants/{tenant}/users/{USER02}");
    let answer = app.get(&token, &of("51190000-0000-4000-8000-000000000001")).await;
    assert_eq!((answer.status, answer.json()["id"].as_str()), (200, Some(USER02)));
    assert_eq!(app.get(&token, &of("51190000-0000-4000-8000-000000000002")).await.status, 400);
}
