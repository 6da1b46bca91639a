//! Ranges: order, pages, cursors, counts, snapshots.

use jiff::Timestamp;
use slipway_model::AppVersion;
use slipway_store::{
    Changeset, Counter, Cursor, GrantState, Range, SessionState, View, definition, device_grant,
    installation, session, user,
};

use crate::place::{
    Place, app_id, insert_users, installation_of, numbers, owner, partition, user_key, user_named, user_of,
};
use crate::rows;

pub async fn a_range_is_listed_in_key_order_and_back(place: Place) {
    let store = place.open().await;
    let order = [5, 3, 900, 1, 40];
    let changeset = order.iter().fold(Changeset::new("users"), |c, n| c.put(&partition(), &user_of(*n)));
    store.commit(changeset).await.unwrap();
    let view = store.view();
    let page = view.scan(&user::all(&partition()), 10).await.unwrap();
    assert_eq!(numbers(&page), [1, 3, 5, 40, 900]);
    assert_eq!(page.next, None);
    let page = view.scan(&user::all(&partition()).reversed(), 10).await.unwrap();
    assert_eq!(numbers(&page), [900, 40, 5, 3, 1]);
    assert!(view.scan(&user::all(&partition()), 0).await.unwrap().rows.is_empty());
}

async fn pages(view: &View, range: impl Fn() -> Range<slipway_model::User>, size: usize) -> Vec<usize> {
    let (mut all, mut cursor) = (Vec::new(), None::<Cursor>);
    loop {
        let range = match cursor {
            Some(cursor) => range().after(Cursor::from_bytes(cursor.as_bytes())),
            None => range(),
        };
        let page = view.scan(&range, size).await.unwrap();
        assert!(page.rows.len() <= size);
        all.extend(numbers(&page));
        match page.next {
            Some(next) => cursor = Some(next),
            None => return all,
        }
    }
}

pub async fn pages_join_to_the_whole_range(place: Place) {
    let store = place.open().await;
    insert_users(&store, 23).await;
    let view = store.view();
    for size in [1, 2, 5, 22, 23, 24] {
        let forwards = pages(&view, || user::all(&partition()), size).await;
        assert_eq!(forwards, (0..23).collect::<Vec<_>>(), "{size}");
        let backwards = pages(&view, || user::all(&partition()).reversed(), size).await;
        assert_eq!(backwards, (0..23).rev().collect::<Vec<_>>(), "{size}");
    }
    // A full last page says that nothing follows.
    assert_eq!(view.scan(&user::all(&partition()), 23).await.unwrap().next, None);
}

pub async fn a_scan_goes_on_while_rows_change(place: Place) {
    let store = place.open().await;
    insert_users(&store, 10).await;
    let first = store.view().scan(&user::all(&partition()), 4).await.unwrap();
    assert_eq!(numbers(&first), [0, 1, 2, 3]);
    let changeset = Changeset::new("change")
        .delete(&user_key(3))
        .delete(&user_key(5))
        .put(&partition(), &user_named(6, "renamed"))
        .put(&partition(), &user_of(20));
    store.commit(changeset).await.unwrap();
    let rest = user::all(&partition()).after(first.next.unwrap());
    assert_eq!(numbers(&store.view().scan(&rest, 100).await.unwrap()), [4, 6, 7, 8, 9, 20]);
}

pub async fn a_foreign_cursor_stays_in_the_range(place: Place) {
    let store = place.open().await;
    insert_users(&store, 4).await;
    let changeset = Changeset::new("install").put(&partition(), &installation_of(1, 1, 7));
    store.commit(changeset.put(&partition(), &installation_of(2, 1, 7))).await.unwrap();
    let view = store.view();
    let elsewhere = [&b""[..], &[0], &[255; 40], b"user-000001", b"zzz", &[0xFF, 0, 1]];
    for cursor in elsewhere.map(Cursor::from_bytes) {
        for range in [user::all(&partition()), user::all(&partition()).reversed()] {
            let found = numbers(&view.scan(&range.after(cursor.clone()), 100).await.unwrap());
            assert!(found.len() <= 4 && found.iter().all(|n| *n < 4), "{cursor:?} {found:?}");
        }
        let own = installation::of_owner(&partition(), &owner(1)).after(cursor.clone());
        let found = view.scan(&own, 100).await.unwrap().rows;
        assert!(found.iter().all(|row| row.record.owner == owner(1)), "{cursor:?}");
    }
}

