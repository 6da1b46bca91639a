//! A small Graph client: sign-in, publish, install, upgrade, uninstall and read back.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request, StatusCode};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{self as client, Client};
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;

use crate::server::Ready;

/// The demo tenant's id.
pub const TENANT: &str = "51190000-0000-4000-8000-000000000001";

/// How many users the demo tenant has.
pub const USERS: usize = 20;

/// Id of one of the demo tenant's users, counted from 0.
pub fn demo_user(index: usize) -> String {
    format!("51190000-0000-4000-8000-0000000e{:04x}", index + 1)
}

/// Id of an installation in the personal scope.
pub fn installation_id(user: &str, app: &str) -> String {
    STANDARD.encode(format!("{user}##{app}"))
}

/// Why nothing came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// There was no connection, so the server has not seen the request.
    Unsent,
    /// The connection broke, or the time ran out.
    Lost,
}

/// Another answer than the one that had to come, or none.
#[derive(Debug)]
pub struct Unexpected {
    /// Its status; none = no answer.
    pub status: Option<StatusCode>,
    message: String,
}

impl fmt::Display for Unexpected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Unexpected {}

/// An answer of the server.
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: hyper::HeaderMap,
    /// Its body, read to the end.
    pub body: Bytes,
}

/// What a request carries.
pub enum Body<'a> {
    /// Nothing.
    Empty,
    /// A JSON text.
    Json(String),
    /// An app package.
    Zip(Vec<u8>),
    /// Form fields.
    Form(&'a [(&'a str, &'a str)]),
}

/// Calls Graph over plain HTTP with one token; clones share connections.
#[derive(Clone)]
pub struct Graph {
    http: Client<HttpConnector, Full<Bytes>>,
    base: String,
    token: String,
}

/// An installation as a list with its definition shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// `teamsApp.id`.
    pub app: String,
    /// Installed version.
    pub version: String,
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
}

#[derive(Deserialize)]
struct Created {
    id: String,
}

#[derive(Deserialize)]
struct Page {
    value: Vec<Item>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    id: String,
    teams_app_definition: Definition,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Definition {
    teams_app_id: String,
    version: String,
}

#[derive(Deserialize)]
struct Totals {
    installations: u64,
}

impl Listed {
    /// Reads a user's installation, expanded with its definition.
    ///
    /// # Errors
    /// When it lacks its definition or names another app than its id.
    pub fn read(user: &str, body: &[u8]) -> anyhow::Result<Self> {
        Self::of(
            user,
            serde_json::from_slice(body).with_context(|| format!("half an installation of {user}"))?,
        )
    }

    /// Reads a page of a user's installations, expanded with their definitions, and the link to the next page.
    ///
    /// # Errors
    /// When one lacks its definition or names another app than its id.
    pub fn read_page(user: &str, body: &[u8]) -> anyhow::Result<(Vec<Self>, Option<String>)> {
        let page: Page =
            serde_json::from_slice(body).with_context(|| format!("half an installation of {user}"))?;
        let listed: anyhow::Result<_> = page.value.into_iter().map(|item| Self::of(user, item)).collect();
        Ok((listed?, page.next))
    }

    fn of(user: &str, Item { id, teams_app_definition: definition }: Item) -> anyhow::Result<Self> {
        ensure!(
            id == installation_id(user, &definition.teams_app_id),
            "installation {id} of {user} shows a definition of {}",
            definition.teams_app_id
        );
        Ok(Self { app: definition.teams_app_id, version: definition.version })
    }
}

impl Graph {
    /// Signs in as the demo client that holds the application permissions.
    ///
    /// # Errors
    /// When the sign-in is refused or not answered.
    pub async fn as_application(ready: &Ready) -> anyhow::Result<Self> {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", "51190000-0000-4000-8000-00000000a001"),
            ("client_secret", "slipway-demo-secret"),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        Self::sign_in(ready, &form).await
    }

