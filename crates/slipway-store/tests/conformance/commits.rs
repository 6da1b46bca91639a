//! Commits: expectations, atomicity, revisions, counters, limits, durability.

use slipway_model::{AppVersion, TeamsAppDefinition};
use slipway_store::{
    Changeset, CommitError, Counter, Kind, MAX_DOCUMENT_BYTES, MAX_KEY_BYTES, MAX_ROWS, Violation,
    definition, user,
};

use crate::place::{
    Place, app_key, app_of, conflict, insert_users, installation_key, installation_of, partition, user_key,
    user_of,
};

pub async fn absent_is_checked(place: Place) {
    let store = place.open().await;
    let insert = || Changeset::new("insert").expect_absent(&user_key(1)).put(&partition(), &user_of(1));
    let first = store.commit(insert()).await.unwrap();
    assert_eq!(store.commit(insert()).await, conflict(Violation::Absent(Kind::User)));
    let stored = store.view().get(&user_key(1)).await.unwrap().unwrap();
    assert_eq!(stored.revision, first);
}

pub async fn present_is_checked(place: Place) {
    let store = place.open().await;
    let delete = || Changeset::new("delete").expect_present(&user_key(1)).delete(&user_key(1));
    assert_eq!(store.commit(delete()).await, conflict(Violation::Present(Kind::User)));
    insert_users(&store, 2).await;
    store.commit(delete()).await.unwrap();
    assert_eq!(store.commit(delete()).await, conflict(Violation::Present(Kind::User)));
}

pub async fn revision_is_checked(place: Place) {
    let store = place.open().await;
    let first = store.commit(Changeset::new("a").put(&partition(), &user_of(1))).await.unwrap();
    let update =
        |revision| Changeset::new("b").expect_revision(&user_key(1), revision).put(&partition(), &user_of(1));
    let second = store.commit(update(first)).await.unwrap();
    assert!(second > first);
    assert_eq!(store.commit(update(first)).await, conflict(Violation::Revision(Kind::User)));
    store.commit(update(second)).await.unwrap();
    store.commit(Changeset::new("c").delete(&user_key(1))).await.unwrap();
    assert_eq!(store.commit(update(second)).await, conflict(Violation::Revision(Kind::User)));
}

pub async fn expectations_hold_on_rows_that_are_not_written(place: Place) {
    let store = place.open().await;
    let install = |revision| {
        Changeset::new("install")
            .expect_revision(&app_key(1), revision)
            .expect_present(&user_key(1))
            .put(&partition(), &installation_of(1, 1, 7))
    };
    let old = store.commit(Changeset::new("app").put(&partition(), &app_of(1))).await.unwrap();
    assert_eq!(store.commit(install(old)).await, conflict(Violation::Present(Kind::User)));
    insert_users(&store, 2).await;
    let new = store.commit(Changeset::new("app").put(&partition(), &app_of(1))).await.unwrap();
    assert_eq!(store.commit(install(old)).await, conflict(Violation::Revision(Kind::App)));
    store.commit(install(new)).await.unwrap();
    let app = store.view().get(&app_key(1)).await.unwrap().unwrap();
    assert_eq!(app.revision, new);
}

pub async fn the_first_violation_is_named(place: Place) {
    let store = place.open().await;
    insert_users(&store, 2).await;
    let both = |changeset: Changeset| changeset.expect_absent(&user_key(1)).expect_present(&app_key(1));
    assert_eq!(store.commit(both(Changeset::new("a"))).await, conflict(Violation::Absent(Kind::User)));
    let app_first = Changeset::new("b").expect_present(&app_key(1));
    assert_eq!(store.commit(both(app_first)).await, conflict(Violation::Present(Kind::App)));
    // Expectations come before unique indexes.
    let taken = slipway_model::User { id: crate::place::user_id(9), ..user_of(1) };
    let changeset = Changeset::new("c").put(&partition(), &taken).expect_present(&app_key(1));
    assert_eq!(store.commit(changeset).await, conflict(Violation::Present(Kind::App)));
}

