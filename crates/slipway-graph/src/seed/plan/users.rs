//! Users, those of the document and generated ones.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::RangeInclusive;

use slipway_model::{AppPermissionPolicy, User, UserId, UserPrincipalName, UserType};
use slipway_store::{ReadError, Stored, user};

use super::references::{Names, UserNames};
use super::{Planner, Row};
use crate::seed::check::Findings;
use crate::seed::format;
use crate::seed::passwords::Passwords;

/// Generated users that are planned at once, so that a million of them take no more memory than these.
const CHUNK: u32 = 500;

/// A user of the document whose row has been looked for.
pub struct ListedUser {
    /// Its place in the list.
    n: usize,
    id: UserId,
    password_hash: Option<String>,
    stored: Option<Stored<User>>,
}

/// A user to be written.
pub struct UserPlan {
    pub row: Row<User>,
    /// The user as it is, whose search terms go.
    pub before: Option<User>,
}

impl Planner<'_> {
    /// Looks for the users of the document.
    pub(super) async fn listed_users(
        &self,
        passwords: &mut Passwords<'_>,
        findings: &mut Findings<'_>,
    ) -> Result<(Vec<ListedUser>, UserNames), ReadError> {
        let (mut listed, mut names) = (Vec::new(), UserNames::new());
        let mut planned: HashMap<UserId, usize> = HashMap::new();
        for (n, said) in self.seed.said.users.iter().enumerate() {
            let at = format!("{}.users[{n}]", self.at);
            let name = &said.user_principal_name.0;
            let id = said.id.as_ref().map(|id| &id.0);
            let Some(stored) =
                self.stored_user(id, name, &format!("{at}.userPrincipalName"), findings).await?
            else {
                continue;
            };
            let id = match (&stored, id) {
                (Some(stored), _) => Ok(stored.record.id.clone()),
                (None, Some(id)) => Ok(id.clone()),
                (None, None) => UserId::parse(&self.ids.guid()),
            };
            let Some(id) = findings.take(id, &at) else {
                continue;
            };
            match planned.entry(id.clone()) {
                Entry::Occupied(first) => {
                    let text = format!("'{id}' is the user of {}.users[{}] too", self.at, first.get());
                    findings.add(&at, text);
                }
                Entry::Vacant(entry) => {
                    entry.insert(n);
                }
            }
            let known = stored.as_ref().and_then(|stored| stored.record.password_hash.as_ref());
            let hash = passwords.hash(said.password.as_ref().map(|password| &password.0), known);
            let password_hash = findings.take(hash, format!("{at}.password")).flatten();
            names.insert(id.folded(), id.clone());
            names.insert(name.folded(), id.clone());
            listed.push(ListedUser { n, id, password_hash, stored });
        }
        Ok((listed, names))
    }

    /// Plans the users of the document; also whether one of them is special.
    pub(super) async fn users(
        &self,
        listed: Vec<ListedUser>,
        names: &Names<'_>,
        findings: &mut Findings<'_>,
    ) -> Result<(Vec<UserPlan>, bool), ReadError> {
        let (mut plans, mut special) = (Vec::new(), false);
        for ListedUser { n, id, password_hash, stored } in listed {
            let Some(said) = self.seed.said.users.get(n) else { continue };
            let policy = match &said.policy {
                Some(policy) => self.policy(policy, &format!("users[{n}].policy"), names, findings).await?,
                None => AppPermissionPolicy::default(),
            };
            let record = User { policy, ..said.record(id, password_hash) };
            special |= record.is_special();
            plans.extend(UserPlan::unless_stored(record, stored));
        }
        Ok((plans, special))
    }

    /// Goes through the generated users and plans nothing.
    pub(super) async fn check_generated(
        &self,
        passwords: &mut Passwords<'_>,
        findings: &mut Findings<'_>,
    ) -> Result<(), ReadError> {
        for chunk in self.seed.said.generated_chunks() {
            self.generated(chunk, passwords, findings).await?;
        }
        Ok(())
    }

    /// Plans some of the generated users.
    pub async fn generated(
        &self,
        numbers: RangeInclusive<u32>,
        passwords: &mut Passwords<'_>,
        findings: &mut Findings<'_>,
    ) -> Result<Vec<UserPlan>, ReadError> {
        let said = &self.seed.said;
        let password = said.generate.as_ref().and_then(|generate| generate.password.as_ref());
        let mut plans = Vec::new();
        for n in numbers {
            let at = format!("{}.generate.users", self.at);
            let id = findings.take(UserId::parse(&format::Generate::id(n)), &at);
            let name = findings.take(UserPrincipalName::parse(&said.generated_name(n)), &at);
            let (Some(id), Some(name)) = (id, name) else { continue };
            let Some(stored) = self.stored_user(Some(&id), &name, &at, findings).await? else {
                continue;
            };
            let known = stored.as_ref().and_then(|stored| stored.record.password_hash.as_ref());
            let hash = passwords.hash(password.map(|password| &password.0), known);
            let password_hash = findings.take(hash, format!("{}.generate.password", self.at)).flatten();
            let record = User {
                id,
                user_principal_name: name,
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
                password_hash,
                user_type: UserType::Member,
                has_teams_licence: true,
                policy: AppPermissionPolicy::default(),
            };
            plans.extend(UserPlan::unless_stored(record, stored));
        }
        Ok(plans)
    }

    /// The user that is stored under the id, or else under the name; the outer none = another user has the name,
    /// which was reported at the key.
    async fn stored_user(
        &self,
        id: Option<&UserId>,
        name: &UserPrincipalName,
        at: &str,
        findings: &mut Findings<'_>,
    ) -> Result<Option<Option<Stored<User>>>, ReadError> {
        let named = self.view.find(&user::by_principal_name(&self.partition, name)).await?;
        let Some(id) = id else { return Ok(Some(named)) };
        match named {
            Some(named) if named.record.id == *id => Ok(Some(Some(named))),
            Some(other) => {
                findings.add(at, format!("user '{}' has the name '{name}'", other.record.id));
                Ok(None)
            }
            None => Ok(Some(self.view.get(&user::key(&self.partition, id)).await?)),
        }
    }
}

