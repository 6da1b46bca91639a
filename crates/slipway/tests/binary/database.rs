//! A database in place of the folder: servers that share it behave as one, and none goes on without it.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use http::{Method, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::process::{Server, ended, slipway};

const DEMO: &str = "51190000-0000-4000-8000-000000000001";
const AUTOMATION: &str = "grant_type=client_credentials&client_id=51190000-0000-4000-8000-00000000a001\
                          &client_secret=slipway-demo-secret&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default";
const ADMIN: &str = "grant_type=password&client_id=51190000-0000-4000-8000-00000000a003\
                     &username=admin@contoso.example&password=slipway-demo\
                     &scope=https%3A%2F%2Fgraph.microsoft.com%2F.default";
const POLLS: &str = "/v1.0/appCatalogs/teamsApps/51190000-0000-4000-8000-00000000b001";
const SEED: &str = "tenants: [{id: 51190000-0000-4000-8000-0000000000aa, displayName: Fabrikam, \
                    domain: fabrikam.example, generate: {users: 1500}}]\n";

/// An empty schema of the PostgreSQL server of the tests.
struct Schema {
    server: String,
    name: String,
}

impl Schema {
    #[expect(clippy::disallowed_methods, reason = "where the tests' server is, is the runner's choice")]
    fn new() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var("SLIPWAY_TEST_POSTGRES").expect(
            "run `cargo xtask test`, or set SLIPWAY_TEST_POSTGRES to the URL of a PostgreSQL server for tests",
        );
        let name = format!("binary_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let schema = Self { server, name };
        schema.sql(&format!("CREATE SCHEMA {}", schema.name));
        schema
    }

    /// The schema at this address of the server, or the server's own.
    fn url(&self, address: Option<SocketAddr>) -> String {
        let url = match address {
            None => self.server.clone(),
            Some(address) => self.server.replacen(&self.address().to_string(), &address.to_string(), 1),
        };
        let separator = if url.contains('?') { '&' } else { '?' };
        format!("{url}{separator}options=-csearch_path%3D{}", self.name)
    }

    /// Where the server listens.
    fn address(&self) -> SocketAddr {
        let url: http::Uri = self.server.replacen("postgresql:", "postgres:", 1).parse().unwrap();
        let (host, port) = (url.host().unwrap(), url.port_u16().unwrap_or(5432));
        format!("{host}:{port}").parse().expect("SLIPWAY_TEST_POSTGRES names an IP address")
    }

    /// What the statement answers, one row a line.
    fn sql(&self, statement: &str) -> String {
        let (code, out, told) = ended(&mut self.psql(statement));
        assert_eq!(code, 0, "{told}");
        out.trim().to_owned()
    }

    fn psql(&self, statement: &str) -> Command {
        let mut psql = Command::new("psql");
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--command", statement]);
        psql.arg(self.url(None));
        psql
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        // A test that failed may have left a connection that holds it; the server goes with the run.
        let _ = self.psql(&format!("SET lock_timeout = '5s'; DROP SCHEMA {} CASCADE", self.name)).output();
    }
}

/// How a server on the database is started; its files lie in the folder.
fn command(folder: &TempDir, name: &str, url: &str) -> (Command, PathBuf) {
    let ready = folder.path().join(format!("{name}.json"));
    let mut command = slipway(&["serve", "--listen", ":0", "--mode", "lab", "--ready-file"]);
    command.arg(&ready).env("SLIPWAY_DATABASE", url).env("SLIPWAY_DATA", folder.path().join(name));
    (command, ready)
}

fn start(folder: &TempDir, name: &str, url: &str) -> Server {
    let (mut command, ready) = command(folder, name, url);
    Server::of(&mut command, ready)
}

#[test]
fn a_database_that_cannot_be_reached_is_tried_for_a_while_and_told_without_its_password() {
    let folder = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("postgres://slipway:hunter2@127.0.0.1:{port}/records");
    let began = Instant::now();
    let (code, out, log) = ended(&mut command(&folder, "data", &url).0);
    assert!(
        (Duration::from_secs(5)..Duration::from_secs(30)).contains(&began.elapsed()),
        "{:?}",
        began.elapsed()
    );
    assert_eq!((code, out.as_str()), (1, ""), "{log}");
    assert!(log.matches("trying again").count() >= 3, "{log}");
    let last = log.lines().last().unwrap();
    assert!(last.contains("records") && last.contains(&format!("127.0.0.1:{port}")), "{log}");
    assert!(last.contains("refused"), "{log}");
    assert!(!log.contains("hunter2"), "{log}");
}

