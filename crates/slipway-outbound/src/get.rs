//! Documents of others: one GET, within limits, without following anybody anywhere.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, HOST, USER_AGENT};
use http::{HeaderValue, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use crate::fault::OutboundFault;
use crate::origin::{Origin, Scheme};
use crate::{Outbound, tls};

/// What is read at once; no header is longer.
const READ_BUFFER: usize = 64 * 1024;

/// How much of an answer is taken.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the body.
    pub bytes: usize,
    /// From resolving the name to the last byte.
    pub time: Duration,
}

impl Limits {
    /// Enough for discovery documents and key sets: a megabyte, ten seconds.
    pub const DOCUMENT: Self = Self { bytes: 1 << 20, time: Duration::from_secs(10) };
}

impl Outbound {
    /// What is at the URL: the body of a 200. Redirects are not followed. Plain `http` only goes to what the operator
    /// named so, for what comes that way may be anybody's.
    ///
    /// # Errors
    /// [`OutboundFault`] that says what it came to.
    pub async fn get(&self, url: &str, limits: Limits) -> Result<Bytes, OutboundFault> {
        let origin = Origin::of(url)?;
        if origin.scheme() == Scheme::Http && !self.0.rules.named.contains(&origin) {
            return Err(OutboundFault::Plain(origin.host().to_owned()));
        }
        let uri = url.parse().map_err(|_| OutboundFault::Url(url.to_owned()))?;
        let got = timeout(limits.time, self.fetch(&uri, &origin, limits.bytes)).await;
        got.unwrap_or(Err(OutboundFault::TimedOut(limits.time)))
    }

    async fn fetch(&self, uri: &Uri, origin: &Origin, most: usize) -> Result<Bytes, OutboundFault> {
        let tcp = self.connect(origin.host(), origin.port()).await?;
        if origin.scheme() == Scheme::Http {
            return ask(tcp, uri, most).await;
        }
        let way = &self.0;
        let connector = way.tls.get_or_init(|| tls::connector(&way.rules.authorities));
        let connector = connector.as_ref().map_err(|error| OutboundFault::Tls(error.clone()))?;
        let untrusted = |error: &dyn std::fmt::Display| OutboundFault::Tls(error.to_string());
        let name = ServerName::try_from(origin.host().to_owned()).map_err(|error| untrusted(&error))?;
        let stream = connector.connect(name, tcp).await.map_err(|error| untrusted(&error))?;
        ask(stream, uri, most).await
    }
}

/// Asks for the document over the connection, and takes it.
async fn ask<T>(io: T, uri: &Uri, most: usize) -> Result<Bytes, OutboundFault>
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let broken = |error: hyper::Error| OutboundFault::Http(error.to_string());
    let mut builder = http1::Builder::new();
    let handshake = builder.max_buf_size(READ_BUFFER).handshake::<_, Empty<Bytes>>(TokioIo::new(io));
    let (mut sender, connection) = handshake.await.map_err(broken)?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let host = uri.authority().and_then(|authority| HeaderValue::from_str(authority.as_str()).ok());
    let request = Request::get(path)
        .header(HOST, host.unwrap_or(HeaderValue::from_static("")))
        .header(ACCEPT, "application/json")
        .header(ACCEPT_ENCODING, "identity")
        .header(USER_AGENT, concat!("slipway/", env!("CARGO_PKG_VERSION")))
        .body(Empty::new())
        .map_err(|error| OutboundFault::Http(error.to_string()))?;
    let document = async {
        let answer = sender.send_request(request).await.map_err(broken)?;
        if answer.status() != StatusCode::OK {
            return Err(OutboundFault::Status(answer.status().as_u16()));
        }
        if answer.headers().get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
            return Err(OutboundFault::Http("an encoding that was not asked for".to_owned()));
        }
        read(answer.into_body(), most).await
    };
    // The connection is driven here, so that it ends with the request, whatever becomes of that.
    let mut document = std::pin::pin!(document);
    tokio::select! {
        biased;
        document = &mut document => document,
        ended = connection => match ended {
            Ok(()) => document.await,
            Err(error) => Err(broken(error)),
        },
    }
}

async fn read(mut body: Incoming, most: usize) -> Result<Bytes, OutboundFault> {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| OutboundFault::Http(error.to_string()))?;
        let Ok(data) = frame.into_data() else { continue };
        if whole.len() + data.len() > most {
            return Err(OutboundFault::TooLarge(most));
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}
