//! How trust is made by hand, for people.

use super::certificate::Certificate;
use super::system::{DEBIAN_FOLDER, FEDORA_FOLDER};
use crate::cli::env::format::shell;
use crate::failure::Failure;
use crate::tls::bundle;

/// The commands for each system and language.
///
/// Sources: update-ca-certificates(8), update-ca-trust(8), security(1), Microsoft's certutil reference, keytool's and
/// Node's documentation, Python's ssl and requests' documentation, and
/// <https://learn.microsoft.com/dotnet/standard/security/cross-platform-cryptography> for .NET.
pub fn of(certificate: &Certificate) -> Result<String, Failure> {
    let Certificate { file, alias, end, names, .. } = certificate;
    let shown = file.display();
    let file = shell(&file.to_string_lossy());
    let all = bundle::write(&certificate.file)?;
    let all = shell(&all.to_string_lossy());
    Ok(format!(
        r"{shown}
The authority {alias} is good until {end} and can vouch for these only:
  {names}

The system that this runs on
  sudo slipway trust --install --ca-file {file}        undo: the same with --uninstall

Debian, Ubuntu
  sudo cp {file} {DEBIAN_FOLDER}/{alias}.crt
  sudo update-ca-certificates                          undo: remove the copy, sudo update-ca-certificates --fresh

Fedora, RHEL
  sudo cp {file} {FEDORA_FOLDER}/{alias}.crt
  sudo update-ca-trust                                 undo: remove the copy, sudo update-ca-trust

macOS
  sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain {file}
                                                       undo: sudo security remove-trusted-cert -d {file}

Windows, as administrator, with a copy of the file
  certutil -addstore -f Root ca.crt                    undo: certutil -delstore Root <serial number>

Python (ssl, httpx, requests, aiohttp), which have a list of their own or take the system's
  export SSL_CERT_FILE={all} REQUESTS_CA_BUNDLE={all}
  The file holds the system's authorities too, for these variables replace the list.

Node
  export NODE_EXTRA_CA_CERTS={file}
  or, once the system trusts it, from 22.15 on: export NODE_OPTIONS=--use-system-ca

Java
  slipway trust --install --store java --ca-file {file}        undo: the same with --uninstall
  or by hand:
  keytool -importcert -noprompt -cacerts -storepass changeit -alias {alias} -file {file}

.NET
  takes the system's list; on Linux also export SSL_CERT_FILE={all}
",
        names = names.join(", ")
    ))
}
