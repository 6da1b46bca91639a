//! How the server says that it is ready: the last line on standard output, and the ready file.

use std::io::{self, ErrorKind, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::data;
use crate::failure::Failure;

/// What a program needs to use the server: the one line of the ready file.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ready {
    /// The first address, over TLS.
    pub url: String,
    /// The first address, plain.
    pub http_url: String,
    /// Absolute path of the certificate to trust.
    pub ca_file: PathBuf,
    /// The tenant of the first client in the seed that has a secret, else the demo tenant, if it is there.
    pub tenant_id: Option<String>,
    /// That client, or the demo tenant's with application permissions.
    pub client_id: Option<String>,
    /// That client's secret.
    pub client_secret: Option<String>,
    /// Bearer secret of the control API.
    pub control_secret: String,
}

/// The address as a client on this machine reaches it, such as `127.0.0.1:8365`.
pub fn reachable(listening: SocketAddr) -> SocketAddr {
    let address = match listening.ip() {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    };
    SocketAddr::new(address, listening.port())
}

/// Removes the file of an earlier start, so that nobody takes it for this one's.
///
/// # Errors
/// [`Failure::Runtime`] that names the file.
pub fn retract(file: &Path) -> Result<(), Failure> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Failure::at(file.display(), error)),
        _ => Ok(()),
    }
}

/// Writes the ready file, if one is wanted, and then the ready line.
///
/// # Errors
/// [`Failure::Runtime`] if the file cannot be written. A standard output that nobody reads is no failure.
pub fn announce(ready: &Ready, file: Option<&Path>) -> Result<(), Failure> {
    if let Some(file) = file {
        let failed = |error: io::Error| Failure::at(file.display(), error);
        let mut line = serde_json::to_vec(ready).map_err(|error| failed(error.into()))?;
        line.push(b'\n');
        data::write(file, &line, data::PRIVATE).map_err(failed)?;
    }
    let mut out = io::stdout().lock();
    if let Err(error) = writeln!(out, "slipway is ready: {}", ready.url).and_then(|()| out.flush()) {
        tracing::warn!(%error, "cannot write the ready line");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unspecified_address_is_reached_on_loopback() {
        for (listening, reached) in
            [("0.0.0.0:1", "127.0.0.1:1"), ("[::]:2", "[::1]:2"), ("10.0.0.5:3", "10.0.0.5:3")]
        {
            assert_eq!(reachable(listening.parse().unwrap()), reached.parse().unwrap());
        }
    }
}
