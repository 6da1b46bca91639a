//! What applying a seed writes.

use slipway_identity::{Secret, verify_password};
use slipway_model::{
    AppVersion, Client, ClientId, ClientSecret, ConsentGrant, DistributionMethod, InstallationScopes,
    PublishingState, ResourceSpecificPermission, ResourceSpecificPermissionType, TeamsApp,
    TeamsAppDefinition, TeamsAppInstallation, Tenant, User, UserPrincipalName,
};
use slipway_store::{Icon, Stored, app, client, definition, installation, package, tenant as tenants, user};

use super::*;

#[tokio::test]
async fn every_field_of_a_user_is_kept() {
    let store = empty_store().await;
    let text = tenant(
        "    users:\n      - id: U1\n        userPrincipalName: Ada@t.example\n        displayName: Ada L\n        \
         givenName: Ada\n        surname: L\n        mail: ada@mail.example\n        jobTitle: Analyst\n        \
         mobilePhone: +1 1\n        officeLocation: 1/2\n        preferredLanguage: en-GB\n        businessPhones: \
         [+2 2, '3']\n        accountEnabled: false\n        password: secret\n        directoryRoles: \
         [TeamsAdministrator, fdd7a751-b60b-444a-984c-02652fe8fa1c]\n      - userPrincipalName: \
         bare@t.example\n        displayName: Bare\n        password: secret\n",
    );
    let report = apply(&store, &text).await;
    assert_eq!((report.tenants, report.users), (created(1), created(2)));
    let (view, partition) = (store.view(), partition("t"));
    let stored = view.get(&tenants::key(&TenantId::parse("t").unwrap())).await.unwrap().unwrap().record;
    let expected = Tenant {
        id: TenantId::parse("t").unwrap(),
        display_name: "T".into(),
        domain: "t.example".into(),
        generation: 0,
        settings: slipway_model::TeamsAppSettings::default(),
        policy: slipway_model::AppPermissionPolicy::default(),
        has_special_users: false,
    };
    assert_eq!(stored, expected);

    let ada = view.get(&user::key(&partition, &user_id("u1"))).await.unwrap().unwrap().record;
    assert_eq!((ada.id.as_str(), ada.user_principal_name.as_str()), ("U1", "Ada@t.example"));
    let hash = ada.password_hash.clone();
    assert!(verify_password(&Secret::from("secret"), hash.as_deref().unwrap()));
    let expected = User {
        id: user_id("U1"),
        user_principal_name: UserPrincipalName::parse("Ada@t.example").unwrap(),
        display_name: "Ada L".into(),
        given_name: Some("Ada".into()),
        surname: Some("L".into()),
        mail: Some("ada@mail.example".into()),
        job_title: Some("Analyst".into()),
        mobile_phone: Some("+1 1".into()),
        office_location: Some("1/2".into()),
        preferred_language: Some("en-GB".into()),
        business_phones: vec!["+2 2".into(), "3".into()],
        account_enabled: false,
        directory_roles: vec![
            "69091246-20e8-4a56-aa4d-066075b2a7a8".into(),
            "fdd7a751-b60b-444a-984c-02652fe8fa1c".into(),
        ],
        password_hash: hash.clone(),
        user_type: slipway_model::UserType::Member,
        has_teams_licence: true,
        policy: slipway_model::AppPermissionPolicy::default(),
    };
    assert_eq!(ada, expected);

    let name = UserPrincipalName::parse("bare@t.example").unwrap();
    let bare = view.find(&user::by_principal_name(&partition, &name)).await.unwrap().unwrap().record;
    assert_eq!(bare.id.as_str().len(), 36, "the server makes a GUID");
    let expected = User {
        id: bare.id.clone(),
        user_principal_name: name,
        display_name: "Bare".into(),
        given_name: None,
        surname: None,
        mail: None,
        job_title: None,
        mobile_phone: None,
        office_location: None,
        preferred_language: None,
        business_phones: vec![],
        account_enabled: true,
        directory_roles: vec![],
        password_hash: hash,
        user_type: slipway_model::UserType::Member,
        has_teams_licence: true,
        policy: slipway_model::AppPermissionPolicy::default(),
    };
    assert_eq!(bare, expected, "both have the same hash of the same password");
}

