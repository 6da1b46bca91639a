//! Texts of a seed that are read into types at once, so that a wrong one is reported where it stands.

use std::borrow::Cow;
use std::fmt::Display;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error};
use slipway_identity::{
    Certificate, CertificateFault, LONGEST_REDIRECT_URI, Secret, judge_redirect, names_client_api,
};
use slipway_model::{
    AppVersion, ChatId, ChatType, ClientCertificate, ClientId, DistributionMethod, GroupId, Platform,
    PublishingState, ResourceSpecificPermissionType, TeamsAppId, TenantId, User, UserId, UserPrincipalName,
    UserType, is_guid,
};

/// A text of the seed, read as `T`.
#[derive(Clone)]
pub struct Text<T>(pub T);

/// What a text of the seed can be read as.
pub trait FromText: Sized {
    /// Reads the text.
    ///
    /// # Errors
    /// What is wrong with it.
    fn from_text(text: &str) -> Result<Self, String>;

    /// The JSON schema of the text.
    fn schema() -> Schema;
}

impl<'de, T: FromText> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        T::from_text(&text).map(Self).map_err(D::Error::custom)
    }
}

impl<T: FromText> JsonSchema for Text<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        T::schema()
    }
}

fn said<T, E: Display>(read: Result<T, E>) -> Result<T, String> {
    read.map_err(|error| error.to_string())
}

fn one_of<T>(text: &str, known: &[(&str, T)]) -> Result<T, String>
where
    T: Copy,
{
    let found = known.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
    found.ok_or_else(|| {
        let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
        format!("'{text}' is none of {}", names.join(", "))
    })
}

macro_rules! ids {
    ($($id:ty),*) => {$(
        impl FromText for $id {
            fn from_text(text: &str) -> Result<Self, String> {
                said(Self::parse(text))
            }

            fn schema() -> Schema {
                json_schema!({ "type": "string", "pattern": "^[A-Za-z0-9._:@-]{1,128}$" })
            }
        }
    )*};
}

ids!(TenantId, UserId, ClientId, TeamsAppId, GroupId, ChatId);

impl FromText for UserPrincipalName {
    fn from_text(text: &str) -> Result<Self, String> {
        said(Self::parse(text))
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": r"^[^@\s]+@[^@\s]+$", "maxLength": 256 })
    }
}

impl FromText for AppVersion {
    fn from_text(text: &str) -> Result<Self, String> {
        Ok(Self::new(text))
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string" })
    }
}

impl FromText for Secret {
    fn from_text(text: &str) -> Result<Self, String> {
        // Whoever sends no secret at all must not pass.
        if text.is_empty() { Err("an empty text is no secret".to_owned()) } else { Ok(text.into()) }
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "minLength": 1 })
    }
}

/// A certificate in PEM form, or the base64 of its DER.
impl FromText for ClientCertificate {
    fn from_text(text: &str) -> Result<Self, String> {
        let told = |fault: CertificateFault| format!("the certificate {fault}");
        Certificate::parse(text).map(Self::from).map_err(told)
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "minLength": 1 })
    }
}

/// A URI by which an API is named in scopes: without blanks, and not one that is taken for Microsoft Graph, as hosts
/// are.
#[derive(Clone)]
pub struct IdentifierUri(pub String);

impl FromText for IdentifierUri {
    fn from_text(text: &str) -> Result<Self, String> {
        let has_rest = text.split_once("://").is_some_and(|(_, rest)| !rest.trim_matches('/').is_empty());
        let is_one = has_rest && !text.contains(char::is_whitespace) && text.len() <= 255;
        if is_one && names_client_api(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("'{text}' is no identifier URI such as api://tasks; a host alone means Graph"))
        }
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": "^[^ ]+://[^ ]+$", "maxLength": 255 })
    }
}

/// The name of a scope of a client's own API.
#[derive(Clone)]
pub struct ScopeName(pub String);

impl FromText for ScopeName {
    fn from_text(text: &str) -> Result<Self, String> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        if !text.is_empty() && text.len() <= 120 && !text.starts_with('.') && text.bytes().all(fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("'{text}' is no name of a scope such as access_as_user"))
        }
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,119}$" })
    }
}

macro_rules! words {
    ($($kind:ident: $($value:ident)+;)*) => {$(
        impl FromText for $kind {
            fn from_text(text: &str) -> Result<Self, String> {
                one_of(text, &[$((Self::$value.as_str(), Self::$value)),+])
            }

            fn schema() -> Schema {
                json_schema!({ "type": "string", "enum": [$(Self::$value.as_str()),+] })
            }
        }
    )*};
}

words! {
    DistributionMethod: Organization Store Sideloaded;
    PublishingState: Published Submitted Rejected;
    UserType: Member Guest;
    ChatType: OneOnOne Group Meeting;
    ResourceSpecificPermissionType: Application Delegated;
}

/// A DNS domain of at least two labels, in lower case. Sign-in paths take a domain where they take `common` and
/// its like, which have no dot.
#[derive(Clone)]
pub struct Domain(pub String);

impl FromText for Domain {
    fn from_text(text: &str) -> Result<Self, String> {
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if text.len() <= 253 && text.contains('.') && text.split('.').all(label) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(format!("'{text}' is no domain such as contoso.example"))
        }
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "format": "hostname", "pattern": r"\." })
    }
}

/// The template id of a directory role, in lower case.
#[derive(Clone)]
pub struct DirectoryRole(pub String);

