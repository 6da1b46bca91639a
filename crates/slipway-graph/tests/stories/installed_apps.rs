//! Install, list, get, upgrade and uninstall for a user.

use insta::assert_snapshot;
use slipway_testkit::{Package, TestApp};

use crate::{POLLS, USER02, USER03, admin, automation, bind, installation_id, installed, render};

#[tokio::test]
async fn an_app_from_install_to_uninstall() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let list = installed(USER03);
    let one = format!("{list}/{}", installation_id(USER03, POLLS));

    assert_snapshot!("list_of_nothing", render(&app.get(&token, &list).await));
    assert_snapshot!("install", render(&app.post(&token, &list, &bind(POLLS)).await));
    assert_snapshot!("install_again", render(&app.post(&token, &list, &bind(POLLS)).await));
    assert_snapshot!("list", render(&app.get(&token, &list).await));
    assert_snapshot!("get", render(&app.get(&token, &one).await));
    let expanded = app.get(&token, &format!("{one}?$expand=teamsApp,teamsAppDefinition($expand=bot)")).await;
    assert_snapshot!("get_expanded", render(&expanded));
    assert_snapshot!("uninstall", render(&app.delete(&token, &one).await));
    assert_snapshot!("uninstall_again", render(&app.delete(&token, &one).await));
    assert_eq!(app.get(&token, &one).await.status, 404);
    assert_eq!(app.installations().await, 1);

    let again = app.post(&token, &list, &bind(POLLS)).await;
    assert_eq!(again.status, 201);
    assert_eq!(app.get(&token, &one).await.status, 200, "a reinstall has the same id");
}

#[tokio::test]
async fn upgrade_brings_the_published_version() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let one = format!("{}/{}", installed(USER02), installation_id(USER02, POLLS));
    let version = async || {
        let answer = app.get(&token, &format!("{one}?$expand=teamsAppDefinition($select=version)")).await;
        answer.json()["teamsAppDefinition"]["version"].as_str().unwrap().to_owned()
    };
    assert_eq!(version().await, "1.0.0");
    assert_snapshot!("upgrade", render(&app.post(&token, &format!("{one}/upgrade"), "").await));
    assert_eq!(version().await, "1.1.0");
    for body in ["", "{}", r#"{"consentedPermissionSet":null}"#] {
        let answer = app.post(&token, &format!("{one}/upgrade"), body).await;
        assert_eq!((answer.status, answer.body.len()), (204, 0), "it is current: {body}");
    }
    assert_eq!(app.post(&token, &format!("{one}/upgrade"), "nonsense").await.status, 400);
}

#[tokio::test]
async fn what_install_refuses() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let list = installed(USER03);
    let cases = [
        ("an unknown app", bind("51190000-0000-4000-8000-00000000beef"), 404, "NotFound", "Not Found"),
        (
            "an app by its manifest id",
            bind("51190000-0000-4000-8000-00000000b0e1"),
            404,
            "NotFound",
            "Not Found",
        ),
        ("an id that none can have", bind("a%20b"), 404, "NotFound", "Not Found"),
        (
            "no bind",
            "{}".into(),
            400,
            "BadRequest",
            "The navigation bind for the teamsApp was missing in request.",
        ),
        (
            "a misspelt bind",
            bind(POLLS).replace("teamsApp@odata.bind", "teams_app@odata_bind"),
            400,
            "BadRequest",
            "The navigation bind for the teamsApp was missing in request.",
        ),
        (
            "a bind of a user",
            r#"{"teamsApp@odata.bind":"https://graph.microsoft.com/v1.0/users/u"}"#.into(),
            400,
            "BadRequest",
            "The navigation bind for the teamsApp was missing in request.",
        ),
    ];
    for (what, body, status, code, message) in cases {
        let answer = app.post(&token, &list, &body).await;
        assert_eq!(answer.status, status, "{what}");
        assert_eq!(answer.error(), (code.to_owned(), message.to_owned()), "{what}");
    }
    let nobody = installed("nobody@contoso.example");
    assert_snapshot!("install_for_nobody", render(&app.post(&token, &nobody, &bind(POLLS)).await));
    let query = format!("{list}?$select=id");
    assert_snapshot!("install_with_a_query", render(&app.post(&token, &query, &bind(POLLS)).await));
    assert_eq!(app.installations().await, 1);
}

#[tokio::test]
async fn the_bind_as_clients_write_it() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let forms = [
        format!("https://graph.microsoft.com/v1.0/appCatalogs/teamsApps/{POLLS}"),
        format!("https://graph.microsoft.com/beta/appCatalogs/teamsApps('{POLLS}')"),
        format!("https://localhost:8365/v1.0/appCatalogs/teamsApps/{}", POLLS.to_uppercase()),
        format!("appCatalogs/teamsApps/{POLLS}"),
    ];
    for (at, form) in forms.iter().enumerate() {
        let list = installed(&format!("user{:02}@contoso.example", at + 3));
        let body = format!(
            r##"{{"@odata.type":"#microsoft.graph.teamsAppInstallation","teamsApp@odata.bind":"{form}"}}"##
        );
        assert_eq!(app.post(&token, &list, &body).await.status, 201, "{form}");
    }
    assert_eq!(app.installations().await, 5);
}

