//! What tokens say, and making them. Access tokens for Graph carry Entra's v1.0 claims, id tokens its v2.0
//! claims.
//!
//! Source: "Access token claims reference" and "ID token claims reference" of the Microsoft identity platform.
//! A claim is left out where there is no value for it, as Entra does.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Serialize;
use slipway_model::{AccessTokenVersion, Client, TenantId, User};

use crate::token::{GRAPH, PERSONAL_TENANT};
use crate::{KeyFault, KeyRing};

/// `expires_in` of a token response, in seconds: Entra names one second less than the hour that is left.
pub const EXPIRES_IN: u32 = 3599;

/// From now to `exp`, in seconds.
const LIFETIME: i64 = 3600;

/// How far `iat` and `nbf` lie back, in seconds, so that a server whose clock is behind takes the token too.
/// The sample tokens on Microsoft's pages span 3900 seconds for the same reason.
const BACKDATING: i64 = 300;

/// For whom and when a token is made.
#[derive(Clone, Copy)]
pub struct Mint<'a> {
    /// The tenant that signs the client or user in.
    pub tenant: &'a TenantId,
    /// The client that asked.
    pub client: &'a Client,
    /// The time of the request.
    pub now: Timestamp,
    /// The token's own id, from [`crate::Ids::uti`].
    pub uti: &'a str,
    /// The sign-in that the token belongs to, and ends with.
    pub session: Option<&'a str>,
}

/// An access token for another API than Graph, or one that tests forge.
#[derive(Clone, Copy)]
pub struct AccessToken<'a> {
    /// `aud`.
    pub audience: &'a str,
    /// Which claims.
    pub version: AccessTokenVersion,
    /// The issuer of version 2, which [`issuer`] gives.
    pub issuer: &'a str,
    /// Whom the client acts for.
    pub subject: Subject<'a>,
    /// Instead of the usual times, as only forged tokens have them: from when to when it is good.
    pub times: Option<(Timestamp, Timestamp)>,
    /// Whose accounts.
    pub account: Account,
}

/// Whom a client acts for.
#[derive(Clone, Copy)]
pub enum Subject<'a> {
    /// Itself, with these roles.
    Application(&'a [String]),
    /// A user, within these scopes.
    User(&'a User, &'a [String]),
}

/// Whose account a token says it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// The tenant's.
    Organization,
    /// A Microsoft account of a person, which only forged tokens are of.
    Personal,
}

/// What an id token says beside who signed in.
#[derive(Clone, Copy)]
pub struct IdToken<'a> {
    /// What [`issuer`] gives for the URL that the client used.
    pub issuer: &'a str,
    /// The client's own, if it sent one.
    pub nonce: Option<&'a str>,
    /// When the user proved themselves, if that was on a page.
    pub signed_in_at: Option<Timestamp>,
    /// The code that goes out beside it, for `c_hash`.
    pub code: Option<&'a str>,
}

impl<'a> IdToken<'a> {
    /// One of the issuer that says nothing more.
    #[must_use]
    pub fn of(issuer: &'a str) -> Self {
        Self { issuer, nonce: None, signed_in_at: None, code: None }
    }
}

#[derive(Serialize)]
struct AccessClaims<'a> {
    aud: &'a str,
    iss: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    app_displayname: &'a str,
    appid: &'a str,
    appidacr: &'a str,
    idp: String,
    idtyp: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    oid: String,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    roles: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    scp: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slipway_forged: Option<bool>,
    sub: String,
    tid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    unique_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upn: Option<&'a str>,
    uti: &'a str,
    ver: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    wids: &'a [String],
}

/// What version 2 has of the same.
#[derive(Serialize)]
struct SecondClaims<'a> {
    aud: &'a str,
    iss: &'a str,
    iat: i64,
    nbf: i64,
    exp: i64,
    azp: &'a str,
    azpacr: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    idp: Option<&'a str>,
    idtyp: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    oid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    preferred_username: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    roles: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    scp: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slipway_forged: Option<bool>,
    sub: &'a str,
    tid: &'a str,
    uti: &'a str,
    ver: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    wids: &'a [String],
}

impl<'a> SecondClaims<'a> {
    fn of(claims: &'a AccessClaims<'a>, access: &'a AccessToken<'a>) -> Self {
        Self {
            aud: claims.aud,
            iss: access.issuer,
            iat: claims.iat,
            nbf: claims.nbf,
            exp: claims.exp,
            azp: claims.appid,
            azpacr: claims.appidacr,
            idp: (access.account == Account::Personal).then_some(claims.idp.as_str()),
            idtyp: claims.idtyp,
            name: claims.name,
            oid: &claims.oid,
            preferred_username: claims.upn,
            roles: claims.roles,
            scp: claims.scp.as_deref(),
            sid: claims.sid,
            slipway_forged: claims.slipway_forged,
            sub: &claims.sub,
            tid: claims.tid,
            uti: claims.uti,
            ver: "2.0",
            wids: claims.wids,
        }
    }
}

#[derive(Serialize)]
struct IdClaims<'a> {
    aud: &'a str,
    iss: &'a str,
    iat: i64,
    nbf: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    c_hash: Option<String>,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    oid: &'a str,
    preferred_username: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    sub: String,
    tid: &'a str,
    uti: &'a str,
    ver: &'a str,
}

