//! What a body says of a registration: the whole of it for POST, a change for PATCH.

use slipway_model::{
    AccessTokenVersion, Client, ClientId, ExposedScope, Platform, RedirectUri, RequiredResourceAccess,
    SignInAudience,
};

use super::credentials::{KeyWish, PasswordWish, certificates};
use super::redirect;
use crate::fault::{Fault, echo};
use crate::object::{Object, invalid_value};

/// Longest name of an application.
const LONGEST_NAME: usize = 256;

/// Most values of a collection that has no other limit.
const MOST: usize = 100;

const SERVED: [&str; 13] = [
    "api",
    "appId",
    "displayName",
    "id",
    "identifierUris",
    "isFallbackPublicClient",
    "keyCredentials",
    "passwordCredentials",
    "publicClient",
    "requiredResourceAccess",
    "signInAudience",
    "spa",
    "web",
];

/// What only describes an application; it is passed over.
const DESCRIPTIONS: [&str; 15] = [
    "addIns",
    "certification",
    "createdDateTime",
    "defaultRedirectUri",
    "deletedDateTime",
    "description",
    "disabledByMicrosoftStatus",
    "info",
    "logo",
    "notes",
    "publisherDomain",
    "serviceManagementReference",
    "servicePrincipalLockConfiguration",
    "tags",
    "verifiedPublisher",
];

/// What would change how sign-in goes.
const UNSERVED: [&str; 11] = [
    "appRoles",
    "applicationTemplateId",
    "authenticationBehaviors",
    "groupMembershipClaims",
    "isDeviceOnlyAuthSupported",
    "oauth2RequirePostResponse",
    "optionalClaims",
    "parentalControlSettings",
    "requestSignatureVerification",
    "samlMetadataUrl",
    "tokenEncryptionKeyId",
];

/// What is sent; none = it stays as it is.
#[derive(Debug, Default)]
pub(super) struct Change {
    pub(super) display_name: Option<String>,
    sign_in_audience: Option<SignInAudience>,
    redirect_uris: Vec<(Platform, Vec<RedirectUri>)>,
    is_fallback_public_client: Option<bool>,
    pub(super) identifier_uris: Option<Vec<String>>,
    exposed_scopes: Option<Vec<ExposedScope>>,
    access_token_version: Option<AccessTokenVersion>,
    required: Option<Vec<RequiredResourceAccess>>,
    pub(super) passwords: Option<Vec<PasswordWish>>,
    keys: Option<Vec<KeyWish>>,
}

impl Change {
    pub(super) fn read(body: &[u8]) -> Result<Self, Fault> {
        let object = Object::parse(body)?;
        object.check(&[&SERVED[..], &DESCRIPTIONS, &UNSERVED].concat())?;
        object.check_unserved(&UNSERVED)?;
        let mut change = Self {
            display_name: name(&object)?,
            sign_in_audience: audience(&object)?,
            is_fallback_public_client: object.read("isFallbackPublicClient", "true or false")?,
            identifier_uris: identifiers(&object)?,
            required: required(&object)?,
            passwords: passwords(&object)?,
            keys: KeyWish::read_all(&object)?,
            ..Self::default()
        };
        for (name, platform) in redirect::PLATFORMS {
            let Some(uris) = object.object(name)?.map(|at| read_platform(&at)).transpose()?.flatten() else {
                continue;
            };
            change.redirect_uris.push((platform, redirect::redirect_uris(platform, uris)?));
        }
        if let Some(api) = object.object("api")? {
            change.read_api(&api)?;
        }
        Ok(change)
    }

