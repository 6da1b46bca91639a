//! Verifying access tokens: text from a client becomes a [`Caller`], or a [`TokenFault`].

use std::fmt;

use jiff::Timestamp;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use slipway_model::{ClientId, Permissions, TenantId, UserId};

use crate::jws::Jws;
use crate::{Caller, KeyRing};

/// `aud` of Graph's tokens.
pub const GRAPH: &str = "https://graph.microsoft.com";

/// Application id of Microsoft Graph, which may stand in `aud` in place of [`GRAPH`].
pub(crate) const GRAPH_APPLICATION: &str = "00000003-0000-0000-c000-000000000000";

/// The tenant of Microsoft accounts of people.
pub(crate) const PERSONAL_TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// `idp` of such accounts, whatever the tenant that they visit.
const PERSONAL_PROVIDER: &str = "live.com";

/// Longest token that is looked at, in bytes; one with every permission that there is has a third of it.
const MAX_LENGTH: usize = 16 * 1024;

/// Why a token is not accepted. All of them are a 401; Graph words them differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFault {
    /// There is no token.
    Empty,
    /// Not three parts of base64 with the JSON that a token has.
    Malformed,
    /// Names a key that the ring does not have.
    UnknownKey,
    /// Not signed with RS256 by the key that it names, or changed since.
    BadSignature,
    /// `exp` has come.
    Expired,
    /// `nbf` has not come.
    NotYetValid,
    /// `aud` is not Microsoft Graph.
    WrongAudience,
    /// `iss` is not of the tenant in `tid`, or there is no such tenant.
    UnknownIssuer,
    /// The sign-in that the token is part of was ended.
    Revoked,
    /// The token is of a Microsoft account of a person, which no operation here takes.
    PersonalAccount,
}

impl fmt::Display for TokenFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "there is no access token",
            Self::Malformed => "the access token is not well formed",
            Self::UnknownKey | Self::BadSignature => "the access token is not signed by a key of this server",
            Self::Expired => "the access token has expired",
            Self::NotYetValid => "the access token is not valid yet",
            Self::WrongAudience => "the access token is not for Microsoft Graph",
            Self::UnknownIssuer => "the access token is of an unknown tenant",
            Self::Revoked => "the sign-in of the access token was ended",
            Self::PersonalAccount => "the access token is of a personal account",
        })
    }
}

impl std::error::Error for TokenFault {}

/// The claims that are read, of version 1 and 2. All that another kind of token may lack are optional, so that an id
/// token is refused for its audience and not for its form.
#[derive(Deserialize)]
pub(crate) struct Claims {
    pub(crate) aud: String,
    pub(crate) iss: String,
    pub(crate) nbf: Option<i64>,
    pub(crate) exp: i64,
    pub(crate) tid: String,
    appid: Option<String>,
    azp: Option<String>,
    idp: Option<String>,
    idtyp: Option<SubjectKind>,
    oid: Option<String>,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    scp: String,
    sid: Option<String>,
    #[serde(default)]
    slipway_forged: bool,
    #[serde(default)]
    wids: Vec<String>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum SubjectKind {
    App,
    User,
}

/// A token that another API got, which its client presents to act for the same user.
#[derive(Debug)]
pub struct UserAssertion {
    /// `aud`.
    pub audience: String,
    /// Who the token says is calling.
    pub caller: Caller,
}

impl KeyRing {
    /// Verifies a bearer token, without the scheme in front of it. An RSA check costs far more than a look-up, so
    /// the outcome is worth keeping. Signature, times, audience and issuer are looked at in this order, as
    /// Microsoft's own token library does.
    ///
    /// The host in `iss` is not looked at: clients reach this server by several names.
    ///
    /// # Errors
    /// The first [`TokenFault`]. Whether the tenant and the client still exist is for the caller to find out.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Caller, TokenFault> {
        let claims = self.signed_claims(token)?;
        claims.check_time(now, 0)?;
        claims.check_audience()?;
        claims.check_tenant()?;
        claims.into_caller()
    }

    /// Verifies the token that comes as `assertion` of a request on behalf of its user. Whether it was for the client
    /// that presents it is for the caller to find out.
    ///
    /// # Errors
    /// The first [`TokenFault`].
    pub fn verify_assertion(&self, token: &str, now: Timestamp) -> Result<UserAssertion, TokenFault> {
        let claims = self.signed_claims(token)?;
        claims.check_time(now, 0)?;
        claims.check_tenant()?;
        let audience = claims.aud.clone();
        Ok(UserAssertion { audience, caller: claims.into_caller()? })
    }

