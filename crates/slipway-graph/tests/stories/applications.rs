//! Setting a client up as a program does it: an application, its secret, its service principal, its permissions.

use http::Method;
use insta::assert_snapshot;
use serde_json::{Value, json};
use slipway_testkit::{Answer, TestApp};

use crate::{ADMIN, AUTOMATION, PUBLIC, USER02, USER03, automation, render};

const TENANT: &str = "51190000-0000-4000-8000-000000000001";
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
const USER_READ_ALL: &str = "df021288-bdef-4463-88db-98f22de89214";

async fn patch(app: &TestApp, token: &str, path: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    app.send(Method::PATCH, path, &headers, body.to_string().as_bytes()).await
}

async fn post(app: &TestApp, token: &str, path: &str, body: &Value) -> Answer {
    app.post(token, path, &body.to_string()).await
}

/// What the request made, which it must have.
async fn made(app: &TestApp, token: &str, path: &str, body: &Value) -> Value {
    let answer = post(app, token, path, body).await;
    assert_eq!(answer.status, 201, "{path}: {:?}", answer.error());
    answer.json()
}

fn text(json: &Value) -> String {
    json.as_str().unwrap().to_owned()
}

/// What the token endpoint says to the client with the secret.
async fn sign_in(app: &TestApp, client: &str, secret: &str) -> Answer {
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", client)
        .append_pair("client_secret", secret)
        .append_pair("scope", "https://graph.microsoft.com/.default")
        .finish();
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    app.send(Method::POST, &format!("/{TENANT}/oauth2/v2.0/token"), &headers, form.as_bytes()).await
}

async fn token(app: &TestApp, client: &str, secret: &str) -> String {
    let answer = sign_in(app, client, secret).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    text(&answer.json()["access_token"])
}

/// A client with a secret and a service principal: its application, its `appId`, and the secret.
async fn client(app: &TestApp, by: &str) -> [String; 3] {
    let application = made(app, by, "/v1.0/applications", &json!({"displayName": "Orders"})).await;
    let (id, app_id) = (text(&application["id"]), text(&application["appId"]));
    let password = post(app, by, &format!("/v1.0/applications/{id}/addPassword"), &json!({})).await;
    made(app, by, "/v1.0/servicePrincipals", &json!({"appId": app_id})).await;
    [id, app_id, text(&password.json()["secretText"])]
}

