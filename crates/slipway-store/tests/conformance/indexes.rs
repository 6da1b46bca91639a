//! Unique and other indexes.

use slipway_model::{TeamsApp, TenantId, User};
use slipway_store::{
    Changeset, CommitError, Index, Partition, Revision, Store, Violation, app, installation, user,
};

use crate::place::{
    Place, app_id, app_key, app_of, conflict, installation_key, installation_of, partition, user_key,
    user_named,
};

async fn put(store: &Store, user: &User) -> Result<Revision, CommitError> {
    store.commit(Changeset::new("put").put(&partition(), user)).await
}

/// Number of the user who has the sign-in name.
async fn holder(store: &Store, name: &str) -> Option<User> {
    let name = user_named(0, name).user_principal_name;
    let found = store.view().find(&user::by_principal_name(&partition(), &name)).await.unwrap();
    found.map(|found| found.record)
}

const TAKEN: Violation = Violation::Unique(Index::UserPrincipalName);

pub async fn a_unique_key_belongs_to_one_row(place: Place) {
    let store = place.open().await;
    put(&store, &user_named(1, "a")).await.unwrap();
    assert_eq!(put(&store, &user_named(2, "a")).await, conflict(TAKEN));
    assert_eq!(holder(&store, "a").await, Some(user_named(1, "a")));
    assert_eq!(store.view().get(&user_key(2)).await.unwrap(), None);

    let twin = TeamsApp { id: app_id(2), external_id: Some("EXTERNAL-1".into()), ..app_of(1) };
    store.commit(Changeset::new("app").put(&partition(), &app_of(1))).await.unwrap();
    let second = store.commit(Changeset::new("app").put(&partition(), &twin)).await;
    assert_eq!(second, conflict(Violation::Unique(Index::AppExternalId)));
    // Store apps have no such key, so any number of them can be there.
    for n in [3, 4] {
        let store_app = TeamsApp { external_id: None, ..app_of(n) };
        store.commit(Changeset::new("app").put(&partition(), &store_app)).await.unwrap();
    }
}

pub async fn a_unique_key_is_free_when_its_row_is_deleted(place: Place) {
    let store = place.open().await;
    put(&store, &user_named(1, "a")).await.unwrap();
    store.commit(Changeset::new("delete").delete(&user_key(1))).await.unwrap();
    assert_eq!(holder(&store, "a").await, None);
    put(&store, &user_named(2, "a")).await.unwrap();
    assert_eq!(holder(&store, "a").await, Some(user_named(2, "a")));
}

pub async fn a_unique_key_is_free_when_its_row_takes_another(place: Place) {
    let store = place.open().await;
    put(&store, &user_named(1, "a")).await.unwrap();
    put(&store, &user_named(1, "b")).await.unwrap();
    assert_eq!(holder(&store, "a").await, None);
    assert_eq!(holder(&store, "b").await, Some(user_named(1, "b")));
    put(&store, &user_named(2, "a")).await.unwrap();
    assert_eq!(put(&store, &user_named(2, "b")).await, conflict(TAKEN));
}

pub async fn a_row_is_rewritten_under_its_own_unique_key(place: Place) {
    let store = place.open().await;
    put(&store, &user_named(1, "a")).await.unwrap();
    let renamed = User { display_name: "Renamed".into(), ..user_named(1, "a") };
    put(&store, &renamed).await.unwrap();
    assert_eq!(holder(&store, "a").await, Some(renamed));
}

pub async fn unique_keys_change_hands_within_a_changeset(place: Place) {
    let store = place.open().await;
    put(&store, &user_named(1, "a")).await.unwrap();
    put(&store, &user_named(2, "b")).await.unwrap();
    let (first, second) = (user_named(1, "b"), user_named(2, "a"));
    let swap = Changeset::new("swap").put(&partition(), &first).put(&partition(), &second);
    store.commit(swap).await.unwrap();
    assert_eq!(holder(&store, "a").await, Some(user_named(2, "a")));
    assert_eq!(holder(&store, "b").await, Some(user_named(1, "b")));
    // The heir sorts before and behind the deleted row.
    for (heir, deleted) in [(0, 2), (5, 0)] {
        let inherit =
            Changeset::new("inherit").put(&partition(), &user_named(heir, "a")).delete(&user_key(deleted));
        store.commit(inherit).await.unwrap();
        assert_eq!(holder(&store, "a").await, Some(user_named(heir, "a")));
    }
}

pub async fn one_changeset_cannot_claim_a_unique_key_twice(place: Place) {
    let store = place.open().await;
    let (first, second) = (user_named(1, "a"), user_named(2, "a"));
    let twice = Changeset::new("twice").put(&partition(), &first).put(&partition(), &second);
    assert_eq!(store.commit(twice).await, conflict(TAKEN));
    put(&store, &user_named(3, "a")).await.unwrap();
    // Free again, but for one only.
    let twice =
        Changeset::new("twice").delete(&user_key(3)).put(&partition(), &first).put(&partition(), &second);
    assert_eq!(store.commit(twice).await, conflict(TAKEN));
    assert_eq!(holder(&store, "a").await, Some(user_named(3, "a")));
}

pub async fn unique_keys_compare_without_case(place: Place) {
    let store = place.open().await;
    put(&store, &user_named(1, "Megan.Bowen")).await.unwrap();
    assert_eq!(put(&store, &user_named(2, "megan.bowen")).await, conflict(TAKEN));
    assert_eq!(holder(&store, "MEGAN.BOWEN").await, Some(user_named(1, "Megan.Bowen")));
    store.commit(Changeset::new("app").put(&partition(), &app_of(1))).await.unwrap();
    let found = store.view().find(&app::by_external_id(&partition(), "EXTERNAL-1")).await.unwrap();
    assert_eq!(found.unwrap().record, app_of(1));
}

pub async fn unique_keys_are_of_one_partition(place: Place) {
    let store = place.open().await;
    put(&store, &user_named(1, "a")).await.unwrap();
    let tenant = TenantId::parse("51190000-0000-4000-8000-000000000001").unwrap();
    let next = Partition::new(&tenant, 2);
    store.commit(Changeset::new("put").put(&next, &user_named(2, "a"))).await.unwrap();
    assert_eq!(holder(&store, "a").await, Some(user_named(1, "a")));
}

pub async fn an_index_follows_its_rows(place: Place) {
    let store = place.open().await;
    let changeset = [(1, 1, 7), (2, 1, 7), (3, 1, 8), (1, 2, 7)]
        .into_iter()
        .fold(Changeset::new("install"), |c, (user, app, n)| {
            c.put(&partition(), &installation_of(user, app, n))
        });
    store.commit(changeset).await.unwrap();
    let owners = async |app, incarnation| {
        let range = installation::of_app(&partition(), &app_id(app), incarnation);
        let page = store.view().scan(&range, 10).await.unwrap();
        page.rows.into_iter().map(|row| row.record.owner.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(owners(1, 7).await, ["user-000001", "user-000002"]);
    assert_eq!(owners(1, 8).await, ["user-000003"]);
    let reinstall = Changeset::new("reinstall").put(&partition(), &installation_of(1, 1, 8));
    store.commit(reinstall.delete(&installation_key(2, 1)).delete(&app_key(1))).await.unwrap();
    assert!(owners(1, 7).await.is_empty());
    assert_eq!(owners(1, 8).await, ["user-000001", "user-000003"]);
    assert_eq!(owners(2, 7).await, ["user-000001"]);
}
