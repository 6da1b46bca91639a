//! The role × operation matrix: every operation, both versions, with no token, tokens that do not hold, and a
//! token of each permission there is. A refused call leaves the store as it was; an accepted one shows its effect.
//!
//! What is expected comes from Microsoft's permission data where it is at hand, and from a table typed from the
//! documentation everywhere else; never from the operation table under test.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod clients;
mod effects;
mod expected;
mod ground;
mod page;
mod published;
mod resource_specific;
mod tenants;

use std::collections::BTreeSet;

use effects::Effect;
use expected::Expected;
use ground::{BOARD, USER};
use jiff::SignedDuration;
use slipway_graph::{LegacyPermissions, LegacyRefusal, operations};
use slipway_model::TokenKind;
use slipway_testkit::{Answer, DEMO_SELF, TestApp};

const VERSIONS: [&str; 2] = ["v1.0", "beta"];

/// Names that no operation here takes.
const STRANGERS: [&str; 4] = [
    "Mail.Read",
    "TeamsApp.ReadWrite.All",
    "TeamsAppInstallation.ReadSelectedForUser.All",
    "TeamsAppInstallation.ReadWriteSelectedForTeam.All",
];

/// The operations, in groups whose tests run beside each other.
const GROUPS: [&[&str]; 18] = [
    &["users.list", "users.count", "users.get", "users.getId", "me.get"],
    &["groups.members", "groups.userMembers", "groups.countMembers"],
    &["groups.transitiveMembers", "groups.userTransitiveMembers", "groups.countTransitiveMembers"],
    &[
        "userTeamwork.get",
        "installedApps.list",
        "installedApps.get",
        "installedApps.chat",
        "permissionGrants.list",
    ],
    &["installedApps.add", "installedApps.upgrade", "installedApps.delete"],
    &["teams.get", "teams.installedApps.list", "teams.installedApps.get", "teams.permissionGrants.list"],
    &["teams.installedApps.add", "teams.installedApps.upgrade", "teams.installedApps.delete"],
    &[
        "chats.get",
        "chats.installedApps.list",
        "chats.installedApps.get",
        "chats.permissionGrants.list",
        "users.chats.list",
        "users.chats.get",
    ],
    &["chats.create", "chats.installedApps.add", "chats.installedApps.upgrade", "chats.installedApps.delete"],
    &[
        "teamsApps.list",
        "teamsApps.count",
        "teamsApps.get",
        "appDefinitions.list",
        "appDefinitions.get",
        "bot.get",
        "teamsAppSettings.get",
    ],
    &[
        "colorIcon.get",
        "colorIcon.hostedContent",
        "colorIcon.bytes",
        "outlineIcon.get",
        "outlineIcon.hostedContent",
        "outlineIcon.bytes",
    ],
    &[
        "teamsApps.publish",
        "teamsApps.update",
        "teamsApps.delete",
        "appDefinitions.add",
        "appDefinitions.review",
        "appDefinitions.withdraw",
        "teamsAppSettings.update",
    ],
    &[
        "applications.list",
        "applications.get",
        "applications.create",
        "applications.update",
        "applications.delete",
    ],
    &[
        "applications.addPassword",
        "applications.removePassword",
        "federatedIdentityCredentials.list",
        "federatedIdentityCredentials.get",
        "federatedIdentityCredentials.create",
        "federatedIdentityCredentials.update",
        "federatedIdentityCredentials.delete",
    ],
    &[
        "servicePrincipals.list",
        "servicePrincipals.get",
        "servicePrincipals.create",
        "servicePrincipals.delete",
        "servicePrincipals.oauth2PermissionGrants",
    ],
    &[
        "appRoleAssignments.list",
        "appRoleAssignments.create",
        "appRoleAssignments.delete",
        "appRoleAssignedTo.list",
        "appRoleAssignedTo.create",
        "appRoleAssignedTo.delete",
    ],
    &[
        "oauth2PermissionGrants.list",
        "oauth2PermissionGrants.get",
        "oauth2PermissionGrants.create",
        "oauth2PermissionGrants.update",
        "oauth2PermissionGrants.delete",
    ],
    &["organization.list", "organization.get"],
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
    let app = ground::start().await;
    let public = "51190000-0000-4000-8000-00000000a003";
    let early = {
        app.clock.advance(SignedDuration::from_hours(4));
        let token = app.user_token(public, USER).await;
        app.clock.advance(SignedDuration::from_hours(-4));
        token
    };
    let expired = app.user_token(public, USER).await;
    app.clock.advance(SignedDuration::from_hours(2));
    let holding = app.user_token(public, USER).await;
    let id_token = app.demo().await.id_token(DEMO_SELF, USER).await;
    let foreign = app.token_of_unknown_tenant().await;
    let (signed, _) = holding.rsplit_once('.').unwrap();
    let tampered = format!("{signed}.{}", "A".repeat(342));
    let bearer = |token: &str| format!("Bearer {token}");
    let cases = [
        ("no token", String::new(), "Access token is empty."),
        ("no token behind Bearer", "Bearer ".into(), "Access token is empty."),
        ("a bare token", holding.clone(), "Access token is empty."),
        ("garbage", bearer("abc"), "CompactToken parsing failed with error code: 80049217"),
        ("expired", bearer(&expired), "Access token has expired or is not yet valid."),
        ("not yet valid", bearer(&early), "Access token has expired or is not yet valid."),
        ("wrong audience", bearer(&id_token), "Access token validation failure. Invalid audience."),
        ("wrong tenant", bearer(&foreign), "Access token validation failure. Invalid issuer."),
        ("tampered", bearer(&tampered), "Access token validation failure. Invalid signature."),
    ];
    let mut cells = 0;
    for row in expected::table() {
        let effect = Effect::of(&app, &row.name).await;
        let before = app.fingerprint().await;
        for version in VERSIONS {
            for (what, authorization, message) in &cases {
                let case = format!("{} {version} with {what}", row.name);
                let answer = call(&app, &effect, version, authorization).await;
                assert_eq!(answer.status, 401, "{case}");
                let error = ("InvalidAuthenticationToken".to_owned(), (*message).to_owned());
                assert_eq!(answer.error(), error, "{case}");
                assert!(answer.header("www-authenticate").starts_with("Bearer "), "{case}");
                cells += 1;
            }
        }
        assert_eq!(app.fingerprint().await, before, "{}: the store has changed", row.name);
    }
    assert_eq!(cells, operations().count() * 2 * 9);
}

