//! The wire: one port for plain HTTP and TLS, HTTP/1.1 and HTTP/2, and the end of each connection.

use std::convert::Infallible;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use slipway_graph::{Scheme, Server};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::config::Listen;
use crate::failure::Failure;
use crate::tls;

/// A connection must say its first word of HTTP within this time, the TLS handshake included.
const FIRST_WORD: Duration = Duration::from_secs(10);
/// A connection over HTTP/1.1 is closed that begins no request, or does not end its header, for so long. Longer than
/// clients keep idle connections, so that they rarely send into a closing one.
const NEXT_REQUEST: Duration = Duration::from_secs(120);
/// How often a silent HTTP/2 peer is asked whether it is still there, and how long it may take to answer.
const PING: Duration = Duration::from_secs(30);
/// Longest line and header of a request over HTTP/1.1, and what is read of a body at once, in bytes.
const READ_BUFFER: usize = 64 * 1024;
/// How long accepting rests when the system has no more of something, such as file descriptors.
const REST: Duration = Duration::from_millis(100);
/// How long requests in flight may take to end once the server stops.
const LAST_REQUESTS: Duration = Duration::from_secs(30);

/// How long a connection without a request may take to say goodbye.
const FAREWELL: Duration = Duration::from_secs(1);

/// The first byte of a TLS handshake (RFC 8446 section 5.1).
const TLS_HANDSHAKE: u8 = 0x16;
/// What tells the preface of HTTP/2 (RFC 9113 section 3.4) from every method of HTTP/1.1.
const HTTP_2_PREFACE: &[u8; 3] = b"PRI";

/// Binds every address, with as many listeners as addresses, in their order.
///
/// # Errors
/// [`Failure::Runtime`] that names the address.
pub async fn bind(addresses: &[Listen]) -> Result<Vec<TcpListener>, Failure> {
    let mut listeners = Vec::with_capacity(addresses.len());
    for Listen(address) in addresses {
        let listener = TcpListener::bind(address).await;
        listeners
            .push(listener.map_err(|error| Failure::at(format_args!("cannot listen on {address}"), error))?);
    }
    Ok(listeners)
}

/// The open port.
#[derive(Debug)]
pub struct Wire {
    /// Every task of the wire holds a receiver: a message tells them to end, and when all are gone they have.
    stop: watch::Sender<()>,
}

impl Wire {
    /// Begins to accept connections.
    pub fn open(listeners: Vec<TcpListener>, server: &Server, tls: ServerConfig) -> Self {
        let (stop, stopped) = watch::channel(());
        let speaker = Arc::new(Speaker::new(server.clone(), tls));
        for listener in listeners {
            tokio::spawn(accept(listener, Arc::clone(&speaker), stopped.clone()));
        }
        Self { stop }
    }

    /// Accepts nothing more, lets requests in flight end, at most for 30 seconds, and closes every connection.
    pub async fn close(self) {
        self.stop.send_replace(());
        if timeout(LAST_REQUESTS, self.stop.closed()).await.is_err() {
            tracing::warn!("requests were still in flight after {LAST_REQUESTS:?}");
        }
    }
}

async fn accept(listener: TcpListener, speaker: Arc<Speaker>, mut stopped: watch::Receiver<()>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.changed() => return,
        };
        match accepted {
            Ok((tcp, peer)) => {
                tokio::spawn(Arc::clone(&speaker).welcome(tcp, peer, stopped.clone()));
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections");
                sleep(REST).await;
            }
        }
    }
}

/// Whether the connection failed that was to be accepted, and not the listener.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset
    )
}

/// What a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Http1,
    Http2,
}

/// A connection that has said its first word.
enum Opened {
    Plain(TcpStream, Protocol),
    Tls(Box<TlsStream<TcpStream>>, Protocol),
}

/// Speaks with clients.
struct Speaker {
    server: Server,
    tls: TlsAcceptor,
    http1: auto::Builder<TokioExecutor>,
    http2: auto::Builder<TokioExecutor>,
}

