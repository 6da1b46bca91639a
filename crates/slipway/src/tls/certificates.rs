//! Which certificate a client gets: by the name it asks for (SNI, RFC 6066 section 3).

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::authority::Authority;
use crate::config::TlsName;
use crate::failure::Failure;

/// A certificate for the server's own names, and one for each intercepted name.
#[derive(Debug)]
pub struct Certificates {
    own: Arc<CertifiedKey>,
    intercepted: HashMap<String, Arc<CertifiedKey>>,
}

impl Certificates {
    /// New keys and certificates.
    ///
    /// # Errors
    /// [`Failure::Runtime`] that says what could not be made.
    pub fn issue(
        authority: &Authority,
        names: &[TlsName],
        intercepted: &[String],
        now: Timestamp,
        provider: &CryptoProvider,
    ) -> Result<Self, Failure> {
        let issue = |names: &[TlsName]| {
            let (certificate, key) = authority.issue(names, now)?;
            let key = PrivatePkcs8KeyDer::from(key.serialize_der());
            CertifiedKey::from_der(vec![certificate.der().clone()], key.into(), provider)
                .map(Arc::new)
                .map_err(|error| Failure::at("certificate of the server", error))
        };
        let own = issue(names)?;
        let intercepted = intercepted
            .iter()
            .map(|name| Ok((name.clone(), issue(&[TlsName::Dns(name.clone())])?)))
            .collect::<Result<_, Failure>>()?;
        Ok(Self { own, intercepted })
    }
}

impl ResolvesServerCert for Certificates {
    /// Who asks for no name, or for an unknown one, gets the server's own: the client then says what is wrong.
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().map(str::to_ascii_lowercase);
        let intercepted = name.and_then(|name| self.intercepted.get(&name));
        Some(Arc::clone(intercepted.unwrap_or(&self.own)))
    }
}
