//! Signals: requests in flight are finished, a second signal ends at once.

use std::fs;
use std::path::{Path, PathBuf};

use http::Request;
use http_body_util::Empty;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Duration, Instant, timeout};

use crate::process::{Server, ended, slipway};

/// A request that the server has begun and cannot end, for two bytes of its body are missing.
async fn request_in_flight(server: &Server) -> TcpStream {
    let mut stream = server.plain().await;
    let head = "POST /common/oauth2/v2.0/token HTTP/1.1\r\nHost: localhost\r\n\
                Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5\r\n\r\na=b";
    stream.write_all(head.as_bytes()).await.unwrap();
    // Nothing comes back that would tell that the server has it; another connection's answer does.
    for _ in 0..3 {
        let mut other = server.plain().await;
        let asked = b"GET /_slipway/livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        other.write_all(asked).await.unwrap();
        other.read_to_end(&mut Vec::new()).await.unwrap();
    }
    stream
}

#[tokio::test]
async fn a_signal_lets_requests_in_flight_end() {
    for signal in ["TERM", "INT"] {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(&folder, &[]);
        let mut stream = request_in_flight(&server).await;
        let idle = server.plain().await;
        server.signal(signal);
        let address = server.address;
        let refused = async { while TcpStream::connect(address).await.is_ok() {} };
        timeout(Duration::from_secs(5), refused).await.expect("no new connections");

        stream.write_all(b"&c").await.unwrap();
        let mut answer = String::new();
        timeout(Duration::from_secs(5), stream.read_to_string(&mut answer)).await.unwrap().unwrap();
        assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
        let (status, log) = server.end();
        assert_eq!(status.code(), Some(0), "{log}");
        assert!(log.contains(&format!("SIG{signal}")), "{log}");
        drop(idle);
    }
}

/// A server in memory, whose temporary files lie in the folder.
fn in_memory(folder: &TempDir, temporary: &TempDir) -> Server {
    let mut command = slipway(&["serve", "--listen", ":0", "--in-memory", "--no-demo", "--ready-file"]);
    command.arg(folder.path().join("ready.json")).env("TMPDIR", temporary.path()).current_dir(folder);
    Server::of(&mut command, folder.path().join("ready.json"))
}

#[test]
fn in_memory_leaves_nothing_behind() {
    let (folder, temporary) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = in_memory(&folder, &temporary);
    let ca_file = Path::new(server.ready["caFile"].as_str().unwrap());
    assert!(ca_file.starts_with(temporary.path()) && ca_file.exists());
    server.signal("TERM");
    let (status, log) = server.end();
    assert_eq!(status.code(), Some(0), "{log}");
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "the ready file alone");
}

#[test]
fn what_a_killed_server_in_memory_leaves_is_removed_by_the_next_start() {
    let (folder, temporary) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = in_memory(&folder, &temporary);
    let left = PathBuf::from(server.ready["caFile"].as_str().unwrap());
    server.signal("KILL");
    assert_eq!(server.end().0.code(), None);
    assert!(left.exists());
    let server = in_memory(&folder, &temporary);
    assert!(!left.exists());
    server.signal("TERM");
    assert_eq!(server.end().0.code(), Some(0));
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
}

#[test]
fn a_second_server_on_a_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let data = folder.path().join("data");
    let (code, out, log) = ended(slipway(&["serve", "--listen", ":0"]).arg("--data").arg(&data));
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(log.contains(data.to_str().unwrap()), "{log}");
    drop(server);
}

#[tokio::test]
async fn a_second_signal_ends_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let stream = request_in_flight(&server).await;
    server.signal("TERM");
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.signal("INT");
    assert_eq!(server.end().0.code(), Some(130));
    drop(stream);
}

#[tokio::test]
async fn idle_connections_over_http2_do_not_hold_up_the_stop() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    // Never polled again after its answer: such a client does not read the farewell.
    let (mut sender, mut connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(server.plain().await)).await.unwrap();
    let request = Request::get(format!("http://{}/_slipway/readyz", server.address));
    let answer = sender.send_request(request.body(Empty::<&[u8]>::new()).unwrap());
    tokio::select! {
        answer = answer => assert_eq!(answer.unwrap().status(), 200),
        ended = &mut connection => panic!("{ended:?}"),
    }
    let after_handshake = server.tls("localhost", &[b"h2"]).await.unwrap();
    let began = Instant::now();
    server.signal("TERM");
    let (status, log) = server.end();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    drop((connection, sender, after_handshake));
}
