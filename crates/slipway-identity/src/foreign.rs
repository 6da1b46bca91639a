//! Other issuers: the keys that they publish, and the tokens that they signed.
//!
//! Source: OpenID Connect Discovery 1.0, RFC 7517, and "Access tokens in the Microsoft identity platform" for the two
//! issuers of a tenant of Entra.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;
use slipway_model::is_guid;

use crate::assertion::{Assertion, SKEW};
use crate::jws::{self, Jws};
use crate::token::{self, Claims};
use crate::{Caller, KeyRing, TokenFault};

/// Most keys of an issuer that are looked at.
const MOST_KEYS: usize = 100;

/// How long a key still counts that its issuer does not publish any more, for the tokens that it signed last.
const KEPT: SignedDuration = SignedDuration::from_hours(1);

/// Shortest RSA modulus, in characters of base64: 2048 bits.
const SHORTEST_MODULUS: usize = 342;

/// An issuer whose tokens are taken as if this server had signed them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedIssuer {
    url: String,
    tenant: Option<String>,
}

/// A URL that is no issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoIssuer(&'static str);

impl fmt::Display for NoIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for NoIssuer {}

impl TrustedIssuer {
    /// Takes the issuer's URL, as `iss` of its tokens has it.
    ///
    /// # Errors
    /// [`NoIssuer`] unless it is `https://…`, or `http://…`, without query and fragment, for one tenant.
    pub fn parse(url: &str) -> Result<Self, NoIssuer> {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let rest = rest.ok_or(NoIssuer("is no URL of https"))?;
        if rest.contains(['?', '#', '@', ' ', '{']) {
            return Err(NoIssuer("is no issuer: it has no query, no fragment, no user and no placeholder"));
        }
        let mut segments = rest.split('/');
        if segments.next().is_none_or(str::is_empty) {
            return Err(NoIssuer("names no host"));
        }
        let segments: Vec<_> = segments.collect();
        if segments
            .iter()
            .any(|s| ["common", "organizations", "consumers"].contains(&s.to_ascii_lowercase().as_str()))
        {
            return Err(NoIssuer("is of no tenant: no token has it; write the tenant's id"));
        }
        let tenant = segments.into_iter().find(|segment| is_guid(segment)).map(str::to_ascii_lowercase);
        Ok(Self { url: url.to_owned(), tenant })
    }

    /// The URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether tokens with this `iss` are the issuer's. An issuer of version 2 of a tenant is the one of version 1
    /// too, since Entra and Slipway sign both with the same keys, and tokens for Graph are of version 1.
    #[must_use]
    pub fn issues(&self, iss: &str) -> bool {
        let first = || self.tenant.as_ref().map(|tenant| format!("https://sts.windows.net/{tenant}/"));
        let is_second = self.url.trim_end_matches('/').to_ascii_lowercase().ends_with("/v2.0");
        iss == self.url || (is_second && first().is_some_and(|first| first.eq_ignore_ascii_case(iss)))
    }

    /// Whether the issuer may speak for the tenant: one whose URL names a tenant for that one only.
    fn is_of(&self, tenant: &str) -> bool {
        self.tenant.as_ref().is_none_or(|own| own.eq_ignore_ascii_case(tenant))
    }
}

/// `iss` and `kid` as the token has them, which nobody has believed yet.
#[must_use]
pub fn claimed_issuer(token: &str) -> Option<(String, String)> {
    #[derive(Deserialize)]
    struct Issued {
        iss: String,
    }
    let jws = Jws::read(token)?;
    let issued: Issued = jws.claims()?;
    Some((issued.iss, jws.header.kid?))
}

/// What a discovery document says of the keys.
#[derive(Deserialize)]
pub struct Discovered {
    /// The issuer, which must be the one that was asked for.
    pub issuer: String,
    /// Where the keys are.
    pub jwks_uri: String,
}

