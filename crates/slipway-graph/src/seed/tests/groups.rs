//! Teams, groups and chats with their members.

use slipway_model::{Chat, ChatId, ChatType, Container, Group, GroupId, Member, UserId};
use slipway_store::{chat, group, membership};

use super::*;

const USERS: &str = "    generate: {users: 5}\n";

fn group_id(text: &str) -> GroupId {
    GroupId::parse(text).unwrap()
}

fn chat_id(text: &str) -> ChatId {
    ChatId::parse(text).unwrap()
}

/// Generated user n.
fn user_number(n: u32) -> UserId {
    user_id(&format!("51190000-0000-4000-8001-{n:012x}"))
}

/// The members with their roles, as `g1 member` or, for generated users, `1 member`; in the store's order.
async fn members(store: &Store, container: Container) -> Vec<String> {
    let rows = store.view().scan(&membership::of_container(&partition("t"), &container), 100).await.unwrap();
    let shown = |member: &Member| match member {
        Member::User(id) => id.as_str().trim_start_matches("51190000-0000-4000-8001-00000000000").to_owned(),
        Member::Group(id) => id.as_str().to_owned(),
    };
    let rows = rows.rows.iter().map(|row| &row.record);
    rows.map(|row| format!("{} {}", shown(&row.member), row.role.as_str())).collect()
}

fn of_group(id: &str) -> Container {
    Container::Group(group_id(id))
}

fn of_chat(id: &str) -> Container {
    Container::Chat(chat_id(id))
}

#[tokio::test]
async fn every_field_of_a_group_and_a_chat_is_kept() {
    let store = empty_store().await;
    let text = tenant(&format!(
        "{USERS}    teams:\n      - {{id: T1, displayName: Team, description: D, mail: t@t.example, members: [user1@t.example, \
         {{user: USER2@t.example, owner: true}}, {{user: {}, owner: false}}]}}\n    groups:\n      - {{id: g1, displayName: \
         Group, members: [user4@t.example, t1, g2]}}\n      - {{id: g2, displayName: Empty, members: []}}\n    chats:\n      - \
         {{id: \"19:a@thread.v2\", chatType: oneOnOne, members: [user1@t.example, user2@t.example]}}\n      - {{id: c2, \
         chatType: group, topic: Launch, members: [user1@t.example, user2@t.example]}}\n      - {{id: c3, chatType: \
         meeting, members: [user5@t.example]}}\n",
        user_number(3)
    ));
    let report = apply(&store, &text).await;
    assert_eq!((report.teams, report.groups, report.chats), (created(1), created(2), created(3)));
    assert_eq!(report.memberships, created(3 + 3 + 2 + 2 + 1));

    let (view, partition) = (store.view(), partition("t"));
    let stored = view.get(&group::key(&partition, &group_id("t1"))).await.unwrap().unwrap().record;
    let expected = Group {
        id: group_id("T1"),
        display_name: "Team".into(),
        description: Some("D".into()),
        mail: Some("t@t.example".into()),
        is_team: true,
        created_at: now(),
    };
    assert_eq!((stored.id.as_str(), &stored), ("T1", &expected));
    let stored = view.get(&group::key(&partition, &group_id("g2"))).await.unwrap().unwrap().record;
    let expected = Group {
        id: group_id("g2"),
        display_name: "Empty".into(),
        description: None,
        mail: None,
        is_team: false,
        created_at: now(),
    };
    assert_eq!(stored, expected);
    let stored = view.get(&chat::key(&partition, &chat_id("c2"))).await.unwrap().unwrap().record;
    let expected = Chat {
        id: chat_id("c2"),
        chat_type: ChatType::Group,
        topic: Some("Launch".into()),
        created_at: now(),
    };
    assert_eq!(stored, expected);

    assert_eq!(members(&store, of_group("T1")).await, ["1 member", "2 owner", "3 member"]);
    assert_eq!(members(&store, of_group("g1")).await, ["g2 member", "T1 member", "4 member"]);
    assert_eq!(members(&store, of_chat("19:a@thread.v2")).await, ["1 member", "2 member"]);
    assert_eq!(members(&store, of_chat("c3")).await, ["5 member"]);
    assert!(apply(&store, &text).await.is_unchanged());
}

