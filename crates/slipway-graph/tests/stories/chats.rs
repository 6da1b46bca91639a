//! Chats, their apps, and the chats of users with bots.

use insta::assert_snapshot;
use serde_json::{Value, json};
use slipway_testkit::{Answer, DEMO_CHAT, DEMO_MEETING, Package, TestApp};

use crate::{POLLS, USER02, USER03, admin, automation, bind, installation_id, installed, pretty, render};

/// A demo user who is in no chat.
const USER05: &str = "51190000-0000-4000-8000-0000000e0005";
/// The demo app's bot, and the chat of user02 with it.
const BOT: &str = "51190000-0000-4000-8000-00000000b0b1";
const BOT_CHAT: &str =
    "19:51190000-0000-4000-8000-00000000b0b1_51190000-0000-4000-8000-0000000e0002@unq.gbl.spaces";

fn list(chat: &str) -> String {
    format!("/v1.0/chats/{chat}/installedApps")
}

/// Publishes an app with a bot for chats.
async fn published(app: &TestApp, external_id: &str) -> String {
    let package = Package::new(external_id, "1.0.0").in_scopes(&["groupChat"]);
    let answer = app.post_zip(&admin(app).await, "/v1.0/appCatalogs/teamsApps", &package.zip()).await;
    answer.json()["id"].as_str().unwrap().to_owned()
}

fn ids(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let rows = json["value"].as_array().unwrap_or_else(|| panic!("{:?}", answer.error()));
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_app_from_install_to_uninstall() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let id = published(&app, "51190000-0000-4000-8000-00000000f00d").await;
    let one = format!("{}/{}", list(DEMO_CHAT), installation_id(DEMO_CHAT, &id));
    let shown = |text: String| text.replace(&id, "{app}");
    assert_snapshot!("chat_install", render(&app.post(&token, &list(DEMO_CHAT), &bind(&id)).await));
    let again = app.post(&token, &list(DEMO_CHAT), &bind(&id)).await;
    assert_snapshot!("chat_install_again", shown(render(&again)));
    let encoded = DEMO_CHAT.replace(':', "%3A").replace('@', "%40");
    for chat in [DEMO_CHAT, &encoded, &encoded.to_lowercase(), &DEMO_CHAT.to_uppercase()] {
        for path in [list(chat), format!("/v1.0/chats('{chat}')/installedApps")] {
            assert_eq!(ids(&app.get(&token, &path).await), [installation_id(DEMO_CHAT, &id)], "{path}");
        }
    }
    assert_snapshot!("chat_list", render(&app.get(&token, &list(DEMO_CHAT)).await));
    let expanded = format!("{one}?$expand=teamsAppDefinition($select=version;$expand=bot)");
    assert_snapshot!("chat_get", shown(pretty(&app.get(&token, &expanded).await.body)));
    assert_eq!(ids(&app.get(&token, &list(DEMO_MEETING)).await), [""; 0], "another chat");
    assert_eq!(app.post(&token, &format!("{one}/upgrade"), "").await.status, 204);
    assert_eq!(app.delete(&token, &one).await.status, 204);
    let gone = app.delete(&token, &one).await;
    assert_eq!((gone.status, gone.error().1.as_str()), (404, "The app is not installed in the chat."));
}

#[tokio::test]
async fn chats_of_others_and_of_nobody() {
    let app = TestApp::start().await;
    let rights = ["Chat.Read", "TeamsAppInstallation.ReadWriteForChat", "TeamsAppInstallation.ReadForUser"];
    let (member, stranger) =
        (app.token_with(&rights, Some(USER02)).await, app.token_with(&rights, Some(USER05)).await);
    let chat = format!("/v1.0/chats/{DEMO_CHAT}");
    let id = published(&app, "51190000-0000-4000-8000-00000000f00d").await;
    assert_eq!(app.post(&member, &list(DEMO_CHAT), &bind(&id)).await.status, 201);
    for path in [chat.as_str(), &list(DEMO_CHAT), &format!("/v1.0/chats/{BOT_CHAT}")] {
        assert_eq!(app.get(&member, path).await.status, 200, "{path}");
        let refused = app.get(&stranger, path).await;
        assert_eq!(
            (refused.status, refused.error()),
            (403, ("Forbidden".into(), "InsufficientPrivileges".into()))
        );
    }
    assert_eq!(app.post(&stranger, &list(DEMO_CHAT), &bind(&id)).await.status, 403);
    let of_member = format!("/v1.0/users/{USER02}/chats");
    assert_eq!(app.get(&stranger, &of_member).await.error().1, "Caller is not authorized.");
    assert_eq!(app.get(&stranger, &format!("{of_member}/{DEMO_CHAT}")).await.status, 403);
    let own = format!("/v1.0/users/{USER05}/chats");
    assert_eq!(ids(&app.get(&stranger, &own).await), [""; 0]);
    assert_eq!(app.get(&stranger, &format!("{own}/{DEMO_CHAT}")).await.status, 404);

    let token = automation(&app).await;
    assert_snapshot!("chat_unknown", render(&app.get(&token, "/v1.0/chats/19:nobody@thread.v2").await));
    let nobody = format!("/v1.0/chats/19:{BOT}_{USER03}@unq.gbl.spaces");
    assert_eq!(app.get(&token, &nobody).await.status, 404, "user03 has no app with the bot");
}