#[tokio::test]
async fn a_client_is_set_up_and_used() {
    let app = TestApp::start().await;
    let by = automation(&app).await;
    let body = json!({
        "displayName": "Orders",
        "signInAudience": "AzureADMyOrg",
        "web": {"redirectUris": ["https://orders.example/back"]},
        "requiredResourceAccess": [{"resourceAppId": GRAPH,
            "resourceAccess": [{"id": USER_READ_ALL, "type": "Role"}]}]
    });
    let answer = post(&app, &by, "/v1.0/applications", &body).await;
    assert_snapshot!("application_created", render(&answer));
    let application = answer.json();
    let (id, app_id) = (text(&application["id"]), text(&application["appId"]));

    let wish = json!({"passwordCredential": {"displayName": "CI"}});
    let answer = post(&app, &by, &format!("/v1.0/applications/{id}/addPassword"), &wish).await;
    assert_snapshot!("application_add_password", render(&answer));
    let password = answer.json();
    let secret = text(&password["secretText"]);
    assert_eq!(password["hint"], secret[..3], "the first three characters");
    let shown = app.get(&by, &format!("/v1.0/applications/{id}")).await.json();
    assert_eq!(shown["passwordCredentials"][0]["keyId"], password["keyId"]);
    assert_eq!(shown["passwordCredentials"][0]["secretText"], Value::Null, "never again");

    assert_ne!(sign_in(&app, &app_id, &secret).await.status, 200, "no service principal, no tokens");
    let answer = post(&app, &by, "/v1.0/servicePrincipals", &json!({"appId": app_id})).await;
    assert_snapshot!("service_principal_created", render(&answer));
    let principal = text(&answer.json()["id"]);
    assert!(answer.header("location").ends_with(&principal));

    let before = token(&app, &app_id, &secret).await;
    assert_eq!(app.get(&before, "/v1.0/users").await.status, 403);
    let path = format!("/v1.0/servicePrincipals?$filter=appId%20eq%20'{GRAPH}'");
    let graph = app.get(&by, &path).await.json()["value"][0].clone();
    let roles = graph["appRoles"].as_array().unwrap();
    let role = roles.iter().find(|role| role["value"] == "User.Read.All").unwrap();
    assert_eq!(role["id"], USER_READ_ALL);
    let wish = json!({"principalId": principal, "resourceId": graph["id"], "appRoleId": role["id"]});
    let assignments = format!("/v1.0/servicePrincipals/{principal}/appRoleAssignments");
    assert_snapshot!("app_role_assigned", render(&post(&app, &by, &assignments, &wish).await));
    assert_snapshot!("app_role_assigned_twice", render(&post(&app, &by, &assignments, &wish).await));

    assert_eq!(app.get(&before, "/v1.0/users").await.status, 403, "roles are those of the token");
    let after = token(&app, &app_id, &secret).await;
    assert_eq!(app.get(&after, "/v1.0/users").await.status, 200);
    let assigned = app.get(&by, &assignments).await.json()["value"][0]["id"].clone();
    assert_eq!(app.delete(&by, &format!("{assignments}/{}", text(&assigned))).await.status, 204);
    assert_eq!(app.get(&after, "/v1.0/users").await.status, 200, "they are out");
    let last = token(&app, &app_id, &secret).await;
    assert_eq!(app.get(&last, "/v1.0/users").await.status, 403);

    assert_eq!(app.delete(&by, &format!("/v1.0/applications/{id}")).await.status, 204);
    assert_eq!(app.get(&after, "/v1.0/users").await.status, 401, "refused at once");
    assert_ne!(sign_in(&app, &app_id, &secret).await.status, 200);
    assert_snapshot!("application_gone", render(&app.get(&by, &format!("/v1.0/applications/{id}")).await));
    let path = format!("/v1.0/servicePrincipals/{principal}");
    assert_eq!(app.get(&by, &path).await.status, 404);
}

#[tokio::test]
async fn applications_are_found_in_every_way() {
    let app = TestApp::start().await;
    let by = automation(&app).await;
    let [id, app_id, _] = client(&app, &by).await;
    let uris = json!({"identifierUris": ["api://orders.example"]});
    assert_eq!(patch(&app, &by, &format!("/v1.0/applications/{id}"), &uris).await.status, 204);
    for path in [format!("applications/{id}"), format!("applications(appId='{app_id}')")] {
        for version in ["v1.0", "beta"] {
            let found = app.get(&by, &format!("/{version}/{path}?$select=appId")).await.json();
            assert_eq!(found["appId"], app_id, "{version} {path}");
        }
    }
    let path = format!("/v1.0/myorganization/servicePrincipals(appId='{app_id}')");
    let principal = app.get(&by, &path).await.json();
    assert_eq!(principal["servicePrincipalNames"], json!([app_id, "api://orders.example"]));
    for filter in [
        format!("appId eq '{}'", app_id.to_uppercase()),
        format!("id eq '{id}'"),
        "displayName eq 'orders'".into(),
        "startswith(displayName,'Ord')".into(),
        "identifierUris/any(u:u eq 'api://orders.example')".into(),
    ] {
        let path = format!("/v1.0/applications?$count=true&$filter={filter}").replace(' ', "%20");
        let answer = app.get(&by, &path).await;
        assert_eq!(answer.status, 200, "{filter}: {:?}", answer.error());
        let json = answer.json();
        assert_eq!(
            (&json["value"][0]["appId"], &json["@odata.count"]),
            (&json!(app_id), &json!(1)),
            "{filter}"
        );
    }
    let search = "/v1.0/applications?$search=%22displayName:ord%22";
    assert_eq!(app.get(&by, search).await.error().0, "Request_UnsupportedQuery");
    let bearer = format!("Bearer {by}");
    let headers = [("Authorization", bearer.as_str()), ("ConsistencyLevel", "eventual")];
    let found = app.send(Method::GET, search, &headers, b"").await.json();
    assert_eq!(found["value"].as_array().unwrap().len(), 1);
    let mut next = "/v1.0/applications?$top=2&$select=appId".to_owned();
    let mut seen = Vec::new();
    while !next.is_empty() {
        let page = app.get(&by, &next).await.json();
        seen.extend(page["value"].as_array().unwrap().iter().map(|row| text(&row["appId"])));
        let link = page["@odata.nextLink"].as_str().unwrap_or_default();
        next = link.replace("https://localhost:8365", "");
    }
    assert_eq!(seen.len(), 6, "the five of the demo and the new one: {seen:?}");
    assert!(seen.contains(&app_id) && seen.contains(&AUTOMATION.to_owned()));
}

