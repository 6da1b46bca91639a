//! Two tenants on one server: the token says whose rows a call sees, whatever ids the call names.

use http::Method;
use serde_json::json;
use slipway_graph::operations;
use slipway_model::{Id, InstallationId, Permission, TeamsAppId};
use slipway_testkit::{Answer, Package, TestApp};

use crate::VERSIONS;

/// The demo tenant's: a user who has an app, the app, and its manifest's id.
const USER: &str = "51190000-0000-4000-8000-0000000e0002";
const NAME: &str = "user02@contoso.example";
const APP: &str = "51190000-0000-4000-8000-00000000b001";
const EXTERNAL: &str = "51190000-0000-4000-8000-00000000b0e1";

/// The other tenant and what it has.
const FABRIKAM: &str = "51190000-0000-4000-8000-000000000002";
const CLIENT: &str = "51190000-0000-4000-8000-00000000d001";
const ADA: &str = "51190000-0000-4000-8000-0000000f0001";
const NOTES: &str = "51190000-0000-4000-8000-00000000c001";
const NOTES_EXTERNAL: &str = "51190000-0000-4000-8000-00000000c0e1";

/// A seed of the other tenant: a client, a user, an app at 1.0.0 and 2.0.0, and 1.0.0 of it for the user.
fn fabrikam(user: &str, app: &str, external_id: &str) -> String {
    let definition = |version| json!({"manifest": Package::new(external_id, version).manifest});
    json!({"tenants": [{
        "id": FABRIKAM,
        "displayName": "Fabrikam",
        "domain": "fabrikam.example",
        "users": [{"id": user, "userPrincipalName": "ada@fabrikam.example", "displayName": "Ada"}],
        "clients": [{"id": CLIENT, "displayName": "Everything"}],
        "apps": [{"id": app, "definitions": [definition("1.0.0"), definition("2.0.0")]}],
        "installations": [{"user": user, "app": app, "version": "1.0.0"}]
    }]})
    .to_string()
}

/// Fabrikam's tokens with every permission there is: application, delegated.
async fn tokens(app: &TestApp, user: &str) -> [String; 2] {
    let names: Vec<_> = Permission::ALL.iter().map(|permission| permission.name()).collect();
    let fabrikam = app.tenant(FABRIKAM).await;
    [fabrikam.token_with(CLIENT, &names, None).await, fabrikam.token_with(CLIENT, &names, Some(user)).await]
}

fn installation(user: &str, app: &str) -> String {
    InstallationId { owner: Id::parse(user).unwrap(), app: TeamsAppId::parse(app).unwrap() }.to_string()
}

fn bind(app: &str) -> Vec<u8> {
    json!({"teamsApp@odata.bind": format!("https://graph.microsoft.com/v1.0/appCatalogs/teamsApps/{app}")})
        .to_string()
        .into_bytes()
}

/// A call of Fabrikam's that names something of the demo tenant's.
struct Trespass {
    path: String,
    body: Vec<u8>,
}

impl Trespass {
    fn at(path: String) -> Self {
        Self { path, body: Vec::new() }
    }
}

