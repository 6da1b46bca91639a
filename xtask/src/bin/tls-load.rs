//! The load generator of `cargo xtask bench-tls`, a process of its own: it reads an [`Asked`] from its input, visits
//! the server until the time is up, and prints an [`Outcome`]. Every visit's answer and handshake are looked at.

#![expect(clippy::print_stdout, reason = "the outcome goes to whoever started it")]

#[path = "../bench_tls/asked.rs"]
mod asked;
#[path = "bench-load/connection.rs"]
mod connection;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::HandshakeKind;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::pki_types::ServerName;

use asked::{Asked, Outcome, Visit};
use connection::Connection;

/// Threads; as many as the servers have.
const THREADS: usize = 2;

fn main() -> anyhow::Result<()> {
    let asked: Asked = serde_json::from_reader(std::io::stdin()).context("cannot read what is asked")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build()?;
    let outcome = runtime.block_on(run(asked))?;
    println!("{}", serde_json::to_string(&outcome)?);
    Ok(())
}

/// One of the clients that visit at the same time; each has its own sessions.
struct Client {
    asked: Arc<Asked>,
    tls: TlsConnector,
    request: Vec<u8>,
    until: Instant,
}

async fn run(asked: Asked) -> anyhow::Result<Outcome> {
    let asked = Arc::new(asked);
    let mut clients = JoinSet::new();
    let started = Instant::now();
    let until = started + Duration::from_secs(asked.seconds);
    for _ in 0..asked.connections {
        let request = format!("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", asked.path).into_bytes();
        let client = Client { tls: connector(&asked)?, request, until, asked: Arc::clone(&asked) };
        clients.spawn(client.visit_all());
    }
    let (mut times, mut sample) = (Vec::new(), String::new());
    while let Some(visited) = clients.join_next().await {
        let visited = visited??;
        times.extend(visited.0);
        sample = visited.1;
    }
    let seconds = started.elapsed().as_secs_f64();
    times.sort_unstable();
    let middle = times.get(times.len() / 2).context("nobody was answered")?;
    let rate = f64::from(u32::try_from(times.len())?) / seconds;
    Ok(Outcome { rate, p50_ms: middle.as_secs_f64() * 1_000.0, sample })
}

fn connector(asked: &Asked) -> anyhow::Result<TlsConnector> {
    let mut config = connection::tls(&asked.authority)?;
    if asked.visit == Visit::Cold {
        config.resumption = Resumption::disabled();
    }
    Ok(TlsConnector::from(Arc::new(config)))
}

impl Client {
    /// Gives how long each visit took, and the last answer.
    async fn visit_all(self) -> anyhow::Result<(Vec<Duration>, String)> {
        let (mut times, mut sample) = (Vec::new(), String::new());
        if self.asked.visit == Visit::Warm {
            let mut connection = Connection::open(self.asked.address, Some(self.tls.clone())).await?;
            while Instant::now() < self.until {
                let began = Instant::now();
                let (status, answer) = connection.exchange(&self.request).await?;
                times.push(began.elapsed());
                ensure!(status == 200, "an answer with status {status}");
                if sample.is_empty() {
                    sample = String::from_utf8_lossy(answer).into_owned();
                }
            }
            return Ok((times, sample));
        }
        if self.asked.visit == Visit::Resumed {
            self.visit().await?;
        }
        while Instant::now() < self.until {
            let (time, kind, answer) = self.visit().await?;
            let wanted = match self.asked.visit {
                Visit::Resumed => HandshakeKind::Resumed,
                Visit::Cold | Visit::Warm => HandshakeKind::Full,
            };
            ensure!(kind == wanted, "a handshake of the kind {kind:?}");
            times.push(time);
            sample = answer;
        }
        Ok((times, sample))
    }

    /// A whole connection; gives the time to the first byte of the answer, and how the handshake went.
    async fn visit(&self) -> anyhow::Result<(Duration, HandshakeKind, String)> {
        let began = Instant::now();
        let tcp = TcpStream::connect(self.asked.address).await?;
        tcp.set_nodelay(true)?;
        let mut stream = self.tls.connect(ServerName::from(self.asked.address.ip()), tcp).await?;
        stream.write_all(&self.request).await?;
        stream.flush().await?;
        let mut answer = Vec::with_capacity(4_096);
        ensure!(stream.read_buf(&mut answer).await? > 0, "the server hung up");
        let time = began.elapsed();
        ensure!(answer.starts_with(b"HTTP/1.1 200 "), "another answer: {}", String::from_utf8_lossy(&answer));
        let kind = stream.get_ref().1.handshake_kind().context("no handshake")?;
        // Without a farewell, as most clients leave.
        Ok((time, kind, String::from_utf8_lossy(&answer).into_owned()))
    }
}
