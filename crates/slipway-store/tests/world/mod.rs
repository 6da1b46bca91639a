//! A tenant with every kind of record, for the tests of moving and checking.

#[path = "../conformance/engines.rs"]
mod engines;
#[path = "../conformance/schema.rs"]
mod schema;

use jiff::Timestamp;
use slipway_model::{
    AppPermissionPolicy, AppVersion, Chat, ChatId, ChatType, Client, ClientId, ClientSecret, Consent,
    ConsentGrant, Container, DistributionMethod, Group, GroupId, InstallationScopes, Member, MemberRole,
    Membership, Owner, PublishingState, TeamsApp, TeamsAppDefinition, TeamsAppId, TeamsAppInstallation,
    TeamsAppSettings, Tenant, TenantId, User, UserId, UserPrincipalName, UserType,
};
use slipway_store::{
    Changeset, Counter, DeviceGrant, GrantState, Icon, Package, Partition, PrivateKey, Report, Session,
    SessionState, SigningKey, Store, TermField, user_term,
};

pub use engines::Place;

/// Users of a filled tenant.
pub const USERS: usize = 5;
/// Apps of a filled tenant; every user has them all.
pub const APPS: usize = 3;
/// Its installations: the team and the chat have the last app.
pub const INSTALLATIONS: usize = USERS * APPS + 2;
/// Who is in what.
pub const MEMBERSHIPS: usize = 5;
/// Terms of each user: name, address, and the tokens of both.
pub const TERMS: usize = 5;
/// Incarnation of its apps.
pub const INCARNATION: u64 = u64::MAX;

/// Tenant `name` with the domain `{name}.example`.
pub fn tenant(name: &str, generation: u32) -> Tenant {
    Tenant {
        id: TenantId::parse(name).unwrap(),
        display_name: format!("Tenant \"{name}\" \u{1F680}"),
        domain: format!("{}.example", name.to_lowercase()),
        generation,
        settings: TeamsAppSettings::default(),
        policy: AppPermissionPolicy::default(),
        has_special_users: false,
    }
}

pub fn user_id(n: usize) -> UserId {
    UserId::parse(&format!("User-{n}")).unwrap()
}

pub fn app_id(n: usize) -> TeamsAppId {
    TeamsAppId::parse(&format!("App-{n}")).unwrap()
}

pub fn user(n: usize) -> User {
    User {
        id: user_id(n),
        user_principal_name: UserPrincipalName::parse(&format!("Name{n}@world.example")).unwrap(),
        display_name: format!("Üser\\ {n}\u{2028}"),
        given_name: None,
        surname: Some(String::new()),
        mail: Some("mail@world.example".into()),
        job_title: None,
        mobile_phone: None,
        office_location: None,
        preferred_language: None,
        business_phones: vec!["+1 425 555 0100".into()],
        account_enabled: n != 1,
        directory_roles: vec![],
        password_hash: Some("$argon2id$v=19$".into()),
        user_type: UserType::Member,
        has_teams_licence: true,
        policy: AppPermissionPolicy::default(),
    }
}

pub fn app(n: usize) -> TeamsApp {
    TeamsApp {
        id: app_id(n),
        external_id: Some(format!("External-{n}")),
        display_name: format!("App {n}"),
        distribution_method: DistributionMethod::Organization,
        azure_ad_app_id: None,
        published: Some(version()),
        permanent: false,
        blocked: false,
        incarnation: INCARNATION,
        created_at: "2024-02-29T12:00:00.123456789Z".parse().unwrap(),
    }
}

fn version() -> AppVersion {
    AppVersion::new("1.0.0")
}

