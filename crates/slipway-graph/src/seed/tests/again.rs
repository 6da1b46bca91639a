//! Applying seeds to a store that has something in it.

use slipway_model::{AppVersion, UserPrincipalName};
use slipway_store::{
    Changeset, Record, Stored, TermField, app, client, definition, installation, package, tenant as tenants,
    user, user_term,
};

use super::*;

/// Users, clients, two versions and installations.
fn full() -> String {
    tenant(&format!(
        "    users:\n      - {{userPrincipalName: a@t.example, displayName: A, password: p}}\n      - {{id: u2, \
         userPrincipalName: b@t.example, displayName: B}}\n    generate: {{users: 30, password: q}}\n    clients:\n      \
         - {{id: c, displayName: C, secrets: [s], consents: [{{user: a@t.example, scopes: [User.Read]}}]}}\n    \
         apps:\n      - definitions: [{{manifest: {}}}, {{manifest: {}}}]\n    installations:\n      - {{user: \
         a@t.example, app: {POLLS}, version: 1.0.0}}\n      - {{user: U2, app: {POLLS}}}\n      - {{user: \
         user30@t.example, app: {POLLS}}}\n",
        manifest(POLLS, "1.0.0"),
        manifest(POLLS, "1.1.0")
    ))
}

/// Every row of the tenant with its revision.
async fn rows(store: &Store) -> Vec<String> {
    fn shown<R: Record + std::fmt::Debug>(rows: Vec<Stored<R>>) -> impl Iterator<Item = String> {
        rows.into_iter().map(|row| format!("{} {:?}", row.revision, row.record))
    }
    let (view, partition) = (store.view(), partition("t"));
    let mut all = Vec::new();
    all.extend(shown(view.scan(&tenants::all(), 100).await.unwrap().rows));
    all.extend(shown(view.scan(&user::all(&partition), 100).await.unwrap().rows));
    let names = user_term::all(&partition, TermField::DisplayName);
    all.extend(shown(view.scan(&names, 100).await.unwrap().rows));
    all.extend(shown(view.scan(&client::all(&partition), 100).await.unwrap().rows));
    all.extend(shown(view.scan(&app::all(&partition), 100).await.unwrap().rows));
    all.extend(shown(view.scan(&definition::all(&partition), 100).await.unwrap().rows));
    all.extend(shown(view.scan(&package::all(&partition), 100).await.unwrap().rows));
    all.extend(shown(view.scan(&installation::all(&partition), 100).await.unwrap().rows));
    all
}

async fn installed_version(store: &Store, user: &str) -> AppVersion {
    let (view, partition) = (store.view(), partition("t"));
    let app = view.find(&app::by_external_id(&partition, POLLS)).await.unwrap().unwrap().record.id;
    view.get(&installation::key(&partition, &owner(user), &app)).await.unwrap().unwrap().record.version
}

#[tokio::test]
async fn applying_a_seed_again_rewrites_nothing() {
    let store = empty_store().await;
    assert!(!apply(&store, &full()).await.is_unchanged());
    let before = rows(&store).await;
    assert_eq!(before.len(), 1 + 2 * 32 + 1 + 1 + 2 + 2 + 3);
    let report = seed(&full()).apply(&store, &Ids::seeded(9), Timestamp::UNIX_EPOCH).await.unwrap();
    let expected = Report {
        tenants: unchanged(1),
        users: unchanged(32),
        clients: unchanged(1),
        apps: unchanged(1),
        definitions: unchanged(2),
        installations: unchanged(3),
        ..Report::default()
    };
    assert_eq!(report, expected);
    assert_eq!(rows(&store).await, before);
    assert_eq!(counters(&store.view()).await, [32, 1, 3]);
}

#[tokio::test]
async fn what_the_seed_says_otherwise_is_changed_and_the_rest_is_left() {
    let store = empty_store().await;
    apply(&store, &full()).await;
    let before = rows(&store).await;
    let text = "tenants:\n  - id: T\n    displayName: T2\n    domain: t2.example\n    users:\n      - \
                {userPrincipalName: A@t.example, displayName: A, password: p}\n      - {id: u2, userPrincipalName: \
                c@t.example, displayName: B, password: new}\n    clients: [{id: C, displayName: C2}]\n";
    let report = apply(&store, text).await;
    assert_eq!((report.tenants, report.users, report.clients), (changed(1), changed(2), changed(1)));
    let view = store.view();
    let tenant = view.find(&tenants::by_domain("t2.example")).await.unwrap().unwrap().record;
    assert_eq!((tenant.id.as_str(), tenant.display_name.as_str()), ("t", "T2"));
    assert!(view.find(&tenants::by_domain("t.example")).await.unwrap().is_none());
    let name = UserPrincipalName::parse("a@t.example").unwrap();
    let a = view.find(&user::by_principal_name(&partition("t"), &name)).await.unwrap().unwrap().record;
    assert_eq!(a.user_principal_name.as_str(), "A@t.example");
    assert!(before.iter().any(|row| row.contains(a.password_hash.as_deref().unwrap())), "the hash stays");
    let b = view.get(&user::key(&partition("t"), &user_id("u2"))).await.unwrap().unwrap().record;
    assert_eq!(b.user_principal_name.as_str(), "c@t.example");
    assert!(b.password_hash.is_some());
    let after = rows(&store).await;
    // The tenant, two users with the terms of their names, and the client.
    assert_eq!(before.iter().filter(|row| !after.contains(row)).count(), 6);
    assert_eq!(counters(&view).await, [32, 1, 3]);
}

