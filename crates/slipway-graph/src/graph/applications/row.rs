//! Applications as queries and answers see them.

use slipway_identity::Secret;
use slipway_model::{
    AccessTokenVersion, AppRole, Client, ClientCertificate, ClientSecret, ExposedScope, PermissionScope,
    Platform, RequiredResourceAccess,
};
use slipway_odata::{Property, Row, Value};

use crate::collection::Placed;

fn boxed<'a>(row: impl Row + 'a) -> Value<'a> {
    Value::Row(Box::new(row))
}

fn rows<'a, T: Row + 'a>(rows: impl Iterator<Item = T>) -> Value<'a> {
    Value::Many(rows.map(boxed).collect())
}

/// A registration.
pub(crate) struct ApplicationRow<'a> {
    pub(crate) client: Client,
    /// The tenant's.
    pub(crate) domain: &'a str,
    /// Secrets that were just made, by their ids: this answer is the only one that shows them.
    pub(crate) shown: Vec<(String, Secret)>,
}

impl Row for ApplicationRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        let client = &self.client;
        match property.name {
            "id" => client.application_id().as_str().to_owned().into(),
            "appId" => client.id.as_str().into(),
            "createdDateTime" => client.created_at.map_or(Value::Null, Value::Time),
            "displayName" => client.display_name.as_str().into(),
            "identifierUris" => texts(&client.identifier_uris),
            "isFallbackPublicClient" => Value::Boolean(client.is_fallback_public_client),
            "publisherDomain" => self.domain.into(),
            "signInAudience" => client.sign_in_audience.as_str().into(),
            "api" => boxed(ApiRow(client)),
            "appRoles" => Value::Many(Vec::new()),
            "keyCredentials" => rows(client.certificates.iter().map(KeyRow)),
            "passwordCredentials" => {
                rows(client.secrets.iter().map(|secret| PasswordRow { secret, text: self.text(secret) }))
            }
            "publicClient" => boxed(PlatformRow(client, Platform::PublicClient)),
            "requiredResourceAccess" => rows(client.required_resource_access.iter().map(RequiredRow)),
            "spa" => boxed(PlatformRow(client, Platform::Spa)),
            "web" => boxed(PlatformRow(client, Platform::Web)),
            _ => Value::Null,
        }
    }
}

impl ApplicationRow<'_> {
    fn text(&self, secret: &ClientSecret) -> Option<&str> {
        let shown = self.shown.iter().find(|(key_id, _)| *key_id == secret.key_id);
        shown.map(|(_, secret)| secret.expose())
    }
}

impl Placed for ApplicationRow<'_> {
    fn place(&self) -> String {
        self.client.application_id().folded()
    }
}

fn texts(texts: &[String]) -> Value<'_> {
    Value::Many(texts.iter().map(|text| text.as_str().into()).collect())
}

/// What an application offers as an API.
struct ApiRow<'a>(&'a Client);

impl Row for ApiRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        match property.name {
            // Null says what 1 does ("apiApplication resource type").
            "requestedAccessTokenVersion" => match self.0.access_token_version {
                AccessTokenVersion::V1 => Value::Null,
                AccessTokenVersion::V2 => Value::Integer(2),
            },
            "oauth2PermissionScopes" => rows(self.0.exposed_scopes.iter().map(ScopeRow::from)),
            _ => Value::Null,
        }
    }
}

/// A `permissionScope`. Of texts that describe it only its title is kept; the name stands for the others.
pub(crate) struct ScopeRow<'a> {
    id: &'a str,
    name: &'a str,
    title: &'a str,
    users_may_consent: bool,
}

impl<'a> From<&'a ExposedScope> for ScopeRow<'a> {
    fn from(scope: &'a ExposedScope) -> Self {
        let ExposedScope { id, value, display_name, users_may_consent } = scope;
        Self { id, name: value, title: display_name, users_may_consent: *users_may_consent }
    }
}

impl From<PermissionScope> for ScopeRow<'static> {
    fn from(PermissionScope { name, id, users_may_consent }: PermissionScope) -> Self {
        Self { id, name, title: name, users_may_consent }
    }
}

impl Row for ScopeRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        match property.name {
            "id" => self.id.into(),
            "isEnabled" => Value::Boolean(true),
            "type" => if self.users_may_consent { "User" } else { "Admin" }.into(),
            "value" => self.name.into(),
            // adminConsentDescription and its siblings
            _ => self.title.into(),
        }
    }
}

/// An `appRole` of Microsoft Graph; its name stands for the texts that describe it.
pub(crate) struct AppRoleRow(pub(crate) AppRole);

impl Row for AppRoleRow {
    fn value(&self, property: &'static Property) -> Value<'_> {
        match property.name {
            "allowedMemberTypes" => Value::Many(vec!["Application".into()]),
            "id" => self.0.id.into(),
            "isEnabled" => Value::Boolean(true),
            "origin" => "Application".into(),
            "description" | "displayName" | "value" => self.0.name.into(),
            _ => Value::Null,
        }
    }
}

/// A `passwordCredential`; its text is there when it was just made.
pub(super) struct PasswordRow<'a> {
    pub(super) secret: &'a ClientSecret,
    pub(super) text: Option<&'a str>,
}

impl Row for PasswordRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        let Self { secret, text } = self;
        match property.name {
            "displayName" => secret.display_name.as_deref().into(),
            "endDateTime" => secret.ends_at.map_or(Value::Null, Value::Time),
            "hint" => secret.hint.as_deref().into(),
            "keyId" => secret.key_id.as_str().into(),
            "secretText" => (*text).into(),
            "startDateTime" => secret.starts_at.map_or(Value::Null, Value::Time),
            _ => Value::Null,
        }
    }
}

/// A `keyCredential`. The key itself is not shown, as in lists of the service.
struct KeyRow<'a>(&'a ClientCertificate);

impl Row for KeyRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        let certificate = self.0;
        match property.name {
            "customKeyIdentifier" => certificate.thumbprint.to_ascii_uppercase().into(),
            "displayName" => certificate.display_name.as_deref().into(),
            "endDateTime" => Value::Time(certificate.ends_at),
            "keyId" => certificate.key_id.as_str().into(),
            "startDateTime" => Value::Time(certificate.starts_at),
            "type" => "AsymmetricX509Cert".into(),
            "usage" => "Verify".into(),
            _ => Value::Null,
        }
    }
}

/// `web`, `spa` or `publicClient`.
struct PlatformRow<'a>(&'a Client, Platform);

impl Row for PlatformRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        let Self(client, platform) = self;
        let of_platform = client.redirect_uris.iter().filter(|known| known.platform == *platform);
        match property.name {
            "redirectUris" => Value::Many(of_platform.map(|known| known.uri.as_str().into()).collect()),
            _ => Value::Null,
        }
    }
}

struct RequiredRow<'a>(&'a RequiredResourceAccess);

impl Row for RequiredRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        let RequiredResourceAccess { resource, scopes, roles } = self.0;
        match property.name {
            "resourceAppId" => resource.as_str().into(),
            "resourceAccess" => {
                let scopes = scopes.iter().map(|id| AccessRow(id, "Scope"));
                rows(scopes.chain(roles.iter().map(|id| AccessRow(id, "Role"))))
            }
            _ => Value::Null,
        }
    }
}

struct AccessRow<'a>(&'a str, &'static str);

impl Row for AccessRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        match property.name {
            "id" => self.0.into(),
            "type" => self.1.into(),
            _ => Value::Null,
        }
    }
}
