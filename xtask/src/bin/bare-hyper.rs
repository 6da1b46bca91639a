//! The yardstick of `cargo xtask bench install`: a bare hyper HTTP/1.1 server on two workers that reads each body
//! to its end and answers a fixed 201. Arguments are header lines, `name: value`; it prints its address.

#![expect(clippy::print_stdout, reason = "the address goes to whoever started it")]

use std::convert::Infallible;

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

fn main() -> anyhow::Result<()> {
    let mut headers = HeaderMap::new();
    for line in std::env::args().skip(1) {
        let (name, value) = line.split_once(": ").context("a header is 'name: value'")?;
        headers.append(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(serve(headers))
}

async fn serve(headers: HeaderMap) -> anyhow::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let headers = headers.clone();
        tokio::spawn(async move {
            let answer = service_fn(move |request| created(request, headers.clone()));
            let mut http = hyper::server::conn::http1::Builder::new();
            // A client that hangs up ends its connection; nobody has to know.
            let _ = http.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}

async fn created(
    request: Request<Incoming>,
    headers: HeaderMap,
) -> Result<Response<Full<Bytes>>, Infallible> {
    // A body that breaks off is read as far as it goes; the connection ends with it.
    let _ = request.into_body().collect().await;
    let mut response = Response::new(Full::new(Bytes::new()));
    *response.status_mut() = StatusCode::CREATED;
    *response.headers_mut() = headers;
    Ok(response)
}
