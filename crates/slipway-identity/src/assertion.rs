//! Client assertions (RFC 7523, section 2.2): with which a client proves itself instead of a secret. One that the
//! client signed itself with the key of a registered certificate, or a token of another issuer that the client trusts.
//!
//! Source: "Microsoft identity platform application authentication certificate credentials" and "Workload identity
//! federation concepts". The service restricts neither the lifetime of assertions nor their repetition, so neither
//! does this.

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use slipway_model::{Client, ClientCertificate, FederatedCredential};

use crate::certificate::Certificate;
use crate::jws::{self, Jws};
use crate::{CredentialFault, SignInFault};

/// `client_assertion_type`.
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How far clocks may be apart.
pub(crate) const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// What an assertion says. `iss`, `sub` and `aud` are needed, `exp` too.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: jws::Audience,
    #[serde(deserialize_with = "jws::seconds")]
    exp: Option<i64>,
    #[serde(default, deserialize_with = "jws::seconds")]
    nbf: Option<i64>,
    #[serde(default)]
    slipway_forged: bool,
}

/// A client assertion that was read, and that nobody has believed yet.
pub struct Assertion<'a> {
    jws: Jws<'a>,
    claims: Claims,
}

impl<'a> Assertion<'a> {
    /// Reads `client_assertion`.
    ///
    /// # Errors
    /// [`CredentialFault::Malformed`].
    pub fn read(text: &'a str) -> Result<Self, SignInFault> {
        let malformed = |why| CredentialFault::Malformed(why);
        let jws = Jws::read(text).ok_or_else(|| malformed("The client assertion is no signed JWT."))?;
        let claims: Option<Claims> = jws.claims();
        let claims =
            claims.ok_or_else(|| malformed("The client assertion lacks one of iss, sub, aud and exp."))?;
        Ok(Self { jws, claims })
    }

