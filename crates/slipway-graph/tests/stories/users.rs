//! Users of the tenant.

use http::Method;
use insta::assert_snapshot;
use serde_json::{Value, json};
use slipway_testkit::{Answer, TestApp};

use crate::{USER02, automation, everything, render};

pub(crate) const FABRIKAM: &str = "51190000-0000-4000-8000-000000000002";

/// Five people, of whom two have the same name, one is a guest without an address, and one may not sign in.
pub(crate) async fn fabrikam(app: &TestApp) -> String {
    let person = |id: &str, name: &str, mail: Option<&str>| {
        let user_principal_name = format!("{id}@fabrikam.example");
        json!({"id": id, "displayName": name, "mail": mail, "userPrincipalName": user_principal_name})
    };
    let mut users = [
        person("p1", "Ann-Marie O'Hara", Some("Ann@fabrikam.example")),
        person("p2", "bob", Some("bob@fabrikam.example")),
        person("p3", "Bob", None),
        person("p4", "Zoë Quill", Some("quill@post.example")),
        person("p5", "Anna", Some("anna@fabrikam.example")),
    ];
    users[2]["userType"] = json!("Guest");
    users[3]["accountEnabled"] = json!(false);
    everything(app, FABRIKAM, "fabrikam.example", &json!({ "users": users })).await
}

async fn eventually(app: &TestApp, token: &str, path: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("ConsistencyLevel", "eventual")];
    app.send(Method::GET, &path.replace(' ', "%20").replace('"', "%22"), &headers, b"").await
}

