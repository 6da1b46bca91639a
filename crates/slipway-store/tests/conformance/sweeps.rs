//! Background deletion.

use slipway_model::TenantId;
use slipway_store::{Changeset, Counter, Partition, Store, installation, user};

use crate::place::{
    Place, app_id, app_key, app_of, insert_users, installation_key, installation_of, partition, user_of,
};

/// Installs an app for users `0..n`.
async fn install(store: &Store, n: usize, app: usize, incarnation: u64) {
    for first in (0..n).step_by(500) {
        let users = first..n.min(first + 500);
        let delta = i64::try_from(users.len()).unwrap();
        let changeset = users.fold(Changeset::new("install"), |c, user| {
            c.put(&partition(), &installation_of(user, app, incarnation))
        });
        store.commit(changeset.add(&partition(), Counter::Installations, delta)).await.unwrap();
    }
}

async fn count(store: &Store, app: usize, incarnation: u64) -> usize {
    let range = installation::of_app(&partition(), &app_id(app), incarnation);
    store.view().count(&range, usize::MAX).await.unwrap()
}

fn delete_app(app: usize, incarnation: u64) -> Changeset {
    Changeset::new("delete app").delete(&app_key(app)).sweep(&installation::of_app(
        &partition(),
        &app_id(app),
        incarnation,
    ))
}

async fn installations(store: &Store) -> i64 {
    store.view().counter(&partition(), Counter::Installations).await.unwrap()
}

pub async fn a_sweep_deletes_its_range_and_nothing_else(place: Place) {
    let store = place.open().await;
    store.commit(Changeset::new("app").put(&partition(), &app_of(1))).await.unwrap();
    install(&store, 1_750, 1, 7).await;
    install(&store, 30, 2, 7).await;
    store.commit(delete_app(1, 7)).await.unwrap();
    store.finish_sweeps().await.unwrap();
    assert_eq!(count(&store, 1, 7).await, 0);
    assert_eq!(store.view().get(&installation_key(3, 1)).await.unwrap(), None);
    assert_eq!(count(&store, 2, 7).await, 30);
    assert_eq!(store.view().count(&installation::all(&partition()), usize::MAX).await.unwrap(), 30);
    assert_eq!(installations(&store).await, 30);

    // The rows of a generation, by key.
    insert_users(&store, 20).await;
    let tenant = TenantId::parse("51190000-0000-4000-8000-000000000001").unwrap();
    let next = Partition::new(&tenant, 2);
    let reset = Changeset::new("reset")
        .put(&next, &user_of(1))
        .sweep(&user::all(&partition()))
        .sweep(&installation::all(&partition()))
        .add(&partition(), Counter::Users, 20);
    store.commit(reset).await.unwrap();
    store.finish_sweeps().await.unwrap();
    let view = store.view();
    assert_eq!(view.count(&user::all(&partition()), 9).await.unwrap(), 0);
    assert_eq!(view.count(&installation::all(&partition()), 9).await.unwrap(), 0);
    assert_eq!(view.counter(&partition(), Counter::Users).await.unwrap(), 0);
    assert_eq!(view.count(&user::all(&next), 9).await.unwrap(), 1);
    let name = user_of(1).user_principal_name;
    assert_eq!(view.find(&user::by_principal_name(&partition(), &name)).await.unwrap(), None);
}

pub async fn a_sweep_by_index_spares_rows_that_left_the_range(place: Place) {
    let store = place.open().await;
    install(&store, 700, 1, 7).await;
    let reinstall = [0, 350, 699]
        .into_iter()
        .fold(delete_app(1, 7), |c, user| c.put(&partition(), &installation_of(user, 1, 8)));
    store.commit(reinstall).await.unwrap();
    store.finish_sweeps().await.unwrap();
    assert_eq!(count(&store, 1, 7).await, 0);
    assert_eq!(count(&store, 1, 8).await, 3);
    assert_eq!(installations(&store).await, 3);
}

pub async fn a_sweep_goes_on_after_reopening(place: Place) {
    let store = place.open().await;
    install(&store, 3_000, 1, 7).await;
    store.commit(delete_app(1, 7)).await.unwrap();
    store.close().await;
    drop(store);
    let store = place.open().await;
    store.finish_sweeps().await.unwrap();
    assert_eq!(count(&store, 1, 7).await, 0);
    assert_eq!(installations(&store).await, 0);
}

pub async fn sweeps_and_writers_do_not_disturb_each_other(place: Place) {
    let store = place.open().await;
    install(&store, 2_000, 1, 7).await;
    store.commit(delete_app(1, 7)).await.unwrap();
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                // Reinstalls while the old rows are swept: each row counts once, whoever comes first.
                for user in (writer..2_000).step_by(16) {
                    loop {
                        let key = installation_key(user, 1);
                        let old = store.view().get(&key).await.unwrap();
                        let changeset =
                            Changeset::new("reinstall").put(&partition(), &installation_of(user, 1, 8));
                        let changeset = match old {
                            Some(old) => changeset.expect_revision(&key, old.revision),
                            None => {
                                changeset.expect_absent(&key).add(&partition(), Counter::Installations, 1)
                            }
                        };
                        if store.commit(changeset).await.is_ok() {
                            break;
                        }
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    store.finish_sweeps().await.unwrap();
    assert_eq!(count(&store, 1, 7).await, 0);
    assert_eq!(count(&store, 1, 8).await, 1_000);
    assert_eq!(installations(&store).await, 1_000);
}
