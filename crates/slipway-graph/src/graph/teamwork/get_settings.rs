//! `GET /teamwork/teamsAppSettings`: the entity itself. Microsoft's example wraps it in `value`, but its client
//! libraries would not find it there.

use slipway_model::Tenant;
use slipway_odata::{Property, Row, Value};

use crate::call::Call;
use crate::fault::Fault;
use crate::graph::schema;
use crate::reply::Reply;
use crate::wire::entity::Writer;

pub(crate) async fn get_settings(call: Call) -> Result<Reply, Fault> {
    let kind = schema::settings(call.version());
    let query = call.query(kind)?;
    let writer = Writer::new(&call, "teamwork/teamsAppSettings", kind, &query.shape).without_key();
    Ok(Reply::odata(writer.entity(&SettingsRow(call.tenant()))))
}

/// A `teamsAppSettings`. The service's id of it is a GUID of which nothing is known, so it is the tenant's.
struct SettingsRow<'a>(&'a Tenant);

impl Row for SettingsRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        let settings = &self.0.settings;
        match property.name {
            "@odata.type" => "#microsoft.graph.teamsAppSettings".into(),
            "id" => self.0.id.as_str().into(),
            "allowUserRequestsForAppAccess" => Value::Boolean(settings.allow_user_requests_for_app_access),
            "isUserPersonalScopeResourceSpecificConsentEnabled" => {
                Value::Boolean(settings.is_user_personal_scope_resource_specific_consent_enabled)
            }
            "isChatResourceSpecificConsentEnabled" => {
                Value::Boolean(settings.is_chat_resource_specific_consent_enabled)
            }
            _ => Value::Null,
        }
    }
}