#[tokio::test]
async fn the_list_of_members_is_the_whole_list() {
    let store = empty_store().await;
    let text = |members: &str| {
        tenant(&format!("{USERS}    teams: [{{id: t1, displayName: T, members: [{members}]}}]\n"))
    };
    apply(&store, &text("user1@t.example, user2@t.example, {user: user3@t.example, owner: true}")).await;
    let report = apply(&store, &text("{user: user2@t.example, owner: true}, user4@t.example")).await;
    assert_eq!(report.teams, unchanged(1));
    let expected = Tally { created: 1, changed: 1, removed: 2, unchanged: 0 };
    assert_eq!((report.memberships, report.is_unchanged()), (expected, false));
    assert!(report.to_string().contains("; memberships: 1 created, 1 changed, 0 unchanged, 2 removed; "));
    assert_eq!(members(&store, of_group("t1")).await, ["2 owner", "4 member"]);

    let left = apply(&store, &text("user4@t.example")).await;
    assert_eq!(left.memberships, Tally { unchanged: 1, ..removed(1) });
    assert_eq!(members(&store, of_group("t1")).await, ["4 member"]);

    let other = apply(&store, &tenant("    generate: {users: 6}\n")).await;
    assert_eq!(other.memberships, Tally::default());
    assert_eq!(members(&store, of_group("t1")).await, ["4 member"], "what the seed does not name stays");
}

#[tokio::test]
async fn groups_and_chats_become_what_the_seed_says() {
    let store = empty_store().await;
    let text = |group: &str, topic: &str| {
        tenant(&format!(
            "{USERS}    groups: [{{id: g, displayName: {group}, members: []}}]\n    chats: [{{id: c, chatType: group, topic: \
             {topic}, members: [user1@t.example, user2@t.example]}}]\n"
        ))
    };
    apply(&store, &text("G", "Old")).await;
    let later = "2026-11-23T10:00:00Z".parse().unwrap();
    let report = seed(&text("G2", "New")).apply(&store, &Ids::seeded(2), later).await.unwrap();
    assert_eq!((report.groups, report.chats, report.memberships), (changed(1), changed(1), unchanged(2)));
    let view = store.view();
    let stored = view.get(&chat::key(&partition("t"), &chat_id("c"))).await.unwrap().unwrap().record;
    assert_eq!((stored.topic.as_deref(), stored.created_at), (Some("New"), now()));
    let stored = view.get(&group::key(&partition("t"), &group_id("g"))).await.unwrap().unwrap().record;
    assert_eq!((stored.display_name.as_str(), stored.created_at), ("G2", now()));
}

#[tokio::test]
async fn memberships_may_be_more_than_one_commit_and_one_page() {
    let store = empty_store().await;
    let text = |users: u32| {
        let members: Vec<_> = (1..=users).map(|n| format!("user{n}@t.example")).collect();
        let members = members.join(", ");
        tenant(&format!(
            "    generate: {{users: 1200}}\n    groups: [{{id: g, displayName: G, members: [{members}]}}]\n"
        ))
    };
    assert_eq!(apply(&store, &text(1200)).await.memberships, created(1200));
    assert!(apply(&store, &text(1200)).await.is_unchanged());
    assert_eq!(apply(&store, &text(100)).await.memberships, Tally { unchanged: 100, ..removed(1100) });
    let rows = membership::of_container(&partition("t"), &of_group("g"));
    assert_eq!(store.view().count(&rows, 2000).await.unwrap(), 100);
}

#[test]
fn groups_and_chats_are_checked() {
    let text = tenant(
        "    teams:\n      - {id: g, displayName: T, members: []}\n      - {id: G, displayName: T, members: []}\n    \
         groups:\n      - {id: g, displayName: G, members: []}\n    chats:\n      - {id: c, chatType: group, members: \
         [a@t.example]}\n      - {id: C, chatType: meeting, members: []}\n      - id: d\n        chatType: oneOnOne\n        \
         topic: X\n        members: [a, b, c]\n",
    );
    let expected = [
        "seed.yaml:7: tenants[0].teams[1].id: 'g' stands at tenants[0].teams[0].id already",
        "seed.yaml:9: tenants[0].groups[0].id: 'g' stands at tenants[0].teams[0].id already",
        "seed.yaml:11: tenants[0].chats[0].members: a group chat has two members at least",
        "seed.yaml:12: tenants[0].chats[1].id: 'c' stands at tenants[0].chats[0].id already",
        "seed.yaml:12: tenants[0].chats[1].members: the chat of a meeting has one member at least",
        "seed.yaml:16: tenants[0].chats[2].members: a one-on-one chat has two members",
        "seed.yaml:15: tenants[0].chats[2].topic: a one-on-one chat has no topic",
    ];
    assert_eq!(findings(&text), expected);
}

