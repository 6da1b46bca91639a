//! Query options on installed apps, as clients send them.

use std::num::NonZeroUsize;

use insta::assert_snapshot;
use serde_json::{Value, json};
use slipway_graph::{LegacyPermissions, LegacyRefusal, RowLimits};
use slipway_testkit::{Package, TestApp};

use crate::users::{FABRIKAM, fabrikam};
use crate::{POLLS, USER02, USER03, admin, automation, bind, everything, installation_id, installed, render};

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
        ("$skip=-1", "'-1'"),
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
    let ids = |json: &Value| -> Vec<String> {
        let rows = json["value"].as_array().unwrap();
        rows.iter().map(|row| row["teamsApp"]["id"].as_str().unwrap().to_owned()).collect()
    };
    let first = app.get(&token, &format!("{list}?$expand=teamsApp&$top=2")).await.json();
    assert_eq!(ids(&first), apps[..2]);
    assert_eq!(first["@odata.count"], 5);
    let next = first["@odata.nextLink"].as_str().unwrap();
    let next = next.strip_prefix("https://localhost:8365").unwrap();
    let gone = installation_id(USER03, &apps[1]);
    assert_eq!(app.delete(&token, &format!("{list}/{gone}")).await.status, 204);
    let second = app.get(&token, next).await.json();
    assert_eq!(ids(&second), apps[2..4], "the page goes on behind a row that is gone");
    let next = second["@odata.nextLink"].as_str().unwrap();
    assert_eq!(next.matches("$skiptoken").count(), 1);
    let third = app.get(&token, next.strip_prefix("https://localhost:8365").unwrap()).await.json();
    assert_eq!(ids(&third), apps[4..]);
    assert!(third.get("@odata.nextLink").is_none());
}

/// The link behind a first page of two users.
async fn first_link(app: &TestApp, token: &str, query: &str) -> String {
    let json = app.get(token, &format!("/v1.0/users?{query}$top=2").replace(' ', "%20")).await.json();
    let link = json["@odata.nextLink"].as_str().unwrap();
    link.strip_prefix("https://localhost:8365").unwrap().to_owned()
}

#[tokio::test]
async fn a_skip_token_is_good_for_its_question_only() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let foreign = fabrikam(&app).await;
    let filter = "$filter=startswith(userPrincipalName,'user')&";
    for query in ["", "$orderby=displayName&", filter] {
        let link = first_link(&app, &token, query).await;
        let (before, sealed) = link.split_once("$skiptoken=").unwrap();
        let other = app.with_legacy(LegacyPermissions::Off, LegacyRefusal::Forbidden).await;
        let (here, there) = (app.get(&token, &link).await, other.get(&token, &link).await);
        assert_eq!((here.status, &here.json()["value"]), (200, &there.json()["value"]), "{query}");
        // What is shown of the rows, and how many on a page, is no part of the question.
        let shown =
            app.get(&token, &format!("/v1.0/users?{query}$top=1&$select=id&$skiptoken={sealed}")).await;
        assert_eq!(shown.json()["value"][0]["id"], here.json()["value"][0]["id"], "{query}");
        let mut changed = sealed.to_owned();
        let letter = if changed.remove(20) == 'A' { 'B' } else { 'A' };
        changed.insert(20, letter);
        for (what, token, link) in [
            ("changed", &token, format!("{before}$skiptoken={changed}")),
            ("cut", &token, link[..link.len() - 4].to_owned()),
            ("empty", &token, format!("{before}$skiptoken=")),
            ("of another tenant", &foreign, link.clone()),
            (
                "of another filter",
                &token,
                format!("{before}$filter=accountEnabled%20eq%20true&$skiptoken={sealed}").replace(filter, ""),
            ),
            ("of another order", &token, format!("/v1.0/users?$orderby=mail&$skiptoken={sealed}")),
            ("of another collection", &token, format!("{}?$skiptoken={sealed}", installed(USER02))),
            ("of another version", &token, link.replace("/v1.0/", "/beta/")),
        ] {
            let answer = app.get(token, &link).await;
            assert_eq!((answer.status, answer.error().0.as_str()), (400, "BadRequest"), "{what}: {link}");
            assert_eq!(
                answer.error().1,
                "Invalid value for $skiptoken query option found. Use the @odata.nextLink of the page before as it is.",
                "{what}"
            );
        }
    }
}

