//! Apps of a team: the same as for a user, with other addresses, statuses and texts.

use insta::assert_snapshot;
use slipway_testkit::{DEMO_GROUP, DEMO_SELECTED, DEMO_SELF, DEMO_TEAM, Package, TestApp};

use crate::{ADMIN, POLLS, USER02, admin, automation, bind, installation_id, pretty, render};

/// The demo app for users, teams and chats; 1.1.0 asks for permissions.
const TASKS: &str = "51190000-0000-4000-8000-00000000b002";
/// A demo user who is in no team.
const USER05: &str = "51190000-0000-4000-8000-0000000e0005";

fn list() -> String {
    format!("/v1.0/teams/{DEMO_TEAM}/installedApps")
}

/// The body that consents to what Tasks 1.1.0 asks for.
fn consenting(app: &str) -> String {
    let permission = |name: &str| format!(r#"{{"permissionValue":"{name}","permissionType":"Application"}}"#);
    let all =
        ["ChannelMessage.Read.Group", "ChatSettings.Read.Chat", "TeamsActivity.Send.User"].map(permission);
    let set = format!(r#"{{"resourceSpecificPermissions":[{}]}}"#, all.join(","));
    bind(app).replace('}', &format!(r#","consentedPermissionSet":{set}}}"#))
}

#[tokio::test]
async fn an_app_from_install_to_uninstall() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let one = format!("{}/{}", list(), installation_id(DEMO_TEAM, TASKS));

    assert_snapshot!("team_install_without_consent", render(&app.post(&token, &list(), &bind(TASKS)).await));
    assert_snapshot!("team_install", render(&app.post(&token, &list(), &consenting(TASKS)).await));
    assert_snapshot!("team_install_again", render(&app.post(&token, &list(), &consenting(TASKS)).await));
    assert_snapshot!("team_list", render(&app.get(&token, &list()).await));
    let get = async |query: &str| pretty(&app.get(&token, &format!("{one}{query}")).await.body);
    assert_snapshot!("team_get", get("").await);
    assert_snapshot!("team_get_consented", get("?$select=consentedPermissionSet,id").await);
    let beta = app.get(&token, &format!("{one}?$select=id,scopeInfo").replace("v1.0", "beta")).await;
    assert_snapshot!("team_get_scope", pretty(&beta.body));
    let grants = format!("/v1.0/teams/{DEMO_TEAM}/permissionGrants");
    assert_snapshot!("team_grants", pretty(&app.get(&token, &grants).await.body));
    assert_eq!(app.post(&token, &format!("{one}/upgrade"), "{}").await.status, 204);
    assert_eq!(app.delete(&token, &one).await.status, 204);
    assert_snapshot!("team_uninstall_again", render(&app.delete(&token, &one).await));
    assert_eq!(app.get(&token, &grants).await.json()["value"], serde_json::json!([]));
    assert_eq!(app.installations().await, 1);
}

#[tokio::test]
async fn teams_as_they_are_read() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let team = format!("/v1.0/teams/{DEMO_TEAM}");
    assert_snapshot!("team", pretty(&app.get(&token, &team).await.body));
    assert_snapshot!("team_unknown", render(&app.get(&token, &format!("/v1.0/teams/{DEMO_GROUP}")).await));
    let of_group = format!("/v1.0/teams/{DEMO_GROUP}/installedApps");
    let text = format!("No team found with Group Id {DEMO_GROUP}");
    assert_eq!(app.get(&token, &of_group).await.error(), ("NotFound".into(), text), "a group is no team");
    assert_eq!(app.post(&token, &of_group, &bind(TASKS)).await.status, 404);
    assert_eq!(app.get(&token, "/v1.0/teams/a%20b/installedApps").await.status, 404);
}

#[tokio::test]
async fn signed_in_users_reach_teams_that_they_are_in() {
    let app = TestApp::start().await;
    let rights = ["TeamsAppInstallation.ReadWriteAndConsentForTeam", "TeamsAppInstallation.ReadWriteForTeam"];
    let (member, stranger) =
        (app.token_with(&rights, Some(USER02)).await, app.token_with(&rights, Some(USER05)).await);
    let one = format!("{}/{}", list(), installation_id(DEMO_TEAM, TASKS));
    assert_eq!(
        app.post(&member, &list(), &consenting(TASKS)).await.status,
        400,
        "installing takes other consent"
    );
    let manager = app.token_with(&["Group.ReadWrite.All"], Some(USER02)).await;
    let (external, admin) = ("51190000-0000-4000-8000-00000000f00d", admin(&app).await);
    let package = Package::new(external, "1.0.0").in_scopes(&["team"]);
    let published = app.post_zip(&admin, "/v1.0/appCatalogs/teamsApps", &package.zip()).await;
    let squad = published.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(app.post(&manager, &list(), &bind(&squad)).await.status, 200);
    assert_eq!(app.get(&member, &list()).await.json()["@odata.count"], 1);

    assert_snapshot!("team_of_others", render(&app.get(&stranger, &list()).await));
    assert_eq!(app.post(&stranger, &list(), &bind(&squad)).await.status, 403);
    assert_eq!(app.delete(&stranger, &one).await.status, 403);
    let widest = app.token_with(&["Directory.ReadWrite.All"], Some(USER05)).await;
    assert_eq!(app.get(&widest, &list()).await.error().0, "AccessDenied", "whatever the permission");

    let read = app.token_with(&["Team.ReadBasic.All"], Some(USER05)).await;
    let team = format!("/v1.0/teams/{DEMO_TEAM}");
    assert_eq!(app.get(&read, &team).await.status, 403);
    let administrator = app.token_with(&["Team.ReadBasic.All"], Some(ADMIN)).await;
    assert_eq!(app.get(&administrator, &team).await.status, 200);
}

#[tokio::test]
async fn the_families_in_a_team() {
    let app = TestApp::start().await;
    let (token, own) = (automation(&app).await, app.application_token(DEMO_SELF).await);
    let selected = app.application_token(DEMO_SELECTED).await;
    let other = Package::new("51190000-0000-4000-8000-00000000f00d", "1.0.0").in_scopes(&["team"]);
    let answer = app.post_zip(&admin(&app).await, "/v1.0/appCatalogs/teamsApps", &other.zip()).await;
    let other = answer.json()["id"].as_str().unwrap().to_owned();

    let refused = app.post(&own, &list(), &bind(&other)).await;
    let text = format!("AAD App Id '{DEMO_SELF}' is not allowed to manage the Teams App '{other}'");
    assert_eq!((refused.status, refused.error()), (403, ("Forbidden".to_owned(), text)));
    assert_eq!(app.post(&own, &list(), &consenting(TASKS)).await.status, 200, "it consents for itself");
    assert_eq!(app.post(&token, &list(), &bind(&other)).await.status, 200);
    assert_eq!(app.get(&own, &list()).await.json()["@odata.count"], 1);

    assert_eq!(
        app.get(&selected, &list()).await.json()["value"],
        serde_json::json!([]),
        "neither is selected"
    );
    let refused = app.post(&selected, &list(), &bind(&other)).await;
    let text = format!("AAD App Id '{DEMO_SELECTED}' is not allowed to manage the Teams App '{other}'");
    assert_eq!((refused.status, refused.error()), (403, ("Forbidden".to_owned(), text)));
    let one = format!("{}/{}", list(), installation_id(DEMO_TEAM, TASKS));
    assert_eq!(app.get(&selected, &one).await.status, 404);
    assert_eq!(app.delete(&selected, &one).await.status, 404);

    let legacy = app.token_with(&["Group.ReadWrite.All"], None).await;
    assert_eq!(app.delete(&legacy, &one).await.status, 204);
    let mismatch = app.post(&legacy, &list(), &consenting(TASKS)).await;
    assert_eq!(
        mismatch.error().0,
        "ResourceSpecificPermissionsMismatch",
        "legacy permissions do not consent"
    );
    let personal = app.post(&token, &list(), &bind(POLLS)).await;
    let text =
        format!("The app '{POLLS}' cannot be installed in the team scope: its manifest does not name it.");
    assert_eq!((personal.status, personal.error()), (400, ("BadRequest".to_owned(), text)));
}
