//! Each operation as a call that can succeed, and how to see that it did.

use http::Method;
use serde_json::{Value, json};
use slipway_model::{AppVersion, TeamsApp};
use slipway_store::app;
use slipway_testkit::{Answer, DEMO_CHAT, DEMO_GROUP, Package, TestApp};

use crate::ground::{APP, BOARD, BOT, Place, USER, stored_app};

pub const JSON: &str = "application/json";
pub const ZIP: &str = "application/zip";

/// A call that succeeds if it is allowed.
pub struct Effect {
    operation: String,
    pub method: Method,
    pub path: String,
    pub media_type: Option<&'static str>,
    pub body: Vec<u8>,
    pub status: u16,
    /// The app that the call is about.
    target: String,
    /// The version that the call publishes, where it publishes one.
    next: AppVersion,
}

impl Effect {
    /// The call, with everything in place that it needs.
    pub async fn of(app: &TestApp, operation: &str) -> Self {
        let mut effect = Self::get(operation, String::new());
        if let Some((place, verb)) = Place::of(operation) {
            place.prepare(app, verb).await;
            effect.on_apps(place, verb);
        } else if operation.starts_with("teamsApps") || operation.starts_with("appDefinitions") {
            effect.on_catalog(app).await;
        } else {
            effect.on_directory();
        }
        effect
    }

    fn get(operation: &str, path: String) -> Self {
        Self {
            operation: operation.to_owned(),
            method: Method::GET,
            path,
            media_type: None,
            body: Vec::new(),
            status: 200,
            target: APP.to_owned(),
            next: AppVersion::new("1.0.0"),
        }
    }

    /// What is done to the apps of a user, a team or a chat.
    fn on_apps(&mut self, place: Place, verb: &str) {
        let (list, one) = (place.installed_apps(), place.installed_app());
        let (method, path, status) = match verb {
            "list" => (Method::GET, list, 200),
            "get" => (Method::GET, one, 200),
            "add" => (Method::POST, list, place.install_status()),
            "upgrade" => (Method::POST, format!("{one}/upgrade"), 204),
            "delete" => (Method::DELETE, one, 204),
            "chat" => (Method::GET, format!("{one}/chat"), 200),
            "grants" => (Method::GET, format!("{}/permissionGrants", place.path()), 200),
            other => panic!("no call for {other}: add one"),
        };
        (self.method, self.path, self.status) = (method, path, status);
        if verb == "add" {
            (self.media_type, self.body) = (Some(JSON), bind(BOARD));
        }
    }

    async fn on_catalog(&mut self, app: &TestApp) {
        remove_new(app).await;
        let apps = "/appCatalogs/teamsApps";
        let (method, path, status) = match self.operation.as_str() {
            "teamsApps.list" => (Method::GET, apps.to_owned(), 200),
            "teamsApps.get" => (Method::GET, format!("{apps}/{APP}"), 200),
            "appDefinitions.list" => (Method::GET, format!("{apps}/{APP}/appDefinitions"), 200),
            "teamsApps.publish" => {
                (self.media_type, self.body) = (Some(ZIP), package(NEW, &self.next));
                (Method::POST, apps.to_owned(), 201)
            }
            "teamsApps.delete" => {
                self.target = spare(app).await.id.to_string();
                (Method::DELETE, format!("{apps}/{}", self.target), 204)
            }
            "appDefinitions.publish" => {
                let spare = spare(app).await;
                (self.target, self.next) = (spare.id.to_string(), version_after(&spare));
                (self.media_type, self.body) = (Some(ZIP), package(SPARE, &self.next));
                (Method::POST, format!("{apps}/{}/appDefinitions", self.target), 204)
            }
            other => panic!("no call for operation {other}: add one"),
        };
        (self.method, self.path, self.status) = (method, path, status);
    }

    fn on_directory(&mut self) {
        let group = format!("/groups/{DEMO_GROUP}");
        self.path = match self.operation.as_str() {
            "users.list" => "/users?$top=3".into(),
            "users.count" => "/users/$count".into(),
            "users.get" => format!("/users/{USER}"),
            "userTeamwork.get" => format!("/users/{USER}/teamwork"),
            "users.chats.list" => format!("/users/{USER}/chats"),
            "users.chats.get" => format!("/users/{USER}/chats/{DEMO_CHAT}"),
            "chats.get" => format!("/chats/{DEMO_CHAT}"),
            "teams.get" => Place::Team.path(),
            "groups.members" => format!("{group}/members?$top=3"),
            "groups.userMembers" => format!("{group}/members/microsoft.graph.user?$top=3"),
            "groups.countMembers" => format!("{group}/members/$count"),
            "groups.transitiveMembers" => format!("{group}/transitiveMembers?$top=3"),
            "groups.userTransitiveMembers" => {
                format!("{group}/transitiveMembers/microsoft.graph.user?$top=3")
            }
            "groups.countTransitiveMembers" => format!("{group}/transitiveMembers/$count"),
            "chats.create" => {
                self.method = Method::POST;
                self.status = 201;
                (self.media_type, self.body) = (Some(JSON), new_chat(&[USER, OTHER]));
                "/chats".into()
            }
            other => panic!("no call for operation {other}: add one"),
        };
    }

