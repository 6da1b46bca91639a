//! Delegated permissions as Graph shows them: one grant for each client, API, and user or everyone.

use super::{Client, Consent, ConsentGrant};
use crate::{ClientId, UserId};

/// Delegated permissions of one API that a client holds for a user or for everyone: `oAuth2PermissionGrant`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelegatedGrant {
    /// For whom; none = for everyone.
    pub user: Option<UserId>,
    /// The API.
    pub resource: ClientId,
    /// Names of its permissions.
    pub scopes: Vec<String>,
}

/// The API of a scope as it is stored, and its name there.
fn split(stored: &str) -> (ClientId, &str) {
    let other = stored.rsplit_once('/').and_then(|(api, name)| Some((ClientId::parse(api).ok()?, name)));
    other.unwrap_or_else(|| (ClientId::microsoft_graph(), stored))
}

fn is_of(stored: &str, resource: &ClientId) -> bool {
    split(stored).0 == *resource
}

/// The scope as it is stored.
fn stored(resource: &ClientId, name: &str) -> String {
    if *resource == ClientId::microsoft_graph() { name.to_owned() } else { format!("{resource}/{name}") }
}

fn add(scopes: &mut Vec<String>, name: &str) {
    if !scopes.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        scopes.push(name.to_owned());
    }
}

impl Client {
    /// What administrators granted and what users did, those for everyone first; `own` are consents to this client.
    #[must_use]
    pub fn delegated_grants(&self, own: &[Consent]) -> Vec<DelegatedGrant> {
        let of_administrators = self.delegated_permissions.iter().map(|g| (g.user.as_ref(), &g.scopes));
        let of_users = own.iter().map(|consent| (Some(&consent.user), &consent.scopes));
        let mut grants: Vec<DelegatedGrant> = Vec::new();
        for (user, scopes) in of_administrators.chain(of_users) {
            for scope in scopes {
                let (resource, name) = split(scope);
                let known = grants.iter_mut().find(|g| g.user.as_ref() == user && g.resource == resource);
                if let Some(grant) = known {
                    add(&mut grant.scopes, name);
                } else {
                    let scopes = vec![name.to_owned()];
                    grants.push(DelegatedGrant { user: user.cloned(), resource, scopes });
                }
            }
        }
        grants.sort_by_key(|grant| grant.user.is_some());
        grants
    }

    /// What administrators granted the client of the API, for the user or for everyone, becomes this.
    pub fn set_grant(&mut self, grant: &DelegatedGrant) {
        let DelegatedGrant { user, resource, scopes } = grant;
        let of_user = self.delegated_permissions.iter_mut().filter(|known| known.user == *user);
        for known in of_user {
            known.scopes.retain(|scope| !is_of(scope, resource));
        }
        let new = scopes.iter().map(|name| stored(resource, name));
        let known = self.delegated_permissions.iter_mut().find(|known| known.user == *user);
        if let Some(known) = known {
            known.scopes.extend(new);
        } else {
            let scopes = new.collect();
            self.delegated_permissions.push(ConsentGrant { user: user.clone(), scopes });
        }
        self.delegated_permissions.retain(|known| !known.scopes.is_empty());
    }
}

impl Consent {
    /// Of the API's permissions keeps only those that the grant has, and gives those of the grant that it does not
    /// have.
    pub fn keep(&mut self, grant: &DelegatedGrant) -> DelegatedGrant {
        let has = |names: &[String], name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        self.scopes.retain(|scope| {
            let (resource, name) = split(scope);
            resource != grant.resource || has(&grant.scopes, name)
        });
        let left = grant.scopes.iter().filter(|name| !has(&self.scopes, &stored(&grant.resource, name)));
        DelegatedGrant { scopes: left.cloned().collect(), ..grant.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    fn user(id: &str) -> UserId {
        UserId::parse(id).unwrap()
    }

    fn grant(user: Option<UserId>, resource: &str, scopes: &[&str]) -> DelegatedGrant {
        DelegatedGrant { user, resource: ClientId::parse(resource).unwrap(), scopes: words(scopes) }
    }

    const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

    fn client() -> Client {
        Client {
            delegated_permissions: vec![
                ConsentGrant { user: Some(user("u1")), scopes: words(&["A"]) },
                ConsentGrant { user: None, scopes: words(&["A", "api/x"]) },
                ConsentGrant { user: None, scopes: words(&["B", "a"]) },
            ],
            ..Client::new(ClientId::parse("c").unwrap(), "c")
        }
    }

    #[test]
    fn there_is_one_grant_for_each_user_and_api() {
        let own = Consent {
            client: ClientId::parse("c").unwrap(),
            user: user("u1"),
            scopes: words(&["a", "C", "api/y"]),
        };
        let expected = [
            grant(None, GRAPH, &["A", "B"]),
            grant(None, "api", &["x"]),
            grant(Some(user("u1")), GRAPH, &["A", "C"]),
            grant(Some(user("u1")), "api", &["y"]),
        ];
        assert_eq!(client().delegated_grants(&[own]), expected);
    }

    #[test]
    fn a_grant_takes_the_place_of_the_one_before() {
        let mut client = client();
        client.set_grant(&grant(None, GRAPH, &["D"]));
        client.set_grant(&grant(Some(user("u2")), "api", &["z"]));
        client.set_grant(&grant(Some(user("u1")), GRAPH, &[]));
        let expected =
            [grant(None, "api", &["x"]), grant(None, GRAPH, &["D"]), grant(Some(user("u2")), "api", &["z"])];
        assert_eq!(client.delegated_grants(&[]), expected);
    }

    #[test]
    fn a_user_keeps_what_the_grant_still_has() {
        let mut own = Consent {
            client: ClientId::parse("c").unwrap(),
            user: user("u1"),
            scopes: words(&["A", "B", "api/A"]),
        };
        let left = own.keep(&grant(Some(user("u1")), GRAPH, &["a", "E"]));
        assert_eq!(own.scopes, ["A", "api/A"]);
        assert_eq!(left, grant(Some(user("u1")), GRAPH, &["E"]));
    }
}
