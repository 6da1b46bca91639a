//! Each operation as a call that can succeed, and how to see that it did.

use http::Method;
use slipway_model::{AppVersion, InstallationId, Owner, TeamsApp, TeamsAppId, TeamsAppInstallation, UserId};
use slipway_store::{Changeset, Counter, app, installation};
use slipway_testkit::{Answer, Package, TestApp};

/// The demo user who has the demo app.
pub const USER: &str = "51190000-0000-4000-8000-0000000e0002";
const APP: &str = "51190000-0000-4000-8000-00000000b001";
pub const BIND: &str = r#"{"teamsApp@odata.bind":"https://graph.microsoft.com/v1.0/appCatalogs/teamsApps/51190000-0000-4000-8000-00000000b001"}"#;

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
        reset(app, operation).await;
        let installed = format!("/users/{USER}/teamwork/installedApps");
        let one = format!("{installed}/{}", installation_id());
        let (mut target, mut next) = (APP.to_owned(), AppVersion::new("1.0.0"));
        let (method, path, status) = match operation {
            "users.list" => (Method::GET, "/users?$top=3".to_owned(), 200),
            "users.get" => (Method::GET, format!("/users/{USER}"), 200),
            "me.get" => (Method::GET, "/me".to_owned(), 200),
            "installedApps.list" => (Method::GET, installed, 200),
            "installedApps.get" => (Method::GET, one, 200),
            "installedApps.add" => (Method::POST, installed, 201),
            "installedApps.upgrade" => (Method::POST, format!("{one}/upgrade"), 204),
            "installedApps.delete" => (Method::DELETE, one, 204),
            "teamsApps.list" => (Method::GET, "/appCatalogs/teamsApps".into(), 200),
            "teamsApps.get" => (Method::GET, format!("/appCatalogs/teamsApps/{APP}"), 200),
            "teamsApps.publish" => (Method::POST, "/appCatalogs/teamsApps".into(), 201),
            "teamsApps.delete" => {
                target = spare(app).await.id.to_string();
                (Method::DELETE, format!("/appCatalogs/teamsApps/{target}"), 204)
            }
            "appDefinitions.list" => {
                (Method::GET, format!("/appCatalogs/teamsApps/{APP}/appDefinitions"), 200)
            }
            "appDefinitions.publish" => {
                let spare = spare(app).await;
                (target, next) = (spare.id.to_string(), version_after(&spare));
                (Method::POST, format!("/appCatalogs/teamsApps/{target}/appDefinitions"), 204)
            }
            other => panic!("no call for operation {other}: add one"),
        };
        let (media_type, body) = match operation {
            "installedApps.add" => (Some("application/json"), BIND.as_bytes().to_vec()),
            "teamsApps.publish" => (Some("application/zip"), package(NEW, &next)),
            "appDefinitions.publish" => (Some("application/zip"), package(SPARE, &next)),
            _ => (None, Vec::new()),
        };
        Self { operation: operation.to_owned(), method, path, media_type, body, status, target, next }
    }

    /// That the answer says what it should and the store shows it.
    pub async fn check(&self, app: &TestApp, answer: &Answer, case: &str) {
        let json = answer.json();
        match self.operation.as_str() {
            "users.list" => assert_eq!(json["value"].as_array().map(Vec::len), Some(3), "{case}"),
            "users.get" | "me.get" => assert_eq!(json["id"], USER, "{case}"),
            "installedApps.list" => assert_eq!(json["value"][0]["id"], installation_id(), "{case}"),
            "installedApps.get" => assert_eq!(json["id"], installation_id(), "{case}"),
            "installedApps.add" | "installedApps.upgrade" => {
                assert_eq!(installed_version(app).await.as_deref(), Some("1.1.0"), "{case}");
            }
            "installedApps.delete" => assert_eq!(installed_version(app).await, None, "{case}"),
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
            "appDefinitions.list" => {
                assert_eq!(json["value"][0]["version"], "1.1.0", "{case}");
            }
            "appDefinitions.publish" => {
                let published = stored_app(app, &self.target).await.unwrap().published;
                assert_eq!(published.as_ref(), Some(&self.next), "{case}");
            }
            other => panic!("no check for operation {other}: add one"),
        }
    }
}

/// Manifest ids of the apps that calls make.
const NEW: &str = "51190000-0000-4000-8000-00000000f001";
const SPARE: &str = "51190000-0000-4000-8000-00000000f002";

fn package(external_id: &str, version: &AppVersion) -> Vec<u8> {
    Package::new(external_id, version.as_str()).zip()
}

fn installation_id() -> String {
    InstallationId { owner: slipway_model::Id::parse(USER).unwrap(), app: TeamsAppId::parse(APP).unwrap() }
        .to_string()
}

async fn installed_version(app: &TestApp) -> Option<String> {
    let (owner, id) = (Owner::User(UserId::parse(USER).unwrap()), TeamsAppId::parse(APP).unwrap());
    let key = installation::key(&app.partition().await, &owner, &id);
    let found = app.server.store().view().get(&key).await.unwrap();
    found.map(|found| found.record.version.to_string())
}

async fn stored_app(app: &TestApp, id: &str) -> Option<TeamsApp> {
    let key = app::key(&app.partition().await, &TeamsAppId::parse(id).unwrap());
    app.server.store().view().get(&key).await.unwrap().map(|found| found.record)
}

/// Puts the store in the state that the operation needs: 1.0.0 installed, or nothing for an install.
async fn reset(app: &TestApp, operation: &str) {
    let partition = app.partition().await;
    let (owner, id) = (Owner::User(UserId::parse(USER).unwrap()), TeamsAppId::parse(APP).unwrap());
    let key = installation::key(&partition, &owner, &id);
    let wanted = (operation != "installedApps.add").then_some("1.0.0");
    let there = installed_version(app).await;
    if there.as_deref() != wanted {
        let changes = Changeset::new("test.reset");
        let changes = match wanted {
            None => changes.delete(&key).add(&partition, Counter::Installations, -1),
            Some(version) => {
                let installed = TeamsAppInstallation {
                    incarnation: stored_app(app, APP).await.unwrap().incarnation,
                    owner,
                    app: id,
                    version: AppVersion::new(version),
                    consented: None,
                    preinstalled: false,
                    installed_at: app.clock.now(),
                };
                let delta = i64::from(there.is_none());
                changes.put(&partition, &installed).add(&partition, Counter::Installations, delta)
            }
        };
        app.server.store().commit(changes).await.unwrap();
    }
    remove_new(app).await;
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
