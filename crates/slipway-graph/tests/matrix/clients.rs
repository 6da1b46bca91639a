//! Calls about applications, service principals and grants, and how to see that they did something. They are about a
//! client that is made anew before each of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use serde_json::{Value, json};
use slipway_graph::seed::DEMO_TENANT;
use slipway_model::{Client, ClientId, ClientSecret, ConsentGrant, FederatedCredential};
use slipway_store::{Changeset, client};
use slipway_testkit::{Answer, TestApp};

use crate::ground::USER;

/// The client, its application, its service principal, and the service principal of Microsoft Graph.
const CLIENT: &str = "51190000-0000-4000-8000-00000000a0f1";
const PRINCIPAL: &str = "51190000-0000-4000-8000-51900000a0f1";
const GRAPH: &str = "00000003-0000-0000-c000-519000000000";

/// A role that it has, and one that it has not.
const USER_READ_ALL: &str = "df021288-bdef-4463-88db-98f22de89214";
const GROUP_READ_ALL: &str = "5b567255-7703-4780-807c-7be8301ae99b";

/// Ids of its credentials.
const SECRET: &str = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa";
const FEDERATED: &str = "51190000-0000-4000-8000-00000000fede";

/// A call that succeeds if it is allowed.
pub struct ClientCall {
    pub method: Method,
    pub path: String,
    pub body: Option<Value>,
    pub status: u16,
}

/// Whether the operation is about clients.
pub fn is_about(operation: &str) -> bool {
    let nouns = [
        "applications",
        "federatedIdentityCredentials",
        "servicePrincipals",
        "appRoleAssignments",
        "appRoleAssignedTo",
        "oauth2PermissionGrants",
        "organization",
    ];
    nouns.contains(&operation.split('.').next().unwrap())
}

/// The id of something that is made of these ids.
pub fn id_of(parts: &[&str]) -> String {
    URL_SAFE_NO_PAD.encode(parts.join(" "))
}

pub fn federated(name: &str) -> Value {
    json!({"name": name, "issuer": "https://issuer.example", "subject": name, "audiences": ["api://x"]})
}

/// Makes the client anew and gives the call.
pub async fn prepare(app: &TestApp, operation: &str) -> ClientCall {
    let credential = FederatedCredential {
        id: FEDERATED.into(),
        name: "build".into(),
        issuer: "https://issuer.example".into(),
        subject: "build".into(),
        audiences: vec!["api://x".into()],
        description: None,
    };
    let made = Client {
        secrets: vec![ClientSecret::of_hash("a".repeat(64))],
        federated_credentials: vec![credential],
        application_permissions: vec!["User.Read.All".into()],
        delegated_permissions: vec![ConsentGrant { user: None, scopes: vec!["User.Read".into()] }],
        has_service_principal: operation != "servicePrincipals.create",
        ..Client::new(ClientId::parse(CLIENT).unwrap(), "Spare")
    };
    app.server.store().finish_sweeps().await.unwrap();
    let changes = Changeset::new("test.client").put(&app.partition().await, &made);
    app.server.store().commit(changes).await.unwrap();
    call(operation)
}

fn call(operation: &str) -> ClientCall {
    let application = format!("/applications(appId='{CLIENT}')");
    let credentials = format!("{application}/federatedIdentityCredentials");
    let principal = format!("/servicePrincipals/{PRINCIPAL}");
    let graph = format!("/servicePrincipals/{GRAPH}");
    let role_of_client = id_of(&[PRINCIPAL, USER_READ_ALL]);
    let grant = format!("/oauth2PermissionGrants/{}", id_of(&[PRINCIPAL, GRAPH]));
    let grant_of_role = json!({"principalId": PRINCIPAL, "resourceId": GRAPH, "appRoleId": GROUP_READ_ALL});
    let (get, post, change, delete) = (Method::GET, Method::POST, Method::PATCH, Method::DELETE);
    let (method, path, body, status) = match operation {
        "applications.list" => (get, format!("/applications?$filter=appId%20eq%20'{CLIENT}'"), None, 200),
        "applications.get" => (get, application, None, 200),
        "applications.create" => (post, "/applications".into(), Some(json!({"displayName": "New"})), 201),
        "applications.update" => (change, application, Some(json!({"displayName": "Changed"})), 204),
        "applications.delete" => (delete, application, None, 204),
        "applications.addPassword" => (post, format!("{application}/addPassword"), Some(json!({})), 200),
        "applications.removePassword" => {
            (post, format!("{application}/removePassword"), Some(json!({"keyId": SECRET})), 204)
        }
        "federatedIdentityCredentials.list" => (get, credentials, None, 200),
        "federatedIdentityCredentials.get" => (get, format!("{credentials}/{FEDERATED}"), None, 200),
        "federatedIdentityCredentials.create" => (post, credentials, Some(federated("deploy")), 201),
        "federatedIdentityCredentials.update" => {
            (change, format!("{credentials}/{FEDERATED}"), Some(json!({"subject": "changed"})), 204)
        }
        "federatedIdentityCredentials.delete" => (delete, format!("{credentials}/{FEDERATED}"), None, 204),
        "servicePrincipals.list" => {
            (get, format!("/servicePrincipals?$filter=appId%20eq%20'{CLIENT}'"), None, 200)
        }
        "servicePrincipals.get" => (get, principal, None, 200),
        "servicePrincipals.create" => {
            (post, "/servicePrincipals".into(), Some(json!({"appId": CLIENT})), 201)
        }
        "servicePrincipals.delete" => (delete, principal, None, 204),
        "servicePrincipals.oauth2PermissionGrants" => {
            (get, format!("{principal}/oauth2PermissionGrants"), None, 200)
        }
        "appRoleAssignments.list" => (get, format!("{principal}/appRoleAssignments"), None, 200),
        "appRoleAssignments.create" => {
            (post, format!("{principal}/appRoleAssignments"), Some(grant_of_role), 201)
        }
        "appRoleAssignments.delete" => {
            (delete, format!("{principal}/appRoleAssignments/{role_of_client}"), None, 204)
        }
        "appRoleAssignedTo.list" => {
            let filter = format!("$filter=principalId%20eq%20'{PRINCIPAL}'");
            (get, format!("{graph}/appRoleAssignedTo?{filter}"), None, 200)
        }
        "appRoleAssignedTo.create" => (post, format!("{graph}/appRoleAssignedTo"), Some(grant_of_role), 201),
        "appRoleAssignedTo.delete" => {
            (delete, format!("{graph}/appRoleAssignedTo/{role_of_client}"), None, 204)
        }
        "oauth2PermissionGrants.list" => {
            (get, format!("/oauth2PermissionGrants?$filter=clientId%20eq%20'{PRINCIPAL}'"), None, 200)
        }
        "oauth2PermissionGrants.get" => (get, grant, None, 200),
        "oauth2PermissionGrants.create" => {
            let body = json!({"clientId": PRINCIPAL, "consentType": "Principal", "principalId": USER,
                "resourceId": GRAPH, "scope": "Chat.Read"});
            (post, "/oauth2PermissionGrants".into(), Some(body), 201)
        }
        "oauth2PermissionGrants.update" => (change, grant, Some(json!({"scope": "Chat.Read"})), 204),
        "oauth2PermissionGrants.delete" => (delete, grant, None, 204),
        "organization.list" => (get, "/organization".into(), None, 200),
        "organization.get" => (get, format!("/organization/{DEMO_TENANT}"), None, 200),
        other => panic!("no call for operation {other}: add one"),
    };
    ClientCall { method, path, body, status }
}