#[tokio::test]
async fn an_installation_stays_where_it_is_unless_a_version_is_named() {
    let store = empty_store().await;
    apply(&store, &full()).await;
    let installed =
        |version: &str| tenant(&format!("    installations: [{{user: u2, app: {POLLS}{version}}}]\n"));
    assert_eq!(installed_version(&store, "u2").await.as_str(), "1.1.0");
    let report = apply(&store, &installed(", version: 1.0.0")).await;
    assert_eq!(report.installations, changed(1));
    assert_eq!(installed_version(&store, "u2").await.as_str(), "1.0.0");
    assert!(apply(&store, &installed("")).await.is_unchanged());
    assert_eq!(counters(&store.view()).await, [32, 1, 3]);
}

#[tokio::test]
async fn versions_are_added_and_the_highest_published_one_is_current() {
    let store = empty_store().await;
    let current = async || {
        let found = store.view().find(&app::by_external_id(&partition("t"), POLLS)).await.unwrap().unwrap();
        (found.record.published.unwrap().as_str().to_owned(), found.record.display_name, found.revision)
    };
    let app = |state: &str, version: &str| {
        let manifest = manifest(POLLS, version);
        tenant(&format!(
            "    apps: [{{definitions: [{{publishingState: {state}, manifest: {manifest}}}]}}]\n"
        ))
    };
    apply(&store, &app("published", "1.1.0")).await;
    let first = current().await;

    let older = apply(&store, &app("published", "1.0.0")).await;
    assert_eq!((older.apps, older.definitions), (unchanged(1), created(1)));
    assert_eq!(current().await, first, "a seed takes no version back");

    apply(&store, &app("submitted", "1.2.0")).await;
    assert_eq!(current().await, first);
    let published = apply(&store, &app("published", "1.2.0")).await;
    assert_eq!((published.apps, published.definitions), (changed(1), changed(1)));
    let second = current().await;
    assert_eq!((second.0.as_str(), second.1.as_str()), ("1.2.0", "Test App 1.2.0"));

    assert!(
        apply(&store, &app("rejected", "1.2.0")).await.is_unchanged(),
        "what is published stays published"
    );
    assert_eq!(current().await, second);
    assert_eq!(counters(&store.view()).await, [0, 1, 0]);
}

#[tokio::test]
async fn an_installation_of_a_deleted_app_is_revived_and_counted_once() {
    let store = empty_store().await;
    let text = |id: &str| {
        let manifest = manifest(POLLS, "1.0.0");
        tenant(&format!(
            "    generate: {{users: 1}}\n    apps: [{{id: {id}, definitions: [{{manifest: {manifest}}}]}}]\n    \
             installations: [{{user: user1@t.example, app: {POLLS}}}]\n"
        ))
    };
    apply(&store, &text("a1")).await;
    let (partition, id, version) = (partition("t"), app_id("a1"), AppVersion::new("1.0.0"));
    let deletion = Changeset::new("test")
        .delete(&app::key(&partition, &id))
        .delete(&definition::key(&partition, &id, &version))
        .delete(&package::key(&partition, &id, &version))
        .add(&partition, Counter::Apps, -1);
    store.commit(deletion).await.unwrap();
    let report = seed(&text("a1")).apply(&store, &Ids::seeded(7), now()).await.unwrap();
    assert_eq!((report.apps, report.installations), (created(1), created(1)));
    let view = store.view();
    let app = view.get(&app::key(&partition, &id)).await.unwrap().unwrap().record;
    let owner = owner("51190000-0000-4000-8001-000000000001");
    let installed = view.get(&installation::key(&partition, &owner, &id)).await.unwrap().unwrap().record;
    assert!(installed.belongs_to(&app));
    assert_eq!(counters(&view).await, [1, 1, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_seed_at_once_make_every_object_once() {
    let store = empty_store().await;
    let text = tenant("    generate: {users: 1500}\n    clients: [{id: c, displayName: C}]\n");
    let tasks: Vec<_> = (0..4)
        .map(|n| {
            let (store, text) = (store.clone(), text.clone());
            tokio::spawn(async move { seed(&text).apply(&store, &Ids::seeded(n), now()).await.unwrap() })
        })
        .collect();
    let mut made = [0; 3];
    for task in tasks {
        let report = task.await.unwrap();
        for (made, tally) in made.iter_mut().zip([report.tenants, report.users, report.clients]) {
            *made += tally.created;
            assert_eq!(tally.changed, 0);
        }
    }
    assert_eq!(made, [1, 1500, 1]);
    assert_eq!(counters(&store.view()).await, [1500, 0, 0]);
}

#[tokio::test]
async fn a_seed_goes_into_the_living_generation() {
    let store = empty_store().await;
    apply(&store, &full()).await;
    let key = tenants::key(&TenantId::parse("t").unwrap());
    let mut raised = store.view().get(&key).await.unwrap().unwrap().record;
    raised.generation = 5;
    store.commit(Changeset::new("test").put(&Partition::global(), &raised)).await.unwrap();
    let report = apply(&store, &full()).await;
    assert_eq!((report.tenants, report.users, report.apps), (unchanged(1), created(32), created(1)));
    let living = Partition::of(&raised);
    assert_eq!(store.view().counter(&living, Counter::Installations).await.unwrap(), 3);
}
