//! The ids of permissions that the service principal of Microsoft Graph shows, next to Microsoft's own list of them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;
use slipway_model::Permission;

use crate::ground;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Published {
    permission: String,
    scheme: String,
    id: Option<String>,
    admin_consent: bool,
    authorization_type: String,
}

/// Microsoft's list, where it lies beside the project.
fn published() -> Option<Vec<Published>> {
    let data =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/permission-ids.json");
    let text = std::fs::read_to_string(data).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

/// By name: the id, and of a delegated permission whether administrators only may grant it.
type Ids = BTreeMap<String, (String, bool)>;

fn shown(list: &Value) -> Ids {
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let entry = |row: &Value| (text(row, "value"), (text(row, "id"), text(row, "type") != "User"));
    list.as_array().unwrap().iter().map(entry).collect()
}

#[tokio::test]
async fn ids_are_microsofts() {
    let app = ground::start().await;
    let token = app.token_with(&["Application.Read.All"], None).await;
    let path = "/v1.0/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')";
    let graph = app.get(&token, path).await.json();
    let (scopes, roles) = (shown(&graph["oauth2PermissionScopes"]), shown(&graph["appRoles"]));
    assert_eq!(roles["Application.Read.All"].0, "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30");
    let Some(published) = published() else { return };
    let mut compared = 0;
    for Published { permission, scheme, id, admin_consent, authorization_type } in published {
        let (Some(id), true) = (id, authorization_type == "oAuth2") else { continue };
        if Permission::parse(&permission).is_none() {
            continue;
        }
        match scheme.as_str() {
            "DelegatedWork" => assert_eq!(scopes[&permission], (id, admin_consent), "{permission}"),
            "Application" => assert_eq!(roles[&permission].0, id, "{permission}"),
            _ => continue,
        }
        compared += 1;
    }
    assert!(compared > 90, "{compared}");
}
