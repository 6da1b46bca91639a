//! A TCP proxy between the server and PostgreSQL that can spoil the connections.

use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long bytes are held up in [`Weather::Slow`].
const DELAY: Duration = Duration::from_millis(150);

/// What becomes of bytes and connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// Everything passes.
    Clear,
    /// Connections are closed, new ones too.
    Closed,
    /// Bytes pass later, both ways.
    Slow,
    /// Bytes are taken and never passed on. What lost some stays silent for good, its end is not passed on either,
    /// as behind a firewall that has forgotten the connection.
    Swallowed,
    /// The way to the database is closed; the way back stays open.
    ClosedThere,
    /// The way back from the database is closed; the way to it stays open.
    ClosedBack,
}

impl Weather {
    /// All that is not clear.
    pub const BAD: [Self; 5] =
        [Self::Closed, Self::Slow, Self::Swallowed, Self::ClosedThere, Self::ClosedBack];
}

/// Listens on a port of 127.0.0.1 and connects to another one. Takes no new connections when dropped.
pub struct Proxy {
    port: u16,
    weather: watch::Sender<Weather>,
    listening: JoinHandle<()>,
}

impl Proxy {
    /// Starts in clear weather.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn start(target: u16) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let weather = watch::Sender::new(Weather::Clear);
        let listening = tokio::spawn(listen(listener, target, weather.subscribe()));
        Ok(Self { port, weather, listening })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Changes the weather for all connections, at once.
    pub fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, target: u16, weather: watch::Receiver<Weather>) {
    while let Ok((client, _)) = listener.accept().await {
        tokio::spawn(carry(client, target, weather.clone()));
    }
}

async fn carry(client: TcpStream, target: u16, mut weather: watch::Receiver<Weather>) {
    if *weather.borrow() == Weather::Closed {
        return;
    }
    let Ok(database) = TcpStream::connect((Ipv4Addr::LOCALHOST, target)).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_database, to_database) = database.into_split();
    let there = pass(from_client, to_database, weather.clone(), Weather::ClosedThere);
    let back = pass(from_database, to_client, weather.clone(), Weather::ClosedBack);
    tokio::select! {
        _ = async { tokio::join!(there, back) } => {}
        // An error means that the proxy is gone.
        _ = weather.wait_for(|weather| *weather == Weather::Closed) => {}
    }
}

/// Carries bytes one way; in the weather `closing` this way is closed.
async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut weather: watch::Receiver<Weather>,
    closing: Weather,
) {
    let mut buffer = vec![0; 16 * 1_024];
    loop {
        let read = tokio::select! {
            read = from.read(&mut buffer) => read,
            _ = weather.wait_for(|weather| *weather == closing) => break,
        };
        let now = *weather.borrow();
        match now {
            Weather::Swallowed => std::future::pending().await,
            Weather::Slow => tokio::time::sleep(DELAY).await,
            Weather::Clear | Weather::Closed | Weather::ClosedThere | Weather::ClosedBack => {}
        }
        let count = read.unwrap_or_default();
        if count == 0 || to.write_all(buffer.get(..count).unwrap_or_default()).await.is_err() {
            break;
        }
    }
    // Whoever is at the other end may have gone first.
    let _ = to.shutdown().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A database that answers each byte with itself.
    async fn echo() -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.split();
                    let _ = tokio::io::copy(&mut from, &mut to).await;
                });
            }
        });
        port
    }

    /// What comes back for a byte: itself, the end, or nothing for a while.
    async fn ask(stream: &mut TcpStream) -> Option<usize> {
        let mut answer = [0];
        let exchange = async {
            if stream.write_all(b"x").await.is_err() {
                return 0;
            }
            stream.read(&mut answer).await.unwrap_or(0)
        };
        tokio::time::timeout(DELAY * 4, exchange).await.ok()
    }

    #[tokio::test]
    async fn each_weather_does_what_it_says() {
        let proxy = Proxy::start(echo().await).await.unwrap();
        let connect = || TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port()));
        for (weather, during) in [
            (Weather::Clear, Some(1)),
            (Weather::Slow, Some(1)),
            (Weather::Closed, Some(0)),
            (Weather::Swallowed, None),
            (Weather::ClosedThere, Some(0)),
            (Weather::ClosedBack, Some(0)),
        ] {
            let mut old = connect().await.unwrap();
            assert_eq!(ask(&mut old).await, Some(1), "{weather:?}");
            proxy.set(weather);
            let started = tokio::time::Instant::now();
            assert_eq!(ask(&mut old).await, during, "{weather:?}");
            if weather == Weather::Slow {
                assert!(started.elapsed() >= DELAY * 2);
            }
            proxy.set(Weather::Clear);
            if weather == Weather::Swallowed {
                assert_eq!(ask(&mut old).await, None, "what was swallowed does not come later");
            }
            let mut new = connect().await.unwrap();
            assert_eq!(ask(&mut new).await, Some(1), "after {weather:?}");
        }
    }
}
