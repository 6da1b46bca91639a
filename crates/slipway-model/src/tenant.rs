//! A tenant: the directory that every other record belongs to, with what its administrators decided for all.

use crate::{AppPermissionPolicy, TenantId};

/// A directory with its verified domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// `tid` of the tokens that this tenant's clients get.
    pub id: TenantId,
    /// Name for people.
    pub display_name: String,
    /// Domain of the user principal names, in lower case; also names the tenant in sign-in paths.
    pub domain: String,
    /// Which set of rows is the living one. A reset or a restore raises it in one commit.
    pub generation: u32,
    /// `teamwork/teamsAppSettings`. Every write expects the tenant's revision, so none misses a change of these.
    pub settings: TeamsAppSettings,
    /// What nobody of the tenant may install.
    pub policy: AppPermissionPolicy,
    /// Whether some user is a guest, has no licence or a policy of their own. Only then do installs read the
    /// user's row.
    pub has_special_users: bool,
}

/// Graph's `teamsAppSettings`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TeamsAppSettings {
    /// Whether users may ask administrators for apps.
    pub allow_user_requests_for_app_access: bool,
    /// Whether apps in the personal scope may be given resource-specific permissions.
    pub is_user_personal_scope_resource_specific_consent_enabled: bool,
    /// The same for chats and meetings.
    pub is_chat_resource_specific_consent_enabled: bool,
}

impl Default for TeamsAppSettings {
    /// Everything is allowed, as in a tenant whose users may consent to apps.
    fn default() -> Self {
        Self {
            allow_user_requests_for_app_access: true,
            is_user_personal_scope_resource_specific_consent_enabled: true,
            is_chat_resource_specific_consent_enabled: true,
        }
    }
}
