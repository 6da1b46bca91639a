//! Definitions and their parts: bots, icons and cards; apps of the store, and ones that were uploaded to one owner.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use insta::assert_snapshot;
use serde_json::json;
use slipway_testkit::{Package, TestApp};

use crate::{POLLS, USER02, USER03, admin, automation, bind, installed, render};

const APPS: &str = "/appCatalogs/teamsApps";
const EXTERNAL: &str = "51190000-0000-4000-8000-00000000f00d";
const STORE: &str = "51190000-0000-4000-8000-0000000000a1";
/// The demo tenant's other app.
const TASKS: &str = "51190000-0000-4000-8000-00000000b002";
const LOOSE: &str = "51190000-0000-4000-8000-0000000000a2";

fn definition(id: &str, version: &str) -> String {
    format!("{APPS}/{id}/appDefinitions/{}", STANDARD.encode(format!("{id}##{version}##Published")))
}

#[tokio::test]
async fn the_older_put_is_a_new_version() {
    let app = TestApp::start().await;
    let admin = admin(&app).await;
    let apps = format!("/v1.0{APPS}");
    let published = app.post_zip(&admin, &apps, &Package::new(EXTERNAL, "1.0.0").zip()).await;
    let id = published.json()["id"].as_str().unwrap().to_owned();
    let put = async |path: &str, version: &str| {
        let bearer = format!("Bearer {admin}");
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/zip")];
        app.send(Method::PUT, path, &headers, &Package::new(EXTERNAL, version).zip()).await
    };
    assert_snapshot!("update_put", render(&put(&format!("{apps}/{id}"), "1.1.0").await));
    assert_eq!(put(&format!("{apps}/{id}"), "1.1.0").await.status, 409);
    assert_eq!(app.get(&admin, &format!("{apps}/{id}")).await.json()["displayName"], "Test App 1.1.0");
    let unknown = put(&format!("{apps}/{EXTERNAL}"), "1.2.0").await;
    assert_eq!((unknown.status, unknown.error().1.as_str()), (404, "app is not found"));
}

#[tokio::test]
async fn a_definition_and_its_bot() {
    let app = TestApp::start().await;
    let (token, admin) = (automation(&app).await, admin(&app).await);
    for version in ["v1.0", "beta"] {
        let path = format!("/{version}{}", definition(POLLS, "1.1.0"));
        assert_snapshot!(format!("definition_{version}"), render(&app.get(&token, &path).await));
    }
    let bot = format!("/v1.0{}/bot", definition(POLLS, "1.1.0"));
    assert_snapshot!("bot", render(&app.get(&token, &bot).await));
    let published =
        app.post_zip(&admin, &format!("/v1.0{APPS}"), &Package::new(EXTERNAL, "1.0.0").zip()).await;
    let id = published.json()["id"].as_str().unwrap().to_owned();
    assert_snapshot!(
        "no_bot",
        render(&app.get(&token, &format!("/v1.0{}/bot", definition(&id, "1.0.0"))).await)
    );
}

#[tokio::test]
async fn icons_are_on_beta() {
    let app = TestApp::start().await;
    let (token, admin) = (automation(&app).await, admin(&app).await);
    let published =
        app.post_zip(&admin, &format!("/v1.0{APPS}"), &Package::new(EXTERNAL, "1.0.0").zip()).await;
    let id = published.json()["id"].as_str().unwrap().to_owned();
    let path = |part: &str| format!("/beta{}/{part}", definition(&id, "1.0.0"));
    let icon = app.get(&token, &path("colorIcon")).await;
    assert_snapshot!("icon", render(&icon));
    assert_snapshot!("hosted_content", render(&app.get(&token, &path("outlineIcon/hostedContent")).await));
    let url = icon.json()["webUrl"].as_str().unwrap().to_owned();
    assert_eq!(STANDARD.decode(icon.json()["id"].as_str().unwrap()).unwrap(), url.as_bytes());
    for (part, side) in [("colorIcon", 192), ("outlineIcon", 32)] {
        let bytes = app.get(&token, &path(&format!("{part}/hostedContent/$value"))).await;
        assert_eq!((bytes.status, bytes.header("content-type")), (200, "image/png"), "{part}");
        assert!(bytes.body.starts_with(b"\x89PNG"), "{part}");
        assert_eq!(bytes.body[16..20], u32::to_be_bytes(side), "{part}: its width");
    }
    let address = url.strip_prefix("https://localhost:8365").unwrap();
    assert_eq!(
        app.get(&token, address).await.body,
        app.get(&token, &path("colorIcon/hostedContent/$value")).await.body
    );
    let expanded = format!(
        "/beta{APPS}/{id}?$expand=appDefinitions($select=id;$expand=colorIcon($expand=hostedContent),outlineIcon($select=webUrl))"
    );
    assert_snapshot!("icons_expanded", render(&app.get(&token, &expanded).await));
    for part in ["colorIcon", "outlineIcon/hostedContent", "outlineIcon/hostedContent/$value"] {
        let answer = app.get(&token, &path(part).replace("/beta/", "/v1.0/")).await;
        let text = "Requested API is not supported. Please check the path.";
        assert_eq!((answer.status, answer.error().1.as_str()), (404, text), "{part}");
    }
}

