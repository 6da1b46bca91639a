//! Requests that two readers could understand differently: one says where the body ends in a way that another might
//! overlook, and what follows would be a request to one and a body to the other. Each is refused, or has one meaning
//! and is the last on its connection (RFC 9112 section 11.2).

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Duration, timeout};

use crate::process::Server;

/// What an attacker wants to be taken for a request of its own.
const SMUGGLED: &str = "GET /_slipway/livez HTTP/1.1\r\nHost: localhost\r\n\r\n";
/// A path that reads its body.
const TARGET: &str = "POST /common/oauth2/v2.0/token HTTP/1.1\r\nHost: localhost\r\n";

/// Sends the bytes and reads until the server ends the connection, or is silent for a while; gives the statuses of the
/// answers, whether the smuggled request was one of those that were answered, and whether the connection ended.
async fn sent(server: &Server, bytes: &str) -> (Vec<String>, bool, bool) {
    let mut stream = server.plain().await;
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut answers = Vec::new();
    let read = timeout(Duration::from_secs(2), stream.read_to_end(&mut answers)).await;
    let text = String::from_utf8_lossy(&answers).into_owned();
    let statuses = text.match_indices("HTTP/1.1 ").map(|(at, _)| text[at + 9..at + 12].to_owned()).collect();
    (statuses, text.contains("\r\n\r\nlive\n"), read.is_ok())
}

/// With a body's length in bytes, in chunks, and what follows.
fn chunked(headers: &str, chunks: &str) -> String {
    format!("{TARGET}{headers}\r\n{chunks}{SMUGGLED}")
}

#[tokio::test]
async fn a_body_of_two_lengths_is_refused_or_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let pairs = [
        // The length covers the smuggled request, the chunks do not; and the other way round.
        chunked(
            &format!("Content-Length: {}\r\nTransfer-Encoding: chunked\r\n", 5 + SMUGGLED.len()),
            "0\r\n\r\n",
        ),
        chunked(
            &format!("Transfer-Encoding: chunked\r\nContent-Length: {}\r\n", 5 + SMUGGLED.len()),
            "0\r\n\r\n",
        ),
        chunked("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        chunked("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", "0\r\n\r\n"),
    ];
    for pair in &pairs {
        let (statuses, smuggled, ended) = sent(&server, pair).await;
        assert!(statuses.len() == 1 && !smuggled && ended, "{pair}{statuses:?}");
    }
}

#[tokio::test]
async fn lengths_and_encodings_that_are_unclear_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let unclear = [
        "Content-Length: 0\r\nContent-Length: 5\r\n",
        "Content-Length: 0, 5\r\n",
        "Content-Length: +0\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 0x0\r\n",
        "Content-Length: \r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Content-Length : 0\r\n",
        "Content-Length\t: 0\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n",
        "X: 1\r\n Content-Length: 5\r\n",
        "X: 1\r\n\tfolded\r\n",
        " X: 1\r\n",
        "X: a\rContent-Length: 5\r\n",
        "X: a\0b\r\n",
        "X Y: 1\r\n",
        ": 1\r\n",
        "X\r\n",
    ];
    for headers in unclear {
        let (statuses, smuggled, ended) = sent(&server, &chunked(headers, "")).await;
        assert_eq!(
            (statuses.as_slice(), smuggled, ended),
            (["400".to_owned()].as_slice(), false, true),
            "{headers}"
        );
    }
    for line in [
        "GET  / HTTP/1.1",
        "GET / HTTP/1.1 ",
        "GET /\tHTTP/1.1",
        "GET / HTTP/9.9",
        "GET /",
        " GET / HTTP/1.1",
        "G\x01T / HTTP/1.1",
    ] {
        let (statuses, smuggled, ended) =
            sent(&server, &format!("{line}\r\nHost: localhost\r\n\r\n{SMUGGLED}")).await;
        assert!(statuses.iter().all(|status| status == "400") && !smuggled && ended, "{line}: {statuses:?}");
    }
    // Chunked in HTTP/1.0, which has no chunks.
    let old =
        format!("{}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{SMUGGLED}", TARGET.replace("1.1", "1.0"));
    assert_eq!(sent(&server, &old).await, (vec!["400".to_owned()], false, true));
}

#[tokio::test]
async fn chunks_that_are_unclear_end_the_connection() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let long = format!("0;{}\r\n\r\n", "x".repeat(20_000));
    for chunks in [
        "\r\n0\r\n\r\n",
        "x\r\n",
        "-1\r\n",
        "0x0\r\n\r\n",
        "0\n\r\n",
        "0;a\nb\r\n\r\n",
        "0 1\r\n\r\n",
        "1\r\nab\r\n0\r\n\r\n",
        "1\r\na\n0\r\n\r\n",
        "ffffffffffffffff1\r\n",
        long.as_str(),
    ] {
        let (statuses, smuggled, ended) =
            sent(&server, &chunked("Transfer-Encoding: chunked\r\n", chunks)).await;
        assert!(statuses.len() <= 1 && !smuggled && ended, "{chunks}: {statuses:?}");
    }
}

/// What is odd and yet has one meaning is followed by the request that is really there.
#[tokio::test]
async fn what_is_odd_but_clear_has_its_one_meaning() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    for (headers, body) in [
        ("Content-Length: 3\r\nContent-Length: 3\r\n", "a=b"),
        ("Transfer-Encoding: chunked\r\n", "3;name=value\r\na=b\r\n0\r\n\r\n"),
        ("Transfer-Encoding: Chunked\r\n", "3\r\na=b\r\n0\r\nTrailer: x\r\n\r\n"),
        // A line may end in LF alone (RFC 9112 section 2.2): the length counts.
        ("X: 1\nContent-Length: 3\r\n", "a=b"),
    ] {
        let last = SMUGGLED.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
        let (statuses, follows, ended) = sent(&server, &format!("{TARGET}{headers}\r\n{body}{last}")).await;
        assert!(statuses.len() == 2 && follows && ended, "{headers}: {statuses:?}");
    }
}

#[tokio::test]
async fn headers_that_are_too_long_or_too_many_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let with = |line: &str, headers: &str| format!("{line} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
    let many = "A: b\r\n".repeat(99);
    // The listener's limits, beyond which nothing is looked at, and the server's, which it can explain.
    let refused = [
        ("431", with("GET /", &format!("A: {}\r\n", "x".repeat(70_000)))),
        ("431", with("GET /", &"A: b\r\n".repeat(100))),
        ("431", with("GET /", &format!("A: {}\r\n", "x".repeat(40_000)))),
        ("414", with(&format!("GET /{}", "x".repeat(65_530)), "")),
        ("414", with(&format!("GET /v1.0/{}", "x".repeat(20_000)), "")),
    ];
    for (status, request) in &refused {
        let (statuses, ..) = sent(&server, request).await;
        assert_eq!(statuses, [*status], "{}", &request[..40]);
    }
    assert_eq!(sent(&server, &with("GET /_slipway/livez", &many)).await.0, ["200"]);
}
