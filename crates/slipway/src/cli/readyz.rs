//! `slipway readyz`: one question over plain HTTP/1.1, asked until it is answered well or time is up.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::thread::sleep;
use std::time::{Duration, Instant};

use http::Uri;

use crate::config::Settings;
use crate::failure::Failure;
use crate::readiness::reachable;

/// How long to rest between two questions.
const REST: Duration = Duration::from_millis(50);
/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest status line that is read, in bytes.
const LONGEST_LINE: u64 = 256;

/// Host and port of the URL.
///
/// # Errors
/// [`Failure::Usage`] if it is not http(s) with a host.
pub fn address_of(url: &Uri) -> Result<String, Failure> {
    let default = match url.scheme_str() {
        Some("http") => Some(80),
        Some("https") => Some(443),
        _ => None,
    };
    let (Some(host), Some(port)) = (url.host(), default.map(|port| url.port_u16().unwrap_or(port))) else {
        return Err(Failure::Usage(format!("--url {url}: not http://HOST:PORT")));
    };
    Ok(format!("{host}:{port}"))
}

/// The first address that a server with these settings listens on.
///
/// # Errors
/// [`Failure::Usage`] if it is any free port, which only the server knows.
pub fn address_of_settings(settings: &Settings) -> Result<String, Failure> {
    let listening = settings.listen.first().map(|listen| listen.0).filter(|address| address.port() != 0);
    let listening = listening.ok_or_else(|| Failure::Usage("which port?\nhint: give --url".to_owned()))?;
    Ok(reachable(listening).to_string())
}

/// Asks until the server is ready, at least once.
///
/// # Errors
/// [`Failure::Runtime`] with the last answer when the time is up.
pub fn wait(address: &str, time: Duration) -> Result<(), Failure> {
    let began = Instant::now();
    loop {
        let Err(error) = ask(address) else { return Ok(()) };
        if began.elapsed() + REST >= time {
            return Err(Failure::at(format_args!("{address} is not ready"), error));
        }
        sleep(REST);
    }
}

fn ask(address: &str) -> io::Result<()> {
    let address: SocketAddr = address.to_socket_addrs()?.next().ok_or(ErrorKind::AddrNotAvailable)?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    // One write, so that the question travels in one piece.
    let question = format!("GET /_slipway/readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(question.as_bytes())?;
    let mut line = String::new();
    BufReader::new(stream.take(LONGEST_LINE)).read_line(&mut line)?;
    if line.starts_with("HTTP/1.1 200 ") {
        Ok(())
    } else {
        Err(io::Error::other(format!("it answered {line:?}")))
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// Answers one connection after the other with these bytes.
    fn server(answers: &'static [&'static [u8]]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 256];
                let length = stream.read(&mut request).unwrap();
                assert!(request[..length].starts_with(b"GET /_slipway/readyz HTTP/1.1\r\nHost: 127.0.0.1:"));
                stream.write_all(answer).unwrap();
            }
        });
        address
    }

    #[test]
    fn asks_until_the_server_is_ready() {
        let address = server(&[b"HTTP/1.1 503 Service Unavailable\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\n\r\n"]);
        wait(&address, Duration::from_secs(10)).unwrap();
    }

    #[test]
    fn without_time_asks_once() {
        let address = server(&[b"HTTP/1.1 503 Service Unavailable\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"]);
        let Err(Failure::Runtime(told)) = wait(&address, Duration::ZERO) else { panic!("was ready") };
        assert!(told.contains("503"), "{told}");
    }

    #[test]
    fn urls_have_a_host_and_perhaps_a_port() {
        let address = |url: &str| address_of(&url.parse().unwrap()).ok();
        assert_eq!(address("https://127.0.0.1:8365").as_deref(), Some("127.0.0.1:8365"));
        assert_eq!(address("http://[::1]/x").as_deref(), Some("[::1]:80"));
        assert_eq!(address("https://graph.test").as_deref(), Some("graph.test:443"));
        for url in ["/x", "localhost", "ftp://localhost"] {
            assert_eq!(address(url), None, "{url}");
        }
    }
}
