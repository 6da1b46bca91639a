//! The control API of the server that has the data folder open.
//!
//! It is spoken to over TLS, and must show a certificate of the authority in the folder: so the secret goes to the
//! server that has it already, and to nobody else.

use std::sync::Arc;
use std::time::Duration;

use http::header::{AUTHORIZATION, HOST};
use http::{Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde::Deserialize;
use slipway_identity::Secret;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::readyz;
use crate::config::Settings;
use crate::data;
use crate::failure::Failure;
use crate::serve::CONTROL_SECRET_FILE;
use crate::tls;

/// How long the way to the server may take; the answer may take as long as the work.
const PATIENCE: Duration = Duration::from_secs(10);

/// A name that every server's certificate has.
const NAME: &str = "localhost";

/// A server, and what it takes to be heard by it.
pub struct Control {
    address: String,
    secret: Secret,
    trust: ClientConfig,
}

/// An error answer, as far as it is shown.
#[derive(Deserialize)]
struct Refusal {
    error: Wording,
}

#[derive(Deserialize)]
struct Wording {
    message: String,
}

impl Control {
    /// The server at the URL, else at the first address of the settings, with what lies in its folder.
    ///
    /// # Errors
    /// [`Failure::Usage`] without an address, [`Failure::Runtime`] if the folder lacks the secret or the certificate.
    pub fn of(settings: &Settings, url: Option<&Uri>) -> Result<Self, Failure> {
        let address = match url {
            Some(url) => readyz::address_of(url)?,
            None => readyz::address_of_settings(settings)?,
        };
        let path = settings.data.join(CONTROL_SECRET_FILE);
        let secret = data::read(&path).map_err(|error| Failure::at(path.display(), error))?;
        let secret = secret.ok_or_else(|| Failure::at(path.display(), "is not there"))?;
        Ok(Self { address, secret: secret.trim().into(), trust: trust(settings)? })
    }

    /// Sends the body; gives that of an answer that says it went well.
    ///
    /// # Errors
    /// [`Failure::Runtime`] with what the server says.
    pub async fn post(&self, path: &str, body: Vec<u8>) -> Result<Bytes, Failure> {
        let failed = |error: &dyn std::fmt::Display| Failure::at(&self.address, error);
        let request = Request::post(path)
            .header(HOST, NAME)
            .header(AUTHORIZATION, format!("Bearer {}", self.secret.expose()))
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| failed(&error))?;
        let connected = timeout(PATIENCE, self.connect()).await.map_err(|_| failed(&"does not answer"))?;
        let stream = connected.map_err(|error| failed(&error))?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| failed(&error))?;
        let connection = tokio::spawn(connection);
        let answer = sender.send_request(request).await.map_err(|error| failed(&error))?;
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(|error| failed(&error))?.to_bytes();
        connection.abort();
        if status.is_success() {
            return Ok(body);
        }
        let told = serde_json::from_slice(&body).map(|Refusal { error }| error.message);
        Err(failed(&format_args!("{status}: {}", told.unwrap_or_default())))
    }

    async fn connect(&self) -> std::io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
        let stream = TcpStream::connect(&self.address).await?;
        let connector = TlsConnector::from(Arc::new(self.trust.clone()));
        connector.connect(ServerName::DnsName(NAME.try_into().map_err(std::io::Error::other)?), stream).await
    }
}

/// Trusts the authority of the folder, and no other.
fn trust(settings: &Settings) -> Result<ClientConfig, Failure> {
    let path = settings.data.join(tls::CERTIFICATE_FILE);
    let failed = |error: &dyn std::fmt::Display| Failure::at(path.display(), error);
    let certificate = CertificateDer::from_pem_file(&path).map_err(|error| failed(&error))?;
    let mut trusted = RootCertStore::empty();
    trusted.add(certificate).map_err(|error| failed(&error))?;
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| failed(&error))?;
    Ok(builder.with_root_certificates(trusted).with_no_client_auth())
}
