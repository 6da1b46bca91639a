//! The system's certificate authorities and the server's own in one file, for programs whose variables replace what
//! they trust (`SSL_CERT_FILE`, `REQUESTS_CA_BUNDLE`, `CURL_CA_BUNDLE`): with the server's alone they could speak with
//! nobody else.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::config;
use crate::data;
use crate::failure::Failure;

/// The file, beside the authority's certificate.
pub const BUNDLE_FILE: &str = "ca-bundle.crt";

/// Where systems keep theirs: Debian, Fedora, openSUSE, Alpine and macOS, FreeBSD. The same places as in Go's
/// crypto/x509 and the openssl-probe crate.
const SYSTEM: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/etc/ssl/cert.pem",
];

/// Writes the file beside the certificate, unless it is as it should be, and gives its path. Where `SSL_CERT_FILE`
/// says what this process trusts, that is taken for the system's.
///
/// # Errors
/// [`Failure::Runtime`] that names the file which cannot be read or written.
pub fn write(certificate: &Path) -> Result<PathBuf, Failure> {
    let path = certificate.with_file_name(BUNDLE_FILE);
    let named = config::variable("SSL_CERT_FILE").map(PathBuf::from).filter(|named| *named != path);
    let mut bundle = match &named {
        Some(named) => read(named).map_err(|error| Failure::at(named.display(), error))?.unwrap_or_default(),
        None => system()?,
    };
    let own = fs::read(certificate).map_err(|error| Failure::at(certificate.display(), error))?;
    if !bundle.is_empty() && !bundle.ends_with(b"\n") {
        bundle.push(b'\n');
    }
    bundle.extend_from_slice(&own);
    let failed = |error: io::Error| Failure::at(path.display(), error);
    if read(&path).map_err(failed)?.as_ref() != Some(&bundle) {
        data::write(&path, &bundle, data::PUBLIC).map_err(failed)?;
    }
    Ok(path)
}

/// What the system trusts; nothing where it is in none of the places.
fn system() -> Result<Vec<u8>, Failure> {
    for path in SYSTEM {
        if let Some(found) = read(Path::new(path)).map_err(|error| Failure::at(path, error))? {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