    fn read_api(&mut self, api: &Object<'_>) -> Result<(), Fault> {
        const UNSERVED: [&str; 3] =
            ["acceptMappedClaims", "knownClientApplications", "preAuthorizedApplications"];
        const VERSION: &str = "requestedAccessTokenVersion";
        api.check(&[&UNSERVED[..], &[VERSION, "oauth2PermissionScopes"]].concat())?;
        api.check_unserved(&UNSERVED)?;
        self.access_token_version = match api.get(VERSION).map(serde_json::value::RawValue::get) {
            None => None,
            Some("null" | "1") => Some(AccessTokenVersion::V1),
            Some("2") => Some(AccessTokenVersion::V2),
            Some(_) => return Err(invalid_value(VERSION, "1, 2 or null")),
        };
        if api.get("oauth2PermissionScopes").is_some() {
            self.exposed_scopes = Some(exposed_scopes(api)?);
        }
        Ok(())
    }

    /// The client with the change, but for its secrets.
    pub(super) fn applied(&self, mut client: Client) -> Result<Client, Fault> {
        fn set<T: Clone>(to: &mut T, value: Option<&T>) {
            if let Some(value) = value {
                to.clone_from(value);
            }
        }
        set(&mut client.display_name, self.display_name.as_ref());
        set(&mut client.sign_in_audience, self.sign_in_audience.as_ref());
        set(&mut client.is_fallback_public_client, self.is_fallback_public_client.as_ref());
        set(&mut client.identifier_uris, self.identifier_uris.as_ref());
        set(&mut client.exposed_scopes, self.exposed_scopes.as_ref());
        set(&mut client.access_token_version, self.access_token_version.as_ref());
        set(&mut client.required_resource_access, self.required.as_ref());
        for (platform, uris) in &self.redirect_uris {
            redirect::replace(&mut client.redirect_uris, (*platform, uris));
        }
        redirect::check_number(&client.redirect_uris)?;
        if let Some(keys) = &self.keys {
            client.certificates = certificates(&client, keys)?;
        }
        Ok(client)
    }
}

fn name(object: &Object<'_>) -> Result<Option<String>, Fault> {
    let name: Option<String> = object.read("displayName", "a text")?;
    match &name {
        Some(text)
            if text.trim().is_empty()
                || text.chars().count() > LONGEST_NAME
                || text.chars().any(char::is_control) =>
        {
            Err(invalid_value("displayName", "1 to 256 characters, none of them a control character"))
        }
        _ => Ok(name),
    }
}

fn audience(object: &Object<'_>) -> Result<Option<SignInAudience>, Fault> {
    const FORM: &str =
        "AzureADMyOrg, AzureADMultipleOrgs, AzureADandPersonalMicrosoftAccount or PersonalMicrosoftAccount";
    let text: Option<String> = object.read("signInAudience", FORM)?;
    let parse =
        |text: String| SignInAudience::parse(&text).ok_or_else(|| invalid_value("signInAudience", FORM));
    text.map(parse).transpose()
}

/// `redirectUris` of a platform, if they are sent. Neither a home page nor an address for logging out does anything
/// here, and tokens are not issued implicitly.
fn read_platform(platform: &Object<'_>) -> Result<Option<Vec<String>>, Fault> {
    platform.check(&[
        "homePageUrl",
        "implicitGrantSettings",
        "logoutUrl",
        "redirectUriSettings",
        "redirectUris",
    ])?;
    if let Some(implicit) = platform.object("implicitGrantSettings")? {
        implicit.check_unserved(&["enableAccessTokenIssuance", "enableIdTokenIssuance"])?;
    }
    platform.read("redirectUris", "a list of texts")
}

fn identifiers(object: &Object<'_>) -> Result<Option<Vec<String>>, Fault> {
    let uris: Option<Vec<String>> = object.read("identifierUris", "a list of texts")?;
    for uri in uris.iter().flatten() {
        redirect::check_identifier(uri)?;
    }
    if uris.as_ref().is_some_and(|uris| uris.len() > MOST) {
        return Err(invalid_value("identifierUris", "at most 100 URIs"));
    }
    Ok(uris)
}

fn passwords(object: &Object<'_>) -> Result<Option<Vec<PasswordWish>>, Fault> {
    if object.get("passwordCredentials").is_none() {
        return Ok(None);
    }
    let wishes = object.objects("passwordCredentials")?;
    wishes.iter().map(PasswordWish::read).collect::<Result<_, _>>().map(Some)
}