    /// Signs in as the demo tenant's administrator; publishing has no application permission.
    ///
    /// # Errors
    /// When the sign-in is refused or not answered.
    pub async fn as_administrator(ready: &Ready) -> anyhow::Result<Self> {
        let form = [
            ("grant_type", "password"),
            ("client_id", "51190000-0000-4000-8000-00000000a003"),
            ("username", "admin@contoso.example"),
            ("password", "slipway-demo"),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        Self::sign_in(ready, &form).await
    }

    async fn sign_in(ready: &Ready, form: &[(&str, &str)]) -> anyhow::Result<Self> {
        let http = Client::builder(TokioExecutor::new())
            // A request sent twice could not be told from a phantom.
            .retry_canceled_requests(false)
            .build_http();
        let nobody = Self { http, base: ready.http_url.clone(), token: String::new() };
        let path = format!("/{TENANT}/oauth2/v2.0/token");
        let answer = nobody.require(Method::POST, &path, Body::Form(form), StatusCode::OK).await?;
        let token: Token = serde_json::from_slice(&answer.body).context("no access token")?;
        Ok(Self { token: token.access_token, ..nobody })
    }

    /// The same caller at another server that holds the same signing keys.
    #[must_use]
    pub fn at(&self, ready: &Ready) -> Self {
        Self { base: ready.http_url.clone(), ..self.clone() }
    }

    /// The access token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Publishes a package as a new app and gives its `teamsApp.id`.
    ///
    /// # Errors
    /// When the answer is not 201 with an id.
    pub async fn publish(&self, package: Vec<u8>) -> anyhow::Result<String> {
        let path = "/v1.0/appCatalogs/teamsApps";
        let answer = self.require(Method::POST, path, Body::Zip(package), StatusCode::CREATED).await?;
        let created: Created = serde_json::from_slice(&answer.body).context("no app id")?;
        Ok(created.id)
    }

    /// Publishes a package as the new version of an app.
    ///
    /// # Errors
    /// When the answer is not 204.
    pub async fn publish_version(&self, app: &str, package: Vec<u8>) -> anyhow::Result<()> {
        let path = format!("/v1.0/appCatalogs/teamsApps/{app}/appDefinitions");
        self.require(Method::POST, &path, Body::Zip(package), StatusCode::NO_CONTENT).await.map(drop)
    }

    /// Asks for an installation; `mark` is the `client-request-id`, a GUID that the answer repeats.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub async fn install(&self, user: &str, app: &str, mark: Option<&str>) -> Result<Answer, NoAnswer> {
        let path = format!("/v1.0/users/{user}/teamwork/installedApps");
        self.send(Method::POST, &path, Body::Json(install_body(app)), mark).await
    }

    /// Asks for an upgrade to the published version.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub async fn upgrade(&self, user: &str, app: &str) -> Result<Answer, NoAnswer> {
        let path = format!("{}/upgrade", installation_path(user, app));
        self.send(Method::POST, &path, Body::Empty, None).await
    }