#[tokio::test]
async fn secrets_come_and_go() {
    let app = TestApp::start().await;
    let by = automation(&app).await;
    let [id, app_id, first] = client(&app, &by).await;
    let one = format!("/v1.0/applications/{id}");
    let second = post(&app, &by, &format!("{one}/addPassword"), &json!({})).await.json();
    for secret in [first.as_str(), second["secretText"].as_str().unwrap()] {
        token(&app, &app_id, secret).await;
    }
    let key = json!({"keyId": second["keyId"]});
    assert_eq!(post(&app, &by, &format!("{one}/removePassword"), &key).await.status, 204);
    let again = post(&app, &by, &format!("{one}/removePassword"), &key).await;
    assert_eq!((again.status, again.error().0.as_str()), (400, "Request_BadRequest"));
    assert_ne!(sign_in(&app, &app_id, second["secretText"].as_str().unwrap()).await.status, 200);
    token(&app, &app_id, &first).await;
    let backwards = json!({"passwordCredential": {"startDateTime": "2027-01-02T00:00:00Z",
        "endDateTime": "2027-01-01T00:00:00Z"}});
    assert_eq!(post(&app, &by, &format!("{one}/addPassword"), &backwards).await.status, 400);
    assert_eq!(patch(&app, &by, &one, &json!({"passwordCredentials": [{}]})).await.status, 400);
    assert_eq!(patch(&app, &by, &one, &json!({"passwordCredentials": []})).await.status, 204);
    assert_ne!(sign_in(&app, &app_id, &first).await.status, 200, "those that are left out are gone");
    let with = json!({"displayName": "With a secret", "passwordCredentials": [{"displayName": "one"}]});
    let made = made(&app, &by, "/v1.0/applications", &with).await;
    let (new, secret) = (text(&made["appId"]), text(&made["passwordCredentials"][0]["secretText"]));
    assert_eq!(post(&app, &by, "/beta/servicePrincipals", &json!({"appId": new})).await.status, 201);
    token(&app, &new, &secret).await;
}

