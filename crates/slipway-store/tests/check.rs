//! Damage that is planted in a storage, and what a check says of it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected fails"
)]

mod world;

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use slipway_model::{
    ChatId, Container, Member, MemberRole, Membership, Owner, TeamsApp, TeamsAppInstallation, User,
};
use slipway_store::{
    Changeset, Counter, Damage, Finding, Partition, Report, Store, TermField, UserTerm, app, definition,
    group, installation, user, user_term,
};
use world::{APPS, INCARNATION, INSTALLATIONS, MEMBERSHIPS, Place, TERMS, USERS, clean, fill};

const TENANTS: u8 = 1;
const USER_ROWS: u8 = 2;
const USER_NAMES: u8 = 66;
const USER_COUNTS: u8 = 129;

/// Changes what a closed storage of the embedded engine holds, behind its back.
fn tamper(place: &Place, change: impl FnOnce(&Keyspace)) {
    let Place::Embedded(folder) = place else { panic!("no folder") };
    let db = Database::builder(folder.path().join("data").join("tree")).open().unwrap();
    let records = db.keyspace("records", KeyspaceCreateOptions::default).unwrap();
    change(&records);
    // To the tables, since the journal's batches are numbered and have no place for these.
    records.rotate_memtable_and_wait().unwrap();
    db.persist(PersistMode::SyncAll).unwrap();
}

/// The first entry of a table, index or counter, after so many others.
fn nth(records: &Keyspace, table: u8, n: usize) -> (Vec<u8>, Vec<u8>) {
    let (key, value) = records.prefix([table]).nth(n).unwrap().into_inner().unwrap();
    (key.to_vec(), value.to_vec())
}

/// A storage with a filled tenant that was changed.
async fn tampered(change: impl FnOnce(&Keyspace)) -> (Place, Report) {
    let place = Place::embedded();
    let store = place.open().await;
    fill(&store, &world::tenant("world", 0)).await;
    clean(&store).await;
    store.close().await;
    drop(store);
    tamper(&place, change);
    let report = place.open().await.check().await.unwrap();
    (place, report)
}

/// The one sort of damage with the one finding.
fn only(report: &Report, damage: Damage) -> &Finding {
    assert_eq!(report.damage.keys().collect::<Vec<_>>(), [&damage], "{report}");
    first(report, damage)
}

fn first(report: &Report, damage: Damage) -> &Finding {
    let findings = report.damage.get(&damage).unwrap_or_else(|| panic!("{report}"));
    assert_eq!((findings.first.len(), findings.more), (1, 0), "{report}");
    &findings.first[0]
}

#[tokio::test]
async fn everything_is_counted() {
    let store = Store::open_temporary().await.unwrap();
    fill(&store, &world::tenant("world", 0)).await;
    let report = clean(&store).await;
    let rows: Vec<_> = report.rows.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
    let installations = INSTALLATIONS as u64;
    assert_eq!(
        rows,
        [
            ("app", APPS as u64),
            ("chat", 1),
            ("client", 1),
            ("consent", 1),
            ("definition", APPS as u64),
            ("device grant", 1),
            ("group", 2),
            ("installation", installations),
            ("membership", MEMBERSHIPS as u64),
            ("package", APPS as u64),
            ("session", 1),
            ("signing key", 1),
            ("tenant", 1),
            ("user", USERS as u64),
            ("user term", (USERS * TERMS) as u64),
        ]
    );
    assert_eq!(report.entries["installation.app"], installations);
    assert_eq!(report.entries["membership.member"], MEMBERSHIPS as u64);
    assert_eq!(report.entries["user.userPrincipalName"], USERS as u64);
    assert_eq!((report.last_commit, report.waiting, report.unfinished), (1, 0, 0));
    assert!(report.to_string().ends_with("\nnothing is wrong\n"), "{report}");
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
}

#[tokio::test]
async fn a_missing_index_entry_is_found() {
    let (_place, report) = tampered(|records| {
        let (key, _) = nth(records, USER_NAMES, 2);
        records.remove(key).unwrap();
    })
    .await;
    let finding = only(&report, Damage::MissingEntry);
    assert_eq!(
        finding.to_string(),
        "user user-2 of tenant world, generation 0: user.userPrincipalName does not lead to it"
    );
    assert_eq!(report.findings(), 1);
}

