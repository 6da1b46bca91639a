//! What can be wrong with a seed by itself: packages, and things that it names twice.

use std::collections::HashMap;
use std::fmt::Display;
use std::path::Path;

use slipway_model::{ChatType, UserId, UserPrincipalName};

use super::error::Finding;
use super::format::{Document, Generate, Tenant};
use super::packages::{AppSeed, read_app};
use super::places::Places;

/// A tenant of a checked seed.
pub struct TenantSeed {
    /// What the document says.
    pub said: Tenant,
    /// Its apps with their packages, in the order of the document.
    pub apps: Vec<AppSeed>,
}

/// What has been found wrong so far.
pub struct Findings<'a> {
    places: &'a Places,
    found: Vec<Finding>,
}

impl<'a> Findings<'a> {
    /// Most findings that are kept: one clash of generated users is as good as all.
    const MAX: usize = 100;

    pub fn new(places: &'a Places) -> Self {
        Self { places, found: Vec::new() }
    }

    /// Adds what is wrong at a key.
    pub fn add(&mut self, key: impl AsRef<str>, text: impl Into<String>) {
        if self.found.len() < Self::MAX {
            self.found.push(self.places.finding(key.as_ref(), text));
        }
    }

    /// What came out, or none after adding why nothing did.
    pub fn take<T, E: Display>(&mut self, result: Result<T, E>, key: impl AsRef<str>) -> Option<T> {
        result.map_err(|error| self.add(key, error.to_string())).ok()
    }

    /// # Errors
    /// The findings, if there are any.
    pub fn none_or<T>(self, checked: T) -> Result<T, Vec<Finding>> {
        if self.found.is_empty() { Ok(checked) } else { Err(self.found) }
    }
}

/// Checks the document and reads its packages, which are looked for in the folder.
///
/// # Errors
/// The findings, in the order of the document.
pub fn check(document: Document, places: &Places, folder: &Path) -> Result<Vec<TenantSeed>, Vec<Finding>> {
    let mut findings = Findings::new(places);
    let (mut ids, mut domains) = (Named::default(), Named::default());
    let mut tenants = Vec::new();
    for (n, tenant) in document.tenants.into_iter().enumerate() {
        let at = format!("tenants[{n}]");
        ids.add(&tenant.id.0.folded(), format!("{at}.id"), &mut findings);
        domains.add(&tenant.domain.0.0, format!("{at}.domain"), &mut findings);
        check_users(&tenant, &at, &mut findings);
        check_groups(&tenant, &at, &mut findings);
        check_chats(&tenant, &at, &mut findings);
        let mut clients = Named::default();
        for (n, client) in tenant.clients.iter().enumerate() {
            clients.add(&client.id.0.folded(), format!("{at}.clients[{n}].id"), &mut findings);
        }
        let apps = check_apps(&tenant, folder, &at, &mut findings);
        for (n, installation) in tenant.installations.iter().enumerate() {
            if installation.owner().is_none() {
                findings.add(
                    format!("{at}.installations[{n}]"),
                    "an app is installed for one user, team or chat",
                );
            }
        }
        tenants.push(TenantSeed { said: tenant, apps });
    }
    findings.none_or(tenants)
}

fn check_users(tenant: &Tenant, at: &str, findings: &mut Findings<'_>) {
    let (mut ids, mut names) = (Named::default(), Named::default());
    for (n, user) in tenant.users.iter().enumerate() {
        let name = &user.user_principal_name.0;
        let name_key = format!("{at}.users[{n}].userPrincipalName");
        if tenant.generated_number(name).is_some() {
            findings.add(&name_key, format!("'{name}' is generated too"));
        }
        names.add(&name.folded(), name_key, findings);
        if let Some(id) = &user.id {
            let id_key = format!("{at}.users[{n}].id");
            if tenant.generates_id(&id.0) {
                findings.add(&id_key, format!("'{}' is generated too", id.0));
            }
            ids.add(&id.0.folded(), id_key, findings);
        }
    }
}

/// A team has the id of its group, so no group may have it too.
fn check_groups(tenant: &Tenant, at: &str, findings: &mut Findings<'_>) {
    let mut ids = Named::default();
    for (n, team) in tenant.teams.iter().enumerate() {
        ids.add(&team.id.0.folded(), format!("{at}.teams[{n}].id"), findings);
    }
    for (n, group) in tenant.groups.iter().enumerate() {
        ids.add(&group.id.0.folded(), format!("{at}.groups[{n}].id"), findings);
    }
}

