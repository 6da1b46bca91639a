//! The port as a forward proxy: tunnels to the names for which this server stands in, and a quick no for all others.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE};
use http::uri::Authority;
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body_util::Full;
use hyper::body::Incoming;
use slipway_graph::Hosts;
use slipway_outbound::{Outbound, OutboundFault};
use tokio::sync::Semaphore;

use super::tunnel::{End, Next, Tunnel};

/// Tunnels to others that are open at a time; each takes another file descriptor.
const TUNNELS: usize = 256;
/// Most characters of a host that a refusal repeats; DNS has no longer names.
const LONGEST_HOST: usize = 255;

/// What is done for clients that take the port for a proxy.
pub struct Proxy {
    hosts: Hosts,
    ports: Vec<u16>,
    outbound: Option<Outbound>,
    tunnels: Arc<Semaphore>,
}

/// Whether a connection may still become a tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// It is the client's own.
    Outside,
    /// It is a tunnel.
    Inside,
}

impl Proxy {
    /// For a server that has these hosts and listens on these ports; with a way out, everything else is passed
    /// through.
    pub fn new(hosts: Hosts, ports: Vec<u16>, outbound: Option<Outbound>) -> Self {
        Self { hosts, ports, outbound, tunnels: Arc::new(Semaphore::new(TUNNELS)) }
    }

    /// Whether a request may be one to a proxy: a tunnel, or a whole URL (RFC 9112 section 3.2). HTTP/2 writes a whole
    /// URL in each request.
    pub fn is_asked(request: &Request<Incoming>) -> bool {
        request.method() == Method::CONNECT
            || (request.version() < Version::HTTP_2 && request.uri().authority().is_some())
    }

    /// Answers such a request; none if it is for the server itself. A tunnel is left in `next`.
    pub async fn answer(
        &self,
        request: &mut Request<Incoming>,
        depth: Depth,
        next: &Next,
    ) -> Option<Response<Full<Bytes>>> {
        let authority = request.uri().authority().cloned();
        if request.method() != Method::CONNECT {
            let authority = authority.filter(|authority| !self.is_here(authority))?;
            return Some(refuse(StatusCode::FORBIDDEN, &not_forwarded(&authority)));
        }
        let asked = authority.and_then(|authority| Some((authority.port_u16()?, authority)));
        Some(match asked {
            _ if request.version() >= Version::HTTP_2 => {
                refuse(StatusCode::NOT_IMPLEMENTED, "Tunnels are made over HTTP/1.1 only.\n")
            }
            Some((port, authority)) if !authority.as_str().contains('@') => {
                self.connect(request, (&authority, port), depth, next).await
            }
            _ => refuse(StatusCode::BAD_REQUEST, "CONNECT takes HOST:PORT.\n"),
        })
    }

    async fn connect(
        &self,
        request: &mut Request<Incoming>,
        (authority, port): (&Authority, u16),
        depth: Depth,
        next: &Next,
    ) -> Response<Full<Bytes>> {
        let end = match self.end(authority, port, depth).await {
            Ok(end) => end,
            Err((status, text)) => {
                tracing::info!(target: "slipway::proxy", host = shown(authority), status = status.as_u16(), "refused");
                return refuse(status, &text);
            }
        };
        next.set(Tunnel { upgrade: hyper::upgrade::on(request), end });
        Response::new(Full::default())
    }

    /// Where a tunnel to the place leads; or why there is none.
    async fn end(&self, authority: &Authority, port: u16, depth: Depth) -> Result<End, (StatusCode, String)> {
        if depth == Depth::Inside {
            return Err((StatusCode::FORBIDDEN, "A tunnel leads to no other tunnel.\n".to_owned()));
        }
        if self.is_here(authority) {
            return Ok(End::Here);
        }
        let Some(outbound) = &self.outbound else {
            return Err((StatusCode::FORBIDDEN, not_connected(authority)));
        };
        let Ok(place) = Arc::clone(&self.tunnels).try_acquire_owned() else {
            let text = format!("There are {TUNNELS} tunnels already.\n");
            return Err((StatusCode::SERVICE_UNAVAILABLE, text));
        };
        match outbound.connect(authority.host(), port).await {
            Ok(stream) => Ok(End::There(stream, place)),
            Err(fault) => {
                let status = match fault {
                    OutboundFault::Refused { .. } => StatusCode::FORBIDDEN,
                    _ => StatusCode::BAD_GATEWAY,
                };
                Err((status, format!("{fault}\n")))
            }
        }
    }

