//! Rules of registrations: what may be added to a client, and what it means to take something away.

use super::{Client, ClientCertificate, ClientSecret, FederatedCredential};
use crate::permission::AppRole;

/// Most secrets, and most certificates, of a client.
pub const MAX_CREDENTIALS: usize = 100;

/// Most issuers whose tokens stand for a client's assertions ("Federated identity credentials", limits).
pub const MAX_FEDERATED_CREDENTIALS: usize = 20;

/// Most redirect URIs of a client, all platforms together ("Redirect URI restrictions", work accounts).
pub const MAX_REDIRECT_URIS: usize = 256;

/// A change of a registration that the rules do not grant. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistrationRefusal {
    /// The client has its service principal already.
    ServicePrincipalThere,
    /// The role is assigned already.
    RoleAssigned,
    /// Client, user and API have a grant already.
    GrantThere,
    /// The client has no credential with this id.
    NoSuchKey(String),
    /// Another federated credential has the name.
    FederatedNameTaken(String),
    /// Another federated credential is of the same issuer and subject.
    FederatedSubjectTaken,
    /// The client has the most that it may have of the property.
    TooMany {
        /// Graph's name of the property.
        property: &'static str,
        /// How many it may have.
        most: usize,
    },
}

impl Client {
    /// The client with a service principal in the tenant.
    ///
    /// # Errors
    /// [`RegistrationRefusal::ServicePrincipalThere`]
    pub fn with_service_principal(self) -> Result<Self, RegistrationRefusal> {
        if self.has_service_principal {
            return Err(RegistrationRefusal::ServicePrincipalThere);
        }
        Ok(Self { has_service_principal: true, ..self })
    }

    /// The client without its service principal, and without what was granted to that.
    #[must_use]
    pub fn without_service_principal(self) -> Self {
        Self {
            has_service_principal: false,
            application_permissions: Vec::new(),
            delegated_permissions: Vec::new(),
            ..self
        }
    }

    /// Application permissions of Microsoft Graph that are known here, in the order in which they were granted.
    pub fn app_roles(&self) -> impl Iterator<Item = AppRole> {
        self.application_permissions.iter().filter_map(|name| AppRole::named(name))
    }

    /// Grants the role. Tokens that are out do not get it.
    ///
    /// # Errors
    /// [`RegistrationRefusal::RoleAssigned`]
    pub fn assign_role(&mut self, role: AppRole) -> Result<(), RegistrationRefusal> {
        if self.app_roles().any(|known| known == role) {
            return Err(RegistrationRefusal::RoleAssigned);
        }
        self.application_permissions.push(role.name.to_owned());
        Ok(())
    }

    /// Takes the role back; false if it was not granted.
    pub fn unassign_role(&mut self, role: AppRole) -> bool {
        let before = self.application_permissions.len();
        self.application_permissions.retain(|name| !name.eq_ignore_ascii_case(role.name));
        self.application_permissions.len() < before
    }

    /// Adds a secret.
    ///
    /// # Errors
    /// [`RegistrationRefusal::TooMany`]
    pub fn add_secret(&mut self, secret: ClientSecret) -> Result<(), RegistrationRefusal> {
        if self.secrets.len() >= MAX_CREDENTIALS {
            return Err(too_many("passwordCredentials", MAX_CREDENTIALS));
        }
        self.secrets.push(secret);
        Ok(())
    }

    /// Removes a secret.
    ///
    /// # Errors
    /// [`RegistrationRefusal::NoSuchKey`]
    pub fn remove_secret(&mut self, key_id: &str) -> Result<(), RegistrationRefusal> {
        let before = self.secrets.len();
        self.secrets.retain(|secret| !secret.key_id.eq_ignore_ascii_case(key_id));
        if self.secrets.len() == before {
            return Err(RegistrationRefusal::NoSuchKey(key_id.to_owned()));
        }
        Ok(())
    }

    /// Keeps the secrets with these ids and no others.
    ///
    /// # Errors
    /// [`RegistrationRefusal::NoSuchKey`] for an id that no secret has.
    pub fn keep_secrets(&mut self, key_ids: &[String]) -> Result<(), RegistrationRefusal> {
        let is = |secret: &ClientSecret, id: &String| secret.key_id.eq_ignore_ascii_case(id);
        if let Some(unknown) = key_ids.iter().find(|id| !self.secrets.iter().any(|secret| is(secret, id))) {
            return Err(RegistrationRefusal::NoSuchKey(unknown.clone()));
        }
        self.secrets.retain(|secret| key_ids.iter().any(|id| is(secret, id)));
        Ok(())
    }

    /// The client's certificate with this id.
    #[must_use]
    pub fn certificate(&self, key_id: &str) -> Option<&ClientCertificate> {
        self.certificates.iter().find(|known| known.key_id.eq_ignore_ascii_case(key_id))
    }

