//! The JSON bodies of install and upgrade.

use serde::Deserialize;
use slipway_model::{ResourceSpecificPermission, ResourceSpecificPermissionType, TeamsAppId};
use slipway_odata::entity_reference;

use crate::fault::{Fault, FaultKind};
use crate::object::Object;

const BIND: &str = "teamsApp@odata.bind";
const CONSENTED: &str = "consentedPermissionSet";
/// What else a client may send along: the other properties of the type, which the service fills itself.
const SILENT: [&str; 5] = ["id", "scopeInfo", "chat", "teamsApp", "teamsAppDefinition"];

/// What install asks for.
#[derive(Debug)]
pub(crate) struct Install {
    /// The app that is bound; none = no app can have the id that is bound.
    pub(crate) app: Option<TeamsAppId>,
    pub(crate) consented: Option<Vec<ResourceSpecificPermission>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PermissionSet {
    resource_specific_permissions: Option<Vec<Permission>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Permission {
    permission_value: String,
    permission_type: String,
}

impl Install {
    /// Reads the body of an install.
    pub(super) fn read(body: &[u8]) -> Result<Self, Fault> {
        Self::of(&Object::parse(body)?)
    }

    /// Reads `{"teamsApp@odata.bind":"…","consentedPermissionSet":{…}}`.
    ///
    /// An object without the bind, or with one that is no address of an app, is answered with the text that the
    /// service was seen to give; Microsoft's own Python snippet sends `teams_app@odata_bind`, so the log names
    /// the key that was meant.
    pub(crate) fn of(object: &Object<'_>) -> Result<Self, Fault> {
        let missing = |hint: String| FaultKind::BindMissing.because(hint);
        let value = object.get(BIND).ok_or_else(|| missing(hint(object)))?;
        let address: String =
            serde_json::from_str(value.get()).map_err(|_| missing(format!("hint: {BIND} takes a string")))?;
        let id = entity_reference(&address, "teamsApps")
            .ok_or_else(|| missing(format!("hint: '{address}' does not end in /teamsApps/{{id}}")))?;
        object.check(&[&SILENT[..], &[BIND, CONSENTED]].concat())?;
        Ok(Self { app: TeamsAppId::parse(&id).ok(), consented: consented(object)? })
    }
}

/// Reads upgrade's body: none, `{}` or `{"consentedPermissionSet":{…}}`.
pub(super) fn read_upgrade(body: &[u8]) -> Result<Option<Vec<ResourceSpecificPermission>>, Fault> {
    let object = Object::parse(body)?;
    object.check(&[&SILENT[..], &[CONSENTED]].concat())?;
    consented(&object)
}

fn hint(object: &Object<'_>) -> String {
    let folded = |key: &str| key.replace(['_', '.', '@'], "").to_ascii_lowercase();
    match object.names().find(|key| folded(key) == folded(BIND)) {
        Some(key) => format!("hint: the key '{key}' must be spelt '{BIND}'"),
        None => format!("hint: send {{\"{BIND}\":\"…/appCatalogs/teamsApps/{{id}}\"}}"),
    }
}

fn consented(object: &Object<'_>) -> Result<Option<Vec<ResourceSpecificPermission>>, Fault> {
    const FORM: &str = r#"{"resourceSpecificPermissions":[{"permissionValue","permissionType"}]}"#;
    let set: Option<PermissionSet> = object.read(CONSENTED, FORM)?;
    let Some(permissions) = set.and_then(|set| set.resource_specific_permissions) else { return Ok(None) };
    permissions.into_iter().map(typed).collect::<Result<_, _>>().map(Some)
}

fn typed(permission: Permission) -> Result<ResourceSpecificPermission, Fault> {
    let kind = ResourceSpecificPermissionType::parse(&permission.permission_type).ok_or_else(|| {
        Fault::bad_request(format!(
            "Invalid value '{}' for property 'permissionType': it is 'application' or 'delegated'.",
            permission.permission_type
        ))
    })?;
    Ok(ResourceSpecificPermission { value: permission.permission_value, kind })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &str) -> String {
        let fault = Install::read(body.as_bytes()).unwrap_err();
        assert_eq!(fault.status(), 400, "{body}");
        fault.wording().message.into_owned()
    }

    #[test]
    fn reads_the_documented_bodies() {
        let plain = r#"{"teamsApp@odata.bind":"https://graph.microsoft.com/v1.0/appCatalogs/teamsApps/a1"}"#;
        assert!(Install::read(plain.as_bytes()).unwrap().consented.is_none());
        let consenting = r##"{"@odata.type":"#microsoft.graph.userScopeTeamsAppInstallation",
            "teamsApp@odata.bind":"https://graph.microsoft.com/v1.0/appCatalogs/teamsApps/a1",
            "consentedPermissionSet":{"resourceSpecificPermissions":[
            {"permissionValue":"TeamsActivity.Send.User","permissionType":"Application"}]}}"##;
        let install = Install::read(consenting.as_bytes()).unwrap();
        let permission = &install.consented.unwrap()[0];
        assert_eq!(permission.value, "TeamsActivity.Send.User");
        assert_eq!(permission.kind, ResourceSpecificPermissionType::Application);
    }

    #[test]
    fn a_missing_or_misspelt_bind_has_the_recorded_text_and_a_hint() {
        for (body, hint) in [
            ("", "hint: send"),
            ("{}", "hint: send"),
            (r#"{"teams_app@odata_bind":"x/teamsApps/a"}"#, "the key 'teams_app@odata_bind'"),
            (r#"{"teamsapp@odata.bind":"x/teamsApps/a"}"#, "the key 'teamsapp@odata.bind'"),
            (r#"{"teamsApp@odata.bind":7}"#, "takes a string"),
            (r#"{"teamsApp@odata.bind":"https://g/v1.0/users/u"}"#, "does not end in"),
        ] {
            let fault = Install::read(body.as_bytes()).unwrap_err();
            assert_eq!(
                fault.wording().message,
                "The navigation bind for the teamsApp was missing in request.",
                "{body}"
            );
            assert!(fault.cause().unwrap().contains(hint), "{:?}", fault.cause());
        }
    }

    #[test]
    fn wrong_bodies_are_named() {
        assert!(message("[1]").contains("not a JSON object"));
        assert!(message("{").contains("not a JSON object"));
        let with = |rest: &str| message(&format!(r#"{{"teamsApp@odata.bind":"x/teamsApps/a",{rest}}}"#));
        assert!(with(r#""color":1"#).contains("'color'"));
        assert!(with(r#""consentedPermissionSet":7"#).contains("consentedPermissionSet"));
        let wrong = r#""consentedPermissionSet":{"resourceSpecificPermissions":[{"permissionValue":"A","permissionType":"B"}]}"#;
        assert!(with(wrong).contains("'B'"));
    }

    #[test]
    fn upgrade_takes_nothing_or_a_consent() {
        for body in ["", "{}", r#"{"consentedPermissionSet":null}"#] {
            assert!(read_upgrade(body.as_bytes()).unwrap().is_none());
        }
        let consent = r#"{"consentedPermissionSet":{"resourceSpecificPermissions":[]}}"#;
        assert_eq!(read_upgrade(consent.as_bytes()).unwrap(), Some(vec![]));
        assert!(read_upgrade(b"nonsense").is_err());
    }
}