impl Discovered {
    /// Reads the discovery document.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(document: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(document).map_err(|error| format!("the discovery document: {error}"))
    }
}

/// Where the discovery document of an issuer is.
#[must_use]
pub fn discovery_url(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

/// The keys of an issuer.
#[derive(Clone, Default)]
pub struct PublicKeys(Vec<PublicKey>);

#[derive(Clone)]
struct PublicKey {
    kid: String,
    key: DecodingKey,
    algorithms: Vec<Algorithm>,
    seen: Timestamp,
}

impl PublicKeys {
    /// Reads a key set. RSA keys and those of the curve P-256 count; others, those for encryption and those without
    /// a name are left out.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(document: &[u8], now: Timestamp) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<Value>,
        }
        let set: Set = serde_json::from_slice(document).map_err(|error| format!("the key set: {error}"))?;
        let keys = set.keys.into_iter().take(MOST_KEYS).filter_map(|key| PublicKey::read(key, now));
        Ok(Self(keys.collect()))
    }

    /// These, and those of the earlier look that were published until a while ago.
    #[must_use]
    pub fn after(mut self, earlier: &Self, now: Timestamp) -> Self {
        let still = |key: &&PublicKey| now.duration_since(key.seen) < KEPT;
        let gone: Vec<_> = earlier
            .0
            .iter()
            .filter(still)
            .filter(|key| !self.has(&key.kid))
            .take(MOST_KEYS)
            .cloned()
            .collect();
        self.0.extend(gone);
        self
    }

    /// Whether there is a key of this name.
    #[must_use]
    pub fn has(&self, kid: &str) -> bool {
        self.0.iter().any(|key| key.kid == kid)
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Verifies a bearer token of the issuer, whose keys these are.
    ///
    /// # Errors
    /// The first [`TokenFault`]. Whether tenant, client and user exist is for the caller to find out.
    pub fn verify(&self, token: &str, issuer: &TrustedIssuer, now: Timestamp) -> Result<Caller, TokenFault> {
        let jws = token::read(token)?;
        self.check_signature(&jws)?;
        let claims: Claims = jws.claims().ok_or(TokenFault::Malformed)?;
        claims.check_time(now, SKEW.as_secs())?;
        claims.check_audience()?;
        if !issuer.issues(&claims.iss) || !issuer.is_of(&claims.tid) {
            return Err(TokenFault::UnknownIssuer);
        }
        let caller = claims.into_caller()?;
        // Callers are kept, and looked at without allowance for clocks. Its sessions are not ours.
        let expires = caller.expires.checked_add(SKEW).map_err(|_| TokenFault::Malformed)?;
        Ok(Caller { issuer: Some(issuer.url.clone()), session: None, expires, ..caller })
    }

    /// Whether one of the keys signed the assertion.
    #[must_use]
    pub fn have_signed(&self, assertion: &Assertion<'_>) -> bool {
        self.check_signature(assertion.jws()).is_ok()
    }

    fn check_signature(&self, jws: &Jws<'_>) -> Result<(), TokenFault> {
        let kid = jws.header.kid.as_deref().ok_or(TokenFault::BadSignature)?;
        let known = self.0.iter().find(|key| key.kid == kid).ok_or(TokenFault::UnknownKey)?;
        if jws.is_signed_by(&known.key, &known.algorithms) { Ok(()) } else { Err(TokenFault::BadSignature) }
    }
}

impl PublicKey {
    fn read(key: Value, now: Timestamp) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(key).ok()?;
        if !matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
            return None;
        }
        let all = match &jwk.algorithm {
            AlgorithmParameters::RSA(rsa) if rsa.n.len() >= SHORTEST_MODULUS => {
                &[Algorithm::RS256, Algorithm::PS256][..]
            }
            AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => {
                &[Algorithm::ES256]
            }
            _ => return None,
        };
        let named = jwk.common.key_algorithm.map(|named| named.to_string());
        let fits = |known: &Algorithm| named.as_ref().is_none_or(|named| jws::name_of(*known) == named);
        let algorithms: Vec<_> = all.iter().filter(|known| fits(known)).copied().collect();
        let (kid, key) = (jwk.common.key_id.clone()?, DecodingKey::from_jwk(&jwk).ok()?);
        (!algorithms.is_empty()).then_some(Self { kid, key, algorithms, seen: now })
    }
}