#[tokio::test]
async fn few_rows_are_looked_at_where_no_index_helps() {
    let app = TestApp::start().await;
    let users = json!({"generate": {"users": 60}});
    let token = everything(&app, FABRIKAM, "fabrikam.example", &users).await;
    let limit = |rows| NonZeroUsize::new(rows).unwrap();
    let limits = RowLimits { examined: limit(20), counted: limit(50) };
    let frugal = app.with_row_limits(limits).await;
    // Only the last user matches: two pages are empty.
    let mut path = "/v1.0/users?$filter=endswith(displayName,'60')".to_owned();
    let mut sizes = Vec::new();
    loop {
        let json = frugal.get(&token, &path).await.json();
        sizes.push(json["value"].as_array().unwrap().len());
        let Some(next) = json["@odata.nextLink"].as_str() else { break };
        next.strip_prefix("https://localhost:8365").unwrap().clone_into(&mut path);
    }
    assert_eq!(sizes, [0, 0, 1]);
    for path in ["/v1.0/users/$count?", "/v1.0/users?$count=true&"] {
        let refused = frugal.get(&token, &format!("{path}$filter=endswith(displayName,'60')")).await;
        assert_eq!(refused.status, 400);
        assert_eq!(
            refused.error().1,
            "Counting the rows of this request would examine more than 50 of them. Filter by 'id', \
             'userPrincipalName' or 'mail', or by how 'displayName' begins."
        );
    }
    // An index makes the rows to count fewer: 11 of "user 4…", and all 60 of "user …".
    for (filter, answer) in [("startswith(displayName,'user%204')", "11"), ("startswith(mail,'a')", "0")] {
        assert_eq!(frugal.get(&token, &format!("/v1.0/users/$count?$filter={filter}")).await.body, answer);
    }
    let refused = frugal.get(&token, "/v1.0/users/$count?$filter=startswith(displayName,'user%20')").await;
    assert_eq!(refused.status, 400);
    // More than may be at hand are walked in the order of the index, and counted there.
    let limits = RowLimits { examined: limit(5), counted: limit(50) };
    let frugal = app.with_row_limits(limits).await;
    let indexed = "$filter=startswith(displayName,'user%204')";
    assert_eq!(frugal.get(&token, &format!("/v1.0/users/$count?{indexed}")).await.body, "11");
    let page = frugal.get(&token, &format!("/v1.0/users?{indexed}&$top=5&$count=true")).await.json();
    assert_eq!((page["value"].as_array().unwrap().len(), &page["@odata.count"]), (5, &json!(11)));
    // The kept number needs no look at any row.
    assert_eq!(frugal.get(&token, "/v1.0/users/$count").await.body, "60");
}

#[tokio::test]
async fn an_answer_that_began_at_hand_goes_on_so_while_users_come() {
    let app = TestApp::start().await;
    let users = |number: u32| json!({"generate": {"users": number}});
    let token = everything(&app, FABRIKAM, "fabrikam.example", &users(2)).await;
    let limits = RowLimits { examined: NonZeroUsize::new(4).unwrap(), counted: NonZeroUsize::MIN };
    let frugal = app.with_row_limits(limits).await;
    let query = "$filter=startswith(displayName,'user')&$orderby=id";
    let first = frugal.get(&token, &format!("/v1.0/users?{query}&$top=1").replace(' ', "%20")).await.json();
    let next = first["@odata.nextLink"].as_str().unwrap().strip_prefix("https://localhost:8365").unwrap();
    everything(&app, FABRIKAM, "fabrikam.example", &users(9)).await;
    // More than an index may give to a first page.
    assert_eq!(frugal.get(&token, &format!("/v1.0/users?{query}")).await.status, 400);
    let mut path = next.to_owned();
    let mut names = Vec::new();
    loop {
        let json = frugal.get(&token, &path).await.json();
        names.extend(json["value"].as_array().unwrap().iter().map(|row| row["displayName"].clone()));
        let Some(next) = json["@odata.nextLink"].as_str() else { break };
        next.strip_prefix("https://localhost:8365").unwrap().clone_into(&mut path);
    }
    assert_eq!(names, (2..=9).map(|n| json!(format!("User {n}"))).collect::<Vec<_>>());
}
