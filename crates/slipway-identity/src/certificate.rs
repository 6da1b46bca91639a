//! Certificates with which clients prove themselves: X.509 with an RSA key. Only the key and the dates count; who
//! issued one does not matter, since an administrator registered it, as in Entra.

use std::fmt;

use aws_lc_rs::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use jiff::Timestamp;
use jsonwebtoken::DecodingKey;
use slipway_model::ClientCertificate;
use x509_parser::parse_x509_certificate;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::jws::hexadecimal;

/// Longest text of a certificate; with a key of 4096 bits it has some two thousand bytes.
const MAX_LENGTH: usize = 16 * 1024;

/// Sizes of RSA keys that are taken, in bits.
const KEY_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// Padding or not, as people paste it.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a text is no certificate that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateFault {
    /// It is too long.
    TooLong,
    /// It holds a private key, which nobody should hand out.
    PrivateKey,
    /// Neither PEM nor base64.
    NoText,
    /// It is no X.509 certificate.
    NoCertificate,
    /// Its key is no RSA key.
    NotRsa,
    /// Its RSA key is too short or too long.
    KeySize,
    /// Its dates cannot be.
    Dates,
}

impl fmt::Display for CertificateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "is longer than a certificate",
            Self::PrivateKey => "holds a private key; only the certificate belongs here",
            Self::NoText => "is neither a certificate in PEM form nor the base64 of one",
            Self::NoCertificate => "is no X.509 certificate",
            Self::NotRsa => "has no RSA key; other keys do not sign client assertions",
            Self::KeySize => "has an RSA key of less than 2048 or more than 8192 bits",
            Self::Dates => "has a date that cannot be",
        })
    }
}

impl std::error::Error for CertificateFault {}

/// A certificate that was read.
pub struct Certificate {
    credential: ClientCertificate,
    key: DecodingKey,
}

impl Certificate {
    /// Reads a certificate: PEM, of which the first certificate counts, or base64 of the DER, as in Graph's
    /// `keyCredential.key`.
    ///
    /// # Errors
    /// [`CertificateFault`].
    pub fn parse(text: &str) -> Result<Self, CertificateFault> {
        if text.len() > MAX_LENGTH {
            return Err(CertificateFault::TooLong);
        }
        if text.contains("PRIVATE KEY-----") {
            return Err(CertificateFault::PrivateKey);
        }
        let body = match text.split_once("-----BEGIN CERTIFICATE-----") {
            Some((_, rest)) => rest.split_once("-----END CERTIFICATE-----").map(|(body, _)| body),
            None => Some(text),
        };
        let mut body = body.ok_or(CertificateFault::NoText)?.to_owned();
        body.retain(|c| !c.is_ascii_whitespace());
        let der = LENIENT.decode(body).map_err(|_| CertificateFault::NoText)?;
        if der.is_empty() { Err(CertificateFault::NoText) } else { Self::from_der(&der) }
    }

    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// [`CertificateFault`].
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateFault> {
        let (rest, parsed) = parse_x509_certificate(der).map_err(|_| CertificateFault::NoCertificate)?;
        if !rest.is_empty() {
            return Err(CertificateFault::NoCertificate);
        }
        let key = rsa_key(parsed.public_key())?;
        let date = |seconds| Timestamp::from_second(seconds).map_err(|_| CertificateFault::Dates);
        let validity = parsed.validity();
        let (starts_at, ends_at) =
            (date(validity.not_before.timestamp())?, date(validity.not_after.timestamp())?);
        let thumbprint_256 = hex(&SHA256, der);
        let subject = parsed.subject().to_string();
        let credential = ClientCertificate {
            key_id: guid_of(&thumbprint_256),
            display_name: Some(subject).filter(|name| !name.is_empty()),
            der: STANDARD.encode(der),
            thumbprint: hex(&SHA1_FOR_LEGACY_USE_ONLY, der),
            thumbprint_256,
            starts_at,
            ends_at,
        };
        Ok(Self { credential, key })
    }

    /// The key of one that is registered.
    pub(crate) fn key_of(credential: &ClientCertificate) -> Result<DecodingKey, CertificateFault> {
        let der = STANDARD.decode(&credential.der).map_err(|_| CertificateFault::NoText)?;
        Ok(Self::from_der(&der)?.key)
    }
}

