//! The review of apps: who submits, who decides, and what becomes of installations.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::Method;
use insta::assert_snapshot;
use slipway_testkit::{Answer, Package, TestApp};

use crate::{ADMIN, PUBLIC, USER02, USER03, admin, automation, bind, installation_id, installed, render};

const APPS: &str = "/v1.0/appCatalogs/teamsApps";
const EXTERNAL: &str = "51190000-0000-4000-8000-00000000f00d";

/// A token of a user who administers nothing.
async fn submitter(app: &TestApp, user: &str) -> String {
    app.token_with(&["AppCatalog.Submit"], Some(user)).await
}

fn package(version: &str) -> Vec<u8> {
    Package::new(EXTERNAL, version).zip()
}

/// Submits a new app; its id.
async fn submit(app: &TestApp, token: &str, version: &str) -> String {
    let answer = app.post_zip(token, &format!("{APPS}?requiresReview=true"), &package(version)).await;
    assert_eq!(answer.status, 201, "{:?}", answer.error());
    answer.json()["id"].as_str().unwrap().to_owned()
}

fn definition(id: &str, version: &str, state: &str) -> String {
    format!("{APPS}/{id}/appDefinitions/{}", STANDARD.encode(format!("{id}##{version}##{state}")))
}

async fn patch(app: &TestApp, token: &str, path: &str, state: &str, etag: Option<&str>) -> Answer {
    let bearer = format!("Bearer {token}");
    let mut headers = vec![("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    headers.extend(etag.map(|etag| ("If-Match", etag)));
    let body = format!(r#"{{"publishingState":"{state}"}}"#);
    app.send(Method::PATCH, path, &headers, body.as_bytes()).await
}

/// Version and state of each definition, in the order of the answer.
async fn states(app: &TestApp, token: &str, id: &str) -> Vec<(String, String)> {
    let answer = app.get(token, &format!("{APPS}/{id}/appDefinitions")).await;
    assert_eq!(answer.status, 200, "{:?}", answer.error());
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let rows = answer.json()["value"].as_array().unwrap().clone();
    rows.iter().map(|row| (text(&row["version"]), text(&row["publishingState"]))).collect()
}

fn are(states: &[(String, String)], expected: &[(&str, &str)]) -> bool {
    states.iter().map(|(version, state)| (version.as_str(), state.as_str())).eq(expected.iter().copied())
}

#[tokio::test]
async fn a_submission_is_approved() {
    let app = TestApp::start().await;
    let (token, admin, user) = (automation(&app).await, admin(&app).await, submitter(&app, USER02).await);
    let submitted = app.post_zip(&user, &format!("{APPS}?requiresReview=true"), &package("1.1.8")).await;
    assert_snapshot!("submit", render(&submitted));
    let id = submitted.json()["id"].as_str().unwrap().to_owned();
    let list = format!("{APPS}?$filter=id%20eq%20'{id}'&$expand=appDefinitions");
    let listed = app.get(&user, &list).await;
    assert_snapshot!("submitted_and_listed", render(&listed));
    let etag = listed.json()["value"][0]["appDefinitions"][0]["@odata.etag"].as_str().unwrap().to_owned();
    let shown = app.get(&user, &format!("{}?$select=version", definition(&id, "1.1.8", "Submitted"))).await;
    assert_eq!(shown.json()["@odata.etag"], etag.as_str(), "an etag does not go with a selection");

    let refused = app.post(&token, &installed(USER03), &bind(&id)).await;
    assert_eq!((refused.status, refused.error().1.as_str()), (404, "Not Found"));
    let approved =
        patch(&app, &admin, &definition(&id, "1.1.8", "Submitted"), "published", Some(&etag)).await;
    assert_snapshot!("approve", render(&approved));
    let again = patch(&app, &admin, &definition(&id, "1.1.8", "Submitted"), "published", None).await;
    assert_snapshot!("approve_again", render(&again));
    assert!(are(&states(&app, &admin, &id).await, &[("1.1.8", "published")]));
    assert_eq!(app.post(&token, &installed(USER03), &bind(&id)).await.status, 201);
}

#[tokio::test]
async fn a_rejected_version_comes_again() {
    let app = TestApp::start().await;
    let (admin, user) = (admin(&app).await, submitter(&app, USER02).await);
    let id = submit(&app, &user, "1.0.0").await;
    let rejected = patch(&app, &admin, &definition(&id, "1.0.0", "Submitted"), "rejected", Some("*")).await;
    assert_snapshot!("reject", render(&rejected));
    assert!(are(&states(&app, &user, &id).await, &[("1.0.0", "rejected")]));
    for state in ["published", "rejected"] {
        let late = patch(&app, &admin, &definition(&id, "1.0.0", "Rejected"), state, None).await;
        assert_eq!((late.status, late.error().0.as_str()), (400, "BadRequest"), "{state}");
    }
    let withdrawn = app.delete(&user, &definition(&id, "1.0.0", "Rejected")).await;
    assert_snapshot!("withdraw_rejected", render(&withdrawn));

    // The app is there already, so it comes as a version of it.
    let review = "requiresReview=true";
    let anew = app.post_zip(&user, &format!("{APPS}?{review}"), &package("1.0.0")).await;
    assert_eq!((anew.status, anew.error().0.as_str()), (409, "Conflict"));
    let versions = format!("{APPS}/{id}/appDefinitions?{review}");
    let mut better = Package::new(EXTERNAL, "1.0.0");
    better.manifest["name"]["short"] = "Better".into();
    app.clock.advance(jiff::SignedDuration::from_mins(1));
    assert_snapshot!("resubmit", render(&app.post_zip(&user, &versions, &better.zip()).await));
    let twice = app.post_zip(&user, &versions, &better.zip()).await;
    assert_eq!((twice.status, twice.error().0.as_str()), (409, "Conflict"));
    let named = app.get(&user, &format!("{APPS}/{id}?$select=displayName")).await;
    assert_eq!(named.json()["displayName"], "Better");
    let approved = patch(&app, &admin, &definition(&id, "1.0.0", "Submitted"), "published", None).await;
    assert_eq!(approved.status, 200);
    assert_eq!(
        app.get(&automation(&app).await, &format!("{APPS}/{id}")).await.json()["displayName"],
        "Better"
    );
}

#[tokio::test]
async fn a_version_waits_beside_the_published_one() {
    let app = TestApp::start().await;
    let (token, admin, user) = (automation(&app).await, admin(&app).await, submitter(&app, USER02).await);
    let id = submit(&app, &user, "1.0.0").await;
    assert_eq!(
        patch(&app, &admin, &definition(&id, "1.0.0", "Submitted"), "published", None).await.status,
        200
    );
    assert_eq!(app.post(&token, &installed(USER03), &bind(&id)).await.status, 201);
    let versions = format!("{APPS}/{id}/appDefinitions?requiresReview=true");
    for version in ["1.1.0", "1.2.0"] {
        assert_eq!(app.post_zip(&user, &versions, &package(version)).await.status, 201, "{version}");
    }
    let waiting = [("1.0.0", "published"), ("1.2.0", "submitted"), ("1.1.0", "submitted")];
    assert!(are(&states(&app, &user, &id).await, &waiting));
    assert_eq!(app.get(&user, &format!("{APPS}/{id}")).await.json()["displayName"], "Test App 1.0.0");
    let one = format!("{}/{}", installed(USER03), installation_id(USER03, &id));
    let version = async || {
        let answer = app.get(&token, &format!("{one}?$expand=teamsAppDefinition")).await;
        answer.json()["teamsAppDefinition"]["version"].as_str().unwrap().to_owned()
    };
    assert_eq!(app.post(&token, &format!("{one}/upgrade"), "").await.status, 204);
    assert_eq!(version().await, "1.0.0", "what waits is no upgrade");

    assert_eq!(
        patch(&app, &admin, &definition(&id, "1.2.0", "Submitted"), "published", None).await.status,
        200
    );
    assert_eq!(version().await, "1.0.0", "an approval touches no installation");
    assert_eq!(app.post(&token, &format!("{one}/upgrade"), "").await.status, 204);
    assert_eq!(version().await, "1.2.0");
    let late = patch(&app, &admin, &definition(&id, "1.1.0", "Submitted"), "published", None).await;
    assert_snapshot!("approve_a_lower_version", render(&late));
    assert_eq!(app.delete(&user, &definition(&id, "1.1.0", "Submitted")).await.status, 204);
    let left = [("1.2.0", "published"), ("1.0.0", "published")];
    assert!(are(&states(&app, &user, &id).await, &left), "the app stays, for it has other versions");
}

#[tokio::test]
async fn etags_say_what_was_seen() {
    let app = TestApp::start().await;
    let (admin, user) = (admin(&app).await, submitter(&app, USER02).await);
    let id = submit(&app, &user, "1.0.0").await;
    let path = definition(&id, "1.0.0", "Submitted");
    let etag = async || app.get(&user, &path).await.json()["@odata.etag"].as_str().unwrap().to_owned();
    let first = etag().await;
    let old = patch(&app, &admin, &path, "published", Some("InFtSStsNVJHVWdzWUJRU2ZVWGp4RWc9PSI=")).await;
    assert_snapshot!("approve_with_another_etag", render(&old));
    assert!(are(&states(&app, &user, &id).await, &[("1.0.0", "submitted")]));

    // Withdrawn and submitted anew in the meantime, with another text.
    let versions = format!("{APPS}/{id}/appDefinitions?requiresReview=true");
    assert_eq!(app.post_zip(&user, &versions, &package("1.1.0")).await.status, 201);
    assert_eq!(app.delete(&user, &path).await.status, 204);
    let mut other = Package::new(EXTERNAL, "1.0.0");
    other.manifest["description"]["full"] = "Something else.".into();
    assert_eq!(app.post_zip(&user, &versions, &other.zip()).await.status, 201);
    assert_ne!(etag().await, first);
    assert_eq!(patch(&app, &admin, &path, "rejected", Some(&first)).await.status, 412);
    let quoted = format!("\"{}\"", etag().await);
    assert_eq!(patch(&app, &admin, &path, "rejected", Some(&quoted)).await.status, 200);
    let published = patch(&app, &admin, &definition(&id, "1.1.0", "Submitted"), "published", None).await;
    assert!(published.json().get("@odata.etag").is_none());
}

#[tokio::test]
async fn only_administrators_decide() {
    let app = TestApp::start().await;
    let admin = admin(&app).await;
    let user = app.user_token(PUBLIC, USER02).await;
    assert_snapshot!("publish_by_a_user", render(&app.post_zip(&user, APPS, &package("1.0.0")).await));
    let id = submit(&app, &user, "1.0.0").await;
    let path = definition(&id, "1.0.0", "Submitted");
    assert_snapshot!("approve_by_a_user", render(&patch(&app, &user, &path, "published", None).await));
    let submitting = app.token_with(&["AppCatalog.Submit"], Some(ADMIN)).await;
    let refused = patch(&app, &submitting, &path, "published", None).await;
    assert!(refused.status == 403 && refused.error().1.contains("AppCatalog.ReadWrite.All, Directory."));
    let versions = format!("{APPS}/{id}/appDefinitions");
    for path in [&versions, &format!("{versions}?requiresReview=false")] {
        assert_eq!(app.post_zip(&user, path, &package("1.1.0")).await.status, 403, "{path}");
    }
    let other = submitter(&app, USER03).await;
    assert_snapshot!("withdraw_by_another_user", render(&app.delete(&other, &path).await));
    assert_eq!(app.delete(&other, &format!("{APPS}/{id}")).await.status, 403);

    assert_eq!(patch(&app, &admin, &path, "published", None).await.status, 200);
    assert_snapshot!("delete_by_a_user", render(&app.delete(&user, &format!("{APPS}/{id}")).await));
    assert_snapshot!(
        "withdraw_published",
        render(&app.delete(&admin, &definition(&id, "1.0.0", "Published")).await)
    );
    let refused = app.delete(&submitting, &format!("{APPS}/{id}")).await;
    assert_eq!(refused.status, 403, "submitting is no permission to delete what was published");
    assert_eq!(app.delete(&admin, &format!("{APPS}/{id}")).await.status, 204);
    let id = submit(&app, &user, "1.0.0").await;
    let path = definition(&id, "1.0.0", "Submitted");
    assert_eq!(app.delete(&submitting, &path).await.status, 403, "not their own submission");
    assert_eq!(app.delete(&user, &path).await.status, 204);
}

#[tokio::test]
async fn users_take_back_what_they_submitted() {
    let app = TestApp::start().await;
    let (admin, user) = (admin(&app).await, submitter(&app, USER02).await);
    let count = async || app.get(&user, &format!("{APPS}/$count")).await.json().as_u64().unwrap();
    let before = count().await;
    let id = submit(&app, &user, "1.0.0").await;
    assert_eq!(count().await, before + 1);
    assert_snapshot!("withdraw", render(&app.delete(&user, &definition(&id, "1.0.0", "Submitted")).await));
    assert_eq!(app.get(&user, &format!("{APPS}/{id}")).await.status, 404, "the app went with it");
    assert_eq!(count().await, before);

    let id = submit(&app, &user, "1.0.0").await;
    assert_eq!(app.delete(&user, &format!("{APPS}/{id}")).await.status, 204, "nothing was published");
    let id = submit(&app, &user, "1.0.0").await;
    let versions = format!("{APPS}/{id}/appDefinitions?requiresReview=true");
    assert_eq!(app.post_zip(&submitter(&app, USER03).await, &versions, &package("1.1.0")).await.status, 201);
    assert_eq!(app.delete(&user, &format!("{APPS}/{id}")).await.status, 403, "another user has a part in it");
    assert_eq!(app.delete(&user, &definition(&id, "1.0.0", "Submitted")).await.status, 204);
    assert_eq!(app.delete(&admin, &definition(&id, "1.1.0", "Submitted")).await.status, 204);
    assert_eq!(count().await, before);
}

#[tokio::test]
async fn clients_see_what_is_published() {
    let app = TestApp::start().await;
    let (token, admin) = (automation(&app).await, admin(&app).await);
    let id = submit(&app, &admin, "1.0.0").await;
    let path = definition(&id, "1.0.0", "Submitted");
    for query in ["", &*format!("&$filter=id%20eq%20'{id}'"), "&$filter=not(id%20eq%20'x')"] {
        let list = format!("{APPS}?$count=true{query}");
        let seen = async |token| {
            let answer = app.get(token, &list).await.json();
            let rows = answer["value"].as_array().unwrap().len();
            assert_eq!(answer["@odata.count"], rows, "{query}");
            rows
        };
        assert_eq!(seen(&admin).await, seen(&token).await + 1, "{query}");
    }
    for path in [format!("{APPS}/{id}"), format!("{APPS}/{id}/appDefinitions"), path] {
        assert_eq!(app.get(&admin, &path).await.status, 200, "{path}");
        let hidden = app.get(&token, &path).await;
        assert_eq!((hidden.status, hidden.error().1.as_str()), (404, "app is not found"), "{path}");
    }
}

#[tokio::test]
async fn ids_of_definitions() {
    let app = TestApp::start().await;
    let admin = admin(&app).await;
    let id = submit(&app, &admin, "1.0.0").await;
    let other = app.post_zip(&admin, APPS, &Package::new(USER02, "1.0.0").zip()).await;
    let other = other.json()["id"].as_str().unwrap().to_owned();
    let path = |key: &str| format!("{APPS}/{id}/appDefinitions/{key}");
    let plain = format!("{id}##1.0.0##Submitted");
    for key in [
        STANDARD.encode(&plain),
        STANDARD.encode(&plain).trim_end_matches('=').to_owned(),
        URL_SAFE_NO_PAD.encode(&plain),
        STANDARD.encode(format!("{id}##1.0.0")),
        STANDARD.encode(plain.to_uppercase().replace("SUBMITTED", "Submitted")),
    ] {
        assert_eq!(app.get(&admin, &path(&key)).await.status, 200, "{key}");
    }
    for plain in [
        format!("{id}##1.0.0##Published"),
        format!("{id}##1.0.1##Submitted"),
        format!("{other}##1.0.0##Published"),
        format!("{other}##1.0.0"),
    ] {
        let answer = app.get(&admin, &path(&STANDARD.encode(&plain))).await;
        assert_eq!((answer.status, answer.error().0.as_str()), (404, "NotFound"), "{plain}");
    }
    for key in [&id, "x", &STANDARD.encode(&id), &STANDARD.encode(format!("{id}##1.0.0##Lost"))] {
        let answer = app.get(&admin, &path(key)).await;
        let text = format!("Invalid id '{key}' provided.");
        assert_eq!((answer.status, answer.error()), (400, ("BadRequest".to_owned(), text)));
    }
}
