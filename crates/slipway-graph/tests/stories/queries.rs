//! Query options on installed apps, as clients send them.

use insta::assert_snapshot;
use slipway_testkit::{Package, TestApp};

use crate::{POLLS, USER02, USER03, admin, automation, bind, installed, render};

#[tokio::test]
async fn the_documented_forms() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let get = async |query: &str| {
        app.get(&token, &format!("{}?{query}", installed(USER02)).replace(' ', "%20")).await
    };
    let by_external = "$expand=teamsApp,teamsAppDefinition&$filter=teamsApp/externalId eq '51190000-0000-4000-8000-00000000b0e1'";
    assert_snapshot!("by_external_id", render(&get(by_external).await));
    for (query, found) in [
        (format!("$expand=teamsApp&$filter=teamsApp/id eq '{POLLS}'"), 1),
        (format!("$filter=teamsApp/id+eq+'{POLLS}'"), 1),
        ("$expand=teamsApp&$filter=teamsApp/id eq '51190000-0000-4000-8000-00000000beef'".into(), 0),
        (format!("$expand=teamsAppDefinition&$filter=teamsAppDefinition/teamsAppId eq '{POLLS}'"), 1),
        (
            "$expand=teamsAppDefinition&$filter=teamsAppDefinition/displayName eq 'Contoso Polls'&$select=id"
                .into(),
            1,
        ),
        ("$expand=teamsAppDefinition($expand=bot)".into(), 1),
        ("$select=consentedPermissionSet,id".into(), 1),
        ("$filter=teamsApp/displayName eq 'O''Hara'".into(), 0),
        ("$top=1&$count=true".into(), 1),
        ("$expand=teamsApp($expand=appDefinitions)".into(), 1),
    ] {
        let answer = get(&query).await;
        assert_eq!(answer.status, 200, "{query}: {:?}", answer.error());
        assert_eq!(answer.json()["value"].as_array().unwrap().len(), found, "{query}");
        assert_eq!(answer.json()["@odata.count"], found, "{query}");
    }
    assert_snapshot!("selected", render(&get("$select=consentedPermissionSet,id").await));
    let nested = get("$expand=teamsApp($expand=appDefinitions)").await.json();
    assert_eq!(nested["value"][0]["teamsApp"]["appDefinitions"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_not_served_is_refused_by_name() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    for (query, named) in [
        ("$search=polls", "Search"),
        ("$orderby=id", "OrderBy"),
        ("$apply=x", "$apply"),
        ("$expand=chat", "chat"),
        ("$select=color", "color"),
        ("$filter=color%20eq%201", "color"),
        ("$filter=id%20eqq%201", "id eqq 1"),
        ("$top=0", "'0'"),
        ("$top=x", "'x'"),
        ("$top=2001", "'2001'"),
        ("$skiptoken=abc", "$skiptoken"),
    ] {
        let answer = app.get(&token, &format!("{}?{query}", installed(USER02))).await;
        assert_eq!((answer.status, answer.error().0.as_str()), (400, "BadRequest"), "{query}");
        assert!(answer.error().1.contains(named), "{query}: {}", answer.error().1);
    }
}

#[tokio::test]
async fn pages_follow_their_links_while_rows_come_and_go() {
    let app = TestApp::start().await;
    let (token, admin) = (automation(&app).await, admin(&app).await);
    let list = installed(USER03);
    let mut apps = Vec::new();
    for n in 0..5 {
        let package = Package::new(&format!("51190000-0000-4000-8000-0000000fff{n:02}"), "1.0.0");
        let answer = app.post_zip(&admin, "/v1.0/appCatalogs/teamsApps", &package.zip()).await;
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        app.clock.advance(jiff::SignedDuration::from_secs(1));
        assert_eq!(app.post(&token, &list, &bind(&id)).await.status, 201);
        apps.push(id);
    }
    let ids = |json: &serde_json::Value| -> Vec<String> {
        let rows = json["value"].as_array().unwrap();
        rows.iter().map(|row| row["teamsApp"]["id"].as_str().unwrap().to_owned()).collect()
    };
    let first = app.get(&token, &format!("{list}?$expand=teamsApp&$top=2")).await.json();
    assert_eq!(ids(&first), apps[..2]);
    assert_eq!(first["@odata.count"], 5);
    let next = first["@odata.nextLink"].as_str().unwrap();
    let next = next.strip_prefix("https://localhost:8365").unwrap();
    let gone = crate::installation_id(USER03, &apps[1]);
    assert_eq!(app.delete(&token, &format!("{list}/{gone}")).await.status, 204);
    let second = app.get(&token, next).await.json();
    assert_eq!(ids(&second), apps[2..4], "the page goes on behind a row that is gone");
    let next = second["@odata.nextLink"].as_str().unwrap();
    assert_eq!(next.matches("$skiptoken").count(), 1);
    let third = app.get(&token, next.strip_prefix("https://localhost:8365").unwrap()).await.json();
    assert_eq!(ids(&third), apps[4..]);
    assert!(third.get("@odata.nextLink").is_none());
}