    /// That the answer says what it should and the store shows it.
    pub async fn check(&self, app: &TestApp, answer: &Answer, case: &str) {
        let json = answer.json();
        let rows = || json["value"].as_array().map(Vec::len);
        if let Some((place, verb)) = Place::of(&self.operation) {
            return self.check_apps(app, (place, verb), &json, case).await;
        }
        match self.operation.as_str() {
            "users.count" | "groups.countMembers" | "groups.countTransitiveMembers" => {
                assert_eq!(answer.body, "20", "{case}");
            }
            "users.get" => assert_eq!(json["id"], USER, "{case}"),
            "userTeamwork.get" => assert_eq!(json["id"], "userTeamwork", "{case}"),
            "users.chats.list" => assert_eq!(json["value"][1]["id"], DEMO_CHAT, "{case}"),
            "users.chats.get" | "chats.get" => assert_eq!(json["id"], DEMO_CHAT, "{case}"),
            "teams.get" => assert_eq!(json["id"], Place::Team.id(), "{case}"),
            "chats.create" => {
                let path = format!("/v1.0/chats/{}", json["id"].as_str().unwrap());
                let made = app.get(&reader(app).await, &path).await;
                assert_eq!(made.json()["topic"], "New", "{case}");
            }
            "teamsApps.list" => {
                let apps = json["value"].as_array().unwrap();
                assert!(apps.iter().any(|found| found["id"] == APP), "{case}");
            }
            "teamsApps.get" => assert_eq!(json["id"], APP, "{case}"),
            "teamsApps.publish" => {
                assert_eq!(json["externalId"], NEW, "{case}");
                assert!(stored_app(app, json["id"].as_str().unwrap()).await.is_some(), "{case}");
            }
            "teamsApps.delete" => assert!(stored_app(app, &self.target).await.is_none(), "{case}"),
            "appDefinitions.list" => assert_eq!(json["value"][0]["version"], "1.1.0", "{case}"),
            "appDefinitions.publish" => {
                let published = stored_app(app, &self.target).await.unwrap().published;
                assert_eq!(published.as_ref(), Some(&self.next), "{case}");
            }
            _ => assert_eq!(rows(), Some(3), "{case}"),
        }
    }

    async fn check_apps(&self, app: &TestApp, (place, verb): (Place, &str), json: &Value, case: &str) {
        match verb {
            "list" => assert_eq!(json["value"][0]["id"], place.installation_id(), "{case}"),
            "get" => assert_eq!(json["id"], place.installation_id(), "{case}"),
            "add" | "upgrade" => {
                assert_eq!(place.installed_version(app).await.as_deref(), Some("1.1.0"), "{case}");
            }
            "delete" => assert_eq!(place.installed_version(app).await, None, "{case}"),
            "chat" => assert_eq!(json["id"], format!("19:{BOT}_{USER}@unq.gbl.spaces"), "{case}"),
            "grants" => {
                assert_eq!(json["value"][0]["permission"], "ChannelMeeting.ReadBasic.Group", "{case}")
            }
            other => panic!("no check for {other}: add one"),
        }
    }
}

/// Another user of the demo tenant.
pub const OTHER: &str = "51190000-0000-4000-8000-0000000e0003";

pub fn bind(app: &str) -> Vec<u8> {
    json!({"teamsApp@odata.bind": format!("https://graph.microsoft.com/v1.0/appCatalogs/teamsApps/{app}")})
        .to_string()
        .into_bytes()
}

/// The body that makes a chat of the users.
pub fn new_chat(users: &[&str]) -> Vec<u8> {
    let member = |user: &&str| {
        json!({
            "@odata.type": "#microsoft.graph.aadUserConversationMember",
            "roles": ["owner"],
            "user@odata.bind": format!("https://graph.microsoft.com/v1.0/users('{user}')")
        })
    };
    let members: Vec<_> = users.iter().map(member).collect();
    json!({"chatType": "group", "topic": "New", "members": members}).to_string().into_bytes()
}

/// Manifest ids of the apps that calls make.
const NEW: &str = "51190000-0000-4000-8000-00000000f001";
const SPARE: &str = "51190000-0000-4000-8000-00000000f002";

fn package(external_id: &str, version: &AppVersion) -> Vec<u8> {
    Package::new(external_id, version.as_str()).zip()
}

/// Deletes the app that an earlier call published.
async fn remove_new(app: &TestApp) {
    let key = app::by_external_id(&app.partition().await, NEW);
    if let Some(found) = app.server.store().view().find(&key).await.unwrap() {
        let token = admin(app).await;
        let answer = app.delete(&token, &format!("/v1.0/appCatalogs/teamsApps/{}", found.record.id)).await;
        assert_eq!(answer.status, 204);
        app.server.store().finish_sweeps().await.unwrap();
    }
}

/// An app that a call may change or delete; published where an earlier call deleted it.
async fn spare(app: &TestApp) -> TeamsApp {
    let key = app::by_external_id(&app.partition().await, SPARE);
    let found = async || app.server.store().view().find(&key).await.unwrap().map(|found| found.record);
    if let Some(spare) = found().await {
        return spare;
    }
    let zip = package(SPARE, &AppVersion::new("1.0.0"));
    let answer = app.post_zip(&admin(app).await, "/v1.0/appCatalogs/teamsApps", &zip).await;
    assert_eq!(answer.status, 201, "{:?}", answer.error());
    found().await.unwrap()
}

fn version_after(app: &TeamsApp) -> AppVersion {
    let (major, _) = app.published.as_ref().unwrap().as_str().split_once('.').unwrap();
    AppVersion::new(&format!("{}.0.0", major.parse::<u32>().unwrap() + 1))
}

async fn admin(app: &TestApp) -> String {
    app.token_with(&["AppCatalog.ReadWrite.All"], Some(USER)).await
}

async fn reader(app: &TestApp) -> String {
    app.token_with(&["Chat.ReadBasic.All"], None).await
}
