//! The port as a forward proxy: names that are intercepted, and everything else.

use std::net::SocketAddr;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Duration, Instant, timeout};

use crate::process::Server;

const MICROSOFT: [&str; 7] = [
    "graph.microsoft.com",
    "login.microsoftonline.com",
    "login.microsoft.com",
    "login.windows.net",
    "sts.windows.net",
    "login.botframework.com",
    "smba.trafficmanager.net",
];

/// The demo tenant, of which the documents of discovery tell.
const TENANT: &str = "51190000-0000-4000-8000-000000000001";

/// Reads one answer: head and body, which has a length.
pub async fn answer(stream: &mut (impl AsyncRead + Unpin)) -> (String, String) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("an answer"));
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.unwrap();
    (head, String::from_utf8(body).unwrap())
}

/// Sends a request without a body over the stream.
pub async fn ask(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    line: &str,
    host: &str,
) -> (String, String) {
    stream.write_all(format!("{line} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).await.unwrap();
    answer(stream).await
}

/// Asks for a tunnel.
async fn connect(server: &Server, place: &str) -> (TcpStream, String, String) {
    let mut stream = server.plain().await;
    let (head, body) = ask(&mut stream, &format!("CONNECT {place}"), place).await;
    (stream, head, body)
}

async fn tunnel(server: &Server, place: &str) -> TcpStream {
    let (stream, head, _) = connect(server, place).await;
    assert!(head.starts_with("http/1.1 200 "), "{place}: {head}");
    assert!(!head.contains("content-length") && !head.contains("transfer-encoding"), "{place}: {head}");
    stream
}

async fn refused(server: &Server, place: &str) -> (String, String) {
    let (mut stream, head, body) = connect(server, place).await;
    assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0, "{place}: the connection ends");
    (head, body)
}

/// A server with the demo tenant.
fn with_demo(folder: &TempDir, arguments: &[&str]) -> Server {
    Server::start(folder, &[&["--no-demo=false"], arguments].concat())
}

#[tokio::test]
async fn every_usual_name_is_terminated_and_served() {
    let folder = tempfile::tempdir().unwrap();
    let server = with_demo(&folder, &["--intercept", "Graph.Other.example"]);
    for name in MICROSOFT.into_iter().chain(["graph.other.example"]) {
        let tunnel = tunnel(&server, &format!("{name}:443")).await;
        let mut stream = server.tls_over(tunnel, name, &[b"http/1.1"]).await.unwrap();
        // One connection takes many requests, as everywhere.
        for _ in 0..2 {
            let path = format!("/{TENANT}/v2.0/.well-known/openid-configuration");
            let (head, body) = ask(&mut stream, &format!("GET {path}"), name).await;
            if ["login.botframework.com", "smba.trafficmanager.net"].contains(&name) {
                assert!(head.starts_with("http/1.1 404 ") && body.contains(name), "{head}{body}");
                continue;
            }
            assert!(head.starts_with("http/1.1 200 "), "{name}: {head}{body}");
            let document: Value = serde_json::from_str(&body).unwrap();
            let keys = document["jwks_uri"].as_str().unwrap();
            assert!(keys.starts_with(&format!("https://{name}/{TENANT}/")), "{keys}");
        }
    }
}

#[tokio::test]
async fn http2_and_plain_http_go_through_a_tunnel() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let mut plain = tunnel(&server, "graph.microsoft.com:80").await;
    let (head, body) = ask(&mut plain, "GET /v1.0/users", "graph.microsoft.com").await;
    assert!(head.starts_with("http/1.1 401 ") && body.contains("InvalidAuthenticationToken"), "{head}{body}");

    let tunnel = tunnel(&server, "graph.microsoft.com:443").await;
    let stream = server.tls_over(tunnel, "graph.microsoft.com", &[b"h2"]).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http2::handshake(
        hyper_util::rt::TokioExecutor::new(),
        hyper_util::rt::TokioIo::new(stream),
    )
    .await
    .unwrap();
    tokio::spawn(connection);
    let request = http::Request::get("https://graph.microsoft.com/v1.0/users");
    let request = request.body(http_body_util::Empty::<&[u8]>::new()).unwrap();
    assert_eq!(sender.send_request(request).await.unwrap().status(), http::StatusCode::UNAUTHORIZED);
}

