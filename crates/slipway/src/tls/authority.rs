//! The server's own certificate authority: made once, kept in the data folder, and unable to vouch for any name
//! but the server's (critical name constraints, RFC 5280 section 4.2.1.10).

use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::path::Path;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp, ToSpan};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
    PublicKeyData, SanType, date_time_ymd,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;

use crate::config::TlsName;
use crate::data;
use crate::failure::Failure;

/// The authority's certificate in the data folder, PEM.
pub const CERTIFICATE_FILE: &str = "ca.crt";
/// Its private key there, PEM.
pub const KEY_FILE: &str = "ca.key";

/// How the name of an authority begins; eight hexadecimal digits follow.
pub const NAME_OF_AUTHORITY: &str = "Slipway CA ";

/// Years that an authority lives.
const AUTHORITY_YEARS: i32 = 10;
/// Days from today that a leaf lives; with the day before it is less than the 398 that Apple's clients accept.
const LEAF_DAYS: i32 = 395;

/// The authority, ready to sign.
#[derive(Debug)]
pub struct Authority {
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// The kept authority, or a new one: if there is none yet, if the kept one may not sign one of the names, or if
    /// it would end before a leaf made today. A new one is kept, and the log says that clients must trust it.
    ///
    /// # Errors
    /// [`Failure::Runtime`] if the files cannot be read or written, or are damaged; damaged files are never
    /// replaced, for clients may trust them.
    pub fn open(folder: &Path, names: &[TlsName], now: Timestamp) -> Result<Self, Failure> {
        let (certificate_path, key_path) = (folder.join(CERTIFICATE_FILE), folder.join(KEY_FILE));
        let at = |path: &Path, error: &dyn fmt::Display| Failure::at(path.display(), error);
        let kept = data::read(&certificate_path).map_err(|error| at(&certificate_path, &error))?;
        if let Some(certificate) = kept {
            let key = data::read(&key_path).map_err(|error| at(&key_path, &error))?;
            let damaged = |error: &dyn fmt::Display| {
                let paths = format!("{} and {}", certificate_path.display(), key_path.display());
                Failure::Runtime(format!("{paths}: {error}\nhint: remove both files to make a new authority"))
            };
            let key = key.ok_or_else(|| damaged(&"the key is missing"))?;
            let (authority, lack) =
                Self::read(certificate, &key, names, now).map_err(|error| damaged(&error))?;
            let Some(lack) = lack else { return Ok(authority) };
            tracing::warn!(
                "the certificate authority {lack}: a new one is made, which clients must trust anew"
            );
            std::fs::remove_file(&certificate_path).map_err(|error| at(&certificate_path, &error))?;
        }
        let authority =
            Self::make(names, now).map_err(|error| Failure::at("certificate authority", error))?;
        // The certificate goes first and comes last: a key without one, left by a crash, is replaced.
        data::write(&key_path, authority.issuer.key().serialize_pem().as_bytes(), data::PRIVATE)
            .map_err(|error| at(&key_path, &error))?;
        data::write(&certificate_path, authority.certificate.as_bytes(), data::PUBLIC)
            .map_err(|error| at(&certificate_path, &error))?;
        tracing::info!(certificate = %certificate_path.display(), "made a certificate authority");
        Ok(authority)
    }

    /// The certificate that clients trust, PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Signs a new key for the names.
    ///
    /// # Errors
    /// [`Failure::Runtime`] that says what could not be made.
    pub fn issue(&self, names: &[TlsName], now: Timestamp) -> Result<(Certificate, KeyPair), Failure> {
        let leaf = || -> Result<_, Box<dyn Error>> {
            let name = names.first().map(ToString::to_string).unwrap_or_default();
            let mut params = params(&name, now, LEAF_DAYS.days())?;
            params.is_ca = IsCa::ExplicitNoCa;
            params.subject_alt_names = names.iter().map(alternative_name).collect::<Result<_, _>>()?;
            params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            params.use_authority_key_identifier_extension = true;
            let key = new_key()?;
            let certificate = params.signed_by(&key, &self.issuer)?;
            Ok((certificate, key))
        };
        leaf().map_err(|error| Failure::at("certificate of the server", error))
    }

