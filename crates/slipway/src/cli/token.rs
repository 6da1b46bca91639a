//! `slipway token`: a token for tests, forged by a server in mode lab.

use std::time::Duration;

use http::{StatusCode, Uri};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use slipway_identity::Clock;

use super::control::Control;
use super::flags::Flags;
use super::{duration, found, offline, print};
use crate::failure::Failure;

/// How long ago an expired token ended, in seconds: longer than any clock skew that is borne.
const LONG_AGO: i64 = -3600;
/// When a token that is not valid yet begins to be, in seconds from now.
const LATER: i64 = 3600;

/// What the token says.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The client that it is for, by its id.
    #[arg(long, value_name = "ID")]
    client: String,
    /// The user who is signed in, by principal name or id. Without one the client is there on its own behalf.
    #[arg(long, value_name = "UPN|ID")]
    user: Option<String>,
    /// An application permission, consented or not; may be repeated. Without any, those that the client has.
    #[arg(long, value_name = "PERMISSION", conflicts_with = "user")]
    role: Vec<String>,
    /// A delegated permission, consented or not; may be repeated. Without any, those that are consented.
    #[arg(long, value_name = "PERMISSION", requires = "user")]
    scope: Vec<String>,
    /// Whom it is for, in place of Microsoft Graph.
    #[arg(long)]
    audience: Option<String>,
    /// The tenant that it is of, by its id or domain. Without it, the one of the ready file or of `AZURE_TENANT_ID`.
    #[arg(long, value_name = "ID|DOMAIN")]
    tenant: Option<String>,
    /// A token of a personal account.
    #[arg(long, requires = "user")]
    personal: bool,
    /// How long it is good, such as 5m.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    expires_in: Option<Duration>,
    /// It ended an hour ago.
    #[arg(long, conflicts_with_all = ["not_yet_valid", "expires_in"])]
    expired: bool,
    /// It begins in an hour.
    #[arg(long)]
    not_yet_valid: bool,
    /// The version of its claims: 1 or 2.
    #[arg(long = "token-version", value_name = "VERSION", value_parser = clap::value_parser!(u8).range(1..=2))]
    version: Option<u8>,
    /// The server that has the folder open, such as `https://127.0.0.1:8365`.
    #[arg(long)]
    url: Option<Uri>,
    #[command(flatten)]
    flags: Flags,
}

/// The body of `POST /_slipway/tokens`.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_id: Option<String>,
    client_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_principal_name: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    roles: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audience: Option<String>,
    /// Seconds from now, or before now.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_before: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u8>,
    personal: bool,
}

/// Its answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Forged {
    access_token: String,
}

impl Options {
    /// Prints the token.
    ///
    /// # Errors
    /// [`Failure::Runtime`] with what the server says.
    pub fn run(mut self) -> Result<(), Failure> {
        let settings = std::mem::take(&mut self.flags).settings()?;
        let ready = found::server(&settings, self.url.as_ref())?;
        let control = Control::of(&ready)?;
        let order = self.order(ready.tenant_id, Clock::System.now());
        let body = serde_json::to_vec(&order).map_err(|error| Failure::at("order", error))?;
        let answer = offline::run(&settings, control.post("/_slipway/tokens", body)).map_err(in_lab)?;
        let Forged { access_token } =
            serde_json::from_slice(&answer).map_err(|error| Failure::at("the server's answer", error))?;
        print(&format!("{access_token}\n"))
    }

    fn order(self, usual_tenant: Option<String>, now: Timestamp) -> Order {
        let lasting = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        let named = self.user.as_ref().is_some_and(|user| user.contains('@'));
        let (user_principal_name, user_id) = if named { (self.user, None) } else { (None, self.user) };
        let later = if self.not_yet_valid { LATER } else { 0 };
        let expires_in = match self.expires_in {
            _ if self.expired => Some(LONG_AGO),
            Some(time) => Some(lasting(time).saturating_add(later)),
            // After its beginning.
            None if self.not_yet_valid => Some(2 * LATER),
            None => None,
        };
        Order {
            tenant_id: self.tenant.or(usual_tenant),
            client_id: self.client,
            user_id,
            user_principal_name,
            roles: self.role,
            scopes: self.scope,
            audience: self.audience,
            expires_in,
            not_before: self.not_yet_valid.then(|| now + SignedDuration::from_secs(LATER)),
            version: self.version,
            personal: self.personal,
        }
    }
}

/// What the server has not at all in the other mode.
fn in_lab(failure: Failure) -> Failure {
    let told = failure.to_string();
    if told.contains(StatusCode::NOT_FOUND.as_str()) {
        return Failure::Runtime(format!("{told}\nhint: only a server in mode lab forges tokens"));
    }
    failure
}
