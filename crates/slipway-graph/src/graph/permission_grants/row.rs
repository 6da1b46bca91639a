//! A grant as answers show it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use slipway_model::{ResourceSpecificPermission, ResourceSpecificPermissionType, TeamsAppId};
use slipway_odata::{Property, Row, Value};

/// Microsoft Graph, to which all these permissions belong.
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

pub(super) struct GrantRow<'a> {
    pub(super) permission: &'a ResourceSpecificPermission,
    pub(super) app: &'a TeamsAppId,
    /// `webApplicationInfo.id` of the installed definition.
    pub(super) client: Option<&'a str>,
}

impl Row for GrantRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        // In Pascal case here, unlike in permission sets.
        let kind = match self.permission.kind {
            ResourceSpecificPermissionType::Application => "Application",
            ResourceSpecificPermissionType::Delegated => "Delegated",
        };
        match property.name {
            // `{id}##{permission}##{type}`, as in Microsoft's samples; there the id is not explained.
            "id" => STANDARD.encode(format!("{}##{}##{kind}", self.app, self.permission.value)).into(),
            // Application and service principal are one record here.
            "clientAppId" | "clientId" => self.client.into(),
            "resourceAppId" => GRAPH.into(),
            "permissionType" => kind.into(),
            "permission" => self.permission.value.as_str().into(),
            _ => Value::Null,
        }
    }
}
