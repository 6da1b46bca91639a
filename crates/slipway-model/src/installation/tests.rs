use proptest::prelude::*;

use super::*;
use crate::catalog::tests::definition;
use crate::scope::Grant;
use crate::{Apps, InstallationScopes, Owners, Standing, TeamsAppSettings, UserId};

/// A request for user `u` by client `c`.
struct Wish {
    access: Access,
    client: ClientId,
    tenant: Tenant,
    user: Option<User>,
}

impl Wish {
    fn new() -> Self {
        let tenant = Tenant {
            id: crate::TenantId::parse("t").unwrap(),
            display_name: "t".into(),
            domain: "t.example".into(),
            generation: 0,
            settings: TeamsAppSettings::default(),
            policy: crate::AppPermissionPolicy::default(),
            has_special_users: false,
        };
        let owner = Owner::User(UserId::parse("u").unwrap());
        let access = Access { owner, standing: Standing::Application };
        Self { access, client: ClientId::parse("c").unwrap(), tenant, user: None }
    }

    fn request<'a>(
        &'a self,
        scope: &'a Scope,
        consented: Option<&'a [ResourceSpecificPermission]>,
    ) -> InstallRequest<'a> {
        let Self { access, client, tenant, user } = self;
        InstallRequest { access, client, scope, consented, tenant, user: user.as_ref() }
    }
}

const DOCUMENTED: &str =
    "ZjMyYjgzYmItNGZjOC00ZGI3LWI3ZjUtNzZjZGJiYjhhYTFjIyMyMmY3M2JiZS1mNjdhLTRkZWEtYmQ1NC01NGNhYzcxOGNiMmI=";

#[test]
fn reads_and_writes_the_documented_id() {
    let id = InstallationId::parse(DOCUMENTED).unwrap();
    assert_eq!(id.owner.as_str(), "f32b83bb-4fc8-4db7-b7f5-76cdbbb8aa1c");
    assert_eq!(id.app.as_str(), "22f73bbe-f67a-4dea-bd54-54cac718cb2b");
    assert_eq!(id.to_string(), DOCUMENTED);
    assert_eq!(InstallationId::parse(DOCUMENTED.trim_end_matches('=')), Ok(id));
}

