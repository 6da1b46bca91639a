//! Users, as far as app installations need them.

use std::fmt;

use crate::{AppPermissionPolicy, Refusal, UserId};

/// `name@domain`, compared without case.
#[derive(Clone, Debug)]
pub struct UserPrincipalName(Box<str>);

impl UserPrincipalName {
    /// Takes the text as a user principal name: a name, one `@`, a domain, at most 256 characters, no blanks
    /// and no control characters.
    ///
    /// # Errors
    /// [`Refusal::InvalidUserPrincipalName`] with the text.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let refused = || Refusal::InvalidUserPrincipalName(text.to_owned());
        let (name, domain) = text.split_once('@').ok_or_else(refused)?;
        let fine = |part: &str| {
            !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control() || c == '@')
        };
        if text.chars().count() > 256 || !fine(name) || !fine(domain) {
            return Err(refused());
        }
        Ok(Self(text.into()))
    }

    /// The name as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form that stands in indexes: lower case.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }

    /// What stands behind the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }
}

impl PartialEq for UserPrincipalName {
    fn eq(&self, other: &Self) -> bool {
        self.folded() == other.folded()
    }
}

impl Eq for UserPrincipalName {}

impl fmt::Display for UserPrincipalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A member of the tenant; the properties are those that Graph shows by default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Object id.
    pub id: UserId,
    /// Sign-in name.
    pub user_principal_name: UserPrincipalName,
    /// Name for people.
    pub display_name: String,
    /// First name.
    pub given_name: Option<String>,
    /// Last name.
    pub surname: Option<String>,
    /// SMTP address.
    pub mail: Option<String>,
    /// Position.
    pub job_title: Option<String>,
    /// Mobile number.
    pub mobile_phone: Option<String>,
    /// Place of work.
    pub office_location: Option<String>,
    /// Language tag, such as `en-US`.
    pub preferred_language: Option<String>,
    /// Telephone numbers.
    pub business_phones: Vec<String>,
    /// Whether sign-in is allowed.
    pub account_enabled: bool,
    /// Directory roles, as role template ids; `wids` of the user's tokens.
    pub directory_roles: Vec<String>,
    /// Argon2id hash in PHC form; without one the user cannot sign in.
    pub password_hash: Option<String>,
    /// Whether the user is of the tenant or of another one.
    pub user_type: UserType,
    /// Whether the user has a licence for Teams.
    pub has_teams_licence: bool,
    /// What this user may not install, beside what nobody of the tenant may.
    pub policy: AppPermissionPolicy,
}

/// Where a user comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UserType {
    /// The tenant.
    #[default]
    Member,
    /// Another tenant.
    Guest,
}

impl UserType {
    /// Graph's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "Member",
            Self::Guest => "Guest",
        }
    }

    /// Reads Graph's word, without case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Member, Self::Guest].into_iter().find(|t| t.as_str().eq_ignore_ascii_case(text))
    }
}

impl User {
    /// Role template id of the Teams administrator.
    pub const TEAMS_ADMINISTRATOR: &'static str = "69091246-20e8-4a56-aa4d-066075b2a7a8";
    /// Role template id of the global administrator, who may all that a Teams administrator may.
    pub const GLOBAL_ADMINISTRATOR: &'static str = "62e90394-69f5-4237-9190-012177145e10";

    /// Role template id of the application administrator.
    pub const APPLICATION_ADMINISTRATOR: &'static str = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3";
    /// Role template id of the cloud application administrator.
    pub const CLOUD_APPLICATION_ADMINISTRATOR: &'static str = "158c047a-c907-4556-b7ef-446551a6b5f7";
    /// Role template id of the administrator who may grant any permission.
    pub const PRIVILEGED_ROLE_ADMINISTRATOR: &'static str = "e8611ab8-c189-46e8-94e1-60213ab1f814";

    /// Whether installs for this user have to look at more than that the user exists.
    #[must_use]
    pub fn is_special(&self) -> bool {
        self.user_type == UserType::Guest
            || !self.has_teams_licence
            || self.policy != AppPermissionPolicy::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_without_case_and_know_their_domain() {
        let name = UserPrincipalName::parse("User02@Contoso.example").unwrap();
        assert_eq!(name, UserPrincipalName::parse("user02@contoso.EXAMPLE").unwrap());
        assert_eq!(name.domain(), "Contoso.example");
    }

    #[test]
    fn what_is_no_user_principal_name() {
        for text in ["", "a", "@b", "a@", "a b@c", "a@b@c", "a\u{7}@b"] {
            assert!(UserPrincipalName::parse(text).is_err(), "{text:?}");
        }
    }
}
