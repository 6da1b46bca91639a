//! Who asks: the client's id and its secret, in the form or as HTTP Basic.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use percent_encoding::percent_decode_str;
use slipway_identity::{Secret, SignInFault};
use slipway_model::{Client, ClientId, Tenant};
use slipway_store::{Partition, client};

use super::refusal::Refusal;
use super::sign_in::SignIn;
use super::token::GrantType;

/// What a client says of itself.
struct Presented {
    id: String,
    secret: Option<Secret>,
}

impl SignIn {
    /// The client, after it proved itself as far as the grant asks for it.
    pub(super) async fn proven_client(&self, tenant: &Tenant, grant: GrantType) -> Result<Client, Refusal> {
        let presented = self.presented()?;
        let client = self.known_client(tenant, &presented.id).await?;
        let refused = match presented.secret {
            Some(secret) if client.is_confidential() => {
                if secret.is_of(client.secrets.iter().map(|known| known.hash.as_str())) {
                    return Ok(client);
                }
                SignInFault::WrongSecret(client.id)
            }
            Some(_) => SignInFault::PublicClient,
            None if grant == GrantType::ClientCredentials => SignInFault::MissingCredential,
            None if client.is_confidential() => SignInFault::MissingSecret,
            None => return Ok(client),
        };
        Err(refused.into())
    }

    /// The tenant's client with this id.
    pub(super) async fn known_client(&self, tenant: &Tenant, id: &str) -> Result<Client, Refusal> {
        let unknown = || SignInFault::UnknownClient { client: id.to_owned(), tenant: tenant.id.clone() };
        let key = client::key(&Partition::of(tenant), &ClientId::parse(id).map_err(|_| unknown())?);
        Ok(self.view().get(&key).await?.ok_or_else(unknown)?.record)
    }

    fn presented(&self) -> Result<Presented, SignInFault> {
        if let Some(presented) = basic(&self.arrival.parts.headers)? {
            return Ok(presented);
        }
        let secret = self.form.get("client_secret").map(Secret::from);
        if secret.is_none() && self.form.get("client_assertion").is_some() {
            let hint = "'client_assertion' is not served here: send 'client_secret'.";
            return Err(SignInFault::MalformedRequest(hint.to_owned()));
        }
        Ok(Presented { id: self.form.require("client_id")?.to_owned(), secret })
    }
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
    let secret = Some(decode(secret)).filter(|secret| !secret.is_empty()).map(Secret::from);
    Ok(Some(Presented { id: decode(id), secret }))
}
