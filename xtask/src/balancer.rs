//! A load balancer in front of several servers: each request goes to another server than the last one did.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context as _;
use hyper::body::Incoming;
use hyper::header::{HOST, HeaderValue};
use hyper::http::uri::{Authority, Scheme};
use hyper::service::service_fn;
use hyper::{Request, Response, Uri, Version};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A running balancer; ends when dropped.
pub struct Balancer {
    /// Where it listens.
    pub address: SocketAddr,
    /// Ends the tasks when dropped.
    _runtime: Runtime,
}

/// What clients see of a balancer that ends TLS.
pub struct Tls {
    acceptor: TlsAcceptor,
    /// The certificate to trust, as PEM.
    pub certificate: String,
}

impl Tls {
    /// With a fresh certificate for `localhost`.
    ///
    /// # Errors
    /// When the certificate cannot be made.
    pub fn new() -> anyhow::Result<Self> {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()])?;
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).map_err(anyhow::Error::msg)?;
        let config = ServerConfig::builder().with_no_client_auth();
        let mut config = config.with_single_cert(vec![cert.der().clone()], key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { acceptor: Arc::new(config).into(), certificate: cert.pem() })
    }
}

/// A bound balancer that does not know its servers yet, since they want to know its address first.
pub struct Bound {
    listener: std::net::TcpListener,
    /// Where it will listen.
    pub address: SocketAddr,
}

impl Bound {
    /// Takes the port of 127.0.0.1; 0 is a free one.
    ///
    /// # Errors
    /// When the port is taken.
    pub fn new(port: u16) -> anyhow::Result<Self> {
        let listener = std::net::TcpListener::bind(("127.0.0.1", port))?;
        listener.set_nonblocking(true)?;
        Ok(Self { address: listener.local_addr()?, listener })
    }

    /// Begins to balance between these servers, `http://host:port` each.
    ///
    /// # Errors
    /// When a URL is none.
    pub fn serve(self, servers: &[String], tls: Option<&Tls>) -> anyhow::Result<Balancer> {
        let authorities = servers.iter().map(|url| {
            let authority = url.parse::<Uri>()?.into_parts().authority;
            authority.with_context(|| format!("{url} has no host"))
        });
        let turn = Turn {
            servers: authorities.collect::<anyhow::Result<_>>()?,
            next: AtomicUsize::new(0),
            client: Client::builder(TokioExecutor::new()).build_http(),
        };
        let runtime = Runtime::new()?;
        let acceptor = tls.map(|tls| tls.acceptor.clone());
        let listener = {
            let _inside = runtime.enter();
            TcpListener::from_std(self.listener)?
        };
        runtime.spawn(accept(listener, Arc::new(turn), acceptor));
        Ok(Balancer { address: self.address, _runtime: runtime })
    }
}

/// The servers and whose turn it is.
struct Turn {
    servers: Vec<Authority>,
    next: AtomicUsize,
    client: Client<HttpConnector, Incoming>,
}

impl Turn {
    async fn forward(&self, mut request: Request<Incoming>) -> anyhow::Result<Response<Incoming>> {
        let version = request.version();
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.servers.len().max(1);
        let mut uri = std::mem::take(request.uri_mut()).into_parts();
        // HTTP/2 has the host in the address.
        if let Some(authority) = &uri.authority {
            request.headers_mut().insert(HOST, HeaderValue::try_from(authority.as_str())?);
        }
        *request.version_mut() = Version::HTTP_11;
        uri.scheme = Some(Scheme::HTTP);
        uri.authority = self.servers.get(turn).cloned();
        *request.uri_mut() = Uri::from_parts(uri)?;
        let mut answer = self.client.request(request).await?;
        *answer.version_mut() = version;
        Ok(answer)
    }
}

async fn accept(listener: TcpListener, turn: Arc<Turn>, acceptor: Option<TlsAcceptor>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (turn, acceptor) = (Arc::clone(&turn), acceptor.clone());
        tokio::spawn(async move {
            match acceptor {
                None => serve(stream, turn).await,
                // A client that does not trust the certificate sees why at its own end.
                Some(acceptor) => {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        serve(stream, turn).await;
                    }
                }
            }
        });
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, turn: Arc<Turn>) {
    let service = service_fn(move |request| {
        let turn = Arc::clone(&turn);
        async move { turn.forward(request).await }
    });
    // A connection that breaks is the client's or the server's to notice.
    let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}