impl UserPlan {
    /// None if the stored row says the same already, the name's spelling included.
    fn unless_stored(record: User, stored: Option<Stored<User>>) -> Option<Self> {
        let before = stored.as_ref().map(|stored| stored.record.clone());
        let name = record.user_principal_name.as_str();
        let row = match stored {
            Some(stored) if stored.record.user_principal_name.as_str() != name => {
                Some(Row { record, seen: Some(stored.revision) })
            }
            stored => Row::unless_stored(record, stored),
        };
        row.map(|row| Self { row, before })
    }
}

impl format::User {
    /// The user without a policy, which names apps.
    fn record(&self, id: UserId, password_hash: Option<String>) -> User {
        User {
            id,
            user_principal_name: self.user_principal_name.0.clone(),
            display_name: self.display_name.clone(),
            given_name: self.given_name.clone(),
            surname: self.surname.clone(),
            mail: self.mail.clone(),
            job_title: self.job_title.clone(),
            mobile_phone: self.mobile_phone.clone(),
            office_location: self.office_location.clone(),
            preferred_language: self.preferred_language.clone(),
            business_phones: self.business_phones.clone(),
            account_enabled: self.account_enabled,
            directory_roles: self.directory_roles.iter().map(|role| role.0.0.clone()).collect(),
            password_hash,
            user_type: self.user_type.as_ref().map_or(UserType::Member, |user_type| user_type.0),
            has_teams_licence: self.teams_licence,
            policy: AppPermissionPolicy::default(),
        }
    }
}

impl format::Tenant {
    /// The numbers of the generated users, in portions.
    pub fn generated_chunks(&self) -> impl Iterator<Item = RangeInclusive<u32>> {
        let users = self.generated();
        (0..users.div_ceil(CHUNK)).map(move |n| n * CHUNK + 1..=users.min((n + 1).saturating_mul(CHUNK)))
    }
}
