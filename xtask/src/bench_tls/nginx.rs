//! Debian's nginx as a yardstick: one answer from memory, over TLS.

use std::fmt::Write as _;
use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, Issuer, KeyPair, KeyUsagePurpose, SanType};
use tempfile::TempDir;

use crate::workspace;

/// Headers that nginx writes itself.
const OWN_HEADERS: [&str; 5] = ["date", "content-length", "content-type", "connection", "server"];

/// A running nginx; ended when dropped.
pub struct Nginx {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    _folder: TempDir,
}

impl Nginx {
    /// Starts one that gives this answer, which came over the wire, with a certificate of the authority in the data
    /// folder, of the same kind as the server's.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(data: &Path, answer: &str) -> anyhow::Result<Self> {
        let folder = workspace::scratch()?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        certify(data, folder.path())?;
        fs::write(folder.path().join("nginx.conf"), configuration(address, answer)?)?;
        let mut command = Command::new("nginx");
        command.arg("-p").arg(folder.path()).args(["-c", "nginx.conf", "-e", "error.log"]);
        let child = command.stdin(Stdio::null()).spawn().context("cannot start nginx")?;
        let nginx = Self { child, address, _folder: folder };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            if began.elapsed() > Duration::from_secs(10) {
                bail!("nginx does not listen on {address}");
            }
            sleep(Duration::from_millis(50));
        }
        Ok(nginx)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // The master ends its workers when it is asked to, and not when it is killed.
        let asked = rustix::process::kill_process(
            rustix::process::Pid::from_child(&self.child),
            rustix::process::Signal::TERM,
        );
        if asked.is_err() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// A key on P-256 and its certificate, signed by the server's authority.
#[expect(clippy::disallowed_methods, reason = "a key for nginx, not for the server")]
fn certify(data: &Path, folder: &Path) -> anyhow::Result<()> {
    let authority = KeyPair::from_pem(&fs::read_to_string(data.join("ca.key"))?)?;
    let authority = Issuer::from_ca_cert_pem(&fs::read_to_string(data.join("ca.crt"))?, authority)?;
    let mut params = CertificateParams::new(["localhost".to_owned()])?;
    for address in ["127.0.0.1", "::1"] {
        params.subject_alt_names.push(SanType::IpAddress(address.parse()?));
    }
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    fs::write(folder.join("certificate.pem"), params.signed_by(&key, &authority)?.pem())?;
    fs::write(folder.join("key.pem"), key.serialize_pem())?;
    Ok(())
}

/// As Debian configures it, but for what would make the two do different work: no log, as many workers as the server
/// has threads, connections that are kept.
fn configuration(address: SocketAddr, answer: &str) -> anyhow::Result<String> {
    let (head, body) = answer.split_once("\r\n\r\n").context("half an answer")?;
    let mut headers = String::new();
    for line in head.lines().skip(1) {
        let (name, value) = line.split_once(": ").context("a header without a value")?;
        if !OWN_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
            writeln!(headers, "add_header {name} '{value}';")?;
        }
    }
    let body = body.replace('\n', "\\n");
    Ok(format!(
        "daemon off; worker_processes 2; pid nginx.pid; error_log error.log;
events {{ worker_connections 4096; multi_accept on; }}
http {{
  access_log off; default_type text/plain; server_tokens off; tcp_nodelay on; keepalive_requests 1000000000;
  client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
  ssl_protocols TLSv1.2 TLSv1.3; ssl_session_tickets on; ssl_session_cache shared:s:10m;
  ssl_certificate certificate.pem; ssl_certificate_key key.pem;
  server {{ listen {address} ssl; location / {{ {headers} return 200 \"{body}\"; }} }}
}}
"
    ))
}
