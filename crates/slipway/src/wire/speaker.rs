//! One connection, from its first word to its end: what it speaks, its requests, and the tunnel it may become.

use std::convert::Infallible;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ServerConfig;
use slipway_graph::{Scheme, Server};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, BufReader};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::patient::Patient;
use super::proxy::{Depth, Proxy};
use super::requests::Requests;
use super::tunnel::{self, End, Next, Tunnel};
use crate::tls;

/// A connection must say its first word of HTTP within this time, the TLS handshake included.
const FIRST_WORD: Duration = Duration::from_secs(10);
/// Longest line and header of a request, and what is read of a body at once, in bytes.
const READ_BUFFER: usize = 64 * 1024;
/// Requests of one connection over HTTP/2 at a time.
const STREAMS: u32 = 128;
/// Streams that a client may reset before anybody looked at them; a flood of these is an attack (CVE-2023-44487).
const RESETS: usize = 20;
/// Streams of a client that may end for its own mistakes, before the connection does.
const MISTAKES: usize = 100;
/// How long a connection without a request may take to say goodbye.
const FAREWELL: Duration = Duration::from_secs(1);

/// The first byte of a TLS handshake (RFC 8446 section 5.1).
const TLS_HANDSHAKE: u8 = 0x16;
/// What tells the preface of HTTP/2 (RFC 9113 section 3.4) from every method of HTTP/1.1.
const HTTP_2_PREFACE: &[u8; 3] = b"PRI";

type Ended<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// What a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Http1,
    Http2,
}

/// How requests of a connection are taken.
#[derive(Clone, Copy)]
struct Manner {
    protocol: Protocol,
    scheme: Scheme,
    depth: Depth,
}

/// A connection that has said its first word.
enum Opened<T> {
    Plain(T, Protocol),
    Tls(Box<TlsStream<T>>, Protocol),
}

/// Speaks with clients.
pub struct Speaker {
    server: Server,
    tls: TlsAcceptor,
    proxy: Proxy,
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
}

impl Speaker {
    /// Speaks for the server, and as the proxy.
    pub fn new(server: Server, tls: ServerConfig, proxy: Proxy) -> Self {
        // hyper's own time limit costs a timer a request, and knows neither HTTP/2 nor clients that do not read.
        let mut http1 = http1::Builder::new();
        http1.header_read_timeout(None).max_buf_size(READ_BUFFER);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .max_concurrent_streams(STREAMS)
            .max_pending_accept_reset_streams(RESETS)
            .max_local_error_reset_streams(MISTAKES)
            .max_header_list_size(u32::try_from(READ_BUFFER).unwrap_or(u32::MAX));
        Self { server, tls: TlsAcceptor::from(Arc::new(tls)), proxy, http1, http2 }
    }

    /// Serves the connection to its end, and keeps its place so long.
    pub async fn welcome(
        self: Arc<Self>,
        tcp: TcpStream,
        peer: SocketAddr,
        _place: OwnedSemaphorePermit,
        mut stopped: watch::Receiver<()>,
    ) {
        let ended = self.serve(tcp, &mut stopped).await;
        if let Err(error) = ended {
            tracing::debug!(%peer, error, "connection ended");
        }
    }

    async fn serve(self: &Arc<Self>, tcp: TcpStream, stopped: &mut watch::Receiver<()>) -> Ended<()> {
        let opened = tokio::select! {
            opened = timeout(FIRST_WORD, self.open(tcp)) => opened??,
            _ = stopped.changed() => return Ok(()),
        };
        let tunnel = self.answer_all(opened, Depth::Outside, stopped).await?;
        let Some(Tunnel { upgrade, end }) = tunnel else { return Ok(()) };
        let io = TokioIo::new(timeout(FIRST_WORD, upgrade).await??);
        match end {
            End::Here => {
                let opened = tokio::select! {
                    opened = timeout(FIRST_WORD, self.open_tunnel(io)) => opened??,
                    _ = stopped.changed() => return Ok(()),
                };
                self.answer_all(opened, Depth::Inside, stopped).await?;
            }
            End::There(other, _place) => tokio::select! {
                carried = tunnel::carry(io, other) => carried?,
                _ = stopped.changed() => {}
            },
        }
        Ok(())
    }

    /// Waits for the first word and finds out what is spoken.
    async fn open(&self, tcp: TcpStream) -> io::Result<Opened<Patient<TcpStream>>> {
        tcp.set_nodelay(true)?;
        let mut buffer = [0; HTTP_2_PREFACE.len()];
        loop {
            let length = tcp.peek(&mut buffer).await?;
            match buffer.get(..length).unwrap_or_default() {
                [] => return Err(ErrorKind::UnexpectedEof.into()),
                [TLS_HANDSHAKE, ..] => return self.shake_hands(Patient::new(tcp)).await,
                word if word == HTTP_2_PREFACE => {
                    return Ok(Opened::Plain(Patient::new(tcp), Protocol::Http2));
                }
                // The rest is on its way; peeking does not wait for it.
                part if HTTP_2_PREFACE.starts_with(part) => sleep(Duration::from_millis(5)).await,
                _ => return Ok(Opened::Plain(Patient::new(tcp), Protocol::Http1)),
            }
        }
    }

