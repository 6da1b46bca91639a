//! The yardstick of `cargo xtask bench`: a bare hyper HTTP/1.1 server on two workers that reads each request to its
//! end and sends one fixed answer. `bare-hyper ANSWER [CERTIFICATE]`: the file ANSWER holds that answer as it came
//! over the wire; with CERTIFICATE it speaks TLS and writes its certificate into that file. It prints its address.

#![expect(clippy::print_stdout, reason = "the address goes to whoever started it")]

use std::convert::Infallible;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, DATE, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let answer = fs::read(arguments.next().context("which answer?")?)?;
    let answer = parse(&answer)?;
    let tls = arguments.next().map(|file| acceptor(Path::new(&file))).transpose()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(serve(answer, tls))
}

/// The answer without the two headers that hyper writes itself.
fn parse(bytes: &[u8]) -> anyhow::Result<Response<Full<Bytes>>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut parsed = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = parsed.parse(bytes)? else {
        anyhow::bail!("half an answer");
    };
    let body = bytes.get(head..).unwrap_or_default().to_vec();
    let mut answer = Response::new(Full::from(body));
    *answer.status_mut() = StatusCode::from_u16(parsed.code.unwrap_or_default())?;
    for header in parsed.headers.iter() {
        let (name, value) = (HeaderName::try_from(header.name)?, HeaderValue::from_bytes(header.value)?);
        if name != DATE && name != CONTENT_LENGTH {
            answer.headers_mut().append(name, value);
        }
    }
    Ok(answer)
}

fn acceptor(file: &Path) -> anyhow::Result<TlsAcceptor> {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
    fs::write(file, made.cert.pem())?;
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![made.cert.der().clone()], key.into())?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

async fn serve(answer: Response<Full<Bytes>>, tls: Option<TlsAcceptor>) -> anyhow::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (answer, tls) = (answer.clone(), tls.clone());
        tokio::spawn(async move {
            // A client that hangs up ends its connection; nobody has to know.
            match tls {
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        converse(stream, answer).await;
                    }
                }
                None => converse(stream, answer).await,
            }
        });
    }
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(stream: S, answer: Response<Full<Bytes>>) {
    let respond = service_fn(move |request: Request<Incoming>| {
        let answer = answer.clone();
        async move {
            // A body that breaks off is read as far as it goes; the connection ends with it.
            let _ = request.into_body().collect().await;
            Ok::<_, Infallible>(answer)
        }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    let _ = http.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), respond).await;
}
