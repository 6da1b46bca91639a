//! Callers who want the same rows at the same time.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use slipway_store::{Counter, app, installation};
use slipway_testkit::{Package, TestApp};
use tokio::task::JoinSet;

use crate::{POLLS, USER02, USER03, admin, automation, bind, installation_id, installed};

const APPS: &str = "/v1.0/appCatalogs/teamsApps";
const EXTERNAL: &str = "51190000-0000-4000-8000-00000000f00d";

/// A request that is ready to be sent.
struct Shot {
    method: Method,
    path: String,
    token: String,
    body: Vec<u8>,
}

impl Shot {
    fn install(token: &str, user: &str, app: &str) -> Self {
        Self {
            method: Method::POST,
            path: installed(user),
            token: token.into(),
            body: bind(app).into_bytes(),
        }
    }

    fn upgrade(token: &str, user: &str, app: &str) -> Self {
        let path = format!("{}/{}/upgrade", installed(user), installation_id(user, app));
        Self { method: Method::POST, path, token: token.into(), body: Vec::new() }
    }

    fn delete(token: &str, path: String) -> Self {
        Self { method: Method::DELETE, path, token: token.into(), body: Vec::new() }
    }

    fn uninstall(token: &str, user: &str, app: &str) -> Self {
        Self::delete(token, format!("{}/{}", installed(user), installation_id(user, app)))
    }