#[tokio::test]
async fn dangling_index_entries_are_found() {
    let (_place, report) = tampered(|records| {
        let (mut key, row) = nth(records, USER_NAMES, 0);
        let at = key.len() - 3;
        key[at] = b'x';
        records.insert(&key, &row).unwrap();
    })
    .await;
    let finding = only(&report, Damage::DanglingEntry);
    assert_eq!(
        finding.to_string(),
        "user.userPrincipalName name0@world.examplx of tenant world, generation 0: \
         it leads to the user user-0, which has another key"
    );

    let (_place, report) = tampered(|records| {
        let (key, _) = nth(records, USER_ROWS, 4);
        records.remove(key).unwrap();
    })
    .await;
    let told = first(&report, Damage::DanglingEntry).to_string();
    assert!(told.ends_with("it leads to the user user-4, which is not there"), "{told}");
    assert_eq!(report.damage[&Damage::BrokenReference].first.len(), APPS + TERMS);
    let told = first(&report, Damage::WrongCounter).to_string();
    assert_eq!(told, "users of tenant world, generation 0: it says 5, and there are 4");
}

#[tokio::test]
async fn an_entry_that_leads_elsewhere_is_found_from_both_sides() {
    let (_place, report) = tampered(|records| {
        let ((key, _), (_, other)) = (nth(records, USER_NAMES, 0), nth(records, USER_NAMES, 1));
        records.insert(key, other).unwrap();
    })
    .await;
    let told = first(&report, Damage::MissingEntry).to_string();
    assert!(told.ends_with("user.userPrincipalName leads to user-1 in its place"), "{told}");
    let told = first(&report, Damage::DanglingEntry).to_string();
    assert!(told.ends_with("it leads to the user user-1, which has another key"), "{told}");
}

#[tokio::test]
async fn wrong_counters_are_found() {
    let (_place, report) = tampered(|records| {
        let (key, _) = nth(records, USER_COUNTS, 0);
        records.insert(key, 7_i64.to_be_bytes()).unwrap();
    })
    .await;
    let told = only(&report, Damage::WrongCounter).to_string();
    assert_eq!(told, "users of tenant world, generation 0: it says 7, and there are 5");
    let (_place, report) = tampered(|records| {
        let (key, _) = nth(records, USER_COUNTS, 0);
        records.remove(key).unwrap();
    })
    .await;
    let told = only(&report, Damage::WrongCounter).to_string();
    assert_eq!(told, "users of tenant world, generation 0: it says 0, and there are 5");
}

#[tokio::test]
async fn an_undecodable_document_is_found() {
    let (_place, report) = tampered(|records| {
        let (key, mut row) = nth(records, USER_ROWS, 1);
        row.pop();
        records.insert(key, row).unwrap();
    })
    .await;
    let told = only(&report, Damage::Undecodable).to_string();
    assert!(told.starts_with("user user-1 of tenant world, generation 0: EOF while parsing"), "{told}");
}

#[tokio::test]
async fn a_row_under_a_wrong_key_is_found() {
    let (_place, report) = tampered(|records| {
        let (mut key, row) = nth(records, USER_ROWS, 1);
        let at = key.len() - 3;
        key[at] = b'9';
        records.insert(key, row).unwrap();
    })
    .await;
    let told = first(&report, Damage::WrongKey).to_string();
    assert_eq!(told, "user user-9 of tenant world, generation 0: its record is that of user-1");
}

#[tokio::test]
async fn a_row_of_no_commit_is_found() {
    let (_place, report) = tampered(|records| {
        let (key, mut row) = nth(records, USER_ROWS, 1);
        row[7] = 99;
        records.insert(key, row).unwrap();
    })
    .await;
    let told = only(&report, Damage::LaterRevision).to_string();
    assert_eq!(told, "user user-1 of tenant world, generation 0: it is of commit 99");
}

#[tokio::test]
async fn an_unreadable_tenant_leaves_its_rows_to_nobody() {
    let (_place, report) = tampered(|records| {
        let (key, mut row) = nth(records, TENANTS, 0);
        row.pop();
        records.insert(key, row).unwrap();
    })
    .await;
    first(&report, Damage::Undecodable);
    let rows = 4 + USERS * (1 + TERMS) + 3 + MEMBERSHIPS + 3 * APPS + INSTALLATIONS;
    assert_eq!(report.damage[&Damage::Stray].first.len(), rows, "{report}");
}

#[tokio::test]
async fn rows_of_a_former_generation_are_found_and_only_the_first_hundred_told() {
    let store = Store::open_temporary().await.unwrap();
    let tenant = world::tenant("world", 3);
    fill(&store, &tenant).await;
    let former = Partition::new(&tenant.id, 2);
    let users = (0..150).fold(Changeset::new("users"), |c, n| c.put(&former, &world::user(n)));
    store.commit(users.add(&former, Counter::Users, 150)).await.unwrap();
    let report = store.check().await.unwrap();
    let findings = &report.damage[&Damage::Stray];
    assert_eq!((findings.first.len(), findings.more, report.findings()), (100, 50, 150));
    assert_eq!(report.damage.len(), 1, "{report}");
    assert!(report.to_string().contains("\n  and 50 more\n150 things are wrong\n"), "{report}");
    // A sweep that is on its way explains them.
    store.commit(Changeset::new("sweep").sweep(&user::all(&former))).await.unwrap();
    store.finish_sweeps().await.unwrap();
    clean(&store).await;
}

