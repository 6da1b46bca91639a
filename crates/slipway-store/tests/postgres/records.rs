//! Records to put, and how to look at them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use slipway_model::{
    AppPermissionPolicy, AppVersion, Owner, TeamsAppId, TeamsAppInstallation, TeamsAppSettings, Tenant,
    TenantId, User, UserId, UserPrincipalName, UserType,
};
use slipway_store::{Changeset, Counter, Database, Partition, Store, installation, user};

use tokio_postgres::config::Host;

use crate::schema::Schema;

pub const TENANT: &str = "51190000-0000-4000-8000-000000000001";

pub fn partition() -> Partition {
    Partition::new(&TenantId::parse(TENANT).unwrap(), 1)
}

pub fn database(schema: &Schema) -> Database {
    Database::parse(&schema.url()).unwrap().with_connections(4)
}

/// The settings of the test server's address, with these ones instead of its own.
pub fn address(schema: &Schema, instead: &[(&str, &str)]) -> String {
    let config: tokio_postgres::Config = schema.url().parse().unwrap();
    let password = String::from_utf8_lossy(config.get_password().unwrap_or_default());
    let Host::Tcp(host) = &config.get_hosts()[0] else { panic!("the test server is not on TCP") };
    let port = config.get_ports().first().copied().unwrap_or(5432).to_string();
    let mut settings = BTreeMap::from([
        ("host", host.as_str()),
        ("port", &port),
        ("user", config.get_user().unwrap()),
        ("password", &password),
        ("dbname", config.get_dbname().unwrap()),
        ("options", config.get_options().unwrap()),
        ("sslmode", "disable"),
    ]);
    settings.extend(instead.iter().copied());
    let settings: Vec<_> = settings.iter().map(|(key, value)| format!("{key}='{value}'")).collect();
    settings.join(" ")
}

pub async fn open(schema: &Schema) -> Store {
    Store::open_database(&database(schema)).await.unwrap()
}

pub fn tenant() -> Tenant {
    Tenant {
        id: TenantId::parse(TENANT).unwrap(),
        display_name: "Contoso".into(),
        domain: "contoso.example".into(),
        generation: 1,
        settings: TeamsAppSettings::default(),
        policy: AppPermissionPolicy::default(),
        has_special_users: false,
    }
}

pub fn user_id(n: usize) -> UserId {
    UserId::parse(&format!("user-{n:06}")).unwrap()
}

pub fn user_key(n: usize) -> slipway_store::Key<User> {
    user::key(&partition(), &user_id(n))
}

pub fn user_named(n: usize, name: &str) -> User {
    User {
        id: user_id(n),
        user_principal_name: UserPrincipalName::parse(&format!("{name}@contoso.example")).unwrap(),
        display_name: format!("User {n}"),
        given_name: None,
        surname: None,
        mail: None,
        job_title: None,
        mobile_phone: None,
        office_location: None,
        preferred_language: None,
        business_phones: Vec::new(),
        account_enabled: true,
        directory_roles: Vec::new(),
        password_hash: None,
        user_type: UserType::Member,
        has_teams_licence: true,
        policy: AppPermissionPolicy::default(),
    }
}

pub fn user_of(n: usize) -> User {
    user_named(n, &format!("user{n}"))
}

/// A changeset that adds user `n` and counts it.
pub fn add_user(n: usize) -> Changeset {
    Changeset::new("user").expect_absent(&user_key(n)).put(&partition(), &user_of(n)).add(
        &partition(),
        Counter::Users,
        1,
    )
}

/// How many users are there and how many are counted.
pub async fn users(store: &Store) -> (usize, i64) {
    let view = store.view();
    let there = view.count(&user::all(&partition()), usize::MAX).await.unwrap();
    (there, view.counter(&partition(), Counter::Users).await.unwrap())
}

pub fn installation_key(user: usize, app: &str) -> slipway_store::Key<TeamsAppInstallation> {
    installation::key(&partition(), &Owner::User(user_id(user)), &TeamsAppId::parse(app).unwrap())
}

pub fn installation_of(user: usize, app: &str, version: &str) -> TeamsAppInstallation {
    TeamsAppInstallation {
        owner: Owner::User(user_id(user)),
        app: TeamsAppId::parse(app).unwrap(),
        incarnation: 7,
        version: AppVersion::new(version),
        consented: None,
        preinstalled: false,
        installed_at: Timestamp::UNIX_EPOCH,
    }
}
