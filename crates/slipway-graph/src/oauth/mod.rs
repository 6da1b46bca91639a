//! `/{tenant}/oauth2/v2.0/…`, `/{tenant}/oauth2/…`, `/{tenant}/v2.0/…`, `/common/…`, `/devicelogin`: sign-in, as Entra
//! answers it.
//! Pages for people (`authorize`, `device_login`, `logout`), tokens for programs (`token`), documents (`discovery`).

mod authorize;
mod browser;
mod client;
mod client_assertion;
mod device_code;
mod device_login;
mod discovery;
mod form;
mod logout;
mod pages;
mod passwords;
mod polls;
mod refusal;
mod resource;
mod sealed;
mod session;
mod sign_in;
mod tenant;
#[cfg(test)]
mod tests;
mod token;
mod user;
mod user_info;

use http::header::{ALLOW, HeaderValue, RETRY_AFTER};
use http::{Method, StatusCode};
use percent_encoding::percent_decode_str;

use self::authorize::{Endpoint, Means};
use self::discovery::Discovery;
use self::form::Form;
pub(crate) use self::passwords::PasswordChecks;
pub(crate) use self::polls::Polls;
use self::sign_in::SignIn;
pub(crate) use self::user_info::{answer as user_info, is_at as is_user_info};
use crate::Mode;
use crate::door::Arrival;
use crate::fault::allow;
use crate::payload::Payload;
use crate::reply::{Content, Reply};
use crate::visit::RETRY_SECONDS;

/// Where a path leads; texts are decoded.
enum Destination {
    Token(String),
    DeviceCode(String),
    DeviceLogin,
    Discovery(Discovery),
    Authorize(String, Endpoint),
    AdminConsent(String),
    Login(Means),
    Consent,
    Logout(String),
}

impl Destination {
    fn of(path: &str, mode: Mode) -> Option<Self> {
        let segments: Vec<_> = path.trim_matches('/').split('/').map(decode).collect();
        let folded: Vec<_> = segments.iter().map(|segment| segment.to_ascii_lowercase()).collect();
        let folded: Vec<_> = folded.iter().map(String::as_str).collect();
        let tenant = || segments.first().cloned().unwrap_or_default();
        Some(match folded.as_slice() {
            ["devicelogin"] => Self::DeviceLogin,
            ["common", "userrealm", user] => Self::Discovery(Discovery::UserRealm((*user).to_owned())),
            ["common", "discovery", "instance"] => Self::Discovery(Discovery::Instance),
            [_, "oauth2", "v2.0", "token"] | [_, "oauth2", "token"] => Self::Token(tenant()),
            [_, "oauth2", "v2.0", "devicecode"] => Self::DeviceCode(tenant()),
            [_, "v2.0", ".well-known", "openid-configuration"] => {
                Self::Discovery(Discovery::OpenId(tenant(), Endpoint::V2))
            }
            [_, ".well-known", "openid-configuration"] => {
                Self::Discovery(Discovery::OpenId(tenant(), Endpoint::V1))
            }
            [_, "discovery", "v2.0", "keys"] | [_, "discovery", "keys"] => Self::Discovery(Discovery::Keys),
            [_, "oauth2", "authorize"] => Self::Authorize(tenant(), Endpoint::V1),
            [_, "oauth2", "v2.0", "authorize"] => Self::Authorize(tenant(), Endpoint::V2),
            [_, "adminconsent"] | [_, "v2.0", "adminconsent"] => Self::AdminConsent(tenant()),
            [_, "login"] => Self::Login(Means::Password),
            [_, "pick"] if mode == Mode::Lab => Self::Login(Means::Pick),
            [_, "consent"] => Self::Consent,
            [_, "oauth2", "logout"] | [_, "oauth2", "v2.0", "logout"] => Self::Logout(tenant()),
            _ => return None,
        })
    }

    /// Whether people see the answers.
    fn is_page(&self) -> bool {
        !matches!(self, Self::Token(_) | Self::DeviceCode(_) | Self::Discovery(_))
    }

    fn methods(&self) -> &'static [Method] {
        match self {
            Self::Token(_) | Self::DeviceCode(_) | Self::Login(_) | Self::Consent => &[Method::POST],
            Self::DeviceLogin | Self::Authorize(..) | Self::AdminConsent(_) | Self::Logout(_) => {
                &[Method::GET, Method::POST]
            }
            Self::Discovery(_) => &[Method::GET],
        }
    }
}

fn decode(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

/// Answers a request whose path is none of Graph's.
pub(crate) async fn answer(arrival: Arrival, mut body: Payload) -> Reply {
    let Some(destination) = Destination::of(arrival.parts.uri.path(), arrival.server.settings().mode) else {
        body.drain().await;
        let text = b"There is nothing here. Microsoft Graph is under /v1.0 and /beta.\n".to_vec();
        return Reply::new(StatusCode::NOT_FOUND, Content::Other("text/plain; charset=utf-8", text));
    };
    if !destination.methods().contains(&arrival.parts.method) {
        body.drain().await;
        let allow =
            HeaderValue::from_str(&allow(destination.methods())).unwrap_or(HeaderValue::from_static(""));
        return Reply::new(StatusCode::METHOD_NOT_ALLOWED, Content::Empty).with_header(ALLOW, allow);
    }
    let (form, unread) = match Form::read(&mut body).await {
        Ok(form) => (form, None),
        Err(fault) => (Form::default(), Some(fault)),
    };
    let sign_in = SignIn { arrival, form };
    if let Some(fault) = unread {
        return sign_in.refuse(fault.into());
    }
    let outcome = match &destination {
        Destination::Token(tenant) => token::answer(&sign_in, tenant).await,
        Destination::DeviceCode(tenant) => device_code::answer(&sign_in, tenant).await,
        Destination::DeviceLogin => Ok(device_login::answer(&sign_in).await),
        Destination::Authorize(tenant, endpoint) => authorize::answer(&sign_in, tenant, *endpoint).await,
        Destination::AdminConsent(tenant) => authorize::admin_consent(&sign_in, tenant).await,
        Destination::Login(means) => authorize::login(&sign_in, *means).await,
        Destination::Consent => authorize::consented(&sign_in).await,
        Destination::Logout(tenant) => logout::answer(&sign_in, tenant).await,
        Destination::Discovery(document) => discovery::answer(&sign_in, document).await,
    };
    let reply = outcome.unwrap_or_else(|refusal| {
        if destination.is_page() {
            pages::fault_page(&sign_in, &sign_in.logged(refusal))
        } else {
            sign_in.refuse(refusal)
        }
    });
    match reply.status {
        StatusCode::SERVICE_UNAVAILABLE => reply.with_header(RETRY_AFTER, RETRY_SECONDS),
        _ => reply,
    }
}
