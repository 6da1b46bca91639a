//! A started server, and what a client needs to speak with it.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Arc;

use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// The binary with nothing of this process's environment.
pub fn slipway(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_slipway"));
    command.env_clear().args(arguments);
    command
}

/// What the command leaves: exit code, standard output, standard error.
pub fn ended(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// A server that is ready. Killed when dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    pub ready: Value,
    pub ready_file: PathBuf,
    pub line: String,
}

impl Server {
    /// Starts on any free port of 127.0.0.1 with the folder `data` in the given one, and without the demo tenant,
    /// whose password hashes take a while in debug builds.
    pub fn start(folder: &TempDir, arguments: &[&str]) -> Self {
        let ready_file = folder.path().join("ready.json");
        let data = folder.path().join("data");
        let mut command = slipway(&["serve", "--listen", ":0"]);
        command.arg("--ready-file").arg(&ready_file).arg("--data").arg(&data).args(arguments);
        command.env("SLIPWAY_NO_DEMO", "true");
        Self::of(&mut command, ready_file)
    }

    /// Starts with the command, which names the ready file.
    pub fn of(command: &mut Command, ready_file: PathBuf) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        if line.is_empty() {
            let mut told = String::new();
            child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
            panic!("the server did not start: {told}");
        }
        let ready: Value = serde_json::from_slice(&std::fs::read(&ready_file).unwrap()).unwrap();
        let address = ready["url"].as_str().unwrap().strip_prefix("https://").unwrap().parse().unwrap();
        Self { child, address, ready, ready_file, line }
    }

    /// The port, plain.
    pub async fn plain(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends a form if there is no token, else JSON, over a connection of its own; gives status, `Retry-After` and
    /// the body as JSON.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: &str,
    ) -> (StatusCode, String, Value) {
        let (mut sender, connection) = handshake(TokioIo::new(self.plain().await)).await.unwrap();
        tokio::spawn(connection);
        let request = Request::builder().method(method).uri(path).header("Host", "localhost");
        let request = match token {
            "" => request.header("Content-Type", "application/x-www-form-urlencoded"),
            token => request
                .header("Content-Type", "application/json")
                .header("Authorization", format!("Bearer {token}")),
        };
        let answer = sender.send_request(request.body(body.to_owned()).unwrap()).await.unwrap();
        let (status, after) = (answer.status(), answer.headers().get("retry-after").cloned());
        let after = after.map(|after| after.to_str().unwrap().to_owned()).unwrap_or_default();
        let body = answer.collect().await.unwrap().to_bytes();
        (status, after, serde_json::from_slice(&body).unwrap_or_default())
    }

    /// A token for the form's client or user.
    pub async fn token(&self, tenant: &str, form: &str) -> String {
        let (status, _, answer) =
            self.ask(Method::POST, &format!("/{tenant}/oauth2/v2.0/token"), "", form).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// The port over TLS, under the name, with the server's own authority as the only trusted one.
    pub async fn tls(
        &self,
        name: &'static str,
        protocols: &[&[u8]],
    ) -> std::io::Result<TlsStream<TcpStream>> {
        self.tls_over(self.plain().await, name, protocols).await
    }

    /// The same over any connection.
    pub async fn tls_over<T: AsyncRead + AsyncWrite + Unpin>(
        &self,
        io: T,
        name: &'static str,
        protocols: &[&[u8]],
    ) -> std::io::Result<TlsStream<T>> {
        let mut config = self.client_config();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        let name = ServerName::try_from(name).unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, io).await
    }

    /// A client that trusts the server's own authority and no other.
    pub fn client_config(&self) -> ClientConfig {
        self.client_config_of(rustls::DEFAULT_VERSIONS)
    }

    /// The same, which speaks these versions only.
    pub fn client_config_of(&self, versions: &[&'static SupportedProtocolVersion]) -> ClientConfig {
        let certificate = CertificateDer::from_pem_file(self.ready["caFile"].as_str().unwrap()).unwrap();
        let mut trusted = RootCertStore::empty();
        trusted.add(certificate).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap();
        builder.with_root_certificates(trusted).with_no_client_auth()
    }

    /// Sends the signal, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let sent =
            Command::new("sh").args(["-c", &format!("kill -{name} {}", self.child.id())]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the end; gives exit status and log.
    pub fn end(mut self) -> (ExitStatus, String) {
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap(), log)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Permission bits of the file.
pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
