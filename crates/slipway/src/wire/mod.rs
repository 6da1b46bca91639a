//! The wire: one port for plain HTTP and TLS, HTTP/1.1 and HTTP/2, for requests to the server and to it as a proxy, and
//! the end of each connection.

mod patient;
mod proxy;
mod requests;
mod speaker;
mod tunnel;

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use slipway_graph::Server;
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, sleep, timeout};

use crate::config::Listen;
use crate::failure::Failure;
pub use proxy::Proxy;
use speaker::Speaker;

/// How long accepting rests when the system has no more of something, such as file descriptors.
const REST: Duration = Duration::from_millis(100);
/// How often the log says that connections cannot be accepted, per address.
const COMPLAINT: Duration = Duration::from_secs(60);
/// How long requests in flight may take to end once the server stops.
const LAST_REQUESTS: Duration = Duration::from_secs(30);

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
    pub fn open(
        listeners: Vec<TcpListener>,
        server: Server,
        tls: ServerConfig,
        proxy: Proxy,
        places: usize,
    ) -> Self {
        let (stop, stopped) = watch::channel(());
        let speaker = Arc::new(Speaker::new(server, tls, proxy));
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

#[cfg(test)]
mod tests {
    use super::*;

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
