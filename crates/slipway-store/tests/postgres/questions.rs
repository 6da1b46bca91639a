//! `docs/postgresql.md`: its roles are made and its questions asked.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use slipway_model::{
    AppVersion, Chat, ChatId, ChatType, Container, DistributionMethod, Group, GroupId, InstallationScopes,
    Member, MemberRole, Membership, Owner, PublishingState, TeamsApp, TeamsAppDefinition, TeamsAppId,
    TeamsAppInstallation,
};
use slipway_store::{Changeset, Database, Partition, Store};
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use crate::records::{
    add_user, address, installation_of, open, partition, tenant, user_id, user_key, user_of, users,
};
use crate::schema::Schema;

const POLLS: &str = "51190000-0000-4000-8000-00000000b001";
const USERS: usize = 600;

/// The fenced texts of a section of the page, each with the line before it.
fn fences(section: &str) -> Vec<(String, String)> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/postgresql.md");
    let page = std::fs::read_to_string(page).unwrap();
    let section = page.split("\n## ").find(|part| part.starts_with(section)).unwrap();
    let mut fences = Vec::new();
    let mut parts = section.split("```sql\n");
    let mut before = parts.next().unwrap();
    for part in parts {
        let (sql, behind) = part.split_once("```").unwrap();
        let title = before.trim().lines().last().unwrap();
        fences.push((title.to_owned(), sql.to_owned()));
        before = behind;
    }
    fences
}

