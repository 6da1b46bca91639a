//! Installations of users, teams and chats, with what was consented to.

use slipway_model::{ChatId, GroupId, ResourceSpecificPermission, TeamsAppInstallation};
use slipway_store::installation;

use super::*;

const PLACES: &str = "    generate: {users: 3}\n    teams: [{id: t1, displayName: T, members: []}]\n    groups: [{id: g1, displayName: \
                      G, members: []}]\n    chats: [{id: c1, chatType: group, members: [user1@t.example, user2@t.example]}]\n";

/// An app `a1` for every scope that asks for three permissions from version 1.1.0 on.
fn everywhere() -> String {
    let version = |version: &str| Package::new(POLLS, version).in_scopes(&["personal", "team", "groupChat"]);
    let asked = [
        ("ChannelMessage.Read.Group", "Application"),
        ("ChatSettings.Read.Chat", "Application"),
        ("TeamsActivity.Send.User", "Delegated"),
    ];
    let (plain, asking) = (version("1.0.0").manifest, version("1.1.0").asking_for(&asked).manifest);
    format!("    apps: [{{id: a1, definitions: [{{manifest: {plain}}}, {{manifest: {asking}}}]}}]\n")
}

fn team(id: &str) -> Owner {
    Owner::Team(GroupId::parse(id).unwrap())
}

fn chat(id: &str) -> Owner {
    Owner::Chat(ChatId::parse(id).unwrap())
}

fn installed(one: &str) -> String {
    tenant(&format!("{PLACES}{}    installations: [{{app: a1, {one}}}]\n", everywhere()))
}

async fn load(store: &Store, owner: &Owner) -> TeamsAppInstallation {
    let key = installation::key(&partition("t"), owner, &app_id("a1"));
    store.view().get(&key).await.unwrap().unwrap().record
}

/// Names of what was consented to.
fn consented(installed: &TeamsAppInstallation) -> Option<Vec<&str>> {
    let name = |permission: &ResourceSpecificPermission| -> &'static str {
        match permission.value.as_str() {
            "ChannelMessage.Read.Group" => "channel",
            "ChatSettings.Read.Chat" => "chat",
            "TeamsActivity.Send.User" => "activity",
            _ => "another",
        }
    };
    installed.consented.as_ref().map(|permissions| permissions.iter().map(name).collect())
}

#[tokio::test]
async fn teams_and_chats_have_apps_too() {
    let store = empty_store().await;
    let text = tenant(&format!(
        "{PLACES}{}    installations:\n      - {{user: user1@t.example, app: a1}}\n      - {{team: T1, app: {POLLS}, version: \
         1.0.0}}\n      - {{chat: C1, app: a1, preinstalled: true}}\n",
        everywhere()
    ));
    assert_eq!(apply(&store, &text).await.installations, created(3));
    assert_eq!(counters(&store.view()).await, [3, 1, 3]);
    let in_team = load(&store, &team("t1")).await;
    assert_eq!((in_team.owner.as_str(), in_team.version.as_str()), ("t1", "1.0.0"), "spelled as stored");
    assert_eq!((consented(&in_team), in_team.preinstalled), (None, false));
    let in_chat = load(&store, &chat("c1")).await;
    assert_eq!((in_chat.version.as_str(), in_chat.preinstalled), ("1.1.0", true));
    assert_eq!(consented(&in_chat), Some(vec!["channel", "chat", "activity"]));
    assert!(apply(&store, &text).await.is_unchanged());
    let again = tenant("    installations: [{team: t1, app: a1, version: 1.1.0}, {chat: c1, app: a1}]\n");
    assert_eq!(apply(&store, &again).await.installations, Tally { unchanged: 1, ..changed(1) });
    assert_eq!(counters(&store.view()).await, [3, 1, 3]);
}

