//! Single rows and the encodings of every kind.

use std::fmt::Debug;

use jiff::Timestamp;
use slipway_model::{
    AccessTokenVersion, AppPermissionPolicy, AppVersion, Client, ClientCertificate, ClientId, ClientSecret,
    Consent, ConsentGrant, DashboardCard, ExposedScope, FederatedCredential, InstallationScopes, Owner,
    Platform, PublishingState, RedirectUri, RequiredResourceAccess, ResourceSpecificPermission,
    ResourceSpecificPermissionType, TeamsApp, TeamsAppDefinition, TeamsAppInstallation, TeamsAppSettings,
    Tenant, TenantId, User, UserId, UserType,
};
use slipway_store::{
    Changeset, CodeChallenge, DeviceGrant, GrantState, Icon, Key, Package, Partition, PendingCode,
    PrivateKey, Record, Session, SessionState, SigningKey, Store, app, client, consent, definition,
    device_grant, installation, package, session, signing_key, tenant, user,
};

use crate::place::{
    Place, app_id, app_of, chat_id, group_id, insert_users, installation_of, owner, partition, user_id,
    user_key, user_of,
};

pub fn definition() -> TeamsAppDefinition {
    TeamsAppDefinition {
        app: app_id(1),
        external_id: "B0E1".into(),
        version: AppVersion::new("1.0.0"),
        display_name: "Polls".into(),
        short_description: "short".into(),
        description: "full\n\"text\"".into(),
        azure_ad_app_id: Some("a002".into()),
        bot_id: None,
        scopes: InstallationScopes::PERSONAL.with(InstallationScopes::TEAM),
        required_permissions: vec![permission()],
        dashboard_cards: vec![card(Some("bot")), card(None)],
        state: PublishingState::Published,
        created_by: Some(user_id(1)),
        created_at: Timestamp::UNIX_EPOCH,
    }
}

fn card(bot: Option<&str>) -> DashboardCard {
    DashboardCard {
        id: "card".into(),
        display_name: "Card".into(),
        description: "about".into(),
        picker_group_id: "group".into(),
        default_size: "medium".into(),
        icon_url: bot.map(|_| "https://contoso.example/card.png".into()),
        office_ui_fabric_icon_name: bot.map(|_| "Icon".into()),
        bot_id: bot.map(Into::into),
    }
}

fn policy() -> AppPermissionPolicy {
    AppPermissionPolicy { blocks_store: true, blocks_organization: false, blocked: vec![app_id(3)] }
}

fn permission() -> ResourceSpecificPermission {
    ResourceSpecificPermission {
        value: "TeamsActivity.Send.User".into(),
        kind: ResourceSpecificPermissionType::Application,
    }
}

pub fn session(n: i64, state: SessionState) -> Session {
    Session {
        id: format!("5E551000-0000-4000-8000-00000000000{n}"),
        client: ClientId::parse("Client-1").unwrap(),
        user: user_id(1),
        scopes: vec!["openid".into()],
        state,
        signed_in_at: Timestamp::UNIX_EPOCH,
        expires_at: Timestamp::from_second(n).unwrap(),
    }
}

pub fn device_grant(n: i64, state: GrantState) -> DeviceGrant {
    DeviceGrant {
        device_code_hash: format!("hash{n}"),
        user_code: format!("CODE{n}"),
        client: ClientId::parse("client").unwrap(),
        scopes: vec!["openid".into(), "User.Read.All".into()],
        state,
        expires_at: Timestamp::from_second(n).unwrap(),
    }
}

pub async fn round_trip<R: Record + PartialEq + Debug>(store: &Store, key: Key<R>, record: R) {
    store.commit(Changeset::new("put").put(&partition(), &record)).await.unwrap();
    assert_eq!(store.view().get(&key).await.unwrap().unwrap().record, record);
}

