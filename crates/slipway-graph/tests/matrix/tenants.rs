//! Two tenants on one server: the token says whose rows a call sees, whatever ids the call names.

use http::Method;
use serde_json::json;
use slipway_graph::operations;
use slipway_graph::seed::DEMO_TENANT;
use slipway_model::Permission;
use slipway_testkit::{Answer, DEMO_CHAT, DEMO_GROUP, DEMO_TEAM, Package, TestApp};

use crate::VERSIONS;
use crate::clients::{federated, id_of, is_about};
use crate::effects::{bind, new_chat};
use crate::ground::{APP, USER, definition_id, installation_id as installation};

/// The user's name, the manifest's id of the demo app, and the user's chat with its bot.
const NAME: &str = "user02@contoso.example";
const EXTERNAL: &str = "51190000-0000-4000-8000-00000000b0e1";
const BOT_CHAT: &str =
    "19:51190000-0000-4000-8000-00000000b0b1_51190000-0000-4000-8000-0000000e0002@unq.gbl.spaces";

/// The other tenant and what it has.
const FABRIKAM: &str = "51190000-0000-4000-8000-000000000002";
const CLIENT: &str = "51190000-0000-4000-8000-00000000d001";
const ADA: &str = "51190000-0000-4000-8000-0000000f0001";
const BOB: &str = "51190000-0000-4000-8000-0000000f0002";
const TEAM: &str = "51190000-0000-4000-8000-0000000fc001";
const CHAT: &str = "19:fabrikam@thread.v2";
const NOTES: &str = "51190000-0000-4000-8000-00000000c0a1";
const NOTES_EXTERNAL: &str = "51190000-0000-4000-8000-00000000c0e1";

/// Ids of what the other tenant has.
struct Ids<'a> {
    user: &'a str,
    team: &'a str,
    chat: &'a str,
    app: &'a str,
    external_id: &'a str,
}

const OWN: Ids<'_> = Ids { user: ADA, team: TEAM, chat: CHAT, app: NOTES, external_id: NOTES_EXTERNAL };

/// A seed of the other tenant: a client, two users, a team and a chat of theirs, an app at 1.0.0 and 2.0.0, and 1.0.0
/// of it for one of the users, the team and the chat.
fn fabrikam(ids: &Ids<'_>) -> String {
    let Ids { user, team, chat, app, external_id } = ids;
    let definition = |version| {
        let package = Package::new(external_id, version).in_scopes(&["personal", "team", "groupChat"]);
        json!({"manifest": package.manifest})
    };
    json!({"tenants": [{
        "id": FABRIKAM,
        "displayName": "Fabrikam",
        "domain": "fabrikam.example",
        "users": [
            {"id": user, "userPrincipalName": "ada@fabrikam.example", "displayName": "Ada",
                "directoryRoles": ["GlobalAdministrator"]},
            {"id": BOB, "userPrincipalName": "bob@fabrikam.example", "displayName": "Bob"}
        ],
        "teams": [{"id": team, "displayName": "All", "members": [user]}],
        "chats": [{"id": chat, "chatType": "group", "members": [user, BOB]}],
        "clients": [{"id": CLIENT, "displayName": "Everything"}],
        "apps": [{"id": app, "definitions": [definition("1.0.0"), definition("2.0.0")]}],
        "installations": [
            {"user": user, "app": app, "version": "1.0.0"},
            {"team": team, "app": app, "version": "1.0.0"},
            {"chat": chat, "app": app, "version": "1.0.0"}
        ]
    }]})
    .to_string()
}

/// Fabrikam's tokens with every permission there is: application, delegated.
async fn tokens(app: &TestApp, user: &str) -> [String; 2] {
    let names: Vec<_> = Permission::ALL.iter().map(|permission| permission.name()).collect();
    let fabrikam = app.tenant(FABRIKAM).await;
    [fabrikam.token_with(CLIENT, &names, None).await, fabrikam.token_with(CLIENT, &names, Some(user)).await]
}

/// A call of Fabrikam's that names something of the demo tenant's.
struct Trespass {
    path: String,
    body: Vec<u8>,
}

