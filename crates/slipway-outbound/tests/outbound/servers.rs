//! Documents and connections from servers on this machine, which are reached only where they are named.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use slipway_outbound::{Limits, Origin, Outbound, OutboundFault, Rules};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

const SMALL: Limits = Limits { bytes: 10, time: Duration::from_millis(500) };

/// Answers every connection with the bytes, after a whole header has come.
async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &[u8]) -> Option<String> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.ok()?);
    }
    stream.write_all(answer).await.ok()?;
    stream.flush().await.ok()?;
    // Until the client goes.
    let _ = stream.read_u8().await;
    String::from_utf8(request).ok()
}

/// A server that gives this answer, and its address.
async fn server(answer: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, answer.as_bytes()));
        }
    });
    address
}

fn naming(urls: &[String]) -> Outbound {
    let named = urls.iter().map(|url| Origin::of(url).unwrap()).collect();
    Outbound::new(Rules { named, ..Rules::default() })
}

/// Gets from a server that gives this answer, and is named.
async fn got(answer: &'static str) -> Result<String, OutboundFault> {
    let url = format!("http://{}/keys?x=1", server(answer).await);
    let body = naming(std::slice::from_ref(&url)).get(&url, SMALL).await?;
    Ok(String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_document_is_taken_in_every_form() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\nContent-Encoding: identity\r\n\r\nhello",
    ] {
        assert_eq!(got(answer).await.unwrap(), "hello", "{answer}");
    }
}

#[tokio::test]
async fn what_is_asked_names_host_and_path() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        serve(stream, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.unwrap()
    });
    let url = format!("http://{address}/t/keys?x=1#part");
    assert!(naming(std::slice::from_ref(&url)).get(&url, SMALL).await.unwrap().is_empty());
    let asked = asked.await.unwrap();
    assert!(asked.starts_with("GET /t/keys?x=1 HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains(&format!("host: {address}\r\n")), "{asked}");
}

#[tokio::test]
async fn limits_and_wrong_answers_are_told_apart() {
    let fault = async |answer| got(answer).await.unwrap_err();
    assert!(matches!(
        fault("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n").await,
        OutboundFault::Status(404)
    ));
    let redirect = "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n";
    assert!(matches!(fault(redirect).await, OutboundFault::Status(302)), "redirects are not followed");
    for long in [
        "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n01234567890",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n5\r\n67890\r\n0\r\n\r\n",
    ] {
        assert!(matches!(fault(long).await, OutboundFault::TooLarge(10)), "{long}");
    }
    for slow in ["", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"] {
        assert!(matches!(fault(slow).await, OutboundFault::TimedOut(_)), "{slow}");
    }
    let packed = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx";
    for wrong in ["SSH-2.0-OpenSSH\r\n", packed] {
        assert!(matches!(fault(wrong).await, OutboundFault::Http(_)), "{wrong}");
    }
}

#[tokio::test]
async fn this_machine_is_reached_only_where_it_is_named() {
    let address = server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let port = address.port();
    let nothing_named = naming(&[]);
    // The last three are addresses as old resolvers read them.
    for host in
        ["127.0.0.1", "localhost", "[::1]", "::ffff:127.0.0.1", "0.0.0.0", "127.1", "2130706433", "0x7f.1"]
    {
        let fault = nothing_named.connect(host, port).await.unwrap_err();
        assert!(
            matches!(fault, OutboundFault::Refused { .. } | OutboundFault::Unresolved { .. }),
            "{host}: {fault}"
        );
    }
    let url = format!("http://{address}/");
    assert!(matches!(nothing_named.get(&url, SMALL).await, Err(OutboundFault::Plain(_))));
    let secure = format!("https://{address}/");
    assert!(matches!(nothing_named.get(&secure, SMALL).await, Err(OutboundFault::Refused { .. })));

    let named = naming(std::slice::from_ref(&url));
    assert!(named.connect("127.0.0.1", port).await.is_ok());
    assert!(named.get(&url, SMALL).await.is_ok());
    let other = server("").await;
    assert!(named.connect("127.0.0.1", other.port()).await.is_err(), "a name is for its port");
    assert!(named.connect("127.0.0.2", port).await.is_err(), "and for its host");
}

#[tokio::test]
async fn the_servers_own_port_is_not_reached_even_where_it_is_named() {
    let address = server("").await;
    for listen in [address, SocketAddr::from(([0, 0, 0, 0], address.port()))] {
        let named = vec![Origin::of(&format!("http://{address}")).unwrap()];
        let outbound = Outbound::new(Rules { named, own: vec![listen], ..Rules::default() });
        let fault = outbound.connect("127.0.0.1", address.port()).await.unwrap_err();
        assert!(matches!(fault, OutboundFault::Refused { why: "this server", .. }), "{fault}");
    }
}

#[tokio::test]
async fn nobody_there_is_told_as_such() {
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let url = format!("http://{address}/");
    let fault = naming(std::slice::from_ref(&url)).get(&url, SMALL).await.unwrap_err();
    assert!(matches!(fault, OutboundFault::Unreachable { .. }), "{fault}");
    let fault = naming(&[]).connect("nobody.invalid", 443).await.unwrap_err();
    assert!(matches!(fault, OutboundFault::Unresolved { .. }), "{fault}");
}

#[expect(clippy::disallowed_methods, reason = "certificates of a test's own")]
fn new_key() -> KeyPair {
    KeyPair::generate().unwrap()
}

/// An authority that is trusted nowhere, and a server for `localhost` with a certificate of it.
async fn tls_server() -> (CertificateDer<'static>, SocketAddr) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, new_key()).unwrap();
    let key = new_key();
    let leaf = CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let stream = acceptor.accept(stream).await.ok()?;
                serve(stream, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await
            });
        }
    });
    (authority.der().clone(), address)
}

#[tokio::test]
async fn certificates_are_checked_against_the_authorities_and_the_name() {
    let (authority, address) = tls_server().await;
    let url = |host| format!("https://{host}:{}/", address.port());
    let outbound = |authorities| {
        let named = vec![Origin::of(&url("localhost")).unwrap(), Origin::of(&url("127.0.0.1")).unwrap()];
        Outbound::new(Rules { named, authorities, ..Rules::default() })
    };
    let trusting = outbound(vec![authority]);
    assert_eq!(trusting.get(&url("localhost"), SMALL).await.unwrap(), "ok");
    assert!(matches!(trusting.get(&url("127.0.0.1"), SMALL).await, Err(OutboundFault::Tls(_))));
    assert!(matches!(outbound(vec![]).get(&url("localhost"), SMALL).await, Err(OutboundFault::Tls(_))));
}
