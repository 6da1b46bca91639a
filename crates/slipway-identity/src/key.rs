//! Signing keys, the ring that holds them, and the public half of both.

use std::fmt;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, Header};
use serde::Serialize;

use crate::purpose::Seals;
use crate::{Ids, Purpose};

/// What can go wrong with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFault {
    /// What was stored is no RSA private key in PKCS#8, DER.
    Unreadable,
    /// What was stored is sealed, and the key at hand does not open it.
    NotOpened,
    /// The cryptography library refused to make, export or use the key.
    Refused,
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreadable => "the stored signing key is no RSA key in PKCS#8, DER",
            Self::NotOpened => "the stored signing key is sealed with another key, or damaged",
            Self::Refused => "the cryptography library refused the signing key",
        })
    }
}

impl std::error::Error for KeyFault {}

/// An RSA key that signs tokens with RS256.
///
/// Signing goes to `aws-lc-rs` directly: `jsonwebtoken` reads no PKCS#8 key without PEM, and would parse and
/// check the private key anew for every token.
pub struct SigningKey {
    pair: RsaKeyPair,
    kid: String,
    public: Jwk,
    decoding: DecodingKey,
    seals: Seals,
}

impl SigningKey {
    /// Makes a key of 2048 bits from the system's randomness; takes up to a second.
    ///
    /// # Errors
    /// [`KeyFault::Refused`] when the library fails.
    #[expect(clippy::disallowed_methods, reason = "the one place where signing keys are made")]
    pub fn generate() -> Result<Self, KeyFault> {
        Self::of(RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyFault::Refused)?)
    }

    /// Takes a private key in PKCS#8, DER, as [`SigningKey::to_pkcs8`] gives it.
    ///
    /// # Errors
    /// [`KeyFault::Unreadable`] when it is none.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyFault> {
        Self::of(RsaKeyPair::from_pkcs8(der).map_err(|_| KeyFault::Unreadable)?)
    }

    /// The private key for storage, in PKCS#8, DER.
    ///
    /// # Errors
    /// [`KeyFault::Refused`] when the library fails.
    pub fn to_pkcs8(&self) -> Result<Vec<u8>, KeyFault> {
        let der: Pkcs8V1Der<'_> = self.pair.as_der().map_err(|_| KeyFault::Refused)?;
        Ok(der.as_ref().to_vec())
    }

    /// The key's name in token headers and in the key set: the thumbprint of RFC 7638, 43 characters.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    fn of(pair: RsaKeyPair) -> Result<Self, KeyFault> {
        let decoding = DecodingKey::from_rsa_der(pair.public_key().as_ref());
        let mut public =
            Jwk::from_decoding_key(&decoding, Some(Algorithm::RS256)).map_err(|_| KeyFault::Refused)?;
        let kid = public.thumbprint(ThumbprintHash::SHA256).map_err(|_| KeyFault::Refused)?;
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        public.common.key_id = Some(kid.clone());
        let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| KeyFault::Refused)?;
        let seals = Seals::of(der.as_ref())?;
        Ok(Self { pair, kid, public, decoding, seals })
    }

    #[expect(clippy::disallowed_methods, reason = "the interface asks for it; RS256 has no randomness")]
    fn sign<C: Serialize>(&self, claims: &C) -> Result<String, KeyFault> {
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::RS256) };
        let mut token = format!("{}.{}", part(&header)?, part(claims)?);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), token.as_bytes(), &mut signature)
            .map_err(|_| KeyFault::Refused)?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(&signature, &mut token);
        Ok(token)
    }
}

fn part<T: Serialize>(value: &T) -> Result<String, KeyFault> {
    serde_json::to_vec(value).map(|json| URL_SAFE_NO_PAD.encode(json)).map_err(|_| KeyFault::Refused)
}

/// The server's keys: the newest signs, all of them verify.
pub struct KeyRing {
    newest: SigningKey,
    older: Vec<SigningKey>,
}

impl KeyRing {
    /// A ring of the key that signs and of earlier ones, whose tokens may still be in use.
    #[must_use]
    pub fn new(newest: SigningKey, older: Vec<SigningKey>) -> Self {
        Self { newest, older }
    }

    /// Seals what clients and browsers carry and bring back: it opens for the same purpose and name only, on every
    /// server that has the key.
    ///
    /// # Errors
    /// [`KeyFault::Refused`] when the library fails.
    pub fn seal(&self, purpose: Purpose, name: &str, text: Vec<u8>, ids: &Ids) -> Result<Vec<u8>, KeyFault> {
        self.newest.seals.key(purpose).seal(name, text, ids)
    }