#[tokio::test]
async fn every_field_of_a_client_is_kept() {
    let store = empty_store().await;
    let text = tenant(
        "    generate: {users: 2}\n    users: [{id: u1, userPrincipalName: a@t.example, displayName: A}]\n    \
         clients:\n      - id: c1\n        displayName: C\n        secrets: [abc, other]\n        \
         applicationPermissions: [User.Read.All, Mail.Send]\n        delegatedPermissions: [openid, User.Read]\n        \
         consents:\n          - {user: A@T.example, scopes: [Mail.Read]}\n          - {user: user2@t.example, scopes: \
         []}\n      - {id: c2, displayName: P}\n",
    );
    assert_eq!(apply(&store, &text).await.clients, created(2));
    let (view, partition) = (store.view(), partition("t"));
    let load = async |id: &str| {
        let key = client::key(&partition, &ClientId::parse(id).unwrap());
        view.get(&key).await.unwrap().unwrap().record
    };
    let full = load("c1").await;
    assert!(Secret::from("other").is_of([full.secrets[1].hash.as_str()]));
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let grant =
        |user: Option<&str>, scopes: &[&str]| ConsentGrant { user: user.map(user_id), scopes: words(scopes) };
    let expected = Client {
        secrets: vec![
            ClientSecret::of_hash("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".into()),
            full.secrets[1].clone(),
        ],
        application_permissions: words(&["User.Read.All", "Mail.Send"]),
        delegated_permissions: vec![
            grant(None, &["openid", "User.Read"]),
            grant(Some("u1"), &["Mail.Read"]),
            grant(Some("51190000-0000-4000-8001-000000000002"), &[]),
        ],
        ..Client::new(ClientId::parse("c1").unwrap(), "C")
    };
    assert_eq!(full, expected);
    let bare = load("c2").await;
    assert!(!bare.is_confidential() && bare.delegated_permissions.is_empty());
}

#[tokio::test]
async fn generated_users_are_numbered() {
    let store = empty_store().await;
    let report = apply(&store, &tenant("    generate: {users: 1234, password: p}\n")).await;
    assert_eq!(report.users, created(1234));
    let (view, partition) = (store.view(), partition("t"));
    assert_eq!(counters(&view).await, [1234, 0, 0]);
    assert_eq!(view.count(&user::all(&partition), 2000).await.unwrap(), 1234);
    let cases = [
        (1, "51190000-0000-4000-8001-000000000001"),
        (500, "51190000-0000-4000-8001-0000000001f4"),
        (501, "51190000-0000-4000-8001-0000000001f5"),
        (1234, "51190000-0000-4000-8001-0000000004d2"),
    ];
    let mut hashes = vec![];
    for (n, id) in cases {
        let stored = view.get(&user::key(&partition, &user_id(id))).await.unwrap().unwrap().record;
        assert_eq!(stored.user_principal_name.as_str(), format!("user{n}@t.example"));
        assert_eq!(stored.display_name, format!("User {n}"));
        hashes.push(stored.password_hash.unwrap());
    }
    assert!(verify_password(&Secret::from("p"), &hashes[0]) && hashes.iter().all(|hash| *hash == hashes[0]));

    let report = apply(&store, &tenant("    generate: {users: 1234, password: p}\n")).await;
    assert_eq!(report.users, unchanged(1234));
    let more = apply(&store, &tenant("    generate: {users: 1235}\n")).await.users;
    assert_eq!(more, Tally { created: 1, changed: 1234, ..Tally::default() }, "they lose their password");
    assert_eq!(counters(&store.view()).await, [1235, 0, 0]);
}

