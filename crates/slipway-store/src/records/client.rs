//! Registered applications.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use slipway_model::{
    AccessTokenVersion, Client, ClientId, ClientSecret, ConsentGrant, RequiredResourceAccess, SignInAudience,
    TeamsAppId, UserId,
};

use super::credential::{CertificateDocument, FederatedDocument, SecretDocument};
use super::redirect::{ExposedDocument, RedirectDocument};
use crate::key::{Key, KeyWriter, Partition, Range};
use crate::kind::Kind;
use crate::record::{Record, Undecodable, Version};

/// Where the client stands.
#[must_use]
pub fn key(partition: &Partition, id: &ClientId) -> Key<Client> {
    KeyWriter::row(Kind::Client, partition).text(&id.folded()).into()
}

/// Every client, by id.
#[must_use]
pub fn all(partition: &Partition) -> Range<Client> {
    KeyWriter::row(Kind::Client, partition).into()
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    v: Version<3>,
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    display_name: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    sign_in_audience: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created_at: Option<Timestamp>,
    /// Up to version 2: secrets that are good for ever.
    #[serde(default, skip_serializing)]
    secret_hashes: Vec<String>,
    #[serde(borrow, default)]
    secrets: Vec<SecretDocument<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    certificates: Vec<CertificateDocument<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    federated_credentials: Vec<FederatedDocument<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    redirect_uris: Vec<RedirectDocument<'a>>,
    #[serde(default)]
    is_fallback_public_client: bool,
    #[serde(default, skip_serializing_if = "<[String]>::is_empty")]
    identifier_uris: Cow<'a, [String]>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    exposed_scopes: Vec<ExposedDocument<'a>>,
    #[serde(default = "first_version")]
    access_token_version: u8,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    required_resource_access: Vec<RequiredDocument<'a>>,
    #[serde(default = "present")]
    has_service_principal: bool,
    application_permissions: Cow<'a, [String]>,
    #[serde(borrow)]
    delegated_permissions: Vec<GrantDocument<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    selected_apps: Vec<Cow<'a, str>>,
}

const fn first_version() -> u8 {
    1
}

const fn present() -> bool {
    true
}

#[derive(Deserialize, Serialize)]
struct GrantDocument<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<Cow<'a, str>>,
    scopes: Cow<'a, [String]>,
}

impl<'a> GrantDocument<'a> {
    fn new(grant: &'a ConsentGrant) -> Self {
        Self {
            user: grant.user.as_ref().map(|user| user.as_str().into()),
            scopes: grant.scopes.as_slice().into(),
        }
    }

    fn grant(self) -> Result<ConsentGrant, Undecodable> {
        let user = self.user.map(|user| UserId::parse(&user)).transpose()?;
        Ok(ConsentGrant { user, scopes: self.scopes.into_owned() })
    }
}

#[derive(Deserialize, Serialize)]
struct RequiredDocument<'a> {
    #[serde(borrow)]
    resource: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "<[String]>::is_empty")]
    scopes: Cow<'a, [String]>,
    #[serde(default, skip_serializing_if = "<[String]>::is_empty")]
    roles: Cow<'a, [String]>,
}

impl<'a> RequiredDocument<'a> {
    fn new(required: &'a RequiredResourceAccess) -> Self {
        Self {
            resource: required.resource.as_str().into(),
            scopes: required.scopes.as_slice().into(),
            roles: required.roles.as_slice().into(),
        }
    }

    fn required(self) -> RequiredResourceAccess {
        RequiredResourceAccess {
            resource: self.resource.into_owned(),
            scopes: self.scopes.into_owned(),
            roles: self.roles.into_owned(),
        }
    }
}

impl Record for Client {
    const KIND: Kind = Kind::Client;

    fn key(&self, partition: &Partition) -> Key<Self> {
        key(partition, &self.id)
    }

    fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Document {
            v: Version,
            id: self.id.as_str().into(),
            display_name: self.display_name.as_str().into(),
            sign_in_audience: (self.sign_in_audience != SignInAudience::default())
                .then(|| self.sign_in_audience.as_str().into()),
            created_at: self.created_at,
            secret_hashes: Vec::new(),
            secrets: self.secrets.iter().map(SecretDocument::new).collect(),
            certificates: self.certificates.iter().map(CertificateDocument::new).collect(),
            federated_credentials: self.federated_credentials.iter().map(FederatedDocument::new).collect(),
            redirect_uris: self.redirect_uris.iter().map(RedirectDocument::new).collect(),
            is_fallback_public_client: self.is_fallback_public_client,
            identifier_uris: self.identifier_uris.as_slice().into(),
            exposed_scopes: self.exposed_scopes.iter().map(ExposedDocument::new).collect(),
            access_token_version: match self.access_token_version {
                AccessTokenVersion::V1 => 1,
                AccessTokenVersion::V2 => 2,
            },
            required_resource_access: self
                .required_resource_access
                .iter()
                .map(RequiredDocument::new)
                .collect(),
            has_service_principal: self.has_service_principal,
            application_permissions: self.application_permissions.as_slice().into(),
            delegated_permissions: self.delegated_permissions.iter().map(GrantDocument::new).collect(),
            selected_apps: self.selected_apps.iter().map(|app| app.as_str().into()).collect(),
        })
    }

    fn decode(document: &[u8]) -> Result<Self, Undecodable> {
        let document: Document<'_> = serde_json::from_slice(document)?;
        let former = document.secret_hashes.into_iter().map(ClientSecret::of_hash);
        let redirects = document.redirect_uris.into_iter().map(RedirectDocument::redirect);
        let selected = document.selected_apps.iter().map(|app| TeamsAppId::parse(app));
        let grants = document.delegated_permissions.into_iter().map(GrantDocument::grant);
        Ok(Self {
            id: ClientId::parse(&document.id)?,
            display_name: document.display_name.into_owned(),
            sign_in_audience: match document.sign_in_audience {
                None => SignInAudience::default(),
                Some(word) => SignInAudience::parse(&word)
                    .ok_or_else(|| Undecodable(format!("'{word}' is no audience")))?,
            },
            created_at: document.created_at,
            secrets: former.chain(document.secrets.into_iter().map(SecretDocument::secret)).collect(),
            certificates: document.certificates.into_iter().map(CertificateDocument::certificate).collect(),
            federated_credentials: document
                .federated_credentials
                .into_iter()
                .map(FederatedDocument::credential)
                .collect(),
            redirect_uris: redirects.collect::<Result<_, Undecodable>>()?,
            is_fallback_public_client: document.is_fallback_public_client,
            identifier_uris: document.identifier_uris.into_owned(),
            exposed_scopes: document.exposed_scopes.into_iter().map(ExposedDocument::scope).collect(),
            access_token_version: match document.access_token_version {
                1 => AccessTokenVersion::V1,
                2 => AccessTokenVersion::V2,
                other => return Err(Undecodable(format!("'{other}' is no version of access tokens"))),
            },
            required_resource_access: document
                .required_resource_access
                .into_iter()
                .map(RequiredDocument::required)
                .collect(),
            has_service_principal: document.has_service_principal,
            application_permissions: document.application_permissions.into_owned(),
            delegated_permissions: grants.collect::<Result<_, Undecodable>>()?,
            selected_apps: selected.collect::<Result<_, _>>()?,
        })
    }
}