#[test]
fn the_groups_are_the_operations() {
    let grouped: Vec<_> = GROUPS.concat();
    let served: BTreeSet<_> = operations().map(|operation| operation.name).collect();
    assert_eq!(grouped.iter().copied().collect::<BTreeSet<_>>(), served);
    assert_eq!(grouped.len(), operations().count());
}

/// Cells of an operation: 105 names, delegated and application, on two versions.
const CELLS: usize = 105 * 2 * 2;

#[tokio::test]
async fn each_permission_on_users() {
    assert_eq!(walk(GROUPS[0]).await, Walked { cells: 5 * CELLS, accepted: 274 });
}

#[tokio::test]
async fn each_permission_on_members_of_groups() {
    assert_eq!(walk(GROUPS[1]).await, Walked { cells: 3 * CELLS, accepted: 72 });
}

#[tokio::test]
async fn each_permission_on_transitive_members_of_groups() {
    assert_eq!(walk(GROUPS[2]).await, Walked { cells: 3 * CELLS, accepted: 72 });
}

#[tokio::test]
async fn each_permission_on_reading_what_users_have() {
    assert_eq!(walk(GROUPS[3]).await, Walked { cells: 5 * CELLS, accepted: 110 });
}

#[tokio::test]
async fn each_permission_on_writing_what_users_have() {
    assert_eq!(walk(GROUPS[4]).await, Walked { cells: 3 * CELLS, accepted: 84 });
}

#[tokio::test]
async fn each_permission_on_reading_what_teams_have() {
    assert_eq!(walk(GROUPS[5]).await, Walked { cells: 4 * CELLS, accepted: 138 });
}

#[tokio::test]
async fn each_permission_on_writing_what_teams_have() {
    assert_eq!(walk(GROUPS[6]).await, Walked { cells: 3 * CELLS, accepted: 74 });
}

#[tokio::test]
async fn each_permission_on_reading_what_chats_have() {
    assert_eq!(walk(GROUPS[7]).await, Walked { cells: 6 * CELLS, accepted: 96 });
}

#[tokio::test]
async fn each_permission_on_writing_what_chats_have() {
    assert_eq!(walk(GROUPS[8]).await, Walked { cells: 4 * CELLS, accepted: 58 });
}

#[tokio::test]
async fn each_permission_on_reading_the_catalog() {
    assert_eq!(walk(GROUPS[9]).await, Walked { cells: 7 * CELLS, accepted: 84 });
}

/// Icons are on beta only.
#[tokio::test]
async fn each_permission_on_icons() {
    assert_eq!(walk(GROUPS[10]).await, Walked { cells: 6 * CELLS / 2, accepted: 30 });
}

#[tokio::test]
async fn each_permission_on_writing_the_catalog() {
    assert_eq!(walk(GROUPS[11]).await, Walked { cells: 7 * CELLS, accepted: 36 });
}

#[tokio::test]
async fn each_permission_on_applications() {
    assert_eq!(walk(GROUPS[12]).await, Walked { cells: 5 * CELLS, accepted: 40 });
}

#[tokio::test]
async fn each_permission_on_credentials() {
    assert_eq!(walk(GROUPS[13]).await, Walked { cells: 7 * CELLS, accepted: 48 });
}

#[tokio::test]
async fn each_permission_on_service_principals() {
    assert_eq!(walk(GROUPS[14]).await, Walked { cells: 5 * CELLS, accepted: 60 });
}

