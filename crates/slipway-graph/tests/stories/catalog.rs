//! Publishing, reading and deleting apps.

use http::Method;
use insta::assert_snapshot;
use slipway_testkit::{Package, TestApp};

use crate::{POLLS, USER02, USER03, admin, automation, bind, installation_id, installed, render};

const APPS: &str = "/v1.0/appCatalogs/teamsApps";
const EXTERNAL: &str = "51190000-0000-4000-8000-00000000f00d";

#[tokio::test]
async fn an_app_from_publish_to_delete() {
    let app = TestApp::start().await;
    let (token, admin) = (automation(&app).await, admin(&app).await);

    let published = app.post_zip(&admin, APPS, &Package::new(EXTERNAL, "1.0.0").zip()).await;
    assert_snapshot!("publish", render(&published));
    let id = published.json()["id"].as_str().unwrap().to_owned();
    assert_snapshot!(
        "publish_again",
        render(&app.post_zip(&admin, APPS, &Package::new(EXTERNAL, "2.0.0").zip()).await)
    );

    assert_eq!(app.post(&token, &installed(USER03), &bind(&id)).await.status, 201);
    let versions = format!("{APPS}/{id}/appDefinitions");
    assert_snapshot!(
        "publish_version",
        render(&app.post_zip(&admin, &versions, &Package::new(EXTERNAL, "1.1.0").zip()).await)
    );
    let same = app.post_zip(&admin, &versions, &Package::new(EXTERNAL, "1.1.0").zip()).await;
    assert_eq!((same.status, same.error().0.as_str()), (409, "Conflict"));
    let lower = app.post_zip(&admin, &versions, &Package::new(EXTERNAL, "1.0.9").zip()).await;
    assert_eq!((lower.status, lower.error().0.as_str()), (400, "BadRequest"));
    let foreign = app.post_zip(&admin, &versions, &Package::new(POLLS, "3.0.0").zip()).await;
    assert_eq!((foreign.status, foreign.error().0.as_str()), (400, "BadRequest"));
    assert_snapshot!("definitions_for_a_user", render(&app.get(&admin, &versions).await));

    let one = format!("{}/{}", installed(USER03), installation_id(USER03, &id));
    let expand = format!("{one}?$expand=teamsAppDefinition($select=version)");
    assert_eq!(app.get(&token, &expand).await.json()["teamsAppDefinition"]["version"], "1.0.0");
    assert_eq!(app.post(&token, &format!("{one}/upgrade"), "").await.status, 204);
    assert_eq!(app.get(&token, &expand).await.json()["teamsAppDefinition"]["version"], "1.1.0");

    assert_snapshot!("delete", render(&app.delete(&admin, &format!("{APPS}/{id}")).await));
    assert_snapshot!("delete_again", render(&app.delete(&admin, &format!("{APPS}/{id}")).await));
    assert_eq!(app.get(&token, &one).await.status, 404, "installations vanish with their app");
    assert_eq!(app.post(&token, &format!("{one}/upgrade"), "").await.status, 404);
    assert_eq!(app.post(&token, &installed(USER03), &bind(&id)).await.status, 404);
    app.server.store().finish_sweeps().await.unwrap();
    assert_eq!(app.installations().await, 1, "the sweep removed the rows");

    let anew = app.post_zip(&admin, APPS, &Package::new(EXTERNAL, "1.0.0").zip()).await;
    assert_eq!(anew.status, 201, "the manifest id is free again");
    assert_ne!(anew.json()["id"], id.as_str());
}