#[tokio::test]
async fn rows_that_wait_for_a_sweep_are_no_damage() {
    let store = Store::open_temporary().await.unwrap();
    let tenant = world::tenant("world", 0);
    fill(&store, &tenant).await;
    let partition = Partition::of(&tenant);
    let users = 2_000;
    for n in USERS..users {
        let changes = world::put_user(Changeset::new("user"), &partition, &world::user(n))
            .put(&partition, &world::installation(n, 0))
            .add(&partition, Counter::Users, 1)
            .add(&partition, Counter::Installations, 1);
        store.commit(changes).await.unwrap();
    }
    let (gone, version) = (world::app(0), world::definition(0).version);
    let delete = Changeset::new("delete")
        .delete(&app::key(&partition, &gone.id))
        .delete(&definition::key(&partition, &gone.id, &version))
        .delete(&slipway_store::package::key(&partition, &gone.id, &version))
        .add(&partition, Counter::Apps, -1)
        .sweep(&installation::of_app(&partition, &gone.id, INCARNATION));
    // Closing keeps the sweep from getting far.
    store.commit(delete).await.unwrap();
    store.close().await;
    let report = clean(&store).await;
    assert!(report.waiting > 0, "{report}");
    assert!(report.to_string().contains("rows wait for their deletion"), "{report}");
}

#[tokio::test]
async fn what_is_not_there_but_referred_to_is_found() {
    let store = Store::open_temporary().await.unwrap();
    let tenant = world::tenant("world", 0);
    fill(&store, &tenant).await;
    let partition = Partition::of(&tenant);
    let id = world::app_id(0);
    let delete =
        Changeset::new("delete").delete(&definition::key(&partition, &id, &world::definition(0).version));
    store.commit(delete).await.unwrap();
    let report = store.check().await.unwrap();
    let findings = &report.damage[&Damage::BrokenReference].first;
    // Its package, and an installation for each user.
    assert_eq!((findings.len(), report.damage.len()), (1 + USERS, 1), "{report}");
    assert!(findings[0].to_string().ends_with("the definition app-0/1.0.0 is not there"), "{}", findings[0]);

    let store = Store::open_temporary().await.unwrap();
    fill(&store, &tenant).await;
    let again = TeamsApp { incarnation: 1, ..world::app(1) };
    store.commit(Changeset::new("again").put(&partition, &again)).await.unwrap();
    let report = store.check().await.unwrap();
    let findings = &report.damage[&Damage::BrokenReference].first;
    assert_eq!((findings.len(), report.damage.len()), (USERS, 1), "{report}");
    assert!(findings[0].problem.starts_with("its app was deleted"), "{}", findings[0]);
}

