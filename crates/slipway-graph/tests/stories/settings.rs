//! `/teamwork/teamsAppSettings`.

use http::Method;
use insta::assert_snapshot;
use serde_json::json;
use slipway_testkit::{Answer, TestApp};

use crate::{PUBLIC, USER02, USER03, admin, automation, installed, render};

const SETTINGS: &str = "/v1.0/teamwork/teamsAppSettings";
const BETA: &str = "/beta/teamwork/teamsAppSettings";

async fn patch(app: &TestApp, token: &str, path: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    app.send(Method::PATCH, path, &headers, body.as_bytes()).await
}

#[tokio::test]
async fn settings_are_read_and_changed() {
    let app = TestApp::start().await;
    let admin = admin(&app).await;
    assert_snapshot!("settings", render(&app.get(&admin, SETTINGS).await));
    assert_snapshot!("settings_beta", render(&app.get(&admin, BETA).await));
    let off =
        r##"{"@odata.type":"#microsoft.graph.teamsAppSettings","allowUserRequestsForAppAccess":"false"}"##;
    assert_snapshot!("settings_update", render(&patch(&app, &admin, SETTINGS, off).await));
    assert_eq!(patch(&app, &admin, SETTINGS, off).await.status, 204, "nothing changes");
    let chats = r#"{"isChatResourceSpecificConsentEnabled":false}"#;
    assert_eq!(patch(&app, &admin, BETA, chats).await.status, 204);
    let settings = app.get(&admin, &format!("{BETA}?$select=id,allowUserRequestsForAppAccess,isChatResourceSpecificConsentEnabled,isUserPersonalScopeResourceSpecificConsentEnabled")).await.json();
    assert_eq!(settings["allowUserRequestsForAppAccess"], false);
    assert_eq!(settings["isChatResourceSpecificConsentEnabled"], false);
    assert_eq!(settings["isUserPersonalScopeResourceSpecificConsentEnabled"], true);
}

#[tokio::test]
async fn what_the_settings_refuse() {
    let app = TestApp::start().await;
    let (admin, before) = (admin(&app).await, app.fingerprint().await);
    assert_snapshot!(
        "settings_unknown_property",
        render(&patch(&app, &admin, SETTINGS, r#"{"color":1}"#).await)
    );
    let chats = r#"{"isChatResourceSpecificConsentEnabled":true}"#;
    let answer = patch(&app, &admin, SETTINGS, chats).await;
    assert!(answer.status == 400 && answer.error().1.contains("'isChat"), "on beta only");
    let user = app.user_token(PUBLIC, USER02).await;
    let on = r#"{"allowUserRequestsForAppAccess":false}"#;
    assert_snapshot!("settings_update_by_a_user", render(&patch(&app, &user, SETTINGS, on).await));
    assert_eq!(app.get(&user, SETTINGS).await.status, 200, "everybody with the permission reads them");
    let reader = app.token_with(&["TeamworkAppSettings.Read.All"], Some(USER03)).await;
    assert_eq!(app.get(&reader, SETTINGS).await.status, 200);
    assert_eq!(patch(&app, &reader, SETTINGS, on).await.status, 403);
    assert_eq!(
        app.get(&automation(&app).await, SETTINGS).await.status,
        403,
        "clients have no permission for it"
    );
    assert_eq!(app.fingerprint().await, before);
}

/// Settings hold from the next call on, for the owners that they are about.
#[tokio::test]
async fn settings_rule_out_consent() {
    let app = TestApp::start().await;
    let (token, admin) = (automation(&app).await, admin(&app).await);
    let tasks = "51190000-0000-4000-8000-00000000b002";
    let definitions = app.get(&token, &format!("/v1.0/appCatalogs/teamsApps/{tasks}/appDefinitions")).await;
    let required = definitions.json()["value"][0]["authorization"]["requiredPermissionSet"].clone();
    let install = json!({
        "teamsApp@odata.bind": format!("https://graph.microsoft.com/v1.0/appCatalogs/teamsApps/{tasks}"),
        "consentedPermissionSet": required
    });
    let personal = |on: bool| format!(r#"{{"isUserPersonalScopeResourceSpecificConsentEnabled":{on}}}"#);
    assert_eq!(patch(&app, &admin, SETTINGS, &personal(false)).await.status, 204);
    let refused = app.post(&token, &installed(USER03), &install.to_string()).await;
    assert_eq!((refused.status, refused.error().0.as_str()), (403, "Forbidden"));
    assert_eq!(patch(&app, &admin, SETTINGS, &personal(true)).await.status, 204);
    let chats = r#"{"isChatResourceSpecificConsentEnabled":"false"}"#;
    assert_eq!(patch(&app, &admin, BETA, chats).await.status, 204);
    let answer = app.post(&token, &installed(USER03), &install.to_string()).await;
    assert_eq!(answer.status, 201, "{:?}", answer.error());
}