#[tokio::test]
async fn certificates_are_registered_and_kept_by_their_ids() {
    let app = TestApp::start().await;
    let by = automation(&app).await;
    let [id, ..] = client(&app, &by).await;
    let one = format!("/v1.0/applications/{id}");
    let certificate = json!({"type": "AsymmetricX509Cert", "usage": "Verify", "key": CERTIFICATE,
        "displayName": "CN=orders"});
    let answer = patch(&app, &by, &one, &json!({"keyCredentials": [certificate]})).await;
    assert_eq!(answer.status, 204, "{:?}", answer.error());
    let shown = app.get(&by, &one).await.json()["keyCredentials"][0].clone();
    assert_eq!((&shown["displayName"], &shown["key"]), (&json!("CN=orders"), &Value::Null));
    assert_eq!(shown["customKeyIdentifier"].as_str().unwrap().len(), 40);
    let kept = json!({"keyCredentials": [{"keyId": shown["keyId"]}]});
    assert_eq!(patch(&app, &by, &one, &kept).await.status, 204);
    assert_eq!(app.get(&by, &one).await.json()["keyCredentials"], json!([shown]));
    for (wrong, named) in [
        (json!([{"keyId": "51190000-0000-4000-8000-0000000000ff"}]), "keyId"),
        (json!([certificate, certificate]), "twice"),
        (json!([{"type": "AsymmetricX509Cert", "usage": "Sign", "key": CERTIFICATE}]), "'usage'"),
        (json!([{"key": CERTIFICATE, "endDateTime": "2999-01-01T00:00:00Z"}]), "dates"),
        (json!([{"key": CERTIFICATE, "keyId": "mine"}]), "'keyId'"),
    ] {
        let answer = patch(&app, &by, &one, &json!({"keyCredentials": wrong})).await;
        assert!(answer.status == 400 && answer.error().1.contains(named), "{:?}", answer.error());
    }
    assert_eq!(patch(&app, &by, &one, &json!({"keyCredentials": []})).await.status, 204);
    assert_eq!(app.get(&by, &one).await.json()["keyCredentials"], json!([]));
}

#[tokio::test]
async fn federated_credentials() {
    let app = TestApp::start().await;
    let by = automation(&app).await;
    let [id, app_id, _] = client(&app, &by).await;
    let list = format!("/v1.0/applications/{id}/federatedIdentityCredentials");
    let body = json!({"name": "main-branch", "issuer": "https://token.actions.example",
        "subject": "repo:contoso/orders:ref:refs/heads/main", "audiences": ["api://AzureADTokenExchange"]});
    let answer = post(&app, &by, &list, &body).await;
    assert_snapshot!("federated_credential_created", render(&answer));
    let one = format!("{list}/{}", text(&answer.json()["id"]));
    assert_snapshot!("federated_credential_twice", render(&post(&app, &by, &list, &body).await));
    let by_app_id = format!("/v1.0/applications(appId='{app_id}')/federatedIdentityCredentials");
    for path in [&one, &format!("{list}/main-branch"), &format!("{by_app_id}(name='main-branch')")] {
        assert_eq!(app.get(&by, path).await.json()["name"], "main-branch", "{path}");
    }
    let change = json!({"subject": "repo:contoso/orders:environment:prod", "description": "Deployments"});
    assert_eq!(patch(&app, &by, &one, &change).await.status, 204);
    let shown = app.get(&by, &list).await.json()["value"][0].clone();
    assert_eq!(shown["subject"], change["subject"]);
    assert_eq!(shown["issuer"], body["issuer"]);
    for (change, named) in [
        (json!({"name": "other-name"}), "'name'"),
        (json!({"issuer": "nobody"}), "'issuer'"),
        (json!({"audiences": ["a", "b"]}), "'audiences'"),
        (json!({"claimsMatchingExpression": {"value": "x"}}), "'claimsMatchingExpression'"),
    ] {
        let answer = patch(&app, &by, &one, &change).await;
        assert!(answer.status == 400 && answer.error().1.contains(named), "{change}: {:?}", answer.error());
    }
    let nameless = json!({"issuer": "https://a.example", "subject": "s", "audiences": ["a"]});
    assert_eq!(post(&app, &by, &list, &nameless).await.status, 400);
    assert_eq!(app.delete(&by, &one).await.status, 204);
    assert_eq!(app.get(&by, &one).await.status, 404);
}