/// Every way in which the operation's request can name what is the demo tenant's.
fn trespasses(operation: &str) -> Vec<Trespass> {
    let installed = |user: &str| format!("/users/{user}/teamwork/installedApps");
    // The owner and the app in an installation id, and the user in front of it, each of either tenant.
    let installations = |end: &str| {
        let mut paths = Vec::new();
        for user in [USER, NAME, ADA] {
            for id in [installation(USER, APP), installation(ADA, APP), installation(USER, NOTES)] {
                paths.push(Trespass::at(format!("{}/{id}{end}", installed(user))));
            }
        }
        paths
    };
    match operation {
        "users.list" => {
            let filters = [format!("id eq '{USER}'"), format!("userPrincipalName eq '{NAME}'")];
            filters
                .iter()
                .map(|filter| Trespass::at(format!("/users?$filter={filter}").replace(' ', "%20")))
                .collect()
        }
        "users.get" => [USER, NAME].map(|user| Trespass::at(format!("/users/{user}"))).into(),
        "installedApps.list" => [USER, NAME].map(|user| Trespass::at(installed(user))).into(),
        "installedApps.add" => [(USER, NOTES), (NAME, NOTES), (USER, APP), (ADA, APP)]
            .map(|(user, app)| Trespass { path: installed(user), body: bind(app) })
            .into(),
        "installedApps.get" | "installedApps.delete" => installations(""),
        "installedApps.upgrade" => installations("/upgrade"),
        "teamsApps.list" => {
            let filters = [format!("id eq '{APP}'"), format!("externalId eq '{EXTERNAL}'")];
            let path = |filter| format!("/appCatalogs/teamsApps?$filter={filter}").replace(' ', "%20");
            filters.map(|filter| Trespass::at(path(filter))).into()
        }
        "teamsApps.get" | "teamsApps.delete" => vec![Trespass::at(format!("/appCatalogs/teamsApps/{APP}"))],
        "appDefinitions.list" => vec![Trespass::at(format!("/appCatalogs/teamsApps/{APP}/appDefinitions"))],
        "appDefinitions.publish" => vec![Trespass {
            path: format!("/appCatalogs/teamsApps/{APP}/appDefinitions"),
            body: Package::new(EXTERNAL, "9.0.0").zip(),
        }],
        // These name nothing that is there; `the_same_ids_in_two_tenants` publishes.
        "teamsApps.publish" | "me.get" => vec![],
        other => panic!("no trespass for operation {other}: add one"),
    }
}

/// Whether no application permission is accepted, so that a client by itself is refused before anything is looked for.
fn is_delegated_only(operation: &str) -> bool {
    matches!(operation, "teamsApps.publish" | "teamsApps.delete" | "appDefinitions.publish")
}

async fn send(app: &TestApp, token: &str, (method, path): (&Method, &str), body: &[u8]) -> Answer {
    let bearer = format!("Bearer {token}");
    let media_type = if body.starts_with(b"PK") { "application/zip" } else { "application/json" };
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", media_type)];
    let headers = if body.is_empty() { &headers[..1] } else { &headers[..] };
    app.send(method.clone(), path, headers, body).await
}

#[tokio::test]
async fn what_is_another_tenants_is_not_there() {
    let app = TestApp::start().await;
    app.seed(&fabrikam(ADA, NOTES, NOTES_EXTERNAL)).await;
    let [application, delegated] = tokens(&app, ADA).await;
    let before = app.fingerprint().await;
    let mut calls = 0;
    for operation in operations() {
        for Trespass { path, body } in trespasses(operation.name) {
            for version in VERSIONS {
                for (kind, token) in [("application", &application), ("delegated", &delegated)] {
                    let path = format!("/{version}{path}");
                    let answer = send(&app, token, (&operation.method, &path), &body).await;
                    let case = format!("{} {path} ({kind})", operation.method);
                    assert_eq!(app.fingerprint().await, before, "{case}: the store has changed");
                    if path.contains("$filter") {
                        assert_eq!((answer.status, &answer.json()["value"]), (200, &json!([])), "{case}");
                    } else {
                        let refused = kind == "application" && is_delegated_only(operation.name);
                        let status = if refused { 403 } else { 404 };
                        assert_eq!(answer.status, status, "{case}: {:?}", answer.error());
                    }
                    calls += 1;
                }
            }
        }
    }
    assert_eq!(calls, (2 + 2 + 2 + 4 + 9 + 9 + 9 + 2 + 1 + 1 + 1 + 1) * 4);
}