    /// A new authority, which may sign the names and loopback addresses only.
    fn make(names: &[TlsName], now: Timestamp) -> Result<Self, Box<dyn Error>> {
        let key = new_key()?;
        // A part of the key in the name, because people have several of these in one list of trusted authorities.
        let id = CertificateParams::default().key_identifier(&key);
        let id = id.iter().take(4).fold(0u32, |id, byte| id << 8 | u32::from(*byte));
        let mut params = params(&format!("{NAME_OF_AUTHORITY}{id:08x}"), now, AUTHORITY_YEARS.years())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: names.iter().map(permitted_subtree).collect(),
            excluded_subtrees: Vec::new(),
        });
        let certificate = params.self_signed(&key)?.pem();
        Ok(Self { certificate, issuer: Issuer::new(params, key) })
    }

    /// The kept authority, and what it lacks to sign the names now.
    fn read(
        certificate: String,
        key: &str,
        names: &[TlsName],
        now: Timestamp,
    ) -> Result<(Self, Option<String>), Box<dyn Error>> {
        let der = CertificateDer::from_pem_slice(certificate.as_bytes())?;
        let key = KeyPair::from_pem(key)?;
        let (_, parsed) = X509Certificate::from_der(&der)?;
        if parsed.public_key().raw != key.subject_public_key_info() {
            return Err("the key is not the certificate's".into());
        }
        let lack = lack(&parsed, names, now)?;
        let issuer = Issuer::from_ca_cert_der(&der, key)?;
        Ok((Self { certificate, issuer }, lack))
    }
}

/// A new key, P-256.
#[expect(clippy::disallowed_methods, reason = "the one place where keys of certificates are made")]
fn new_key() -> Result<KeyPair, rcgen::Error> {
    KeyPair::generate()
}

/// What the certificate lacks to sign a leaf for the names that is made now, if anything.
fn lack(
    certificate: &X509Certificate<'_>,
    names: &[TlsName],
    now: Timestamp,
) -> Result<Option<String>, X509Error> {
    let needed = now + SignedDuration::from_hours(24 * i64::from(LEAF_DAYS));
    if certificate.validity().not_after.timestamp() < needed.as_second() {
        return Ok(Some(format!("ends on {}", certificate.validity().not_after)));
    }
    let constraints = certificate.name_constraints()?;
    let permitted = constraints.and_then(|constraints| constraints.value.permitted_subtrees.as_deref());
    let refused = names
        .iter()
        .find(|name| !permitted.unwrap_or_default().iter().any(|subtree| permits(&subtree.base, name)));
    Ok(refused.map(|name| format!("may not vouch for {name}")))
}

/// RFC 5280 section 4.2.1.10: a DNS name permits itself and what is below it, an address with a mask its network.
fn permits(permitted: &GeneralName<'_>, name: &TlsName) -> bool {
    match (permitted, name) {
        (GeneralName::DNSName(base), TlsName::Dns(name)) => {
            name.strip_suffix(base).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        }
        (GeneralName::IPAddress(range), TlsName::Address(IpAddr::V4(address))) => {
            lies_in(&address.octets(), range)
        }
        (GeneralName::IPAddress(range), TlsName::Address(IpAddr::V6(address))) => {
            lies_in(&address.octets(), range)
        }
        _ => false,
    }
}

/// Whether the address lies in the range, which is a network address and as many bytes of mask.
fn lies_in(address: &[u8], range: &[u8]) -> bool {
    let (network, mask) = range.split_at(range.len() / 2);
    network.len() == address.len()
        && address
            .iter()
            .zip(network)
            .zip(mask)
            .all(|((address, network), mask)| address & mask == network & mask)
}

fn permitted_subtree(name: &TlsName) -> GeneralSubtree {
    match name {
        TlsName::Dns(name) => GeneralSubtree::DnsName(name.clone()),
        TlsName::Address(address) => {
            let prefix = match address {
                IpAddr::V4(address) if address.is_loopback() => 8,
                IpAddr::V4(_) => 32,
                IpAddr::V6(_) => 128,
            };
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(*address, prefix))
        }
    }
}