    /// Adds a federated credential, or puts it in the place of the one with the same id.
    ///
    /// # Errors
    /// [`RegistrationRefusal`] if another one has its name, or its issuer and subject, or if there are too many.
    pub fn put_federated(&mut self, credential: FederatedCredential) -> Result<(), RegistrationRefusal> {
        let known = &mut self.federated_credentials;
        let others = || known.iter().filter(|other| other.id != credential.id);
        if others().any(|other| other.name.eq_ignore_ascii_case(&credential.name)) {
            return Err(RegistrationRefusal::FederatedNameTaken(credential.name));
        }
        if others().any(|other| (&other.issuer, &other.subject) == (&credential.issuer, &credential.subject))
        {
            return Err(RegistrationRefusal::FederatedSubjectTaken);
        }
        if others().count() >= MAX_FEDERATED_CREDENTIALS {
            return Err(too_many("federatedIdentityCredentials", MAX_FEDERATED_CREDENTIALS));
        }
        match known.iter_mut().find(|other| other.id == credential.id) {
            Some(place) => *place = credential,
            None => known.push(credential),
        }
        Ok(())
    }
}

/// The client would have more of a property than the most.
const fn too_many(property: &'static str, most: usize) -> RegistrationRefusal {
    RegistrationRefusal::TooMany { property, most }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ClientId;

    fn client() -> Client {
        Client::new(ClientId::parse("c").unwrap(), "c")
    }

    #[test]
    fn roles_are_assigned_once_and_taken_back() {
        let role = AppRole::named("User.Read.All").unwrap();
        let mut client = Client { application_permissions: vec!["Mail.Read".into()], ..client() };
        client.assign_role(role).unwrap();
        assert_eq!(client.assign_role(role), Err(RegistrationRefusal::RoleAssigned));
        assert_eq!(client.app_roles().collect::<Vec<_>>(), [role], "others have no GUID here");
        assert!(client.unassign_role(role) && !client.unassign_role(role));
        assert_eq!(client.application_permissions, ["Mail.Read"]);
    }

    #[test]
    fn without_a_service_principal_nothing_is_granted() {
        let granted = Client { application_permissions: vec!["User.Read.All".into()], ..client() };
        assert!(granted.clone().with_service_principal().is_err());
        let bare = granted.without_service_principal();
        assert!(bare.application_permissions.is_empty() && !bare.has_service_principal);
        assert!(bare.with_service_principal().unwrap().has_service_principal);
    }

    #[test]
    fn secrets_are_known_by_their_ids() {
        let mut client = client();
        for digit in ["a", "b"] {
            client.add_secret(ClientSecret::of_hash(digit.repeat(64))).unwrap();
        }
        let ids: Vec<_> = client.secrets.iter().map(|secret| secret.key_id.clone()).collect();
        let unknown = RegistrationRefusal::NoSuchKey("x".into());
        assert_eq!(client.keep_secrets(&["x".into()]), Err(unknown.clone()));
        client.keep_secrets(&[ids[1].to_uppercase()]).unwrap();
        assert_eq!(client.secrets.len(), 1);
        assert_eq!(client.remove_secret("x"), Err(unknown));
        client.remove_secret(&ids[1]).unwrap();
        assert!(client.secrets.is_empty());
        for _ in 0..MAX_CREDENTIALS {
            client.add_secret(ClientSecret::of_hash("c".repeat(64))).unwrap();
        }
        let refused = client.add_secret(ClientSecret::of_hash("d".repeat(64)));
        assert_eq!(refused, Err(too_many("passwordCredentials", MAX_CREDENTIALS)));
    }

    #[test]
    fn federated_credentials_differ_in_name_and_in_issuer_or_subject() {
        let credential = |id: usize, name: &str, subject: &str| FederatedCredential {
            id: id.to_string(),
            name: name.to_owned(),
            issuer: "https://issuer.example".to_owned(),
            subject: subject.to_owned(),
            audiences: vec!["api://AzureADTokenExchange".to_owned()],
            description: None,
        };
        let mut client = client();
        client.put_federated(credential(0, "a", "s0")).unwrap();
        let taken = RegistrationRefusal::FederatedNameTaken("A".into());
        assert_eq!(client.put_federated(credential(1, "A", "s1")), Err(taken));
        let taken = RegistrationRefusal::FederatedSubjectTaken;
        assert_eq!(client.put_federated(credential(1, "b", "s0")), Err(taken));
        client.put_federated(credential(0, "a", "s9")).unwrap();
        assert_eq!(client.federated_credentials, [credential(0, "a", "s9")]);
        for id in 1..MAX_FEDERATED_CREDENTIALS {
            let free = if id == 9 { "t9".to_owned() } else { format!("s{id}") };
            client.put_federated(credential(id, &format!("n{id}"), &free)).unwrap();
        }
        let refused = client.put_federated(credential(77, "last", "last"));
        assert_eq!(refused, Err(too_many("federatedIdentityCredentials", MAX_FEDERATED_CREDENTIALS)));
    }
}
