//! What the Slipway before groups, chats and terms wrote is read, and brought up to date.
//!
//! `former/` holds one tenant as that Slipway wrote it: an export, a folder, and the rows of a database.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that meets the unexpected fails")]

#[path = "conformance/engines.rs"]
mod engines;
#[path = "conformance/schema.rs"]
mod schema;

use std::fs;
use std::path::{Path, PathBuf};

use engines::Place;
use slipway_model::{
    AppPermissionPolicy, Owner, TeamsAppSettings, Tenant, TenantId, User, UserId, UserPrincipalName, UserType,
};
use slipway_store::{
    Changeset, Counter, Existing, Partition, Report, Selection, SigningKeys, Store, TermField, client,
    definition, installation, tenant, user, user_term,
};

const EXPORT: &str = include_str!("former/export.jsonl");

const ROWS: &str = include_str!("former/rows.sql");

const TABLES: &str = include_str!("../src/postgres/migrations/0001_tables.sql");

async fn exported(store: &Store) -> String {
    let mut file = Vec::new();
    let all = Selection { tenants: Vec::new(), keys: SigningKeys::Left };
    store.export(&all, &mut file).await.unwrap();
    String::from_utf8(file).unwrap()
}

/// Splits at blanks.
fn tokens(_: TermField, text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// Checks the store, and that nothing is wrong.
async fn clean(store: &Store) -> Report {
    let report = store.check().await.unwrap();
    assert_eq!(report.findings(), 0, "{report}");
    report
}

/// What an export of the storage is, however it came to hold the tenant.
async fn expected() -> String {
    let store = Store::open_temporary().await.unwrap();
    store.import(EXPORT.as_bytes(), Existing::Kept, tokens).await.unwrap();
    exported(&store).await
}

async fn tenant(store: &Store) -> Tenant {
    let id = TenantId::parse("9c1b4f0e-6c38-4a57-8a4e-0d8c3f6f2b11").unwrap();
    store.view().get(&tenant::key(&id)).await.unwrap().unwrap().record
}

fn adele() -> UserId {
    UserId::parse("9c1b4f0e-6c38-4a57-8a4e-0d8c3f6f0001").unwrap()
}

/// Documents of the first version say nothing of what came later, so nobody is special and nothing is forbidden.
async fn records_are_read(store: &Store) {
    let tenant = tenant(store).await;
    assert_eq!(tenant.domain, "fabrikam.example");
    assert_eq!(tenant.settings, TeamsAppSettings::default());
    assert_eq!(tenant.policy, AppPermissionPolicy::default());
    assert!(!tenant.has_special_users);

    let (view, partition) = (store.view(), Partition::of(&tenant));
    let user: User = view.get(&user::key(&partition, &adele())).await.unwrap().unwrap().record;
    assert_eq!(user.mail.as_deref(), Some("Adele.Vance@fabrikam.example"));
    assert_eq!((user.user_type, user.has_teams_licence, user.is_special()), (UserType::Member, true, false));
    let clients = view.scan(&client::all(&partition), 9).await.unwrap().rows;
    let [client] = clients.as_slice() else { panic!("{} clients", clients.len()) };
    assert!(client.record.selected_apps.is_empty() && client.record.redirect_uris.is_empty());
    assert!(client.record.has_service_principal);
    let secrets = client.record.secrets.iter();
    let secrets: Vec<_> = secrets.map(|secret| (secret.key_id.as_str(), secret.hash.as_str())).collect();
    let hash = "705e47d6b2bf7bc5a01b10590160c86cfddfa00f0360f6da7fd38dd956de039e";
    assert_eq!(secrets, [("705e47d6-b2bf-7bc5-a01b-10590160c86c", hash)]);
    let definitions = view.scan(&definition::all(&partition), 9).await.unwrap().rows;
    assert!(definitions.iter().all(|row| row.record.dashboard_cards.is_empty()) && definitions.len() == 1);

    let owner = Owner::User(adele());
    let installations = view.scan(&installation::of_owner(&partition, &owner), 9).await.unwrap().rows;
    assert!(installations.iter().all(|row| row.record.owner == owner && !row.record.preinstalled));
    assert_eq!(installations.len(), 1);
}

async fn terms_are_there(store: &Store) -> Report {
    let (view, partition) = (store.view(), Partition::of(&tenant(store).await));
    for (field, text) in [
        (TermField::DisplayName, "Adele V"),
        (TermField::DisplayNameToken, "VANCE"),
        (TermField::Mail, "adele.vance@"),
    ] {
        let range = user_term::starting_with(&partition, field, text);
        let found = view.scan(&range, 9).await.unwrap().rows;
        let found: Vec<_> = found.iter().map(|row| &row.record.user).collect();
        assert_eq!(found, [&adele()], "{text}");
    }
    assert_eq!(view.count(&user_term::all(&partition, TermField::DisplayName), 9).await.unwrap(), 2);
    clean(store).await
}

/// Opened by a Slipway that knows terms: nothing is wrong before they are there and after, and they come once.
async fn is_brought_up_to_date(store: &Store) {
    records_are_read(store).await;
    let before = clean(store).await;
    assert_eq!(before.rows.get("user term"), None);
    store.add_missing_terms(tokens).await.unwrap();
    let after = terms_are_there(store).await;
    assert!(after.last_commit > before.last_commit);
    store.add_missing_terms(tokens).await.unwrap();
    assert_eq!(clean(store).await, after);
    records_are_read(store).await;
    assert_eq!(exported(store).await, expected().await);
}

async fn an_export_is_imported_with_terms(place: Place) {
    let store = place.open().await;
    store.import(EXPORT.as_bytes(), Existing::Kept, tokens).await.unwrap();
    records_are_read(&store).await;
    let report = terms_are_there(&store).await;
    store.add_missing_terms(tokens).await.unwrap();
    assert_eq!(clean(&store).await, report);
}

#[tokio::test]
async fn an_export_is_imported_into_a_folder() {
    an_export_is_imported_with_terms(Place::embedded()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_is_imported_into_a_database() {
    an_export_is_imported_with_terms(Place::postgres().await).await;
}

/// A copy of the former folder.
fn folder() -> (Place, PathBuf) {
    let place = Place::embedded();
    let Place::Embedded(folder) = &place else { panic!("no folder") };
    let data = folder.path().join("data");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/former/folder"), &data);
    // Folders that are empty stand in no repository.
    for empty in ["1/tables", "2/tables", "2/blobs"] {
        fs::create_dir_all(data.join("tree/keyspaces").join(empty)).unwrap();
    }
    (place, data)
}

#[tokio::test]
async fn a_folder_is_brought_up_to_date() {
    let (place, data) = folder();
    is_brought_up_to_date(&place.open().await).await;
    assert_eq!(fs::read_to_string(data.join("format")).unwrap(), "4\n");
    terms_are_there(&place.open().await).await;
}

#[tokio::test]
async fn terms_of_many_users_take_many_commits() {
    let (place, _) = folder();
    let store = place.open().await;
    let partition = Partition::of(&tenant(&store).await);
    let adele = store.view().get(&user::key(&partition, &adele())).await.unwrap().unwrap().record;
    let mut changes = Changeset::new("users").add(&partition, Counter::Users, 900);
    for n in 0..900 {
        let id = UserId::parse(&format!("user-{n}")).unwrap();
        let user_principal_name = UserPrincipalName::parse(&format!("{n}@fabrikam.example")).unwrap();
        changes = changes.put(&partition, &User { id, user_principal_name, ..adele.clone() });
    }
    store.commit(changes).await.unwrap();
    let before = clean(&store).await;
    store.add_missing_terms(tokens).await.unwrap();
    let report = clean(&store).await;
    // Five for each user but Alex, who has no address.
    assert_eq!(report.rows["user term"], 901 * 5 + 3);
    assert_eq!(report.last_commit, before.last_commit + 5);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A database with the tables and rows of the former Slipway.
async fn database() -> Place {
    let place = Place::postgres().await;
    let Place::Postgres(schema) = &place else { panic!("no schema") };
    let client = schema.client().await;
    client.batch_execute(TABLES).await.unwrap();
    client.batch_execute(ROWS).await.unwrap();
    place
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_is_brought_up_to_date() {
    let place = database().await;
    is_brought_up_to_date(&place.open().await).await;
    let Place::Postgres(schema) = &place else { panic!("no schema") };
    let sql = "SELECT user_principal_name, app_name FROM installed_apps JOIN installations \
               ON installations.owner_id = installed_apps.user_id AND installations.owner_kind = 'user'";
    let row = schema.client().await.query_one(sql, &[]).await.unwrap();
    assert_eq!((row.get::<_, &str>(0), row.get::<_, &str>(1)), ("adele@fabrikam.example", "Polls"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_of_one_database_bring_it_up_to_date_together() {
    let place = database().await;
    let (one, other) = tokio::join!(place.open(), place.open());
    let added = tokio::join!(one.add_missing_terms(tokens), other.add_missing_terms(tokens));
    assert_eq!(added, (Ok(()), Ok(())));
    terms_are_there(&other).await;
}