    fn signed_claims(&self, token: &str) -> Result<Claims, TokenFault> {
        let jws = read(token)?;
        // The key decides which algorithm is right, never the token: otherwise `none` would pass, and so would
        // HS256 with the public key as its secret.
        if jws.header.alg != "RS256" {
            return Err(TokenFault::BadSignature);
        }
        let kid = jws.header.kid.as_deref().ok_or(TokenFault::BadSignature)?;
        let key = self.decoding_key(kid).ok_or(TokenFault::UnknownKey)?;
        if !jws.is_signed_by(key, &[Algorithm::RS256]) {
            return Err(TokenFault::BadSignature);
        }
        jws.claims().ok_or(TokenFault::Malformed)
    }
}

/// Takes an access token apart.
pub(crate) fn read(token: &str) -> Result<Jws<'_>, TokenFault> {
    if token.is_empty() {
        return Err(TokenFault::Empty);
    }
    if token.len() > MAX_LENGTH {
        return Err(TokenFault::Malformed);
    }
    Jws::read(token).ok_or(TokenFault::Malformed)
}

impl Claims {
    /// Own tokens are judged by the server's own clock; other issuers' clocks may be some seconds apart.
    pub(crate) fn check_time(&self, now: Timestamp, skew: i64) -> Result<(), TokenFault> {
        let expires = Timestamp::from_second(self.exp).map_err(|_| TokenFault::Malformed)?;
        if now.as_second().saturating_sub(skew) >= expires.as_second() {
            return Err(TokenFault::Expired);
        }
        if self.nbf.is_some_and(|from| from > now.as_second().saturating_add(skew)) {
            return Err(TokenFault::NotYetValid);
        }
        Ok(())
    }

    pub(crate) fn check_audience(&self) -> Result<(), TokenFault> {
        if is_graph_audience(&self.aud) { Ok(()) } else { Err(TokenFault::WrongAudience) }
    }

    /// Own issuers name their tenant.
    fn check_tenant(&self) -> Result<(), TokenFault> {
        let is_own = |tenant: &str| tenant.eq_ignore_ascii_case(&self.tid);
        if issuing_tenant(&self.iss).is_some_and(is_own) { Ok(()) } else { Err(TokenFault::UnknownIssuer) }
    }

    /// Who the token says is calling. Without `idtyp`, which is optional in version 2, a token with scopes is a
    /// user's.
    pub(crate) fn into_caller(self) -> Result<Caller, TokenFault> {
        let is_personal = self.tid.eq_ignore_ascii_case(PERSONAL_TENANT)
            || self.idp.as_deref().is_some_and(|idp| idp.eq_ignore_ascii_case(PERSONAL_PROVIDER));
        if is_personal {
            return Err(TokenFault::PersonalAccount);
        }
        self.caller().ok_or(TokenFault::Malformed)
    }

    fn caller(self) -> Option<Caller> {
        let guessed = if self.scp.is_empty() { SubjectKind::App } else { SubjectKind::User };
        let (user, names) = match self.idtyp.unwrap_or(guessed) {
            SubjectKind::App => (None, self.roles),
            SubjectKind::User => {
                let names = self.scp.split_ascii_whitespace().map(str::to_owned).collect();
                (Some(UserId::parse(&self.oid?).ok()?), names)
            }
        };
        let directory_roles = if user.is_some() { self.wids } else { Vec::new() };
        Some(Caller {
            tenant: TenantId::parse(&self.tid).ok()?,
            client: ClientId::parse(&self.appid.or(self.azp)?).ok()?,
            user,
            permissions: Permissions::named(names.iter().map(String::as_str)),
            names,
            directory_roles,
            session: self.sid,
            issuer: None,
            is_forged: self.slipway_forged,
            expires: Timestamp::from_second(self.exp).ok()?,
        })
    }
}

/// Whether the audience is Graph, by URL or by application id, each with or without a slash at the end.
#[must_use]
pub fn is_graph_audience(audience: &str) -> bool {
    let audience = audience.strip_suffix('/').unwrap_or(audience);
    audience.eq_ignore_ascii_case(GRAPH) || audience.eq_ignore_ascii_case(GRAPH_APPLICATION)
}

