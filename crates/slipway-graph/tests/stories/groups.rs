//! Members of groups.

use insta::assert_snapshot;
use serde_json::{Value, json};
use slipway_testkit::TestApp;

use crate::users::FABRIKAM;
use crate::{everything, render};

/// `all` has `ada`, `ben` and the group `inner`, which has `cem` and, in a circle, `all`.
async fn fabrikam(app: &TestApp) -> String {
    let user = |id: &str, name: &str| json!({"id": id, "displayName": name, "userPrincipalName": format!("{id}@fabrikam.example")});
    let group = |id: &str, members: &[&str]| json!({"id": id, "displayName": format!("Group {id}"), "description": "a circle", "members": members});
    let more = json!({
        "users": [user("ada", "Ada"), user("ben", "Ben"), user("cem", "Cem")],
        "groups": [
            group("all", &["ada", "ben", "inner"]),
            group("inner", &["cem", "all"]),
            group("none", &[]),
        ],
    });
    everything(app, FABRIKAM, "fabrikam.example", &more).await
}

fn ids(json: &Value) -> Vec<&str> {
    json["value"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn members_of_all_kinds() {
    let app = TestApp::start().await;
    let token = fabrikam(&app).await;
    let get = async |path: &str| app.get(&token, &format!("/v1.0/groups/{path}")).await;
    assert_snapshot!(
        "members",
        render(&get("ALL/members?$select=id,displayName,userPrincipalName&$count=true").await)
    );
    for (path, found) in [
        ("all/members", &["inner", "ada", "ben"][..]),
        ("all/members/microsoft.graph.user", &["ada", "ben"]),
        ("all/transitiveMembers", &["all", "inner", "ada", "ben", "cem"]),
        ("all/transitiveMembers/microsoft.graph.user", &["ada", "ben", "cem"]),
        ("inner/transitiveMembers/microsoft.graph.user", &["ada", "ben", "cem"]),
        ("none/members", &[]),
        ("none/transitiveMembers", &[]),
    ] {
        let whole = get(&format!("{path}?$count=true")).await.json();
        assert_eq!((ids(&whole), &whole["@odata.count"]), (found.to_vec(), &json!(found.len())), "{path}");
        if !path.ends_with("user") {
            assert_eq!(get(&format!("{path}/$count")).await.body, found.len().to_string(), "{path}");
        }
        let mut by_ones = Vec::new();
        let mut next = format!("/v1.0/groups/{path}?$top=1");
        loop {
            let json = app.get(&token, &next).await.json();
            by_ones.extend(ids(&json).into_iter().map(str::to_owned));
            let Some(link) = json["@odata.nextLink"].as_str() else { break };
            link.strip_prefix("https://localhost:8365").unwrap().clone_into(&mut next);
        }
        assert_eq!(by_ones, found, "{path}");
    }
}

#[tokio::test]
async fn groups_that_are_not_there() {
    let app = TestApp::start().await;
    let token = fabrikam(&app).await;
    assert_snapshot!("unknown", render(&app.get(&token, "/v1.0/groups/nothing/members").await));
    for path in ["members", "members/$count", "transitiveMembers", "transitiveMembers/$count"] {
        // A user, another tenant's group, and what can be no id.
        for id in ["ada", "51190000-0000-4000-8000-00000000f001", "a%20b"] {
            let answer = app.get(&token, &format!("/v1.0/groups/{id}/{path}")).await;
            assert_eq!((answer.status, answer.error().0.as_str()), (404, "Request_ResourceNotFound"), "{id}");
        }
    }
}
