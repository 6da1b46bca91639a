//! Certificates: the authority is kept, the leaf is new, and only the server's names are vouched for.

use tokio_rustls::client::TlsStream;

use crate::process::Server;

fn leaf(stream: &TlsStream<tokio::net::TcpStream>) -> Vec<u8> {
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

#[tokio::test]
async fn the_authority_is_kept_and_the_leaf_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let authority = folder.path().join("data/ca.crt");
    let server = Server::start(&folder, &[]);
    let (first, kept) =
        (leaf(&server.tls("localhost", &[]).await.unwrap()), std::fs::read(&authority).unwrap());
    drop(server);
    let server = Server::start(&folder, &[]);
    assert_ne!(leaf(&server.tls("127.0.0.1", &[]).await.unwrap()), first);
    assert_eq!(std::fs::read(&authority).unwrap(), kept);
}

#[tokio::test]
async fn a_tls_name_is_in_the_certificate_and_others_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &["--tls-name", "Graph.test", "--tls-name", "10.0.0.5"]);
    for name in ["localhost", "127.0.0.1", "::1", "graph.test", "10.0.0.5"] {
        assert!(server.tls(name, &[]).await.is_ok(), "{name}");
    }
    for name in ["a.graph.test", "example.com", "10.0.0.6"] {
        assert!(server.tls(name, &[]).await.is_err(), "{name}");
    }
}

#[tokio::test]
async fn a_new_name_makes_a_new_authority_and_the_log_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    drop(server);
    let server = Server::start(&folder, &["--tls-name", "graph.test"]);
    assert!(server.tls("graph.test", &[]).await.is_ok());
    server.signal("TERM");
    let (_, log) = server.end();
    assert!(log.contains("may not vouch for graph.test"), "{log}");
}
