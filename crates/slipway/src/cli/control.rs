//! The control API of a server.
//!
//! It is spoken to over TLS, and must show a certificate of the server's own authority: so the secret goes to the
//! server that has it already, and to nobody else.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::header::{AUTHORIZATION, HOST};
use http::{Method, Request, StatusCode};
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

use crate::failure::Failure;
use crate::readiness::Ready;

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
    /// The server, with what it takes.
    ///
    /// # Errors
    /// [`Failure::Runtime`] if the certificate of its authority cannot be read.
    pub fn of(ready: &Ready) -> Result<Self, Failure> {
        let address = ready.url.trim_start_matches("https://").to_owned();
        Ok(Self { address, secret: ready.control_secret.as_str().into(), trust: trust(&ready.ca_file)? })
    }

    /// Sends the body; gives that of an answer that says it went well.
    ///
    /// # Errors
    /// [`Failure::Runtime`] with what the server says.
    pub async fn post(&self, path: &str, body: Vec<u8>) -> Result<Bytes, Failure> {
        let (status, body) = self.send(Method::POST, path, body).await?;
        if status.is_success() {
            return Ok(body);
        }
        let told = serde_json::from_slice(&body).map(|Refusal { error }| error.message);
        Err(Failure::at(&self.address, format_args!("{status}: {}", told.unwrap_or_default())))
    }

    /// Whether there is something at the path.
    ///
    /// # Errors
    /// [`Failure::Runtime`] if the server does not answer.
    pub async fn has(&self, path: &str) -> Result<bool, Failure> {
        Ok(self.send(Method::GET, path, Vec::new()).await?.0 == StatusCode::OK)
    }

    async fn send(&self, method: Method, path: &str, body: Vec<u8>) -> Result<(StatusCode, Bytes), Failure> {
        let failed = |error: &dyn std::fmt::Display| Failure::at(&self.address, error);
        let request = Request::builder()
            .method(method)
            .uri(path)
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
        Ok((status, body))
    }

    async fn connect(&self) -> std::io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
        let stream = TcpStream::connect(&self.address).await?;
        let connector = TlsConnector::from(Arc::new(self.trust.clone()));
        connector.connect(ServerName::DnsName(NAME.try_into().map_err(std::io::Error::other)?), stream).await
    }
}

/// Trusts the authority, and no other.
fn trust(path: &Path) -> Result<ClientConfig, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::at(path.display(), error);
    let certificate = CertificateDer::from_pem_file(path).map_err(|error| failed(&error))?;
    let mut trusted = RootCertStore::empty();
    trusted.add(certificate).map_err(|error| failed(&error))?;
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| failed(&error))?;
    Ok(builder.with_root_certificates(trusted).with_no_client_auth())
}