    /// The same in a tunnel, where HTTP/2 is spoken over TLS only, as everywhere between strangers.
    async fn open_tunnel<T>(&self, io: T) -> io::Result<Opened<BufReader<T>>>
    where
        T: AsyncRead + AsyncWrite + Unpin,
    {
        let mut io = BufReader::new(io);
        match io.fill_buf().await? {
            [] => Err(ErrorKind::UnexpectedEof.into()),
            [TLS_HANDSHAKE, ..] => self.shake_hands(io).await,
            _ => Ok(Opened::Plain(io, Protocol::Http1)),
        }
    }

    async fn shake_hands<T>(&self, io: T) -> io::Result<Opened<T>>
    where
        T: AsyncRead + AsyncWrite + Unpin,
    {
        let mut stream = self.tls.accept(io).await?;
        if stream.fill_buf().await?.is_empty() {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let protocol = match stream.get_ref().1.alpn_protocol() {
            Some(tls::HTTP_2) => Protocol::Http2,
            _ => Protocol::Http1,
        };
        Ok(Opened::Tls(Box::new(stream), protocol))
    }

    /// Answers requests until the client or the server ends the connection, or it becomes a tunnel.
    async fn answer_all<T>(
        self: &Arc<Self>,
        opened: Opened<T>,
        depth: Depth,
        stopped: &mut watch::Receiver<()>,
    ) -> Ended<Option<Tunnel>>
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        match opened {
            Opened::Plain(io, protocol) => {
                self.speak(io, Manner { protocol, scheme: Scheme::Http, depth }, stopped).await
            }
            Opened::Tls(io, protocol) => {
                self.speak(io, Manner { protocol, scheme: Scheme::Https, depth }, stopped).await
            }
        }
    }

    async fn speak<T>(
        self: &Arc<Self>,
        io: T,
        manner: Manner,
        stopped: &mut watch::Receiver<()>,
    ) -> Ended<Option<Tunnel>>
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (requests, next) = (Requests::default(), Next::default());
        let answer = service_fn(|request| {
            let (speaker, in_flight, next) = (Arc::clone(self), requests.begin(), next.clone());
            async move {
                let response = speaker.answer(request, manner, &next).await;
                drop(in_flight);
                Ok::<_, Infallible>(response)
            }
        });
        let io = TokioIo::new(io);
        match manner.protocol {
            Protocol::Http1 => {
                let connection = self.http1.serve_connection(io, answer).with_upgrades();
                converse(connection, &requests, stopped).await?;
            }
            Protocol::Http2 => converse(self.http2.serve_connection(io, answer), &requests, stopped).await?,
        }
        Ok(next.take())
    }

    async fn answer(
        &self,
        mut request: Request<Incoming>,
        manner: Manner,
        next: &Next,
    ) -> Response<Full<Bytes>> {
        if Proxy::is_asked(&request) {
            let answer = Box::pin(self.proxy.answer(&mut request, manner.depth, next)).await;
            if let Some(response) = answer {
                return response;
            }
        }
        self.server.respond(request, manner.scheme).await
    }
}

/// A connection of hyper's that can be told to end.
trait Connection: Future<Output = hyper::Result<()>> {
    /// Lets requests in flight end, and takes no others.
    fn say_goodbye(self: Pin<&mut Self>);
}

impl<T, S> Connection for http1::UpgradeableConnection<T, S>
where
    Self: Future<Output = hyper::Result<()>>,
    T: hyper::rt::Read + hyper::rt::Write + Unpin + Send,
    S: HttpService<Incoming, ResBody = Full<Bytes>, Error = Infallible>,
{
    fn say_goodbye(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<T, S> Connection for http2::Connection<T, S, TokioExecutor>
where
    Self: Future<Output = hyper::Result<()>>,
    T: hyper::rt::Read + hyper::rt::Write + Unpin,
    S: HttpService<Incoming, ResBody = Full<Bytes>, Error = Infallible>,
    TokioExecutor: hyper::rt::bounds::Http2ServerConnExec<S::Future, Full<Bytes>>,
{
    fn say_goodbye(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// Drives the connection to its end, which comes when the client wants it, after a pause, or when the server stops.
async fn converse(
    connection: impl Connection,
    requests: &Requests,
    stopped: &mut watch::Receiver<()>,
) -> hyper::Result<()> {
    let mut connection = pin!(connection);
    tokio::select! {
        biased;
        ended = connection.as_mut() => return ended,
        () = requests.pause() => {}
        _ = stopped.changed() => {}
    }
    connection.as_mut().say_goodbye();
    // hyper waits until the client has read everything, and one that sits idle or means ill does not.
    loop {
        let before = requests.seen();
        tokio::select! {
            biased;
            ended = connection.as_mut() => return ended,
            () = sleep(FAREWELL) => {
                if before.in_flight == 0 && before == requests.seen() {
                    return Ok(());
                }
            }
        }
    }
}
