//! What the rules refuse because of what administrators and Microsoft decided: each state, and what it is answered.

use serde_json::{Value, json};
use slipway_graph::seed::DEMO_TENANT;
use slipway_testkit::{Answer, DEMO_CHAT, DEMO_TEAM, Package, TestApp};

use crate::{POLLS, USER02, USER03, admin, automation, bind, installation_id, installed};

const MINE: &str = "51190000-0000-4000-8000-00000000b0aa";

/// Adds to the demo tenant.
async fn seed(app: &TestApp, rest: Value) {
    let mut tenant = json!({"id": DEMO_TENANT, "displayName": "Contoso", "domain": "contoso.example"});
    for (name, value) in rest.as_object().unwrap() {
        tenant[name] = value.clone();
    }
    app.seed(&json!({"tenants": [tenant]}).to_string()).await;
}

/// An app with a bot for everybody, and more that is said of it.
fn app_with(package: &Package, rest: &Value) -> Value {
    let mut said = json!({"id": MINE, "definitions": [{"manifest": package.manifest}]});
    for (name, value) in rest.as_object().unwrap() {
        said[name] = value.clone();
    }
    json!({"apps": [said]})
}

fn package(version: &str) -> Package {
    Package::new("51190000-0000-4000-8000-00000000f00d", version).in_scopes(&[
        "personal",
        "team",
        "groupChat",
    ])
}

fn said(answer: &Answer) -> (u16, String, String) {
    let (code, message) = answer.error();
    (answer.status, code, message)
}

fn forbidden(message: &str) -> (u16, String, String) {
    (403, "Forbidden".to_owned(), message.to_owned())
}

#[tokio::test]
async fn users_who_cannot_have_apps() {
    let app = TestApp::start().await;
    seed(
        &app,
        json!({"users": [
            {"userPrincipalName": "guest@contoso.example", "displayName": "Guest", "userType": "Guest"},
            {"userPrincipalName": "poor@contoso.example", "displayName": "Poor", "teamsLicence": false}
        ]}),
    )
    .await;
    let token = automation(&app).await;
    let guest = app.post(&token, &installed("guest@contoso.example"), &bind(POLLS)).await;
    assert_eq!(said(&guest), forbidden("User Login. Teams is disabled for your tenant."));
    let licence = "Failed to get license information for the user. Ensure user has a valid Office365 license assigned to them.";
    let poor = app.post(&token, &installed("poor@contoso.example"), &bind(POLLS)).await;
    assert_eq!(said(&poor), forbidden(licence));
    let teamwork = app.get(&token, "/v1.0/users/poor@contoso.example/teamwork").await;
    assert_eq!(said(&teamwork), forbidden(licence));
    assert_eq!(app.get(&token, &format!("/v1.0/users/{USER02}/teamwork")).await.json()["locale"], "en-us");
}

#[tokio::test]
async fn apps_that_a_policy_blocks() {
    let app = TestApp::start().await;
    seed(
        &app,
        json!({
            "users": [{"id": USER03, "userPrincipalName": "user03@contoso.example", "displayName": "User 03",
                "policy": {"blocked": [POLLS]}}]
        }),
    )
    .await;
    let token = automation(&app).await;
    let text = |user: &str, id: &str| {
        format!(
            "App is blocked by app permission policy. TenantId: {DEMO_TENANT}, UserObjectId: {user}, AppId: {id}, AppType: Private"
        )
    };
    let blocked = app.post(&token, &installed(USER03), &bind(POLLS)).await;
    assert_eq!(said(&blocked), forbidden(&text(USER03, POLLS)));
    assert_eq!(blocked.json()["error"]["innerError"]["code"], "AccessDenied");
    assert_eq!(app.post(&token, &installed("user04@contoso.example"), &bind(POLLS)).await.status, 201);

    seed(&app, json!({"policy": {"blocked": ["organization"]}})).await;
    seed(&app, app_with(&package("1.0.0"), &json!({}))).await;
    for owner in [format!("teams/{DEMO_TEAM}"), format!("chats/{DEMO_CHAT}")] {
        let answer = app.post(&token, &format!("/v1.0/{owner}/installedApps"), &bind(MINE)).await;
        assert_eq!(said(&answer), forbidden(&text("", MINE)), "{owner}");
    }
    let upgrade = format!("{}/{}/upgrade", installed(USER02), installation_id(USER02, POLLS));
    assert_eq!(said(&app.post(&token, &upgrade, "").await), forbidden(&text(USER02, POLLS)));
}

