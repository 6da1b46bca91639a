//! What was answered with 201 is kept when the server is told to stop under load.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{Duration, sleep};

use crate::process::{Server, ended, mode, slipway};

const CONNECTIONS: usize = 8;
const USERS_OF_EACH: usize = 500;
const APP: &str = "51190000-0000-4000-8000-00000000beef";
const SEED: &str = "
tenants:
  - id: 51190000-0000-4000-8000-0000000000aa
    displayName: Load
    domain: load.example
    generate: {users: 4000}
    clients:
      - id: load
        displayName: Load
        secrets: [load]
        applicationPermissions: [TeamsAppInstallation.ReadWriteForUser.All]
    apps:
      - id: 51190000-0000-4000-8000-00000000beef
        definitions:
          - manifest:
              $schema: https://developer.microsoft.com/json-schemas/teams/v1.17/MicrosoftTeams.schema.json
              manifestVersion: '1.17'
              version: 1.0.0
              id: 51190000-0000-4000-8000-00000000feed
              developer:
                name: Load
                websiteUrl: https://load.example
                privacyUrl: https://load.example/privacy
                termsOfUseUrl: https://load.example/terms
              icons: {color: color.png, outline: outline.png}
              name: {short: Load}
              description: {short: Load., full: Load.}
              accentColor: '#112233'
              staticTabs: [{entityId: t, name: T, contentUrl: 'https://load.example/t', scopes: [personal]}]
";

/// One connection of a client with a token.
struct Client {
    sender: SendRequest<String>,
    bearer: String,
}

impl Client {
    async fn connect(server: &Server) -> Self {
        let (mut sender, connection) = handshake(TokioIo::new(server.plain().await)).await.unwrap();
        tokio::spawn(connection);
        let form = "grant_type=client_credentials&client_id=load&client_secret=load\
                    &scope=https%3A%2F%2Fgraph.microsoft.com%2F.default";
        let request = Request::post("/51190000-0000-4000-8000-0000000000aa/oauth2/v2.0/token");
        let request = request.header("Host", "localhost").body(form.to_owned()).unwrap();
        let answer = sender.send_request(request).await.unwrap().collect().await.unwrap().to_bytes();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        Self { sender, bearer: format!("Bearer {}", answer["access_token"].as_str().unwrap()) }
    }

    /// Asks for the installed apps of the user; none = the connection has ended without an answer.
    async fn ask(&mut self, method: Method, user: usize, body: String) -> Option<(StatusCode, Value)> {
        let path = format!("/v1.0/users/user{user}@load.example/teamwork/installedApps");
        let request = Request::builder().method(method).uri(path).header("Host", "localhost");
        let request =
            request.header("Authorization", &self.bearer).header("Content-Type", "application/json");
        let answer = self.sender.send_request(request.body(body).unwrap()).await.ok()?;
        let status = answer.status();
        let body = answer.collect().await.ok()?.to_bytes();
        Some((status, serde_json::from_slice(&body).unwrap_or_default()))
    }
}

/// Users that were answered with 201, of all connections.
type Installed = Arc<Mutex<Vec<usize>>>;

/// Installs for users of its own, until they are all served or the server ends the connection.
async fn install(mut client: Client, users: Range<usize>, installed: Installed) {
    let body = format!(
        r#"{{"teamsApp@odata.bind": "https://graph.microsoft.com/v1.0/appCatalogs/teamsApps/{APP}"}}"#
    );
    for user in users {
        let Some((status, told)) = client.ask(Method::POST, user, body.clone()).await else { break };
        assert_eq!(status, StatusCode::CREATED, "{told}");
        installed.lock().unwrap().push(user);
    }
}

/// A server with clients that install, of which some were answered.
async fn loaded(folder: &TempDir) -> (Server, JoinSet<()>, Installed) {
    let seed = folder.path().join("seed.yaml");
    std::fs::write(&seed, SEED).unwrap();
    let server = Server::start(folder, &["--seed", seed.to_str().unwrap()]);
    let (mut clients, installed) = (JoinSet::new(), Installed::default());
    for at in 0..CONNECTIONS {
        let users = at * USERS_OF_EACH + 1..(at + 1) * USERS_OF_EACH + 1;
        clients.spawn(install(Client::connect(&server).await, users, Arc::clone(&installed)));
    }
    while installed.lock().unwrap().len() < 200 {
        sleep(Duration::from_millis(1)).await;
    }
    (server, clients, installed)
}

async fn assert_installed(server: &Server, users: &[usize]) {
    let mut client = Client::connect(server).await;
    for user in users {
        let (status, told) = client.ask(Method::GET, *user, String::new()).await.unwrap();
        assert_eq!((status, &told["@odata.count"]), (StatusCode::OK, &1.into()), "user {user}: {told}");
    }
}

#[tokio::test]
async fn a_stop_under_load_loses_nothing_that_was_answered() {
    for signal in ["TERM", "INT"] {
        let folder = tempfile::tempdir().unwrap();
        let (server, clients, installed) = loaded(&folder).await;
        server.signal(signal);
        clients.join_all().await;
        let installed = installed.lock().unwrap().clone();
        assert!(installed.len() < CONNECTIONS * USERS_OF_EACH, "the load ended before the stop");
        let (status, log) = server.end();
        assert_eq!(status.code(), Some(0), "{log}");
        assert_installed(&Server::start(&folder, &[]), &installed).await;
    }
}

#[tokio::test]
async fn a_backup_under_load_has_all_that_was_answered_before() {
    let folder = tempfile::tempdir().unwrap();
    let (server, clients, installed) = loaded(&folder).await;
    let before = installed.lock().unwrap().clone();
    // Where `Server::start` looks for its data.
    let place = tempfile::tempdir().unwrap();
    let (data, target) = (folder.path().join("data"), place.path().join("data"));
    let backup = async || {
        let mut command = slipway(&["backup", "--url", server.ready["url"].as_str().unwrap(), "--data"]);
        command.arg(&data).arg(&target);
        spawn_blocking(move || ended(&mut command)).await.unwrap()
    };
    let (code, _, log) = backup().await;
    assert_eq!(code, 0, "{log}");
    assert!(!clients.is_empty() && installed.lock().unwrap().len() > before.len(), "the load ended before");
    let (code, _, log) = backup().await;
    assert!(code == 1 && log.contains("exists and is not an empty folder"), "{log}");
    drop(clients);

    let names = ["ca.crt", "ca.key", "control.secret", ".gitignore"];
    for name in names {
        let (from, copy) = (data.join(name), target.join(name));
        assert_eq!(std::fs::read(&from).unwrap(), std::fs::read(&copy).unwrap(), "{name}");
        assert_eq!(mode(&from), mode(&copy), "{name}");
    }
    let (code, report, _) = ended(slipway(&["check", "--data"]).arg(&target));
    assert!(code == 0 && report.ends_with("nothing is wrong\n"), "{report}");
    let copy = Server::start(&place, &[]);
    assert_installed(&copy, &before).await;
    // Who trusted the first server trusts this one.
    assert_eq!(copy.ready["controlSecret"], server.ready["controlSecret"]);
}
