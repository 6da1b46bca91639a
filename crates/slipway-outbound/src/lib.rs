//! Every outgoing connection of the server, behind one guard: tunnels for clients, and documents of other issuers.
//!
//! Whoever can make the server connect somewhere must not reach through it what only the server reaches: itself, the
//! machine it runs on, the network around it, the addresses where clouds hand out credentials (server-side request
//! forgery). So a name is resolved here, the addresses are judged ([`guard`]), and the connection goes to the very
//! address that was judged: a name that means something else a moment later does not help (DNS rebinding). What the
//! operator named may be anywhere, but for the server's own port.

mod fault;
mod get;
pub mod guard;
mod origin;
mod tls;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use tokio::net::{TcpStream, UdpSocket, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

pub use fault::OutboundFault;
pub use get::Limits;
pub use origin::{Origin, Scheme};
pub use tls::read_authorities;

/// How long a name may take to resolve, and each of its addresses to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many addresses of a name are tried.
const TRIES: usize = 4;

/// Where connections may go beyond the public Internet, and whose certificates count.
#[derive(Debug, Default)]
pub struct Rules {
    /// What the operator named: these may be anywhere, and speak plain HTTP if they were written so.
    pub named: Vec<Origin>,
    /// Where this server listens: nothing is connected there.
    pub own: Vec<SocketAddr>,
    /// Certificate authorities beside the system's, DER.
    pub authorities: Vec<CertificateDer<'static>>,
}

/// How far a connection may go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// To the public Internet.
    Internet,
    /// Anywhere but to this server.
    Anywhere,
}

impl Rules {
    /// How far a connection to the host may go.
    fn reach(&self, host: &str, port: u16) -> Reach {
        let is_named = self.named.iter().any(|origin| origin.is_at(host, port));
        if is_named { Reach::Anywhere } else { Reach::Internet }
    }
}

/// The way out; clones share everything.
#[derive(Clone)]
pub struct Outbound(Arc<Way>);

struct Way {
    rules: Rules,
    /// Made when it is first needed: reading the system's authorities takes a while.
    tls: OnceLock<Result<TlsConnector, String>>,
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Outbound").field(&self.0.rules).finish()
    }
}

impl Outbound {
    /// A way out under the rules.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self(Arc::new(Way { rules, tls: OnceLock::new() }))
    }

    /// Connects to a host, which is a name or an IP address, perhaps in brackets.
    ///
    /// # Errors
    /// [`OutboundFault`], of which [`OutboundFault::Refused`] is the guard's.
    pub async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, OutboundFault> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let reach = self.0.rules.reach(host, port);
        let unresolved = |error| OutboundFault::Unresolved { host: host.to_owned(), error };
        let addresses: Vec<SocketAddr> = timeout(PATIENCE, lookup_host((host, port)))
            .await
            .unwrap_or_else(|elapsed| Err(elapsed.into()))
            .map_err(unresolved)?
            .take(TRIES)
            .collect();
        let mut fault = unresolved(std::io::ErrorKind::NotFound.into());
        for address in addresses {
            if let Err(why) = self.judge(address, reach).await {
                fault = OutboundFault::Refused { host: host.to_owned(), address: address.ip(), why };
                continue;
            }
            let connected = timeout(PATIENCE, TcpStream::connect(address)).await;
            match connected.unwrap_or_else(|elapsed| Err(elapsed.into())) {
                Ok(stream) => {
                    // Small messages go both ways in what is carried here; a socket without the option works too.
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Err(error) => fault = OutboundFault::Unreachable { host: host.to_owned(), error },
            }
        }
        Err(fault)
    }

    /// Whether the address may be connected to; says why not.
    async fn judge(&self, address: SocketAddr, reach: Reach) -> Result<(), &'static str> {
        let own_ports = self.0.rules.own.iter().filter(|own| own.port() == address.port());
        let is_listening = |own: &SocketAddr| own.ip() == address.ip() || own.ip().is_unspecified();
        let may_be_own = own_ports.into_iter().any(is_listening);
        if reach == Reach::Internet {
            guard::judge(address.ip())?;
        }
        if (may_be_own || reach == Reach::Internet) && is_of_this_machine(address.ip()).await {
            return Err(if may_be_own { "this server" } else { "this machine" });
        }
        Ok(())
    }
}

/// Whether the address is one of this machine's own: then the system would send from the very same one. Nothing is
/// sent to find out.
async fn is_of_this_machine(address: IpAddr) -> bool {
    if address.is_loopback() || address.is_unspecified() {
        return true;
    }
    let any: SocketAddr = match address {
        IpAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        IpAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let Ok(socket) = UdpSocket::bind(any).await else { return false };
    // The port is not used; without a way there it is not this machine.
    socket.connect((address, 9)).await.is_ok() && socket.local_addr().is_ok_and(|own| own.ip() == address)
}
