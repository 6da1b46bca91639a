//! Registered applications: who asks for tokens.

use crate::{ClientId, TeamsAppId, UserId};

/// Delegated permissions that were consented to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentGrant {
    /// The user who consented; none = an administrator did, for everyone.
    pub user: Option<UserId>,
    /// Scope names, such as `AppCatalog.ReadWrite.All`.
    pub scopes: Vec<String>,
}

/// An application registration together with its service principal in the tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// `appid` of its tokens.
    pub id: ClientId,
    /// Name for people.
    pub display_name: String,
    /// SHA-256 of each client secret, in hexadecimal digits; none = a public client.
    pub secret_hashes: Vec<String>,
    /// Application permissions with admin consent: the `roles` of its tokens.
    pub application_permissions: Vec<String>,
    /// Delegated permissions with consent.
    pub delegated_permissions: Vec<ConsentGrant>,
    /// Apps that an administrator selected for the client: what its `…Selected…` permissions reach.
    pub selected_apps: Vec<TeamsAppId>,
}

impl Client {
    /// Whether the client proves itself with a secret.
    #[must_use]
    pub fn is_confidential(&self) -> bool {
        !self.secret_hashes.is_empty()
    }

    /// Names of the delegated permissions that hold for the user, without repeats, in the order of consent.
    #[must_use]
    pub fn scopes_for(&self, user: &UserId) -> Vec<&str> {
        let mut scopes: Vec<&str> = Vec::new();
        let granted = self.delegated_permissions.iter().filter(|g| g.user.as_ref().is_none_or(|u| u == user));
        for scope in granted.flat_map(|g| &g.scopes) {
            if !scopes.contains(&scope.as_str()) {
                scopes.push(scope);
            }
        }
        scopes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_those_for_everyone_and_those_of_the_user() {
        fn user(id: &str) -> UserId {
            UserId::parse(id).unwrap()
        }
        let grant = |u: Option<&str>, s: &[&str]| ConsentGrant {
            user: u.map(user),
            scopes: s.iter().map(|s| (*s).to_owned()).collect(),
        };
        let client = Client {
            id: ClientId::parse("c").unwrap(),
            display_name: "c".into(),
            secret_hashes: vec![],
            application_permissions: vec![],
            delegated_permissions: vec![grant(None, &["A", "B"]), grant(Some("u1"), &["B", "C"])],
            selected_apps: vec![],
        };
        assert_eq!(client.scopes_for(&user("U1")), ["A", "B", "C"]);
        assert_eq!(client.scopes_for(&user("u2")), ["A", "B"]);
    }
}