#[test]
fn a_stop_is_obeyed_while_a_database_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (mut command, _) = command(&folder, "data", &format!("postgres://slipway@127.0.0.1:{port}/records"));
    let mut child = command.spawn().unwrap();
    std::thread::sleep(Duration::from_secs(2));
    let began = Instant::now();
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_start_at_once_on_an_empty_database_are_one() {
    let (schema, folder) = (Schema::new(), tempfile::tempdir().unwrap());
    let seed = folder.path().join("seed.yaml");
    fs::write(&seed, SEED).unwrap();
    let servers = ["a", "b", "c"].map(|name| {
        let (mut command, ready) = command(&folder, name, &schema.url(None));
        command.arg("--seed").arg(&seed).args(["--database-connections", "3"]);
        if name == "c" {
            // What is a server's own may be shared too.
            command.env("SLIPWAY_DATA", folder.path().join("b"));
        }
        tokio::task::spawn_blocking(move || Server::of(&mut command, ready))
    });
    let mut started = Vec::new();
    for server in servers {
        started.push(server.await.unwrap());
    }
    let [a, b, c] = &started[..] else { panic!("three servers") };
    assert_eq!(schema.sql("SELECT count(*) FROM signing_keys"), "1");
    assert_eq!(schema.sql("SELECT count(*) FROM tenants"), "2");
    assert_eq!(schema.sql("SELECT count(*) FROM users"), "1520");
    assert_eq!(b.ready["controlSecret"], c.ready["controlSecret"]);
    assert_eq!(b.ready["caFile"], c.ready["caFile"]);
    assert_ne!(a.ready["controlSecret"], b.ready["controlSecret"]);
    c.tls("localhost", &[b"h2"]).await.unwrap();

    for (signs, serves) in [(a, b), (b, c), (c, a)] {
        let token = signs.token(DEMO, AUTOMATION).await;
        let (status, _, told) = serves.ask(Method::GET, "/v1.0/users?$top=1", &token, "").await;
        assert_eq!(status, StatusCode::OK, "{told}");
    }
}

#[tokio::test]
async fn what_one_server_changes_the_other_sees_with_the_next_request() {
    let (schema, folder) = (Schema::new(), tempfile::tempdir().unwrap());
    let (a, b) = (start(&folder, "a", &schema.url(None)), start(&folder, "b", &schema.url(None)));
    let (token, admin) = (a.token(DEMO, AUTOMATION).await, b.token(DEMO, ADMIN).await);
    let install = r#"{"teamsApp@odata.bind":
        "https://graph.microsoft.com/v1.0/appCatalogs/teamsApps/51190000-0000-4000-8000-00000000b001"}"#;
    let installed = async |server: &Server, user: &str| {
        let path = format!("/v1.0/users/{user}@contoso.example/teamwork/installedApps");
        server.ask(Method::POST, &path, &token, install).await.0
    };
    // Each server knows the catalog entry now.
    assert_eq!(installed(&a, "user03").await, StatusCode::CREATED);
    assert_eq!(installed(&b, "user04").await, StatusCode::CREATED);
    assert_eq!(installed(&b, "user03").await, StatusCode::CONFLICT);
    assert_eq!(a.ask(Method::DELETE, POLLS, &admin, "").await.0, StatusCode::NO_CONTENT);
    assert_eq!(installed(&b, "user05").await, StatusCode::NOT_FOUND);
    let list = "/v1.0/users/user04@contoso.example/teamwork/installedApps";
    let (status, _, told) = b.ask(Method::GET, list, &token, "").await;
    assert_eq!((status, &told["value"]), (StatusCode::OK, &Value::Array(vec![])), "{told}");
}