/// A client may say its first words behind the request for a tunnel, before it has the answer.
#[tokio::test]
async fn what_comes_early_is_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let mut stream = server.plain().await;
    let early = "CONNECT graph.microsoft.com:80 HTTP/1.1\r\nHost: graph.microsoft.com:80\r\n\r\nGET /_slipway/livez HTTP/1.1\r\nHost: graph.microsoft.com\r\n\r\n";
    stream.write_all(early.as_bytes()).await.unwrap();
    assert!(answer(&mut stream).await.0.starts_with("http/1.1 200 "));
    assert_eq!(answer(&mut stream).await.1, "live\n");
}

#[tokio::test]
async fn everything_else_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let began = Instant::now();
    for name in
        ["dc.services.visualstudio.com", "example.com", "nobody.invalid", "graph.microsoft.com.evil.example"]
    {
        let (head, body) = refused(&server, &format!("{name}:443")).await;
        assert!(head.starts_with("http/1.1 403 ") && head.contains("text/plain"), "{head}");
        for said in [name, "hint:", "--pass-through", "--intercept"] {
            assert!(body.contains(said), "{body}");
        }
    }
    for place in ["example.com", "u@example.com:443", "example.com:port"] {
        assert!(refused(&server, place).await.0.starts_with("http/1.1 400 "), "{place}");
    }
    assert!(began.elapsed() < Duration::from_secs(2), "nobody was asked");
}

/// A tunnel to the server's own names and port leads here, and never out and in again.
#[tokio::test]
async fn a_tunnel_to_the_server_itself_is_served_without_a_loop() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &["--pass-through"]);
    let port = server.address.port();
    for host in ["localhost", "127.0.0.1", "[::1]"] {
        let place = format!("{host}:{port}");
        let mut stream = tunnel(&server, &place).await;
        assert_eq!(ask(&mut stream, "GET /_slipway/livez", &place).await.1, "live\n");
        // A tunnel in the tunnel would be the next turn of a loop.
        let (head, _) = ask(&mut stream, &format!("CONNECT {place}"), &place).await;
        assert!(head.starts_with("http/1.1 403 "), "{head}");
    }
    let stream = tunnel(&server, &format!("localhost:{port}")).await;
    assert!(server.tls_over(stream, "localhost", &[]).await.is_ok());
    for host in ["0.0.0.0", "[::ffff:127.0.0.1]", "127.1", "[::]"] {
        let (head, _) = refused(&server, &format!("{host}:{port}")).await;
        assert!(head.starts_with("http/1.1 403 ") || head.starts_with("http/1.1 502 "), "{host}: {head}");
    }
}

/// A neighbour on this machine, that no proxy may reach.
async fn neighbour() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"secret").await;
        }
    });
    address
}

#[tokio::test]
async fn passing_through_does_not_reach_private_addresses() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &["--pass-through"]);
    let port = neighbour().await.port();
    let hosts = [
        "127.0.0.1",
        "localhost",
        "127.8.8.8",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "168.63.129.16",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "2130706433",
        "0x7f000001",
        "127.1",
    ];
    for host in hosts {
        let (head, body) = refused(&server, &format!("{host}:{port}")).await;
        assert!(head.starts_with("http/1.1 403 "), "{host}: {head}{body}");
        assert!(!body.contains("secret"), "{host}");
    }
    let (head, _) = refused(&server, "nobody.invalid:443").await;
    assert!(head.starts_with("http/1.1 502 "), "{head}");
    // What is intercepted stays so.
    tunnel(&server, "graph.microsoft.com:443").await;
}

#[tokio::test]
async fn whole_urls_are_served_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = with_demo(&folder, &[]);
    let mut stream = server.plain().await;
    // The host of the URL counts, whatever the header says (RFC 9112 section 3.2.2).
    for (scheme, host) in [("http", "graph.microsoft.com"), ("https", "login.microsoftonline.com")] {
        let url = format!("{scheme}://{host}/{TENANT}/v2.0/.well-known/openid-configuration");
        let (head, body) = ask(&mut stream, &format!("GET {url}"), "evil.example").await;
        assert!(head.starts_with("http/1.1 200 "), "{head}{body}");
        let document: Value = serde_json::from_str(&body).unwrap();
        let keys = document["jwks_uri"].as_str().unwrap();
        assert!(keys.starts_with(&format!("{scheme}://{host}/")), "{keys}");
    }
    for url in ["http://example.com/", "http://localhost:1/", "http://169.254.169.254/latest/meta-data"] {
        let mut stream = server.plain().await;
        let (head, body) = ask(&mut stream, &format!("GET {url}"), "localhost").await;
        assert!(head.starts_with("http/1.1 403 ") && body.contains("hint:"), "{head}{body}");
    }
}