fn app(n: usize) -> TeamsApp {
    TeamsApp {
        id: TeamsAppId::parse(&app_id(n)).unwrap(),
        external_id: Some(format!("external-{n}")),
        display_name: format!("App {n}"),
        distribution_method: DistributionMethod::Organization,
        azure_ad_app_id: None,
        published: Some(AppVersion::new("1.1.0")),
        permanent: false,
        blocked: false,
        incarnation: 7,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

fn app_id(n: usize) -> String {
    if n == 0 { POLLS.to_owned() } else { format!("app-{n}") }
}

fn definition(n: usize, version: &str) -> TeamsAppDefinition {
    TeamsAppDefinition {
        app: app(n).id,
        external_id: format!("external-{n}"),
        version: AppVersion::new(version),
        display_name: format!("App {n}"),
        short_description: String::new(),
        description: String::new(),
        azure_ad_app_id: None,
        bot_id: None,
        scopes: InstallationScopes::PERSONAL,
        required_permissions: Vec::new(),
        dashboard_cards: vec![],
        state: PublishingState::Published,
        created_by: None,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

/// 600 users; apps 0 to 4, of which nobody has the last; most users have apps 1 to 3; app 0 is installed for the
/// users 0 to 19, of whom 0, 1 and 2 still run 1.0.0. A team and a chat with users 0 to 2, of which the chat has app 0
/// and the team app 1; a chat with user 2 alone; a group with everyone. Rows of another generation, which nobody must count.
async fn seed(store: &Store) {
    let former = Partition::new(&tenant().id, 0);
    let mut catalog = Changeset::new("catalog").put(&Partition::global(), &tenant());
    for n in 0..5 {
        catalog = catalog.put(&partition(), &app(n)).put(&former, &app(n));
        catalog =
            catalog.put(&partition(), &definition(n, "1.0.0")).put(&partition(), &definition(n, "1.1.0"));
    }
    store.commit(catalog).await.unwrap();
    seed_places(store, &former).await;
    let installed = |user: usize, n: usize, version: &str| TeamsAppInstallation {
        installed_at: Timestamp::UNIX_EPOCH
            + SignedDuration::from_hours(24 * i64::try_from(user % 5).unwrap()),
        ..installation_of(user, &app_id(n), version)
    };
    for user in 0..USERS {
        let mut changes = add_user(user);
        for n in 1..=user % 4 {
            changes = changes.put(&partition(), &installed(user, n, "1.1.0"));
        }
        if user < 20 {
            let version = if user < 3 { "1.0.0" } else { "1.1.0" };
            changes = changes.put(&partition(), &installed(user, 0, version));
            changes = changes.put(&former, &installed(user, 0, "1.0.0"));
        }
        if user % 100 == 0 {
            store.commit(changes).await.unwrap();
        } else {
            let store = store.clone();
            tokio::spawn(async move { store.commit(changes).await.unwrap() });
        }
    }
    while users(store).await.0 < USERS {
        tokio::task::yield_now().await;
    }
}

async fn seed_places(store: &Store, former: &Partition) {
    let (team, lunch, alone) =
        (team(), chat("19:lunch@thread.v2", "Lunch"), chat("19:alone@thread.v2", "Alone"));
    let mut changes = Changeset::new("places");
    for of in [&partition(), former] {
        changes = changes.put(of, &team).put(of, &lunch).put(of, &alone);
        for (owner, n) in [(Owner::Team(team.id.clone()), 1), (Owner::Chat(lunch.id.clone()), 0)] {
            changes =
                changes.put(of, &TeamsAppInstallation { owner, ..installation_of(0, &app_id(n), "1.0.0") });
        }
    }
    let everyone = Group { id: GroupId::parse("everyone").unwrap(), is_team: false, ..team.clone() };
    changes = changes.put(&partition(), &everyone);
    let places = [
        (Container::Group(everyone.id), 0..USERS),
        (Container::Group(team.id), 0..3),
        (Container::Chat(lunch.id), 0..3),
        (Container::Chat(alone.id), 2..3),
    ];
    for (container, users) in places {
        for n in users {
            let (container, member) = (container.clone(), Member::User(user_id(n)));
            let role = if n == 0 { MemberRole::Owner } else { MemberRole::Member };
            changes = changes.put(&partition(), &Membership { container, member, role });
        }
    }
    store.commit(changes).await.unwrap();
}

fn team() -> Group {
    Group {
        id: GroupId::parse("51190000-0000-4000-8000-00000000d001").unwrap(),
        display_name: "Retail".into(),
        description: None,
        mail: None,
        is_team: true,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

fn chat(id: &str, topic: &str) -> Chat {
    Chat {
        id: ChatId::parse(id).unwrap(),
        chat_type: ChatType::Group,
        topic: Some(topic.into()),
        created_at: Timestamp::UNIX_EPOCH,
    }
}

/// The rows as text, columns parted by `|`.
async fn ask(client: &Client, sql: &str) -> Vec<String> {
    let answers = client.simple_query(sql).await.unwrap_or_else(|error| panic!("{sql}\n{error:?}"));
    let row = |message| match message {
        SimpleQueryMessage::Row(row) => {
            let columns: Vec<_> = (0..row.len()).map(|at| row.get(at).unwrap_or("")).collect();
            Some(columns.join("|"))
        }
        _ => None,
    };
    answers.into_iter().filter_map(row).collect()
}

/// How each question begins, how many rows answer it, and the first of them.
const ANSWERS: [(&str, usize, &str); 14] = [
    ("Who still runs 1.0.0", 3, "user0@contoso.example|1970-01-01 00:00:00+00"),
    ("What does a user have", 3, "App 0|1.0.0|1.1.0|1970-01-03 00:00:00+00"),
    ("Who is in a team", 3, "user0@contoso.example|owner"),
    ("Which chats have an app", 1, "19:lunch@thread.v2|Lunch|1.0.0"),
    ("In which of a user's teams", 2, "Alone"),
    ("How many users have each version", 5, "App 1|1.1.0|450|t"),
    ("How far is the roll-out", 1, "85.0"),
    ("Which apps does nobody have", 1, "app-4|App 4|organization"),
    ("Who lacks an app", 100, "user100@contoso.example"),
    ("Who has the most apps", 20, "user11@contoso.example|4"),
    ("How many installations were added", 5, "1970-01-01 00:00:00+00|184|184"),
    ("Which versions does the catalog have", 10, "app-1|1.1.0|published|450"),
    ("How large is each tenant", 1, "51190000-0000-4000-8000-000000000001|contoso.example|600|5|1|2|922"),
    ("How many installations wait", 1, "22"),
];

/// Questions whose answers depend on the moment: how they begin, and what some row of the answer has in it.
const MOMENTS: [(&str, &str); 3] = [
    ("How large are the tables", "installations|"),
    ("How many batches", "00+00|"),
    ("What do Slipway's connections do", "ClientRead"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_question_has_its_answer() {
    let schema = Schema::new().await;
    let store = open(&schema).await;
    seed(&store).await;
    let client = schema.client().await;
    client.batch_execute("SET TimeZone = 'UTC'; ANALYZE").await.unwrap();
    let questions = fences("Questions");
    assert_eq!(questions.len(), ANSWERS.len() + MOMENTS.len());
    for (title, sql) in &questions {
        let rows = ask(&client, sql).await;
        if let Some((_, part)) = MOMENTS.iter().find(|(begin, _)| title.starts_with(begin)) {
            assert!(rows.iter().any(|row| row.contains(part)), "{title}: {rows:?}");
        } else {
            let expected = ANSWERS.iter().find(|(begin, ..)| title.starts_with(begin));
            let (_, count, first) = expected.unwrap_or_else(|| panic!("no answer is known: {title}"));
            assert_eq!((rows.len(), rows[0].as_str()), (*count, *first), "{title}: {rows:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn indexes_answer_the_questions_that_say_so() {
    let schema = Schema::new().await;
    let store = open(&schema).await;
    seed(&store).await;
    let client = schema.client().await;
    client.batch_execute("ANALYZE").await.unwrap();
    let mut asked = 0;
    for (title, sql) in fences("Questions").iter().filter(|(title, _)| title.contains("An index answers")) {
        let plan = ask(&client, &format!("EXPLAIN {sql}")).await.join("\n");
        let indexes: &[&str] = match title.split_once('?').unwrap().0 {
            "Who still runs 1.0.0 of an app" => &["installations_by_app_and_version", "users_by_id"],
            "Who is in a team" => &["memberships_by_container", "users_by_id"],
            // Of the app or of each chat, whichever are fewer.
            "Which chats have an app" => &["Index Scan using installations_by_"],
            _ => &["installations_by_owner", "users_by_user_principal_name"],
        };
        for index in indexes {
            assert!(plan.contains(index), "{title}: no {index} in\n{plan}");
        }
        assert!(!plan.contains("Seq Scan on installations"), "{title}:\n{plan}");
        asked += 1;
    }
    assert_eq!(asked, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_roles_have_the_rights_that_they_need() {
    let schema = Schema::new().await;
    let client = schema.client().await;
    let own = format!("{}_own", ask(&client, "SELECT current_schema()").await[0]);
    let of_test = |sql: &str| sql.replace("slipway", &own);
    let options = format!("-csearch_path={own}");
    let as_role =
        |role: &str| address(&schema, &[("user", role), ("password", "change me"), ("options", &options)]);
    let open_as = async |role: &str| {
        let database = Database::parse(&as_role(role)).unwrap().with_connections(2);
        Store::open_database(&database).await.unwrap()
    };
    let [(_, owner), (_, rows), (_, reader)] = &fences("Roles")[..] else { panic!("three roles") };

    client.batch_execute(&of_test(owner)).await.unwrap();
    let store = open_as(&own).await;
    store.commit(add_user(1)).await.unwrap();
    store.commit(Changeset::new("tenant").put(&Partition::global(), &tenant())).await.unwrap();

    client.batch_execute(&format!("SET search_path = {own}")).await.unwrap();
    client.batch_execute(&of_test(rows)).await.unwrap();
    let store = open_as(&format!("{own}_rows")).await;
    store.commit(add_user(2)).await.unwrap();
    store.commit(Changeset::new("delete").delete(&user_key(1)).put(&partition(), &user_of(2))).await.unwrap();
    assert_eq!(users(&store).await, (1, 2));

    client.batch_execute(&of_test(reader)).await.unwrap();
    let (people, connection) =
        tokio_postgres::connect(&as_role(&format!("{own}_reader")), NoTls).await.unwrap();
    tokio::spawn(connection);
    for (title, sql) in fences("Questions") {
        people.simple_query(&sql).await.unwrap_or_else(|error| panic!("{title}: {error:?}"));
    }
    for table in ["users", "signing_keys", "clients"] {
        assert!(people.simple_query(&format!("SELECT FROM {table}")).await.is_err(), "{table}");
    }

    let roles = format!("{own}_rows, {own}_reader, {own}");
    client.batch_execute(&format!("DROP OWNED BY {roles}; DROP ROLE {roles}")).await.unwrap();
}
