//! Plays a story: signs its actors in, sends its requests and looks at the answers.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{HeaderMap, Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use super::cast::Cast;
use super::judge;
use super::names::Names;
use super::story::{Actor, Body, Exchange, Script, Step, Story};
use crate::package;

/// How long an answer may take before it counts as missing.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, read to the end.
    pub body: Bytes,
}

/// A story that is being played on a server.
pub struct Play<'a> {
    url: &'a str,
    cast: &'a Cast,
    manifests: &'a Path,
    http: Client<HttpConnector, Full<Bytes>>,
    names: Names,
    /// The `Authorization` header.
    token: Option<String>,
    last: Option<Answer>,
}

/// A request as it is sent.
struct Sent {
    method: Method,
    target: String,
    headers: Vec<(String, String)>,
    body: Bytes,
}

impl<'a> Play<'a> {
    /// A story on the server at `url` with an empty stage; packages are made of the manifests in a folder.
    pub fn new(url: &'a str, cast: &'a Cast, manifests: &'a Path) -> Self {
        let http = Client::builder(TokioExecutor::new()).build_http();
        Self { url, cast, manifests, http, names: Names::new([("base", url)]), token: None, last: None }
    }

    /// Plays the story to its end, after the lines that its file begins with.
    ///
    /// # Errors
    /// What did not come as the story says; the message begins with the line's number and shows the exchange.
    pub async fn run(mut self, script: &Script, story: &Story) -> anyhow::Result<()> {
        for (line, step) in script.beginning.iter().chain(&story.steps) {
            match step {
                Step::As(actor) => {
                    self.token = self.sign_in(actor).await.with_context(|| line.to_string())?;
                }
                Step::Let(name, source) => {
                    let value = judge::read(source, self.last.as_ref(), &self.names);
                    self.names.set(name, value.with_context(|| line.to_string())?);
                }
                Step::Exchange(exchange) => self.exchange(*line, exchange).await?,
            }
        }
        Ok(())
    }

    async fn exchange(&mut self, line: usize, exchange: &Exchange) -> anyhow::Result<()> {
        let sent = self.request(exchange).with_context(|| line.to_string())?;
        let answer =
            self.send(&sent).await.with_context(|| format!("{line}: {} {}", sent.method, sent.target))?;
        let broken = |line: usize, error: anyhow::Error| {
            anyhow::anyhow!("{line}: {error:#}\n{}", show(&sent, &answer))
        };
        if answer.status != exchange.status {
            let found = anyhow::anyhow!("status {} instead of {}", answer.status, exchange.status);
            return Err(broken(exchange.answer_line, found));
        }
        for (line, claim) in &exchange.claims {
            judge::hold(claim, &answer, &self.names).map_err(|error| broken(*line, error))?;
        }
        self.last = Some(answer);
        Ok(())
    }

    fn request(&self, exchange: &Exchange) -> anyhow::Result<Sent> {
        let (kind, body) = match &exchange.body {
            Body::Empty => (None, Bytes::new()),
            Body::Json(json) => {
                (Some("application/json"), serde_json::to_vec(&self.names.fill_json(json)?)?.into())
            }
            Body::Text(text) => (None, self.names.fill(text)?.into()),
            Body::Package { manifest, changes } => {
                let text = std::fs::read_to_string(self.manifests.join(manifest));
                let text = text.with_context(|| format!("no manifest {manifest}"))?;
                let mut json: Value = serde_json::from_str(&text).with_context(|| manifest.clone())?;
                for (path, value) in changes {
                    path.put(&mut json, self.names.fill_json(value)?)?;
                }
                (Some("application/zip"), package::of_manifest(&json)?.into())
            }
        };
        let mut headers = Vec::new();
        for (name, text) in &exchange.headers {
            headers.push((name.clone(), self.names.fill(text)?));
        }
        if let Some(kind) = kind
            && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("Content-Type"))
        {
            headers.push(("Content-Type".to_owned(), kind.to_owned()));
        }
        let target = escape(&self.names.fill(&exchange.target)?);
        Ok(Sent { method: exchange.method.clone(), target, headers, body })
    }

    async fn sign_in(&self, actor: &Actor) -> anyhow::Result<Option<String>> {
        let Some(sign_in) = self.cast.sign_in(actor)? else {
            return Ok(if let Actor::Token(text) = actor { Some(format!("Bearer {text}")) } else { None });
        };
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(&sign_in.form).finish();
        let kind = ("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned());
        let sent =
            Sent { method: Method::POST, target: sign_in.path, headers: vec![kind], body: form.into() };
        let answer = self.send(&sent).await?;
        let text = String::from_utf8_lossy(&answer.body);
        ensure!(answer.status == 200, "{actor:?} cannot sign in: {text}");
        let body: Value = serde_json::from_str(&text)?;
        let token = body.get("access_token").and_then(Value::as_str).context("there is no access token")?;
        Ok(Some(format!("Bearer {token}")))
    }

    async fn send(&self, sent: &Sent) -> anyhow::Result<Answer> {
        let mut request =
            Request::builder().method(sent.method.clone()).uri(format!("{}{}", self.url, sent.target));
        for (name, text) in &sent.headers {
            request = request.header(name, text);
        }
        if let Some(token) = &self.token {
            request = request.header("Authorization", token);
        }
        let request = request.body(Full::new(sent.body.clone()))?;
        let exchange = async {
            let (parts, body) = self.http.request(request).await?.into_parts();
            let body = body.collect().await?.to_bytes();
            anyhow::Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
        };
        tokio::time::timeout(PATIENCE, exchange).await.context("there was no answer in time")?
    }
}

impl Answer {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<String> {
        Some(String::from_utf8_lossy(self.headers.get(name)?.as_bytes()).into_owned())
    }
}

/// What a URL cannot hold is %-encoded, so that a story's queries can be read; what is encoded stays as it is.
fn escape(target: &str) -> String {
    let mut escaped = String::with_capacity(target.len());
    for byte in target.bytes() {
        if byte.is_ascii_graphic() && !br#""<>#\^`{|}"#.contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

/// The exchange for people; the token is left out.
fn show(sent: &Sent, answer: &Answer) -> String {
    let mut text = format!("> {} {}\n", sent.method, sent.target);
    for (name, value) in &sent.headers {
        let _ = writeln!(text, "> {name}: {value}");
    }
    let _ = writeln!(text, "{}\n< {}", readable(&sent.body), answer.status);
    for (name, value) in &answer.headers {
        let _ = writeln!(text, "< {name}: {}", String::from_utf8_lossy(value.as_bytes()));
    }
    text + &readable(&answer.body)
}

fn readable(body: &[u8]) -> String {
    match (serde_json::from_slice::<Value>(body), std::str::from_utf8(body)) {
        (Ok(json), _) => format!("{json:#}"),
        (_, Ok(text)) => text.to_owned(),
        _ => format!("({} bytes)", body.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_escaped_once() {
        assert_eq!(
            escape("/chats/19%3Ax@y/a?$filter=b eq 'c'&$search=\"ü\""),
            "/chats/19%3Ax@y/a?$filter=b%20eq%20'c'&$search=%22%C3%BC%22"
        );
    }
}