/// Names and template ids of Microsoft Entra's built-in roles that administer Teams apps, or clients and their grants.
const ROLES: [(&str, &str); 5] = [
    ("TeamsAdministrator", User::TEAMS_ADMINISTRATOR),
    ("GlobalAdministrator", User::GLOBAL_ADMINISTRATOR),
    ("ApplicationAdministrator", User::APPLICATION_ADMINISTRATOR),
    ("CloudApplicationAdministrator", User::CLOUD_APPLICATION_ADMINISTRATOR),
    ("PrivilegedRoleAdministrator", User::PRIVILEGED_ROLE_ADMINISTRATOR),
];

impl FromText for DirectoryRole {
    fn from_text(text: &str) -> Result<Self, String> {
        if is_guid(text) {
            return Ok(Self(text.to_ascii_lowercase()));
        }
        let id = one_of(text, &ROLES).map_err(|error| format!("{error} and no role template id"))?;
        Ok(Self(id.to_owned()))
    }

    fn schema() -> Schema {
        json_schema!({ "anyOf": [
            { "type": "string", "enum": ROLES.map(|(name, _)| name) },
            { "type": "string", "format": "uuid" },
        ] })
    }
}

/// A permission's name, known here or not: dotted words without blanks, since a token lists delegated permissions
/// between blanks. One of another API than Graph has the client id of that and a slash in front.
#[derive(Clone)]
pub struct PermissionName(pub String);

impl FromText for PermissionName {
    fn from_text(text: &str) -> Result<Self, String> {
        let word = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
        };
        let (api, name) = text.split_once('/').map_or((None, text), |(api, name)| (Some(api), name));
        let is_api = api.is_none_or(|api| ClientId::parse(api).is_ok());
        if is_api && name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.split('.').all(word) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("'{text}' does not have the form of a permission such as User.Read.All"))
        }
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": r"^([A-Za-z0-9._:@-]{1,128}/)?[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$" })
    }
}

/// A redirect URI of a server or a page.
#[derive(Clone)]
pub struct SiteAddress(pub String);

impl FromText for SiteAddress {
    fn from_text(text: &str) -> Result<Self, String> {
        // The rule of pages is the same.
        redirect(Platform::Web, text).map(Self)
    }

    fn schema() -> Schema {
        redirect_schema()
    }
}

/// A redirect URI of a program on the user's device.
#[derive(Clone)]
pub struct ProgramAddress(pub String);

impl FromText for ProgramAddress {
    fn from_text(text: &str) -> Result<Self, String> {
        redirect(Platform::PublicClient, text).map(Self)
    }

    fn schema() -> Schema {
        redirect_schema()
    }
}

fn redirect(platform: Platform, text: &str) -> Result<String, String> {
    let told = |why| format!("'{text}' {why}; http://localhost is a redirect URI");
    judge_redirect(platform, text).map(|()| text.to_owned()).map_err(told)
}

fn redirect_schema() -> Schema {
    json_schema!({ "type": "string", "format": "uri", "pattern": "^[^#]+$", "maxLength": LONGEST_REDIRECT_URI })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_in_lower_case_and_have_a_dot() {
        assert_eq!(Domain::from_text("Contoso.Example").unwrap().0, "contoso.example");
        for text in
            ["", "common", "contoso.", ".example", "con toso.example", "-a.b", "a.b-", &"a.".repeat(127)]
        {
            assert!(Domain::from_text(text).is_err(), "{text}");
        }
    }

    #[test]
    fn roles_go_by_name_or_template_id() {
        let role = |text: &str| DirectoryRole::from_text(text).map(|role| role.0);
        assert_eq!(role("TeamsAdministrator").unwrap(), "69091246-20e8-4a56-aa4d-066075b2a7a8");
        assert_eq!(
            role("FDD7A751-B60B-444A-984C-02652FE8FA1C").unwrap(),
            "fdd7a751-b60b-444a-984c-02652fe8fa1c"
        );
        assert_eq!(
            role("TeamAdministrator").unwrap_err(),
            "'TeamAdministrator' is none of TeamsAdministrator, GlobalAdministrator, ApplicationAdministrator, \
             CloudApplicationAdministrator, PrivilegedRoleAdministrator and no role template id"
        );
    }

    #[test]
    fn redirect_uris_are_judged_as_graph_does() {
        assert!(SiteAddress::from_text("https://app.example/auth").is_ok());
        assert!(ProgramAddress::from_text("msal1://auth").is_ok());
        for text in ["http://evil.example", "msal1://auth", "https://a/#b"] {
            assert!(SiteAddress::from_text(text).is_err(), "{text}");
        }
        assert!(ProgramAddress::from_text("javascript:alert(1)").is_err());
    }

    #[test]
    fn an_identifier_uri_is_none_that_means_graph() {
        for text in ["api://tasks", "api://tasks/", "https://tasks.example/api", "urn://x"] {
            assert!(IdentifierUri::from_text(text).is_ok(), "{text}");
        }
        for text in ["", "tasks", "https://tasks.example", "https://tasks.example/", "api://a b", "api://"] {
            assert!(IdentifierUri::from_text(text).is_err(), "{text}");
        }
    }

    #[test]
    fn permissions_have_dotted_words() {
        for text in ["User.Read.All", "openid", "offline_access", "TeamsAppInstallation.ReadForUser.All"] {
            assert!(PermissionName::from_text(text).is_ok(), "{text}");
        }
        assert!(PermissionName::from_text("51190000-0000-4000-8000-00000000a001/access_as_user").is_ok());
        for text in [
            "",
            ".",
            "User.",
            "a b/access",
            "/access",
            "a/",
            "a/b/c",
            "User Read",
            "User.Read.All ",
            "https://graph.microsoft.com/.default",
        ] {
            assert!(PermissionName::from_text(text).is_err(), "{text}");
        }
    }
}