#[tokio::test]
async fn service_principals_and_what_is_refused_of_them() {
    let app = TestApp::start().await;
    let by = automation(&app).await;
    let [_, app_id, secret] = client(&app, &by).await;
    let twice = post(&app, &by, "/v1.0/servicePrincipals", &json!({"appId": app_id})).await;
    assert_snapshot!("service_principal_twice", render(&twice));
    let nobody = json!({"appId": "51190000-0000-4000-8000-0000000000ff"});
    assert_snapshot!(
        "service_principal_of_nothing",
        render(&post(&app, &by, "/v1.0/servicePrincipals", &nobody).await)
    );
    let graph = post(&app, &by, "/v1.0/servicePrincipals", &json!({"appId": GRAPH})).await;
    assert_eq!(graph.status, 409);
    let graph = format!("/v1.0/servicePrincipals(appId='{GRAPH}')");
    assert_eq!(app.delete(&by, &graph).await.error().0, "Authorization_RequestDenied");
    let shown = app.get(&by, &graph).await.json();
    assert_eq!(shown["displayName"], "Microsoft Graph");
    assert!(
        shown["oauth2PermissionScopes"]
            .as_array()
            .unwrap()
            .iter()
            .any(|scope| { (&scope["value"], &scope["type"]) == (&json!("User.Read"), &json!("User")) })
    );

    let own = format!("/v1.0/servicePrincipals(appId='{app_id}')");
    let wrong = |principal: &str, resource: &str, role: &str| json!({"principalId": principal, "resourceId": resource, "appRoleId": role});
    let principal = text(&app.get(&by, &own).await.json()["id"]);
    let graph_id = text(&shown["id"]);
    for body in [
        wrong(&graph_id, &graph_id, USER_READ_ALL),
        wrong(&principal, &principal, USER_READ_ALL),
        wrong(&principal, &graph_id, "51190000-0000-4000-8000-0000000000ff"),
    ] {
        let answer = post(&app, &by, &format!("{own}/appRoleAssignments"), &body).await;
        assert_eq!((answer.status, answer.error().0.as_str()), (400, "Request_BadRequest"), "{body}");
    }
    let right = wrong(&principal, &graph_id, USER_READ_ALL);
    let assigned = made(&app, &by, &format!("{graph}/appRoleAssignedTo"), &right).await;
    let of_graph = format!("{graph}/appRoleAssignedTo?$filter=principalId%20eq%20'{principal}'");
    assert_eq!(app.get(&by, &of_graph).await.json()["value"][0]["id"], assigned["id"]);
    let path = format!("{own}/appRoleAssignments/{}", text(&assigned["id"]));
    let other =
        format!("/v1.0/servicePrincipals(appId='{AUTOMATION}')/appRoleAssignments/{}", text(&assigned["id"]));
    assert_eq!(app.delete(&by, &other).await.status, 404, "another client's");
    let held = token(&app, &app_id, &secret).await;

    assert_eq!(app.delete(&by, &own).await.status, 204);
    assert_eq!(app.get(&held, "/v1.0/users").await.status, 200, "good until it ends");
    assert_eq!(app.delete(&by, &path).await.status, 404);
    assert_ne!(sign_in(&app, &app_id, &secret).await.status, 200);
    made(&app, &by, "/v1.0/servicePrincipals", &json!({"appId": app_id})).await;
    let bare = token(&app, &app_id, &secret).await;
    assert_eq!(app.get(&bare, "/v1.0/users").await.status, 403, "what was granted is gone");
}

