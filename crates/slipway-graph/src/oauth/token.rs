//! `POST /{tenant}/oauth2/v2.0/token`: tokens by client secret, by password, and for a device code.

use http::StatusCode;
use serde::Serialize;
use slipway_identity::{EXPIRES_IN, Mint, ScopeRequest, SignInFault, client_info, issuer};
use slipway_model::{Client, Tenant, User};
use slipway_store::{CommitError, Partition, consent};

use super::device_code;
use super::refusal::Refusal;
use super::sign_in::{self, SignIn};
use crate::reply::Reply;

/// `grant_type`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum GrantType {
    /// The client for itself.
    ClientCredentials,
    /// The client for a user whose password it has.
    Password,
    /// The client for a user who signs in on another device.
    DeviceCode,
}

impl GrantType {
    fn parse(text: &str) -> Result<Self, SignInFault> {
        match text {
            "client_credentials" => Ok(Self::ClientCredentials),
            "password" => Ok(Self::Password),
            "urn:ietf:params:oauth:grant-type:device_code" => Ok(Self::DeviceCode),
            _ => Err(SignInFault::UnsupportedGrant(text.to_owned())),
        }
    }
}

#[derive(Serialize)]
struct Tokens {
    token_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    expires_in: u32,
    ext_expires_in: u32,
    access_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_info: Option<String>,
}

pub(super) async fn answer(sign_in: &SignIn, segment: &str) -> Result<Reply, Refusal> {
    let grant = GrantType::parse(sign_in.form.require("grant_type")?)?;
    let tenant = sign_in.tenant(segment).await?;
    let client = sign_in.proven_client(&tenant, grant).await?;
    let tokens = match grant {
        GrantType::ClientCredentials => for_client(sign_in, &tenant, &client)?,
        GrantType::Password => {
            let scopes = ScopeRequest::parse(sign_in.form.require("scope")?, &tenant.id)?;
            let (name, password) = (sign_in.form.require("username")?, sign_in.form.require("password")?);
            let user = sign_in.proven_user(&tenant, name, password).await?.record;
            // The check took its time, in which consent may have been taken back.
            let client = sign_in.known_client(&tenant, client.id.as_str()).await?;
            for_user(sign_in, (&tenant, &client), &user, &scopes).await?
        }
        GrantType::DeviceCode => {
            let approved = device_code::approved(sign_in, &tenant, &client).await?;
            let tokens = for_user(sign_in, (&tenant, &client), &approved.user, &approved.scopes).await?;
            match sign_in.server().store().commit(approved.spend).await {
                Ok(_) => tokens,
                // Another request with the same code was faster.
                Err(CommitError::Conflict(_)) => return Err(SignInFault::UnknownDeviceCode.into()),
                Err(error) => return Err(error.into()),
            }
        }
    };
    Ok(sign_in::reply(StatusCode::OK, &tokens))
}

fn for_client(sign_in: &SignIn, tenant: &Tenant, client: &Client) -> Result<Tokens, Refusal> {
    ScopeRequest::parse(sign_in.form.require("scope")?, &tenant.id)?.for_application()?;
    let uti = sign_in.server().ids().uti();
    let mint = Mint { tenant: &tenant.id, client, now: sign_in.now(), uti: &uti };
    Ok(Tokens {
        token_type: "Bearer",
        scope: None,
        expires_in: EXPIRES_IN,
        ext_expires_in: EXPIRES_IN,
        access_token: sign_in.server().keys().ring().application_token(&mint)?,
        id_token: None,
        client_info: None,
    })
}

/// `id_token` and `client_info` are always there, asked for or not: they do no harm, and whoever tries this by
/// hand sees what a library gets.
async fn for_user(
    sign_in: &SignIn,
    (tenant, client): (&Tenant, &Client),
    user: &User,
    scopes: &ScopeRequest,
) -> Result<Tokens, Refusal> {
    let key = consent::key(&Partition::of(tenant), &client.id, &user.id);
    let own = sign_in.view().get(&key).await?.map(|consent| consent.record);
    let granted = scopes.for_user(client, user, own.as_ref())?;
    let (keys, uti) = (sign_in.server().keys().ring(), sign_in.server().ids().uti());
    let mint = Mint { tenant: &tenant.id, client, now: sign_in.now(), uti: &uti };
    let issuer = issuer(sign_in.base(), &tenant.id);
    let id_token = keys.id_token(&mint, user, &issuer, sign_in.form.get("nonce"))?;
    Ok(Tokens {
        token_type: "Bearer",
        scope: Some(granted.answer),
        expires_in: EXPIRES_IN,
        ext_expires_in: EXPIRES_IN,
        access_token: keys.user_token(&mint, user, &granted.scopes)?,
        id_token: Some(id_token),
        client_info: Some(client_info(&tenant.id, user)),
    })
}