#[tokio::test]
async fn ids_of_installations() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let id = installation_id(USER02, POLLS);
    let list = installed(USER02);
    for found in [id.clone(), id.trim_end_matches('=').into(), id.replace('=', "%3D")] {
        assert_eq!(app.get(&token, &format!("{list}/{found}")).await.status, 200, "{found}");
        assert_eq!(app.get(&token, &format!("{list}('{found}')")).await.status, 200, "{found}");
    }
    for invalid in [POLLS, "abc", "!!", "YWJj"] {
        let answer = app.delete(&token, &format!("{list}/{invalid}")).await;
        assert_eq!(answer.status, 400, "{invalid}");
        assert_eq!(answer.error(), ("BadRequest".into(), format!("Invalid id '{invalid}' provided.")));
    }
    let of_other = installation_id(USER03, POLLS);
    assert_eq!(app.get(&token, &format!("{list}/{of_other}")).await.error().0, "NotFound");
}

#[tokio::test]
async fn users_by_name_and_in_any_case() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let id = installation_id(USER02, POLLS);
    for path in [
        "/v1.0/users/user02@contoso.example/teamwork/installedApps".to_owned(),
        "/beta/Users/USER02%40contoso.example/TeamWork/InstalledApps".to_owned(),
        format!("/v1.0/users('{}')/teamwork/installedapps", USER02.to_uppercase()),
    ] {
        assert_eq!(app.get(&token, &path).await.json()["value"][0]["id"], id, "{path}");
    }
}

#[tokio::test]
async fn an_app_without_personal_scope_is_refused() {
    let app = TestApp::start().await;
    let (token, admin) = (automation(&app).await, admin(&app).await);
    let mut package = Package::new("51190000-0000-4000-8000-00000000f00d", "1.0.0");
    package.manifest["staticTabs"] = serde_json::json!([]);
    package.manifest["configurableTabs"] = serde_json::json!([{
        "configurationUrl": "https://contoso.example/configure", "scopes": ["team"]
    }]);
    let published = app.post_zip(&admin, "/v1.0/appCatalogs/teamsApps", &package.zip()).await;
    assert_eq!(published.status, 201, "{:?}", published.error());
    let id = published.json()["id"].as_str().unwrap().to_owned();
    let answer = app.post(&token, &installed(USER03), &bind(&id)).await;
    assert_eq!((answer.status, answer.error().0.as_str()), (400, "BadRequest"));
}

#[tokio::test]
async fn consent_is_the_exact_set_of_the_definition() {
    let app = TestApp::start().await;
    let (token, admin) = (automation(&app).await, admin(&app).await);
    let mut package = Package::new("51190000-0000-4000-8000-00000000f00e", "1.0.0");
    package.manifest["webApplicationInfo"] = serde_json::json!({"id": "51190000-0000-4000-8000-00000000aaaa", "resource": "https://contoso.example"});
    package.manifest["authorization"] = serde_json::json!({"permissions": {"resourceSpecific": [
        {"name": "TeamsActivity.Send.User", "type": "Application"}
    ]}});
    let published = app.post_zip(&admin, "/v1.0/appCatalogs/teamsApps", &package.zip()).await;
    let id = published.json()["id"].as_str().unwrap().to_owned();
    let consent = |value: &str| {
        let set = format!(
            r#"{{"resourceSpecificPermissions":[{{"permissionValue":"{value}","permissionType":"application"}}]}}"#
        );
        bind(&id).replace('}', &format!(r#","consentedPermissionSet":{set}}}"#))
    };
    let list = installed(USER03);
    for body in [bind(&id), consent("Other.Send.User")] {
        let answer = app.post(&token, &list, &body).await;
        assert_eq!((answer.status, answer.error().0.as_str()), (400, "ResourceSpecificPermissionsMismatch"));
    }
    let plain = app.token_with(&["TeamsAppInstallation.ReadWriteForUser.All"], None).await;
    assert_eq!(app.post(&plain, &list, &consent("TeamsActivity.Send.User")).await.status, 400);
    assert_eq!(app.post(&token, &list, &consent("teamsactivity.send.user")).await.status, 201);
    let one = format!("{list}/{}?$select=consentedPermissionSet,id", installation_id(USER03, &id));
    assert_snapshot!("consented", crate::pretty(&app.get(&token, &one).await.body).replace(&id, "{app}"));
}

/// The owner's rows are counted once the catalog has more apps than one owner may have.
#[tokio::test]
async fn an_owner_has_so_many_apps_and_no_more() {
    use slipway_model::{MAX_INSTALLATIONS_PER_OWNER, TeamsAppId, TeamsAppInstallation, UserId};
    use slipway_store::{Changeset, Counter};

    let app = TestApp::start().await;
    let token = automation(&app).await;
    let partition = app.partition().await;
    let row = |n: usize| TeamsAppInstallation {
        owner: slipway_model::Owner::User(UserId::parse(USER03).unwrap()),
        app: TeamsAppId::parse(&format!("app-{n}")).unwrap(),
        incarnation: 1,
        version: slipway_model::AppVersion::new("1.0.0"),
        consented: None,
        preinstalled: false,
        installed_at: app.clock.now(),
    };
    for rows in (0..MAX_INSTALLATIONS_PER_OWNER).collect::<Vec<_>>().chunks(500) {
        let changes =
            rows.iter().fold(Changeset::new("test"), |changes, n| changes.put(&partition, &row(*n)));
        let count = i64::try_from(rows.len()).unwrap();
        app.server.store().commit(changes.add(&partition, Counter::Apps, count)).await.unwrap();
    }
    let refused = app.post(&token, &installed(USER03), &bind(POLLS)).await;
    assert_eq!((refused.status, refused.error().0.as_str()), (400, "BadRequest"));
    assert!(refused.error().1.contains("2000"), "{:?}", refused.error());
    let other = app.post(&token, &installed("user04@contoso.example"), &bind(POLLS)).await;
    assert_eq!(other.status, 201, "other users have room");
}
