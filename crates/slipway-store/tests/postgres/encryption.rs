//! TLS to the database, through a proxy that speaks it and a certificate authority of the test's own.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use slipway_store::{Database, OpenError, Store};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_postgres::config::Host;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, ServerConnection};

use crate::records::{add_user, address, users};
use crate::schema::Schema;

/// What a client says first when it wants TLS.
const TLS_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F];

#[expect(clippy::disallowed_methods, reason = "keys of the test's own")]
fn key() -> KeyPair {
    KeyPair::generate().unwrap()
}

/// An authority, and what a server for `localhost` needs.
fn certificates() -> (String, ServerConfig) {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, key()).unwrap();
    let own = key();
    let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&own, &authority).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(own.serialize_der()).unwrap(),
        );
    (authority.pem(), config.unwrap())
}

/// Ends TLS before the test's server, which may not speak it; gives the port.
async fn before(schema: &Schema, config: ServerConfig) -> u16 {
    let server: tokio_postgres::Config = address(schema, &[]).parse().unwrap();
    let Host::Tcp(host) = server.get_hosts()[0].clone() else { unreachable!() };
    let port = server.get_ports()[0];
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (acceptor, host) = (acceptor.clone(), host.clone());
            tokio::spawn(async move {
                let mut first = [0; 8];
                client.read_exact(&mut first).await.unwrap();
                if first != TLS_REQUEST {
                    return;
                }
                client.write_all(b"S").await.unwrap();
                let Ok(mut client) = acceptor.accept(client).await else { return };
                let encrypted: &ServerConnection = client.get_ref().1;
                assert!(encrypted.protocol_version().is_some());
                let mut server = TcpStream::connect((host.as_str(), port)).await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    own
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_are_checked_as_far_as_the_mode_says() {
    let schema = Schema::new().await;
    let (authority, config) = certificates();
    let port = before(&schema, config).await;
    let folder = tempfile::tempdir().unwrap();
    let (own, strange) = (folder.path().join("own.pem"), folder.path().join("strange.pem"));
    std::fs::write(&own, authority).unwrap();
    std::fs::write(&strange, certificates().0).unwrap();
    let (own, strange) = (own.to_str().unwrap(), strange.to_str().unwrap());

    let port = port.to_string();
    let database = |host: &str, sslmode: &str, sslrootcert: &str| {
        let instead = [("host", host), ("port", &port), ("sslmode", sslmode), ("sslrootcert", sslrootcert)];
        let instead = if sslrootcert.is_empty() { &instead[..3] } else { &instead[..] };
        Database::parse(&address(&schema, instead)).unwrap().with_connections(2)
    };
    let mut n = 0;
    for (host, mode, authorities) in [
        ("127.0.0.1", "prefer", ""),
        ("127.0.0.1", "require", ""),
        ("127.0.0.1", "verify-ca", own),
        ("localhost", "verify-full", own),
    ] {
        let store = Store::open_database(&database(host, mode, authorities)).await;
        let store = store.unwrap_or_else(|error| panic!("{mode}: {error}"));
        n += 1;
        store.commit(add_user(n)).await.unwrap();
        assert_eq!(users(&store).await.0, n);
    }
    for (host, mode, authorities) in [
        ("127.0.0.1", "disable", ""),
        ("127.0.0.1", "verify-ca", ""),
        ("127.0.0.1", "require", strange),
        ("127.0.0.1", "verify-ca", strange),
        ("127.0.0.1", "verify-full", own),
        ("localhost", "verify-full", strange),
    ] {
        let refused = Store::open_database(&database(host, mode, authorities)).await.map(drop);
        let expected = matches!(refused, Err(OpenError::Unreachable { .. } | OpenError::Database { .. }));
        assert!(expected, "{host} {mode} {authorities}: {refused:?}");
    }
}
