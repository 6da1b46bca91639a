//! `POST /{tenant}/oauth2/v2.0/token`: tokens, a file for each grant.

mod application;
mod code;
mod delegated;
mod device_code;
mod first;
mod on_behalf_of;
mod password;
mod refresh;

use http::StatusCode;
use serde::Serialize;
use slipway_identity::{EXPIRES_IN, SignInFault};

pub(super) use self::delegated::Delegation;
use self::first::FirstTokens;
use super::refusal::Refusal;
use super::sign_in::{self, SignIn};
use crate::oauth::authorize::Endpoint;
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
    /// An API for the user whose token it got.
    OnBehalfOf,
    /// The client for a user who signed in on a page.
    AuthorizationCode,
    /// The client for a user who signed in before.
    RefreshToken,
}

impl GrantType {
    fn parse(text: &str) -> Result<Self, SignInFault> {
        match text {
            "client_credentials" => Ok(Self::ClientCredentials),
            "password" => Ok(Self::Password),
            "authorization_code" => Ok(Self::AuthorizationCode),
            "refresh_token" => Ok(Self::RefreshToken),
            // The short form is msal-node's.
            "urn:ietf:params:oauth:grant-type:device_code" | "device_code" => Ok(Self::DeviceCode),
            "urn:ietf:params:oauth:grant-type:jwt-bearer" => Ok(Self::OnBehalfOf),
            _ => Err(SignInFault::UnsupportedGrant(text.to_owned())),
        }
    }

    /// Whether pages of other origins have it, if what they redeem was given to a page.
    fn is_of_pages(self) -> bool {
        matches!(self, Self::AuthorizationCode | Self::RefreshToken)
    }
}

/// The answer.
#[derive(Serialize)]
struct Tokens {
    token_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    expires_in: u32,
    ext_expires_in: u32,
    access_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_info: Option<String>,
}

impl Tokens {
    /// An access token and nothing beside it.
    fn of(access_token: String) -> Self {
        Self {
            token_type: "Bearer",
            scope: None,
            expires_in: EXPIRES_IN,
            ext_expires_in: EXPIRES_IN,
            access_token,
            refresh_token: None,
            id_token: None,
            client_info: None,
        }
    }
}

pub(super) async fn answer(sign_in: &SignIn, segment: &str) -> Result<Reply, Refusal> {
    let grant = GrantType::parse(sign_in.form.require("grant_type")?)?;
    if !grant.is_of_pages() {
        sign_in.refuse_cross_origin()?;
    }
    let tokens = match grant {
        GrantType::ClientCredentials => application::tokens(sign_in, segment).await?,
        GrantType::Password => password::tokens(sign_in, segment).await?,
        GrantType::DeviceCode => device_code::tokens(sign_in, segment).await?,
        GrantType::OnBehalfOf => on_behalf_of::tokens(sign_in, segment).await?,
        GrantType::AuthorizationCode => code::tokens(sign_in, segment).await?,
        GrantType::RefreshToken => refresh::tokens(sign_in, segment).await?,
    };
    Ok(match sign_in.endpoint() {
        Endpoint::V1 => sign_in::reply(StatusCode::OK, &FirstTokens::of(tokens, sign_in)),
        Endpoint::V2 => sign_in::reply(StatusCode::OK, &tokens),
    })
}
