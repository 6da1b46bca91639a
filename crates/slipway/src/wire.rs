//! The wire: one port for plain HTTP and TLS, HTTP/1.1 and HTTP/2, and the end of each connection.

use std::convert::Infallible;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use slipway_graph::{Scheme, Server};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::config::Listen;
use crate::failure::Failure;
use crate::tls;

/// A connection must say its first word of HTTP within this time, the TLS handshake included.
const FIRST_WORD: Duration = Duration::from_secs(10);
/// From then on it must have sent the whole header of its first request within this time.
const FIRST_REQUEST: Duration = Duration::from_secs(10);
/// From then on it is closed if no request begins or ends for so long; it may take twice the time until that is
/// noticed. Longer than clients keep idle connections, so that they rarely send into a closing one.
const NEXT_REQUEST: Duration = Duration::from_secs(120);
/// Longest line and header of a request over HTTP/1.1, and what is read of a body at once, in bytes.
const READ_BUFFER: usize = 64 * 1024;
/// How long accepting rests when the system has no more of something, such as file descriptors.
const REST: Duration = Duration::from_millis(100);
/// How often the log says that connections cannot be accepted, per address.
const COMPLAINT: Duration = Duration::from_secs(60);
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
    /// Begins to accept connections, as many as `places` at a time; what comes then is closed at once.
    pub fn open(listeners: Vec<TcpListener>, server: &Server, tls: ServerConfig, places: usize) -> Self {
        let (stop, stopped) = watch::channel(());
        let speaker = Arc::new(Speaker::new(server.clone(), tls));
        let places = Arc::new(Semaphore::new(places));
        for listener in listeners {
            let entrance = Entrance { places: Arc::clone(&places), full: None, failed: None };
            tokio::spawn(entrance.accept(listener, Arc::clone(&speaker), stopped.clone()));
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

/// Where the connections of one address come in.
struct Entrance {
    /// Places that are free, at all addresses together.
    places: Arc<Semaphore>,
    /// When the log said last that there was none.
    full: Option<Instant>,
    /// When the log said last that the system gave no connection.
    failed: Option<Instant>,
}

impl Entrance {
    async fn accept(
        mut self,
        listener: TcpListener,
        speaker: Arc<Speaker>,
        mut stopped: watch::Receiver<()>,
    ) {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = stopped.changed() => return,
            };
            match accepted {
                Ok((tcp, peer)) => {
                    if let Some(place) = self.place(peer) {
                        tokio::spawn(Arc::clone(&speaker).welcome(tcp, peer, place, stopped.clone()));
                    }
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    if is_due(&mut self.failed) {
                        tracing::warn!(%error, "cannot accept connections");
                    }
                    sleep(REST).await;
                }
            }
        }
    }

    fn place(&mut self, peer: SocketAddr) -> Option<OwnedSemaphorePermit> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok();
        if place.is_none() && is_due(&mut self.full) {
            tracing::warn!(%peer, "as many connections as max-connections allows: new ones are closed at once");
        }
        place
    }
}

/// Whether the log says it again.
fn is_due(said: &mut Option<Instant>) -> bool {
    let is_due = said.is_none_or(|said| said.elapsed() >= COMPLAINT);
    if is_due {
        *said = Some(Instant::now());
    }
    is_due
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
        // hyper's own time limit costs a timer a request, and knows neither HTTP/2 nor clients that do not read.
        builder.http1().header_read_timeout(None).max_buf_size(READ_BUFFER);
        let (http1, http2) = (builder.clone().http1_only(), builder.http2_only());
        Self { server, tls: TlsAcceptor::from(Arc::new(tls)), http1, http2 }
    }

    /// Serves the connection to its end, and keeps its place so long.
    async fn welcome(
        self: Arc<Self>,
        tcp: TcpStream,
        peer: SocketAddr,
        _place: OwnedSemaphorePermit,
        mut stopped: watch::Receiver<()>,
    ) {
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
        let requests = Requests::default();
        let answer = service_fn(|request| {
            let (server, in_flight) = (self.server.clone(), requests.begin());
            async move {
                let response = server.respond(request, scheme).await;
                drop(in_flight);
                Ok::<_, Infallible>(response)
            }
        });
        let mut connection = pin!(builder.serve_connection(TokioIo::new(io), answer));
        tokio::select! {
            biased;
            ended = connection.as_mut() => return ended,
            () = requests.pause() => {}
            _ = stopped.changed() => {}
        }
        connection.as_mut().graceful_shutdown();
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
}

/// The requests of one connection: a count of those that began. Each one in flight holds a clone.
#[derive(Clone, Default)]
struct Requests(Arc<AtomicU64>);

/// The requests of one connection at some time; what begins or ends changes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    begun: u64,
    in_flight: usize,
}

impl Requests {
    /// Counts a request. It is in flight until what this gives is dropped.
    fn begin(&self) -> Self {
        self.0.fetch_add(1, Ordering::Relaxed);
        self.clone()
    }

    fn seen(&self) -> Seen {
        Seen { begun: self.0.load(Ordering::Relaxed), in_flight: Arc::strong_count(&self.0) - 1 }
    }

    /// Ends when no request began or ended for too long. The first one may have begun before this is asked.
    async fn pause(&self) {
        let mut before = Seen::default();
        sleep(FIRST_REQUEST).await;
        while before != self.seen() {
            before = self.seen();
            sleep(NEXT_REQUEST).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_connection_must_begin_a_request_soon() {
        let began = Instant::now();
        Requests::default().pause().await;
        assert_eq!(began.elapsed(), FIRST_REQUEST);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_lives_while_requests_begin_and_end() {
        let requests = Requests::default();
        let mut pause = pin!(requests.pause());
        let in_flight = requests.begin();
        for _ in 0..20 {
            assert!(timeout(NEXT_REQUEST * 9 / 10, pause.as_mut()).await.is_err());
            drop(requests.begin());
        }
        assert!(timeout(NEXT_REQUEST * 9 / 10, pause.as_mut()).await.is_err());
        drop(in_flight);
        let ended = Instant::now();
        pause.await;
        assert!(ended.elapsed() > NEXT_REQUEST && ended.elapsed() <= NEXT_REQUEST * 2);
    }

    #[tokio::test(start_paused = true)]
    async fn the_log_complains_once_a_minute() {
        let mut said = None;
        let mut lines = 0;
        for _ in 0..600 {
            lines += u32::from(is_due(&mut said));
            sleep(Duration::from_secs(1)).await;
        }
        assert_eq!(lines, 10);
    }
}