    /// Asks for the removal of an installation.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub async fn uninstall(&self, user: &str, app: &str) -> Result<Answer, NoAnswer> {
        self.send(Method::DELETE, &installation_path(user, app), Body::Empty, None).await
    }

    /// Everything that is installed for a user.
    ///
    /// # Errors
    /// [`Unexpected`] when a page is refused; when an installation lacks its definition or names another app than its id.
    pub async fn installed(&self, user: &str) -> anyhow::Result<Vec<Listed>> {
        let first = format!("/v1.0/users/{user}/teamwork/installedApps?$expand=teamsAppDefinition");
        let (mut listed, mut next) = (Vec::new(), Some(first));
        while let Some(path) = next {
            let answer = self.require(Method::GET, &path, Body::Empty, StatusCode::OK).await?;
            let (page, link) = Listed::read_page(user, &answer.body)?;
            listed.extend(page);
            next = link.map(|link| link.strip_prefix(&self.base).unwrap_or(&link).to_owned());
        }
        Ok(listed)
    }

    /// Everything that is installed for the demo tenant's users, checked against the server's own count.
    ///
    /// # Errors
    /// [`Unexpected`] when a list is refused; when one shows an app twice, or the lists and the count differ.
    pub async fn installed_for_all(&self, ready: &Ready) -> anyhow::Result<Vec<BTreeMap<String, String>>> {
        let mut users = Vec::with_capacity(USERS);
        let mut total = 0;
        for index in 0..USERS {
            let listed = self.installed(&demo_user(index)).await?;
            total += listed.len();
            let count = listed.len();
            let by_app: BTreeMap<_, _> = listed.into_iter().map(|item| (item.app, item.version)).collect();
            ensure!(by_app.len() == count, "{} has an app twice", demo_user(index));
            users.push(by_app);
        }
        let counted = self.count_installations(ready).await?;
        ensure!(
            u64::try_from(total)? == counted,
            "the lists show {total} installations, the server counts {counted}"
        );
        Ok(users)
    }

    /// How many installations the server counts in all, from its control API.
    ///
    /// # Errors
    /// When it is not answered.
    pub async fn count_installations(&self, ready: &Ready) -> anyhow::Result<u64> {
        let control = Self { token: ready.control_secret.clone(), ..self.clone() };
        let answer = control.require(Method::GET, "/_slipway/state", Body::Empty, StatusCode::OK).await?;
        let totals: Totals = serde_json::from_slice(&answer.body).context("no count of installations")?;
        Ok(totals.installations)
    }

    async fn require(
        &self,
        method: Method,
        path: &str,
        body: Body<'_>,
        expected: StatusCode,
    ) -> anyhow::Result<Answer> {
        let name = format!("{method} {path}");
        let Ok(answer) = self.send(method, path, body, None).await else {
            bail!(Unexpected { status: None, message: format!("{name}: no answer") });
        };
        if answer.status != expected {
            let body = String::from_utf8_lossy(&answer.body);
            let message = format!("{name}: {} instead of {expected}: {body}", answer.status);
            bail!(Unexpected { status: Some(answer.status), message });
        }
        Ok(answer)
    }

    /// Sends a request to a path of the server; `mark` is the `client-request-id`.
    ///
    /// # Errors
    /// [`NoAnswer`], after 30 s too.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: Body<'_>,
        mark: Option<&str>,
    ) -> Result<Answer, NoAnswer> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        if !self.token.is_empty() {
            request = request.header("Authorization", format!("Bearer {}", self.token));
        }
        if let Some(mark) = mark {
            request = request.header("client-request-id", mark);
        }
        let (kind, bytes) = match body {
            Body::Empty => (None, Bytes::new()),
            Body::Json(text) => (Some("application/json"), Bytes::from(text)),
            Body::Zip(package) => (Some("application/zip"), Bytes::from(package)),
            Body::Form(fields) => {
                let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                (Some("application/x-www-form-urlencoded"), Bytes::from(text))
            }
        };
        if let Some(kind) = kind {
            request = request.header("Content-Type", kind);
        }
        let request = request.body(Full::new(bytes)).map_err(|_| NoAnswer::Unsent)?;
        let exchange = async {
            let broken =
                |error: client::Error| if error.is_connect() { NoAnswer::Unsent } else { NoAnswer::Lost };
            let (parts, body) = self.http.request(request).await.map_err(broken)?.into_parts();
            let body = body.collect().await.map_err(|_| NoAnswer::Lost)?.to_bytes();
            Ok(Answer { status: parts.status, headers: parts.headers, body })
        };
        tokio::time::timeout(Duration::from_secs(30), exchange).await.unwrap_or(Err(NoAnswer::Lost))
    }
}

/// The body of an installation, as Microsoft's pages write it.
pub fn install_body(app: &str) -> String {
    format!(r#"{{"teamsApp@odata.bind":"https://graph.microsoft.com/v1.0/appCatalogs/teamsApps/{app}"}}"#)
}

/// The path of an installation in the personal scope.
pub fn installation_path(user: &str, app: &str) -> String {
    let id = installation_id(user, app).replace('=', "%3D");
    format!("/v1.0/users/{user}/teamwork/installedApps/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installation_ids_are_graphs() {
        let id =
            installation_id("f32b83bb-4fc8-4db7-b7f5-76cdbbb8aa1c", "22f73bbe-f67a-4dea-bd54-54cac718cb2b");
        let documented = "ZjMyYjgzYmItNGZjOC00ZGI3LWI3ZjUtNzZjZGJiYjhhYTFjIyMyMmY3M2JiZS1mNjdhLTRkZWEtYmQ1NC01NGNhYzcxOGNiMmI=";
        assert_eq!(id, documented);
        assert_eq!(demo_user(19), "51190000-0000-4000-8000-0000000e0014");
    }
}
