//! What tokens say, and making them. Access tokens for Graph carry Entra's v1.0 claims, id tokens its v2.0
//! claims.
//!
//! Source: "Access token claims reference" and "ID token claims reference" of the Microsoft identity platform.
//! A claim is left out where there is no value for it, as Entra does.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Serialize;
use slipway_model::{AccessTokenVersion, Client, TenantId, User};

use crate::token::{GRAPH, PERSONAL_TENANT};
use crate::{KeyFault, KeyRing};

/// `expires_in` of a token response, in seconds: Entra names one second less than the hour that is left.
pub const EXPIRES_IN: u32 = 3599;

/// From now to `exp`, in seconds.
const LIFETIME: i64 = 3600;

/// How far `iat` and `nbf` lie back, in seconds, so that a server whose clock is behind takes the token too.
/// The sample tokens on Microsoft's pages span 3900 seconds for the same reason.
const BACKDATING: i64 = 300;

/// For whom and when a token is made.
#[derive(Clone, Copy)]
pub struct Mint<'a> {
    /// The tenant that signs the client or user in.
    pub tenant: &'a TenantId,
    /// The client that asked.
    pub client: &'a Client,
    /// The time of the request.
    pub now: Timestamp,
    /// The token's own id, from [`crate::Ids::uti`].
    pub uti: &'a str,
    /// The sign-in that the token belongs to, and ends with.
    pub session: Option<&'a str>,
}

/// An access token for another API than Graph, or one that tests forge.
#[derive(Clone, Copy)]
pub struct Access<'a> {
    /// `aud`.
    pub audience: &'a str,
    /// Which claims.
    pub version: AccessTokenVersion,
    /// The issuer of version 2, which [`issuer`] gives.
    pub issuer: &'a str,
    /// Whom the client acts for.
    pub subject: Subject<'a>,
    /// Instead of the usual times, as only forged tokens have them: from when to when it is good.
    pub times: Option<(Timestamp, Timestamp)>,
    /// Whose accounts.
    pub account: Account,
}

/// Whom a client acts for.
#[derive(Clone, Copy)]
pub enum Subject<'a> {
    /// Itself, with these roles.
    Application(&'a [String]),
    /// A user, within these scopes.
    User(&'a User, &'a [String]),
}

/// Whose account a token says it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// The tenant's.
    Organization,
    /// A Microsoft account of a person, which only forged tokens are of.
    Personal,
}

/// What an id token says beside who signed in.
#[derive(Clone, Copy)]
pub struct IdToken<'a> {
    /// What [`issuer`] gives for the URL that the client used.
    pub issuer: &'a str,
    /// The client's own, if it sent one.
    pub nonce: Option<&'a str>,
    /// When the user proved themselves, if that was on a page.
    pub signed_in_at: Option<Timestamp>,
    /// The code that goes out beside it, for `c_hash`.
    pub code: Option<&'a str>,
}

impl<'a> IdToken<'a> {
    /// One of the issuer that says nothing more.
    #[must_use]
    pub fn of(issuer: &'a str) -> Self {
        Self { issuer, nonce: None, signed_in_at: None, code: None }
    }
}

#[derive(Serialize)]
struct AccessClaims<'a> {
    aud: &'a str,
    iss: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    app_displayname: &'a str,
    appid: &'a str,
    appidacr: &'a str,
    idp: String,
    idtyp: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    oid: String,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    roles: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    scp: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slipway_forged: Option<bool>,
    sub: String,
    tid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    unique_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upn: Option<&'a str>,
    uti: &'a str,
    ver: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    wids: &'a [String],
}

/// What version 2 has of the same.
#[derive(Serialize)]
struct SecondClaims<'a> {
    aud: &'a str,
    iss: &'a str,
    iat: i64,
    nbf: i64,
    exp: i64,
    azp: &'a str,
    azpacr: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    idp: Option<&'a str>,
    idtyp: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    oid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    preferred_username: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    roles: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    scp: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slipway_forged: Option<bool>,
    sub: &'a str,
    tid: &'a str,
    uti: &'a str,
    ver: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    wids: &'a [String],
}