#[tokio::test]
async fn the_chat_with_a_bot_comes_and_goes_with_the_app() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let one = format!("{}/{}", installed(USER03), installation_id(USER03, POLLS));
    let of_user = format!("/v1.0/users/{USER03}/chats");
    let before = ids(&app.get(&token, &of_user).await);
    assert_eq!(before, [DEMO_CHAT, DEMO_MEETING]);
    assert_eq!(app.get(&token, &format!("{one}/chat")).await.status, 404);

    assert_eq!(app.post(&token, &installed(USER03), &bind(POLLS)).await.status, 201);
    let chat = app.get(&token, &format!("{one}/chat")).await;
    assert_snapshot!("chat_with_bot", pretty(&chat.body));
    let id = chat.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(id, format!("19:{BOT}_{USER03}@unq.gbl.spaces"));
    assert_eq!(app.get(&token, &format!("/v1.0/chats/{id}")).await.json(), chat.json());
    assert_eq!(app.get(&token, &format!("{of_user}/{id}")).await.json(), chat.json());
    assert_eq!(ids(&app.get(&token, &of_user).await).len(), 3);
    let apps = app.get(&token, &format!("{}?$expand=teamsApp", list(&id))).await;
    assert_eq!(apps.json()["value"][0]["teamsApp"]["id"], POLLS);
    let shown = format!("{}/{}", list(&id), installation_id(&id, POLLS));
    assert_eq!(app.get(&token, &shown).await.json()["id"], installation_id(&id, POLLS));

    for answer in [
        app.post(&token, &list(&id), &bind(POLLS)).await,
        app.post(&token, &format!("{shown}/upgrade"), "").await,
        app.delete(&token, &shown).await,
    ] {
        assert_eq!(
            (answer.status, answer.error().0.as_str()),
            (400, "BadRequest"),
            "its apps are the user's"
        );
    }
    assert_eq!(app.delete(&token, &one).await.status, 204);
    assert_eq!(app.get(&token, &format!("/v1.0/chats/{id}")).await.status, 404);
    assert_eq!(ids(&app.get(&token, &of_user).await), before);
}

#[tokio::test]
async fn an_app_without_a_bot_has_no_chat() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let package = Package::new("51190000-0000-4000-8000-00000000f00d", "1.0.0");
    let answer = app.post_zip(&admin(&app).await, "/v1.0/appCatalogs/teamsApps", &package.zip()).await;
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(app.post(&token, &installed(USER03), &bind(&id)).await.status, 201);
    let chat = format!("{}/{}/chat", installed(USER03), installation_id(USER03, &id));
    let none = app.get(&token, &chat).await;
    let text = format!("The app '{id}' has no bot to chat with.");
    assert_eq!((none.status, none.error()), (404, ("NotFound".to_owned(), text)));
    let consenting = app.token_with(&["TeamsAppInstallation.ReadWriteAndConsentForUser.All"], None).await;
    assert_eq!(app.get(&consenting, &chat).await.status, 403);
}

