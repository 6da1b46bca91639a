//! Another server's tokens, whose keys are fetched over TLS from an authority that no system knows.

use tokio::io::AsyncWriteExt;

use crate::connect::{answer, ask};
use crate::process::Server;

const TENANT: &str = "51190000-0000-4000-8000-000000000001";
const FORM: &str = "grant_type=client_credentials&client_id=51190000-0000-4000-8000-00000000a001&client_secret=slipway-demo-secret&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default";

/// A token that says it is of the issuer at this server's TLS address.
async fn token(issuer: &Server) -> String {
    let host = format!("localhost:{}", issuer.address.port());
    let mut stream = issuer.tls("localhost", &[b"http/1.1"]).await.unwrap();
    let head = format!(
        "POST /{TENANT}/oauth2/v2.0/token HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}",
        FORM.len()
    );
    let form = "Content-Type: application/x-www-form-urlencoded";
    stream.write_all(format!("{head}\r\n{form}\r\n\r\n{FORM}").as_bytes()).await.unwrap();
    let (head, body) = answer(&mut stream).await;
    assert!(head.starts_with("http/1.1 200 "), "{head}{body}");
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}

/// What the server says to somebody who wants its users with this token.
async fn status(server: &Server, token: &str) -> String {
    let host = format!("localhost\r\nAuthorization: Bearer {token}");
    let (head, _) = ask(&mut server.plain().await, "GET /v1.0/users", &host).await;
    head.split(' ').nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn an_authority_of_the_settings_vouches_for_an_issuer() {
    let (of_issuer, folder, other) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let issuer = Server::start(&of_issuer, &["--no-demo=false"]);
    let url = format!("https://localhost:{}/{TENANT}/v2.0", issuer.address.port());
    let token = token(&issuer).await;
    let authority = issuer.ready["caFile"].as_str().unwrap();
    let trusting = ["--no-demo=false", "--trust-issuer", &url];
    let server = Server::start(&folder, &[&trusting as &[&str], &["--outbound-ca", authority]].concat());
    assert_eq!(status(&server, &token).await, "200");
    // Without it the issuer has a certificate that nobody trusts, and its keys cannot be had.
    let server = Server::start(&other, &trusting);
    assert_eq!(status(&server, &token).await, "401");
    server.signal("TERM");
    let (_, log) = server.end();
    assert!(log.contains("TLS: invalid peer certificate"), "{log}");
}

#[test]
fn a_file_without_authorities_is_refused_before_anything_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, "no certificate").unwrap();
    for file in [file, folder.path().join("nothing")] {
        let mut command = crate::process::slipway(&["serve", "--listen", ":0", "--data"]);
        command.arg(folder.path().join("data")).arg("--outbound-ca").arg(&file);
        let (code, _, told) = crate::process::ended(&mut command);
        assert_eq!(code, 1, "{told}");
        assert!(told.contains("outbound-ca: ") && told.contains(&file.display().to_string()), "{told}");
        assert!(!folder.path().join("data").exists());
    }
}