#[test]
fn members_have_their_form() {
    let team = |member: &str| {
        tenant(&format!(
            "    teams:\n      - id: t1\n        displayName: T\n        members:\n          - {member}\n"
        ))
    };
    let at = "seed.yaml:9: tenants[0].teams[0].members[0]";
    let cases = [
        ("{user: a, role: owner}", format!("{at}.role: unknown field `role`, expected one of user, owner")),
        ("{owner: true}", format!("{at}: missing field `user`")),
        ("{user: a, owner: yes}", format!("{at}.owner: invalid boolean (true or false expected)")),
    ];
    for (member, expected) in cases {
        assert_eq!(findings(&team(member)), [expected], "{member}");
    }
    for member in ["12", "[a]", "null"] {
        let found = findings(&team(member));
        let expected = "expected the text of an id or user principal name, or keys user and owner";
        assert!(found.len() == 1 && found[0].starts_with(at) && found[0].contains(expected), "{found:?}");
    }
    let chat = tenant("    chats:\n      - {id: c, chatType: channel, members: []}\n");
    let expected = "seed.yaml:6: tenants[0].chats[0].chatType: 'channel' is none of oneOnOne, group, meeting";
    assert_eq!(findings(&chat), [expected]);
}

#[tokio::test]
async fn members_must_be_there_and_once() {
    let store = empty_store().await;
    let text = tenant(&format!(
        "{USERS}    teams:\n      - id: t1\n        displayName: T\n        members:\n          - user6@t.example\n          \
         - {{user: nobody}}\n          - user1@t.example\n          - {{user: {}, owner: true}}\n          - g1\n    \
         groups:\n      - id: g1\n        displayName: G\n        members:\n          - t1\n          - T1\n          - g1\n          \
         - g2\n    chats:\n      - id: c\n        chatType: meeting\n        members: [t1]\n",
        user_number(1)
    ));
    let at = "tenants[0].teams[0].members";
    let expected = [
        format!("seed.yaml:10: {at}[0]: no user has the id or user principal name 'user6@t.example'"),
        format!("seed.yaml:11: {at}[1]: no user has the id or user principal name 'nobody'"),
        format!("seed.yaml:13: {at}[3]: {at}[2] is the same one"),
        format!("seed.yaml:14: {at}[4]: no user has the id or user principal name 'g1'"),
        "seed.yaml:20: tenants[0].groups[0].members[1]: tenants[0].groups[0].members[0] is the same one".into(),
        "seed.yaml:21: tenants[0].groups[0].members[2]: a group is no member of itself".into(),
        "seed.yaml:22: tenants[0].groups[0].members[3]: no user has the id or user principal name 'g2', and no group \
         has the id"
            .into(),
        "seed.yaml:26: tenants[0].chats[0].members[0]: no user has the id or user principal name 't1'".into(),
    ];
    assert_eq!(misfits(&store, &text).await, expected);
}

#[tokio::test]
async fn a_group_does_not_become_a_team() {
    let store = empty_store().await;
    let text = |teams: &str, groups: &str| {
        let one = |id: &str| format!("[{{id: {id}, displayName: X, members: []}}]");
        tenant(&format!("    teams: {}\n    groups: {}\n", one(teams), one(groups)))
    };
    apply(&store, &text("a", "b")).await;
    let expected = [
        "seed.yaml:5: tenants[0].teams[0].id: group 'b' is stored without a team",
        "seed.yaml:6: tenants[0].groups[0].id: group 'a' is stored with a team",
    ];
    assert_eq!(misfits(&store, &text("b", "a")).await, expected);
}