#[tokio::test]
async fn the_chats_of_a_user() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let id = published(&app, "51190000-0000-4000-8000-00000000f00d").await;
    assert_eq!(app.post(&token, &list(DEMO_MEETING), &bind(&id)).await.status, 201);
    let of_user = format!("/v1.0/users/{USER02}/chats");
    assert_snapshot!("chats_of_user", pretty(&app.get(&token, &of_user).await.body));
    let filtered = async |filter: &str| ids(&app.get(&token, &format!("{of_user}?$filter={filter}")).await);
    let any = |condition: &str| format!("installedApps/any(a:a/{condition})").replace(' ', "%20");
    assert_eq!(filtered(&any(&format!("teamsApp/id eq '{id}'"))).await, [DEMO_MEETING]);
    assert_eq!(filtered(&any(&format!("teamsApp/id eq '{POLLS}'"))).await, [BOT_CHAT]);
    let external = "teamsApp/externalId eq '51190000-0000-4000-8000-00000000f00d'";
    assert_eq!(filtered(&any(external)).await, [DEMO_MEETING]);
    assert_eq!(filtered(&any("teamsApp/displayName eq 'Contoso Polls'")).await, [BOT_CHAT]);
    assert_eq!(filtered(&any("teamsApp/id eq 'nobody'")).await, [""; 0]);
    assert_eq!(filtered("chatType%20eq%20'meeting'").await, [DEMO_MEETING]);
    let first = app.get(&token, &format!("{of_user}?$top=2")).await;
    assert_eq!((ids(&first).len(), &first.json()["@odata.count"]), (2, &json!(3)));
    let next = first.json()["@odata.nextLink"].as_str().unwrap().replace("https://localhost:8365", "");
    assert_eq!(ids(&app.get(&token, &next).await), [DEMO_MEETING]);
    for (query, named) in
        [("$top=51", "'51'"), ("$expand=installedApps", "Expand"), ("$orderby=topic", "OrderBy")]
    {
        let answer = app.get(&token, &format!("{of_user}?{query}")).await;
        assert!(answer.status == 400 && answer.error().1.contains(named), "{query}: {:?}", answer.error());
    }
}

/// The body of a new chat.
fn new_chat(chat_type: &str, users: &[&str], rest: &[(&str, Value)]) -> String {
    let member = |user: &&str| {
        json!({"@odata.type": "#microsoft.graph.aadUserConversationMember", "roles": ["owner"],
            "user@odata.bind": format!("https://graph.microsoft.com/v1.0/users('{user}')")})
    };
    let members: Vec<_> = users.iter().map(member).collect();
    let mut body = json!({"chatType": chat_type, "members": members});
    for (name, value) in rest {
        body[*name] = value.clone();
    }
    body.to_string()
}

#[tokio::test]
async fn a_chat_is_made_with_its_members_and_apps() {
    let app = TestApp::start().await;
    let token = app.token_with(&["Chat.Create", "Chat.Read"], Some(USER02)).await;
    let id = published(&app, "51190000-0000-4000-8000-00000000f00d").await;
    let apps = json!([serde_json::from_str::<Value>(&bind(&id)).unwrap()]);
    let users = [USER02, "user03@contoso.example", USER05];
    let rest = [("topic", json!("New")), ("installedApps", apps.clone())];
    let made = app.post(&token, "/v1.0/chats", &new_chat("group", &users, &rest)).await;
    assert_snapshot!("chat_create", render(&made));
    let chat = made.json()["id"].as_str().unwrap().to_owned();
    let automation = automation(&app).await;
    assert_eq!(ids(&app.get(&automation, &list(&chat)).await), [installation_id(&chat, &id)]);
    for user in [USER02, USER03, USER05] {
        let of_user = ids(&app.get(&automation, &format!("/v1.0/users/{user}/chats")).await);
        assert!(of_user.contains(&chat), "{user}: {of_user:?}");
    }

    let before = app.fingerprint().await;
    let unknown = json!([serde_json::from_str::<Value>(&bind("nobody")).unwrap()]);
    let twice = json!([apps[0], apps[0]]);
    for (body, status, named) in [
        (new_chat("group", &users, &[("installedApps", unknown)]), 404, "Not Found"),
        (new_chat("group", &users, &[("installedApps", twice)]), 400, "twice"),
        (new_chat("group", &[USER02, "nobody"], &[]), 404, "'nobody'"),
        (new_chat("group", &[USER02, USER03, USER02], &[]), 400, "twice"),
        (new_chat("group", &[USER03, USER05], &[]), 400, "not in members"),
        (new_chat("oneOnOne", &users, &[]), 400, "3 members"),
        ("{}".into(), 400, "'chatType'"),
    ] {
        let answer = app.post(&token, "/v1.0/chats", &body).await;
        assert_eq!(answer.status, status, "{body}: {:?}", answer.error());
        assert!(answer.error().1.contains(named), "{body}: {:?}", answer.error());
    }
    assert_eq!(app.fingerprint().await, before, "nothing is half done");
}

