//! Each operation as a call that can succeed, and how to see that it did.

use http::Method;
use serde_json::{Value, json};
use slipway_graph::seed::DEMO_TENANT;
use slipway_model::{AppVersion, TeamsApp, TenantId};
use slipway_store::{app, tenant};
use slipway_testkit::{Answer, DEMO_CHAT, DEMO_GROUP, Package, TestApp};

use crate::clients;
use crate::ground::{APP, BOARD, BOT, Place, USER, definition_id, stored_app};

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
        let (noun, _) = operation.split_once('.').unwrap();
        if let Some((place, verb)) = Place::of(operation) {
            place.prepare(app, verb).await;
            effect.on_apps(place, verb);
        } else if clients::is_about(operation) {
            let clients::ClientCall { method, path, body, status } = clients::prepare(app, operation).await;
            (effect.method, effect.path, effect.status) = (method, path, status);
            effect.media_type = body.as_ref().map(|_| JSON);
            effect.body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        } else if operation.starts_with("teamsAppSettings") {
            effect.on_settings(app).await;
        } else if ["teamsApps", "appDefinitions", "bot", "colorIcon", "outlineIcon"].contains(&noun) {
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
        let apps = "/appCatalogs/teamsApps";
        let published = format!("{apps}/{APP}/appDefinitions/{}", definition_id(APP, "1.1.0", "Published"));
        let (noun, verb) = self.operation.split_once('.').unwrap();
        self.path = match (noun, verb) {
            ("teamsApps", "list") => apps.into(),
            ("teamsApps", "count") => format!("{apps}/$count"),
            ("teamsApps", "get") => format!("{apps}/{APP}"),
            ("appDefinitions", "list") => format!("{apps}/{APP}/appDefinitions"),
            ("appDefinitions", "get") => published,
            (_, "hostedContent") => format!("{published}/{noun}/hostedContent"),
            (_, "bytes") => format!("{published}/{noun}/hostedContent/$value"),
            ("bot" | "colorIcon" | "outlineIcon", _) => format!("{published}/{noun}"),
            _ => return self.on_catalog_to_change(app, apps).await,
        };
    }

    async fn on_catalog_to_change(&mut self, app: &TestApp, apps: &str) {
        remove(app, NEW).await;
        let spare = spare(app).await;
        let one = format!("{apps}/{}", spare.id);
        (self.target, self.media_type) = (spare.id.to_string(), Some(ZIP));
        let (method, path, status) = match self.operation.as_str() {
            "teamsApps.publish" => {
                self.body = package(NEW, &self.next);
                (Method::POST, apps.to_owned(), 201)
            }
            "teamsApps.delete" => {
                (self.target, self.media_type) = (own_submission(app).await, None);
                (Method::DELETE, format!("{apps}/{}", self.target), 204)
            }
            "appDefinitions.add" | "teamsApps.update" => {
                self.next = version_after(&spare);
                self.body = package(SPARE, &self.next);
                let is_older = self.operation == "teamsApps.update";
                if is_older {
                    (Method::PUT, one, 204)
                } else {
                    (Method::POST, format!("{one}/appDefinitions"), 204)
                }
            }
            "appDefinitions.review" | "appDefinitions.withdraw" => {
                (self.target, self.next) = submitted(app).await;
                let id = definition_id(&self.target, self.next.as_str(), "Submitted");
                let path = format!("{apps}/{}/appDefinitions/{id}", self.target);
                if self.operation == "appDefinitions.review" {
                    let body = br#"{"publishingState":"published"}"#.to_vec();
                    (self.media_type, self.body) = (Some(JSON), body);
                    (Method::PATCH, path, 200)
                } else {
                    self.media_type = None;
                    (Method::DELETE, path, 204)
                }
            }
            other => panic!("no call for operation {other}: add one"),
        };
        (self.method, self.path, self.status) = (method, path, status);
    }

    /// What everybody of the tenant has in common; the change turns it over.
    async fn on_settings(&mut self, app: &TestApp) {
        self.path = "/teamwork/teamsAppSettings".into();
        if self.operation == "teamsAppSettings.update" {
            let turned = !may_ask(app).await;
            self.target = turned.to_string();
            self.body = json!({"allowUserRequestsForAppAccess": turned}).to_string().into_bytes();
            (self.method, self.status, self.media_type) = (Method::PATCH, 204, Some(JSON));
        }
    }

    fn on_directory(&mut self) {
        let group = format!("/groups/{DEMO_GROUP}");
        self.path = match self.operation.as_str() {
            "users.list" => "/users?$top=3".into(),
            "users.count" => "/users/$count".into(),
            "users.get" => format!("/users/{USER}"),
            "users.getId" => format!("/users/{USER}/id"),
            "me.get" => "/me".into(),
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
        if clients::is_about(&self.operation) {
            return clients::check(app, (&self.operation, answer), case).await;
        }
        match self.operation.as_str() {
            "users.count" | "groups.countMembers" | "groups.countTransitiveMembers" => {
                assert_eq!(answer.body, "20", "{case}");
            }
            "users.get" | "me.get" => assert_eq!(json["id"], USER, "{case}"),
            "users.getId" => assert_eq!(json["value"], USER, "{case}"),
            "userTeamwork.get" => assert_eq!(json["id"], "userTeamwork", "{case}"),
            "users.chats.list" => assert_eq!(json["value"][1]["id"], DEMO_CHAT, "{case}"),
            "users.chats.get" | "chats.get" => assert_eq!(json["id"], DEMO_CHAT, "{case}"),
            "teams.get" => assert_eq!(json["id"], Place::Team.id(), "{case}"),
            "chats.create" => {
                let path = format!("/v1.0/chats/{}", json["id"].as_str().unwrap());
                let made = app.get(&reader(app).await, &path).await;
                assert_eq!(made.json()["topic"], "New", "{case}");
            }
            "teamsAppSettings.get" => {
                assert_eq!(json["allowUserRequestsForAppAccess"], may_ask(app).await, "{case}");
            }
            "teamsAppSettings.update" => assert_eq!(may_ask(app).await.to_string(), self.target, "{case}"),
            "teamsApps.list" => {
                let apps = json["value"].as_array().unwrap();
                assert!(apps.iter().any(|found| found["id"] == APP), "{case}");
            }
            "teamsApps.count" => assert_eq!(answer.body, "3", "{case}"),
            "teamsApps.get" => assert_eq!(json["id"], APP, "{case}"),
            "teamsApps.publish" => {
                assert_eq!(json["externalId"], NEW, "{case}");
                assert!(stored_app(app, json["id"].as_str().unwrap()).await.is_some(), "{case}");
            }
            "teamsApps.delete" => assert!(stored_app(app, &self.target).await.is_none(), "{case}"),
            "appDefinitions.list" => assert_eq!(json["value"][0]["version"], "1.1.0", "{case}"),
            "appDefinitions.get" => assert_eq!(json["version"], "1.1.0", "{case}"),
            "bot.get" => assert_eq!(json["id"], "51190000-0000-4000-8000-00000000b0b1", "{case}"),
            "colorIcon.get" | "outlineIcon.get" => {
                assert!(json["webUrl"].as_str().unwrap().ends_with("/hostedContent/$value"), "{case}");
            }
            "colorIcon.hostedContent" | "outlineIcon.hostedContent" => {
                assert!(!json["id"].as_str().unwrap().is_empty(), "{case}");
            }
            "colorIcon.bytes" | "outlineIcon.bytes" => {
                assert!(answer.body.starts_with(b"\x89PNG"), "{case}");
            }
            "appDefinitions.add" | "teamsApps.update" | "appDefinitions.review" => {
                let published = stored_app(app, &self.target).await.unwrap().published;
                assert_eq!(published.as_ref(), Some(&self.next), "{case}");
            }
            "appDefinitions.withdraw" => {
                let published = stored_app(app, &self.target).await.unwrap().published;
                assert_eq!(published.unwrap().as_str(), "1.0.0", "{case}");
                assert_eq!(
                    app.delete(&admin(app).await, &format!("/v1.0{}", self.path)).await.status,
                    404,
                    "{case}"
                );
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
            "grants" => assert_eq!(json["value"][0]["permission"], place.granted(), "{case}"),
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

/// Deletes the app with the manifest id, if it is there.
async fn remove(app: &TestApp, external_id: &str) {
    let key = app::by_external_id(&app.partition().await, external_id);
    if let Some(found) = app.server.store().view().find(&key).await.unwrap() {
        let token = admin(app).await;
        let answer = app.delete(&token, &format!("/v1.0/appCatalogs/teamsApps/{}", found.record.id)).await;
        assert_eq!(answer.status, 204);
        app.server.store().finish_sweeps().await.unwrap();
    }
}

/// An app anew, at 1.0.0, of which a version waits for review: its id, and that version.
async fn submitted(app: &TestApp) -> (String, AppVersion) {
    remove(app, SPARE).await;
    let (id, next) = (spare(app).await.id.to_string(), AppVersion::new("2.0.0"));
    let path = format!("/v1.0/appCatalogs/teamsApps/{id}/appDefinitions?requiresReview=true");
    let answer = app.post_zip(&admin(app).await, &path, &package(SPARE, &next)).await;
    assert_eq!(answer.status, 201, "{:?}", answer.error());
    (id, next)
}

/// An app that the user submitted and nobody published: what whoever may submit may take back.
async fn own_submission(app: &TestApp) -> String {
    remove(app, SPARE).await;
    let path = "/v1.0/appCatalogs/teamsApps?requiresReview=true";
    let answer = app.post_zip(&admin(app).await, path, &package(SPARE, &AppVersion::new("1.0.0"))).await;
    assert_eq!(answer.status, 201, "{:?}", answer.error());
    answer.json()["id"].as_str().unwrap().to_owned()
}

/// The tenant's setting that calls change.
async fn may_ask(app: &TestApp) -> bool {
    let key = tenant::key(&TenantId::parse(DEMO_TENANT).unwrap());
    let tenant = app.server.store().view().get(&key).await.unwrap().unwrap().record;
    tenant.settings.allow_user_requests_for_app_access
}

/// An app that a call may change or delete; published where an earlier call deleted it.
async fn spare(app: &TestApp) -> TeamsApp {
    let key = app::by_external_id(&app.partition().await, SPARE);
    let found = async || app.server.store().view().find(&key).await.unwrap().map(|found| found.record);
    if let Some(spare) = found().await.filter(|spare| spare.published.is_some()) {
        return spare;
    }
    remove(app, SPARE).await;
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