fn alternative_name(name: &TlsName) -> Result<SanType, rcgen::Error> {
    Ok(match name {
        TlsName::Dns(name) => SanType::DnsName(name.as_str().try_into()?),
        TlsName::Address(address) => SanType::IpAddress(*address),
    })
}

/// What both kinds of certificate share: a name, and days from yesterday, for clocks that are behind, to the end.
fn params(common_name: &str, now: Timestamp, life: Span) -> Result<CertificateParams, jiff::Error> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    let midnight = |date: Date| {
        date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
    };
    params.not_before = midnight(today.checked_sub(1.day())?);
    params.not_after = midnight(today.checked_add(life)?);
    Ok(params)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls;

    const NOW: &str = "2026-11-22T10:00:00Z";

    fn open(folder: &Path, added: &[&str], now: &str) -> Result<String, Failure> {
        let added: Vec<_> = added.iter().map(|name| TlsName::try_from((*name).to_owned()).unwrap()).collect();
        let authority = Authority::open(folder, &tls::names(&added), now.parse().unwrap())?;
        Ok(authority.certificate().to_owned())
    }

    #[test]
    fn an_authority_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let first = open(folder.path(), &[], NOW).unwrap();
        assert_eq!(open(folder.path(), &[], "2027-11-22T10:00:00Z").unwrap(), first);
    }

    #[test]
    fn it_is_replaced_when_a_name_is_new_and_kept_when_one_goes() {
        let folder = tempfile::tempdir().unwrap();
        let first = open(folder.path(), &[], NOW).unwrap();
        let second = open(folder.path(), &["graph.test", "10.0.0.5"], NOW).unwrap();
        assert_ne!(second, first);
        for names in [&["10.0.0.5"] as &[&str], &["a.graph.test", "127.8.8.8"], &[]] {
            assert_eq!(open(folder.path(), names, NOW).unwrap(), second, "{names:?}");
        }
        for name in ["notgraph.test", "10.0.0.6", "fe80::1"] {
            assert_ne!(open(folder.path(), &["graph.test", name], NOW).unwrap(), second, "{name}");
        }
    }

    #[test]
    fn it_is_replaced_before_a_leaf_would_outlive_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = open(folder.path(), &[], NOW).unwrap();
        assert_eq!(open(folder.path(), &[], "2035-10-01T10:00:00Z").unwrap(), first);
        assert_ne!(open(folder.path(), &[], "2035-12-01T10:00:00Z").unwrap(), first);
    }

    #[test]
    fn damaged_files_are_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path(), &[], NOW).unwrap();
        let other = tempfile::tempdir().unwrap();
        open(other.path(), &[], NOW).unwrap();
        let path = folder.path().join("ca.key");
        let another_key = std::fs::read_to_string(other.path().join("ca.key")).unwrap();
        let kept = std::fs::read(folder.path().join("ca.crt")).unwrap();
        for damaged in [Some(another_key.as_str()), Some("no key"), None] {
            match damaged {
                Some(text) => std::fs::write(&path, text).unwrap(),
                None => std::fs::remove_file(&path).unwrap(),
            }
            let Err(Failure::Runtime(told)) = open(folder.path(), &[], NOW) else { panic!("was accepted") };
            assert!(told.contains("ca.crt") && told.contains("ca.key") && told.contains("hint:"), "{told}");
        }
        assert_eq!(std::fs::read(folder.path().join("ca.crt")).unwrap(), kept);
    }

    #[test]
    fn ranges_of_addresses() {
        assert!(lies_in(&[127, 9, 9, 9], &[127, 0, 0, 0, 255, 0, 0, 0]));
        assert!(!lies_in(&[128, 0, 0, 1], &[127, 0, 0, 0, 255, 0, 0, 0]));
        assert!(!lies_in(&[127, 0, 0, 1], &[0; 32]));
        assert!(!lies_in(&[127, 0, 0, 1], &[]));
    }
}
