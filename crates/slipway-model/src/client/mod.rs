//! Registered applications: who asks for tokens, with what they prove themselves, and what they may ask for.

mod credential;
mod grant;
mod object;
mod registration;

use jiff::Timestamp;

pub use credential::{ClientCertificate, ClientSecret, FederatedCredential};
pub use grant::DelegatedGrant;
pub use registration::{MAX_CREDENTIALS, MAX_FEDERATED_CREDENTIALS, MAX_REDIRECT_URIS, RegistrationRefusal};

use crate::{ClientId, TeamsAppId, UserId};

/// Delegated permissions that an administrator granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentGrant {
    /// For whom; none = for everyone.
    pub user: Option<UserId>,
    /// Scope names, such as `AppCatalog.ReadWrite.All`. A scope of another API than Graph is
    /// `{client id of the API}/{name}`.
    pub scopes: Vec<String>,
}

/// Delegated permissions that a user granted for themselves, on the consent page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Who may act.
    pub client: ClientId,
    /// For whom.
    pub user: UserId,
    /// Scope names, as in [`ConsentGrant`].
    pub scopes: Vec<String>,
}

/// Where a redirect URI was registered, which decides what may be done with a code that goes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// A server, which redeems codes with its credential.
    Web,
    /// A page that redeems codes itself: PKCE, no credential, and cross-origin requests.
    Spa,
    /// A program on a device. On loopback the port is not compared (RFC 8252).
    PublicClient,
}

/// An address to which sign-in may send the browser back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri {
    /// Where it was registered.
    pub platform: Platform,
    /// The address as it was registered.
    pub uri: String,
}

/// A delegated permission that the client offers as an API of its own: Graph's `permissionScope`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExposedScope {
    /// Its GUID.
    pub id: String,
    /// Its name in `scp`, such as `access_as_user`.
    pub value: String,
    /// Title of the administrator's consent.
    pub display_name: String,
    /// Whether users may grant it, and not administrators only.
    pub users_may_consent: bool,
}

/// The form of access tokens for an API: `requestedAccessTokenVersion`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccessTokenVersion {
    /// Issuer `sts.windows.net`, the client in `appid`; what an API gets that does not say.
    #[default]
    V1,
    /// Issuer of the sign-in host, the client in `azp`.
    V2,
}

/// Whose accounts the client is for: `signInAudience`. It is kept for whoever reads it: clients here have the users of
/// their tenant only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignInAudience {
    /// Those of its tenant.
    #[default]
    MyOrganization,
    /// Those of every tenant.
    Organizations,
    /// Those of every tenant, and personal ones.
    OrganizationsAndPersonal,
    /// Personal ones only.
    Personal,
}

impl SignInAudience {
    /// Graph's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MyOrganization => "AzureADMyOrg",
            Self::Organizations => "AzureADMultipleOrgs",
            Self::OrganizationsAndPersonal => "AzureADandPersonalMicrosoftAccount",
            Self::Personal => "PersonalMicrosoftAccount",
        }
    }

    /// Reads Graph's word, without case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let all = [Self::MyOrganization, Self::Organizations, Self::OrganizationsAndPersonal, Self::Personal];
        all.into_iter().find(|audience| audience.as_str().eq_ignore_ascii_case(text))
    }
}

/// Permissions of one API that the registration says it needs: Graph's `requiredResourceAccess`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequiredResourceAccess {
    /// Application id of the API.
    pub resource: String,
    /// GUIDs of delegated permissions.
    pub scopes: Vec<String>,
    /// GUIDs of application permissions.
    pub roles: Vec<String>,
}