/// The client as it is stored.
async fn stored(app: &TestApp, id: &str) -> Option<Client> {
    let key = client::key(&app.partition().await, &ClientId::parse(id).unwrap());
    app.server.store().view().get(&key).await.unwrap().map(|row| row.record)
}

/// That the answer says what it should and the store shows it.
pub async fn check(app: &TestApp, (operation, answer): (&str, &Answer), case: &str) {
    let json = answer.json();
    let first = &json["value"][0];
    let client = async || stored(app, CLIENT).await.unwrap();
    match operation {
        "applications.list" | "servicePrincipals.list" => assert_eq!(first["appId"], CLIENT, "{case}"),
        "applications.get" | "servicePrincipals.get" => assert_eq!(json["appId"], CLIENT, "{case}"),
        "applications.create" => {
            let made = stored(app, json["appId"].as_str().unwrap()).await.unwrap();
            assert_eq!((made.display_name.as_str(), made.has_service_principal), ("New", false), "{case}");
        }
        "applications.update" => assert_eq!(client().await.display_name, "Changed", "{case}"),
        "applications.delete" => assert_eq!(stored(app, CLIENT).await, None, "{case}"),
        "applications.addPassword" => assert_eq!(client().await.secrets.len(), 2, "{case}"),
        "applications.removePassword" => assert_eq!(client().await.secrets, [], "{case}"),
        "federatedIdentityCredentials.list" => assert_eq!(first["id"], FEDERATED, "{case}"),
        "federatedIdentityCredentials.get" => assert_eq!(json["id"], FEDERATED, "{case}"),
        "federatedIdentityCredentials.create" => {
            assert_eq!(client().await.federated_credentials[1].name, "deploy", "{case}");
        }
        "federatedIdentityCredentials.update" => {
            assert_eq!(client().await.federated_credentials[0].subject, "changed", "{case}");
        }
        "federatedIdentityCredentials.delete" => {
            assert_eq!(client().await.federated_credentials, [], "{case}");
        }
        "servicePrincipals.create" => assert!(client().await.has_service_principal, "{case}"),
        "servicePrincipals.delete" => assert!(!client().await.has_service_principal, "{case}"),
        "servicePrincipals.oauth2PermissionGrants" | "oauth2PermissionGrants.list" => {
            assert_eq!(first["scope"], "User.Read", "{case}");
        }
        "oauth2PermissionGrants.get" => assert_eq!(json["scope"], "User.Read", "{case}"),
        "appRoleAssignments.list" | "appRoleAssignedTo.list" => {
            assert_eq!(first["appRoleId"], USER_READ_ALL, "{case}");
        }
        "appRoleAssignments.create" | "appRoleAssignedTo.create" => {
            assert_eq!(client().await.application_permissions, ["User.Read.All", "Group.Read.All"], "{case}");
        }
        "appRoleAssignments.delete" | "appRoleAssignedTo.delete" => {
            assert_eq!(client().await.application_permissions, [""; 0], "{case}");
        }
        "oauth2PermissionGrants.create" => {
            assert_eq!(client().await.delegated_permissions[1].scopes, ["Chat.Read"], "{case}");
        }
        "oauth2PermissionGrants.update" => {
            assert_eq!(client().await.delegated_permissions[0].scopes, ["Chat.Read"], "{case}");
        }
        "oauth2PermissionGrants.delete" => assert_eq!(client().await.delegated_permissions, [], "{case}"),
        "organization.list" => assert_eq!(first["id"], DEMO_TENANT, "{case}"),
        "organization.get" => assert_eq!(json["id"], DEMO_TENANT, "{case}"),
        other => panic!("no check for {other}: add one"),
    }
}