    fn review(token: &str, definition: &str, state: &str) -> Self {
        let body = format!(r#"{{"publishingState":"{state}"}}"#).into_bytes();
        Self { method: Method::PATCH, path: definition.into(), token: token.into(), body }
    }

    fn publish(token: &str, app: &str, zip: Vec<u8>) -> Self {
        let path = format!("{APPS}/{app}/appDefinitions");
        Self { method: Method::POST, path, token: token.into(), body: zip }
    }
}

/// Sends all of them at once; answers the statuses in the order of the shots.
async fn fire(app: &Arc<TestApp>, shots: Vec<Shot>) -> Vec<u16> {
    let mut statuses = vec![0; shots.len()];
    let mut tasks = JoinSet::new();
    let start = Arc::new(tokio::sync::Barrier::new(shots.len()));
    for (at, shot) in shots.into_iter().enumerate() {
        let (app, start) = (Arc::clone(app), Arc::clone(&start));
        tasks.spawn(async move {
            let bearer = format!("Bearer {}", shot.token);
            let media_type =
                if shot.body.starts_with(b"PK") { "application/zip" } else { "application/json" };
            let headers = [("Authorization", bearer.as_str()), ("Content-Type", media_type)];
            start.wait().await;
            (at, app.send(shot.method, &shot.path, &headers, &shot.body).await.status)
        });
    }
    while let Some(done) = tasks.join_next().await {
        let (at, status) = done.unwrap();
        statuses[at] = status;
    }
    statuses
}

fn count(statuses: &[u16], status: u16) -> i64 {
    i64::try_from(statuses.iter().filter(|found| **found == status).count()).unwrap()
}

/// That the counters of apps and installations are the rows, once no sweep is left.
async fn counters_are_the_rows(app: &TestApp) {
    app.server.store().finish_sweeps().await.unwrap();
    let (view, partition) = (app.server.store().view(), app.partition().await);
    let rows = view.count(&installation::all(&partition), usize::MAX).await.unwrap();
    assert_eq!(view.counter(&partition, Counter::Installations).await.unwrap(), i64::try_from(rows).unwrap());
    let rows = view.count(&app::all(&partition), usize::MAX).await.unwrap();
    assert_eq!(view.counter(&partition, Counter::Apps).await.unwrap(), i64::try_from(rows).unwrap());
}

async fn publish(app: &TestApp, token: &str, external_id: &str) -> String {
    let answer = app.post_zip(token, APPS, &Package::new(external_id, "1.0.0").zip()).await;
    assert_eq!(answer.status, 201, "{:?}", answer.error());
    answer.json()["id"].as_str().unwrap().to_owned()
}

/// The version that is installed, and 404 as none.
async fn version(app: &TestApp, token: &str, (user, id): (&str, &str)) -> Option<String> {
    let path = format!("{}/{}?$expand=teamsAppDefinition", installed(user), installation_id(user, id));
    let answer = app.get(token, &path).await;
    if answer.status == 404 {
        return None;
    }
    assert_eq!(answer.status, 200, "{:?}", answer.error());
    Some(
        answer.json()["teamsAppDefinition"]["version"].as_str().expect("the installed definition").to_owned(),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_installs() {
    let app = Arc::new(TestApp::start().await);
    let token = automation(&app).await;
    for round in 0..10 {
        let shots = (0..64).map(|_| Shot::install(&token, USER03, POLLS)).collect();
        let statuses = fire(&app, shots).await;
        assert_eq!((count(&statuses, 201), count(&statuses, 409)), (1, 63), "round {round}: {statuses:?}");
        assert_eq!(app.installations().await, 2, "round {round}");
        let statuses = fire(&app, (0..64).map(|_| Shot::uninstall(&token, USER03, POLLS)).collect()).await;
        assert_eq!((count(&statuses, 204), count(&statuses, 404)), (1, 63), "round {round}: {statuses:?}");
        assert_eq!(app.installations().await, 1, "round {round}");
    }
    counters_are_the_rows(&app).await;
}

/// Four users install the app, two upgrade it and two remove it while it is deleted.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_of_an_app_that_is_deleted() {
    let app = Arc::new(TestApp::start().await);
    let (token, admin) = (automation(&app).await, admin(&app).await);
    let users: Vec<_> = (1..=8).map(|n| format!("51190000-0000-4000-8000-0000000e{n:04x}")).collect();
    let next = Package::new(EXTERNAL, "1.1.0").zip();
    let (mut before, mut after) = (0, 0);
    for round in 0..50 {
        let id = publish(&app, &admin, EXTERNAL).await;
        for user in &users[4..] {
            assert_eq!(app.post(&token, &installed(user), &bind(&id)).await.status, 201, "round {round}");
        }
        assert_eq!(fire(&app, vec![Shot::publish(&admin, &id, next.clone())]).await, [204], "round {round}");
        let shots = users.iter().enumerate().map(|(at, user)| match at {
            0..4 => Shot::install(&token, user, &id),
            4..6 => Shot::upgrade(&token, user, &id),
            _ => Shot::uninstall(&token, user, &id),
        });
        let mut shots: Vec<_> = shots.collect();
        shots.insert(round % 8, Shot::delete(&admin, format!("{APPS}/{id}")));
        let mut statuses = fire(&app, shots).await;
        assert_eq!(statuses.remove(round % 8), 204, "round {round}");
        let came_first = count(&statuses[..4], 201) + count(&statuses[4..], 204);
        let came_late = count(&statuses, 404);
        assert_eq!(came_first + came_late, 8, "round {round}: {statuses:?}");
        (before, after) = (before + came_first, after + came_late);

        for user in &users {
            assert_eq!(version(&app, &token, (user, &id)).await, None, "round {round}");
            let list = app.get(&token, &format!("{}?$expand=teamsApp", installed(user))).await;
            let list = String::from_utf8(list.body.to_vec()).unwrap();
            assert!(!list.contains(&id), "round {round}: {list}");
        }
        let late = app.post(&token, &installed(USER03), &bind(&id)).await;
        assert_eq!((late.status, late.error().0.as_str()), (404, "NotFound"), "round {round}");
    }
    assert!(before > 0 && after > 0, "{before} calls came before the delete and {after} after: no race");
    counters_are_the_rows(&app).await;
    assert_eq!(app.installations().await, 1, "the demo tenant's own");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn upgrades_while_versions_are_published() {
    let app = Arc::new(TestApp::start().await);
    let (token, admin) = (automation(&app).await, admin(&app).await);
    let id = publish(&app, &admin, EXTERNAL).await;
    let users = [USER02, USER03];
    for user in users {
        assert_eq!(app.post(&token, &installed(user), &bind(&id)).await.status, 201);
    }
    for round in 1..=25 {
        let (old, new) = (format!("1.{}.0", round - 1), format!("1.{round}.0"));
        let mut shots: Vec<_> = (0..8).map(|n| Shot::upgrade(&token, users[n % 2], &id)).collect();
        shots.insert(round % 8, Shot::publish(&admin, &id, Package::new(EXTERNAL, &new).zip()));
        let statuses = fire(&app, shots).await;
        assert_eq!(count(&statuses, 204), 9, "round {round}: {statuses:?}");
        for user in users {
            let reached = version(&app, &token, (user, &id)).await.unwrap();
            assert!(reached == old || reached == new, "round {round}: {reached}");
            let upgraded = fire(&app, vec![Shot::upgrade(&token, user, &id)]).await;
            assert_eq!(upgraded, [204], "round {round}");
            assert_eq!(version(&app, &token, (user, &id)).await.as_ref(), Some(&new), "round {round}");
        }
    }
    counters_are_the_rows(&app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn uninstalls_while_installing() {
    let app = Arc::new(TestApp::start().await);
    let token = automation(&app).await;
    let mut there = 0;
    for round in 0..50 {
        let shots = (0..16).map(|n| match n % 2 {
            0 => Shot::install(&token, USER03, POLLS),
            _ => Shot::uninstall(&token, USER03, POLLS),
        });
        let statuses = fire(&app, shots.collect()).await;
        let (installs, uninstalls): (Vec<_>, Vec<_>) =
            statuses.iter().enumerate().partition(|(at, _)| at % 2 == 0);
        let installs: Vec<u16> = installs.into_iter().map(|(_, status)| *status).collect();
        let uninstalls: Vec<u16> = uninstalls.into_iter().map(|(_, status)| *status).collect();
        assert_eq!(count(&installs, 201) + count(&installs, 409), 8, "round {round}: {installs:?}");
        assert_eq!(count(&uninstalls, 204) + count(&uninstalls, 404), 8, "round {round}: {uninstalls:?}");

        there += count(&installs, 201) - count(&uninstalls, 204);
        let found = version(&app, &token, (USER03, POLLS)).await;
        assert_eq!(there, i64::from(found.is_some()), "round {round}: {statuses:?}");
        assert_eq!(app.installations().await, 1 + there, "round {round}: {statuses:?}");
    }
    counters_are_the_rows(&app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_upgrade_brings_nothing_back() {
    let app = Arc::new(TestApp::start().await);
    let (token, admin) = (automation(&app).await, admin(&app).await);
    let id = publish(&app, &admin, EXTERNAL).await;
    for round in 1..=30 {
        assert_eq!(app.post(&token, &installed(USER03), &bind(&id)).await.status, 201, "round {round}");
        let next = Package::new(EXTERNAL, &format!("1.{round}.0")).zip();
        assert_eq!(fire(&app, vec![Shot::publish(&admin, &id, next)]).await, [204], "round {round}");
        let mut shots: Vec<_> = (0..4).map(|_| Shot::upgrade(&token, USER03, &id)).collect();
        shots.insert(round % 5, Shot::uninstall(&token, USER03, &id));
        let mut statuses = fire(&app, shots).await;
        assert_eq!(statuses.remove(round % 5), 204, "round {round}");
        assert_eq!(count(&statuses, 204) + count(&statuses, 404), 4, "round {round}: {statuses:?}");
        assert_eq!(version(&app, &token, (USER03, &id)).await, None, "round {round}");
        assert_eq!(app.installations().await, 1, "round {round}: the demo tenant's own");
    }
    counters_are_the_rows(&app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_decision_about_a_submission() {
    let app = Arc::new(TestApp::start().await);
    let admin = admin(&app).await;
    let (mut winners, review) = ([0; 3], format!("{APPS}?requiresReview=true"));
    for round in 0..30 {
        let answer = app.post_zip(&admin, &review, &Package::new(EXTERNAL, "1.0.0").zip()).await;
        assert_eq!(answer.status, 201, "round {round}: {:?}", answer.error());
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        let definition =
            format!("{APPS}/{id}/appDefinitions/{}", STANDARD.encode(format!("{id}##1.0.0##Submitted")));
        let mut shots = vec![
            Shot::review(&admin, &definition, "published"),
            Shot::review(&admin, &definition, "rejected"),
            Shot::delete(&admin, definition),
        ];
        shots.rotate_left(round % 3);
        let mut statuses = fire(&app, shots).await;
        statuses.rotate_right(round % 3);
        let won: Vec<_> = (0..3).filter(|at| statuses[*at] < 300).collect();
        assert_eq!((won.len(), count(&statuses, 404)), (1, 2), "round {round}: {statuses:?}");
        winners[won[0]] += 1;
        let left = app.get(&admin, &format!("{APPS}/{id}/appDefinitions")).await;
        let state = left.json()["value"][0]["publishingState"].as_str().map(str::to_owned);
        assert_eq!(state.as_deref(), [Some("published"), Some("rejected"), None][won[0]], "round {round}");
        if state.is_some() {
            assert_eq!(app.delete(&admin, &format!("{APPS}/{id}")).await.status, 204, "round {round}");
        }
    }
    assert!(winners.iter().filter(|won| **won > 0).count() > 1, "{winners:?}: no race");
    counters_are_the_rows(&app).await;
}