#[tokio::test]
async fn delegated_grants() {
    let app = TestApp::start().await;
    let by = automation(&app).await;
    let [_, app_id, _] = client(&app, &by).await;
    let id = async |app_id: &str| {
        text(&app.get(&by, &format!("/v1.0/servicePrincipals(appId='{app_id}')")).await.json()["id"])
    };
    let (client, graph) = (id(&app_id).await, id(GRAPH).await);
    let body = json!({"clientId": client, "consentType": "AllPrincipals", "resourceId": graph,
        "scope": "User.Read.All AppCatalog.Read.All"});
    let answer = post(&app, &by, "/v1.0/oauth2PermissionGrants", &body).await;
    assert_snapshot!("grant_created", render(&answer));
    let twice = post(&app, &by, "/v1.0/oauth2PermissionGrants", &body).await;
    assert_snapshot!("grant_twice", render(&twice));
    let one = format!("/v1.0/oauth2PermissionGrants/{}", text(&answer.json()["id"]));
    let held = app.user_token(&app_id, USER02).await;
    assert_eq!(app.get(&held, "/v1.0/users").await.status, 200);

    let body = json!({"clientId": client, "consentType": "Principal", "principalId": USER02,
        "resourceId": graph, "scope": "Chat.ReadBasic"});
    let own = made(&app, &by, "/beta/oauth2PermissionGrants", &body).await;
    for path in [
        format!("/v1.0/oauth2PermissionGrants?$filter=clientId%20eq%20'{client}'"),
        format!("/v1.0/servicePrincipals/{client}/oauth2PermissionGrants"),
    ] {
        let rows = app.get(&by, &path).await.json()["value"].clone();
        let ids: Vec<_> = rows.as_array().unwrap().iter().map(|row| row["id"].clone()).collect();
        assert!(ids.len() == 2 && ids.contains(&own["id"]), "{path}");
    }
    let of_user = format!("/v1.0/oauth2PermissionGrants?$filter=principalId%20eq%20'{USER02}'");
    assert_eq!(app.get(&by, &of_user).await.json()["value"][0]["id"], own["id"]);
    let nobody = json!({"clientId": client, "consentType": "Principal", "resourceId": graph, "scope": "A",
        "principalId": "51190000-0000-4000-8000-0000000000ff"});
    assert_eq!(post(&app, &by, "/v1.0/oauth2PermissionGrants", &nobody).await.status, 400);
    let no_api =
        json!({"clientId": client, "consentType": "AllPrincipals", "resourceId": client, "scope": "A"});
    assert_eq!(post(&app, &by, "/v1.0/oauth2PermissionGrants", &no_api).await.status, 400);

    assert_eq!(patch(&app, &by, &one, &json!({"scope": "User.ReadBasic.All"})).await.status, 204);
    assert_eq!(app.get(&by, &one).await.json()["scope"], "User.ReadBasic.All");
    assert_eq!(app.delete(&by, &one).await.status, 204);
    assert_eq!(app.get(&by, &one).await.status, 404);
    let bare = app.user_token(&app_id, USER03).await;
    assert_eq!(app.get(&bare, "/v1.0/users").await.status, 403);
}

/// What users granted on the consent page is in the same list, and is taken back the same way.
#[tokio::test]
async fn consents_of_users_are_grants() {
    use slipway_model::{ClientId, Consent, UserId};
    use slipway_store::{Changeset, consent};
    let app = TestApp::start().await;
    let by = automation(&app).await;
    let partition = app.partition().await;
    let own = Consent {
        client: ClientId::parse(PUBLIC).unwrap(),
        user: UserId::parse(USER02).unwrap(),
        scopes: vec!["User.Read".into(), "offline_access".into()],
    };
    app.server.store().commit(Changeset::new("test.consent").put(&partition, &own)).await.unwrap();
    let list = format!("/v1.0/oauth2PermissionGrants?$filter=principalId%20eq%20'{USER02}'");
    let grant = app.get(&by, &list).await.json()["value"][0].clone();
    assert_eq!(grant["scope"], "User.Read offline_access");
    let one = format!("/v1.0/oauth2PermissionGrants/{}", text(&grant["id"]));
    let key = consent::key(&partition, &own.client, &own.user);
    let stored = async || app.server.store().view().get(&key).await.unwrap().map(|row| row.record.scopes);
    assert_eq!(patch(&app, &by, &one, &json!({"scope": "User.Read Chat.Read"})).await.status, 204);
    assert_eq!(stored().await, Some(vec!["User.Read".into()]), "what is new is the administrator's");
    assert_eq!(app.get(&by, &one).await.json()["scope"], "Chat.Read User.Read");
    assert_eq!(app.delete(&by, &one).await.status, 204);
    assert_eq!(stored().await, None);
    assert_eq!(app.get(&by, &list).await.json()["value"], json!([]));
}

