//! The role × operation matrix: every operation, both versions, with no token, tokens that do not hold, and a
//! token of each permission there is. A refused call leaves the store as it was; an accepted one shows its effect.
//!
//! What is expected comes from Microsoft's permission data where it is at hand, and from a table typed from the
//! documentation everywhere else; never from the operation table under test.

mod effects;
mod expected;

use effects::{Effect, USER, fingerprint};
use expected::Expected;
use http::Method;
use jiff::SignedDuration;
use slipway_graph::{LegacyPermissions, LegacyRefusal};
use slipway_testkit::{Answer, DEMO_SELF, TestApp};

const VERSIONS: [&str; 2] = ["v1.0", "beta"];

/// Names that no operation here takes, beside those that another one takes.
const STRANGERS: [&str; 4] = [
    "Mail.Read",
    "TeamsApp.ReadWrite.All",
    "Group.ReadWrite.All",
    "TeamsAppInstallation.ReadWriteForTeam.All",
];

async fn call(app: &TestApp, effect: &Effect, version: &str, authorization: &str) -> Answer {
    let mut headers = vec![("Authorization", authorization)];
    headers.extend(effect.media_type.map(|media_type| ("Content-Type", media_type)));
    if authorization.is_empty() {
        headers.remove(0);
    }
    let path = format!("/{version}{}", effect.path);
    app.send(effect.method.clone(), &path, &headers, &effect.body).await
}

#[tokio::test]
async fn tokens_that_do_not_hold() {
    let app = TestApp::start().await;
    let holding = app.user_token("51190000-0000-4000-8000-00000000a003", USER).await;
    let expired = {
        let token = holding.clone();
        app.clock.advance(SignedDuration::from_hours(2));
        token
    };
    let id_token = app.id_token(DEMO_SELF, USER).await;
    let foreign = app.token_of_unknown_tenant().await;
    let tampered = {
        let fresh = app.user_token("51190000-0000-4000-8000-00000000a003", USER).await;
        let (signed, _) = fresh.rsplit_once('.').unwrap();
        format!("{signed}.{}", "A".repeat(342))
    };
    let cases = [
        ("no token", String::new(), "Access token is empty."),
        ("no token behind Bearer", "Bearer ".into(), "Access token is empty."),
        ("a bare token", holding, "Access token is empty."),
        ("garbage", "Bearer abc".into(), "CompactToken parsing failed with error code: 80049217"),
        ("expired", format!("Bearer {expired}"), "Access token has expired or is not yet valid."),
        (
            "wrong audience",
            format!("Bearer {id_token}"),
            "Access token validation failure. Invalid audience.",
        ),
        ("wrong tenant", format!("Bearer {foreign}"), "Access token validation failure. Invalid issuer."),
        ("tampered", format!("Bearer {tampered}"), "Access token validation failure. Invalid signature."),
    ];
    for row in expected::table() {
        for version in VERSIONS {
            for (what, authorization, message) in &cases {
                let effect = Effect::of(&app, &row.name).await;
                let before = fingerprint(&app).await;
                let answer = call(&app, &effect, version, authorization).await;
                let case = format!("{} {version} with {what}", row.name);
                assert_eq!(fingerprint(&app).await, before, "{case}: the store has changed");
                assert_eq!(answer.status, 401, "{case}");
                let error = ("InvalidAuthenticationToken".to_owned(), (*message).to_owned());
                assert_eq!(answer.error(), error, "{case}");
                assert!(answer.header("www-authenticate").starts_with("Bearer "), "{case}");
            }
        }
    }
}

#[tokio::test]
async fn each_permission_on_each_operation() {
    let app = TestApp::start().await;
    let table = expected::table();
    let names = expected::every_name(&table);
    let mut accepted = 0;
    for name in names.iter().map(String::as_str).chain(STRANGERS) {
        for user in [None, Some(USER)] {
            let token = app.token_with(&[name], user).await;
            for row in &table {
                for version in VERSIONS {
                    let case = format!("{} {version} with {name}, delegated by {user:?}", row.name);
                    if row.accepts(name, version, user.is_some()) {
                        accepted += 1;
                        check_accepted(&app, row, version, &token, &case).await;
                    } else {
                        check_refused(&app, row, version, (name, user.is_some()), &token, &case).await;
                    }
                }
            }
        }
    }
    assert!(accepted > 300, "the matrix accepted only {accepted} calls");
}

