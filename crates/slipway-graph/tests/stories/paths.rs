//! Methods and paths that no client should send.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use slipway_graph::operations;
use slipway_testkit::{Answer, TestApp};

use crate::{POLLS, USER02, automation, installation_id, installed};

const METHODS: [&str; 10] =
    ["GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH", "TRACE", "CONNECT", "PURGE"];

fn method(name: &str) -> Method {
    Method::from_bytes(name.as_bytes()).unwrap()
}

async fn send(app: &TestApp, token: &str, method: Method, path: &str) -> Answer {
    app.send(method, path, &[("Authorization", &format!("Bearer {token}"))], b"").await
}

#[tokio::test]
async fn methods_that_a_path_does_not_take() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let before = app.fingerprint().await;
    let installation = installation_id(USER02, POLLS);
    let paths: BTreeMap<_, _> = operations().map(|operation| (operation.path, operation.versions)).collect();
    let (mut refused, mut expected) = (0, 0);
    for (path, versions) in paths {
        let served: Vec<_> = operations()
            .filter(|operation| operation.path == path)
            .map(|found| found.method.as_str())
            .collect();
        let of_teams = ["/teamwork", "/chats", "/permissionGrants"].iter().any(|part| path.contains(part));
        let is_identity = !of_teams && (path.starts_with("/users") || path.starts_with("/groups"));
        let code = if is_identity { "Request_BadRequest" } else { "MethodNotAllowed" };
        let path =
            path.replace("{user}", USER02).replace("{installation}", &installation).replace("{app}", POLLS);
        expected += (METHODS.len() - served.len()) * versions.len();
        for version in versions {
            let path = format!("/{}{path}", version.as_str());
            for name in METHODS.into_iter().filter(|name| !served.contains(name)) {
                let answer = send(&app, &token, method(name), &path).await;
                let text = "Specified HTTP method is not allowed for the request target.".to_owned();
                assert_eq!((answer.status, answer.error()), (405, (code.to_owned(), text)), "{name} {path}");
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
    let (list, long) = (installed(USER02), "x".repeat(20_000));
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
        (format!("/v1.0/users/{long}"), 404, directory, none(&long)),
        (of(&long), 404, "NotFound", nobody(&long)),
        (format!("{list}/{long}"), 400, "BadRequest", format!("Invalid id '{long}' provided.")),
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
    const KNOWN: [&str; 9] = [
        "v1.0",
        "beta",
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