#[tokio::test]
async fn apps_come_from_packages_and_manifests() {
    let folder = tempfile::tempdir().unwrap();
    let mut full = Package::new(POLLS, "1.0.0").asking_for(&[("TeamsActivity.Send.User", "Application")]);
    full.manifest["webApplicationInfo"]["id"] = "51190000-0000-4000-8000-0000000000a2".into();
    full.manifest["bots"] = serde_json::json!([{"botId": "51190000-0000-4000-8000-0000000000b1", "scopes": ["personal", "team"]}]);
    let zip = full.zip();
    std::fs::write(folder.path().join("polls.zip"), &zip).unwrap();
    let text = tenant(&format!(
        "    users: [{{id: u1, userPrincipalName: a@t.example, displayName: A}}]\n    apps:\n      - id: A1\n        \
         distributionMethod: sideloaded\n        definitions:\n          - package: polls.zip\n          - manifest: \
         {}\n            publishingState: submitted\n    installations: [{{user: u1, app: {POLLS}}}]\n",
        manifest(POLLS, "1.1.0")
    ));
    let seed = Seed::parse("seed.yaml", &text, folder.path()).unwrap_or_else(|error| panic!("{error}"));
    let store = empty_store().await;
    let report = seed.apply(&store, &Ids::seeded(1), now()).await.unwrap();
    assert_eq!((report.apps, report.definitions, report.installations), (created(1), created(2), created(1)));

    let (view, partition, id) = (store.view(), partition("t"), app_id("a1"));
    assert_eq!(counters(&view).await, [1, 1, 1]);
    let Stored { record: app, .. } = view.get(&app::key(&partition, &id)).await.unwrap().unwrap();
    let expected = TeamsApp {
        id: app_id("A1"),
        external_id: Some(POLLS.into()),
        display_name: "Test App 1.0.0".into(),
        distribution_method: DistributionMethod::Sideloaded,
        azure_ad_app_id: Some("51190000-0000-4000-8000-0000000000a2".into()),
        published: Some(AppVersion::new("1.0.0")),
        permanent: false,
        blocked: false,
        incarnation: app.incarnation,
        created_at: now(),
    };
    assert_eq!(app, expected);
    let permission = ResourceSpecificPermission {
        value: "TeamsActivity.Send.User".into(),
        kind: ResourceSpecificPermissionType::Application,
    };
    let version = AppVersion::new("1.0.0");
    let stored = view.get(&definition::key(&partition, &id, &version)).await.unwrap().unwrap().record;
    let expected = TeamsAppDefinition {
        app: app_id("A1"),
        external_id: POLLS.into(),
        version: version.clone(),
        display_name: "Test App 1.0.0".into(),
        short_description: "An app for tests".into(),
        description: "An app that tests publish and install.".into(),
        azure_ad_app_id: Some("51190000-0000-4000-8000-0000000000a2".into()),
        bot_id: Some("51190000-0000-4000-8000-0000000000b1".into()),
        scopes: InstallationScopes::PERSONAL.with(InstallationScopes::TEAM),
        required_permissions: vec![permission.clone()],
        dashboard_cards: vec![],
        state: PublishingState::Published,
        created_by: None,
        created_at: now(),
    };
    assert_eq!(stored, expected);
    let stored = view.get(&package::key(&partition, &id, &version)).await.unwrap().unwrap().record;
    let sent = slipway_manifest::read_package(&zip).unwrap();
    assert_eq!(stored.manifest, sent.manifest);
    let icon = |icon: slipway_manifest::Icon| Icon { media_type: "image/png".into(), bytes: icon.bytes };
    assert_eq!((stored.color_icon, stored.outline_icon), (icon(sent.color_icon), icon(sent.outline_icon)));

    let next = AppVersion::new("1.1.0");
    let stored = view.get(&definition::key(&partition, &id, &next)).await.unwrap().unwrap().record;
    assert_eq!(stored.state, PublishingState::Submitted);
    let stored = view.get(&package::key(&partition, &id, &next)).await.unwrap().unwrap().record;
    assert_eq!((stored.color_icon, stored.outline_icon), crate::seed::packages::plain_icons());

    let installed =
        view.get(&installation::key(&partition, &owner("u1"), &id)).await.unwrap().unwrap().record;
    let expected = TeamsAppInstallation {
        owner: super::owner("u1"),
        app: id,
        incarnation: app.incarnation,
        version,
        consented: Some(vec![permission]),
        preinstalled: false,
        installed_at: now(),
    };
    assert_eq!(installed, expected);
}

#[tokio::test]
async fn a_store_app_has_its_manifests_id_and_no_external_id() {
    let store = empty_store().await;
    let text = format!(
        "    generate: {{users: 1}}\n    apps:\n      - distributionMethod: store\n        definitions: [{{manifest: \
         {}}}]\n    installations: [{{user: user1@t.example, app: {POLLS}}}]\n",
        manifest(POLLS, "1.0.0")
    );
    apply(&store, &tenant(&text)).await;
    let view = store.view();
    let stored = view.get(&app::key(&partition("t"), &app_id(POLLS))).await.unwrap().unwrap().record;
    assert_eq!((stored.external_id, stored.distribution_method), (None, DistributionMethod::Store));
    assert!(apply(&store, &tenant(&text)).await.is_unchanged());
}

#[tokio::test]
async fn an_app_without_published_version_shows_its_newest() {
    let store = empty_store().await;
    let text = format!(
        "    apps:\n      - definitions:\n          - {{publishingState: rejected, manifest: {}}}\n          - \
         {{publishingState: submitted, manifest: {}}}\n",
        manifest(POLLS, "1.0.0"),
        manifest(POLLS, "1.1.0")
    );
    apply(&store, &tenant(&text)).await;
    let stored =
        store.view().find(&app::by_external_id(&partition("t"), POLLS)).await.unwrap().unwrap().record;
    assert_eq!((stored.published, stored.display_name.as_str()), (None, "Test App 1.1.0"));
    assert_eq!(stored.id.as_str().len(), 36, "the server makes a GUID");
}