pub async fn nothing_is_written_if_one_expectation_fails(place: Place) {
    let store = place.open().await;
    insert_users(&store, 2).await;
    let before = store.view().get(&user_key(1)).await.unwrap();
    let changeset = Changeset::new("half")
        .put(&partition(), &user_of(5))
        .delete(&user_key(1))
        .put(&partition(), &installation_of(0, 1, 7))
        .add(&partition(), Counter::Users, 1)
        .expect_absent(&user_key(0));
    assert_eq!(store.commit(changeset).await, conflict(Violation::Absent(Kind::User)));
    let view = store.view();
    assert_eq!(view.get(&user_key(1)).await.unwrap(), before);
    assert_eq!(view.get(&user_key(5)).await.unwrap(), None);
    assert_eq!(view.get(&installation_key(0, 1)).await.unwrap(), None);
    assert_eq!(view.counter(&partition(), Counter::Users).await.unwrap(), 0);
    let name = user_of(5).user_principal_name;
    assert_eq!(view.find(&user::by_principal_name(&partition(), &name)).await.unwrap(), None);
}

pub async fn a_changeset_without_writes_is_checked(place: Place) {
    let store = place.open().await;
    let check = || Changeset::new("check").expect_present(&user_key(1));
    assert_eq!(store.commit(check()).await, conflict(Violation::Present(Kind::User)));
    let written = store.commit(Changeset::new("user").put(&partition(), &user_of(1))).await.unwrap();
    assert_eq!(store.commit(check()).await, Ok(written));
}

pub async fn revisions_rise_and_belong_to_the_commit(place: Place) {
    let store = place.open().await;
    let two = Changeset::new("two").put(&partition(), &user_of(1)).put(&partition(), &app_of(1));
    let first = store.commit(two).await.unwrap();
    let view = store.view();
    assert_eq!(view.get(&user_key(1)).await.unwrap().unwrap().revision, first);
    assert_eq!(view.get(&app_key(1)).await.unwrap().unwrap().revision, first);
    drop((view, store));
    let store = place.open().await;
    let second = store.commit(Changeset::new("user").put(&partition(), &user_of(1))).await.unwrap();
    assert!(second > first, "{second} after {first}");
}

pub async fn counters_add_up(place: Place) {
    let store = place.open().await;
    let (one, other) = (partition(), slipway_store::Partition::global());
    let add = |delta| Changeset::new("add").add(&one, Counter::Users, delta);
    for changeset in [add(5), add(-2).add(&one, Counter::Users, 4), add(1).add(&other, Counter::Users, 100)] {
        store.commit(changeset).await.unwrap();
    }
    assert_eq!(store.view().counter(&one, Counter::Users).await.unwrap(), 8);
    assert_eq!(store.view().counter(&other, Counter::Users).await.unwrap(), 100);
    assert_eq!(store.view().counter(&one, Counter::Apps).await.unwrap(), 0);
    store.commit(add(-8)).await.unwrap();
    assert_eq!(store.view().counter(&one, Counter::Users).await.unwrap(), 0);
}

pub async fn a_thousand_rows_fit_and_one_more_is_refused(place: Place) {
    let store = place.open().await;
    let users = |n| (0..n).fold(Changeset::new("users"), |c, n| c.put(&partition(), &user_of(n)));
    let more = users(MAX_ROWS + 1);
    assert_eq!(more.rows(), MAX_ROWS + 1);
    assert!(matches!(store.commit(more).await, Err(CommitError::Invalid(_))));
    assert_eq!(store.view().count(&user::all(&partition()), 1).await.unwrap(), 0);
    store.commit(users(MAX_ROWS)).await.unwrap();
    assert_eq!(store.view().count(&user::all(&partition()), usize::MAX).await.unwrap(), MAX_ROWS);
}

