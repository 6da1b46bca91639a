//! One port for plain HTTP and TLS, HTTP/1.1 and HTTP/2.

use http::{HeaderValue, Request, StatusCode, Version};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Duration, Instant, sleep, timeout};

use crate::process::Server;

const READYZ: &[u8] = b"GET /_slipway/readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

async fn ask_http1(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> String {
    stream.write_all(READYZ).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn ask_http2(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, scheme: &str) -> StatusCode {
    let (mut sender, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get(format!("{scheme}://localhost/_slipway/readyz"));
    let answer = sender.send_request(request.body(Empty::<&[u8]>::new()).unwrap()).await.unwrap();
    assert_eq!(answer.version(), Version::HTTP_2);
    answer.status()
}

#[tokio::test]
async fn one_port_speaks_everything() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    assert!(ask_http1(server.plain().await).await.starts_with("HTTP/1.1 200 "));
    assert_eq!(ask_http2(server.plain().await, "http").await, StatusCode::OK);

    for protocols in [&[b"http/1.1" as &[u8]] as &[&[u8]], &[]] {
        let stream = server.tls("localhost", protocols).await.unwrap();
        assert!(ask_http1(stream).await.starts_with("HTTP/1.1 200 "));
    }
    let stream = server.tls("localhost", &[b"http/1.1", b"h2"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2" as &[u8]));
    assert_eq!(ask_http2(stream, "https").await, StatusCode::OK);
}

/// HEAD has the length of GET and no body, in both protocols.
#[tokio::test]
async fn head_has_no_body() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let mut stream = server.plain().await;
    stream
        .write_all(b"HEAD /_slipway/readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("\r\ncontent-length: 6\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");

    let (mut sender, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(server.plain().await)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::head("http://localhost/_slipway/readyz").body(Empty::<&[u8]>::new()).unwrap();
    let answer = sender.send_request(request).await.unwrap();
    assert_eq!(
        (answer.status(), &answer.headers()["content-length"]),
        (StatusCode::OK, &HeaderValue::from_static("6"))
    );
    assert!(answer.into_body().collect().await.unwrap().to_bytes().is_empty());
}

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let mut stream = server.plain().await;
    let asked = "GET /_slipway/readyz HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(2);
    stream.write_all(asked.as_bytes()).await.unwrap();
    let answers = ask_http1(stream).await;
    assert_eq!(answers.matches("HTTP/1.1 200 ").count(), 3, "{answers}");
}

#[tokio::test]
async fn several_addresses_are_served() {
    let folder = tempfile::tempdir().unwrap();
    let other = std::net::TcpListener::bind("127.0.0.2:0").unwrap().local_addr().unwrap();
    let server = Server::start(&folder, &["--listen", &other.to_string()]);
    for address in [server.address, other] {
        let stream = TcpStream::connect(address).await.unwrap();
        assert!(ask_http1(stream).await.starts_with("HTTP/1.1 200 "));
    }
}

#[tokio::test]
async fn a_method_that_begins_like_the_preface_of_http2_is_http1() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let mut stream = server.plain().await;
    for part in ["P", "R", "OPFIND / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"] {
        stream.write_all(part.as_bytes()).await.unwrap();
        sleep(Duration::from_millis(30)).await;
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
}

/// Reads until the server ends the connection; the end may be a reset, for what it has not read is lost.
async fn dropped(stream: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let mut answer = Vec::new();
    let _ = timeout(Duration::from_secs(15), stream.read_to_end(&mut answer)).await.expect("dropped");
    answer
}

#[tokio::test]
async fn silent_connections_are_dropped_after_ten_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let began = Instant::now();
    let mut words = Vec::new();
    let cut_header = READYZ.strip_suffix(b"\r\n").unwrap();
    for word in [b"" as &[u8], b"PR", b"\x16\x03\x01", b"G", cut_header] {
        let mut stream = server.plain().await;
        stream.write_all(word).await.unwrap();
        words.push(stream);
    }
    let mut after_handshake = server.tls("localhost", &[b"h2"]).await.unwrap();
    for stream in &mut words {
        assert!(!dropped(stream).await.starts_with(b"HTTP/1.1 2"));
    }
    dropped(&mut after_handshake).await;
    let taken = began.elapsed();
    assert!(taken > Duration::from_secs(9) && taken < Duration::from_secs(13), "{taken:?}");
}

#[tokio::test]
async fn a_connection_over_http2_without_requests_is_dropped_after_ten_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let began = Instant::now();
    // The client half answers pings.
    let stream = TokioIo::new(server.plain().await);
    let (sender, connection) =
        http2::handshake::<_, _, Empty<&[u8]>>(TokioExecutor::new(), stream).await.unwrap();
    timeout(Duration::from_secs(15), connection).await.expect("dropped").unwrap();
    let taken = began.elapsed();
    assert!(taken > Duration::from_secs(9) && taken < Duration::from_secs(13), "{taken:?}");
    drop(sender);
}

#[tokio::test]
async fn connections_beyond_the_limit_are_closed_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let other = std::net::TcpListener::bind("127.0.0.2:0").unwrap().local_addr().unwrap();
    let server = Server::start(&folder, &["--max-connections", "2", "--listen", &other.to_string()]);
    let (mut first, mut second) = (server.plain().await, TcpStream::connect(other).await.unwrap());
    // Whoever is answered has a place, and keeps it.
    for stream in [&mut first, &mut second] {
        stream.write_all(b"GET /_slipway/readyz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"ready\n") {
            answer.push(stream.read_u8().await.unwrap());
        }
    }
    let began = Instant::now();
    for _ in 0..5 {
        assert_eq!(dropped(&mut server.plain().await).await, b"");
    }
    assert!(began.elapsed() < Duration::from_secs(5), "they were closed at once");
    assert!(ask_http1(first).await.starts_with("HTTP/1.1 200 "));
    // The place of the first is free when its task has ended.
    let free = async {
        loop {
            let mut third = server.plain().await;
            if third.write_all(READYZ).await.is_ok()
                && dropped(&mut third).await.starts_with(b"HTTP/1.1 200 ")
            {
                break;
            }
        }
    };
    timeout(Duration::from_secs(5), free).await.expect("a free place");
    drop(second);
    server.signal("TERM");
    let (_, log) = server.end();
    assert_eq!(log.matches("max-connections").count(), 1, "{log}");
}

#[tokio::test]
async fn few_open_files_mean_few_connections() {
    let folder = tempfile::tempdir().unwrap();
    let (ready_file, binary) = (folder.path().join("ready.json"), env!("CARGO_BIN_EXE_slipway"));
    let limited = format!("ulimit -n 100; exec {binary} serve --listen :0 --no-demo --ready-file ready.json");
    let mut command = std::process::Command::new("sh");
    let server = Server::of(command.env_clear().args(["-c", &limited]).current_dir(&folder), ready_file);
    let mut open = Vec::new();
    for _ in 0..200 {
        open.push(server.plain().await);
    }
    for closed in &mut open[50..] {
        assert_eq!(dropped(closed).await, b"");
    }
    assert!(ask_http1(open.swap_remove(0)).await.starts_with("HTTP/1.1 200 "));
    server.signal("TERM");
    let (status, log) = server.end();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("too few open files for max-connections") && log.contains("fitting=50"), "{log}");
}
