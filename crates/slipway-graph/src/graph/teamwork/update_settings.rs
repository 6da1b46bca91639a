//! `PATCH /teamwork/teamsAppSettings`: changes what is sent and leaves the rest. Every write expects the tenant as it
//! read it, so installs see the settings before or after, and no others.

use serde_json::value::RawValue;
use slipway_model::{AdministratorWish, Refusal, TeamsAppSettings, Tenant};
use slipway_store::{Changeset, Partition};

use crate::call::{Basis, Call, Keep};
use crate::fault::{Fault, FaultKind};
use crate::graph::schema;
use crate::object::{Object, invalid_value};
use crate::operation::ApiVersion;
use crate::reply::Reply;

const USER_REQUESTS: &str = "allowUserRequestsForAppAccess";
const PERSONAL_CONSENT: &str = "isUserPersonalScopeResourceSpecificConsentEnabled";
const CHAT_CONSENT: &str = "isChatResourceSpecificConsentEnabled";
const CUSTOM_APPS: &str = "customAppSettings";

pub(crate) async fn update_settings(mut call: Call) -> Result<Reply, Fault> {
    let body = call.json().await?;
    call.query(schema::settings(call.version()))?;
    if !call.caller().is_teams_administrator() {
        let refusal = Refusal::AdministratorNeeded(AdministratorWish::ChangeSettings);
        return Err(FaultKind::Refused(refusal).into());
    }
    let change = &Change::read(&body, call.version())?;
    call.keep(move |Basis { tenant, .. }| async move {
        let tenant = &tenant.record;
        let settings = change.applied(tenant.settings);
        if settings == tenant.settings {
            return Ok((Keep::Nothing, ()));
        }
        let tenant = Tenant { settings, ..tenant.clone() };
        let changes = Changeset::new("teamsAppSettings.update").put(&Partition::global(), &tenant);
        Ok((Keep::Commit(changes), ()))
    })
    .await?;
    Ok(Reply::no_content())
}

/// What is sent.
#[derive(Debug, PartialEq, Eq)]
struct Change {
    user_requests: Option<bool>,
    personal_consent: Option<bool>,
    chat_consent: Option<bool>,
}

impl Change {
    fn read(body: &[u8], version: ApiVersion) -> Result<Self, Fault> {
        let object = Object::parse(body)?;
        let known: &[&str] = match version {
            ApiVersion::V1 => &["id", USER_REQUESTS, PERSONAL_CONSENT],
            ApiVersion::Beta => &["id", USER_REQUESTS, PERSONAL_CONSENT, CHAT_CONSENT, CUSTOM_APPS],
        };
        object.check(known)?;
        if object.get(CUSTOM_APPS).is_some_and(|value| value.get() != "null") {
            return Err(invalid_value(CUSTOM_APPS, "null, for developer tools are not served here"));
        }
        Ok(Self {
            user_requests: boolean(&object, USER_REQUESTS)?,
            personal_consent: boolean(&object, PERSONAL_CONSENT)?,
            chat_consent: boolean(&object, CHAT_CONSENT)?,
        })
    }

    fn applied(&self, settings: TeamsAppSettings) -> TeamsAppSettings {
        TeamsAppSettings {
            allow_user_requests_for_app_access: self
                .user_requests
                .unwrap_or(settings.allow_user_requests_for_app_access),
            is_user_personal_scope_resource_specific_consent_enabled: self
                .personal_consent
                .unwrap_or(settings.is_user_personal_scope_resource_specific_consent_enabled),
            is_chat_resource_specific_consent_enabled: self
                .chat_consent
                .unwrap_or(settings.is_chat_resource_specific_consent_enabled),
        }
    }
}

/// A Boolean, which Microsoft's examples also send as text.
fn boolean(object: &Object<'_>, name: &str) -> Result<Option<bool>, Fault> {
    match object.get(name).map(RawValue::get) {
        None => Ok(None),
        Some("true" | "\"true\"") => Ok(Some(true)),
        Some("false" | "\"false\"") => Ok(Some(false)),
        Some(_) => Err(invalid_value(name, "true or false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_bodies() {
        let v1 =
            br##"{"@odata.type":"#microsoft.graph.teamsAppSettings","allowUserRequestsForAppAccess":"true",
            "isUserPersonalScopeResourceSpecificConsentEnabled":false}"##;
        let change = Change { user_requests: Some(true), personal_consent: Some(false), chat_consent: None };
        assert_eq!(Change::read(v1, ApiVersion::V1).unwrap(), change);
        let beta = br#"{"isChatResourceSpecificConsentEnabled":"false","customAppSettings":null}"#;
        let change = Change { user_requests: None, personal_consent: None, chat_consent: Some(false) };
        assert_eq!(Change::read(beta, ApiVersion::Beta).unwrap(), change);
    }

    #[test]
    fn what_is_not_sent_stays() {
        let off = br#"{"allowUserRequestsForAppAccess":false}"#;
        let settings = Change::read(off, ApiVersion::V1).unwrap().applied(TeamsAppSettings::default());
        let expected =
            TeamsAppSettings { allow_user_requests_for_app_access: false, ..TeamsAppSettings::default() };
        assert_eq!(settings, expected);
        let nothing = Change::read(b"", ApiVersion::V1).unwrap();
        assert_eq!(nothing.applied(expected), expected);
    }

    #[test]
    fn wrong_bodies_are_named() {
        for (body, version, named) in [
            ("[]", ApiVersion::V1, "not a JSON object"),
            (r#"{"color":1}"#, ApiVersion::Beta, "'color'"),
            (r#"{"isChatResourceSpecificConsentEnabled":true}"#, ApiVersion::V1, "'isChat"),
            (r#"{"allowUserRequestsForAppAccess":null}"#, ApiVersion::V1, "'allowUserRequestsForAppAccess'"),
            (r#"{"allowUserRequestsForAppAccess":"yes"}"#, ApiVersion::V1, "'allowUserRequestsForAppAccess'"),
            (r#"{"customAppSettings":{}}"#, ApiVersion::Beta, "'customAppSettings'"),
            (r#"{"customAppSettings":null}"#, ApiVersion::V1, "'customAppSettings'"),
        ] {
            let fault = Change::read(body.as_bytes(), version).unwrap_err();
            assert!(fault.status() == 400 && fault.wording().message.contains(named), "{body}");
        }
    }
}