impl<'a> SecondClaims<'a> {
    fn of(claims: &'a AccessClaims<'a>, access: &'a Access<'a>) -> Self {
        Self {
            aud: claims.aud,
            iss: access.issuer,
            iat: claims.iat,
            nbf: claims.nbf,
            exp: claims.exp,
            azp: claims.appid,
            azpacr: claims.appidacr,
            idp: (access.account == Account::Personal).then_some(claims.idp.as_str()),
            idtyp: claims.idtyp,
            name: claims.name,
            oid: &claims.oid,
            preferred_username: claims.upn,
            roles: claims.roles,
            scp: claims.scp.as_deref(),
            sid: claims.sid,
            slipway_forged: claims.slipway_forged,
            sub: &claims.sub,
            tid: claims.tid,
            uti: claims.uti,
            ver: "2.0",
            wids: claims.wids,
        }
    }
}

#[derive(Serialize)]
struct IdClaims<'a> {
    aud: &'a str,
    iss: &'a str,
    iat: i64,
    nbf: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    c_hash: Option<String>,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    oid: &'a str,
    preferred_username: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    sub: String,
    tid: &'a str,
    uti: &'a str,
    ver: &'a str,
}

impl<'a> Mint<'a> {
    /// The claims of a token for the client itself: `oid` and `sub` are its service principal's id.
    fn application(&self) -> AccessClaims<'a> {
        let iss = format!("https://sts.windows.net/{}/", self.tenant);
        let client = self.client;
        let oid = client.service_principal_id().as_str().to_owned();
        AccessClaims {
            aud: GRAPH,
            idp: iss.clone(),
            iss,
            iat: self.issued(),
            nbf: self.issued(),
            exp: self.expiry(),
            app_displayname: &client.display_name,
            appid: client.id.as_str(),
            appidacr: if client.is_confidential() { "1" } else { "0" },
            idtyp: "app",
            name: None,
            sub: oid.clone(),
            oid,
            roles: &client.application_permissions,
            scp: None,
            sid: self.session,
            slipway_forged: None,
            tid: self.tenant.as_str(),
            unique_name: None,
            upn: None,
            uti: self.uti,
            ver: "1.0",
            wids: &[],
        }
    }

    fn user(&self, user: &'a User, scopes: &[String]) -> AccessClaims<'a> {
        let upn = user.user_principal_name.as_str();
        AccessClaims {
            idtyp: "user",
            name: Some(&user.display_name),
            oid: user.id.as_str().to_owned(),
            roles: &[],
            scp: Some(scopes.join(" ")),
            sub: self.pairwise(user),
            unique_name: Some(upn),
            upn: Some(upn),
            wids: &user.directory_roles,
            ..self.application()
        }
    }

    fn access(&self, access: &Access<'a>) -> AccessClaims<'a> {
        let claims = match access.subject {
            Subject::Application(roles) => AccessClaims { roles, ..self.application() },
            Subject::User(user, scopes) => self.user(user, scopes),
        };
        let (from, until) = match access.times {
            Some((from, until)) => (from.as_second(), until.as_second()),
            None => (claims.nbf, claims.exp),
        };
        let slipway_forged = access.times.map(|_| true);
        let claims =
            AccessClaims { aud: access.audience, iat: from, nbf: from, exp: until, slipway_forged, ..claims };
        match access.account {
            Account::Organization => claims,
            Account::Personal => AccessClaims {
                idp: "live.com".to_owned(),
                iss: format!("https://sts.windows.net/{PERSONAL_TENANT}/"),
                tid: PERSONAL_TENANT,
                ..claims
            },
        }
    }

    fn issued(&self) -> i64 {
        self.now.as_second().saturating_sub(BACKDATING)
    }

    fn expiry(&self) -> i64 {
        self.now.as_second().saturating_add(LIFETIME)
    }

    /// `sub`: one value for each pair of user and client, always the same, 43 characters.
    #[must_use]
    pub fn pairwise(&self, user: &User) -> String {
        let parts = [self.tenant.folded(), self.client.id.folded(), user.id.folded()];
        URL_SAFE_NO_PAD.encode(digest(&SHA256, parts.join("\n").as_bytes()))
    }
}

impl KeyRing {
    /// A token with which the client acts for itself. Its roles are the client's application permissions as they
    /// stand now.
    ///
    /// # Errors
    /// [`KeyFault::Refused`] when the library cannot sign.
    pub fn application_token(&self, mint: &Mint<'_>) -> Result<String, KeyFault> {
        self.sign(&mint.application())
    }

    /// A token with which the client acts for the user, within the scopes.
    ///
    /// # Errors
    /// [`KeyFault::Refused`] when the library cannot sign.
    pub fn user_token(&self, mint: &Mint<'_>, user: &User, scopes: &[String]) -> Result<String, KeyFault> {
        self.sign(&mint.user(user, scopes))
    }

    /// A token for an API of a client, or one that a test wants.
    ///
    /// # Errors
    /// [`KeyFault::Refused`] when the library cannot sign.
    pub fn access_token(&self, mint: &Mint<'_>, access: &Access<'_>) -> Result<String, KeyFault> {
        let claims = mint.access(access);
        match access.version {
            AccessTokenVersion::V1 => self.sign(&claims),
            AccessTokenVersion::V2 => self.sign(&SecondClaims::of(&claims, access)),
        }
    }

    /// Tells the client who signed in.
    ///
    /// # Errors
    /// [`KeyFault::Refused`] when the library cannot sign.
    pub fn id_token(&self, mint: &Mint<'_>, user: &User, said: &IdToken<'_>) -> Result<String, KeyFault> {
        self.sign(&IdClaims {
            aud: mint.client.id.as_str(),
            iss: said.issuer,
            iat: mint.issued(),
            nbf: mint.issued(),
            exp: mint.expiry(),
            auth_time: said.signed_in_at.map(Timestamp::as_second),
            c_hash: said.code.map(half_hash),
            name: &user.display_name,
            nonce: said.nonce,
            oid: user.id.as_str(),
            preferred_username: user.user_principal_name.as_str(),
            sid: mint.session,
            sub: mint.pairwise(user),
            tid: mint.tenant.as_str(),
            uti: mint.uti,
            ver: "2.0",
        })
    }
}

/// `c_hash`: the first half of the code's SHA-256. Source: OpenID Connect Core 1.0, 3.3.2.11.
fn half_hash(code: &str) -> String {
    let hash = digest(&SHA256, code.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.as_ref().get(..16).unwrap_or_default())
}

/// The issuer of id tokens, also shown by the OpenID configuration; `base` is scheme and host without a slash at
/// the end.
#[must_use]
pub fn issuer(base: &str, tenant: &TenantId) -> String {
    format!("{base}/{tenant}/v2.0")
}

/// `client_info` of a delegated token response: whose account the tokens are, in base64 of
/// `{"uid":"{oid}","utid":"{tid}"}`. MSAL keys its cache with it.
#[must_use]
pub fn client_info(tenant: &TenantId, user: &User) -> String {
    // Ids hold no character that JSON escapes.
    URL_SAFE_NO_PAD.encode(format!(r#"{{"uid":"{}","utid":"{tenant}"}}"#, user.id))
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::{Value, json};
    use slipway_model::{ClientId, ClientSecret, UserId, UserPrincipalName};

    use super::*;
    use crate::key::tests::key;

    pub(crate) const TENANT: &str = "51190000-0000-4000-8000-000000000001";
    pub(crate) const NOW: i64 = 1_795_341_600;

    pub(crate) fn tenant() -> TenantId {
        TenantId::parse(TENANT).unwrap()
    }

    pub(crate) fn client() -> Client {
        Client {
            secrets: vec![ClientSecret::of_hash("00".into())],
            application_permissions: vec![
                "User.Read.All".into(),
                "AppCatalog.ReadWrite.All".into(),
                "Mail.Read".into(),
            ],
            ..Client::new(ClientId::parse("51190000-0000-4000-8000-00000000a001").unwrap(), "Automation")
        }
    }

    pub(crate) fn user() -> User {
        User {
            id: UserId::parse("51190000-0000-4000-8000-0000000e0001").unwrap(),
            user_principal_name: UserPrincipalName::parse("admin@contoso.example").unwrap(),
            display_name: "Ada Admin".into(),
            given_name: None,
            surname: None,
            mail: None,
            job_title: None,
            mobile_phone: None,
            office_location: None,
            preferred_language: None,
            business_phones: vec![],
            account_enabled: true,
            directory_roles: vec![User::TEAMS_ADMINISTRATOR.into()],
            password_hash: None,
            user_type: slipway_model::UserType::Member,
            has_teams_licence: true,
            policy: slipway_model::AppPermissionPolicy::default(),
        }
    }

    pub(crate) fn mint<'a>(tenant: &'a TenantId, client: &'a Client) -> Mint<'a> {
        Mint {
            tenant,
            client,
            now: Timestamp::from_second(NOW).unwrap(),
            uti: "CNpO92tHWES5Zey5OtanAA",
            session: None,
        }
    }

    fn payload(token: &str) -> Value {
        let part = token.split('.').nth(1).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }

    #[test]
    fn an_application_token_says_what_entra_says() {
        let (ring, tenant, client) = (KeyRing::new(key(0), vec![]), tenant(), client());
        let token = ring.application_token(&mint(&tenant, &client)).unwrap();
        let expected = json!({
            "aud": "https://graph.microsoft.com",
            "iss": "https://sts.windows.net/51190000-0000-4000-8000-000000000001/",
            "iat": NOW - 300,
            "nbf": NOW - 300,
            "exp": NOW + 3600,
            "app_displayname": "Automation",
            "appid": "51190000-0000-4000-8000-00000000a001",
            "appidacr": "1",
            "idp": "https://sts.windows.net/51190000-0000-4000-8000-000000000001/",
            "idtyp": "app",
            "oid": "51190000-0000-4000-8000-51900000a001",
            "roles": ["User.Read.All", "AppCatalog.ReadWrite.All", "Mail.Read"],
            "sub": "51190000-0000-4000-8000-51900000a001",
            "tid": TENANT,
            "uti": "CNpO92tHWES5Zey5OtanAA",
            "ver": "1.0",
        });
        assert_eq!(payload(&token), expected);
    }

    #[test]
    fn a_user_token_says_who_the_user_is() {
        let (ring, tenant) = (KeyRing::new(key(0), vec![]), tenant());
        let public = Client { secrets: vec![], ..client() };
        let scopes = ["User.Read".to_owned(), "openid".to_owned()];
        let claims = payload(&ring.user_token(&mint(&tenant, &public), &user(), &scopes).unwrap());
        let expected = json!({
            "appidacr": "0",
            "idtyp": "user",
            "name": "Ada Admin",
            "oid": "51190000-0000-4000-8000-0000000e0001",
            "scp": "User.Read openid",
            "unique_name": "admin@contoso.example",
            "upn": "admin@contoso.example",
            "wids": ["69091246-20e8-4a56-aa4d-066075b2a7a8"],
        });
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&claims[name], value, "{name}");
        }
        assert_eq!(claims.get("roles"), None);
        assert_eq!(claims["sub"].as_str().unwrap().len(), 43);
    }

    #[test]
    fn an_api_gets_the_version_that_it_says() {
        let (ring, tenant, client) = (KeyRing::new(key(0), vec![]), tenant(), client());
        let (issuer, scopes) = (issuer("https://localhost", &tenant), ["access_as_user".to_owned()]);
        let mint = Mint { session: Some("s1"), ..mint(&tenant, &client) };
        let user = user();
        let access = |version, account| Access {
            audience: "api://tasks",
            version,
            issuer: &issuer,
            subject: Subject::User(&user, &scopes),
            times: None,
            account,
        };
        let made = |version, account| payload(&ring.access_token(&mint, &access(version, account)).unwrap());
        let first = made(AccessTokenVersion::V1, Account::Organization);
        assert_eq!((&first["ver"], &first["appid"]), (&json!("1.0"), &json!(client.id.as_str())));
        assert_eq!(
            (&first["aud"], &first["scp"], &first["sid"]),
            (&json!("api://tasks"), &json!("access_as_user"), &json!("s1"))
        );
        let second = made(AccessTokenVersion::V2, Account::Organization);
        let expected = json!({
            "aud": "api://tasks",
            "iss": format!("https://localhost/{TENANT}/v2.0"),
            "iat": NOW - 300,
            "nbf": NOW - 300,
            "exp": NOW + 3600,
            "azp": client.id.as_str(),
            "azpacr": "1",
            "idtyp": "user",
            "name": "Ada Admin",
            "oid": user.id.as_str(),
            "preferred_username": "admin@contoso.example",
            "scp": "access_as_user",
            "sid": "s1",
            "sub": first["sub"],
            "tid": TENANT,
            "uti": "CNpO92tHWES5Zey5OtanAA",
            "ver": "2.0",
            "wids": ["69091246-20e8-4a56-aa4d-066075b2a7a8"],
        });
        assert_eq!(second, expected);
        let personal = made(AccessTokenVersion::V1, Account::Personal);
        assert_eq!((&personal["tid"], &personal["idp"]), (&json!(PERSONAL_TENANT), &json!("live.com")));
    }

    #[test]
    fn an_id_token_is_for_the_client_and_carries_its_nonce() {
        let (ring, tenant, client) = (KeyRing::new(key(0), vec![]), tenant(), client());
        let mint = mint(&tenant, &client);
        let from = issuer("http://localhost:8365", &tenant);
        let said = IdToken {
            nonce: Some("n1"),
            code: Some("Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk"),
            ..IdToken::of(&from)
        };
        let claims = payload(&ring.id_token(&mint, &user(), &said).unwrap());
        // The example of OpenID Connect Core 1.0, A.4.
        assert_eq!(claims["c_hash"], "LDktKdoQak3Pk0cnXxCltA");
        assert_eq!(claims["aud"], client.id.as_str());
        assert_eq!(claims["iss"], format!("http://localhost:8365/{TENANT}/v2.0"));
        assert_eq!((&claims["nonce"], &claims["ver"]), (&json!("n1"), &json!("2.0")));
        assert_eq!(claims["preferred_username"], "admin@contoso.example");
        let without = payload(&ring.id_token(&mint, &user(), &IdToken::of(&from)).unwrap());
        assert_eq!(without.get("nonce"), None);
    }

    #[test]
    fn the_subject_is_the_same_for_one_client_and_another_for_another() {
        let (tenant, one) = (tenant(), client());
        let other = Client { id: ClientId::parse("other").unwrap(), ..client() };
        assert_eq!(mint(&tenant, &one).pairwise(&user()), mint(&tenant, &one).pairwise(&user()));
        assert_ne!(mint(&tenant, &one).pairwise(&user()), mint(&tenant, &other).pairwise(&user()));
    }

    #[test]
    fn client_info_names_user_and_tenant() {
        let info = URL_SAFE_NO_PAD.decode(client_info(&tenant(), &user())).unwrap();
        let expected = json!({"uid": user().id.as_str(), "utid": TENANT});
        assert_eq!(serde_json::from_slice::<Value>(&info).unwrap(), expected);
    }
}