/// An application registration together with its service principal in the tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// `appid` of its tokens.
    pub id: ClientId,
    /// Name for people.
    pub display_name: String,
    /// Whose accounts it is for.
    pub sign_in_audience: SignInAudience,
    /// When it was registered; none = by a seed.
    pub created_at: Option<Timestamp>,
    /// Secrets with which it proves itself.
    pub secrets: Vec<ClientSecret>,
    /// Certificates whose keys sign its assertions.
    pub certificates: Vec<ClientCertificate>,
    /// Other issuers whose tokens stand for its assertions.
    pub federated_credentials: Vec<FederatedCredential>,
    /// Where sign-in may send browsers.
    pub redirect_uris: Vec<RedirectUri>,
    /// Whether flows without a credential are allowed though there is one: `isFallbackPublicClient`.
    pub is_fallback_public_client: bool,
    /// URIs by which others name it as an API, such as `api://{client id}`.
    pub identifier_uris: Vec<String>,
    /// Delegated permissions of its own API.
    pub exposed_scopes: Vec<ExposedScope>,
    /// Which tokens its API gets.
    pub access_token_version: AccessTokenVersion,
    /// What the registration says it needs; `.default` asks a user for that.
    pub required_resource_access: Vec<RequiredResourceAccess>,
    /// Whether it has a service principal in the tenant, without which it gets no tokens.
    pub has_service_principal: bool,
    /// Application permissions with admin consent: the `roles` of its tokens.
    pub application_permissions: Vec<String>,
    /// Delegated permissions that administrators granted.
    pub delegated_permissions: Vec<ConsentGrant>,
    /// Apps that an administrator selected for the client: what its `…Selected…` permissions reach.
    pub selected_apps: Vec<TeamsAppId>,
}

impl Client {
    /// A client with a service principal and nothing else.
    #[must_use]
    pub fn new(id: ClientId, display_name: &str) -> Self {
        Self {
            id,
            display_name: display_name.to_owned(),
            sign_in_audience: SignInAudience::MyOrganization,
            created_at: None,
            secrets: Vec::new(),
            certificates: Vec::new(),
            federated_credentials: Vec::new(),
            redirect_uris: Vec::new(),
            is_fallback_public_client: false,
            identifier_uris: Vec::new(),
            exposed_scopes: Vec::new(),
            access_token_version: AccessTokenVersion::V1,
            required_resource_access: Vec::new(),
            has_service_principal: true,
            application_permissions: Vec::new(),
            delegated_permissions: Vec::new(),
            selected_apps: Vec::new(),
        }
    }

    /// Whether the client can prove itself.
    #[must_use]
    pub fn is_confidential(&self) -> bool {
        !(self.secrets.is_empty() && self.certificates.is_empty() && self.federated_credentials.is_empty())
    }

    /// Names of the delegated permissions that hold for the user, without repeats, in the order of consent: what
    /// administrators granted, then what the user did.
    #[must_use]
    pub fn scopes_for<'a>(&'a self, user: &UserId, own: Option<&'a Consent>) -> Vec<&'a str> {
        let mut scopes: Vec<&str> = Vec::new();
        let granted = self.delegated_permissions.iter().filter(|g| g.user.as_ref().is_none_or(|u| u == user));
        let own = own.filter(|own| own.user == *user && own.client == self.id);
        for scope in granted.flat_map(|g| &g.scopes).chain(own.into_iter().flat_map(|own| &own.scopes)) {
            if !scopes.iter().any(|known| known.eq_ignore_ascii_case(scope)) {
                scopes.push(scope);
            }
        }
        scopes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: &str) -> UserId {
        UserId::parse(id).unwrap()
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn scopes_are_those_for_everyone_those_of_the_user_and_those_that_the_user_granted() {
        let grant = |u: Option<&str>, s: &[&str]| ConsentGrant { user: u.map(user), scopes: words(s) };
        let client = Client {
            delegated_permissions: vec![grant(None, &["A", "B"]), grant(Some("u1"), &["B", "C"])],
            ..Client::new(ClientId::parse("c").unwrap(), "c")
        };
        let own = |client: &str| Consent {
            client: ClientId::parse(client).unwrap(),
            user: user("u1"),
            scopes: words(&["a", "D"]),
        };
        assert_eq!(client.scopes_for(&user("U1"), None), ["A", "B", "C"]);
        assert_eq!(client.scopes_for(&user("U1"), Some(&own("C"))), ["A", "B", "C", "D"]);
        assert_eq!(client.scopes_for(&user("u2"), Some(&own("c"))), ["A", "B"]);
        assert_eq!(client.scopes_for(&user("u1"), Some(&own("other"))), ["A", "B", "C"]);
    }
}
