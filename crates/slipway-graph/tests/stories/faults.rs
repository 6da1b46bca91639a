//! Every documented fault once, as it stands on the wire: status, code and message.

use http::Method;
use jiff::SignedDuration;
use serde_json::json;
use slipway_graph::{LegacyPermissions, LegacyRefusal};
use slipway_testkit::{Answer, DEMO_SELF, Package, TestApp};

use crate::{ADMIN, POLLS, PUBLIC, USER02, USER03, admin, automation, bind, installation_id, installed};

const APPS: &str = "/v1.0/appCatalogs/teamsApps";
const ZIP: &str = "application/zip";
const JSON: &str = "application/json";

/// What is sent: method, path, media type, body.
type Sent<'a> = (Method, &'a str, &'a str, &'a [u8]);

/// What comes back: status, code, message.
type Said<'a> = (u16, &'a str, &'a str);

fn get(path: &str) -> Sent<'_> {
    (Method::GET, path, "", b"")
}

/// Sends the request with the value of `Authorization`, if there is one, and looks at the whole error.
async fn refused(app: &TestApp, authorization: &str, sent: Sent<'_>, said: Said<'_>) -> Answer {
    let (method, path, media_type, body) = sent;
    let headers = [("Authorization", authorization), ("Content-Type", media_type)];
    let headers: Vec<_> = headers.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let before = app.fingerprint().await;
    let answer = app.send(method.clone(), path, &headers, body).await;
    let (code, message) = answer.error();
    assert_eq!((answer.status, code.as_str(), message.as_str()), said, "{method} {path}");
    assert_eq!(app.fingerprint().await, before, "{method} {path}: the store has changed");
    assert_eq!(answer.header("content-type"), "application/json", "{method} {path}");
    let inner = &answer.json()["error"]["innerError"];
    assert_eq!(inner["date"], app.clock.now().strftime("%Y-%m-%dT%H:%M:%S").to_string(), "{method} {path}");
    assert_eq!(inner["request-id"], answer.header("request-id"), "{method} {path}");
    assert_eq!(inner["client-request-id"], answer.header("client-request-id"), "{method} {path}");
    answer
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

#[tokio::test]
async fn who_are_you() {
    let app = TestApp::start().await;
    let early = {
        app.clock.advance(SignedDuration::from_hours(4));
        let token = app.user_token(PUBLIC, ADMIN).await;
        app.clock.advance(SignedDuration::from_hours(-4));
        token
    };
    let expired = app.user_token(PUBLIC, ADMIN).await;
    app.clock.advance(SignedDuration::from_hours(2));
    let id_token = app.demo().await.id_token(DEMO_SELF, USER02).await;
    let foreign = app.token_of_unknown_tenant().await;
    let lifetime = "Access token has expired or is not yet valid.";
    for (authorization, message) in [
        (String::new(), "Access token is empty."),
        (bearer("abc"), "CompactToken parsing failed with error code: 80049217"),
        (bearer(&expired), lifetime),
        (bearer(&early), lifetime),
        (bearer(&id_token), "Access token validation failure. Invalid audience."),
        (bearer(&foreign), "Access token validation failure. Invalid issuer."),
    ] {
        let said = (401, "InvalidAuthenticationToken", message);
        let answer = refused(&app, &authorization, get("/v1.0/users"), said).await;
        assert_eq!(
            answer.header("www-authenticate"),
            "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", \
             client_id=\"00000003-0000-0000-c000-000000000000\""
        );
    }
}

#[tokio::test]
async fn you_may_not() {
    let app = TestApp::start().await;
    let list = installed(USER02);
    let missing = |names: &str, held: &str| {
        let names = names.replace("TAI.", "TeamsAppInstallation.");
        format!("permissions on the request. API requires one of '{names}'. {held}")
    };

    let delegated = bearer(&app.token_with(&["Mail.Read", "User.Read"], Some(USER02)).await);
    let scopes = missing(
        "TAI.ManageSelectedForUser, TAI.ReadForUser, TAI.ReadWriteAndConsentForUser, \
         TAI.ReadWriteAndConsentSelfForUser, TAI.ReadWriteForUser, TAI.ReadWriteSelectedForUser, \
         TAI.ReadWriteSelfForUser",
        "Scopes on the request 'Mail.Read, User.Read'",
    );
    let message = format!("Missing scope {scopes}");
    refused(&app, &delegated, get(&list), (403, "Forbidden", &message)).await;

    let roles = bearer(&app.token_with(&["Mail.Read", "User.Read.All"], None).await);
    let write = missing(
        "TAI.ManageSelectedForUser.All, TAI.ReadWriteAndConsentForUser.All, \
         TAI.ReadWriteAndConsentSelfForUser.All, TAI.ReadWriteForUser.All, TAI.ReadWriteSelectedForUser.All, \
         TAI.ReadWriteSelfForUser.All",
        "Roles on the request 'Mail.Read, User.Read.All'.",
    );
    let (body, message) = (bind(POLLS), format!("Missing role {write}"));
    let install = (Method::POST, list.as_str(), JSON, body.as_bytes());
    refused(&app, &roles, install.clone(), (403, "Forbidden", &message)).await;

    let none = bearer(&app.token_with(&[], None).await);
    let read = missing(
        "TAI.ManageSelectedForUser.All, TAI.Read.All, TAI.Read.User, TAI.ReadForUser.All, \
         TAI.ReadWriteAndConsentForUser.All, TAI.ReadWriteAndConsentSelfForUser.All, TAI.ReadWriteForUser.All, \
         TAI.ReadWriteSelectedForUser.All, TAI.ReadWriteSelfForUser.All",
        "Roles on the request ''. Resource specific consent grants on the request ''.",
    );
    let message = format!("Missing role {read}");
    refused(&app, &none, get(&list), (403, "Forbidden", &message)).await;

    let publisher = bearer(&app.token_with(&["AppCatalog.ReadWrite.All"], None).await);
    let message = format!("Missing role {}", missing("", "Roles on the request 'AppCatalog.ReadWrite.All'."));
    let publish = (Method::POST, APPS, ZIP, b"PK".as_slice());
    refused(&app, &publisher, publish, (403, "Forbidden", &message)).await;

    let own = bearer(&app.token_with(&["TeamsAppInstallation.ReadForUser"], Some(USER02)).await);
    let others = installed(USER03);
    refused(&app, &own, get(&others), (403, "Forbidden", "Caller is not authorized.")).await;
    let directory =
        (403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
    refused(&app, &delegated, get(&format!("/v1.0/users/{USER03}")), directory).await;

    let legacy = app.with_legacy(LegacyPermissions::Beta, LegacyRefusal::UnknownError).await;
    let token = bearer(&legacy.token_with(&["User.ReadWrite.All"], None).await);
    refused(&legacy, &token, install, (403, "UnknownError", "")).await;
}

#[tokio::test]
async fn self_is_told_whose_app_it_is_not() {
    let app = TestApp::start().await;
    let zip = Package::new("51190000-0000-4000-8000-00000000f00d", "1.0.0").zip();
    let published = app.post_zip(&admin(&app).await, APPS, &zip).await.json();
    let other = published["id"].as_str().unwrap();
    let token = bearer(&app.application_token(DEMO_SELF).await);
    let (list, body) = (installed(USER03), bind(other));
    let message = format!(
        "AAD App Id '51190000-0000-4000-8000-00000000a002' is not allowed to manage the Teams App '{other}'"
    );
    let install = (Method::POST, list.as_str(), JSON, body.as_bytes());
    refused(&app, &token, install, (403, "Forbidden", &message)).await;
}

#[tokio::test]
async fn it_is_not_there() {
    let app = TestApp::start().await;
    let token = bearer(&automation(&app).await);
    let admin = bearer(&admin(&app).await);
    let nobody = "51190000-0000-4000-8000-00000000dead";
    let (list, body) = (installed(USER03), bind(nobody));
    let app_of_none = format!("{APPS}/{nobody}");
    let steve = "/v1.0/users/steve@contoso.com/teamwork/installedApps";
    let no_steve = "Failed to find user with id 'steve@contoso.com' in the tenant";
    refused(&app, &token, get(steve), (404, "NotFound", no_steve)).await;

    let no_object = "Resource '51190000-0000-4000-8000-00000000dead' does not exist or one of its queried \
                     reference-property objects are not present.";
    let user = format!("/v1.0/users/{nobody}");
    refused(&app, &token, get(&user), (404, "Request_ResourceNotFound", no_object)).await;

    let no_user = "Failed to find user with id '51190000-0000-4000-8000-00000000dead' in the tenant";
    let of_nobody = installed(nobody);
    let install = (Method::POST, of_nobody.as_str(), JSON, body.as_bytes());
    refused(&app, &token, install, (404, "NotFound", no_user)).await;

    let install = (Method::POST, list.as_str(), JSON, body.as_bytes());
    refused(&app, &token, install, (404, "NotFound", "Not Found")).await;

    let one = format!("{list}/{}", installation_id(USER03, POLLS));
    let not_installed = (404, "NotFound", "The app is not installed for the user.");
    refused(&app, &token, get(&one), not_installed).await;
    refused(&app, &token, (Method::DELETE, &one, "", b""), not_installed).await;
    refused(&app, &token, (Method::POST, &format!("{one}/upgrade"), "", b""), not_installed).await;

    let no_app = (404, "NotFound", "app is not found");
    refused(&app, &token, get(&app_of_none), no_app).await;
    refused(&app, &admin, (Method::DELETE, &app_of_none, "", b""), no_app).await;
    let zip = Package::new(nobody, "1.0.0").zip();
    let versions = format!("{app_of_none}/appDefinitions");
    refused(&app, &token, get(&versions), no_app).await;
    refused(&app, &admin, (Method::POST, &versions, ZIP, &zip), no_app).await;

    let no_path = (404, "NotFound", "Requested API is not supported. Please check the path.");
    refused(&app, &token, get("/v1.0/me/drive"), no_path).await;
}

#[tokio::test]
async fn it_cannot_be_asked_like_this() {
    let app = TestApp::start().await;
    let token = bearer(&automation(&app).await);
    let admin = bearer(&admin(&app).await);
    let (list, body) = (installed(USER02), bind(POLLS));

    let bare = format!("{list}/{POLLS}");
    let invalid = "Invalid id '51190000-0000-4000-8000-00000000b001' provided.";
    refused(&app, &token, (Method::DELETE, &bare, "", b""), (400, "BadRequest", invalid)).await;

    let no_bind = (400, "BadRequest", "The navigation bind for the teamsApp was missing in request.");
    refused(&app, &token, (Method::POST, &list, JSON, b"{}"), no_bind).await;

    let no_zip = "Invalid zip archive provided, ex: End of Central Directory record could not be found.";
    let answer =
        refused(&app, &admin, (Method::POST, APPS, ZIP, b"nonsense"), (400, "BadRequest", no_zip)).await;
    assert_eq!(answer.json()["error"]["innerError"]["code"], "InvalidRequest");

    let installed = "AppEntitlement id: '51190000-0000-4000-8000-00000000b001' already exists in thread";
    let install = (Method::POST, list.as_str(), JSON, body.as_bytes());
    refused(&app, &token, install, (409, "Conflict", installed)).await;

    let zip = Package::new("51190000-0000-4000-8000-00000000b0e1", "3.0.0").zip();
    let published = "App with same id already exists in the tenant. \
                     UserId: '51190000-0000-4000-8000-0000000e0001', \
                     AppId: '51190000-0000-4000-8000-00000000b001', \
                     ExternalId: '51190000-0000-4000-8000-00000000b0e1', \
                     entitlementId: 51190000-0000-4000-8000-00000000b001, state: Installed";
    let answer = refused(&app, &admin, (Method::POST, APPS, ZIP, &zip), (409, "Conflict", published)).await;
    assert_eq!(answer.json()["error"]["innerError"]["code"], "AppDefinitionAlreadyExists");

    let method = "Specified HTTP method is not allowed for the request target.";
    refused(&app, &token, (Method::PATCH, &list, JSON, b"{}"), (405, "MethodNotAllowed", method)).await;
    refused(&app, &token, (Method::PATCH, "/v1.0/users", JSON, b"{}"), (405, "Request_BadRequest", method))
        .await;

    let json = "Content-Type 'application/json' is not supported here. Send 'application/zip'.";
    refused(&app, &admin, (Method::POST, APPS, JSON, b"{}"), (415, "UnsupportedMediaType", json)).await;
    let text = "Content-Type 'text/plain' is not supported here. Send 'application/json'.";
    let install = (Method::POST, list.as_str(), "text/plain", body.as_bytes());
    refused(&app, &token, install, (415, "UnsupportedMediaType", text)).await;

    let long = vec![b' '; 256 * 1024 + 1];
    let json = (413, "RequestEntityTooLarge", "The request body is longer than 262144 bytes.");
    refused(&app, &token, (Method::POST, &list, JSON, &long), json).await;
    let long = vec![b'P'; 16 * 1024 * 1024 + 1];
    let zip = (413, "RequestEntityTooLarge", "The request body is longer than 16777216 bytes.");
    refused(&app, &admin, (Method::POST, APPS, ZIP, &long), zip).await;
}

#[tokio::test]
async fn what_the_app_does_not_allow() {
    let app = TestApp::start().await;
    let (token, admin) = (bearer(&automation(&app).await), admin(&app).await);
    let publish = async |package: &Package| {
        let answer = app.post_zip(&admin, APPS, &package.zip()).await;
        answer.json()["id"].as_str().unwrap_or_else(|| panic!("{:?}", answer.error())).to_owned()
    };
    let list = installed(USER03);

    let mut team_only = Package::new("51190000-0000-4000-8000-00000000f00d", "1.0.0");
    team_only.manifest["staticTabs"] = json!([]);
    team_only.manifest["configurableTabs"] =
        json!([{"configurationUrl": "https://contoso.example/configure", "scopes": ["team"]}]);
    let id = publish(&team_only).await;
    let message =
        format!("The app '{id}' cannot be installed in the personal scope: its manifest does not name it.");
    let body = bind(&id);
    let install = (Method::POST, list.as_str(), JSON, body.as_bytes());
    refused(&app, &token, install, (400, "BadRequest", &message)).await;

    let mut consenting = Package::new("51190000-0000-4000-8000-00000000f00e", "1.0.0");
    consenting.manifest["webApplicationInfo"] =
        json!({"id": "51190000-0000-4000-8000-00000000aaaa", "resource": "https://contoso.example"});
    consenting.manifest["authorization"] = json!({"permissions": {"resourceSpecific": [
        {"name": "TeamsActivity.Send.User", "type": "Application"}
    ]}});
    let body = bind(&publish(&consenting).await);
    let mismatch = "The app requires resource-specific permissions that were not consented.";
    let install = (Method::POST, list.as_str(), JSON, body.as_bytes());
    refused(&app, &token, install, (400, "ResourceSpecificPermissionsMismatch", mismatch)).await;
}
