//! Users of the tenant.

use insta::assert_snapshot;
use slipway_testkit::TestApp;

use crate::{USER02, automation, render};

#[tokio::test]
async fn one_user() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    assert_snapshot!("user", render(&app.get(&token, &format!("/v1.0/users/{USER02}")).await));
    let by_name = app.get(&token, "/v1.0/users/USER02@contoso.example?$select=id,accountEnabled").await;
    assert_snapshot!("user_selected", render(&by_name));
    assert_snapshot!("user_unknown", render(&app.get(&token, "/v1.0/users/nobody@contoso.example").await));
}

#[tokio::test]
async fn all_users_page_by_page() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let mut path = "/v1.0/users?$select=id&$top=6&$count=true".to_owned();
    let mut ids = Vec::new();
    let mut pages = 0;
    loop {
        let json = app.get(&token, &path).await.json();
        assert_eq!(json["@odata.count"], 20);
        ids.extend(
            json["value"].as_array().unwrap().iter().map(|user| user["id"].as_str().unwrap().to_owned()),
        );
        pages += 1;
        let Some(next) = json["@odata.nextLink"].as_str() else { break };
        path = next.strip_prefix("https://localhost:8365").unwrap().to_owned();
    }
    assert_eq!((ids.len(), pages), (20, 4));
    assert!(ids.is_sorted());
}

#[tokio::test]
async fn filters() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    for (filter, found) in [
        ("userPrincipalName eq 'USER02@contoso.example'", 1),
        ("id eq '51190000-0000-4000-8000-0000000e0001'", 1),
        ("startswith(userPrincipalName,'user1')", 10),
        ("accountEnabled eq true", 20),
        ("id eq '51190000-0000-4000-8000-0000000e0001' and accountEnabled eq false", 0),
    ] {
        let path = format!("/v1.0/users?$count=true&$top=3&$filter={filter}").replace(' ', "%20");
        let json = app.get(&token, &path).await.json();
        assert_eq!(json["@odata.count"], found, "{filter}");
        assert_eq!(json["value"].as_array().unwrap().len(), found.min(3), "{filter}");
        assert_eq!(json.get("@odata.nextLink").is_some(), found > 3, "{filter}");
    }
    let refused = app.get(&token, "/v1.0/users?$expand=manager").await;
    assert_eq!(refused.status, 400);
    assert!(refused.error().1.contains("Expand"), "{:?}", refused.error());
}