#[tokio::test]
async fn dashboard_cards_are_on_beta() {
    let app = TestApp::start().await;
    let admin = admin(&app).await;
    let mut package = Package::new(EXTERNAL, "1.0.0");
    package.manifest["manifestVersion"] = "1.17".into();
    package.manifest["$schema"] =
        "https://developer.microsoft.com/json-schemas/teams/v1.17/MicrosoftTeams.schema.json".into();
    package.manifest["dashboardCards"] = json!([{
        "id": "210a65de-24ce-445e-9e1e-dd4ef0f0114b",
        "displayName": "sample1",
        "description": "this is the first sample of the card",
        "pickerGroupId": "110a65de-24ce-445e-9e1e-dd4ef0f0114b",
        "icon": {"officeUIFabricIconName": "VivaLogo"},
        "contentSource": {"sourceType": "bot", "botConfiguration": {"botId": "19806762-da13-422d-837a-f1061bc1f572"}},
        "defaultSize": "large"
    }]);
    let published = app.post_zip(&admin, &format!("/v1.0{APPS}"), &package.zip()).await;
    assert_eq!(published.status, 201, "{:?}", published.error());
    let query = "$expand=appDefinitions($expand=dashboardCards)&$filter=appDefinitions/any(a:a/dashboardCards/$count+ne+0)";
    assert_snapshot!("dashboard_cards", render(&app.get(&admin, &format!("/beta{APPS}?{query}")).await));
    assert_eq!(app.get(&admin, &format!("/v1.0{APPS}?{query}")).await.status, 400);
}

#[tokio::test]
async fn permissions_of_both_generations_of_manifests() {
    let app = TestApp::start().await;
    let admin = admin(&app).await;
    let client = json!({"id": "51190000-0000-4000-8000-00000000a002", "resource": "https://contoso.example"});
    let required = async |external: &str, edit: &dyn Fn(&mut Package)| {
        let mut package = Package::new(external, "1.0.0");
        package.manifest["webApplicationInfo"] = client.clone();
        edit(&mut package);
        let published = app.post_zip(&admin, &format!("/v1.0{APPS}"), &package.zip()).await;
        assert_eq!(published.status, 201, "{:?}", published.error());
        let id = published.json()["id"].as_str().unwrap().to_owned();
        let definition = app.get(&admin, &format!("/beta{}", definition(&id, "1.0.0"))).await.json();
        assert_eq!(definition["azureADAppId"], client["id"]);
        let set = definition["authorization"]["requiredPermissionSet"]["resourceSpecificPermissions"].clone();
        (set, definition["requiredResourceSpecificApplicationPermissions"].clone())
    };
    let (set, by_app) = required(EXTERNAL, &|package| {
        package.manifest["authorization"]["permissions"]["resourceSpecific"] = json!([
            {"name": "TeamsActivity.Send.User", "type": "Application"},
            {"name": "ChannelMeeting.ReadBasic.Group", "type": "Delegated"}
        ]);
    })
    .await;
    let by_user = json!({"permissionValue": "ChannelMeeting.ReadBasic.Group", "permissionType": "delegated"});
    let send = json!({"permissionValue": "TeamsActivity.Send.User", "permissionType": "application"});
    assert_eq!((set, by_app), (json!([send, by_user]), json!(["TeamsActivity.Send.User"])));
    let (set, by_app) = required(USER02, &|package| {
        package.manifest["manifestVersion"] = "1.11".into();
        package.manifest["webApplicationInfo"]["applicationPermissions"] = json!(["Member.Read.Group"]);
    })
    .await;
    let read = json!({"permissionValue": "Member.Read.Group", "permissionType": "application"});
    assert_eq!((set, by_app), (json!([read]), json!(["Member.Read.Group"])));
}

