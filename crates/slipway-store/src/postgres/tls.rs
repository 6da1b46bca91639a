//! Encryption of connections: how far the server's certificate is checked.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_cert_signed_by_trust_anchor};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

/// How far the server's certificate is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verification {
    /// Not at all: whoever answers may read along.
    None,
    /// It comes from one of the authorities.
    Authority(Authorities),
    /// It comes from one of the authorities and is for this host.
    Full(Authorities),
}

/// Who may issue the server's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Authorities {
    /// Those that the system trusts.
    System,
    /// Those in this PEM file.
    File(PathBuf),
}

impl Verification {
    /// The meaning of `sslmode` and `sslrootcert`:
    /// <https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION>.
    pub(super) fn parse(
        sslmode: Option<&str>,
        sslrootcert: Option<String>,
    ) -> Result<(SslMode, Self), String> {
        let given = sslrootcert.filter(|file| file != "system").map(|file| Authorities::File(file.into()));
        match sslmode.unwrap_or("prefer") {
            "disable" => Ok((SslMode::Disable, Self::None)),
            "allow" | "prefer" => Ok((SslMode::Prefer, Self::None)),
            // With authorities at hand it checks them, as libpq does.
            "require" => Ok((SslMode::Require, given.map_or(Self::None, Self::Authority))),
            "verify-ca" => Ok((SslMode::Require, Self::Authority(given.unwrap_or(Authorities::System)))),
            "verify-full" => Ok((SslMode::Require, Self::Full(given.unwrap_or(Authorities::System)))),
            other => {
                Err(format!("sslmode '{other}' is none of disable, prefer, require, verify-ca, verify-full"))
            }
        }
    }

    /// What makes connections so. Reads the authorities.
    ///
    /// # Errors
    /// Authorities that cannot be read, in words.
    pub(super) fn connector(&self) -> Result<MakeRustlsConnect, String> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let config = match self {
            Self::Full(authorities) => {
                let roots = Arc::new(authorities.load()?);
                let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider).build();
                builder.with_webpki_verifier(verifier.map_err(|error| error.to_string())?)
            }
            Self::Authority(authorities) => builder
                .dangerous()
                .with_custom_certificate_verifier(AnyHost::new(Some(authorities.load()?), &provider)),
            Self::None => builder.dangerous().with_custom_certificate_verifier(AnyHost::new(None, &provider)),
        };
        Ok(MakeRustlsConnect::new(config.with_no_client_auth()))
    }
}

impl Authorities {
    fn load(&self) -> Result<RootCertStore, String> {
        let mut roots = RootCertStore::empty();
        match self {
            Self::System => {
                let found = rustls_native_certs::load_native_certs();
                if found.certs.is_empty() {
                    return Err(
                        "the system has no certificate authorities; name a file with sslrootcert".to_owned()
                    );
                }
                // Old ones of a system may have forms that nobody reads any more.
                roots.add_parsable_certificates(found.certs);
            }
            Self::File(file) => {
                let unreadable = |why: &dyn std::fmt::Display| {
                    format!("sslrootcert '{}' cannot be read: {why}", file.display())
                };
                let certificates = CertificateDer::pem_file_iter(file).map_err(|error| unreadable(&error))?;
                for certificate in certificates {
                    let certificate = certificate.map_err(|error| unreadable(&error))?;
                    roots.add(certificate).map_err(|error| unreadable(&error))?;
                }
                if roots.is_empty() {
                    return Err(unreadable(&"it holds no certificate"));
                }
            }
        }
        Ok(roots)
    }
}

/// Takes certificates for any host: from the authorities, or, without any, from anybody. In both cases the server
/// must have the certificate's key.
#[derive(Debug)]
struct AnyHost {
    authorities: Option<RootCertStore>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl AnyHost {
    fn new(authorities: Option<RootCertStore>, provider: &CryptoProvider) -> Arc<Self> {
        Arc::new(Self { authorities, algorithms: provider.signature_verification_algorithms })
    }
}

impl ServerCertVerifier for AnyHost {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if let Some(authorities) = &self.authorities {
            verify_server_cert_signed_by_trust_anchor(
                &ParsedCertificate::try_from(certificate)?,
                authorities,
                intermediates,
                now,
                self.algorithms.all,
            )?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_mean_what_libpq_says() {
        let file = || Authorities::File("ca.pem".into());
        let given = || Some("ca.pem".to_owned());
        for (mode, file_given, expected) in [
            (None, None, (SslMode::Prefer, Verification::None)),
            (Some("disable"), None, (SslMode::Disable, Verification::None)),
            (Some("prefer"), given(), (SslMode::Prefer, Verification::None)),
            (Some("require"), None, (SslMode::Require, Verification::None)),
            (Some("require"), given(), (SslMode::Require, Verification::Authority(file()))),
            (Some("verify-ca"), given(), (SslMode::Require, Verification::Authority(file()))),
            (Some("verify-full"), given(), (SslMode::Require, Verification::Full(file()))),
            (
                Some("verify-full"),
                Some("system".to_owned()),
                (SslMode::Require, Verification::Full(Authorities::System)),
            ),
        ] {
            assert_eq!(Verification::parse(mode, file_given), Ok(expected), "{mode:?}");
        }
        assert!(Verification::parse(Some("verify"), None).unwrap_err().contains("verify-full"));
    }

    #[test]
    fn authorities_that_are_not_there_are_named() {
        let verification = Verification::Full(Authorities::File("/nowhere/ca.pem".into()));
        let error = verification.connector().err().unwrap();
        assert!(error.contains("/nowhere/ca.pem"), "{error}");
        assert!(Verification::None.connector().is_ok());
    }
}