#[tokio::test]
async fn a_user_needs_a_role() {
    let app = TestApp::start().await;
    let names = ["Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "Directory.ReadWrite.All"];
    let user = app.token_with(&names, Some(USER02)).await;
    let before = app.fingerprint().await;
    let graph = format!("/v1.0/servicePrincipals(appId='{GRAPH}')");
    let assign = json!({"principalId": "a", "resourceId": "b", "appRoleId": "c"});
    for (path, body) in [
        ("/v1.0/applications".to_owned(), json!({"displayName": "Mine"})),
        ("/v1.0/servicePrincipals".to_owned(), json!({"appId": AUTOMATION})),
        (format!("/v1.0/applications(appId='{AUTOMATION}')/addPassword"), json!({})),
        (format!("{graph}/appRoleAssignedTo"), assign),
        ("/v1.0/oauth2PermissionGrants".to_owned(), json!({})),
    ] {
        let answer = post(&app, &user, &path, &body).await;
        assert_eq!(
            (answer.status, answer.error().0.as_str()),
            (403, "Authorization_RequestDenied"),
            "{path}"
        );
    }
    assert_eq!(app.get(&user, "/v1.0/applications").await.status, 200, "reading needs none");
    assert_eq!(app.fingerprint().await, before);
    let admin = app.token_with(&names, Some(ADMIN)).await;
    made(&app, &admin, "/v1.0/applications", &json!({"displayName": "Mine"})).await;
}

#[tokio::test]
async fn what_registrations_refuse() {
    let app = TestApp::start().await;
    let by = automation(&app).await;
    let [id, ..] = client(&app, &by).await;
    let uris = json!({"identifierUris": ["api://orders.example"]});
    assert_eq!(patch(&app, &by, &format!("/v1.0/applications/{id}"), &uris).await.status, 204);
    let before = app.fingerprint().await;
    assert_snapshot!(
        "application_without_a_name",
        render(&post(&app, &by, "/v1.0/applications", &json!({})).await)
    );
    for (body, named) in [
        (json!({"displayName": "x", "identifierUris": ["API://orders.example"]}), "identifierUris"),
        (json!({"displayName": "x", "identifierUris": ["https://graph.microsoft.com"]}), "Microsoft Graph"),
        (
            json!({"displayName": "x", "identifierUris": ["api://51190000-0000-4000-8000-00000000a001"]}),
            "another application",
        ),
        (
            json!({"displayName": "x", "identifierUris": ["api://00000003-0000-0000-c000-000000000000/x"]}),
            "another application",
        ),
        (json!({"displayName": "x", "appRoles": [{"value": "a"}]}), "'appRoles'"),
        (json!({"displayName": "x", "web": {"redirectUris": ["http://orders.example"]}}), "localhost only"),
    ] {
        let answer = post(&app, &by, "/v1.0/applications", &body).await;
        let (code, message) = answer.error();
        assert_eq!((answer.status, code.as_str()), (400, "Request_BadRequest"), "{body}");
        assert!(message.contains(named), "{message}");
    }
    let unknown = "/v1.0/applications/51190000-0000-4000-8000-0000000000ff";
    for answer in [
        app.get(&by, unknown).await,
        app.delete(&by, unknown).await,
        patch(&app, &by, unknown, &json!({})).await,
        post(&app, &by, &format!("{unknown}/addPassword"), &json!({})).await,
        app.get(&by, "/v1.0/applications(appId='x')").await,
        app.get(&by, "/v1.0/servicePrincipals/x%20y").await,
        app.get(&by, "/v1.0/oauth2PermissionGrants/xyz").await,
        app.get(&by, "/v1.0/organization/xyz").await,
    ] {
        assert_eq!((answer.status, answer.error().0.as_str()), (404, "Request_ResourceNotFound"));
    }
    assert_eq!(app.fingerprint().await, before);
}

#[tokio::test]
async fn the_organization_is_the_tenant() {
    let app = TestApp::start().await;
    let by = automation(&app).await;
    assert_snapshot!("organization", render(&app.get(&by, "/v1.0/organization").await));
    let one = app.get(&by, &format!("/beta/organization/{TENANT}?$select=displayName")).await.json();
    assert_eq!(one["displayName"], "Contoso");
}

/// A certificate of a key of 2048 bits, made once for this test; nobody has its key any more.
const CERTIFICATE: &str = include_str!("certificate.base64");