/// A database with a filled tenant, changed by the SQL text, and checked beside the store that is open on it.
async fn told_after(sql: &str) -> Report {
    let place = Place::postgres().await;
    let store = place.open().await;
    fill(&store, &world::tenant("world", 0)).await;
    clean(&store).await;
    let Place::Postgres(schema) = &place else { panic!("no schema") };
    let changed = schema.client().await.execute(sql, &[]).await.unwrap();
    assert_eq!(changed, 1, "{sql}");
    store.check().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_in_a_database_is_found() {
    let user = "WHERE user_id = 'user-2'";
    let report = told_after(&format!("UPDATE users SET user_principal_name_key = NULL {user}")).await;
    let told = only(&report, Damage::MissingEntry).to_string();
    let name = "user user-2 of tenant world, generation 0";
    assert_eq!(told, format!("{name}: it has not its key in user.userPrincipalName"));

    let key = "set_byte(user_principal_name_key, 20, 120)";
    let report = told_after(&format!("UPDATE users SET user_principal_name_key = {key} {user}")).await;
    let told = first(&report, Damage::MissingEntry).to_string();
    assert_eq!(told, format!("{name}: it has not its key in user.userPrincipalName"));
    let told = first(&report, Damage::DanglingEntry).to_string();
    assert_eq!(told, format!("{name}: it has a key in user.userPrincipalName that is not its record's"));

    let report = told_after("UPDATE counters SET value = value + 2 WHERE get_byte(key, 0) = 129").await;
    let told = only(&report, Damage::WrongCounter).to_string();
    assert_eq!(told, "users of tenant world, generation 0: it says 7, and there are 5");

    let document = "document - 'businessPhones'";
    let report = told_after(&format!("UPDATE users SET document = {document} {user}")).await;
    let told = only(&report, Damage::Undecodable).to_string();
    assert!(told.starts_with(&format!("{name}: missing field `businessPhones`")), "{told}");

    let report = told_after(&format!("UPDATE users SET key = set_byte(key, 17, 57) {user}")).await;
    let told = first(&report, Damage::WrongKey).to_string();
    assert_eq!(told, "user user-9 of tenant world, generation 0: its record is that of user-2");

    let report = told_after(&format!("UPDATE users SET revision = 9000000000 {user}")).await;
    let told = only(&report, Damage::LaterRevision).to_string();
    assert_eq!(told, format!("{name}: it is of commit 9000000000"));

    let report = told_after(&format!("DELETE FROM users {user}")).await;
    first(&report, Damage::WrongCounter);
    assert_eq!(report.damage[&Damage::BrokenReference].first.len(), APPS + TERMS, "{report}");

    let report = told_after("DELETE FROM memberships WHERE container_id = 'group-1'").await;
    assert_eq!(report.findings(), 0, "{report}");
    let report = told_after("DELETE FROM chats WHERE chat_id = '19:chat@thread.v2'").await;
    let findings = &report.damage[&Damage::BrokenReference].first;
    // Its two members and its app.
    assert_eq!((findings.len(), report.damage.len()), (3, 1), "{report}");
}

/// A filled tenant after the changes, checked.
async fn told_of(changes: impl FnOnce(Changeset, &Partition) -> Changeset) -> Report {
    let store = Store::open_temporary().await.unwrap();
    let tenant = world::tenant("world", 0);
    fill(&store, &tenant).await;
    store.commit(changes(Changeset::new("damage"), &Partition::of(&tenant))).await.unwrap();
    store.check().await.unwrap()
}

#[tokio::test]
async fn memberships_in_nothing_are_found() {
    let report =
        told_of(|changes, partition| changes.delete(&group::key(partition, &world::group_id(1)))).await;
    let findings = &report.damage[&Damage::BrokenReference].first;
    let told: Vec<_> = findings.iter().map(ToString::to_string).collect();
    let of = "of tenant world, generation 0: the group group-1 is not there";
    let expected = ["group/group-0/group/group-1", "group/group-1/user/user-1"]
        .map(|id| format!("membership {id} {of}"));
    assert_eq!((told.as_slice(), report.damage.len()), (&expected[..], 1), "{report}");

    let stranger = Membership {
        container: Container::Chat(world::chat_id()),
        member: Member::User(world::user_id(USERS)),
        role: MemberRole::Member,
    };
    let report = told_of(|changes, partition| changes.put(partition, &stranger)).await;
    let told = only(&report, Damage::BrokenReference).to_string();
    assert!(told.ends_with("the user user-5 is not there"), "{told}");
}

#[tokio::test]
async fn installations_of_no_team_and_no_chat_are_found() {
    let nothing = [
        (Owner::Team(world::group_id(2)), "the group group-2 is not there"),
        (Owner::Chat(ChatId::parse("19:gone@thread.v2").unwrap()), "the chat 19:gone@thread.v2 is not there"),
    ];
    for (owner, problem) in nothing {
        let installation = TeamsAppInstallation { owner, ..world::installation(0, 0) };
        let report = told_of(|changes, partition| {
            changes.put(partition, &installation).add(partition, Counter::Installations, 1)
        })
        .await;
        assert_eq!(only(&report, Damage::BrokenReference).problem, problem);
    }
}

#[tokio::test]
async fn terms_that_do_not_fit_their_users_are_found() {
    let user = world::user(1);
    let renamed = User { display_name: "Renamed".into(), mail: None, ..user.clone() };
    let report = told_of(|changes, partition| changes.put(partition, &renamed)).await;
    let told = first(&report, Damage::MissingEntry).to_string();
    assert_eq!(
        told,
        "user user-1 of tenant world, generation 0: its term displayName/renamed/user-1 is not there"
    );
    let told = &report.damage[&Damage::DanglingEntry].first;
    assert_eq!((told.len(), report.damage.len()), (2, 2), "{report}");
    assert_eq!(
        told[1].to_string(),
        "user term mail/mail@world.example/user-1 of tenant world, generation 0: the user User-1 has another one"
    );

    let terms = user_term::of(&user, world::tokens);
    let mail = terms.iter().find(|term| term.field == TermField::Mail).unwrap();
    let report = told_of(|changes, partition| changes.delete(&user_term::key(partition, mail))).await;
    let told = &only(&report, Damage::MissingEntry).problem;
    assert_eq!(told, "its term mail/mail@world.example/user-1 is not there");

    let stranger = UserTerm::new(TermField::MailToken, "x", &world::user_id(USERS));
    let report = told_of(|changes, partition| changes.put(partition, &stranger)).await;
    let told = only(&report, Damage::BrokenReference).to_string();
    assert_eq!(
        told,
        "user term mailToken/x/user-5 of tenant world, generation 0: the user user-5 is not there"
    );
}