/// A client that has something of everything.
fn client_of_everything() -> Client {
    Client {
        created_at: Some(Timestamp::UNIX_EPOCH),
        secrets: vec![
            ClientSecret::of_hash("00ff".into()),
            ClientSecret {
                display_name: Some("s".into()),
                hint: Some("abc".into()),
                starts_at: Some(Timestamp::UNIX_EPOCH),
                ends_at: Some(Timestamp::MAX),
                ..ClientSecret::of_hash("11".into())
            },
        ],
        certificates: vec![ClientCertificate {
            key_id: "k".into(),
            display_name: None,
            der: "AAAA".into(),
            thumbprint: "00".into(),
            thumbprint_256: "01".into(),
            starts_at: Timestamp::UNIX_EPOCH,
            ends_at: Timestamp::MAX,
        }],
        federated_credentials: vec![FederatedCredential {
            id: "f".into(),
            name: "actions".into(),
            issuer: "https://issuer.example".into(),
            subject: "repo:x".into(),
            audiences: vec!["api://AzureADTokenExchange".into()],
            description: None,
        }],
        redirect_uris: [Platform::Web, Platform::Spa, Platform::PublicClient]
            .map(|platform| RedirectUri { platform, uri: "http://localhost".into() })
            .to_vec(),
        is_fallback_public_client: true,
        identifier_uris: vec!["api://c".into()],
        exposed_scopes: vec![ExposedScope {
            id: "s".into(),
            value: "access_as_user".into(),
            display_name: "Access".into(),
            users_may_consent: true,
        }],
        access_token_version: AccessTokenVersion::V2,
        required_resource_access: vec![RequiredResourceAccess {
            resource: "r".into(),
            scopes: vec!["s".into()],
            roles: vec![],
        }],
        has_service_principal: false,
        application_permissions: vec!["AppCatalog.Read.All".into()],
        delegated_permissions: vec![
            ConsentGrant { user: None, scopes: vec!["A".into()] },
            ConsentGrant { user: Some(user_id(1)), scopes: vec![] },
        ],
        selected_apps: vec![app_id(1), app_id(2)],
        ..Client::new(ClientId::parse("Client-1").unwrap(), "c")
    }
}

pub async fn directory_kinds_survive_the_round_trip(place: Place) {
    let store = place.open().await;
    let tenant_id = TenantId::parse("51190000-0000-4000-8000-000000000001").unwrap();
    let record = Tenant {
        id: tenant_id.clone(),
        display_name: "Contoso".into(),
        domain: "contoso.example".into(),
        generation: 3,
        settings: TeamsAppSettings {
            allow_user_requests_for_app_access: false,
            is_user_personal_scope_resource_specific_consent_enabled: true,
            is_chat_resource_specific_consent_enabled: false,
        },
        policy: policy(),
        has_special_users: true,
    };
    round_trip(&store, tenant::key(&tenant_id), record.clone()).await;
    let found = store.view().find(&tenant::by_domain("CONTOSO.example")).await.unwrap();
    assert_eq!(found.unwrap().record, record);

    let special = User { user_type: UserType::Guest, policy: policy(), ..user_of(2) };
    round_trip(&store, user_key(2), special).await;
    let record = User { password_hash: Some("$argon2id$".into()), has_teams_licence: false, ..user_of(1) };
    round_trip(&store, user_key(1), record).await;
    let record = client_of_everything();
    round_trip(&store, client::key(&partition(), &record.id), record).await;
    assert_eq!(store.view().count(&client::all(&partition()), 9).await.unwrap(), 1);
}

pub async fn catalog_kinds_survive_the_round_trip(place: Place) {
    let store = place.open().await;
    let (p, version) = (partition(), AppVersion::new("1.0.0"));
    round_trip(&store, app::key(&p, &app_id(1)), TeamsApp { blocked: true, ..app_of(1) }).await;
    let store_app = TeamsApp {
        external_id: None,
        published: None,
        azure_ad_app_id: Some("x".into()),
        permanent: true,
        ..app_of(2)
    };
    round_trip(&store, app::key(&p, &app_id(2)), store_app).await;
    assert_eq!(store.view().count(&app::all(&p), 9).await.unwrap(), 2);
    round_trip(&store, definition::key(&p, &app_id(1), &version), definition()).await;
    let consented =
        TeamsAppInstallation { consented: Some(vec![permission()]), ..installation_of(1, 1, u64::MAX) };
    round_trip(&store, installation::key(&p, &owner(1), &app_id(1)), consented.clone()).await;
    for owner in [Owner::Team(group_id(1)), Owner::Chat(chat_id(1))] {
        let record = TeamsAppInstallation { owner: owner.clone(), preinstalled: true, ..consented.clone() };
        round_trip(&store, installation::key(&p, &owner, &app_id(1)), record).await;
    }
    let icon = |size| Icon { media_type: "image/png".into(), bytes: (0..=255).cycle().take(size).collect() };
    let record = Package {
        app: app_id(1),
        version: version.clone(),
        manifest: b"\xEF\xBB\xBF{\"$schema\": \"\"}".to_vec(),
        color_icon: icon(300_000),
        outline_icon: icon(0),
    };
    round_trip(&store, package::key(&p, &app_id(1), &version), record).await;
    assert_eq!(store.view().count(&package::of_app(&p, &app_id(1)), 9).await.unwrap(), 1);
    assert_eq!(store.view().count(&package::all(&p), 9).await.unwrap(), 1);
}

