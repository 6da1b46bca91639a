//! The certificate that is to be trusted. One that could vouch for the whole world is refused.

use std::fs;
use std::net::IpAddr;
use std::path::{self, Path, PathBuf};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;

use crate::failure::Failure;
use crate::tls::NAME_OF_AUTHORITY;

/// A certificate authority of a Slipway, which may vouch for some names only.
pub struct Certificate {
    /// Where it lies, absolute.
    pub file: PathBuf,
    /// The file's text: this one certificate.
    pub pem: String,
    /// Such as `slipway-1a2b3c4d`: its name in stores.
    pub alias: String,
    /// The day of its end, such as `2036-11-30`.
    pub end: String,
    /// The names and networks that it may vouch for.
    pub names: Vec<String>,
}

impl Certificate {
    /// Reads the file.
    ///
    /// # Errors
    /// [`Failure::Runtime`] if it is not there, or is not one certificate of an authority that Slipway made and that
    /// is bound to names.
    pub fn read(file: &Path) -> Result<Self, Failure> {
        let failed = |error: &dyn std::fmt::Display| Failure::at(file.display(), error);
        let pem = fs::read_to_string(file).map_err(|error| failed(&error))?;
        let refused = |why: &str| {
            failed(&format_args!("{why}: it is not trusted\nhint: a server's is ca.crt in its data folder"))
        };
        if pem.matches("-----BEGIN ").count() != 1 {
            return Err(refused("is not one certificate"));
        }
        let der = CertificateDer::from_pem_slice(pem.as_bytes());
        let der = der.map_err(|_| refused("is not one certificate"))?;
        let (_, parsed) = X509Certificate::from_der(&der).map_err(|_| refused("is not one certificate"))?;
        let name = parsed.subject().iter_common_name().next().and_then(|name| name.as_str().ok());
        let id = name.and_then(|name| name.strip_prefix(NAME_OF_AUTHORITY)).unwrap_or_default();
        if id.len() != 8 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) || !parsed.is_ca() {
            return Err(refused("is no certificate authority of Slipway"));
        }
        let names = names(&parsed).ok_or_else(|| refused("could vouch for any name"))?;
        let end = parsed.validity().not_after.to_datetime().date().to_string();
        let file = path::absolute(file).map_err(|error| failed(&error))?;
        Ok(Self { file, pem, alias: format!("slipway-{id}"), end, names })
    }
}

/// The names and networks to which the certificate is bound; none if there are names to which it is not. The binding
/// has to be critical, and to speak of both names and addresses, for it does not hold for kinds that it leaves out
/// (RFC 5280 section 4.2.1.10).
fn names(certificate: &X509Certificate<'_>) -> Option<Vec<String>> {
    let constraints = certificate.name_constraints().ok()??;
    if !constraints.critical {
        return None;
    }
    let (mut names, mut networks) = (Vec::new(), Vec::new());
    for subtree in constraints.value.permitted_subtrees.as_deref()? {
        match &subtree.base {
            GeneralName::DNSName(name) if name.trim_matches('.').contains('.') || *name == "localhost" => {
                names.push((*name).to_owned());
            }
            GeneralName::IPAddress(octets) => networks.push(network(octets)?),
            // A whole top-level domain, or what TLS does not use.
            _ => return None,
        }
    }
    let bound = !names.is_empty() && !networks.is_empty();
    bound.then(|| names.into_iter().chain(networks).collect())
}

/// An address with its mask, such as `127.0.0.0/8`; none for more than that of the loopback addresses.
fn network(octets: &[u8]) -> Option<String> {
    let (address, mask) = octets.split_at(octets.len() / 2);
    let length: u32 = mask.iter().map(|byte| byte.count_ones()).sum();
    let first: Vec<u8> = address.iter().zip(mask).map(|(byte, mask)| byte & mask).collect();
    let address: IpAddr = match *first {
        [a, b, c, d] => [a, b, c, d].into(),
        _ => <[u8; 16]>::try_from(first).ok()?.into(),
    };
    (length >= 8).then(|| format!("{address}/{length}"))
}