async fn check_accepted(app: &TestApp, row: &Expected, version: &str, token: &str, case: &str) {
    let effect = Effect::of(app, &row.name).await;
    let answer = call(app, &effect, version, &format!("Bearer {token}")).await;
    assert_eq!(answer.status, effect.status, "{case}: {:?}", answer.error());
    effect.check(app, &answer, case).await;
}

async fn check_refused(
    app: &TestApp,
    row: &Expected,
    version: &str,
    (name, delegated): (&str, bool),
    token: &str,
    case: &str,
) {
    let effect = Effect::of(app, &row.name).await;
    let before = fingerprint(app).await;
    let answer = call(app, &effect, version, &format!("Bearer {token}")).await;
    assert_eq!(answer.status, 403, "{case}: {:?}", answer.error());
    assert_eq!(answer.error(), ("Forbidden".to_owned(), row.refusal(name, delegated)), "{case}");
    assert_eq!(fingerprint(app).await, before, "{case}: the store has changed");
}

/// Delegated permissions for the signed-in user do not reach another user; those of the first documentation do.
#[tokio::test]
async fn delegated_tokens_act_for_their_own_user() {
    let app = TestApp::start().await;
    let other = "51190000-0000-4000-8000-0000000e0003";
    let path = format!("/beta/users/{other}/teamwork/installedApps");
    let own = app.token_with(&["TeamsAppInstallation.ReadWriteForUser"], Some(USER)).await;
    let answer = app.get(&own, &path).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.error().1, "Caller is not authorized.");
    let answer = app.post(&own, &path, effects::BIND).await;
    assert_eq!(answer.status, 403);
    let legacy = app.token_with(&["User.ReadWrite.All"], Some(USER)).await;
    assert_eq!(app.post(&legacy, &path, effects::BIND).await.status, 201);
    let user_read = app.token_with(&["User.Read"], Some(USER)).await;
    let answer = app.get(&user_read, &format!("/v1.0/users/{other}")).await;
    assert_eq!((answer.status, answer.error().0.as_str()), (403, "Authorization_RequestDenied"));
}

/// The `legacy-permissions` and `legacy-refusal` settings.
#[tokio::test]
async fn permissions_of_the_first_documentation() {
    use LegacyPermissions::{All, Beta, Off};
    for (setting, version, status) in [
        (Off, "v1.0", 403),
        (Off, "beta", 403),
        (Beta, "v1.0", 403),
        (Beta, "beta", 201),
        (All, "v1.0", 201),
        (All, "beta", 201),
    ] {
        let app = TestApp::start_with(setting, LegacyRefusal::UnknownError).await;
        for user in [None, Some(USER)] {
            let token = app.token_with(&["Directory.ReadWrite.All"], user).await;
            let effect = Effect::of(&app, "installedApps.add").await;
            let answer = call(&app, &effect, version, &format!("Bearer {token}")).await;
            assert_eq!(answer.status, status, "{setting:?} {version} {user:?}");
            if status == 403 {
                assert_eq!(answer.error(), ("UnknownError".to_owned(), String::new()));
            }
        }
        let other = app.token_with(&["Mail.Read"], None).await;
        let effect = Effect::of(&app, "installedApps.add").await;
        let answer = call(&app, &effect, version, &format!("Bearer {other}")).await;
        assert_eq!(answer.error().0, "Forbidden", "other callers are told what is missing");
    }
}

#[tokio::test]
async fn methods_that_a_path_does_not_take() {
    let app = TestApp::start().await;
    let token = app.application_token("51190000-0000-4000-8000-00000000a001").await;
    for (path, code) in [
        ("/v1.0/users", "Request_BadRequest"),
        ("/v1.0/appCatalogs/teamsApps", "MethodNotAllowed"),
        ("/beta/users/u/teamwork/installedApps/x", "MethodNotAllowed"),
    ] {
        let bearer = format!("Bearer {token}");
        let answer = app.send(Method::PATCH, path, &[("Authorization", &bearer)], b"").await;
        assert_eq!((answer.status, answer.error().0.as_str()), (405, code), "{path}");
    }
}