pub async fn too_long_a_key_is_refused(place: Place) {
    let store = place.open().await;
    let definition =
        |version: &str| TeamsAppDefinition { version: AppVersion::new(version), ..crate::rows::definition() };
    let long = definition(&"1".repeat(MAX_KEY_BYTES));
    let refused = store.commit(Changeset::new("long").put(&partition(), &long)).await;
    assert!(matches!(refused, Err(CommitError::Invalid(_))), "{refused:?}");
    let key = definition::key(&partition(), &long.app, &long.version);
    assert_eq!(store.view().get(&key).await.unwrap(), None);
    let fits = definition(&"1".repeat(MAX_KEY_BYTES - 200));
    store.commit(Changeset::new("fits").put(&partition(), &fits)).await.unwrap();
}

pub async fn a_text_with_a_nul_is_refused(place: Place) {
    let store = place.open().await;
    let named = |name: &str| slipway_model::User { display_name: name.into(), ..user_of(1) };
    let refused = store.commit(Changeset::new("nul").put(&partition(), &named("a\0b"))).await;
    assert!(matches!(&refused, Err(CommitError::Invalid(why)) if why.contains("NUL")), "{refused:?}");
    assert_eq!(store.view().get(&user_key(1)).await.unwrap(), None);
    let lookalike = named("a\\u0000b \u{1}\u{7f}\u{ffff}");
    store.commit(Changeset::new("lookalike").put(&partition(), &lookalike)).await.unwrap();
    assert_eq!(store.view().get(&user_key(1)).await.unwrap().unwrap().record, lookalike);
}

pub async fn too_large_documents_are_refused(place: Place) {
    let store = place.open().await;
    let half = "x".repeat(MAX_DOCUMENT_BYTES / 2);
    let large = |n| slipway_model::User { display_name: half.clone(), ..user_of(n) };
    let both = Changeset::new("both").put(&partition(), &large(1)).put(&partition(), &large(2));
    let refused = store.commit(both).await;
    assert!(matches!(refused, Err(CommitError::Invalid(_))), "{refused:?}");
    assert_eq!(store.view().get(&user_key(1)).await.unwrap(), None);
    store.commit(Changeset::new("one").put(&partition(), &large(1))).await.unwrap();
    assert_eq!(store.view().get(&user_key(1)).await.unwrap().unwrap().record, large(1));
}

pub async fn acknowledged_commits_survive_reopening(place: Place) {
    let store = place.open().await;
    insert_users(&store, 250).await;
    store
        .commit(Changeset::new("delete").delete(&user_key(7)).add(&partition(), Counter::Users, 249))
        .await
        .unwrap();
    drop(store);
    let store = place.open().await;
    let view = store.view();
    let page = view.scan(&user::all(&partition()), 1_000).await.unwrap();
    let expected: Vec<_> = (0..250).filter(|n| *n != 7).map(user_of).collect();
    assert_eq!(page.rows.into_iter().map(|row| row.record).collect::<Vec<_>>(), expected);
    assert_eq!(view.counter(&partition(), Counter::Users).await.unwrap(), 249);
    let name = user_of(8).user_principal_name;
    let found = view.find(&user::by_principal_name(&partition(), &name)).await.unwrap();
    assert_eq!(found.unwrap().record, user_of(8));
}

pub async fn a_closed_store_refuses_changes_and_still_reads(place: Place) {
    let store = place.open().await;
    insert_users(&store, 3).await;
    let other = store.clone();
    assert_eq!(store.health(), Ok(()));
    store.close().await;
    store.close().await;
    let refused = other.commit(Changeset::new("late").put(&partition(), &user_of(9))).await;
    assert!(matches!(refused, Err(CommitError::Unavailable(_))), "{refused:?}");
    assert_eq!(other.health().err(), refused.err());
    assert_eq!(other.view().count(&user::all(&partition()), 10).await.unwrap(), 3);
    drop((store, other));
    assert_eq!(place.open().await.view().count(&user::all(&partition()), 10).await.unwrap(), 3);
}