/// The tenant in `https://{any host}/{tenant}/…`.
fn issuing_tenant(issuer: &str) -> Option<&str> {
    issuer.split_once("://")?.1.split('/').nth(1)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use aws_lc_rs::hmac;
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use slipway_model::{Client, Permission};

    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;
    use crate::claims::tests::{NOW, TENANT, client, mint, tenant, user};
    use crate::claims::{IdToken, issuer};
    use crate::key::tests::key;

    static RING: LazyLock<KeyRing> = LazyLock::new(|| KeyRing::new(key(0), vec![]));
    static TOKEN: LazyLock<String> = LazyLock::new(|| {
        let (tenant, client) = (tenant(), client());
        RING.application_token(&mint(&tenant, &client)).unwrap()
    });

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn encode(part: &Value) -> String {
        URL_SAFE_NO_PAD.encode(part.to_string())
    }

    fn decode(part: &str) -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }

    /// A token that the server signed, with one claim set to another value.
    fn signed_with(name: &str, value: Value) -> String {
        let token = &*TOKEN;
        let mut claims = decode(token.split('.').nth(1).unwrap());
        claims[name] = value;
        RING.sign(&claims).unwrap()
    }

    fn fault(token: &str) -> TokenFault {
        RING.verify(token, at(NOW)).unwrap_err()
    }

    #[test]
    fn an_application_token_gives_its_client() {
        let expected = Caller {
            tenant: tenant(),
            client: client().id,
            user: None,
            permissions: Permissions::of(&[Permission::UserReadAll, Permission::AppCatalogReadWriteAll]),
            names: vec!["User.Read.All".into(), "AppCatalog.ReadWrite.All".into(), "Mail.Read".into()],
            directory_roles: vec![],
            session: None,
            issuer: None,
            is_forged: false,
            expires: at(NOW + 3600),
        };
        assert_eq!(RING.verify(&TOKEN, at(NOW)), Ok(expected));
    }

    #[test]
    fn a_delegated_token_gives_its_user() {
        let (tenant, client) = (tenant(), Client { secrets: vec![], ..client() });
        let scopes = ["openid".to_owned(), "User.Read".to_owned()];
        let token = RING.user_token(&mint(&tenant, &client), &user(), &scopes).unwrap();
        let caller = RING.verify(&token, at(NOW)).unwrap();
        assert_eq!(caller.user, Some(user().id));
        assert_eq!(caller.names, scopes);
        assert_eq!(caller.permissions, Permissions::of(&[Permission::UserRead]));
    }

    #[test]
    fn a_client_without_permissions_is_a_caller_without_any() {
        let caller = RING.verify(&signed_with("roles", json!([])), at(NOW)).unwrap();
        assert_eq!((caller.permissions, caller.names.len()), (Permissions::default(), 0));
    }

    #[test]
    fn the_edges_of_the_lifetime() {
        let (ring, token) = (&*RING, &*TOKEN);
        assert_eq!(ring.verify(token, at(NOW - 301)), Err(TokenFault::NotYetValid));
        assert!(ring.verify(token, at(NOW - 300)).is_ok());
        assert!(ring.verify(token, at(NOW + 3599)).is_ok());
        assert_eq!(ring.verify(token, at(NOW + 3600)), Err(TokenFault::Expired));
    }

    #[test]
    fn text_that_is_no_token() {
        assert_eq!(fault(""), TokenFault::Empty);
        let token = &*TOKEN;
        let (header, rest) = token.split_once('.').unwrap();
        let long = format!("{header}.{}.x", "A".repeat(MAX_LENGTH));
        let four = format!("{token}.x");
        let padded = format!("{header}=.{rest}");
        let two = format!("{header}.x");
        let array = format!("{}.{rest}", encode(&json!([])));
        for text in ["x", "a.b", "a.b.c", "..", &long, &four, &padded, &two, &array] {
            assert_eq!(fault(text), TokenFault::Malformed, "{text}");
        }
    }

    #[test]
    fn a_changed_part_breaks_the_signature() {
        let token = &*TOKEN;
        let parts: Vec<&str> = token.split('.').collect();
        let mut claims = decode(parts[1]);
        claims["roles"] = json!(["Directory.ReadWrite.All"]);
        let forged = format!("{}.{}.{}", parts[0], encode(&claims), parts[2]);
        assert_eq!(fault(&forged), TokenFault::BadSignature);
        let unsigned = format!("{}.{}.", parts[0], parts[1]);
        assert_eq!(fault(&unsigned), TokenFault::BadSignature);
    }

    #[test]
    fn the_algorithm_none_is_refused() {
        let token = &*TOKEN;
        let parts: Vec<&str> = token.split('.').collect();
        for alg in ["none", "None", ""] {
            let header = encode(&json!({"alg": alg, "kid": key(0).kid(), "typ": "JWT"}));
            for signature in ["", parts[2]] {
                let forged = format!("{header}.{}.{signature}", parts[1]);
                assert_eq!(fault(&forged), TokenFault::BadSignature, "{alg}");
            }
        }
    }

    #[test]
    fn a_mac_with_the_public_key_is_refused() {
        let token = &*TOKEN;
        let header = encode(&json!({"alg": "HS256", "kid": key(0).kid(), "typ": "JWT"}));
        let message = format!("{header}.{}", token.split('.').nth(1).unwrap());
        let jwk = decode_jwk();
        for secret in [
            jwk["n"].as_str().unwrap().as_bytes(),
            &URL_SAFE_NO_PAD.decode(jwk["n"].as_str().unwrap()).unwrap(),
        ] {
            let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
            let forged = format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac));
            assert_eq!(fault(&forged), TokenFault::BadSignature);
        }
    }

    fn decode_jwk() -> Value {
        serde_json::to_value(RING.jwks()).unwrap()["keys"][0].clone()
    }

    #[test]
    fn only_keys_of_the_ring_count_and_older_ones_still_do() {
        let token = &*TOKEN;
        let (other, both) = (KeyRing::new(key(1), vec![]), KeyRing::new(key(1), vec![key(0)]));
        assert_eq!(other.verify(token, at(NOW)), Err(TokenFault::UnknownKey));
        assert!(both.verify(token, at(NOW)).is_ok());

        // Another key's signature under this key's name, and no name at all.
        let parts: Vec<&str> = token.split('.').collect();
        let foreign = other.sign(&decode(parts[1])).unwrap();
        let signature = foreign.rsplit('.').next().unwrap();
        assert_eq!(fault(&format!("{}.{}.{signature}", parts[0], parts[1])), TokenFault::BadSignature);
        let nameless = encode(&json!({"alg": "RS256"}));
        assert_eq!(fault(&format!("{nameless}.{}.{}", parts[1], parts[2])), TokenFault::BadSignature);
    }

    #[test]
    fn graph_is_the_audience_in_four_spellings() {
        for audience in [GRAPH, GRAPH_APPLICATION] {
            for audience in [audience.to_owned(), format!("{audience}/"), audience.to_uppercase()] {
                assert!(RING.verify(&signed_with("aud", json!(audience)), at(NOW)).is_ok(), "{audience}");
            }
        }
        for audience in ["https://graph.microsoft.com//", "https://graph.microsoft.com.example", "", TENANT] {
            assert_eq!(fault(&signed_with("aud", json!(audience))), TokenFault::WrongAudience, "{audience}");
        }
    }

    #[test]
    fn an_id_token_is_no_access_token() {
        let (tenant, client) = (tenant(), client());
        let from = issuer("https://localhost", &tenant);
        let token = RING.id_token(&mint(&tenant, &client), &user(), &IdToken::of(&from)).unwrap();
        assert_eq!(fault(&token), TokenFault::WrongAudience);
    }

    #[test]
    fn the_issuer_is_of_the_tenant_whatever_its_host() {
        let own = format!("http://localhost:8365/{}/v2.0", TENANT.to_uppercase());
        assert!(RING.verify(&signed_with("iss", json!(own)), at(NOW)).is_ok());
        for issuer in ["", "https://sts.windows.net/", TENANT, "https://sts.windows.net/other/"] {
            assert_eq!(fault(&signed_with("iss", json!(issuer))), TokenFault::UnknownIssuer, "{issuer}");
        }
        assert_eq!(fault(&signed_with("tid", json!("other"))), TokenFault::UnknownIssuer);
    }

    #[test]
    fn a_signed_token_without_the_claims_is_malformed() {
        for name in ["appid", "exp", "aud", "tid"] {
            assert_eq!(fault(&signed_with(name, Value::Null)), TokenFault::Malformed, "{name}");
        }
        assert_eq!(fault(&signed_with("appid", json!("a b"))), TokenFault::Malformed);
        assert_eq!(fault(&signed_with("exp", json!(i64::MAX))), TokenFault::Malformed);
    }

    proptest! {
        #[test]
        fn no_text_is_accepted_or_makes_it_panic(text in any::<String>()) {
            prop_assert!(RING.verify(&text, at(NOW)).is_err());
        }

        #[test]
        fn no_three_parts_are_accepted_or_make_it_panic(
            header in "[A-Za-z0-9_=-]{0,40}", claims in "[A-Za-z0-9_=-]{0,40}", signature in "[A-Za-z0-9_=-]{0,350}",
        ) {
            let known = TOKEN.split('.').next().unwrap();
            for header in [known, &header] {
                let text = format!("{header}.{claims}.{signature}");
                prop_assert!(RING.verify(&text, at(NOW)).is_err());
            }
        }

        #[test]
        fn any_other_character_breaks_a_token(place in 0_usize..1000, other in "[A-Za-z0-9_.-]") {
            let place = place % TOKEN.len();
            let changed = format!("{}{other}{}", &TOKEN[..place], &TOKEN[place + 1..]);
            prop_assume!(changed != *TOKEN);
            prop_assert!(RING.verify(&changed, at(NOW)).is_err());
        }
    }
}