    /// Opens what [`KeyRing::seal`] sealed, with this or an earlier key.
    ///
    /// # Errors
    /// [`KeyFault::NotOpened`] for what was sealed for another purpose or name, by another service or with a key
    /// that is gone, and for what has changed since.
    pub fn open(&self, purpose: Purpose, name: &str, sealed: &[u8]) -> Result<Vec<u8>, KeyFault> {
        let opened = self.keys().find_map(|key| key.seals.key(purpose).open(name, sealed).ok());
        opened.ok_or(KeyFault::NotOpened)
    }

    /// The names of the keys, that of the newest first.
    pub fn kids(&self) -> impl Iterator<Item = &str> {
        self.keys().map(SigningKey::kid)
    }

    /// The public keys as `/discovery/v2.0/keys` answers them: `kty`, `use`, `kid`, `n`, `e`, `alg`. Entra's
    /// `x5t` and `x5c` are left out, since there is no certificate.
    #[must_use]
    pub fn jwks(&self) -> JwkSet {
        JwkSet { keys: self.keys().map(|key| key.public.clone()).collect() }
    }

    pub(crate) fn sign<C: Serialize>(&self, claims: &C) -> Result<String, KeyFault> {
        self.newest.sign(claims)
    }

    pub(crate) fn decoding_key(&self, kid: &str) -> Option<&DecodingKey> {
        self.keys().find(|key| key.kid == kid).map(|key| &key.decoding)
    }

    fn keys(&self) -> impl Iterator<Item = &SigningKey> {
        std::iter::once(&self.newest).chain(&self.older)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::LazyLock;

    use serde_json::json;

    use super::*;

    // Making RSA keys is slow in debug builds, so all tests share two.
    static STORED: LazyLock<[Vec<u8>; 2]> =
        LazyLock::new(|| [(); 2].map(|()| SigningKey::generate().unwrap().to_pkcs8().unwrap()));

    pub(crate) fn pkcs8(which: usize) -> Vec<u8> {
        STORED[which].clone()
    }

    /// The private key without its container, whose header has 26 bytes for RSA (RFC 5208).
    pub(crate) fn pkcs1(which: usize) -> Vec<u8> {
        pkcs8(which)[26..].to_vec()
    }

    pub(crate) fn key(which: usize) -> SigningKey {
        SigningKey::from_pkcs8(&STORED[which]).unwrap()
    }

    #[test]
    fn a_stored_key_is_the_same_key() {
        let (first, again) = (key(0), key(0));
        assert_eq!(first.kid(), again.kid());
        assert_eq!(first.to_pkcs8(), again.to_pkcs8());
        // RS256 has no randomness: the same key and claims give the same token.
        assert_eq!(first.sign(&json!({"a": 1})).unwrap(), again.sign(&json!({"a": 1})).unwrap());
        assert_ne!(first.kid(), key(1).kid());
    }

    #[test]
    fn what_is_no_key_is_unreadable() {
        let real = key(0).to_pkcs8().unwrap();
        for der in [&b""[..], b"x", &real[..100]] {
            assert_eq!(SigningKey::from_pkcs8(der).err(), Some(KeyFault::Unreadable), "{der:?}");
        }
    }

    #[test]
    fn the_key_set_shows_every_public_key_and_nothing_private() {
        let ring = KeyRing::new(key(0), vec![key(1)]);
        let set = serde_json::to_value(ring.jwks()).unwrap();
        let keys = set["keys"].as_array().unwrap();
        assert_eq!(keys.len(), 2);
        for (shown, key) in keys.iter().zip([key(0), key(1)]) {
            let mut names: Vec<_> = shown.as_object().unwrap().keys().collect();
            names.sort();
            assert_eq!(names, ["alg", "e", "kid", "kty", "n", "use"]);
            assert_eq!(
                (&shown["kty"], &shown["use"], &shown["alg"]),
                (&json!("RSA"), &json!("sig"), &json!("RS256"))
            );
            assert_eq!((&shown["kid"], &shown["e"]), (&json!(key.kid()), &json!("AQAB")));
            assert_eq!(URL_SAFE_NO_PAD.decode(shown["n"].as_str().unwrap()).unwrap().len(), 256);
        }
    }
}
