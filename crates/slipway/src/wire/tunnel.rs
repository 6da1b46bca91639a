//! Tunnels: what a client gets that asked for a connection to somebody (CONNECT, RFC 9110 section 9.3.6).

use std::io::{self, ErrorKind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::upgrade::OnUpgrade;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::sleep;

/// A tunnel to somebody else is closed if nothing goes through it for so long; it may take twice the time.
const IDLE: Duration = Duration::from_secs(300);
/// What is read at once.
const BUFFER: usize = 16 * 1024;

/// A connection that is a tunnel as soon as the client has the answer to its request.
pub struct Tunnel {
    /// The connection then.
    pub upgrade: OnUpgrade,
    /// Where it leads.
    pub end: End,
}

/// Where a tunnel leads.
pub enum End {
    /// To this server, which speaks as the one that was asked for.
    Here,
    /// To somebody else, within the number of such tunnels.
    There(TcpStream, OwnedSemaphorePermit),
}

/// Where the tunnel of a connection is put for when the connection has been answered; clones are the same place.
#[derive(Clone, Default)]
pub struct Next(Arc<Mutex<Option<Tunnel>>>);

impl Next {
    /// Puts it there.
    pub fn set(&self, tunnel: Tunnel) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(tunnel);
    }

    /// Takes what is there.
    pub fn take(&self) -> Option<Tunnel> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Carries bytes both ways until both sides have ended, one fails, or nothing comes any more.
///
/// # Errors
/// What failed, or `TimedOut`.
pub async fn carry(
    client: impl AsyncRead + AsyncWrite,
    other: impl AsyncRead + AsyncWrite,
) -> io::Result<()> {
    let moved = AtomicU64::new(0);
    let (client_reads, client_writes) = split(client);
    let (other_reads, other_writes) = split(other);
    let both = async {
        tokio::try_join!(pump(client_reads, other_writes, &moved), pump(other_reads, client_writes, &moved))
    };
    let idle = async {
        let mut before = u64::MAX;
        while before != moved.load(Ordering::Relaxed) {
            before = moved.load(Ordering::Relaxed);
            sleep(IDLE).await;
        }
    };
    tokio::select! {
        biased;
        ended = both => ended.map(|_| ()),
        () = idle => Err(ErrorKind::TimedOut.into()),
    }
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    moved: &AtomicU64,
) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let length = from.read(&mut buffer).await?;
        let bytes = buffer.get(..length).unwrap_or_default();
        if bytes.is_empty() {
            return to.shutdown().await;
        }
        to.write_all(bytes).await?;
        to.flush().await?;
        moved.fetch_add(length as u64, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;
    use tokio::time::Instant;

    use super::*;

    #[tokio::test]
    async fn bytes_and_ends_go_both_ways() {
        let ((mut client, here), (there, mut other)) = (duplex(64), duplex(64));
        let carried = tokio::spawn(carry(here, there));
        client.write_all(b"question").await.unwrap();
        client.shutdown().await.unwrap();
        let mut asked = String::new();
        other.read_to_string(&mut asked).await.unwrap();
        other.write_all(b"answer").await.unwrap();
        other.shutdown().await.unwrap();
        let mut answered = String::new();
        client.read_to_string(&mut answered).await.unwrap();
        assert_eq!((asked.as_str(), answered.as_str()), ("question", "answer"));
        carried.await.unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_tunnel_ends_when_nothing_goes_through_it() {
        let ((client, here), (there, mut other)) = (duplex(64), duplex(64));
        let carried = tokio::spawn(carry(here, there));
        for _ in 0..20 {
            sleep(IDLE * 9 / 10).await;
            other.write_all(b"x").await.unwrap();
        }
        assert!(!carried.is_finished(), "one way is enough to keep it");
        let last = Instant::now();
        assert_eq!(carried.await.unwrap().unwrap_err().kind(), ErrorKind::TimedOut);
        assert!(last.elapsed() <= IDLE * 2);
        drop(client);
    }
}