#[tokio::test]
async fn lists_hold_the_tenants_own_rows_only() {
    let app = TestApp::start().await;
    app.seed(&fabrikam(ADA, NOTES, NOTES_EXTERNAL)).await;
    for token in tokens(&app, ADA).await {
        for version in VERSIONS {
            let ids = async |path: &str| -> Vec<String> {
                let answer = app.get(&token, &format!("/{version}{path}")).await;
                let json = answer.json();
                let rows = json["value"].as_array().unwrap_or_else(|| panic!("{path}: {:?}", answer.error()));
                assert_eq!(json["@odata.count"], rows.len(), "{path}");
                rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
            };
            assert_eq!(ids("/users?$count=true").await, [ADA]);
            assert_eq!(ids("/appCatalogs/teamsApps?$count=true").await, [NOTES]);
            let list = format!("/users/{ADA}/teamwork/installedApps");
            assert_eq!(ids(&list).await, [installation(ADA, NOTES)]);
        }
    }
}

/// Both tenants have a user, an app and an installation of the same ids, and the app has the same manifest id.
#[tokio::test]
async fn the_same_ids_in_two_tenants() {
    let app = TestApp::start().await;
    app.seed(&fabrikam(USER, APP, EXTERNAL)).await;
    let [application, delegated] = tokens(&app, USER).await;
    let contoso = app.demo().await;
    let before = contoso.fingerprint().await;
    let list = format!("/v1.0/users/{USER}/teamwork/installedApps");
    let one = format!("{list}/{}", installation(USER, APP));
    let catalog = format!("/v1.0/appCatalogs/teamsApps/{APP}");
    let version = async |token: &str| {
        let answer = app.get(token, &format!("{one}?$expand=teamsAppDefinition")).await;
        answer.json()["teamsAppDefinition"]["version"].as_str().map(str::to_owned)
    };

    for token in [&application, &delegated] {
        let user = app.get(token, &format!("/v1.0/users/{USER}")).await.json();
        assert_eq!(user["userPrincipalName"], "ada@fabrikam.example");
        assert_eq!(app.get(token, &format!("/v1.0/users/{NAME}")).await.status, 404);
        assert_eq!(app.get(token, &catalog).await.json()["displayName"], "Test App 2.0.0");
        assert_eq!(version(token).await.as_deref(), Some("1.0.0"));
    }
    let upgrade = format!("{one}/upgrade");
    assert_eq!(app.post(&application, &upgrade, "").await.status, 204);
    assert_eq!(version(&application).await.as_deref(), Some("2.0.0"));
    assert_eq!(contoso.fingerprint().await, before, "upgrade");

    let next = Package::new(EXTERNAL, "3.0.0").zip();
    assert_eq!(app.post_zip(&delegated, &format!("{catalog}/appDefinitions"), &next).await.status, 204);
    assert_eq!(app.post(&delegated, &upgrade, "").await.status, 204);
    assert_eq!(version(&delegated).await.as_deref(), Some("3.0.0"));
    assert_eq!(app.delete(&application, &one).await.status, 204);
    assert_eq!(app.tenant(FABRIKAM).await.installations().await, 0);
    let bind = String::from_utf8(bind(APP)).unwrap();
    assert_eq!(app.post(&delegated, &list, &bind).await.status, 201);
    assert_eq!(app.post(&application, &list, &bind).await.status, 409);
    assert_eq!(contoso.fingerprint().await, before, "publish, uninstall, install");

    assert_eq!(app.delete(&delegated, &catalog).await.status, 204);
    app.server.store().finish_sweeps().await.unwrap();
    assert_eq!(app.tenant(FABRIKAM).await.installations().await, 0);
    assert_eq!(app.get(&application, &one).await.status, 404);
    let taken = app.post_zip(&delegated, "/v1.0/appCatalogs/teamsApps", &next).await;
    assert_eq!(taken.status, 201, "the manifest id is free in Fabrikam: {:?}", taken.error());
    assert_eq!(contoso.fingerprint().await, before, "delete, sweep, publish");

    let reads = ["AppCatalog.Read.All", "TeamsAppInstallation.ReadForUser.All"];
    let own = app.token_with(&reads, None).await;
    assert_eq!(version(&own).await.as_deref(), Some("1.0.0"));
    assert_eq!(app.get(&own, &catalog).await.json()["displayName"], "Contoso Polls");
}
