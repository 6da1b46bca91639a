//! TLS: leaf certificates made anew at each start, signed by the server's own authority.

mod authority;
pub mod bundle;
mod certificates;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use jiff::Timestamp;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::{Ticketer, default_provider};

pub use authority::{Authority, CERTIFICATE_FILE, KEY_FILE, NAME_OF_AUTHORITY};

use crate::config::TlsName;
use crate::failure::Failure;
use certificates::Certificates;

/// `h2`, as clients and this server negotiate it.
pub const HTTP_2: &[u8] = b"h2";
const HTTP_1_1: &[u8] = b"http/1.1";

/// The names of the server's own certificate: localhost, 127.0.0.1, `::1` and those that the settings add.
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

/// The names that the authority must vouch for: the server's own and those for which it stands in.
pub fn vouched(own: &[TlsName], intercepted: &[String]) -> Vec<TlsName> {
    own.iter().cloned().chain(intercepted.iter().cloned().map(TlsName::Dns)).collect()
}

/// How TLS is spoken: versions 1.2 and 1.3, HTTP/2 before HTTP/1.1, sessions resumed by tickets that only this
/// process can read, new certificates.
///
/// # Errors
/// [`Failure::Runtime`] that says what could not be made.
pub fn server_config(
    authority: &Authority,
    names: &[TlsName],
    intercepted: &[String],
    now: Timestamp,
) -> Result<ServerConfig, Failure> {
    let provider = Arc::new(default_provider());
    let certificates = Certificates::issue(authority, names, intercepted, now, &provider)?;
    let failed = |error| Failure::at("TLS", error);
    let builder = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?;
    let mut config = builder.with_no_client_auth().with_cert_resolver(Arc::new(certificates));
    config.alpn_protocols = vec![HTTP_2.to_vec(), HTTP_1_1.to_vec()];
    config.ticketer = Ticketer::new().map_err(failed)?;
    Ok(config)
}
