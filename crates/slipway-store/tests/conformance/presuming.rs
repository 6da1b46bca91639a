//! Views that presume: what is remembered may be old, and the commit tells.

use slipway_model::User;
use slipway_store::{Changeset, Counter, Kind, Store, View, Violation, installation, user};

use crate::place::{
    Place, app_key, app_of, conflict, installation_key, installation_of, partition, user_key, user_named,
    user_of,
};

fn install(view: &View) -> Changeset {
    let changes = Changeset::new("install").put(&partition(), &installation_of(1, 1, 7)).presuming(view);
    changes.add(&partition(), Counter::Installations, 1)
}

/// Has every read of these rows remembered.
async fn read(store: &Store) {
    let view = store.view();
    view.get(&user_key(1)).await.unwrap();
    view.get(&app_key(1)).await.unwrap();
}

async fn name(view: &View) -> Option<String> {
    view.get(&user_key(1)).await.unwrap().map(|user| user.record.display_name)
}

pub async fn what_was_read_is_presumed_and_checked(place: Place) {
    let store = place.open().await;
    store
        .commit(Changeset::new("rows").put(&partition(), &user_of(1)).put(&partition(), &app_of(1)))
        .await
        .unwrap();
    read(&store).await;
    let view = store.presuming_view();
    assert!(!view.has_presumed());
    assert!(view.exists(&user_key(1)).await.unwrap());
    assert_eq!(view.get(&app_key(1)).await.unwrap().unwrap().record, app_of(1));
    assert_eq!(view.get_presuming_absent(&installation_key(1, 1)).await.unwrap(), None);
    assert!(view.has_presumed());
    store.commit(install(&view)).await.unwrap();
    // The same view once more: the installation is there now.
    assert_eq!(store.commit(install(&view)).await, conflict(Violation::Absent(Kind::Installation)));
    assert_eq!(store.view().counter(&partition(), Counter::Installations).await.unwrap(), 1);
    assert_eq!(store.view().count(&installation::all(&partition()), 9).await.unwrap(), 1);
}

pub async fn an_old_row_is_a_conflict_and_then_known(place: Place) {
    let store = place.open().await;
    store.commit(Changeset::new("user").put(&partition(), &user_of(1))).await.unwrap();
    read(&store).await;
    let old = store.presuming_view();
    assert_eq!(name(&old).await.as_deref(), Some("User 1"));
    let renamed = User { display_name: "Renamed".into(), ..user_of(1) };
    store.commit(Changeset::new("rename").put(&partition(), &renamed)).await.unwrap();
    assert_eq!(store.commit(install(&old)).await, conflict(Violation::Revision(Kind::User)));
    assert_eq!(name(&store.view()).await.as_deref(), Some("Renamed"));
    let new = store.presuming_view();
    assert_eq!(name(&new).await.as_deref(), Some("Renamed"));
    store.commit(install(&new)).await.unwrap();

    store.commit(Changeset::new("delete").delete(&user_key(1))).await.unwrap();
    assert_eq!(name(&store.presuming_view()).await, None);
    assert_eq!(store.commit(install(&new)).await, conflict(Violation::Revision(Kind::User)));
}

pub async fn rows_are_remembered_by_their_unique_keys(place: Place) {
    let store = place.open().await;
    store.commit(Changeset::new("user").put(&partition(), &user_of(1))).await.unwrap();
    read(&store).await;
    let by_name = |name| user::by_principal_name(&partition(), &user_named(1, name).user_principal_name);
    let view = store.presuming_view();
    assert_eq!(view.find(&by_name("name1")).await.unwrap().unwrap().record, user_of(1));
    assert!(view.has_presumed());
    store.commit(Changeset::new("rename").put(&partition(), &user_named(1, "other"))).await.unwrap();
    let view = store.presuming_view();
    assert_eq!(view.find(&by_name("name1")).await.unwrap(), None);
    assert_eq!(view.find(&by_name("other")).await.unwrap().unwrap().record, user_named(1, "other"));
    assert_eq!(store.commit(install(&view)).await.map(drop), Ok(()));
}