    /// `sub`: the client's id where the client signed it itself.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.claims.sub
    }

    /// `iss`.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.claims.iss
    }

    /// Whether somebody who tests made it up, in mode `lab` of a server like this.
    #[must_use]
    pub fn is_forged(&self) -> bool {
        self.claims.slipway_forged
    }

    /// `kid`, by which the issuer's key is found.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.jws.header.kid.as_deref()
    }

    /// Whether the assertion is one that a client makes itself, and not the token of an issuer that this one trusts.
    #[must_use]
    pub fn is_self_signed(&self, client: &Client) -> bool {
        self.claims.iss.eq_ignore_ascii_case(client.id.as_str()) || client.federated_credentials.is_empty()
    }

    /// Checks an assertion that the client signed itself: signed by a certificate of the client that is good now,
    /// by the client for the client, for a token endpoint, which `is_endpoint` tells, and at this time.
    ///
    /// # Errors
    /// The first [`CredentialFault`].
    pub fn prove_by_certificate(
        &self,
        client: &Client,
        is_endpoint: impl Fn(&str) -> bool,
        now: Timestamp,
    ) -> Result<(), SignInFault> {
        let own = |text: &str| text.eq_ignore_ascii_case(client.id.as_str());
        if !own(&self.claims.iss) || !own(&self.claims.sub) {
            return Err(CredentialFault::WrongIssuer.into());
        }
        self.check_signature(client, now)?;
        if !self.claims.aud.iter().any(is_endpoint) {
            return Err(CredentialFault::WrongAudience.into());
        }
        self.check_time(now)
    }

    fn check_signature(&self, client: &Client, now: Timestamp) -> Result<(), SignInFault> {
        let (certificate, named) = self.certificate(client)?;
        let (thumbprint, id) = (named.to_ascii_uppercase(), client.id.clone());
        let Some(certificate) = certificate else {
            return Err(CredentialFault::UnknownCertificate { thumbprint, client: id }.into());
        };
        let key = Certificate::key_of(certificate);
        let signed = key.is_ok_and(|key| self.jws.is_signed_by(&key, &[Algorithm::RS256, Algorithm::PS256]));
        if !signed {
            return Err(CredentialFault::BadSignature { thumbprint, client: id }.into());
        }
        if now < certificate.starts_at || now >= certificate.ends_at {
            let validity =
                format!(", Found key 'Start={}, End={}'", certificate.starts_at, certificate.ends_at);
            return Err(CredentialFault::CertificateOutOfTime { thumbprint, validity, client: id }.into());
        }
        Ok(())
    }

    /// The client's certificate that the header names, and how: by `x5t#S256`, by `x5t`, or in `kid` by the digits
    /// of the thumbprint or as in `x5t`, as older libraries do.
    fn certificate<'c>(
        &self,
        client: &'c Client,
    ) -> Result<(Option<&'c ClientCertificate>, String), SignInFault> {
        let header = &self.jws.header;
        let read =
            |text: &Option<String>| text.as_deref().map(|text| jws::thumbprint(text).unwrap_or_default());
        let by_kid = || {
            let kid = header.kid.as_deref()?;
            let is_digits = kid.len() == 40 && kid.bytes().all(|b| b.is_ascii_hexdigit());
            if is_digits { Some(kid.to_ascii_lowercase()) } else { jws::thumbprint(kid) }
        };
        if let Some(named) = read(&header.x5t_256) {
            let found = client.certificates.iter().find(|known| known.thumbprint_256 == named);
            return Ok((found, named));
        }
        let named = read(&header.x5t)
            .or_else(by_kid)
            .ok_or(CredentialFault::Malformed("No certificate thumbprint specified in token header."))?;
        Ok((client.certificates.iter().find(|known| known.thumbprint == named), named))
    }

    /// The credential of the client that the assertion stands for, as far as it says so itself; whether its issuer
    /// signed it is to be checked with [`crate::PublicKeys`].
    ///
    /// # Errors
    /// What of issuer, subject and audience the client has no credential for.
    pub fn federated<'c>(
        &self,
        client: &'c Client,
        now: Timestamp,
    ) -> Result<&'c FederatedCredential, SignInFault> {
        let Claims { iss, sub, aud, .. } = &self.claims;
        let mut of_issuer =
            client.federated_credentials.iter().filter(|known| known.issuer == *iss).peekable();
        if of_issuer.peek().is_none() {
            return Err(CredentialFault::UnknownFederatedIssuer(iss.clone()).into());
        }
        let of_subject: Vec<_> = of_issuer.filter(|known| known.subject == *sub).collect();
        if of_subject.is_empty() {
            return Err(CredentialFault::UnknownFederatedSubject(sub.clone()).into());
        }
        let takes =
            |known: &&&FederatedCredential| aud.iter().any(|aud| known.audiences.iter().any(|a| a == aud));
        let found = of_subject.iter().find(takes).copied().ok_or_else(|| {
            let shown = aud.iter().collect::<Vec<_>>().join(" ");
            CredentialFault::UnknownFederatedAudience(shown)
        })?;
        self.check_time(now)?;
        Ok(found)
    }

    pub(crate) fn jws(&self) -> &Jws<'a> {
        &self.jws
    }

    fn check_time(&self, now: Timestamp) -> Result<(), SignInFault> {
        let at = |seconds: i64| Timestamp::from_second(seconds).ok();
        let from = self.claims.nbf.map_or(Some(Timestamp::UNIX_EPOCH), at);
        let until = self.claims.exp.and_then(at);
        let (Some(from), Some(until)) = (from, until) else {
            return Err(CredentialFault::Malformed("The client assertion has a time that cannot be.").into());
        };
        if from.duration_since(now) > SKEW || now.duration_since(until) >= SKEW {
            let (now, from, until) = (now.to_string(), from.to_string(), until.to_string());
            return Err(CredentialFault::OutOfTime { now, from, until }.into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