impl Trespass {
    fn at(path: String) -> Self {
        let path = if path.contains(' ') { path.replace(' ', "%20") } else { path };
        Self { path, body: Vec::new() }
    }

    /// Something below each of what is the demo tenant's.
    fn below(owners: &[&str], end: &str) -> Vec<Self> {
        owners.iter().map(|owner| Self::at(format!("{owner}{end}"))).collect()
    }
}

/// Owners of installations as paths name them: the demo tenant's, then Fabrikam's own; and the ids of both.
fn owners(operation: &str) -> (Vec<String>, [&'static str; 2]) {
    match operation.split('.').next() {
        Some("teams") => ([DEMO_TEAM, TEAM].map(|id| format!("/teams/{id}")).into(), [DEMO_TEAM, TEAM]),
        Some("chats") => ([DEMO_CHAT, CHAT].map(|id| format!("/chats/{id}")).into(), [DEMO_CHAT, CHAT]),
        _ => ([USER, NAME, ADA].map(|id| format!("/users/{id}/teamwork")).into(), [USER, ADA]),
    }
}

/// Every way in which a call about installations can name what is the demo tenant's: the owner in the path, the owner
/// and the app in an installation's id, and the app that is bound.
fn about_installations(operation: &str, verb: &str) -> Vec<Trespass> {
    let (paths, [foreign, own]) = owners(operation);
    let (last, theirs) = paths.split_last().unwrap();
    let theirs: Vec<_> = theirs.iter().map(String::as_str).collect();
    let end = match verb {
        "list" => return Trespass::below(&theirs, "/installedApps"),
        "add" => {
            let of_theirs = theirs.iter().flat_map(|path| [(*path, NOTES), (*path, APP)]);
            let adds = of_theirs.chain([(last.as_str(), APP)]);
            return adds
                .map(|(path, app)| Trespass { path: format!("{path}/installedApps"), body: bind(app) })
                .collect();
        }
        "upgrade" => "/upgrade",
        "chat" => "/chat",
        _ => "",
    };
    let ids = [installation(foreign, APP), installation(own, APP), installation(foreign, NOTES)];
    let each =
        paths.iter().flat_map(|path| ids.iter().map(move |id| format!("{path}/installedApps/{id}{end}")));
    each.map(Trespass::at).collect()
}

/// A client of the demo tenant: `appId`, and the id of its service principal. Fabrikam's own, and Microsoft Graph's.
const PUBLIC: &str = "51190000-0000-4000-8000-00000000a003";
const PUBLIC_PRINCIPAL: &str = "51190000-0000-4000-8000-51900000a003";
const CLIENT_PRINCIPAL: &str = "51190000-0000-4000-8000-51900000d001";
const GRAPH: &str = "00000003-0000-0000-c000-519000000000";
const ROLE: &str = "df021288-bdef-4463-88db-98f22de89214";

/// The same for calls about clients.
fn about_clients(operation: &str) -> Vec<Trespass> {
    let application = format!("/applications(appId='{PUBLIC}')");
    let credentials = format!("{application}/federatedIdentityCredentials");
    let principal = format!("/servicePrincipals(appId='{PUBLIC}')");
    let assigned_to = format!("/servicePrincipals/{GRAPH}/appRoleAssignedTo");
    let grant_of_role = json!({"principalId": PUBLIC_PRINCIPAL, "resourceId": GRAPH, "appRoleId": ROLE});
    let role_of_client = id_of(&[PUBLIC_PRINCIPAL, ROLE]);
    let grant = format!("/oauth2PermissionGrants/{}", id_of(&[PUBLIC_PRINCIPAL, GRAPH]));
    let grant_to = |client: &str, user: Option<&str>| {
        let kind = if user.is_some() { "Principal" } else { "AllPrincipals" };
        json!({"clientId": client, "consentType": kind, "principalId": user, "resourceId": GRAPH,
            "scope": "User.Read"})
    };
    let at = |path: String| vec![Trespass::at(path)];
    let with = |path: &str, body: serde_json::Value| Trespass {
        path: path.to_owned(),
        body: body.to_string().into_bytes(),
    };
    match operation {
        "applications.list" => at(format!("/applications?$filter=appId eq '{PUBLIC}'")),
        "applications.get" | "applications.delete" => at(application),
        "applications.update" => vec![with(&application, json!({"displayName": "x"}))],
        "applications.addPassword" => vec![with(&format!("{application}/addPassword"), json!({}))],
        "applications.removePassword" => {
            vec![with(&format!("{application}/removePassword"), json!({"keyId": PUBLIC}))]
        }
        "federatedIdentityCredentials.list" => at(credentials),
        "federatedIdentityCredentials.create" => vec![with(&credentials, federated("deploy"))],
        "federatedIdentityCredentials.update" => vec![with(&format!("{credentials}/x"), json!({}))],
        "federatedIdentityCredentials.get" | "federatedIdentityCredentials.delete" => {
            at(format!("{credentials}/x"))
        }
        "servicePrincipals.list" => at(format!("/servicePrincipals?$filter=appId eq '{PUBLIC}'")),
        "servicePrincipals.get" | "servicePrincipals.delete" => at(principal),
        "servicePrincipals.create" => vec![with("/servicePrincipals", json!({"appId": PUBLIC}))],
        "servicePrincipals.oauth2PermissionGrants" => at(format!("{principal}/oauth2PermissionGrants")),
        "appRoleAssignments.list" => at(format!("{principal}/appRoleAssignments")),
        "appRoleAssignments.create" => vec![with(&format!("{principal}/appRoleAssignments"), grant_of_role)],
        "appRoleAssignments.delete" => at(format!("{principal}/appRoleAssignments/{role_of_client}")),
        "appRoleAssignedTo.list" => at(format!("{assigned_to}?$filter=principalId eq '{PUBLIC_PRINCIPAL}'")),
        "appRoleAssignedTo.create" => vec![with(&assigned_to, grant_of_role)],
        "appRoleAssignedTo.delete" => at(format!("{assigned_to}/{role_of_client}")),
        "oauth2PermissionGrants.list" => {
            at(format!("/oauth2PermissionGrants?$filter=clientId eq '{PUBLIC_PRINCIPAL}'"))
        }
        "oauth2PermissionGrants.get" | "oauth2PermissionGrants.delete" => at(grant),
        "oauth2PermissionGrants.update" => vec![with(&grant, json!({"scope": "User.Read"}))],
        "oauth2PermissionGrants.create" => vec![
            with("/oauth2PermissionGrants", grant_to(PUBLIC_PRINCIPAL, None)),
            with("/oauth2PermissionGrants", grant_to(CLIENT_PRINCIPAL, Some(USER))),
        ],
        "organization.get" => at(format!("/organization/{DEMO_TENANT}")),
        // They name nothing that is there.
        "applications.create" | "organization.list" => vec![],
        other => panic!("no trespass for operation {other}: add one"),
    }
}

/// Whether the body alone names what is another tenant's, so that it is the request that is wrong.
fn is_named_in_body(operation: &str) -> bool {
    ["servicePrincipals.create", "appRoleAssignedTo.create", "oauth2PermissionGrants.create"]
        .contains(&operation)
}

/// Every way in which the operation's request can name what is the demo tenant's.
fn trespasses(operation: &str) -> Vec<Trespass> {
    let users = [format!("/users/{USER}"), format!("/users/{NAME}")];
    let users = users.each_ref().map(String::as_str);
    let team = &[format!("/teams/{DEMO_TEAM}")];
    let chats = [format!("/chats/{DEMO_CHAT}"), format!("/chats/{BOT_CHAT}")];
    let group = &[format!("/groups/{DEMO_GROUP}")];
    let catalog = format!("/appCatalogs/teamsApps/{APP}");
    let definition = format!("{catalog}/appDefinitions/{}", definition_id(APP, "1.1.0", "Published"));
    let zip = || Package::new(EXTERNAL, "9.0.0").zip();
    if let Some((_, verb)) = operation.split_once("installedApps.") {
        return about_installations(operation, verb);
    }
    if is_about(operation) {
        return about_clients(operation);
    }
    match operation {
        "users.list" => ["id", "userPrincipalName"]
            .into_iter()
            .zip([USER, NAME])
            .map(|(name, value)| Trespass::at(format!("/users?$filter={name} eq '{value}'")))
            .collect(),
        "users.get" => Trespass::below(&users, ""),
        "users.getId" => Trespass::below(&users, "/id"),
        "userTeamwork.get" => Trespass::below(&users, "/teamwork"),
        "permissionGrants.list" => Trespass::below(&users, "/permissionGrants"),
        "users.chats.list" => {
            let filter = format!("$filter=installedApps/any(a:a/teamsApp/id eq '{APP}')");
            let mut all = Trespass::below(&users, "/chats");
            all.push(Trespass::at(format!("/users/{ADA}/chats?{filter}")));
            all
        }
        "users.chats.get" => {
            let mut all = Trespass::below(&users, &format!("/chats/{CHAT}"));
            all.extend([DEMO_CHAT, BOT_CHAT].map(|chat| Trespass::at(format!("/users/{ADA}/chats/{chat}"))));
            all
        }
        "teams.get" => Trespass::below(&[&team[0]], ""),
        "teams.permissionGrants.list" => Trespass::below(&[&team[0]], "/permissionGrants"),
        "chats.get" => Trespass::below(&chats.each_ref().map(String::as_str), ""),
        "chats.permissionGrants.list" => {
            Trespass::below(&chats.each_ref().map(String::as_str), "/permissionGrants")
        }
        "chats.create" => vec![Trespass { path: "/chats".into(), body: new_chat(&[ADA, USER]) }],
        "groups.members" => Trespass::below(&[&group[0]], "/members"),
        "groups.userMembers" => Trespass::below(&[&group[0]], "/members/microsoft.graph.user"),
        "groups.countMembers" => Trespass::below(&[&group[0]], "/members/$count"),
        "groups.transitiveMembers" => Trespass::below(&[&group[0]], "/transitiveMembers"),
        "groups.userTransitiveMembers" => {
            Trespass::below(&[&group[0]], "/transitiveMembers/microsoft.graph.user")
        }
        "groups.countTransitiveMembers" => Trespass::below(&[&group[0]], "/transitiveMembers/$count"),
        "teamsApps.list" => ["id", "externalId"]
            .into_iter()
            .zip([APP, EXTERNAL])
            .map(|(name, value)| Trespass::at(format!("/appCatalogs/teamsApps?$filter={name} eq '{value}'")))
            .collect(),
        "teamsApps.get" | "teamsApps.delete" => vec![Trespass::at(catalog.clone())],
        "appDefinitions.list" => vec![Trespass::at(format!("{catalog}/appDefinitions"))],
        "appDefinitions.get" | "appDefinitions.withdraw" => vec![Trespass::at(definition)],
        "appDefinitions.review" => {
            vec![Trespass { path: definition, body: br#"{"publishingState":"rejected"}"#.to_vec() }]
        }
        "appDefinitions.add" => vec![Trespass { path: format!("{catalog}/appDefinitions"), body: zip() }],
        "teamsApps.update" => vec![Trespass { path: catalog, body: zip() }],
        "bot.get" => vec![Trespass::at(format!("{definition}/bot"))],
        "colorIcon.get" => vec![Trespass::at(format!("{definition}/colorIcon"))],
        "colorIcon.hostedContent" => vec![Trespass::at(format!("{definition}/colorIcon/hostedContent"))],
        "colorIcon.bytes" => vec![Trespass::at(format!("{definition}/colorIcon/hostedContent/$value"))],
        "outlineIcon.get" => vec![Trespass::at(format!("{definition}/outlineIcon"))],
        "outlineIcon.hostedContent" => vec![Trespass::at(format!("{definition}/outlineIcon/hostedContent"))],
        "outlineIcon.bytes" => vec![Trespass::at(format!("{definition}/outlineIcon/hostedContent/$value"))],
        // They name nothing that is there; `the_same_ids_in_two_tenants` publishes.
        "teamsApps.publish"
        | "teamsApps.count"
        | "users.count"
        | "me.get"
        | "teamsAppSettings.get"
        | "teamsAppSettings.update" => vec![],
        other => panic!("no trespass for operation {other}: add one"),
    }
}

/// Whether no application permission is accepted, so that a client by itself is refused before anything is looked for.
fn is_delegated_only(operation: &str) -> bool {
    let of_definitions = ["appDefinitions.add", "appDefinitions.review", "appDefinitions.withdraw"];
    let of_apps = ["teamsApps.publish", "teamsApps.update", "teamsApps.delete"];
    of_definitions.contains(&operation) || of_apps.contains(&operation)
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
    app.seed(&fabrikam(&OWN)).await;
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
                    if path.contains("$filter") {
                        assert_eq!((answer.status, &answer.json()["value"]), (200, &json!([])), "{case}");
                    } else {
                        let refused = kind == "application" && is_delegated_only(operation.name);
                        let missing = if is_named_in_body(operation.name) { 400 } else { 404 };
                        let status = if refused { 403 } else { missing };
                        assert_eq!(answer.status, status, "{case}: {:?}", answer.error());
                    }
                    calls += 1;
                }
            }
        }
        assert_eq!(app.fingerprint().await, before, "{}: the store has changed", operation.name);
    }
    // Users and groups; installations of users, teams and chats; what stands beside them; the catalog; applications,
    // service principals, grants and the organization.
    assert_eq!(
        calls,
        (2 + 2
            + 2
            + 6
            + 43
            + 2 * (1 + 3 + 3 * 6)
            + 2
            + 2
            + 3
            + 4
            + 1
            + 1
            + 2
            + 2
            + 1
            + 6
            + 11
            + 11
            + 5
            + 6
            + 6
            + 1)
            * 4
    );
}