/// With the names in a hosts file there is no proxy: name and `Host` say it all.
#[tokio::test]
async fn direct_connections_are_told_apart_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let server = with_demo(&folder, &["--intercept", "graph.other.example"]);
    for name in MICROSOFT.into_iter().chain(["graph.other.example"]) {
        let stream = server.tls(name, &[b"http/1.1"]).await.unwrap();
        let certificate = stream.get_ref().1.peer_certificates().unwrap()[0].clone();
        assert!(
            server.tls("localhost", &[]).await.unwrap().get_ref().1.peer_certificates().unwrap()[0]
                != certificate
        );
    }
    let mut stream = server.tls("login.microsoftonline.com", &[b"http/1.1"]).await.unwrap();
    let path = format!("GET /{TENANT}/v2.0/.well-known/openid-configuration");
    let (head, body) = ask(&mut stream, &path, "login.microsoftonline.com").await;
    assert!(
        head.starts_with("http/1.1 200 ") && body.contains("https://login.microsoftonline.com/"),
        "{head}{body}"
    );
    // `Host` decides, for the certificate only told the client whom it trusts.
    let (head, body) = ask(&mut stream, &path, "evil.example").await;
    assert!(head.starts_with("http/1.1 400 ") && body.contains("evil.example"), "{head}{body}");
    for wrong in ["example.com", "a.graph.microsoft.com", "microsoft.com"] {
        assert!(server.tls(wrong, &[]).await.is_err(), "{wrong}");
    }
}

/// A service stands in for nobody unless it is told to.
#[tokio::test]
async fn a_service_intercepts_what_is_named_only() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &["--mode", "service", "--intercept", "graph.microsoft.com"]);
    tunnel(&server, "graph.microsoft.com:443").await;
    assert!(server.tls("graph.microsoft.com", &[]).await.is_ok());
    let (head, _) = refused(&server, "login.microsoftonline.com:443").await;
    assert!(head.starts_with("http/1.1 403 "), "{head}");
    assert!(server.tls("login.microsoftonline.com", &[]).await.is_err());
}

#[tokio::test]
async fn a_new_intercepted_name_makes_a_new_authority() {
    let folder = tempfile::tempdir().unwrap();
    drop(Server::start(&folder, &[]));
    let server = Server::start(&folder, &["--intercept", "graph.other.example"]);
    assert!(server.tls("graph.other.example", &[]).await.is_ok());
    server.signal("TERM");
    let (_, log) = server.end();
    assert!(log.contains("may not vouch for graph.other.example"), "{log}");
}

#[tokio::test]
async fn a_proxy_over_tls_makes_tunnels_too() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let mut outer = server.tls("localhost", &[b"http/1.1"]).await.unwrap();
    let (head, _) = ask(&mut outer, "CONNECT graph.microsoft.com:443", "graph.microsoft.com:443").await;
    assert!(head.starts_with("http/1.1 200 "), "{head}");
    let mut inner = server.tls_over(outer, "graph.microsoft.com", &[b"http/1.1"]).await.unwrap();
    assert_eq!(ask(&mut inner, "GET /_slipway/livez", "graph.microsoft.com").await.1, "live\n");
}

/// Silence in a tunnel ends as silence elsewhere, and a stop of the server ends it at once.
#[tokio::test]
async fn tunnels_end() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let began = Instant::now();
    let mut silent = tunnel(&server, "graph.microsoft.com:443").await;
    let read = timeout(Duration::from_secs(15), silent.read(&mut [0; 1])).await.expect("dropped");
    assert!(matches!(read, Ok(0) | Err(_)) && began.elapsed() > Duration::from_secs(9));

    let mut open = tunnel(&server, "graph.microsoft.com:80").await;
    ask(&mut open, "GET /_slipway/livez", "graph.microsoft.com").await;
    let mut quiet = tunnel(&server, "graph.microsoft.com:443").await;
    let stopped = Instant::now();
    server.signal("TERM");
    for stream in [&mut open, &mut quiet] {
        assert!(matches!(stream.read(&mut [0; 1]).await, Ok(0) | Err(_)));
    }
    assert_eq!(server.end().0.code(), Some(0));
    assert!(stopped.elapsed() < Duration::from_secs(5));
}
