//! Manifests that say what samples show of definitions.

use serde_json::{Value, json};

use crate::seed::CLIENT;

/// A manifest in all scopes, or those that the definition allows, with what the definition says.
pub fn manifest(external_id: &str, version: &str, said: &Value) -> Value {
    let text = |names: &[&str], or: &str| {
        let found = names.iter().find_map(|name| said[*name].as_str());
        found.unwrap_or(or).to_owned()
    };
    let name = text(&["displayName"], "An app");
    let mut manifest = json!({
        "$schema": "https://developer.microsoft.com/json-schemas/teams/v1.17/MicrosoftTeams.schema.json",
        "manifestVersion": "1.17",
        "version": version,
        "id": external_id,
        "developer": {
            "name": "Contoso",
            "websiteUrl": "https://contoso.example",
            "privacyUrl": "https://contoso.example/privacy",
            "termsOfUseUrl": "https://contoso.example/terms"
        },
        "icons": {"color": "color.png", "outline": "outline.png"},
        "name": {"short": name, "full": name},
        "description": {
            "short": text(&["shortDescription", "shortdescription"], "An app of a sample."),
            "full": text(&["description"], "An app of a sample.")
        },
        "accentColor": "#4F6BED",
        "staticTabs": [{
            "entityId": "home", "name": "Home", "contentUrl": "https://contoso.example/tab", "scopes": ["personal"]
        }],
        "validDomains": ["contoso.example"]
    });
    if said["allowedInstallationScopes"] != "personal" {
        manifest["configurableTabs"] = json!([{"configurationUrl": "https://contoso.example/configure", "scopes": ["team", "groupChat"]}]);
    }
    if let Some(bot) = said.pointer("/bot/id") {
        manifest["bots"] = json!([{"botId": bot, "scopes": ["personal", "team", "groupChat"]}]);
    }
    let asked = asked(said);
    if !asked.is_empty() {
        manifest["authorization"] = json!({"permissions": {"resourceSpecific": asked}});
    }
    if said["azureADAppId"].is_string() || !asked.is_empty() {
        let id = text(&["azureADAppId"], CLIENT);
        manifest["webApplicationInfo"] = json!({"id": id, "resource": "https://contoso.example"});
    }
    if let Some(cards) = said["dashboardCards"].as_array() {
        manifest["manifestVersion"] = json!("1.30");
        manifest["dashboardCards"] = cards.iter().cloned().map(without_nulls).collect();
    }
    manifest
}

/// The resource-specific permissions of a definition as a manifest names them.
fn asked(said: &Value) -> Vec<Value> {
    let set = said.pointer("/authorization/requiredPermissionSet/resourceSpecificPermissions");
    if let Some(set) = set.and_then(Value::as_array) {
        let capital =
            |kind: &str| if kind.eq_ignore_ascii_case("application") { "Application" } else { "Delegated" };
        let one = |one: &Value| json!({"name": one["permissionValue"], "type": capital(one["permissionType"].as_str().unwrap())});
        return set.iter().map(one).collect();
    }
    let by_app = said["requiredResourceSpecificApplicationPermissions"].as_array();
    by_app.into_iter().flatten().map(|name| json!({"name": name, "type": "Application"})).collect()
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(all) => all
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, without_nulls(value)))
            .collect(),
        other => other,
    }
}