#[tokio::test]
async fn two_users_have_one_chat_with_each_other() {
    let app = TestApp::start().await;
    let (token, client) =
        (app.token_with(&["Chat.Create"], Some(USER02)).await, app.token_with(&["Chat.Create"], None).await);
    let first = app.post(&token, "/v1.0/chats", &new_chat("oneOnOne", &[USER03, USER02], &[])).await;
    assert_eq!(first.status, 201, "{:?}", first.error());
    let id = format!("19:{USER02}_{USER03}@unq.gbl.spaces");
    assert_eq!(first.json()["id"], id);
    let (before, installed_before) = (app.fingerprint().await, app.installations().await);
    let again = app.post(&client, "/v1.0/chats", &new_chat("oneOnOne", &[USER02, USER03], &[])).await;
    assert_eq!((again.status, again.json()), (201, first.json()));
    assert_eq!(app.fingerprint().await, before);
    let app_id = published(&app, "51190000-0000-4000-8000-00000000f00d").await;
    let apps = json!([serde_json::from_str::<Value>(&bind(&app_id)).unwrap()]);
    let with_app = new_chat("oneOnOne", &[USER02, USER03], &[("installedApps", apps)]);
    // The chat is there: what makes chats puts no apps in it.
    for token in [&token, &client] {
        let refused = app.post(token, "/v1.0/chats", &with_app).await;
        assert_eq!((refused.status, refused.error().0.as_str()), (403, "Forbidden"));
        assert!(refused.error().1.contains("TeamsAppInstallation.ReadWriteForChat"), "{:?}", refused.error());
    }
    assert_eq!(app.installations().await, installed_before);
    let rights = ["Chat.Create", "TeamsAppInstallation.ReadWriteForChat"];
    let token = app.token_with(&rights, Some(USER02)).await;
    assert_eq!(app.post(&token, "/v1.0/chats", &with_app).await.status, 201);
    let automation = automation(&app).await;
    assert_eq!(ids(&app.get(&automation, &list(&id)).await), [installation_id(&id, &app_id)]);
    assert_eq!(app.post(&token, "/v1.0/chats", &with_app).await.status, 409);
}

/// What an app asks for is consented to by who may consent in chats.
#[tokio::test]
async fn consent_for_an_app_of_a_new_chat() {
    let app = TestApp::start().await;
    let package = Package::new("51190000-0000-4000-8000-00000000f00d", "1.0.0")
        .in_scopes(&["groupChat"])
        .asking_for(&[("ChatSettings.Read.Chat", "Application")]);
    let answer = app.post_zip(&admin(&app).await, "/v1.0/appCatalogs/teamsApps", &package.zip()).await;
    let mut bound: Value = serde_json::from_str(&bind(answer.json()["id"].as_str().unwrap())).unwrap();
    bound["consentedPermissionSet"] = json!({"resourceSpecificPermissions": [
        {"permissionValue": "ChatSettings.Read.Chat", "permissionType": "application"}]});
    let body = new_chat("group", &[USER02, USER03], &[("installedApps", json!([bound]))]);
    let plain = app.token_with(&["Chat.Create"], Some(USER02)).await;
    let refused = app.post(&plain, "/v1.0/chats", &body).await;
    assert_eq!((refused.status, refused.error().0.as_str()), (400, "ResourceSpecificPermissionsMismatch"));
    let rights = ["Chat.Create", "TeamsAppInstallation.ReadWriteAndConsentForChat"];
    let consenting = app.token_with(&rights, Some(USER02)).await;
    let made = app.post(&consenting, "/v1.0/chats", &body).await;
    assert_eq!(made.status, 201, "{:?}", made.error());
    let chat = format!("/v1.0/chats/{}", made.json()["id"].as_str().unwrap());
    let none = app.token_with(&[], None).await;
    assert_eq!(app.get(&none, &chat).await.status, 200, "the grant lets the app's client in");
    assert_eq!(app.get(&none, &format!("/v1.0/chats/{DEMO_CHAT}")).await.status, 403);
}
