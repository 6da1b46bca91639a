//! Groups, chats, who is in them, and the terms by which users are found.

use jiff::Timestamp;
use slipway_model::{
    Chat, ChatId, ChatType, Container, Group, GroupId, Member, MemberRole, Membership, Owner,
    TeamsAppInstallation, User, UserId,
};
use slipway_store::{
    Changeset, Range, Record, Store, TermField, UserTerm, chat, group, installation, membership, user_term,
};

use crate::place::{Place, app_id, chat_id, group_id, installation_of, owner, partition, user_id, user_of};
use crate::rows::round_trip;

fn group_of(n: usize) -> Group {
    Group {
        id: group_id(n),
        display_name: format!("Group {n}"),
        description: Some("for \"tests\"".into()),
        mail: Some("group@contoso.example".into()),
        is_team: n.is_multiple_of(2),
        created_at: "2024-02-29T12:00:00.123456789Z".parse().unwrap(),
    }
}

pub async fn groups_and_chats_survive_the_round_trip(place: Place) {
    let store = place.open().await;
    round_trip(&store, group::key(&partition(), &group_id(1)), group_of(1)).await;
    let bare = Group { description: None, mail: None, ..group_of(2) };
    round_trip(&store, group::key(&partition(), &group_id(2)), bare).await;
    let types = [ChatType::OneOnOne, ChatType::Group, ChatType::Meeting];
    for (n, chat_type) in types.into_iter().enumerate() {
        let topic = (chat_type == ChatType::Group).then(|| "Lunch \u{1F680}".into());
        let record = Chat { id: chat_id(n), chat_type, topic, created_at: Timestamp::UNIX_EPOCH };
        round_trip(&store, chat::key(&partition(), &chat_id(n)), record).await;
    }
    let view = store.view();
    assert_eq!(view.count(&group::all(&partition()), 9).await.unwrap(), 2);
    assert_eq!(view.count(&chat::all(&partition()), 9).await.unwrap(), 3);
}

fn in_group(n: usize) -> Container {
    Container::Group(group_id(n))
}

fn in_chat(n: usize) -> Container {
    Container::Chat(chat_id(n))
}

fn member(n: usize) -> Member {
    Member::User(user_id(n))
}

async fn join(store: &Store, memberships: impl IntoIterator<Item = (Container, Member)>) {
    let role = MemberRole::Member;
    let changes = memberships.into_iter().fold(Changeset::new("join"), |c, (container, member)| {
        c.put(&partition(), &Membership { container, member, role })
    });
    store.commit(changes).await.unwrap();
}

async fn listed<R: Record>(store: &Store, range: Range<R>) -> Vec<R> {
    let page = store.view().scan(&range, 99).await.unwrap();
    page.rows.into_iter().map(|row| row.record).collect()
}

pub async fn memberships_are_listed_by_container_and_by_member(place: Place) {
    let store = place.open().await;
    // A group and a chat with one id, of which one begins with the other's.
    let subgroup = Member::Group(group_id(11));
    let memberships = [
        (in_group(1), member(2)),
        (in_group(1), member(1)),
        (in_group(1), subgroup.clone()),
        (in_group(11), member(1)),
        (in_chat(1), member(1)),
        (in_chat(2), member(1)),
        (in_chat(2), member(2)),
    ];
    join(&store, memberships).await;
    let p = partition();
    let members = async |container: Container| {
        let listed = listed(&store, membership::of_container(&p, &container)).await;
        assert!(listed.iter().all(|row| row.container == container));
        listed.into_iter().map(|row| row.member).collect::<Vec<_>>()
    };
    assert_eq!(members(in_group(1)).await, [subgroup.clone(), member(1), member(2)]);
    assert_eq!(members(in_group(11)).await, [member(1)]);
    assert_eq!(members(in_chat(2)).await, [member(1), member(2)]);
    assert_eq!(members(in_chat(11)).await, []);

    let containers = async |range: Range<Membership>| {
        let listed = listed(&store, range).await;
        listed.into_iter().map(|row| row.container).collect::<Vec<_>>()
    };
    assert_eq!(containers(membership::groups_of(&p, &member(1))).await, [in_group(1), in_group(11)]);
    assert_eq!(containers(membership::groups_of(&p, &subgroup)).await, [in_group(1)]);
    assert_eq!(containers(membership::groups_of(&p, &member(3))).await, []);
    assert_eq!(containers(membership::chats_of(&p, &user_id(1))).await, [in_chat(1), in_chat(2)]);
    assert_eq!(containers(membership::chats_of(&p, &user_id(2))).await, [in_chat(2)]);
    let key = membership::key(&p, &in_chat(1), &Member::User(UserId::parse("USER-000001").unwrap()));
    assert!(store.view().exists(&key).await.unwrap());
}

pub async fn a_membership_follows_its_member(place: Place) {
    let store = place.open().await;
    join(&store, [(in_group(1), member(1)), (in_group(2), member(1))]).await;
    let owner = Membership { container: in_group(2), member: member(1), role: MemberRole::Owner };
    let leave = Changeset::new("leave").delete(&membership::key(&partition(), &in_group(1), &member(1)));
    store.commit(leave.put(&partition(), &owner)).await.unwrap();
    assert_eq!(listed(&store, membership::groups_of(&partition(), &member(1))).await, [owner]);
    assert_eq!(listed(&store, membership::of_container(&partition(), &in_group(1))).await, []);
}

