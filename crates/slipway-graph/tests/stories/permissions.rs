//! The families of permissions: what `Self` sees and may do.

use insta::assert_snapshot;
use slipway_testkit::{DEMO_SELF, Package, TestApp};

use crate::{AUTOMATION, POLLS, USER02, USER03, admin, automation, bind, installation_id, installed, render};

#[tokio::test]
async fn self_manages_its_own_app_only() {
    let app = TestApp::start().await;
    let (own, token, admin) =
        (app.application_token(DEMO_SELF).await, automation(&app).await, admin(&app).await);
    let other = Package::new("51190000-0000-4000-8000-00000000f00d", "1.0.0");
    let answer = app.post_zip(&admin, "/v1.0/appCatalogs/teamsApps", &other.zip()).await;
    let other = answer.json()["id"].as_str().unwrap().to_owned();
    let list = installed(USER03);

    let refused = app.post(&own, &list, &bind(&other)).await;
    assert_eq!(refused.status, 403);
    let text = format!("AAD App Id '{DEMO_SELF}' is not allowed to manage the Teams App '{other}'");
    assert_eq!(refused.error(), ("Forbidden".to_owned(), text));

    assert_eq!(app.post(&token, &list, &bind(&other)).await.status, 201);
    assert_eq!(app.get(&own, &list).await.json()["value"], serde_json::json!([]), "empty, not refused");
    let foreign = format!("{list}/{}", installation_id(USER03, &other));
    assert_eq!(app.get(&own, &foreign).await.status, 404);
    assert_eq!(app.post(&own, &format!("{foreign}/upgrade"), "").await.status, 404);
    assert_eq!(app.delete(&own, &foreign).await.status, 404);
    assert_eq!(app.get(&token, &foreign).await.status, 200);

    assert_eq!(app.post(&own, &list, &bind(POLLS)).await.status, 201);
    let seen = app.get(&own, &list).await.json();
    assert_eq!(seen["@odata.count"], 1);
    let one = format!("{}/{}", installed(USER02), installation_id(USER02, POLLS));
    assert_eq!(app.post(&own, &format!("{one}/upgrade"), "").await.status, 204);
    assert_eq!(app.delete(&own, &one).await.status, 204);
}

#[tokio::test]
async fn the_widest_permission_wins() {
    let app = TestApp::start().await;
    let names = ["TeamsAppInstallation.ReadWriteSelfForUser.All", "TeamsAppInstallation.ReadForUser.All"];
    let token = app.token_with(&names, None).await;
    let answer = app.get(&token, &installed(USER02)).await;
    assert_eq!(answer.json()["@odata.count"], 1);
    // The app that is there is not this client's own, so the first permission alone shows nothing.
    let demo = app.demo().await;
    for (names, count) in [(&names[..1], 0), (&names[..], 1)] {
        let token = demo.token_with(AUTOMATION, names, None).await;
        assert_eq!(app.get(&token, &installed(USER02)).await.json()["@odata.count"], count, "{names:?}");
    }
}

#[tokio::test]
async fn refusals_name_what_is_missing() {
    let app = TestApp::start().await;
    let none = app.token_with(&[], None).await;
    assert_snapshot!("missing_role", render(&app.post(&none, &installed(USER02), &bind(POLLS)).await));
    let delegated = app.token_with(&["AppCatalog.Submit", "User.Read"], Some(USER02)).await;
    assert_snapshot!("missing_scope", render(&app.get(&delegated, &installed(USER02)).await));
    let catalog = automation(&app).await;
    let answer = app.post_zip(&catalog, "/v1.0/appCatalogs/teamsApps", b"").await;
    assert_eq!(answer.status, 403, "publishing is delegated only");
    assert!(answer.error().1.starts_with("Missing role permissions on the request. API requires one of ''."));
}

#[tokio::test]
async fn a_client_that_is_gone_is_nobody() {
    let app = TestApp::start().await;
    let token = app.application_token(DEMO_SELF).await;
    assert_eq!(app.get(&token, &installed(USER02)).await.status, 200);
    let key = slipway_store::client::key(
        &app.partition().await,
        &slipway_model::ClientId::parse(DEMO_SELF).unwrap(),
    );
    let changes = slipway_store::Changeset::new("test").delete(&key);
    app.server.store().commit(changes).await.unwrap();
    assert_eq!(app.get(&token, &installed(USER02)).await.status, 401);
}
