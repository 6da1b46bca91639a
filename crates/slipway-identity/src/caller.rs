//! Who a token says is calling.

use aws_lc_rs::digest::{SHA256, SHA256_OUTPUT_LEN, digest};
use jiff::Timestamp;
use slipway_model::{ClientId, Permissions, TenantId, TokenKind, User, UserId};

/// Who a verified token says is calling. Made once for each token, then kept under its [`fingerprint`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// `tid`; the tenant of everything that the caller sees.
    pub tenant: TenantId,
    /// `appid`.
    pub client: ClientId,
    /// The signed-in user of a delegated token; none = the client acts for itself.
    pub user: Option<UserId>,
    /// What the scopes or roles allow, as far as operations here ask for it.
    pub permissions: Permissions,
    /// Scopes or roles as they stand in the token, for the text of a refusal.
    pub names: Vec<String>,
    /// Directory roles of the signed-in user, as role template ids (`wids`).
    pub directory_roles: Vec<String>,
    /// The sign-in that the token is part of (`sid`), which may have been ended; none = of none that goes on.
    pub session: Option<String>,
    /// The trusted issuer that made the token; none = this server.
    pub issuer: Option<String>,
    /// Whether somebody who tests made it up, in mode `lab`.
    pub is_forged: bool,
    /// When the token ends; to be looked at again for each call, since callers are kept.
    pub expires: Timestamp,
}

impl Caller {
    /// For whom the token speaks.
    #[must_use]
    pub fn kind(&self) -> TokenKind {
        if self.user.is_some() { TokenKind::Delegated } else { TokenKind::Application }
    }

    /// Whether the signed-in user administers Teams: a Teams administrator or a global one.
    #[must_use]
    pub fn is_teams_administrator(&self) -> bool {
        self.has_any_role(&[User::TEAMS_ADMINISTRATOR, User::GLOBAL_ADMINISTRATOR])
    }

    /// Whether the signed-in user administers registrations ("Microsoft Entra built-in roles").
    #[must_use]
    pub fn is_application_administrator(&self) -> bool {
        self.has_any_role(&[
            User::APPLICATION_ADMINISTRATOR,
            User::CLOUD_APPLICATION_ADMINISTRATOR,
            User::GLOBAL_ADMINISTRATOR,
        ])
    }

    /// Whether the signed-in user may grant application permissions of Microsoft Graph, which administrators of
    /// registrations may not.
    #[must_use]
    pub fn may_grant_app_roles(&self) -> bool {
        self.has_any_role(&[User::PRIVILEGED_ROLE_ADMINISTRATOR, User::GLOBAL_ADMINISTRATOR])
    }

    /// Whether the signed-in user has one of the roles, which are given as role template ids.
    fn has_any_role(&self, roles: &[&str]) -> bool {
        self.directory_roles.iter().any(|role| roles.iter().any(|known| known.eq_ignore_ascii_case(role)))
    }
}

/// What a token is kept under once it is verified: its SHA-256, so that no token stays in memory.
#[must_use]
pub fn fingerprint(token: &str) -> [u8; SHA256_OUTPUT_LEN] {
    let mut bytes = [0; SHA256_OUTPUT_LEN];
    bytes.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_the_sha_256_of_the_token() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(fingerprint("abc")[..8], [0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea]);
        assert_ne!(fingerprint("abc"), fingerprint("abd"));
    }
}