fn ids(json: &Value) -> Vec<&str> {
    json["value"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
}

/// Follows the links, with what the first page counts and how many rows each page has.
async fn all_pages(app: &TestApp, token: &str, path: &str) -> (Value, Vec<usize>) {
    let mut path = path.to_owned();
    let (mut count, mut sizes) = (Value::Null, Vec::new());
    loop {
        let json = app.get(token, &path).await.json();
        sizes.push(json["value"].as_array().unwrap().len());
        if sizes.len() == 1 {
            count = json["@odata.count"].clone();
        } else {
            assert_eq!(
                json.get("@odata.count"),
                None,
                "directory objects are counted on the first page only"
            );
        }
        let Some(next) = json["@odata.nextLink"].as_str() else { return (count, sizes) };
        next.strip_prefix("https://localhost:8365").unwrap().clone_into(&mut path);
    }
}

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
async fn pages_are_of_a_hundred_and_at_most_999() {
    let app = TestApp::start().await;
    let users = json!({"generate": {"users": 1_200}});
    let token = everything(&app, FABRIKAM, "fabrikam.example", &users).await;
    let pages = async |query: &str| all_pages(&app, &token, &format!("/v1.0/users?{query}")).await;
    assert_eq!(pages("$count=true").await, (json!(1_200), vec![100; 12]));
    assert_eq!(pages("$top=999&$count=true").await, (json!(1_200), vec![999, 201]));
    assert_eq!(pages("$top=500&$orderby=displayName%20desc").await, (Value::Null, vec![500, 500, 200]));
    let found = pages("$filter=startswith(displayName,'user%201')&$count=true&$top=150").await;
    assert_eq!(found, (json!(312), vec![150, 150, 12]));
    for top in ["0", "1000"] {
        let refused = app.get(&token, &format!("/v1.0/users?$top={top}")).await;
        assert_eq!(refused.status, 400);
        assert!(refused.error().1.contains(&format!("'{top}'")), "{:?}", refused.error());
    }
}

#[tokio::test]
async fn filters() {
    let app = TestApp::start().await;
    let token = fabrikam(&app).await;
    for (filter, found) in [
        ("id eq 'P1'", &["p1"][..]),
        ("id in ('p2','nobody','P1','p2')", &["p1", "p2"]),
        ("userPrincipalName eq 'P2@Fabrikam.Example'", &["p2"]),
        ("startswith(userPrincipalName,'P')", &["p1", "p2", "p3", "p4", "p5"]),
        ("mail eq 'ann@fabrikam.example'", &["p1"]),
        ("mail eq null", &["p3"]),
        ("mail in ('BOB@fabrikam.example','quill@post.example')", &["p2", "p4"]),
        ("endswith(mail,'@fabrikam.example')", &["p1", "p2", "p5"]),
        ("displayName eq 'ann-marie o''hara'", &["p1"]),
        ("displayName eq 'BOB'", &["p2", "p3"]),
        ("startswith(displayName,'ANN')", &["p1", "p5"]),
        ("startswith(displayName,'zoË')", &["p4"]),
        ("accountEnabled eq false", &["p4"]),
        ("userType eq 'Guest'", &["p3"]),
        ("startswith(displayName,'b') and not (userType eq 'guest')", &["p2"]),
        ("startswith(displayName,'ann') or accountEnabled eq false", &["p1", "p4", "p5"]),
    ] {
        let path = format!("/v1.0/users?$count=true&$filter={filter}");
        let json = app.get(&token, &path.replace(' ', "%20")).await.json();
        assert_eq!(ids(&json), found, "{filter}");
        assert_eq!(json["@odata.count"], found.len(), "{filter}");
        let number =
            app.get(&token, &format!("/v1.0/users/$count?$filter={filter}").replace(' ', "%20")).await;
        assert_eq!(number.body, found.len().to_string(), "{filter}");
    }
    let refused = app.get(&token, "/v1.0/users?$expand=manager").await;
    assert_eq!(refused.status, 400);
    assert!(refused.error().1.contains("Expand"), "{:?}", refused.error());
}

#[tokio::test]
async fn searches_want_a_header() {
    let app = TestApp::start().await;
    let token = fabrikam(&app).await;
    let search = "$search=%22displayName:ann%22";
    assert_snapshot!(
        "search_without_the_header",
        render(&app.get(&token, &format!("/v1.0/users?{search}")).await)
    );
    let number = app.get(&token, &format!("/v1.0/users/$count?{search}")).await;
    assert_eq!((number.status, number.error().0.as_str()), (400, "Request_UnsupportedQuery"));
    for (search, found) in [
        ("\"displayName:ann\"", &["p1", "p5"][..]),
        ("\"displayName:MARIE\"", &["p1"]),
        ("\"displayName:o'h\"", &["p1"]),
        ("\"displayName:nna\"", &[]),
        ("\"mail:ann\"", &["p1", "p5"]),
        ("\"mail:fabrikam\"", &[]),
        ("\"displayName:ann\" AND \"mail:anna\"", &["p5"]),
        ("\"displayName:zoë\" OR \"mail:bob\"", &["p2", "p4"]),
        ("\"userPrincipalName:p3\"", &["p3"]),
    ] {
        let json =
            eventually(&app, &token, &format!("/v1.0/users?$count=true&$search={search}")).await.json();
        assert_eq!(ids(&json), found, "{search}");
        assert_eq!(json["@odata.count"], found.len(), "{search}");
    }
    let both = "/v1.0/users?$search=\"displayName:bob\"&$filter=userType eq 'Member'&$orderby=displayName";
    assert_eq!(ids(&eventually(&app, &token, both).await.json()), ["p2"]);
    let number = eventually(&app, &token, "/v1.0/users/$count?$search=\"displayName:bob\"").await;
    assert_eq!((number.header("content-type"), &number.body[..]), ("text/plain;charset=utf-8", &b"2"[..]));
    assert_eq!(app.get(&token, "/v1.0/users/$count").await.body, "5");
}

#[tokio::test]
async fn orders() {
    let app = TestApp::start().await;
    let token = fabrikam(&app).await;
    for (query, found) in [
        ("$orderby=displayName", ["p1", "p5", "p2", "p3", "p4"]),
        ("$orderby=displayName desc", ["p4", "p3", "p2", "p5", "p1"]),
        ("$orderby=userPrincipalName desc", ["p5", "p4", "p3", "p2", "p1"]),
        ("$filter=startswith(userPrincipalName,'p')&$orderby=mail", ["p3", "p1", "p5", "p2", "p4"]),
        (
            "$filter=startswith(userPrincipalName,'p')&$orderby=userType,mail desc",
            ["p3", "p4", "p2", "p5", "p1"],
        ),
    ] {
        let mut found_by_ones = Vec::new();
        let mut path = format!("/v1.0/users?$top=1&{query}").replace(' ', "%20");
        loop {
            let json = app.get(&token, &path).await.json();
            found_by_ones.extend(ids(&json).into_iter().map(str::to_owned));
            let Some(next) = json["@odata.nextLink"].as_str() else { break };
            next.strip_prefix("https://localhost:8365").unwrap().clone_into(&mut path);
        }
        assert_eq!(found_by_ones, found, "{query}");
    }
    for (query, named) in [
        ("$orderby=mail", "Filter by a key"),
        ("$orderby=displayName,id", "Filter by a key"),
        ("$orderby=businessPhones", "businessPhones"),
        ("$filter=mail eq 'a'&$orderby=businessPhones/$count", "businessPhones"),
    ] {
        let refused = app.get(&token, &format!("/v1.0/users?{query}").replace(' ', "%20")).await;
        assert_eq!(refused.status, 400, "{query}");
        assert!(refused.error().1.contains(named), "{query}: {:?}", refused.error());
    }
}