pub async fn ranges_hold_their_rows_only(place: Place) {
    let store = place.open().await;
    let changeset = [(1, 1), (1, 2), (1, 11), (11, 1), (2, 1)]
        .into_iter()
        .fold(Changeset::new("install"), |c, (user, app)| {
            c.put(&partition(), &installation_of(user, app, 7))
        });
    let definitions = [(1, "1.0"), (1, "1.0.0"), (11, "1.0")].map(|(app, version)| {
        let mut definition = rows::definition();
        (definition.app, definition.version) = (app_id(app), AppVersion::new(version));
        definition
    });
    let changeset = definitions.iter().fold(changeset, |c, definition| c.put(&partition(), definition));
    store.commit(changeset).await.unwrap();
    let view = store.view();
    let apps = view.scan(&installation::of_owner(&partition(), &owner(1)), 9).await.unwrap().rows;
    let apps: Vec<_> = apps.into_iter().map(|row| row.record.app.to_string()).collect();
    assert_eq!(apps, ["app-1", "app-11", "app-2"]);
    let versions = view.scan(&definition::of_app(&partition(), &app_id(1)), 9).await.unwrap().rows;
    let versions: Vec<_> = versions.into_iter().map(|row| row.record.version.to_string()).collect();
    assert_eq!(versions, ["1.0", "1.0.0"]);
    assert_eq!(view.count(&installation::all(&partition()), 9).await.unwrap(), 5);
    assert_eq!(view.count(&installation::of_app(&partition(), &app_id(1), 7), 9).await.unwrap(), 3);
    assert_eq!(view.count(&definition::all(&partition()), 9).await.unwrap(), 3);
}

pub async fn counting_stops_at_the_most(place: Place) {
    let store = place.open().await;
    insert_users(&store, 10).await;
    let view = store.view();
    let all = || user::all(&partition());
    assert_eq!(view.count(&all(), 3).await.unwrap(), 3);
    assert_eq!(view.count(&all(), 11).await.unwrap(), 10);
    let four = view.scan(&all(), 4).await.unwrap().next.unwrap();
    assert_eq!(view.count(&all().after(four), 100).await.unwrap(), 6);
}

pub async fn a_view_does_not_change(place: Place) {
    let store = place.open().await;
    insert_users(&store, 3).await;
    let view = store.view();
    // A view of a database shows the state of its first read.
    assert!(view.exists(&user_key(0)).await.unwrap());
    let changeset = Changeset::new("change")
        .delete(&user_key(0))
        .put(&partition(), &user_named(1, "renamed"))
        .put(&partition(), &user_of(7))
        .add(&partition(), Counter::Users, 3);
    store.commit(changeset).await.unwrap();
    assert_eq!(numbers(&view.scan(&user::all(&partition()), 9).await.unwrap()), [0, 1, 2]);
    assert_eq!(view.get(&user_key(1)).await.unwrap().unwrap().record, user_of(1));
    assert_eq!(view.get(&user_key(7)).await.unwrap(), None);
    assert_eq!(view.counter(&partition(), Counter::Users).await.unwrap(), 0);
    let old = user::by_principal_name(&partition(), &user_of(1).user_principal_name);
    assert!(view.find(&old).await.unwrap().is_some());
    assert_eq!(store.view().find(&old).await.unwrap(), None);
    assert_eq!(numbers(&store.view().scan(&user::all(&partition()), 9).await.unwrap()), [1, 2, 7]);
}

pub async fn sessions_are_listed_by_expiry(place: Place) {
    let store = place.open().await;
    let put = |n: i64| Changeset::new("session").put(&partition(), &rows::session(n, SessionState::Revoked));
    for n in [3, 1, 2] {
        store.commit(put(n)).await.unwrap();
    }
    let mut later = rows::session(1, SessionState::Revoked);
    later.expires_at = Timestamp::from_second(9).unwrap();
    store.commit(Changeset::new("session").put(&partition(), &later)).await.unwrap();
    let page = store.view().scan(&session::by_expiry(&partition()), 9).await.unwrap();
    let ends: Vec<_> = page.rows.iter().map(|row| row.record.expires_at.as_second()).collect();
    assert_eq!(ends, [2, 3, 9]);
    assert_eq!(store.view().count(&session::all(&partition()), 9).await.unwrap(), 3);
}

pub async fn device_grants_are_listed_by_expiry(place: Place) {
    let store = place.open().await;
    let changeset = [70, 5, 1_000_000, 300].iter().fold(Changeset::new("grants"), |c, n| {
        c.put(&partition(), &rows::device_grant(*n, GrantState::Pending))
    });
    store.commit(changeset).await.unwrap();
    // A later state moves nothing; a later expiry does.
    let mut moved = rows::device_grant(5, GrantState::Declined);
    moved.expires_at = jiff::Timestamp::from_second(500).unwrap();
    store.commit(Changeset::new("move").put(&partition(), &moved)).await.unwrap();
    let page = store.view().scan(&device_grant::by_expiry(&partition()), 9).await.unwrap();
    let seconds: Vec<_> = page.rows.iter().map(|row| row.record.expires_at.as_second()).collect();
    assert_eq!(seconds, [70, 300, 500, 1_000_000]);
    let found = store.view().find(&device_grant::by_user_code(&partition(), "CODE5")).await.unwrap();
    assert_eq!(found.unwrap().record, moved);
    assert_eq!(store.view().count(&device_grant::all(&partition()), 9).await.unwrap(), 4);
}