impl<'a> Mint<'a> {
    /// The claims of a token for the client itself: `oid` and `sub` are its service principal's id.
    fn application(&self) -> AccessClaims<'a> {
        let iss = format!("https://sts.windows.net/{}/", self.tenant);
        let client = self.client;
        let oid = client.service_principal_id().as_str().to_owned();
        AccessClaims {
            aud: GRAPH,
            idp: iss.clone(),
            iss,
            iat: self.issued(),
            nbf: self.issued(),
            exp: self.expiry(),
            app_displayname: &client.display_name,
            appid: client.id.as_str(),
            appidacr: if client.is_confidential() { "1" } else { "0" },
            idtyp: "app",
            name: None,
            sub: oid.clone(),
            oid,
            roles: &client.application_permissions,
            scp: None,
            sid: self.session,
            slipway_forged: None,
            tid: self.tenant.as_str(),
            unique_name: None,
            upn: None,
            uti: self.uti,
            ver: "1.0",
            wids: &[],
        }
    }

    fn user(&self, user: &'a User, scopes: &[String]) -> AccessClaims<'a> {
        let upn = user.user_principal_name.as_str();
        AccessClaims {
            idtyp: "user",
            name: Some(&user.display_name),
            oid: user.id.as_str().to_owned(),
            roles: &[],
            scp: Some(scopes.join(" ")),
            sub: self.pairwise(user),
            unique_name: Some(upn),
            upn: Some(upn),
            wids: &user.directory_roles,
            ..self.application()
        }
    }

    fn access(&self, access: &AccessToken<'a>) -> AccessClaims<'a> {
        let claims = match access.subject {
            Subject::Application(roles) => AccessClaims { roles, ..self.application() },
            Subject::User(user, scopes) => self.user(user, scopes),
        };
        let (from, until) = match access.times {
            Some((from, until)) => (from.as_second(), until.as_second()),
            None => (claims.nbf, claims.exp),
        };
        let slipway_forged = access.times.map(|_| true);
        let claims =
            AccessClaims { aud: access.audience, iat: from, nbf: from, exp: until, slipway_forged, ..claims };
        match access.account {
            Account::Organization => claims,
            Account::Personal => AccessClaims {
                idp: "live.com".to_owned(),
                iss: format!("https://sts.windows.net/{PERSONAL_TENANT}/"),
                tid: PERSONAL_TENANT,
                ..claims
            },
        }
    }

    fn issued(&self) -> i64 {
        self.now.as_second().saturating_sub(BACKDATING)
    }

    fn expiry(&self) -> i64 {
        self.now.as_second().saturating_add(LIFETIME)
    }

    /// `sub`: one value for each pair of user and client, always the same, 43 characters.
    #[must_use]
    pub fn pairwise(&self, user: &User) -> String {
        let parts = [self.tenant.folded(), self.client.id.folded(), user.id.folded()];
        URL_SAFE_NO_PAD.encode(digest(&SHA256, parts.join("\n").as_bytes()))
    }
}

impl KeyRing {
    /// A token with which the client acts for itself. Its roles are the client's application permissions as they
    /// stand now.
    ///
    /// # Errors
    /// [`KeyFault::Refused`] when the library cannot sign.
    pub fn application_token(&self, mint: &Mint<'_>) -> Result<String, KeyFault> {
        self.sign(&mint.application())
    }

    /// A token with which the client acts for the user, within the scopes.
    ///
    /// # Errors
    /// [`KeyFault::Refused`] when the library cannot sign.
    pub fn user_token(&self, mint: &Mint<'_>, user: &User, scopes: &[String]) -> Result<String, KeyFault> {
        self.sign(&mint.user(user, scopes))
    }

    /// A token for an API of a client, or one that a test wants.
    ///
    /// # Errors
    /// [`KeyFault::Refused`] when the library cannot sign.
    pub fn access_token(&self, mint: &Mint<'_>, access: &AccessToken<'_>) -> Result<String, KeyFault> {
        let claims = mint.access(access);
        match access.version {
            AccessTokenVersion::V1 => self.sign(&claims),
            AccessTokenVersion::V2 => self.sign(&SecondClaims::of(&claims, access)),
        }
    }

    /// Tells the client who signed in.
    ///
    /// # Errors
    /// [`KeyFault::Refused`] when the library cannot sign.
    pub fn id_token(&self, mint: &Mint<'_>, user: &User, said: &IdToken<'_>) -> Result<String, KeyFault> {
        self.sign(&IdClaims {
            aud: mint.client.id.as_str(),
            iss: said.issuer,
            iat: mint.issued(),
            nbf: mint.issued(),
            exp: mint.expiry(),
            auth_time: said.signed_in_at.map(Timestamp::as_second),
            c_hash: said.code.map(half_hash),
            name: &user.display_name,
            nonce: said.nonce,
            oid: user.id.as_str(),
            preferred_username: user.user_principal_name.as_str(),
            sid: mint.session,
            sub: mint.pairwise(user),
            tid: mint.tenant.as_str(),
            uti: mint.uti,
            ver: "2.0",
        })
    }
}

/// `c_hash`: the first half of the code's SHA-256. Source: OpenID Connect Core 1.0, 3.3.2.11.
fn half_hash(code: &str) -> String {
    let hash = digest(&SHA256, code.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.as_ref().get(..16).unwrap_or_default())
}

/// The issuer of id tokens, also shown by the OpenID configuration; `base` is scheme and host without a slash at
/// the end.
#[must_use]
pub fn issuer(base: &str, tenant: &TenantId) -> String {
    format!("{base}/{tenant}/v2.0")
}

/// `client_info` of a delegated token response: whose account the tokens are, in base64 of
/// `{"uid":"{oid}","utid":"{tid}"}`. MSAL keys its cache with it.
#[must_use]
pub fn client_info(tenant: &TenantId, user: &User) -> String {
    // Ids hold no character that JSON escapes.
    URL_SAFE_NO_PAD.encode(format!(r#"{{"uid":"{}","utid":"{tenant}"}}"#, user.id))
}

#[cfg(test)]
pub(crate) mod tests;
