//! TLS: a leaf certificate made anew at each start, signed by the server's own authority.

mod authority;
pub mod bundle;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use jiff::Timestamp;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::PrivatePkcs8KeyDer;

pub use authority::{Authority, CERTIFICATE_FILE, KEY_FILE, NAME_OF_AUTHORITY};

use crate::config::TlsName;
use crate::failure::Failure;

/// `h2`, as clients and this server negotiate it.
pub const HTTP_2: &[u8] = b"h2";
const HTTP_1_1: &[u8] = b"http/1.1";

/// The names of the certificate: localhost, 127.0.0.1, `::1` and those that the settings add.
pub fn names(added: &[TlsName]) -> Vec<TlsName> {
    let mut names = vec![
        TlsName::Dns("localhost".to_owned()),
        TlsName::Address(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        TlsName::Address(IpAddr::V6(Ipv6Addr::LOCALHOST)),
    ];
    for name in added {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// How TLS is spoken: versions 1.2 and 1.3, HTTP/2 before HTTP/1.1, a new certificate for the names.
///
/// # Errors
/// [`Failure::Runtime`] that says what could not be made.
pub fn server_config(
    authority: &Authority,
    names: &[TlsName],
    now: Timestamp,
) -> Result<ServerConfig, Failure> {
    let (certificate, key) = authority.issue(names, now)?;
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let configured = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            builder.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key.into())
        });
    let mut config = configured.map_err(|error| Failure::at("TLS", error))?;
    config.alpn_protocols = vec![HTTP_2.to_vec(), HTTP_1_1.to_vec()];
    Ok(config)
}
