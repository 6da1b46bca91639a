//! The key file: it seals the signing keys, and without it they are of no use.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use http::{Method, StatusCode};
use tempfile::TempDir;

use crate::process::{Server, ended, slipway};

const TENANT: &str = "51190000-0000-4000-8000-0000000000aa";
const SEED: &str = "
tenants:
  - id: 51190000-0000-4000-8000-0000000000aa
    displayName: Keys
    domain: keys.example
    clients:
      - id: reader
        displayName: Reader
        secrets: [reader]
        applicationPermissions: [User.Read.All]
";
const FORM: &str = "grant_type=client_credentials&client_id=reader&client_secret=reader\
                    &scope=https%3A%2F%2Fgraph.microsoft.com%2F.default";

fn key_file(folder: &TempDir, name: &str, byte: char) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, format!("{}=\n", byte.to_string().repeat(43))).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    path
}

/// Expects that the server does not start, and gives its log.
fn refused(folder: &TempDir, key_file: Option<&Path>) -> String {
    let mut command = slipway(&["serve", "--listen", ":0", "--no-demo", "--data"]);
    command.arg(folder.path().join("data"));
    if let Some(key_file) = key_file {
        command.arg("--key-file").arg(key_file);
    }
    let (code, out, log) = ended(&mut command);
    assert_eq!((code, out.as_str()), (1, ""), "{log}");
    log
}

#[tokio::test]
async fn keys_are_sealed_at_the_next_start_and_open_with_their_key_file_only() {
    let folder = tempfile::tempdir().unwrap();
    let seed = folder.path().join("seed.yaml");
    fs::write(&seed, SEED).unwrap();
    let server = Server::start(&folder, &["--seed", seed.to_str().unwrap()]);
    let token = server.token(TENANT, FORM).await;
    server.signal("TERM");
    server.end();

    let (right, wrong) = (key_file(&folder, "right.key", 'A'), key_file(&folder, "wrong.key", 'E'));
    let sealing = Server::start(&folder, &["--key-file", right.to_str().unwrap()]);
    sealing.signal("TERM");
    let (_, log) = sealing.end();
    assert!(log.contains("sealing a signing key that lay open"), "{log}");

    let log = refused(&folder, None);
    assert!(log.contains("is sealed") && log.contains("hint: start with the --key-file"), "{log}");
    let log = refused(&folder, Some(&wrong));
    assert!(log.contains("is sealed with another key"), "{log}");

    let server = Server::start(&folder, &["--key-file", right.to_str().unwrap()]);
    let (status, _, told) = server.ask(Method::GET, "/v1.0/users", &token, "").await;
    assert_eq!(status, StatusCode::OK, "a token of before: {told}");
    let again = server.token(TENANT, FORM).await;
    assert_eq!(again.split('.').next(), token.split('.').next(), "the same key signs");
    server.signal("TERM");
    let (_, log) = server.end();
    assert!(!log.contains("sealing a signing key"), "{log}");
}