#[test]
fn what_is_no_installation_id() {
    for text in ["", "22f73bbe-f67a-4dea-bd54-54cac718cb2b", "YWJj", "IyM=", "YSMj", "!!", "YSMjYiMjYw=="] {
        assert!(InstallationId::parse(text).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn ids_survive_the_round_trip(owner in "[A-Za-z0-9._:@-]{1,128}", app in "[A-Za-z0-9._:@-]{1,128}") {
        let id = InstallationId { owner: Id::parse(&owner).unwrap(), app: TeamsAppId::parse(&app).unwrap() };
        prop_assert_eq!(InstallationId::parse(&id.to_string()), Ok(id.clone()));
        let safe = id.to_string().replace('+', "-").replace('/', "_");
        prop_assert_eq!(InstallationId::parse(&safe), Ok(id));
    }

    #[test]
    fn any_text_is_read_without_panic(text in ".*") {
        let _ = InstallationId::parse(&text);
    }
}

fn scope(apps: Apps, consent: bool) -> Scope {
    Scope::of(vec![Grant { owners: Owners::Any, apps, consent }])
}

fn permission(value: &str, kind: ResourceSpecificPermissionType) -> ResourceSpecificPermission {
    ResourceSpecificPermission { value: value.into(), kind }
}

fn try_install(
    entry: &CatalogEntry,
    scope: &Scope,
    consented: Option<&[ResourceSpecificPermission]>,
) -> Result<TeamsAppInstallation, Refusal> {
    let wish = Wish::new();
    install(entry, Held { same_app: None, at_most: 0 }, wish.request(scope, consented), Timestamp::UNIX_EPOCH)
}

#[test]
fn what_the_owner_has_counts() {
    let entry = CatalogEntry::publish(definition("1.0.0"), 7);
    let any = scope(Apps::Any, true);
    let installed = try_install(&entry, &any, None).unwrap();
    let wish = Wish::new();
    let request = wish.request(&any, None);
    let again = |entry: &CatalogEntry, at_most| {
        install(entry, Held { same_app: Some(&installed), at_most }, request, Timestamp::UNIX_EPOCH)
    };
    let full = MAX_INSTALLATIONS_PER_OWNER;
    assert!(matches!(again(&entry, full), Err(Refusal::AlreadyInstalled { .. })));
    let later = CatalogEntry::publish(definition("1.0.0"), 8);
    assert!(again(&later, 1).is_ok(), "the row is of an app that was deleted");
    assert_eq!(again(&later, full), Err(Refusal::TooManyInstallations));
}

#[test]
fn installs_the_published_definition() {
    let entry = CatalogEntry::publish(definition("1.0.0"), 7);
    let installed = try_install(&entry, &scope(Apps::Any, false), None).unwrap();
    assert_eq!(installed.version, AppVersion::new("1.0.0"));
    assert!(installed.belongs_to(&entry.app));
    let again = CatalogEntry::publish(definition("1.0.0"), 8);
    assert!(!installed.belongs_to(&again.app));
}

#[test]
fn refuses_what_cannot_be_installed() {
    let any = scope(Apps::Any, true);
    let entry = CatalogEntry::publish(definition("1.0.0"), 7);
    let unpublished = CatalogEntry { published: None, ..entry.clone() };
    assert_eq!(try_install(&unpublished, &any, None), Err(Refusal::AppNotInstallable));
    let mut sideloaded = entry.clone();
    sideloaded.app.distribution_method = DistributionMethod::Sideloaded;
    assert_eq!(try_install(&sideloaded, &any, None), Err(Refusal::AppNotInstallable));
    let mut team_only = entry.clone();
    team_only.published.as_mut().unwrap().scopes = InstallationScopes::TEAM;
    assert!(matches!(try_install(&team_only, &any, None), Err(Refusal::ScopeNotInManifest { .. })));
    let foreign = scope(Apps::OwnedBy(ClientId::parse("a999").unwrap()), true);
    assert!(matches!(try_install(&entry, &foreign, None), Err(Refusal::ForeignApp { .. })));
}

#[test]
fn consent_is_the_exact_set() {
    use ResourceSpecificPermissionType::{Application, Delegated};
    let mut entry = CatalogEntry::publish(definition("1.0.0"), 7);
    let (send, read) = (permission("A.Send.User", Application), permission("B.Read.User", Delegated));
    entry.published.as_mut().unwrap().required_permissions = vec![send.clone(), read.clone()];
    let consenting = scope(Apps::Any, true);
    let both = [permission("b.read.user", Delegated), permission("a.send.USER", Application)];
    let installed = try_install(&entry, &consenting, Some(&both)).unwrap();
    assert_eq!(installed.consented, Some(vec![send.clone(), read.clone()]), "spelt as in the definition");
    for wrong in [None, Some(&both[..1]), Some(&[][..])] {
        assert_eq!(try_install(&entry, &consenting, wrong), Err(Refusal::ConsentMismatch));
    }
    let extra = [send.clone(), read.clone(), permission("C", Delegated)];
    assert_eq!(try_install(&entry, &consenting, Some(&extra)), Err(Refusal::ConsentMismatch));
    let plain = scope(Apps::Any, false);
    assert_eq!(try_install(&entry, &plain, Some(&both)), Err(Refusal::ConsentMismatch));

    entry.published.as_mut().unwrap().required_permissions = vec![read];
    assert!(try_install(&entry, &plain, None).is_ok());
    assert_eq!(try_install(&entry, &plain, Some(&[send])), Err(Refusal::ConsentMismatch));
}

#[test]
fn grants_are_about_the_owner() {
    use ResourceSpecificPermissionType::{Application, Delegated};
    let mut entry = CatalogEntry::publish(definition("1.0.0"), 7);
    let names = ["A.Send.User", "B.Read.Group", "C.Manage.Chat", "D.Read.all.User", "E.User.Chat", "User"];
    let all = names.map(|name| permission(name, if name < "C" { Application } else { Delegated }));
    entry.published.as_mut().unwrap().required_permissions = all.to_vec();
    let mut installed = try_install(&entry, &scope(Apps::Any, true), Some(&all)).unwrap();
    for (owner, expected) in [
        (Owner::User(UserId::parse("u").unwrap()), vec!["A.Send.User", "D.Read.all.User"]),
        (Owner::Team(crate::GroupId::parse("t").unwrap()), vec!["B.Read.Group"]),
        (Owner::Chat(crate::ChatId::parse("c").unwrap()), vec!["C.Manage.Chat", "E.User.Chat"]),
    ] {
        installed.owner = owner;
        let granted: Vec<_> = installed.granted().map(|permission| permission.value.as_str()).collect();
        assert_eq!(granted, expected);
    }
    installed.consented = None;
    assert_eq!(installed.granted().count(), 0);
}

#[test]
fn an_upgrade_stays_where_the_app_may_be() {
    let any = scope(Apps::Any, false);
    let old = CatalogEntry::publish(definition("1.0.0"), 7);
    let installed = try_install(&old, &any, None).unwrap();
    let mut new = CatalogEntry::publish(definition("1.1.0"), 7);
    new.published.as_mut().unwrap().scopes = InstallationScopes::TEAM;
    let refused = upgrade(&new, &installed, Wish::new().request(&any, None));
    assert!(matches!(refused, Err(Refusal::ScopeNotInManifest { .. })), "{refused:?}");
}

#[test]
fn upgrade_goes_to_the_published_version_once() {
    let any = scope(Apps::Any, false);
    let old = CatalogEntry::publish(definition("1.0.0"), 7);
    let installed = try_install(&old, &any, None).unwrap();
    let new = old.add_version(&[definition("1.0.0")], &definition("1.1.0")).unwrap();
    let wish = Wish::new();
    let request = wish.request(&any, None);
    let upgraded = upgrade(&new, &installed, request).unwrap().unwrap();
    assert_eq!(upgraded.version, AppVersion::new("1.1.0"));
    assert_eq!(upgraded.id(), installed.id());
    assert_eq!(upgrade(&new, &upgraded, request), Ok(None));
    let other = CatalogEntry::publish(definition("1.1.0"), 8);
    assert_eq!(upgrade(&other, &installed, request), Err(Refusal::NotInstalled(OwnerKind::User)));
}
