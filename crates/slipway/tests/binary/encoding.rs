//! Answers that are compressed are the same answers.

use std::io::Read;

use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;

use crate::process::Server;

const TENANT: &str = "51190000-0000-4000-8000-000000000001";
const FORM: &str = "grant_type=client_credentials&client_id=51190000-0000-4000-8000-00000000a001&client_secret=slipway-demo-secret&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default";

async fn ask(
    server: &Server,
    method: Method,
    path: &str,
    token: &str,
    accepted: &str,
) -> (StatusCode, HeaderMap, Vec<u8>) {
    let (mut sender, connection) = handshake(TokioIo::new(server.plain().await)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::builder().method(method).uri(path).header("Host", "localhost");
    let request =
        request.header("Accept-Encoding", accepted).header("Authorization", format!("Bearer {token}"));
    let answer = sender.send_request(request.body(Empty::<&[u8]>::new()).unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    (parts.status, parts.headers, body.collect().await.unwrap().to_bytes().to_vec())
}

#[tokio::test]
async fn gzip_and_brotli_decode_to_the_same_answer() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &["--no-demo=false"]);
    let token = server.token(TENANT, FORM).await;
    for path in
        ["/v1.0/users?$top=20", "/v1.0/$metadata", "/v1.0/appCatalogs/teamsApps?$expand=appDefinitions"]
    {
        let (status, headers, plain) = ask(&server, Method::GET, path, &token, "identity").await;
        assert_eq!((status, headers.get("content-encoding")), (StatusCode::OK, None), "{path}");
        assert!(plain.len() > 1_024, "{path} is long enough to be compressed");
        for coding in ["gzip", "br"] {
            let (_, headers, packed) = ask(&server, Method::GET, path, &token, coding).await;
            assert_eq!(headers["content-encoding"], coding, "{path}");
            assert_eq!(headers["content-length"], packed.len().to_string(), "{path}");
            assert_eq!(headers["vary"], "Accept-Encoding");
            assert!(packed.len() < plain.len());
            let mut body = Vec::new();
            match coding {
                "gzip" => flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut body),
                _ => brotli::Decompressor::new(packed.as_slice(), 4096).read_to_end(&mut body),
            }
            .unwrap();
            assert!(body == plain, "{path}");
            let (status, head, nothing) = ask(&server, Method::HEAD, path, &token, coding).await;
            assert_eq!((status, nothing.len()), (StatusCode::OK, 0));
            assert_eq!(
                head["content-length"],
                packed.len().to_string(),
                "HEAD has the length of GET: {path}"
            );
            assert_eq!(head["content-encoding"], coding);
        }
    }
    // Short answers, and what is no text.
    let (_, headers, _) = ask(&server, Method::GET, "/v1.0/nothing", &token, "gzip, br").await;
    assert!(!headers.contains_key("content-encoding"));
}