/// An app of the store, and one that was uploaded to somebody.
async fn with_other_apps() -> TestApp {
    let app = TestApp::start().await;
    let apps = [(STORE, "store"), (LOOSE, "sideloaded")].map(|(id, method)| {
        let external = if method == "store" { id } else { EXTERNAL };
        let manifest = Package::new(external, "1.0.5").manifest;
        json!({"id": id, "distributionMethod": method, "definitions": [{"manifest": manifest}]})
    });
    let tenant = json!({
        "id": "51190000-0000-4000-8000-000000000001", "displayName": "Contoso", "domain": "contoso.example",
        "apps": apps
    });
    app.seed(&json!({"tenants": [tenant]}).to_string()).await;
    app
}

#[tokio::test]
async fn store_apps_are_microsofts() {
    let app = with_other_apps().await;
    let (token, admin) = (automation(&app).await, admin(&app).await);
    let apps = format!("/v1.0{APPS}");
    assert_snapshot!("store_app", render(&app.get(&token, &format!("{apps}/{STORE}")).await));
    for part in ["colorIcon", "outlineIcon"] {
        let path = format!("/beta{}/{part}", definition(STORE, "1.0.5"));
        assert_snapshot!(format!("store_{part}"), render(&app.get(&token, &path).await));
    }
    assert_snapshot!("delete_store_app", render(&app.delete(&admin, &format!("{apps}/{STORE}")).await));
    let versions = format!("{apps}/{STORE}/appDefinitions");
    assert_eq!(app.post_zip(&admin, &versions, &Package::new(STORE, "2.0.0").zip()).await.status, 403);
    let review = format!("{versions}?requiresReview=true");
    assert_eq!(app.post_zip(&admin, &review, &Package::new(STORE, "2.0.0").zip()).await.status, 403);
    assert_eq!(app.delete(&admin, &format!("/v1.0{}", definition(STORE, "1.0.5"))).await.status, 403);
    assert_eq!(app.post(&token, &installed(USER03), &bind(STORE)).await.status, 201);
}

#[tokio::test]
async fn sideloaded_apps_are_listed_only() {
    let app = with_other_apps().await;
    let (token, admin) = (automation(&app).await, admin(&app).await);
    let list = format!("/v1.0{APPS}?$filter=distributionMethod%20eq%20'sideloaded'");
    assert_eq!(app.get(&token, &list).await.json()["value"][0]["id"], LOOSE);
    let refused = app.post(&token, &installed(USER03), &bind(LOOSE)).await;
    assert_eq!((refused.status, refused.error().1.as_str()), (404, "Not Found"));
    assert_eq!(app.delete(&admin, &format!("/v1.0{APPS}/{LOOSE}")).await.status, 403);
}

#[tokio::test]
async fn the_catalog_in_orders_and_pages() {
    let app = with_other_apps().await;
    let token = automation(&app).await;
    let ids = async |query: &str| {
        let answer = app.get(&token, &format!("/v1.0{APPS}?{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {:?}", answer.error());
        let rows = answer.json()["value"].as_array().unwrap().clone();
        let ids: Vec<_> = rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
        (ids, answer.json().get("@odata.nextLink").map(|link| link.as_str().unwrap().to_owned()))
    };
    assert_eq!(ids("").await.0, [STORE, LOOSE, POLLS, TASKS]);
    assert_eq!(ids("$orderby=displayName%20desc,id").await.0, [STORE, LOOSE, TASKS, POLLS]);
    assert_eq!(ids("$orderby=distributionMethod%20desc,id").await.0, [LOOSE, POLLS, TASKS, STORE]);
    assert_eq!(ids("$skip=1").await.0, [LOOSE, POLLS, TASKS]);
    for query in ["$top=3", "$top=3&$orderby=displayName"] {
        let (first, next) = ids(query).await;
        let next = next.unwrap();
        let (second, last) = ids(next.split_once('?').unwrap().1).await;
        assert_eq!((first.len(), second.len(), last), (3, 1, None), "{query}");
        assert!(!first.contains(&second[0]), "{query}");
    }
    let count =
        app.get(&token, &format!("/v1.0{APPS}/$count?$filter=distributionMethod%20ne%20'store'")).await;
    assert_eq!((count.status, &count.body[..]), (200, &b"3"[..]));
    let search = app.get(&token, &format!("/v1.0{APPS}?$search=%22polls%22")).await;
    assert!(search.status == 400 && search.error().1.contains("'Search'"), "{:?}", search.error());
}