#[tokio::test]
async fn what_was_consented_to_stays_until_a_seed_says_otherwise() {
    let store = empty_store().await;
    let some = "team: t1, consented: [{permissionValue: teamsActivity.send.USER, permissionType: delegated}, \
                {permissionValue: ChannelMessage.Read.Group, permissionType: application}]";
    apply(&store, &installed(some)).await;
    let expected = Some(vec!["channel", "activity"]);
    assert_eq!(
        consented(&load(&store, &team("t1")).await),
        expected,
        "as the version spells and orders them"
    );
    assert!(apply(&store, &installed(some)).await.is_unchanged());
    assert!(apply(&store, &installed("team: t1")).await.is_unchanged());
    assert!(apply(&store, &installed("team: t1, version: 1.1.0")).await.is_unchanged());

    let marked = apply(&store, &installed("team: t1, preinstalled: true")).await;
    assert_eq!(marked.installations, changed(1));
    assert_eq!(consented(&load(&store, &team("t1")).await), expected);
    assert!(apply(&store, &installed("team: t1")).await.is_unchanged());
    assert!(load(&store, &team("t1")).await.preinstalled);

    assert_eq!(apply(&store, &installed("team: t1, consented: []")).await.installations, changed(1));
    assert_eq!(consented(&load(&store, &team("t1")).await), None);
    apply(&store, &installed("team: t1, version: 1.0.0")).await;
    apply(&store, &installed("team: t1, version: 1.1.0, preinstalled: false")).await;
    let last = load(&store, &team("t1")).await;
    assert_eq!((consented(&last), last.preinstalled), (Some(vec!["channel", "chat", "activity"]), false));
}

#[test]
fn an_installation_is_for_one_owner() {
    let text = tenant(
        "    installations:\n      - {app: a}\n      - {app: a, user: u, team: t}\n      - {app: a, chat: c}\n      - \
         {app: a, user: u, team: t, chat: c}\n",
    );
    let expected = [(6, 0), (7, 1), (9, 3)].map(|(line, n)| {
        format!(
            "seed.yaml:{line}: tenants[0].installations[{n}]: an app is installed for one user, team or chat"
        )
    });
    assert_eq!(findings(&text), expected);
}

#[tokio::test]
async fn owners_and_permissions_must_fit() {
    let store = empty_store().await;
    let personal = manifest("51190000-0000-4000-8000-0000000000e2", "1.0.0");
    let apps = everywhere()
        .replace("    apps: [", &format!("    apps: [{{id: a2, definitions: [{{manifest: {personal}}}]}}, "));
    let text = tenant(&format!(
        "{PLACES}{apps}    installations:\n      - {{team: t2, app: a1}}\n      - {{team: g1, app: a1}}\n      - {{chat: t1, app: \
         a1}}\n      - {{team: t1, app: a2}}\n      - {{chat: c1, app: a2}}\n      - chat: c1\n        app: a1\n        \
         consented:\n          - {{permissionValue: TeamsActivity.Send.User, permissionType: delegated}}\n          - \
         {{permissionValue: TeamsActivity.Send.User, permissionType: application}}\n      - {{team: t1, app: a1, version: \
         1.0.0}}\n      - {{team: T1, app: {POLLS}}}\n"
    ));
    let at = "tenants[0].installations";
    let expected = [
        format!("seed.yaml:11: {at}[0].team: no team has the id 't2'"),
        format!("seed.yaml:12: {at}[1].team: group 'g1' has no team"),
        format!("seed.yaml:13: {at}[2].chat: no chat has the id 't1'"),
        format!("seed.yaml:14: {at}[3].app: app 'a2' has no team scope"),
        format!("seed.yaml:15: {at}[4].app: app 'a2' has no groupChat scope"),
        format!(
            "seed.yaml:20: {at}[5].consented[1]: version 1.1.0 of app 'a1' does not ask for TeamsActivity.Send.User as \
             application"
        ),
        format!("seed.yaml:22: {at}[7]: {at}[6] is the same one"),
    ];
    assert_eq!(misfits(&store, &text).await, expected);
}