#[tokio::test]
async fn each_permission_on_assigning_roles() {
    assert_eq!(walk(GROUPS[15]).await, Walked { cells: 6 * CELLS, accepted: 52 });
}

#[tokio::test]
async fn each_permission_on_delegated_grants() {
    assert_eq!(walk(GROUPS[16]).await, Walked { cells: 5 * CELLS, accepted: 56 });
}

#[tokio::test]
async fn each_permission_on_the_organization() {
    assert_eq!(walk(GROUPS[17]).await, Walked { cells: 2 * CELLS, accepted: 36 });
}

/// How many calls were made, and how many of them were to be accepted and were.
#[derive(Debug, Default, PartialEq, Eq)]
struct Walked {
    cells: usize,
    accepted: usize,
}

/// A token with one permission.
struct Holder {
    name: String,
    kind: TokenKind,
    token: String,
}

/// Calls the operations with every permission there is. Refused calls come first: they change nothing, so they
/// share what the call needs.
async fn walk(operations: &[&str]) -> Walked {
    let app = ground::start().await;
    let table = expected::table();
    let holders = holders(&app, &table).await;
    let mut walked = Walked::default();
    for row in table.iter().filter(|row| operations.contains(&row.name.as_str())) {
        let cells = row.versions().flat_map(|version| holders.iter().map(move |holder| (version, holder)));
        let (accepted, refused): (Vec<_>, Vec<_>) =
            cells.partition(|(version, holder)| row.accepts(&holder.name, version, holder.kind));
        let effect = Effect::of(&app, &row.name).await;
        let before = app.fingerprint().await;
        for &(version, holder) in &refused {
            let case = case(row, version, holder);
            let answer = call(&app, &effect, version, &format!("Bearer {}", holder.token)).await;
            let refusal = row.refusal(&holder.name, "", holder.kind);
            assert_eq!((answer.status, answer.error()), refusal, "{case}");
        }
        assert_eq!(app.fingerprint().await, before, "{}: a refused call changed the store", row.name);
        for &(version, holder) in &accepted {
            check_accepted(&app, row, version, holder).await;
        }
        walked.cells += refused.len() + accepted.len();
        walked.accepted += accepted.len();
    }
    walked
}

async fn holders(app: &TestApp, table: &[Expected]) -> Vec<Holder> {
    let mut holders = Vec::new();
    for name in expected::every_name(table).iter().map(String::as_str).chain(STRANGERS) {
        for (kind, user) in [(TokenKind::Application, None), (TokenKind::Delegated, Some(USER))] {
            let token = app.token_with(&[name], user).await;
            holders.push(Holder { name: name.to_owned(), kind, token });
        }
    }
    holders
}

fn case(row: &Expected, version: &str, holder: &Holder) -> String {
    format!("{} {version} with {} ({:?})", row.name, holder.name, holder.kind)
}

async fn check_accepted(app: &TestApp, row: &Expected, version: &str, holder: &Holder) {
    let case = case(row, version, holder);
    let effect = Effect::of(app, &row.name).await;
    let answer = call(app, &effect, version, &format!("Bearer {}", holder.token)).await;
    assert_eq!(answer.status, effect.status, "{case}: {:?}", answer.error());
    effect.check(app, &answer, &case).await;
}

/// Delegated permissions for the signed-in user do not reach another user; those of the first documentation do.
#[tokio::test]
async fn delegated_tokens_act_for_their_own_user() {
    let app = ground::start().await;
    let other = "51190000-0000-4000-8000-0000000e0003";
    let path = format!("/beta/users/{other}/teamwork/installedApps");
    let bind = &String::from_utf8(effects::bind(BOARD)).unwrap();
    let own = app.token_with(&["TeamsAppInstallation.ReadWriteForUser"], Some(USER)).await;
    let answer = app.get(&own, &path).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.error().1, "Caller is not authorized.");
    let answer = app.post(&own, &path, bind).await;
    assert_eq!(answer.status, 403);
    let legacy = app.token_with(&["User.ReadWrite.All"], Some(USER)).await;
    assert_eq!(app.post(&legacy, &path, bind).await.status, 201);
    let user_read = app.token_with(&["User.Read"], Some(USER)).await;
    let answer = app.get(&user_read, &format!("/v1.0/users/{other}")).await;
    assert_eq!((answer.status, answer.error().0.as_str()), (403, "Authorization_RequestDenied"));
}

/// The `legacy-permissions` and `legacy-refusal` settings.
#[tokio::test]
async fn permissions_of_the_first_documentation() {
    use LegacyPermissions::{All, Beta, Off};
    let app = ground::start().await;
    for (setting, version, status) in [
        (Off, "v1.0", 403),
        (Off, "beta", 403),
        (Beta, "v1.0", 403),
        (Beta, "beta", 201),
        (All, "v1.0", 201),
        (All, "beta", 201),
    ] {
        let app = app.with_legacy(setting, LegacyRefusal::UnknownError).await;
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