pub async fn sign_in_kinds_survive_the_round_trip(place: Place) {
    let store = place.open().await;
    let states = [GrantState::Pending, GrantState::Approved(user_id(1)), GrantState::Declined];
    for (n, state) in (1..).zip(states) {
        let record = device_grant(n, state);
        round_trip(&store, device_grant::key(&partition(), &record.device_code_hash), record).await;
    }
    let code = |challenge| PendingCode { redirect_uri: "http://localhost".into(), challenge, nonce: None };
    let states = [
        SessionState::Code(code(None)),
        SessionState::Code(code(Some(CodeChallenge::Plain("v".into())))),
        SessionState::Code(PendingCode {
            nonce: Some("n".into()),
            ..code(Some(CodeChallenge::S256("c".into())))
        }),
        SessionState::Live { generation: u64::MAX },
        SessionState::Revoked,
    ];
    for (n, state) in (1..).zip(states) {
        let record = session(n, state);
        round_trip(&store, session::key(&partition(), &record.id), record).await;
    }
    let client = ClientId::parse("Client-1").unwrap();
    let record = Consent { client: client.clone(), user: user_id(1), scopes: vec!["A".into()] };
    round_trip(&store, consent::key(&partition(), &client, &user_id(1)), record).await;
    assert_eq!(store.view().count(&consent::of_client(&partition(), &client), 9).await.unwrap(), 1);
    for private in [PrivateKey::Pkcs8(vec![0, 255, 7]), PrivateKey::Sealed(vec![1, 0])] {
        let record = SigningKey { kid: "k1".into(), created_at: Timestamp::UNIX_EPOCH, private };
        store.commit(Changeset::new("key").put(&Partition::global(), &record)).await.unwrap();
        assert!(store.view().get(&signing_key::key("k1")).await.unwrap().unwrap().record == record);
    }
    assert_eq!(store.view().scan(&signing_key::all(), 9).await.unwrap().rows.len(), 1);
}

pub async fn ids_are_found_without_case(place: Place) {
    let store = place.open().await;
    let record = User { id: UserId::parse("Some.Id").unwrap(), ..user_of(1) };
    store.commit(Changeset::new("user").put(&partition(), &record)).await.unwrap();
    let key = user::key(&partition(), &UserId::parse("sOME.iD").unwrap());
    let stored = store.view().get(&key).await.unwrap().unwrap();
    assert_eq!(stored.record.id.as_str(), "Some.Id");
}

pub async fn partitions_do_not_see_each_other(place: Place) {
    let store = place.open().await;
    insert_users(&store, 3).await;
    let tenant = |text: &str| TenantId::parse(text).unwrap();
    let own = "51190000-0000-4000-8000-000000000001";
    for other in [Partition::new(&tenant(own), 2), Partition::new(&tenant("other"), 1), Partition::global()] {
        let view = store.view();
        assert_eq!(view.get(&user::key(&other, &user_id(1))).await.unwrap(), None);
        assert!(view.scan(&user::all(&other), 9).await.unwrap().rows.is_empty());
        let name = user_of(1).user_principal_name;
        assert_eq!(view.find(&user::by_principal_name(&other, &name)).await.unwrap(), None);
    }
}

pub async fn a_deleted_row_is_gone(place: Place) {
    let store = place.open().await;
    insert_users(&store, 3).await;
    store.commit(Changeset::new("delete").delete(&user_key(1)).delete(&user_key(99))).await.unwrap();
    let view = store.view();
    assert_eq!(view.get(&user_key(1)).await.unwrap(), None);
    assert_eq!(view.count(&user::all(&partition()), 9).await.unwrap(), 2);
    // Of several writes of a row the last one holds.
    let changeset =
        Changeset::new("last").put(&partition(), &user_of(5)).delete(&user_key(5)).delete(&user_key(0));
    store.commit(changeset.put(&partition(), &user_of(0))).await.unwrap();
    assert_eq!(store.view().get(&user_key(5)).await.unwrap(), None);
    assert!(store.view().get(&user_key(0)).await.unwrap().is_some());
}

pub async fn a_row_exists_from_put_to_delete(place: Place) {
    let store = place.open().await;
    insert_users(&store, 3).await;
    let view = store.view();
    assert!(view.exists(&user_key(1)).await.unwrap());
    assert!(!view.exists(&user_key(3)).await.unwrap());
    store.commit(Changeset::new("delete").delete(&user_key(1))).await.unwrap();
    assert!(view.exists(&user_key(1)).await.unwrap());
    assert!(!store.view().exists(&user_key(1)).await.unwrap());
}

pub async fn many_rows_come_in_the_order_asked(place: Place) {
    let store = place.open().await;
    insert_users(&store, 5).await;
    let found = store.view().get_many(&[4, 9, 0, 4].map(user_key)).await.unwrap();
    let ids: Vec<_> = found.into_iter().map(|row| row.map(|row| row.record.id)).collect();
    assert_eq!(ids, [Some(user_id(4)), None, Some(user_id(0)), Some(user_id(4))]);
}