#[tokio::test]
async fn bodies_that_are_no_package() {
    let app = TestApp::start().await;
    let admin = admin(&app).await;
    let bearer = format!("Bearer {admin}");
    let json = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    assert_snapshot!("publish_json", render(&app.send(Method::POST, APPS, &json, b"{}").await));
    assert_snapshot!("publish_nonsense", render(&app.post_zip(&admin, APPS, b"nonsense").await));
    let mut package = Package::new(EXTERNAL, "0.1");
    package.manifest["name"]["short"] = serde_json::Value::Null;
    package.manifest["developer"]["websiteUrl"] = "hs://www.yo.com".into();
    assert_snapshot!("publish_invalid", render(&app.post_zip(&admin, APPS, &package.zip()).await));
    let review = format!("{APPS}?requiresReview=maybe");
    let answer = app.post_zip(&admin, &review, &Package::new(EXTERNAL, "1.0.0").zip()).await;
    assert_eq!(answer.status, 400);
    assert!(answer.error().1.contains("requiresReview"));
    assert_snapshot!("publish_too_large", render(&app.post_zip(&admin, APPS, &vec![0; 17 << 20]).await));
    let by_client = automation(&app).await;
    assert_snapshot!(
        "publish_without_a_user",
        render(&app.post_zip(&by_client, APPS, &Package::new(EXTERNAL, "1.0.0").zip()).await)
    );
    let answer =
        app.get(&admin, &format!("{APPS}?$filter=externalId eq '{EXTERNAL}'").replace(' ', "%20")).await;
    assert_eq!(answer.json()["value"], serde_json::json!([]), "nothing was published");
}

#[tokio::test]
async fn reading_the_catalog() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let get = async |query: &str| app.get(&token, &format!("{APPS}{query}").replace(' ', "%20")).await;
    assert_snapshot!("catalog", render(&get("").await));
    assert_snapshot!("catalog_app", render(&get(&format!("/{POLLS}")).await));
    let by_external = "?$filter=externalId eq '51190000-0000-4000-8000-00000000B0E1'&$expand=appDefinitions($select=id,authorization)";
    assert_snapshot!("catalog_filtered_and_expanded", render(&get(by_external).await));
    assert_snapshot!(
        "catalog_definitions",
        render(&get(&format!("/{POLLS}/appDefinitions?$expand=bot")).await)
    );
    for (filter, found) in [
        ("id eq '51190000-0000-4000-8000-00000000B001'", 1),
        ("distributionMethod eq 'organization'", 2),
        ("distributionMethod eq 'store'", 0),
        ("distributionMethod eq 'organization' and externalId eq '51190000-0000-4000-8000-00000000b0e1'", 1),
        ("displayName eq 'Contoso Polls'", 1),
        ("displayName ne 'Contoso Polls'", 1),
        ("not (displayName eq 'x')", 2),
        ("appDefinitions/any(a:a/bot ne null)", 2),
        ("appDefinitions/any(a:a/bot ne null) and displayName eq 'Contoso Tasks'", 1),
        ("id eq 'no id at all!'", 0),
        ("id in ('51190000-0000-4000-8000-00000000b001', 'b')", 1),
        ("externalId eq 'b' or externalId eq '51190000-0000-4000-8000-00000000b0e1'", 1),
    ] {
        let answer = get(&format!("?$count=true&$filter={filter}")).await;
        assert_eq!(answer.status, 200, "{filter}: {:?}", answer.error());
        assert_eq!(answer.json()["value"].as_array().unwrap().len(), found, "{filter}");
        assert_eq!(answer.json()["@odata.count"], found, "{filter}");
    }
    assert_snapshot!("catalog_unknown_app", render(&get("/51190000-0000-4000-8000-00000000beef").await));
}

#[tokio::test]
async fn beta_and_v1_differ_as_their_metadata() {
    let app = TestApp::start().await;
    let token = automation(&app).await;
    let beta = "/beta/appCatalogs/teamsApps?$expand=appDefinitions($select=id,displayName,allowedInstallationScopes)\
                &$filter=appDefinitions/any(a:a/allowedInstallationScopes%20has%20'personal')";
    assert_snapshot!("catalog_beta_scopes", render(&app.get(&token, beta).await));
    let answer = app.get(&token, &beta.replace("/beta/", "/v1.0/")).await;
    assert_eq!(answer.status, 400);
    assert!(answer.error().1.contains("allowedInstallationScopes"), "{:?}", answer.error());
    let one = |version: &str| {
        format!("/{version}/users/{USER02}/teamwork/installedApps?$expand=teamsAppDefinition")
    };
    let definition =
        async |version| app.get(&token, &one(version)).await.json()["value"][0]["teamsAppDefinition"].clone();
    let (v1, beta) = (definition("v1.0").await, definition("beta").await);
    assert!(v1.get("shortDescription").is_some() && v1.get("azureADAppId").is_none());
    assert!(beta.get("shortdescription").is_some() && beta.get("azureADAppId").is_some());
}