pub fn definition(n: usize) -> TeamsAppDefinition {
    TeamsAppDefinition {
        app: app_id(n),
        external_id: format!("External-{n}"),
        version: version(),
        display_name: format!("App {n}"),
        short_description: String::new(),
        description: "a\nb".into(),
        azure_ad_app_id: None,
        bot_id: Some("bot".into()),
        scopes: InstallationScopes::PERSONAL,
        required_permissions: vec![],
        dashboard_cards: vec![],
        state: PublishingState::Published,
        created_by: None,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

fn package(n: usize) -> Package {
    let icon = |size| Icon { media_type: "image/png".into(), bytes: (0..=255).cycle().take(size).collect() };
    Package {
        app: app_id(n),
        version: version(),
        manifest: b"\xEF\xBB\xBF{\"$schema\": \"\"}".to_vec(),
        color_icon: icon(3_000),
        outline_icon: icon(0),
    }
}

pub fn installation(user: usize, app: usize) -> TeamsAppInstallation {
    TeamsAppInstallation {
        owner: Owner::User(user_id(user)),
        app: app_id(app),
        incarnation: INCARNATION,
        version: version(),
        consented: None,
        preinstalled: false,
        installed_at: Timestamp::UNIX_EPOCH,
    }
}

fn client() -> Client {
    Client {
        secrets: vec![ClientSecret::of_hash("00ff".into())],
        application_permissions: vec!["AppCatalog.Read.All".into()],
        delegated_permissions: vec![ConsentGrant { user: Some(user_id(1)), scopes: vec!["A".into()] }],
        ..Client::new(ClientId::parse("Client").unwrap(), "c")
    }
}

pub fn signing_key(kid: &str) -> SigningKey {
    let private = PrivateKey::Pkcs8(vec![0, 255, 7]);
    SigningKey { kid: kid.into(), created_at: Timestamp::UNIX_EPOCH, private }
}

fn consent() -> Consent {
    Consent { client: ClientId::parse("Client").unwrap(), user: user_id(1), scopes: vec!["B".into()] }
}

fn session() -> Session {
    Session {
        id: "5e551000-0000-4000-8000-000000000001".into(),
        client: ClientId::parse("Client").unwrap(),
        user: user_id(1),
        scopes: vec!["A".into()],
        state: SessionState::Live { generation: 3 },
        signed_in_at: Timestamp::UNIX_EPOCH,
        expires_at: Timestamp::UNIX_EPOCH,
    }
}

fn device_grant() -> DeviceGrant {
    DeviceGrant {
        device_code_hash: "hash".into(),
        user_code: "CODE".into(),
        client: client().id,
        scopes: vec![],
        state: GrantState::Pending,
        expires_at: Timestamp::UNIX_EPOCH,
    }
}

pub fn group_id(n: usize) -> GroupId {
    GroupId::parse(&format!("Group-{n}")).unwrap()
}

pub fn chat_id() -> ChatId {
    ChatId::parse("19:Chat@thread.v2").unwrap()
}

/// Groups 0, a team, and 1.
pub fn group(n: usize) -> Group {
    Group {
        id: group_id(n),
        display_name: format!("Group {n}"),
        description: (n == 0).then(|| "a team".into()),
        mail: None,
        is_team: n == 0,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

fn chat() -> Chat {
    Chat {
        id: chat_id(),
        chat_type: ChatType::Group,
        topic: Some("Lunch".into()),
        created_at: Timestamp::UNIX_EPOCH,
    }
}

/// The team has user 0 and group 1 in it, that has user 1, and the chat both users.
fn memberships() -> [Membership; MEMBERSHIPS] {
    let of = |container, member, role| Membership { container, member, role };
    let group = |n| Container::Group(group_id(n));
    let user = |n| Member::User(user_id(n));
    [
        of(group(0), user(0), MemberRole::Owner),
        of(group(0), Member::Group(group_id(1)), MemberRole::Member),
        of(group(1), user(1), MemberRole::Member),
        of(Container::Chat(chat_id()), user(0), MemberRole::Member),
        of(Container::Chat(chat_id()), user(1), MemberRole::Member),
    ]
}

/// Splits at blanks.
pub fn tokens(_: TermField, text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// Puts the user there with its terms.
pub fn put_user(changes: Changeset, partition: &Partition, user: &User) -> Changeset {
    let terms = user_term::of(user, tokens);
    terms.iter().fold(changes.put(partition, user), |changes, term| changes.put(partition, term))
}

/// Puts the tenant there with its users, groups, apps and installations, a chat, a client, a sign-in that waits, and a
/// signing key.
pub async fn fill(store: &Store, tenant: &Tenant) {
    let (global, partition) = (Partition::global(), Partition::of(tenant));
    let mut changes = Changeset::new("fill")
        .put(&global, tenant)
        .put(&global, &signing_key("kid"))
        .put(&partition, &client())
        .put(&partition, &device_grant())
        .put(&partition, &consent())
        .put(&partition, &session());
    for n in 0..APPS {
        changes =
            changes.put(&partition, &app(n)).put(&partition, &definition(n)).put(&partition, &package(n));
    }
    for n in 0..2 {
        changes = changes.put(&partition, &group(n));
    }
    changes = memberships().iter().fold(changes.put(&partition, &chat()), |c, one| c.put(&partition, one));
    for owner in [Owner::Team(group_id(0)), Owner::Chat(chat_id())] {
        changes = changes.put(&partition, &TeamsAppInstallation { owner, ..installation(0, 2) });
    }
    for n in 0..USERS {
        changes = put_user(changes, &partition, &user(n));
        for app in 0..APPS {
            changes = changes.put(&partition, &installation(n, app));
        }
    }
    let changes = changes
        .add(&partition, Counter::Users, i64::try_from(USERS).unwrap())
        .add(&partition, Counter::Apps, i64::try_from(APPS).unwrap())
        .add(&partition, Counter::Installations, i64::try_from(INSTALLATIONS).unwrap());
    store.commit(changes).await.unwrap();
}

/// Checks the store, and that nothing is wrong.
pub async fn clean(store: &Store) -> Report {
    let report = store.check().await.unwrap();
    assert_eq!(report.findings(), 0, "{report}");
    report
}