/// As a client has it: called by its subject, with an id that follows from the certificate, good as long as it says.
impl From<Certificate> for ClientCertificate {
    fn from(certificate: Certificate) -> Self {
        certificate.credential
    }
}

fn rsa_key(info: &SubjectPublicKeyInfo<'_>) -> Result<DecodingKey, CertificateFault> {
    match info.parsed().map_err(|_| CertificateFault::NotRsa)? {
        PublicKey::RSA(key) if KEY_BITS.contains(&key.key_size()) => {
            Ok(DecodingKey::from_rsa_der(&info.subject_public_key.data))
        }
        PublicKey::RSA(_) => Err(CertificateFault::KeySize),
        _ => Err(CertificateFault::NotRsa),
    }
}

fn hex(algorithm: &'static Algorithm, bytes: &[u8]) -> String {
    hexadecimal(digest(algorithm, bytes).as_ref())
}

/// A GUID out of the first digits, so that it stays the same.
fn guid_of(digits: &str) -> String {
    let digit = |from, to| digits.get(from..to).unwrap_or_default();
    [digit(0, 8), digit(8, 12), digit(12, 16), digit(16, 20), digit(20, 32)].join("-")
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;
    use rcgen::{
        CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, SigningKey, date_time_ymd,
    };

    use super::*;
    use crate::key::tests::pkcs8;

    /// A certificate of one of the shared test keys.
    pub(crate) fn certificate(which: usize) -> rcgen::Certificate {
        let pair = KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8(which).into(), &PKCS_RSA_SHA256).unwrap();
        self_signed(&pair)
    }

    fn self_signed(pair: &impl SigningKey) -> rcgen::Certificate {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(rcgen::DnType::CommonName, "automation");
        params.not_before = date_time_ymd(2026, 1, 2);
        params.not_after = date_time_ymd(2027, 1, 2);
        params.self_signed(pair).unwrap()
    }

    fn parse(text: &str) -> Result<ClientCertificate, CertificateFault> {
        Certificate::parse(text).map(ClientCertificate::from)
    }

    #[test]
    fn pem_and_base64_give_the_same() {
        let made = certificate(0);
        let read = parse(&made.pem()).unwrap();
        assert_eq!(read.der, STANDARD.encode(made.der()));
        assert_eq!(parse(&read.der), Ok(read.clone()));
        assert_eq!(parse(&format!(" {}\n", read.der.trim_end_matches('='))), Ok(read.clone()));
        let both = format!("Bag Attributes\n{}\n{}", made.pem(), certificate(1).pem());
        assert_eq!(parse(&both), Ok(read.clone()), "the first one counts");
        assert_eq!(read.starts_at, "2026-01-02T00:00:00Z".parse().unwrap());
        assert_eq!(read.ends_at, "2027-01-02T00:00:00Z".parse().unwrap());
        assert_eq!((read.thumbprint.len(), read.thumbprint_256.len()), (40, 64));
        assert!(read.display_name.unwrap().contains("CN=automation"));
        assert_ne!(parse(&certificate(1).pem()).unwrap().key_id, read.key_id);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the key of a certificate that is not taken")]
    fn what_is_refused_is_named() {
        let made = certificate(0).pem();
        let elliptic = self_signed(&KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()).pem();
        let with_key = format!("{made}-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----");
        for (text, fault) in [
            ("", CertificateFault::NoText),
            ("-----BEGIN CERTIFICATE-----", CertificateFault::NoText),
            ("not base64!", CertificateFault::NoText),
            ("AAAA", CertificateFault::NoCertificate),
            (&elliptic, CertificateFault::NotRsa),
            (&with_key, CertificateFault::PrivateKey),
            (&"A".repeat(MAX_LENGTH + 1), CertificateFault::TooLong),
        ] {
            assert_eq!(parse(text), Err(fault), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(at: prop::sample::Index, byte: u8, cut: prop::sample::Index) {
            static DER: LazyLock<Vec<u8>> = LazyLock::new(|| certificate(0).der().to_vec());
            let mut der = DER.clone();
            let at = at.index(der.len());
            der[at] = byte;
            let _ = Certificate::from_der(&der);
            let _ = Certificate::from_der(&der[..cut.index(der.len())]);
        }
    }
}
