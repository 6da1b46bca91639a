//! Limits of HTTP/2, seen in frames (RFC 9113 section 4.1).

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Duration, timeout};

use crate::process::Server;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
/// `GET http://localhost/_slipway/livez` in HPACK: three names of the static table, two literals without an index.
const GET_LIVEZ: &[u8] = b"\x82\x86\x04\x0e/_slipway/live\x01\x09localhost";

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// The next frame: kind, stream, payload; none at the end.
async fn next(stream: &mut TcpStream) -> Option<(u8, u32, Vec<u8>)> {
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.ok()?;
    let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
    stream.read_exact(&mut payload).await.ok()?;
    Some((head[3], u32::from_be_bytes([head[5], head[6], head[7], head[8]]), payload))
}

async fn open(server: &Server) -> TcpStream {
    let mut stream = server.plain().await;
    stream.write_all(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).await.unwrap();
    stream
}

#[tokio::test]
async fn limits_are_told_in_the_settings() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let mut stream = open(&server).await;
    let (kind, _, payload) = next(&mut stream).await.unwrap();
    assert_eq!(kind, SETTINGS);
    let settings: Vec<(u8, u32)> = payload
        .chunks(6)
        .map(|setting| (setting[1], u32::from_be_bytes([setting[2], setting[3], setting[4], setting[5]])))
        .collect();
    // SETTINGS_MAX_CONCURRENT_STREAMS and SETTINGS_MAX_HEADER_LIST_SIZE.
    assert!(settings.contains(&(3, 128)) && settings.contains(&(6, 65_536)), "{settings:?}");
}

/// Requests that are taken back at once cost the server more than the client (CVE-2023-44487).
#[tokio::test]
async fn a_flood_of_resets_ends_the_connection() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let mut stream = open(&server).await;
    let flood: Vec<u8> = (0..10_000u32)
        .flat_map(|n| {
            let request = frame(HEADERS, 5, 2 * n + 1, GET_LIVEZ);
            [request, frame(RST_STREAM, 0, 2 * n + 1, &8u32.to_be_bytes())].concat()
        })
        .collect();
    // The server may hang up in the midst of it.
    let _ = stream.write_all(&flood).await;
    let goodbye = async {
        loop {
            match next(&mut stream).await {
                Some((GOAWAY, _, payload)) => return Some(payload),
                Some(_) => {}
                None => return None,
            }
        }
    };
    let goodbye = timeout(Duration::from_secs(8), goodbye).await.expect("the connection ends");
    // ENHANCE_YOUR_CALM; a reset connection may have lost it.
    assert!(goodbye.is_none_or(|payload| payload[4..8] == [0, 0, 0, 0xb]));
    let mut stream = open(&server).await;
    assert_eq!(next(&mut stream).await.unwrap().0, SETTINGS, "others are served");
}

/// A header block that grows without end (CVE-2024-27316) ends the connection too.
#[tokio::test]
async fn headers_without_end_end_the_connection() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let mut stream = open(&server).await;
    stream.write_all(&frame(HEADERS, 1, 1, GET_LIVEZ)).await.unwrap();
    let continuation = frame(9, 0, 1, &b"\x00\x01a\x7f\x80\x7f".repeat(2_000));
    let sent = async {
        for _ in 0..2_000 {
            if stream.write_all(&continuation).await.is_err() {
                return;
            }
        }
        panic!("24 MB of headers were taken");
    };
    timeout(Duration::from_secs(20), sent).await.expect("an end");
}
