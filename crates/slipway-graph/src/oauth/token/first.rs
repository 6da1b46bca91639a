//! The answer of the endpoint of version 1: the same tokens, numbers as texts, and the resource.
//!
//! Source: "Service to service calls using client credentials" and "Authorize access to web applications using OAuth
//! 2.0 and Azure Active Directory", version 1.0.

use jiff::SignedDuration;
use serde::Serialize;

use super::Tokens;
use crate::oauth::sign_in::SignIn;

#[derive(Serialize)]
pub(super) struct FirstTokens {
    token_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    expires_in: String,
    ext_expires_in: String,
    expires_on: String,
    not_before: String,
    resource: String,
    access_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_info: Option<String>,
}

impl FirstTokens {
    pub(super) fn of(tokens: Tokens, sign_in: &SignIn) -> Self {
        let now = sign_in.now();
        let until = now + SignedDuration::from_secs(i64::from(tokens.expires_in) + 1);
        let resource = sign_in.form.get("resource").unwrap_or_default();
        Self {
            token_type: tokens.token_type,
            // The scopes by their names alone.
            scope: tokens.scope.map(|scope| names(&scope)),
            expires_in: tokens.expires_in.to_string(),
            ext_expires_in: tokens.ext_expires_in.to_string(),
            expires_on: until.as_second().to_string(),
            not_before: (now - SignedDuration::from_mins(5)).as_second().to_string(),
            resource: resource.to_owned(),
            access_token: tokens.access_token,
            refresh_token: tokens.refresh_token,
            id_token: tokens.id_token,
            client_info: tokens.client_info,
        }
    }
}

fn names(scope: &str) -> String {
    let names = scope.split(' ').map(|scope| scope.rsplit_once('/').map_or(scope, |(_, name)| name));
    names.filter(|name| *name != ".default").collect::<Vec<_>>().join(" ")
}