    /// Whether this server is meant: an intercepted name, whatever the port, so that nothing for it ever gets out; or
    /// one of its own names, for others listen on other ports of this machine.
    fn is_here(&self, authority: &Authority) -> bool {
        let host = authority.host();
        let host = host.strip_suffix('.').unwrap_or(host);
        let is_own_port = authority.port_u16().is_none_or(|port| self.ports.contains(&port));
        self.hosts.intercepts(host) || (is_own_port && self.hosts.answers_for(host))
    }
}

fn shown(authority: &Authority) -> &str {
    let host = authority.host();
    host.get(..LONGEST_HOST).unwrap_or(host)
}

fn not_connected(authority: &Authority) -> String {
    let host = shown(authority);
    format!(
        "Slipway does not pass on connections to {host}.\nhint: --intercept {host} makes it stand in for that name, --pass-through lets clients reach everything else\n"
    )
}

fn not_forwarded(authority: &Authority) -> String {
    let host = shown(authority);
    format!(
        "Slipway does not pass on requests over plain HTTP, and does not answer for {host}.\nhint: set HTTPS_PROXY only, or add {host} to NO_PROXY; --intercept {host} makes it stand in for that name\n"
    )
}

/// A refusal in words, after which the connection ends: nothing is read from who may be sending to somebody else.
fn refuse(status: StatusCode, text: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::copy_from_slice(text.as_bytes())));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

#[cfg(test)]
mod tests {
    use slipway_outbound::{Origin, Rules};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[test]
    fn what_is_here() {
        let hosts = Hosts {
            names: vec!["graph.test".into()],
            intercepted: vec!["graph.microsoft.com".into()],
            ..Hosts::default()
        };
        let proxy = Proxy::new(hosts, vec![8365, 443], None);
        let is_here = |place: &str| proxy.is_here(&place.parse().unwrap());
        for place in [
            "graph.microsoft.com:443",
            "Graph.Microsoft.COM:80",
            "graph.microsoft.com:9999",
            "graph.microsoft.com.:443",
            "graph.microsoft.com",
            "localhost:8365",
            "127.0.0.1:443",
            "[::1]:8365",
            "graph.test:443",
            "localhost",
        ] {
            assert!(is_here(place), "{place}");
        }
        for place in [
            "localhost:3000",
            "127.0.0.1:5432",
            "graph.test:80",
            "example.com:443",
            "a.graph.microsoft.com:443",
            "graph.microsoft.com.evil.example:443",
            "10.0.0.1:8365",
            "[::ffff:127.0.0.1]:8365",
        ] {
            assert!(!is_here(place), "{place}");
        }
    }

    /// With a way out that may go to one port of this machine, as it may everywhere on the Internet.
    #[tokio::test]
    async fn tunnels_lead_here_there_or_nowhere() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let there = listener.local_addr().unwrap();
        let named = vec![Origin::of(&format!("http://{there}")).unwrap()];
        let outbound = Outbound::new(Rules { named, ..Rules::default() });
        let hosts = Hosts { intercepted: vec!["graph.microsoft.com".into()], ..Hosts::default() };
        let proxy = Proxy::new(hosts, vec![8365], Some(outbound));
        let end = async |place: &str, depth| {
            let authority: Authority = place.parse().unwrap();
            proxy.end(&authority, authority.port_u16().unwrap(), depth).await
        };
        assert!(matches!(end("graph.microsoft.com:443", Depth::Outside).await, Ok(End::Here)));
        let Ok(End::There(mut out, place)) = end(&there.to_string(), Depth::Outside).await else {
            panic!("no tunnel")
        };
        let (mut other, _) = listener.accept().await.unwrap();
        other.write_all(b"hello").await.unwrap();
        let mut said = [0; 5];
        out.read_exact(&mut said).await.unwrap();
        assert_eq!(&said, b"hello");
        for (place, status) in [("127.0.0.1:1", 403), ("[::1]:443", 403), ("nobody.invalid:443", 502)] {
            let Err((refused, text)) = end(place, Depth::Outside).await else { panic!("{place}") };
            assert_eq!(refused, status, "{text}");
        }
        assert!(end("graph.microsoft.com:443", Depth::Inside).await.is_err());
        assert!(end(&there.to_string(), Depth::Inside).await.is_err());

        let taken = proxy.tunnels.try_acquire_many(u32::try_from(TUNNELS - 1).unwrap()).unwrap();
        let full = end(&there.to_string(), Depth::Outside).await;
        assert!(full.is_err_and(|(status, _)| status == StatusCode::SERVICE_UNAVAILABLE));
        drop(place);
        assert!(
            end(&there.to_string(), Depth::Outside).await.is_ok(),
            "a place is free when its tunnel ended"
        );
        drop(taken);
    }
}
