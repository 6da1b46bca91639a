//! How much control information answers carry: `Accept: application/json;odata.metadata=none|minimal|full`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use insta::assert_snapshot;
use serde_json::{Map, Value};
use slipway_graph::seed::DEMO_TENANT;
use slipway_testkit::{Answer, DEMO_CHAT, DEMO_GROUP, DEMO_TEAM, TestApp};

use crate::{POLLS, USER02, admin, automation, installation_id, pretty};

/// The demo app for users, teams and chats.
const TASKS: &str = "51190000-0000-4000-8000-00000000b002";
const ROOT: &str = "https://localhost:8365/beta/";

/// Reads of everything that is served, with what they expand.
fn reads() -> [String; 16] {
    let definition = STANDARD.encode(format!("{POLLS}##1.1.0##Published"));
    let definition = format!("appCatalogs/teamsApps/{POLLS}/appDefinitions/{definition}");
    let installed = "installedApps?$select=id,scopeInfo,consentedPermissionSet&$expand=teamsApp($expand=appDefinitions($count=true)),teamsAppDefinition($expand=bot)";
    let installation = installation_id(USER02, POLLS);
    [
        format!("users/{USER02}"),
        "users?$top=2&$count=true".to_owned(),
        format!("users/{USER02}/teamwork"),
        format!("users/{USER02}/teamwork/{installed}"),
        format!("users/{USER02}/teamwork/installedApps/{installation}"),
        format!("users/{USER02}/teamwork/installedApps/{installation}/chat"),
        format!("teams/{DEMO_TEAM}"),
        format!("teams/{DEMO_TEAM}/{installed}"),
        format!("chats/{DEMO_CHAT}"),
        "appCatalogs/teamsApps?$top=1&$expand=appDefinitions($expand=bot,dashboardCards)".to_owned(),
        format!("appCatalogs/teamsApps/{POLLS}"),
        definition.clone(),
        format!("{definition}/bot"),
        format!("{definition}/colorIcon?$expand=hostedContent"),
        "teamwork/teamsAppSettings".to_owned(),
        format!("groups/{DEMO_GROUP}/members?$top=2"),
    ]
}

/// A server with an app in the demo team, and who may read all of it.
struct Reader {
    app: TestApp,
    token: String,
    /// Only a signed-in administrator reads the settings.
    admin: String,
}

impl Reader {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let demo = format!("id: {DEMO_TENANT}, displayName: Contoso, domain: contoso.example");
        let installations = format!("installations: [{{ team: {DEMO_TEAM}, app: {TASKS} }}]");
        app.seed(&format!("tenants: [{{ {demo}, {installations} }}]")).await;
        let (token, admin) = (automation(&app).await, admin(&app).await);
        Self { app, token, admin }
    }

    async fn get(&self, path: &str, accept: &str) -> Answer {
        let token = if path.starts_with("teamwork/") { &self.admin } else { &self.token };
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str()), ("Accept", accept)];
        let answer = self.app.send(Method::GET, &format!("/beta/{path}"), &headers, b"").await;
        assert_eq!(answer.status, 200, "{path}: {:?}", answer.error());
        answer
    }

    async fn at(&self, path: &str, level: &str) -> Value {
        let answer = self.get(path, &format!("application/json;odata.metadata={level}")).await;
        let said = format!(
            "application/json;odata.metadata={level};odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
        );
        assert_eq!(answer.header("content-type"), said);
        body(&answer)
    }
}

/// The body, without what is sealed anew in each link to a next page.
fn body(answer: &Answer) -> Value {
    let mut body = answer.json();
    if let Some(Value::String(link)) = body.get_mut("@odata.nextLink") {
        link.truncate(link.find("$skiptoken=").unwrap());
    }
    body
}

/// What all levels have: properties, counts, and links to next pages.
fn without_control(value: Value) -> Value {
    let stays = |key: &str| !key.contains('@') || key.ends_with("@odata.count") || key == "@odata.nextLink";
    match value {
        Value::Object(all) => all
            .into_iter()
            .filter(|(key, _)| stays(key))
            .map(|(key, value)| (key, without_control(value)))
            .collect(),
        Value::Array(all) => all.into_iter().map(without_control).collect(),
        other => other,
    }
}

/// The one entity of an answer, or the entities of its list.
fn entities(answer: &Value) -> Vec<&Map<String, Value>> {
    match answer.get("value").and_then(Value::as_array) {
        Some(list) => list.iter().filter_map(Value::as_object).collect(),
        None => answer.as_object().into_iter().collect(),
    }
}

#[tokio::test]
async fn levels_differ_in_control_information_only() {
    let reader = Reader::start().await;
    for path in reads() {
        let none = reader.at(&path, "none").await;
        let minimal = reader.at(&path, "minimal").await;
        let full = reader.at(&path, "full").await;
        assert!(!entities(&none).is_empty(), "{path}");
        assert_eq!(none, without_control(minimal.clone()), "{path}");
        assert_eq!(none, without_control(full.clone()), "{path}");
        assert_eq!(minimal["@odata.context"], full["@odata.context"], "{path}");
        let plain = reader.get(&path, "*/*").await;
        assert_eq!(body(&plain), minimal, "{path}");
        let old = reader.get(&path, "application/json;odata=nometadata").await;
        assert_eq!(body(&old), none, "{path}");
    }
}

#[tokio::test]
async fn full_has_addresses_that_lead_to_the_entities() {
    let reader = Reader::start().await;
    for path in reads() {
        let full = reader.at(&path, "full").await;
        for entity in entities(&full) {
            let kind = entity["@odata.type"].as_str().unwrap();
            assert!(kind.starts_with("#microsoft.graph."), "{path}: {kind}");
            let link = entity["@odata.editLink"].as_str().unwrap();
            assert_eq!(entity["@odata.id"], format!("{ROOT}{link}"), "{path}");
            // Members of groups are in no collection that is served.
            if !link.starts_with("directoryObjects(") {
                let found = reader.get(link, "application/json").await.json();
                assert_eq!(found["id"], entity["id"], "{path}: {link}");
            }
        }
    }
}

#[tokio::test]
async fn full_says_the_types_that_json_does_not_tell() {
    let reader = Reader::start().await;
    let full = "application/json;odata.metadata=full";
    let [user, .., settings, _] = reads();
    assert_snapshot!("full_user", pretty(&reader.get(&user, full).await.body));
    assert_snapshot!("full_settings", pretty(&reader.get(&settings, full).await.body));
    let installed = &reads()[3];
    assert_snapshot!("full_installed_apps", pretty(&reader.get(installed, full).await.body));
}

#[tokio::test]
async fn errors_are_plain_json_at_every_level() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    for level in ["none", "minimal", "full"] {
        let accept = format!("application/json;odata.metadata={level}");
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str()), ("Accept", accept.as_str())];
        let answer = app.send(Method::GET, "/v1.0/users/nobody", &headers, b"").await;
        assert_eq!((answer.status, answer.header("content-type")), (404, "application/json"));
    }
}