impl Speaker {
    fn new(server: Server, tls: ServerConfig) -> Self {
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder.http1().timer(TokioTimer::new()).header_read_timeout(NEXT_REQUEST).max_buf_size(READ_BUFFER);
        builder.http2().timer(TokioTimer::new()).keep_alive_interval(PING).keep_alive_timeout(PING);
        let (http1, http2) = (builder.clone().http1_only(), builder.http2_only());
        Self { server, tls: TlsAcceptor::from(Arc::new(tls)), http1, http2 }
    }

    /// Serves the connection to its end.
    async fn welcome(self: Arc<Self>, tcp: TcpStream, peer: SocketAddr, mut stopped: watch::Receiver<()>) {
        let opened = tokio::select! {
            opened = timeout(FIRST_WORD, self.open(tcp)) => opened,
            _ = stopped.changed() => return,
        };
        let ended = match opened {
            Ok(Ok(Opened::Plain(io, protocol))) => self.speak(io, protocol, Scheme::Http, stopped).await,
            Ok(Ok(Opened::Tls(io, protocol))) => self.speak(io, protocol, Scheme::Https, stopped).await,
            Ok(Err(error)) => Err(error.into()),
            Err(elapsed) => Err(elapsed.into()),
        };
        if let Err(error) = ended {
            tracing::debug!(%peer, error, "connection ended");
        }
    }

    /// Waits for the first word and finds out what is spoken.
    async fn open(&self, tcp: TcpStream) -> io::Result<Opened> {
        tcp.set_nodelay(true)?;
        let mut buffer = [0; HTTP_2_PREFACE.len()];
        loop {
            let length = tcp.peek(&mut buffer).await?;
            match buffer.get(..length).unwrap_or_default() {
                [] => return Err(ErrorKind::UnexpectedEof.into()),
                [TLS_HANDSHAKE, ..] => break,
                word if word == HTTP_2_PREFACE => return Ok(Opened::Plain(tcp, Protocol::Http2)),
                // The rest is on its way; peeking does not wait for it.
                part if HTTP_2_PREFACE.starts_with(part) => sleep(Duration::from_millis(5)).await,
                _ => return Ok(Opened::Plain(tcp, Protocol::Http1)),
            }
        }
        let mut stream = self.tls.accept(tcp).await?;
        if stream.fill_buf().await?.is_empty() {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let protocol = match stream.get_ref().1.alpn_protocol() {
            Some(tls::HTTP_2) => Protocol::Http2,
            _ => Protocol::Http1,
        };
        Ok(Opened::Tls(Box::new(stream), protocol))
    }

    /// Answers requests until the client or the server ends the connection.
    async fn speak(
        &self,
        io: impl AsyncRead + AsyncWrite + Unpin + 'static,
        protocol: Protocol,
        scheme: Scheme,
        mut stopped: watch::Receiver<()>,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let builder = match protocol {
            Protocol::Http1 => &self.http1,
            Protocol::Http2 => &self.http2,
        };
        let busy = Arc::new(());
        let answer = service_fn(|request| {
            let (server, busy) = (self.server.clone(), Arc::clone(&busy));
            async move {
                let response = server.respond(request, scheme).await;
                drop(busy);
                Ok::<_, Infallible>(response)
            }
        });
        let mut connection = pin!(builder.serve_connection(TokioIo::new(io), answer));
        tokio::select! {
            biased;
            ended = connection.as_mut() => return ended,
            _ = stopped.changed() => connection.as_mut().graceful_shutdown(),
        }
        // An HTTP/2 client that sits idle does not read the farewell, and hyper waits until it does.
        loop {
            tokio::select! {
                biased;
                ended = connection.as_mut() => return ended,
                () = sleep(FAREWELL) => if Arc::strong_count(&busy) == 1 { return Ok(()) },
            }
        }
    }
}