fn tokens(field: TermField, text: &str) -> Vec<String> {
    match field {
        TermField::DisplayNameToken => text.split(' ').map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// Puts users `0..` with these names there, with their terms.
async fn put_users(store: &Store, names: &[&str]) {
    let mut changes = Changeset::new("users");
    for (n, name) in names.iter().enumerate() {
        let user = User { display_name: (*name).to_owned(), ..user_of(n) };
        let terms = user_term::of(&user, tokens);
        changes = terms.iter().fold(changes.put(&partition(), &user), |c, term| c.put(&partition(), term));
    }
    store.commit(changes).await.unwrap();
}

/// Numbers of the users whom the terms find.
async fn found(store: &Store, range: Range<UserTerm>) -> Vec<usize> {
    let terms = listed(store, range).await;
    terms.iter().map(|term| term.user.as_str()[5..].parse().unwrap()).collect()
}

pub async fn terms_are_listed_by_text(place: Place) {
    let store = place.open().await;
    put_users(&store, &["beta", "Ärger", "ALPHA", "alpha one", "Alpha", "", "\u{1F680}"]).await;
    let p = partition();
    let names = || user_term::all(&p, TermField::DisplayName);
    assert_eq!(found(&store, names()).await, [5, 2, 4, 3, 0, 1, 6]);
    assert_eq!(found(&store, names().reversed()).await, [6, 1, 0, 3, 4, 2, 5]);
    // Pages part users with one name.
    let first = store.view().scan(&names(), 2).await.unwrap();
    assert_eq!(found(&store, names().after(first.next.unwrap())).await, [4, 3, 0, 1, 6]);
    assert_eq!(found(&store, user_term::equal_to(&p, TermField::DisplayName, "aLPHA")).await, [2, 4]);
    assert_eq!(
        found(&store, user_term::equal_to(&p, TermField::Mail, "MAIL@contoso.example")).await.len(),
        7
    );
    assert!(found(&store, user_term::all(&p, TermField::MailToken)).await.is_empty());
}

pub async fn terms_are_found_by_their_beginning(place: Place) {
    let store = place.open().await;
    put_users(&store, &["Anna Berg", "Bert Annas", "Ann", "anna anna", "Ä", "Äb"]).await;
    let p = partition();
    let name = |text: &str| user_term::starting_with(&p, TermField::DisplayName, text);
    assert_eq!(found(&store, name("ANN")).await, [2, 3, 0]);
    assert_eq!(found(&store, name("anna ")).await, [3, 0]);
    assert_eq!(found(&store, name("ä")).await, [4, 5]);
    assert_eq!(found(&store, name("")).await.len(), 6);
    assert!(found(&store, name("annaz")).await.is_empty());
    let token = |text: &str| user_term::starting_with(&p, TermField::DisplayNameToken, text);
    // The user who has the token twice has it once.
    assert_eq!(found(&store, token("anna")).await, [0, 3, 1]);
    let range = token("ann");
    let first = store.view().scan(&range, 2).await.unwrap();
    assert_eq!(found(&store, range.after(first.next.unwrap())).await, [3, 1]);
    assert_eq!(found(&store, token("ann").reversed()).await, [1, 3, 0, 2]);
}

pub async fn long_terms_are_found_by_what_is_kept(place: Place) {
    let store = place.open().await;
    let (long, longer) = ("É".repeat(512), "É".repeat(2_000));
    put_users(&store, &[&long, &longer, "É"]).await;
    let p = partition();
    let name = |text: &str| user_term::starting_with(&p, TermField::DisplayName, text);
    for prefix in ["é", &long, &longer] {
        let expected: &[usize] = if prefix == "é" { &[2, 0, 1] } else { &[0, 1] };
        assert_eq!(found(&store, name(prefix)).await, expected);
    }
    assert_eq!(found(&store, user_term::equal_to(&p, TermField::DisplayName, &longer)).await, [0, 1]);
    let words: Vec<_> = (0..300).map(|n| format!("word{n}")).collect();
    let user = User { display_name: words.join(" "), ..user_of(1) };
    assert_eq!(user_term::of(&user, tokens).len(), 2 + user_term::MAX_TOKENS);
}

pub async fn what_teams_chats_and_users_have_is_apart(place: Place) {
    let store = place.open().await;
    // One id of three kinds.
    let id = user_id(1);
    let team = Owner::Team(GroupId::parse(id.as_str()).unwrap());
    let chat = Owner::Chat(ChatId::parse(id.as_str()).unwrap());
    let install = |owner: &Owner, app| {
        let record = TeamsAppInstallation { owner: owner.clone(), ..installation_of(1, app, 7) };
        Changeset::new("install")
            .expect_absent(&installation::key(&partition(), owner, &app_id(app)))
            .put(&partition(), &record)
    };
    for of in [&team, &chat, &owner(1)] {
        store.commit(install(of, 1)).await.unwrap();
    }
    store.commit(install(&team, 2)).await.unwrap();
    for (of, apps) in [(&team, 2), (&chat, 1), (&owner(1), 1)] {
        let held = listed(&store, installation::of_owner(&partition(), of)).await;
        assert!(held.iter().all(|row| row.owner == *of));
        assert_eq!(held.len(), apps, "{of}");
    }
    let owners = listed(&store, installation::of_app(&partition(), &app_id(1), 7)).await;
    let owners: Vec<_> = owners.into_iter().map(|row| row.owner).collect();
    assert_eq!(owners, [chat, team, owner(1)]);
}
