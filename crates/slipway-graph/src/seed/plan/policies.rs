//! What the administrators of a tenant decided: settings, and policies of the tenant and of its users.

use slipway_model::{AppPermissionPolicy, TeamsAppSettings};
use slipway_store::ReadError;

use super::Planner;
use super::references::Names;
use crate::seed::check::Findings;
use crate::seed::format;

impl Planner<'_> {
    /// The policy at a key of the tenant.
    pub(super) async fn policy(
        &self,
        said: &format::Policy,
        key: &str,
        names: &Names<'_>,
        findings: &mut Findings<'_>,
    ) -> Result<AppPermissionPolicy, ReadError> {
        let mut policy = AppPermissionPolicy::default();
        for (n, text) in said.blocked.iter().enumerate() {
            match text.as_str() {
                "store" => policy.blocks_store = true,
                "organization" => policy.blocks_organization = true,
                app => {
                    let found = self.app_at(names, &format!("{key}.blocked[{n}]"), app, findings).await?;
                    policy.blocked.extend(found.map(|found| found.app.id));
                }
            }
        }
        Ok(policy)
    }
}

impl format::Settings {
    /// The settings as they shall be; what the seed leaves out stays.
    pub fn over(&self, stored: TeamsAppSettings) -> TeamsAppSettings {
        TeamsAppSettings {
            allow_user_requests_for_app_access: self
                .allow_user_requests_for_app_access
                .unwrap_or(stored.allow_user_requests_for_app_access),
            is_user_personal_scope_resource_specific_consent_enabled: self
                .is_user_personal_scope_resource_specific_consent_enabled
                .unwrap_or(stored.is_user_personal_scope_resource_specific_consent_enabled),
            is_chat_resource_specific_consent_enabled: self
                .is_chat_resource_specific_consent_enabled
                .unwrap_or(stored.is_chat_resource_specific_consent_enabled),
        }
    }
}
