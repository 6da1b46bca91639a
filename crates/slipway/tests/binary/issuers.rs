//! One Slipway takes the tokens of another, and a new signing key by the command line.

use std::fs;

use http::{Method, StatusCode};
use tempfile::TempDir;

use crate::process::{Server, ended, slipway};

const TENANT: &str = "51190000-0000-4000-8000-0000000000bb";

const SEED: &str = "
tenants:
  - id: 51190000-0000-4000-8000-0000000000bb
    displayName: Shared
    domain: shared.example
    clients:
      - id: 51190000-0000-4000-8000-0000000000c1
        displayName: Robot
        secrets: [long enough]
        applicationPermissions: [User.Read.All]
";

const FORM: &str = "grant_type=client_credentials&client_id=51190000-0000-4000-8000-0000000000c1&client_secret=\
    long+enough&scope=https%3A%2F%2Flocalhost%2F.default";

fn start(folder: &TempDir, arguments: &[&str]) -> Server {
    let seed = folder.path().join("seed.yaml");
    fs::write(&seed, SEED).unwrap();
    Server::start(folder, &[&["--seed", seed.to_str().unwrap()], arguments].concat())
}

#[tokio::test]
async fn a_server_takes_the_tokens_of_another_that_it_trusts() {
    let (one, two, three) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let issuer = start(&one, &[]);
    let url = format!("http://127.0.0.1:{}/{TENANT}/v2.0", issuer.address.port());
    let trusting = start(&two, &["--trust-issuer", &url]);
    let stranger = start(&three, &[]);
    let old = issuer.token(TENANT, FORM).await;

    let data = one.path().join("data");
    let mut rotate = slipway(&["keys", "rotate", "--url", issuer.ready["url"].as_str().unwrap(), "--data"]);
    let (code, kid, log) = ended(rotate.arg(data));
    assert!(code == 0 && kid.trim().len() == 43, "{code} {kid} {log}");

    let new = issuer.token(TENANT, FORM).await;
    assert_ne!(old.split('.').next(), new.split('.').next());
    let ask = async |server: &Server, token: &str| server.ask(Method::GET, "/v1.0/users", token, "").await.0;
    for token in [&old, &new] {
        assert_eq!(ask(&issuer, token).await, StatusCode::OK);
        assert_eq!(ask(&trusting, token).await, StatusCode::OK);
        assert_eq!(ask(&stranger, token).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(ask(&issuer, &trusting.token(TENANT, FORM).await).await, StatusCode::UNAUTHORIZED);
}

#[test]
fn an_issuer_is_a_url_of_one_tenant() {
    for (url, why) in [
        ("idp.example", "is no URL"),
        ("https://login.microsoftonline.com/common/v2.0", "is of no tenant"),
        ("https://a.example/?b", "has no query"),
    ] {
        let (code, _, told) = ended(&mut slipway(&["config", "print", "--trust-issuer", url]));
        assert!(code == 2 && told.contains(why), "{url}: {told}");
    }
}
