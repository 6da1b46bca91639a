//! A chat as queries and answers see it.

use slipway_model::{Chat, TenantId};
use slipway_odata::{Property, Row, Value};

use crate::collection::Placed;
use crate::graph::installed_apps::InstallationRow;

/// A chat, with its apps where the query needs them.
pub(crate) struct ChatRow<'a> {
    pub(crate) chat: Chat,
    pub(crate) tenant: &'a TenantId,
    pub(crate) apps: Vec<InstallationRow>,
}

impl Row for ChatRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        let Self { chat, tenant, apps } = self;
        match property.name {
            "id" => chat.id.as_str().into(),
            "topic" => chat.topic.as_deref().into(),
            "createdDateTime" | "lastUpdatedDateTime" => Value::Time(chat.created_at),
            "chatType" => chat.chat_type.as_str().into(),
            "webUrl" => {
                let id = chat.id.as_str().replace(':', "%3A");
                format!("https://teams.microsoft.com/l/chat/{id}/0?tenantId={tenant}").into()
            }
            "tenantId" => tenant.as_str().into(),
            "installedApps" => Value::Many(apps.iter().map(|app| Value::Row(Box::new(app))).collect()),
            _ => Value::Null,
        }
    }
}

impl Placed for ChatRow<'_> {
    fn place(&self) -> String {
        self.chat.id.folded()
    }
}