impl KeyRing {
    /// Whether one of this server's keys signed the assertion: a token of a tenant here, which stands for a client of
    /// another.
    #[must_use]
    pub fn has_signed(&self, assertion: &Assertion<'_>) -> bool {
        let key = assertion.kid().and_then(|kid| self.decoding_key(kid));
        key.is_some_and(|key| assertion.jws().is_signed_by(key, &[Algorithm::RS256]))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::claims::tests::{NOW, TENANT, client, mint, tenant, user};
    use crate::key::tests::key;

    const ENTRA: &str = "https://login.microsoftonline.com/51190000-0000-4000-8000-000000000001/v2.0";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn published(keys: &[usize]) -> PublicKeys {
        let shown: Vec<_> =
            keys.iter().map(|which| KeyRing::new(key(*which), vec![]).jwks().keys.remove(0)).collect();
        PublicKeys::read(json!({"keys": shown}).to_string().as_bytes(), at(NOW)).unwrap()
    }

    /// A token of the other issuer, with some claims set to other values.
    fn token(changes: &[(&str, Value)]) -> String {
        let (ring, tenant, client) = (KeyRing::new(key(1), vec![]), tenant(), client());
        let made = ring.user_token(&mint(&tenant, &client), &user(), &["User.Read".to_owned()]).unwrap();
        let mut claims: Value = Jws::read(&made).unwrap().claims().unwrap();
        for (name, value) in changes {
            claims[name] = value.clone();
        }
        ring.sign(&claims).unwrap()
    }

    fn verify(issuer: &str, keys: &[usize], token: &str) -> Result<Caller, TokenFault> {
        published(keys).verify(token, &TrustedIssuer::parse(issuer).unwrap(), at(NOW))
    }

    #[test]
    fn both_issuers_of_a_tenant_of_entra_are_trusted_with_one() {
        let caller = verify(ENTRA, &[1], &token(&[("sid", json!("s"))])).unwrap();
        assert_eq!((caller.issuer.as_deref(), caller.session), (Some(ENTRA), None));
        assert_eq!(caller.user, Some(user().id));
        // Version 2, as other emulators make them.
        let second =
            [("iss", json!(ENTRA)), ("idtyp", Value::Null), ("appid", Value::Null), ("azp", json!("c1"))];
        assert_eq!(verify(ENTRA, &[1], &token(&second)).unwrap().client.as_str(), "c1");
        let first =
            TrustedIssuer::parse("https://sts.windows.net/51190000-0000-4000-8000-000000000001/").unwrap();
        assert!(first.issues(first.url()) && !first.issues(ENTRA));
    }

    #[test]
    fn another_key_another_issuer_another_tenant_is_refused() {
        let good = token(&[]);
        assert_eq!(verify(ENTRA, &[0], &good), Err(TokenFault::UnknownKey));
        let other = "https://sts.windows.net/51190000-0000-4000-8000-000000000002/";
        assert_eq!(verify(ENTRA, &[1], &token(&[("iss", json!(other))])), Err(TokenFault::UnknownIssuer));
        let tid = [("tid", json!("51190000-0000-4000-8000-000000000002"))];
        assert_eq!(verify(ENTRA, &[1], &token(&tid)), Err(TokenFault::UnknownIssuer));
        assert_eq!(verify("https://idp.example", &[1], &good), Err(TokenFault::UnknownIssuer));
        let own = [("iss", json!("https://idp.example"))];
        assert!(
            verify("https://idp.example", &[1], &token(&own)).is_ok(),
            "one without tenant speaks for all"
        );
        assert_eq!(verify(ENTRA, &[1], &token(&[("aud", json!("api://x"))])), Err(TokenFault::WrongAudience));
        assert_eq!(verify(ENTRA, &[1], &token(&[("exp", json!(NOW - 300))])), Err(TokenFault::Expired));
        assert!(verify(ENTRA, &[1], &token(&[("exp", json!(NOW - 299))])).is_ok(), "clocks differ");
        assert_eq!(verify(ENTRA, &[1], &token(&[("nbf", json!(NOW + 301))])), Err(TokenFault::NotYetValid));
        let person = [("idp", json!("live.com"))];
        assert_eq!(verify(ENTRA, &[1], &token(&person)), Err(TokenFault::PersonalAccount));
        // The name of a known key over the signature of another.
        let mut set = json!({"keys": [KeyRing::new(key(0), vec![]).jwks().keys[0]]});
        set["keys"][0]["kid"] = json!(key(1).kid());
        let collision = PublicKeys::read(set.to_string().as_bytes(), at(NOW)).unwrap();
        let issuer = TrustedIssuer::parse(ENTRA).unwrap();
        assert_eq!(collision.verify(&good, &issuer, at(NOW)), Err(TokenFault::BadSignature));
    }

    #[test]
    fn only_keys_that_sign_count() {
        let rsa = serde_json::to_value(&KeyRing::new(key(0), vec![]).jwks().keys[0]).unwrap();
        let count = |change: &[(&str, Value)]| {
            let mut key = rsa.clone();
            for (name, value) in change {
                key[name] = value.clone();
            }
            let set = json!({"keys": [key, {"kty": "unheard"}, 7]});
            PublicKeys::read(set.to_string().as_bytes(), at(NOW)).unwrap().count()
        };
        assert_eq!(count(&[]), 1);
        assert_eq!(count(&[("alg", Value::Null)]), 1);
        assert_eq!(count(&[("use", json!("enc"))]), 0);
        assert_eq!(count(&[("kid", Value::Null)]), 0);
        assert_eq!(count(&[("n", json!("AQAB"))]), 0, "a short key");
        assert_eq!(count(&[("kty", json!("oct")), ("k", json!("c2VjcmV0"))]), 0, "a secret is no public key");
        assert_eq!(count(&[("alg", json!("RS512"))]), 0);
        assert!(PublicKeys::read(b"{}", at(NOW)).is_err());
    }

    #[test]
    fn a_key_that_is_not_published_any_more_counts_for_an_hour() {
        let (old, new) = (published(&[0]), published(&[1]));
        let kept = |now| new.clone().after(&old, at(now)).has(key(0).kid());
        assert!(kept(NOW + 3599) && !kept(NOW + 3600));
        assert_eq!(new.clone().after(&new, at(NOW)).count(), 1);
    }

    #[test]
    fn what_is_no_issuer() {
        for url in [
            "",
            "ftp://a/",
            "https://",
            "https:///x",
            "https://u@a/",
            "https://a/?b",
            "https://login.microsoftonline.com/common/v2.0",
            "https://login.microsoftonline.com/{tenantid}/v2.0",
        ] {
            assert!(TrustedIssuer::parse(url).is_err(), "{url}");
        }
        assert_eq!(discovery_url(ENTRA), format!("{ENTRA}/.well-known/openid-configuration"));
        assert_eq!(
            claimed_issuer(&token(&[])),
            Some((format!("https://sts.windows.net/{TENANT}/"), key(1).kid().to_owned()))
        );
    }

    proptest! {
        #[test]
        fn no_document_makes_it_panic(text in any::<String>()) {
            let _ = Discovered::read(text.as_bytes());
            let _ = PublicKeys::read(text.as_bytes(), at(NOW));
            let _ = PublicKeys::read(format!("{{\"keys\":[{text}]}}").as_bytes(), at(NOW));
            let _ = claimed_issuer(&text);
        }
    }
}