#[test]
fn a_database_means_service_which_does_not_serve_the_demo_tenant() {
    let (schema, folder) = (Schema::new(), tempfile::tempdir().unwrap());
    drop(start(&folder, "lab", &schema.url(None)));
    let mut command = slipway(&["serve", "--listen", ":0", "--database", &schema.url(None), "--data"]);
    let (code, out, log) = ended(command.arg(folder.path().join("service")));
    assert_eq!((code, out.as_str()), (1, ""), "{log}");
    assert!(log.contains("mode service, because a database is given"), "{log}");
    assert!(log.contains("--database: others on this machine can read the command line"), "{log}");
    assert!(log.contains("without a key file, who reads the database can sign tokens"), "{log}");
    assert!(
        log.contains("holds the demo tenant") && log.contains("hint: use another database, or --mode lab"),
        "{log}"
    );
}

#[test]
fn keys_in_a_database_are_sealed_with_the_key_file() {
    let (schema, folder) = (Schema::new(), tempfile::tempdir().unwrap());
    let key_file = folder.path().join("slipway.key");
    fs::write(&key_file, format!("{}=\n", "A".repeat(43))).unwrap();
    fs::set_permissions(&key_file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    for data in ["a", "b"] {
        let (mut command, ready) = command(&folder, data, &schema.url(None));
        drop(Server::of(command.arg("--key-file").arg(&key_file), ready));
    }
    let forms = "SELECT document ? 'sealed', document ? 'pkcs8' FROM signing_keys";
    assert_eq!(schema.sql(forms), "t|f");
    let (code, out, log) = ended(&mut command(&folder, "c", &schema.url(None)).0);
    assert_eq!((code, out.as_str()), (1, ""), "{log}");
    assert!(log.contains("is sealed\nhint: start with the --key-file"), "{log}");
}

/// Carries connections to the database until it is dropped, which cuts them.
struct Link(JoinHandle<()>);

impl Link {
    async fn open(at: SocketAddr, to: SocketAddr) -> Self {
        let listener = tokio::net::TcpListener::bind(at).await.unwrap();
        Self(tokio::spawn(async move {
            let mut carried = tokio::task::JoinSet::new();
            while let Ok((mut near, _)) = listener.accept().await {
                carried.spawn(async move {
                    let mut far = tokio::net::TcpStream::connect(to).await?;
                    tokio::io::copy_bidirectional(&mut near, &mut far).await
                });
            }
        }))
    }

    async fn cut(self) {
        self.0.abort();
        let _ = self.0.await;
    }
}

#[tokio::test]
async fn a_server_without_its_database_accepts_nothing_until_it_is_back() {
    let (schema, folder) = (Schema::new(), tempfile::tempdir().unwrap());
    let at = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let link = Link::open(at, schema.address()).await;
    let url = schema.url(Some(at));
    let server = tokio::task::spawn_blocking(move || start(&folder, "data", &url)).await.unwrap();
    let token = server.token(DEMO, AUTOMATION).await;
    let users = "/v1.0/users?$top=1";
    assert_eq!(server.ask(Method::GET, users, &token, "").await.0, StatusCode::OK);

    link.cut().await;
    let unavailable = (StatusCode::SERVICE_UNAVAILABLE, "5".to_owned());
    let (status, after, told) = server.ask(Method::GET, users, &token, "").await;
    assert_eq!((status, after), unavailable, "{told}");
    assert_eq!(told["error"]["code"], "ServiceUnavailable");
    let sign_in = format!("/{DEMO}/oauth2/v2.0/token");
    let (status, after, told) = server.ask(Method::POST, &sign_in, "", AUTOMATION).await;
    assert_eq!((status, after), unavailable, "{told}");
    assert_eq!(told["error"], "temporarily_unavailable");
    let (status, after, told) = server.ask(Method::GET, "/_slipway/readyz", "", "").await;
    assert_eq!((status, after), unavailable, "{told}");
    assert_eq!(server.ask(Method::GET, "/_slipway/livez", "", "").await.0, StatusCode::OK);

    let link = Link::open(at, schema.address()).await;
    let began = Instant::now();
    while server.ask(Method::GET, "/_slipway/readyz", "", "").await.0 != StatusCode::OK {
        assert!(began.elapsed() < Duration::from_secs(20), "not ready again");
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(server.ask(Method::GET, users, &token, "").await.0, StatusCode::OK);
    link.cut().await;
}