fn guid(object: &Object<'_>, name: &str) -> Result<String, Fault> {
    let text: Option<String> = object.read(name, "a GUID")?;
    let id = text.and_then(|text| ClientId::parse(&text).ok()).filter(ClientId::is_guid);
    Ok(id.ok_or_else(|| invalid_value(name, "a GUID"))?.as_str().to_owned())
}

/// The scopes that the application offers. One that is disabled is not offered, so it is left out.
fn exposed_scopes(api: &Object<'_>) -> Result<Vec<ExposedScope>, Fault> {
    let mut scopes: Vec<ExposedScope> = Vec::new();
    for scope in api.objects("oauth2PermissionScopes")? {
        scope.check(&[
            "adminConsentDescription",
            "adminConsentDisplayName",
            "id",
            "isEnabled",
            "origin",
            "type",
            "userConsentDescription",
            "userConsentDisplayName",
            "value",
        ])?;
        let (id, value) = (guid(&scope, "id")?, scope.read::<String>("value", "a name")?.unwrap_or_default());
        let is_name = !value.is_empty()
            && value.len() <= 120
            && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-:".contains(&b));
        if !is_name {
            return Err(invalid_value("value", "letters, digits and ._-:, at most 120"));
        }
        let kind: Option<String> = scope.read("type", "User or Admin")?;
        let users_may_consent = match kind.as_deref() {
            Some("User") => true,
            None | Some("Admin") => false,
            Some(_) => return Err(invalid_value("type", "User or Admin")),
        };
        let title: Option<String> = scope.read("adminConsentDisplayName", "a text")?;
        let display_name = title.unwrap_or_else(|| value.clone());
        if scopes.iter().any(|known| known.id == id || known.value.eq_ignore_ascii_case(&value)) {
            return Err(Fault::bad_request(format!("The scope '{}' is there twice.", echo(&value))));
        }
        if scope.read("isEnabled", "true or false")?.unwrap_or(true) {
            scopes.push(ExposedScope { id, value, display_name, users_may_consent });
        }
    }
    if scopes.len() > MOST {
        return Err(invalid_value("oauth2PermissionScopes", "at most 100 scopes"));
    }
    Ok(scopes)
}