#[tokio::test]
async fn lists_hold_the_tenants_own_rows_only() {
    let app = TestApp::start().await;
    app.seed(&fabrikam(&OWN)).await;
    for token in tokens(&app, ADA).await {
        for version in VERSIONS {
            let ids = async |path: &str| -> Vec<String> {
                let answer = app.get(&token, &format!("/{version}{path}")).await;
                let json = answer.json();
                let rows = json["value"].as_array().unwrap_or_else(|| panic!("{path}: {:?}", answer.error()));
                assert_eq!(json["@odata.count"], rows.len(), "{path}");
                rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
            };
            assert_eq!(ids("/users?$count=true").await, [ADA, BOB]);
            assert_eq!(ids("/appCatalogs/teamsApps?$count=true").await, [NOTES]);
            assert_eq!(ids("/applications?$count=true").await, ["51190000-0000-4000-8000-a9900000d001"]);
            assert_eq!(ids("/servicePrincipals?$count=true").await, [GRAPH, CLIENT_PRINCIPAL]);
            let list = format!("/users/{ADA}/teamwork/installedApps");
            assert_eq!(ids(&list).await, [installation(ADA, NOTES)]);
            assert_eq!(ids(&format!("/teams/{TEAM}/installedApps")).await, [installation(TEAM, NOTES)]);
            assert_eq!(ids(&format!("/chats/{CHAT}/installedApps")).await, [installation(CHAT, NOTES)]);
            let with_bot = format!("19:51190000-0000-4000-8000-0000000000b0_{ADA}@unq.gbl.spaces");
            assert_eq!(ids(&format!("/users/{ADA}/chats")).await, [with_bot.as_str(), CHAT]);
        }
    }
}

/// Both tenants have a user, an app and an installation of the same ids, and the app has the same manifest id.
#[tokio::test]
async fn the_same_ids_in_two_tenants() {
    let app = TestApp::start().await;
    let ids = Ids { user: USER, team: DEMO_TEAM, chat: DEMO_CHAT, app: APP, external_id: EXTERNAL };
    app.seed(&fabrikam(&ids)).await;
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
    assert_eq!(app.tenant(FABRIKAM).await.installations().await, 2, "the team's and the chat's");
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
