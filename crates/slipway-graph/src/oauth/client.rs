//! Who asks: the client's id and its secret, in the form or as HTTP Basic, or its assertion.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use slipway_identity::{CredentialFault, JWT_BEARER, Secret, SignInFault};
use slipway_model::{Client, ClientId, ClientSecret, Tenant};
use slipway_store::{Partition, client};

use super::refusal::Refusal;
use super::sign_in::SignIn;
use super::token::GrantType;

/// What a client says of itself.
struct Presented {
    id: String,
    credential: Option<Credential>,
}

/// With what a client proves itself.
enum Credential {
    Secret(Secret),
    /// `client_assertion`.
    Assertion(String),
}

impl SignIn {
    /// The client, after it proved itself as far as the grant asks for it.
    pub(super) async fn proven_client(&self, tenant: &Tenant, grant: GrantType) -> Result<Client, Refusal> {
        let presented = self.presented()?;
        let client = self.known_client(tenant, &presented.id).await?;
        let is_public_flow = grant == GrantType::Password || grant == GrantType::DeviceCode;
        let is_public_flow = is_public_flow && client.is_fallback_public_client;
        match presented.credential {
            Some(_) if !client.is_confidential() => return Err(SignInFault::PublicClient.into()),
            Some(Credential::Secret(secret)) => check_secret(&client, &secret, self.now())?,
            Some(Credential::Assertion(text)) => self.check_assertion(tenant, &client, &text).await?,
            None if grant == GrantType::ClientCredentials => {
                return Err(SignInFault::MissingCredential.into());
            }
            // On behalf of others acts only who proves itself.
            None if (client.is_confidential() && !is_public_flow) || grant == GrantType::OnBehalfOf => {
                return Err(SignInFault::MissingSecret.into());
            }
            None => {}
        }
        Ok(served(client, tenant)?)
    }

    /// The tenant's client with this id, if the tenant gives it tokens.
    pub(super) async fn served_client(&self, tenant: &Tenant, id: &str) -> Result<Client, Refusal> {
        Ok(served(self.known_client(tenant, id).await?, tenant)?)
    }

    /// The tenant's client with this id.
    pub(super) async fn known_client(&self, tenant: &Tenant, id: &str) -> Result<Client, Refusal> {
        let unknown = || SignInFault::UnknownClient { client: id.to_owned(), tenant: tenant.id.clone() };
        let key = client::key(&Partition::of(tenant), &ClientId::parse(id).map_err(|_| unknown())?);
        Ok(self.view().get(&key).await?.ok_or_else(unknown)?.record)
    }

    /// Whether the request has a credential of the client in it.
    pub(super) fn presents_credential(&self) -> Result<bool, SignInFault> {
        Ok(self.presented()?.credential.is_some())
    }

    fn presented(&self) -> Result<Presented, SignInFault> {
        if let Some(presented) = basic(&self.arrival.parts.headers)? {
            return Ok(presented);
        }
        let secret = self.form.get("client_secret").map(|secret| Credential::Secret(secret.into()));
        let credential = match (secret, self.form.get("client_assertion")) {
            (None, Some(text)) => Some(self.assertion(text)?),
            (secret, _) => secret,
        };
        Ok(Presented { id: self.form.require("client_id")?.to_owned(), credential })
    }

    fn assertion(&self, text: &str) -> Result<Credential, SignInFault> {
        if self.form.require("client_assertion_type")? != JWT_BEARER {
            let hint = format!("'client_assertion_type' is '{JWT_BEARER}'.");
            return Err(SignInFault::MalformedRequest(hint));
        }
        Ok(Credential::Assertion(text.to_owned()))
    }
}

/// The client, if it has a service principal in the tenant, without which it gets nothing there.
fn served(client: Client, tenant: &Tenant) -> Result<Client, SignInFault> {
    if client.has_service_principal {
        Ok(client)
    } else {
        Err(CredentialFault::NoServicePrincipal { client: client.id, tenant: tenant.id.clone() }.into())
    }
}

/// The secret is one of the client's whose time it is.
fn check_secret(client: &Client, secret: &Secret, now: Timestamp) -> Result<(), SignInFault> {
    let has_begun = |known: &&ClientSecret| known.starts_at.is_none_or(|start| start <= now);
    let is_over = |known: &&ClientSecret| known.ends_at.is_some_and(|end| end <= now);
    let hash = |known: &ClientSecret| known.hash.clone();
    let begun = || client.secrets.iter().filter(has_begun);
    let good: Vec<_> = begun().filter(|known| !is_over(known)).map(hash).collect();
    if secret.is_of(good.iter().map(String::as_str)) {
        return Ok(());
    }
    // Only who has the secret learns that it was one.
    let over: Vec<_> = begun().filter(is_over).map(hash).collect();
    if secret.is_of(over.iter().map(String::as_str)) {
        return Err(CredentialFault::SecretExpired(client.id.clone()).into());
    }
    Err(SignInFault::WrongSecret(client.id.clone()))
}

/// Id and secret of an `Authorization: Basic` header, %-encoded each before they were joined (RFC 6749, 2.3.1).
fn basic(headers: &HeaderMap) -> Result<Option<Presented>, SignInFault> {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some((scheme, encoded)) = header.split_once(' ') else {
        return Ok(None);
    };
    if !scheme.eq_ignore_ascii_case("basic") {
        return Ok(None);
    }
    let malformed = || SignInFault::MalformedRequest("The Authorization header is no HTTP Basic.".to_owned());
    let bytes = STANDARD.decode(encoded.trim()).map_err(|_| malformed())?;
    let text = String::from_utf8(bytes).map_err(|_| malformed())?;
    let (id, secret) = text.split_once(':').ok_or_else(malformed)?;
    let decode = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
    let secret = Some(decode(secret)).filter(|secret| !secret.is_empty());
    Ok(Some(Presented { id: decode(id), credential: secret.map(|text| Credential::Secret(text.into())) }))
}
