//! Records to put where an engine under test keeps its data.

use jiff::Timestamp;
use slipway_model::{
    AppPermissionPolicy, AppVersion, ChatId, DistributionMethod, GroupId, Owner, TeamsApp, TeamsAppId,
    TeamsAppInstallation, TenantId, User, UserId, UserPrincipalName, UserType,
};
use slipway_store::{Changeset, CommitError, Partition, Store, Violation, app, installation, user};

pub use crate::engines::Place;

pub fn partition() -> Partition {
    Partition::new(&TenantId::parse("51190000-0000-4000-8000-000000000001").unwrap(), 1)
}

pub fn user_id(n: usize) -> UserId {
    UserId::parse(&format!("user-{n:06}")).unwrap()
}

pub fn group_id(n: usize) -> GroupId {
    GroupId::parse(&format!("Group-{n}")).unwrap()
}

pub fn chat_id(n: usize) -> ChatId {
    ChatId::parse(&format!("19:Chat-{n}@thread.v2")).unwrap()
}

pub fn owner(n: usize) -> Owner {
    Owner::User(user_id(n))
}

/// User `user-{n}` with the sign-in name `{name}@contoso.example`.
pub fn user_named(n: usize, name: &str) -> User {
    User {
        id: user_id(n),
        user_principal_name: UserPrincipalName::parse(&format!("{name}@contoso.example")).unwrap(),
        display_name: format!("User {n}"),
        given_name: None,
        surname: Some("Ünal \"\\ \u{1F680}".into()),
        mail: Some("mail@contoso.example".into()),
        job_title: None,
        mobile_phone: Some("+49 30 123".into()),
        office_location: None,
        preferred_language: Some("de-DE".into()),
        business_phones: vec!["+1 425 555 0100".into()],
        account_enabled: n.is_multiple_of(2),
        directory_roles: vec![User::TEAMS_ADMINISTRATOR.into()],
        password_hash: None,
        user_type: UserType::Member,
        has_teams_licence: true,
        policy: AppPermissionPolicy::default(),
    }
}

pub fn user_of(n: usize) -> User {
    user_named(n, &format!("name{n}"))
}

pub fn app_id(n: usize) -> TeamsAppId {
    TeamsAppId::parse(&format!("app-{n}")).unwrap()
}

pub fn app_of(n: usize) -> TeamsApp {
    TeamsApp {
        id: app_id(n),
        external_id: Some(format!("External-{n}")),
        display_name: format!("App {n}"),
        distribution_method: DistributionMethod::Organization,
        azure_ad_app_id: None,
        published: Some(AppVersion::new("1.0.0")),
        permanent: false,
        blocked: false,
        incarnation: u64::MAX,
        created_at: "2024-02-29T12:00:00.123456789Z".parse().unwrap(),
    }
}

pub fn installation_of(user: usize, app: usize, incarnation: u64) -> TeamsAppInstallation {
    TeamsAppInstallation {
        owner: owner(user),
        app: app_id(app),
        incarnation,
        version: AppVersion::new("1.0.0"),
        consented: None,
        preinstalled: false,
        installed_at: Timestamp::UNIX_EPOCH,
    }
}

/// Inserts users `0..n` in changesets of a hundred.
pub async fn insert_users(store: &Store, n: usize) {
    for first in (0..n).step_by(100) {
        let users = first..n.min(first + 100);
        let changeset = users.fold(Changeset::new("users"), |c, n| c.put(&partition(), &user_of(n)));
        store.commit(changeset).await.unwrap();
    }
}

/// Ids of the users in a page, as numbers.
pub fn numbers(page: &slipway_store::Page<User>) -> Vec<usize> {
    page.rows.iter().map(|row| row.record.id.as_str()[5..].parse().unwrap()).collect()
}

pub fn conflict<T>(violation: Violation) -> Result<T, CommitError> {
    Err(CommitError::Conflict(violation))
}

pub fn user_key(n: usize) -> slipway_store::Key<User> {
    user::key(&partition(), &user_id(n))
}

pub fn app_key(n: usize) -> slipway_store::Key<TeamsApp> {
    app::key(&partition(), &app_id(n))
}

pub fn installation_key(user: usize, app: usize) -> slipway_store::Key<TeamsAppInstallation> {
    installation::key(&partition(), &owner(user), &app_id(app))
}