fn required(object: &Object<'_>) -> Result<Option<Vec<RequiredResourceAccess>>, Fault> {
    if object.get("requiredResourceAccess").is_none() {
        return Ok(None);
    }
    let mut all = Vec::new();
    for required in object.objects("requiredResourceAccess")? {
        required.check(&["resourceAccess", "resourceAppId"])?;
        let resource = guid(&required, "resourceAppId")?;
        let (mut scopes, mut roles) = (Vec::new(), Vec::new());
        for access in required.objects("resourceAccess")? {
            access.check(&["id", "type"])?;
            match access.read::<String>("type", "Scope or Role")?.as_deref() {
                Some("Scope") => scopes.push(guid(&access, "id")?),
                Some("Role") => roles.push(guid(&access, "id")?),
                _ => return Err(invalid_value("type", "Scope or Role")),
            }
        }
        if scopes.len() + roles.len() > 4 * MOST {
            return Err(invalid_value("resourceAccess", "at most 400 permissions"));
        }
        all.push(RequiredResourceAccess { resource, scopes, roles });
    }
    if all.len() > MOST {
        return Err(invalid_value("requiredResourceAccess", "at most 100 APIs"));
    }
    Ok(Some(all))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(body: &Value) -> Result<Change, Fault> {
        Change::read(body.to_string().as_bytes())
    }

    fn applied(body: &Value) -> Client {
        let client = Client::new(ClientId::parse("c").unwrap(), "before");
        read(body).unwrap().applied(client).unwrap()
    }

    #[test]
    fn what_is_sent_is_taken_and_the_rest_stays() {
        let client = applied(&json!({
            "displayName": "Orders",
            "signInAudience": "AzureADMultipleOrgs",
            "web": {"redirectUris": ["https://orders.example/back", "https://orders.example/back"],
                "implicitGrantSettings": {"enableIdTokenIssuance": false}},
            "publicClient": {"redirectUris": ["http://localhost"]},
            "isFallbackPublicClient": true,
            "identifierUris": ["api://orders"],
            "api": {"requestedAccessTokenVersion": 2, "oauth2PermissionScopes": [
                {"id": "51190000-0000-4000-8000-0000000000AA", "value": "read", "type": "User",
                    "adminConsentDisplayName": "Read", "isEnabled": true},
                {"id": "51190000-0000-4000-8000-0000000000ab", "value": "old", "isEnabled": false}]},
            "requiredResourceAccess": [{"resourceAppId": "00000003-0000-0000-c000-000000000000",
                "resourceAccess": [{"id": "e1fe6dd8-ba31-4d61-89e7-88639da4683d", "type": "Scope"}]}],
            "tags": ["x"], "appRoles": [], "optionalClaims": null
        }));
        assert_eq!(client.display_name, "Orders");
        assert_eq!(client.sign_in_audience, SignInAudience::Organizations);
        assert_eq!(client.redirect_uris.len(), 2);
        assert_eq!(client.access_token_version, AccessTokenVersion::V2);
        assert_eq!(client.exposed_scopes.len(), 1);
        assert_eq!(client.exposed_scopes[0].id, "51190000-0000-4000-8000-0000000000aa");
        assert_eq!(client.required_resource_access[0].scopes.len(), 1);
        let same = read(&json!({"web": {"redirectUris": []}})).unwrap().applied(client.clone()).unwrap();
        assert_eq!(same.redirect_uris.len(), 1, "those of other platforms stay");
        assert_eq!(same.display_name, "Orders");
        assert_eq!(read(&json!({})).unwrap().applied(client.clone()).unwrap(), client);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let guid = "51190000-0000-4000-8000-0000000000aa";
        for (body, named) in [
            (json!({"color": 1}), "'color'"),
            (json!({"displayName": " "}), "'displayName'"),
            (json!({"displayName": "x".repeat(257)}), "'displayName'"),
            (json!({"signInAudience": "Everybody"}), "'signInAudience'"),
            (json!({"web": {"redirectUris": ["http://orders.example"]}}), "http://orders.example"),
            (json!({"web": {"redirectUris": "x"}}), "'redirectUris'"),
            (json!({"web": {"implicitGrantSettings": {"enableIdTokenIssuance": true}}}), "enableIdToken"),
            (json!({"appRoles": [{"id": guid}]}), "'appRoles'"),
            (json!({"api": {"requestedAccessTokenVersion": 3}}), "requestedAccessTokenVersion"),
            (json!({"api": {"preAuthorizedApplications": [{}]}}), "preAuthorizedApplications"),
            (json!({"api": {"oauth2PermissionScopes": [{"id": "x", "value": "a"}]}}), "'id'"),
            (json!({"api": {"oauth2PermissionScopes": [{"id": guid, "value": "a/b"}]}}), "'value'"),
            (json!({"identifierUris": ["orders"]}), "orders"),
            (json!({"requiredResourceAccess": [{"resourceAppId": "x"}]}), "'resourceAppId'"),
            (json!({"passwordCredentials": [{"secretText": "mine"}]}), "'secretText'"),
            (json!({"keyCredentials": [{"key": "AAAA"}]}), "keyCredential"),
            (json!({"keyCredentials": [{"type": "Symmetric"}]}), "'type'"),
            (json!({"keyCredentials": [{}]}), "'key'"),
        ] {
            let fault = read(&body).unwrap_err();
            assert_eq!(fault.status(), 400, "{body}");
            assert!(fault.wording().message.contains(named), "{body}: {}", fault.wording().message);
        }
        let many: Vec<_> = (0..257).map(|n| format!("https://orders.example/{n}")).collect();
        let change = read(&json!({"web": {"redirectUris": many}})).unwrap();
        let client = Client::new(ClientId::parse("c").unwrap(), "c");
        assert!(change.applied(client).is_err());
    }
}
