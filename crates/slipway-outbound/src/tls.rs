//! TLS to others: the system's certificate authorities and those that the operator adds.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;

/// Reads the certificates of a PEM file, for [`crate::Rules::authorities`].
///
/// # Errors
/// What is wrong with the file, in words.
pub fn read_authorities(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let unreadable = |why: &dyn std::fmt::Display| format!("{}: {why}", file.display());
    let found: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(file).map_err(|error| unreadable(&error))?.collect();
    let found = found.map_err(|error| unreadable(&error))?;
    let mut roots = RootCertStore::empty();
    for certificate in &found {
        roots.add(certificate.clone()).map_err(|error| unreadable(&error))?;
    }
    if found.is_empty() { Err(unreadable(&"it holds no certificate in PEM form")) } else { Ok(found) }
}

/// How TLS is spoken to others.
///
/// # Errors
/// Why it cannot be, in words.
pub(crate) fn connector(added: &[CertificateDer<'static>]) -> Result<TlsConnector, String> {
    let mut roots = RootCertStore::empty();
    // Old ones of a system may have forms that nobody reads any more.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots.add_parsable_certificates(added.iter().cloned());
    if roots.is_empty() {
        return Err("there are no certificate authorities to trust".to_owned());
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}
