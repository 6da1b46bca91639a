//! Many TLS handshakes at once, slow ones among them, and sessions that are resumed.

use std::sync::Arc;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, HandshakeKind, ProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Duration, Instant, sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::process::Server;

const READYZ: &[u8] = b"GET /_slipway/readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

async fn handshake(server: &Server, config: &Arc<ClientConfig>) -> TlsStream<TcpStream> {
    let connector = TlsConnector::from(Arc::clone(config));
    connector.connect(ServerName::try_from("localhost").unwrap(), server.plain().await).await.unwrap()
}

/// A whole connection; gives how its handshake went.
async fn visit(server: &Server, config: &Arc<ClientConfig>) -> (HandshakeKind, ProtocolVersion) {
    let mut stream = handshake(server, config).await;
    stream.write_all(READYZ).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let connection = stream.get_ref().1;
    (connection.handshake_kind().unwrap(), connection.protocol_version().unwrap())
}

/// While a hundred others say half a word and no more, which are shut out after ten seconds.
#[tokio::test]
async fn a_thousand_at_once_are_all_served() {
    // More sockets than many systems grant a process that does not ask.
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let server = Arc::new(Server::start(&folder, &[]));
    let began = Instant::now();
    let mut slow = Vec::new();
    for _ in 0..100 {
        let mut stream = server.plain().await;
        stream.write_all(b"\x16\x03\x01\x02\x00\x01").await.unwrap();
        slow.push(stream);
    }
    let mut visits = JoinSet::new();
    for _ in 0..1_000 {
        let (server, config) = (Arc::clone(&server), Arc::new(server.client_config()));
        visits.spawn(async move { visit(&server, &config).await });
    }
    let kinds = visits.join_all().await;
    assert_eq!(kinds.len(), 1_000);
    assert!(kinds.iter().all(|kind| *kind == (HandshakeKind::Full, ProtocolVersion::TLSv1_3)));
    for stream in &mut slow {
        let mut rest = Vec::new();
        let _ = timeout(Duration::from_secs(20), stream.read_to_end(&mut rest)).await.expect("dropped");
    }
    assert!(began.elapsed() > Duration::from_secs(9));
}

/// A byte a second keeps no handshake alive.
#[tokio::test]
async fn a_trickle_is_shut_out() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let began = Instant::now();
    let mut stream = server.plain().await;
    let hello = [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" as &[u8], &[0; 64]].concat();
    for byte in &hello {
        if stream.write_all(&[*byte]).await.is_err() {
            break;
        }
        sleep(Duration::from_millis(500)).await;
    }
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}

#[tokio::test]
async fn sessions_are_resumed_in_both_versions() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    for (version, protocol) in [
        (&rustls::version::TLS12, ProtocolVersion::TLSv1_2),
        (&rustls::version::TLS13, ProtocolVersion::TLSv1_3),
    ] {
        let config = Arc::new(server.client_config_of(&[version]));
        assert_eq!(visit(&server, &config).await, (HandshakeKind::Full, protocol));
        assert_eq!(visit(&server, &config).await, (HandshakeKind::Resumed, protocol));
    }
}

/// TLS 1.1 and older are refused with an alert, which names the reason.
#[tokio::test]
async fn older_versions_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let mut stream = server.plain().await;
    // A hello of TLS 1.1: version, random, no session, one suite (RSA with AES-128), no compression, no extensions.
    let body = [b"\x03\x02" as &[u8], &[7; 32], b"\x00\x00\x02\x00\x2f\x01\x00"].concat();
    let length = u8::try_from(body.len()).unwrap();
    let hello = [b"\x16\x03\x01\x00" as &[u8], &[length + 4, 1, 0, 0, length], &body].concat();
    stream.write_all(&hello).await.unwrap();
    let mut alert = Vec::new();
    stream.read_to_end(&mut alert).await.unwrap();
    // A fatal alert (2): protocol_version (70) or, for want of extensions, handshake_failure (40).
    assert!(matches!(alert.as_slice(), [0x15, 3, _, 0, 2, 2, 70 | 40, ..]), "{alert:?}");
}
