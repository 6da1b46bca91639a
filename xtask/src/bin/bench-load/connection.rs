//! One connection to the server: a request, its answer, the next request.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// More headers than any answer has.
const MOST_HEADERS: usize = 32;

/// What TCP and TLS streams have in common.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection and what was read from it.
pub struct Connection {
    stream: Box<dyn Stream>,
    read: Vec<u8>,
}

/// How TLS is spoken to a server whose certificate the authority in this file has signed.
///
/// # Errors
/// When the file holds no certificate.
pub fn tls(authority: &Path) -> anyhow::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority)?)?;
    Ok(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
}

impl Connection {
    /// Connects, and shakes hands for TLS.
    ///
    /// # Errors
    /// When the server is not there, or is another.
    pub async fn open(address: SocketAddr, tls: Option<TlsConnector>) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let stream: Box<dyn Stream> = match tls {
            Some(tls) => Box::new(tls.connect(ServerName::from(address.ip()), stream).await?),
            None => Box::new(stream),
        };
        Ok(Self { stream, read: Vec::with_capacity(4_096) })
    }

    /// Sends a request and reads its answer to the end: its status, and all of it.
    ///
    /// # Errors
    /// When the connection breaks, or what comes is not one answer with a known end.
    pub async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<(u16, &[u8])> {
        self.stream.write_all(request).await?;
        self.stream.flush().await?;
        self.read.clear();
        loop {
            let more = self.stream.read_buf(&mut self.read).await?;
            ensure!(more > 0, "the server hung up in the midst of an answer");
            if let Some((status, length)) = measure(&self.read)?
                && self.read.len() >= length
            {
                ensure!(self.read.len() == length, "more came than was asked for");
                return Ok((status, &self.read));
            }
        }
    }
}

/// Status and length of the answer that these bytes begin; none = its headers are not all there.
fn measure(bytes: &[u8]) -> anyhow::Result<Option<(u16, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut answer = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = answer.parse(bytes).context("this is not HTTP")? else {
        return Ok(None);
    };
    let status = answer.code.context("an answer without a status")?;
    let length = answer.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let body = match length {
        Some(header) => str::from_utf8(header.value)?.parse()?,
        None if status == 204 => 0,
        None => bail!("an answer without Content-Length"),
    };
    Ok(Some((status, head + body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_end_where_they_say() {
        let created = b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}";
        assert_eq!(measure(created).unwrap(), Some((201, created.len())));
        assert_eq!(measure(&created[..created.len() - 5]).unwrap(), None);
        let deleted = b"HTTP/1.1 204 No Content\r\n\r\n";
        assert_eq!(measure(deleted).unwrap(), Some((204, deleted.len())));
        assert!(measure(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
        assert!(measure(b"no HTTP\r\n\r\n").is_err());
    }
}