#[tokio::test]
async fn apps_that_stay() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    seed(&app, app_with(&package("1.0.0"), &json!({"permanent": true}))).await;
    seed(&app, json!({"installations": [
        {"user": USER02, "app": MINE}, {"team": DEMO_TEAM, "app": MINE}, {"user": USER03, "app": POLLS, "preinstalled": true}
    ]}))
    .await;
    let in_team = format!("/v1.0/teams/{DEMO_TEAM}/installedApps/{}", installation_id(DEMO_TEAM, MINE));
    let of_user = format!("{}/{}", installed(USER02), installation_id(USER02, MINE));
    for one in [&in_team, &of_user] {
        let upgrade = app.post(&token, &format!("{one}/upgrade"), "").await;
        let text = format!("User operation (Upgrade) is not allowed on a permanent app (appId: {MINE})");
        assert_eq!(said(&upgrade), forbidden(&text));
        let inner = &upgrade.json()["error"]["innerError"];
        assert_eq!((&inner["code"], &inner["details"]), (&json!("AccessDenied"), &json!([])));
        assert_eq!(said(&app.delete(&token, one).await), forbidden("Forbidden"));
    }
    let preinstalled = format!("{}/{}", installed(USER03), installation_id(USER03, POLLS));
    let text = "AppIsTenantAdminPreinstalled: Trying to RemoveUserAppEntitlement for an App that is explicitly preinstalled by the tenant admin.";
    assert_eq!(said(&app.delete(&token, &preinstalled).await), forbidden(text));
    assert_eq!(app.post(&token, &format!("{preinstalled}/upgrade"), "").await.status, 204);
}

#[tokio::test]
async fn consent_that_the_settings_rule_out() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let asking = package("1.0.0").asking_for(&[("ChatSettings.Read.Chat", "Delegated")]);
    seed(&app, app_with(&asking, &json!({}))).await;
    seed(
        &app,
        json!({"settings": {"isUserPersonalScopeResourceSpecificConsentEnabled": false, "isChatResourceSpecificConsentEnabled": false}}),
    )
    .await;
    let text = |scope: &str| {
        format!(
            "The app requires resource-specific permissions, which the tenant's settings rule out in the {scope} scope."
        )
    };
    let chat = format!("/v1.0/chats/{DEMO_CHAT}/installedApps");
    for (list, scope) in [(installed(USER03), "personal"), (chat.clone(), "groupChat")] {
        assert_eq!(said(&app.post(&token, &list, &bind(MINE)).await), forbidden(&text(scope)));
        assert_ne!(app.post(&token, &list, &bind(POLLS)).await.status, 403, "an app that asks for nothing");
    }
    let plain = "51190000-0000-4000-8000-00000000f0aa";
    let package = Package::new(plain, "1.0.0").in_scopes(&["groupChat"]);
    let made = app.post_zip(&admin(&app).await, "/v1.0/appCatalogs/teamsApps", &package.zip()).await.json();
    let plain = made["id"].as_str().unwrap();
    assert_eq!(app.post(&token, &chat, &bind(plain)).await.status, 201, "an app that asks for nothing");
    let team = format!("/v1.0/teams/{DEMO_TEAM}/installedApps");
    assert_eq!(app.post(&token, &team, &bind(MINE)).await.status, 200, "teams have no such setting");
}

#[tokio::test]
async fn a_sideloaded_app_is_listed_and_no_more() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let asking = package("1.0.0").asking_for(&[("TeamMember.Read.Group", "Application")]);
    seed(&app, app_with(&asking, &json!({"distributionMethod": "sideloaded"}))).await;
    seed(&app, json!({"installations": [{"team": DEMO_TEAM, "app": MINE}]})).await;
    let list = format!("/v1.0/teams/{DEMO_TEAM}/installedApps");
    let one = format!("{list}/{}", installation_id(DEMO_TEAM, MINE));
    let seen = app.get(&token, &format!("{list}?$expand=teamsApp")).await.json();
    assert_eq!(seen["value"][0]["teamsApp"]["distributionMethod"], "sideloaded");
    let text =
        "Failed to execute TeamsGraphService backend request RevokeGroupResourceSpecificPermissionsRequest.";
    let removed = app.delete(&token, &one).await;
    assert_eq!(said(&removed), (412, "PreconditionFailed".to_owned(), text.to_owned()));
    assert_eq!(app.post(&token, &installed(USER03), &bind(MINE)).await.status, 404);
    assert_eq!(app.post(&token, &format!("{one}/upgrade"), "").await.status, 404);
}
