//! A network between Slipway and the database that breaks when it is told to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use slipway_store::{Database, Store};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio_postgres::config::Host;

use crate::records::address;
use crate::schema::Schema;

/// What the network does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Network {
    /// Carries everything.
    Works = 0,
    /// Breaks the connection that brings the success of a commit that wrote, before it arrives.
    LosesTheAnswer = 1,
    /// Breaks the connection that carries user `MARKED`, before it arrives.
    LosesTheRequest = 2,
    /// Breaks every connection.
    IsDown = 3,
    /// Carries nothing, and tells nobody.
    IsSilent = 4,
    /// Carries a little more than 1 MiB a second to the database.
    IsSlow = 5,
}

/// Display name of a user whose way to the database is cut.
pub const MARKED: &str = "User 4711";

/// The tag with which the database says that a transaction is committed.
const COMMITTED: &[u8] = b"COMMIT\0";

/// Begins the tag with which it says that rows were inserted; views, which end with a commit too, never get it.
const INSERTED: &[u8] = b"INSERT 0 ";

pub struct Proxy {
    port: u16,
    state: Arc<State>,
}

struct State {
    network: AtomicU8,
    /// What the network does after it has broken a connection.
    then: AtomicU8,
    breaks: AtomicUsize,
}

impl State {
    fn is(&self, network: Network) -> bool {
        self.network.load(Ordering::SeqCst) == network as u8
    }
}

impl Proxy {
    /// A proxy before the server of the schema.
    pub async fn new(schema: &Schema) -> Self {
        let server: tokio_postgres::Config = address(schema, &[]).parse().unwrap();
        let Host::Tcp(host) = server.get_hosts()[0].clone() else { unreachable!() };
        let port = server.get_ports()[0];
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own_port = listener.local_addr().unwrap().port();
        let works = || AtomicU8::new(Network::Works as u8);
        let state = Arc::new(State { network: works(), then: works(), breaks: AtomicUsize::new(0) });
        tokio::spawn({
            let state = Arc::clone(&state);
            async move {
                while let Ok((client, _)) = listener.accept().await {
                    if state.is(Network::IsDown) {
                        continue;
                    }
                    let server = TcpStream::connect((host.as_str(), port)).await.unwrap();
                    let (from_client, to_client) = client.into_split();
                    let (from_server, to_server) = server.into_split();
                    let up = tokio::spawn(carry(Arc::clone(&state), Way::Up, from_client, to_server));
                    let down = tokio::spawn(carry(Arc::clone(&state), Way::Down, from_server, to_client));
                    // What breaks one way breaks the other.
                    tokio::spawn(async move {
                        let (up, down) = (up, down);
                        let (stop_up, stop_down) = (up.abort_handle(), down.abort_handle());
                        tokio::select! { _ = up => stop_down.abort(), _ = down => stop_up.abort() }
                    });
                }
            }
        });
        Self { port: own_port, state }
    }

    /// What the network does after it has broken the next connection, in place of working again.
    pub fn then(&self, network: Network) {
        self.state.then.store(network as u8, Ordering::SeqCst);
    }

    pub fn set(&self, network: Network) {
        self.state.network.store(network as u8, Ordering::SeqCst);
    }

    /// How often a connection was broken.
    pub fn breaks(&self) -> usize {
        self.state.breaks.load(Ordering::SeqCst)
    }

    /// Opens the schema through the proxy.
    pub async fn open(&self, schema: &Schema) -> Store {
        let text = address(schema, &[("host", "127.0.0.1"), ("port", &self.port.to_string())]);
        Store::open_database(&Database::parse(&text).unwrap().with_connections(4)).await.unwrap()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

async fn carry(state: Arc<State>, way: Way, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let mut buffer = vec![0; 64 * 1024];
    let mut writes = false;
    let contains = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    loop {
        let idle = async {
            while !state.is(Network::IsDown) {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        let read = tokio::select! { read = from.read(&mut buffer) => read, () = idle => return };
        let Ok(length @ 1..) = read else { return };
        let bytes = &buffer[..length];
        writes |= contains(bytes, INSERTED);
        let breaks = match way {
            Way::Up => state.is(Network::LosesTheRequest) && contains(bytes, MARKED.as_bytes()),
            Way::Down => state.is(Network::LosesTheAnswer) && writes && contains(bytes, COMMITTED),
        };
        if breaks {
            state.network.store(state.then.load(Ordering::SeqCst), Ordering::SeqCst);
            state.breaks.fetch_add(1, Ordering::SeqCst);
            return;
        }
        while state.is(Network::IsSilent) {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        if way == Way::Up && state.is(Network::IsSlow) {
            let microseconds = u64::try_from(length * 8 / 10).unwrap();
            tokio::time::sleep(std::time::Duration::from_micros(microseconds)).await;
        }
        if to.write_all(bytes).await.is_err() {
            return;
        }
    }
}