fn check_chats(tenant: &Tenant, at: &str, findings: &mut Findings<'_>) {
    let mut ids = Named::default();
    for (n, chat) in tenant.chats.iter().enumerate() {
        let at = format!("{at}.chats[{n}]");
        ids.add(&chat.id.0.folded(), format!("{at}.id"), findings);
        let wrong = match (chat.chat_type.0, chat.members.len()) {
            (ChatType::OneOnOne, 2) | (ChatType::Group, 2..) | (ChatType::Meeting, 1..) => None,
            (ChatType::OneOnOne, _) => Some("a one-on-one chat has two members"),
            (ChatType::Group, _) => Some("a group chat has two members at least"),
            (ChatType::Meeting, _) => Some("the chat of a meeting has one member at least"),
        };
        if let Some(text) = wrong {
            findings.add(format!("{at}.members"), text);
        }
        if chat.chat_type.0 == ChatType::OneOnOne && chat.topic.is_some() {
            findings.add(format!("{at}.topic"), "a one-on-one chat has no topic");
        }
    }
}

fn check_apps(tenant: &Tenant, folder: &Path, at: &str, findings: &mut Findings<'_>) -> Vec<AppSeed> {
    let (mut ids, mut external_ids) = (Named::default(), Named::default());
    let mut apps = Vec::new();
    for (n, said) in tenant.apps.iter().enumerate() {
        let at = format!("{at}.apps[{n}]");
        let Some(app) = read_app(said, folder, &at, findings) else {
            continue;
        };
        external_ids.add(&app.external_id.to_ascii_lowercase(), format!("{at}.definitions[0]"), findings);
        if let Some(id) = &said.id {
            ids.add(&id.0.folded(), format!("{at}.id"), findings);
        }
        apps.push(app);
    }
    apps
}

/// Names that may stand once, with the key where each stands.
#[derive(Default)]
struct Named(HashMap<String, String>);

impl Named {
    fn add(&mut self, name: &str, key: String, findings: &mut Findings<'_>) {
        match self.0.get(name) {
            Some(first) => findings.add(key, format!("'{name}' stands at {first} already")),
            None => {
                self.0.insert(name.to_owned(), key);
            }
        }
    }
}

impl Tenant {
    /// How many users are generated.
    pub fn generated(&self) -> u32 {
        self.generate.as_ref().map_or(0, |generate| generate.users)
    }

    /// How many members the lists of teams, groups and chats have together.
    pub fn members(&self) -> usize {
        let of_teams = self.teams.iter().map(|team| team.members.len());
        let of_groups = self.groups.iter().map(|group| group.members.len());
        of_teams.chain(of_groups).chain(self.chats.iter().map(|chat| chat.members.len())).sum()
    }

    /// Whether the id is that of a generated user.
    pub fn generates_id(&self, id: &UserId) -> bool {
        let digits = id.as_str().strip_prefix(Generate::ID_PREFIX);
        let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        number.is_some_and(|n| (1..=self.generated()).contains(&n) && Generate::id(n) == id.as_str())
    }

    /// Number of the generated user with this name, if there is one.
    pub fn generated_number(&self, name: &UserPrincipalName) -> Option<u32> {
        let name = name.folded();
        let (digits, _) = name.strip_prefix("user")?.split_once('@')?;
        let number = digits.parse().ok()?;
        ((1..=self.generated()).contains(&number) && self.generated_name(number) == name).then_some(number)
    }

    /// Sign-in name of the n-th generated user.
    pub fn generated_name(&self, n: u32) -> String {
        format!("user{n}@{}", self.domain.0.0)
    }
}

impl Generate {
    const ID_PREFIX: &str = "51190000-0000-4000-8001-";

    /// Object id of the n-th generated user.
    pub fn id(n: u32) -> String {
        format!("{}{n:012x}", Self::ID_PREFIX)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tenant() -> Tenant {
        let text = "{id: t, displayName: T, domain: T.example, generate: {users: 300}}";
        serde_saphyr::from_str(text).unwrap()
    }

    proptest! {
        #[test]
        fn generated_users_are_known_by_id_and_name(n in 0_u32..400) {
            let (tenant, generated) = (tenant(), (1..=300).contains(&n));
            prop_assert_eq!(tenant.generates_id(&UserId::parse(&Generate::id(n)).unwrap()), generated);
            let name = UserPrincipalName::parse(&tenant.generated_name(n).to_uppercase()).unwrap();
            prop_assert_eq!(tenant.generated_number(&name), generated.then_some(n));
        }

        #[test]
        fn other_spellings_are_no_generated_users(n in 1_u32..300, before in "0|[+]", domain in "u[.]example|t[.]example[.]t") {
            let names = [format!("user{before}{n}@t.example"), format!("user{n}@{domain}")];
            for name in names.map(|name| UserPrincipalName::parse(&name).unwrap()) {
                prop_assert_eq!(tenant().generated_number(&name), None);
            }
        }
    }
}
