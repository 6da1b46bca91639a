//! A team as answers show it.

use slipway_model::{Group, TenantId};
use slipway_odata::{Property, Row, Value};

pub(super) struct TeamRow<'a> {
    pub(super) group: Group,
    pub(super) tenant: &'a TenantId,
}

impl Row for TeamRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        let Self { group, tenant } = self;
        match property.name {
            "id" => group.id.as_str().into(),
            "createdDateTime" => Value::Time(group.created_at),
            "displayName" => group.display_name.as_str().into(),
            "description" => group.description.as_deref().into(),
            "internalId" => group.id.thread_id().into(),
            "visibility" => "private".into(),
            "isArchived" => Value::Boolean(false),
            "webUrl" => {
                let thread = group.id.thread_id().replace(':', "%3A").replace('@', "%40");
                let id = &group.id;
                format!(
                    "https://teams.microsoft.com/l/team/{thread}/conversations?groupId={id}&tenantId={tenant}"
                )
                .into()
            }
            "tenantId" => tenant.as_str().into(),
            _ => Value::Null,
        }
    }
}
