//! The rows of the bench: what each asks for, what must be answered, and what that does to the store.

use std::net::SocketAddr;

use clap::ValueEnum;
use serde::Serialize;

use super::filled::{App, Filled};
use super::plan::{Batch, INSTALLATION, USER};
use crate::graph::{TENANT, install_body};

/// A row of the bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Row {
    /// A token by client secret.
    Token,
    /// An app for a user who does not have it.
    Install,
    /// An app for a user who has it: 409.
    InstallConflict,
    /// An installation brought to the published version.
    Upgrade,
    /// An installation removed.
    Uninstall,
    /// An installation with its app and its definition.
    GetExpanded,
    /// A user's installations of one app, by its external id, with the app.
    ListFilter,
    /// The first hundred users.
    UsersPage,
    /// Twenty installs to a request, next to the same ones one by one.
    Batch,
    /// Installs again, next to pgbench on the same PostgreSQL server.
    Pgbench,
}

/// What a request that was answered does to the store.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// One installation more, at the published version.
    Installs,
    /// One installation at another version.
    Upgrades,
    /// One installation less.
    Uninstalls,
}

/// The body of a token request by client secret.
const TOKEN_FORM: &str = "grant_type=client_credentials&client_id=51190000-0000-4000-8000-00000000a001&client_secret=slipway-demo-secret&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default";

/// Parts of a batch, the most that Graph takes.
const BATCH: u64 = 20;

impl Row {
    /// What is measured next to it.
    pub fn versus(self) -> &'static str {
        match self {
            Self::Pgbench => "pgbench, one INSERT a transaction",
            Self::Batch => "the same installs one by one",
            _ => "bare hyper, same bytes",
        }
    }

    /// The status of every answer.
    pub fn status(self) -> u16 {
        match self {
            Self::Token | Self::GetExpanded | Self::ListFilter | Self::UsersPage => 200,
            Self::Install | Self::Batch | Self::Pgbench => 201,
            Self::Upgrade | Self::Uninstall => 204,
            Self::InstallConflict => 409,
        }
    }

    /// What each answer says that was done.
    pub fn effect(self) -> Effect {
        match self {
            Self::Install | Self::Batch | Self::Pgbench => Effect::Installs,
            Self::Upgrade => Effect::Upgrades,
            Self::Uninstall => Effect::Uninstalls,
            Self::Token | Self::InstallConflict | Self::GetExpanded | Self::ListFilter | Self::UsersPage => {
                Effect::None
            }
        }
    }

    /// The requests of one user, one for each app, to a server at this address.
    pub fn requests(self, filled: &Filled<'_>, host: SocketAddr) -> Vec<String> {
        filled.apps.iter().map(|app| self.request(app, host, &filled.token)).collect()
    }

    /// How its requests go together, if they do.
    pub fn batch(self, host: SocketAddr, token: &str) -> Option<Batch> {
        let head = || {
            format!(
                "POST /v1.0/$batch HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
            )
        };
        (self == Self::Batch).then(|| Batch { parts: BATCH, head: head() })
    }

    fn request(self, App { id, external_id }: &App, host: SocketAddr, token: &str) -> String {
        let installed = format!("/v1.0/users/{USER}/teamwork/installedApps");
        let (line, body) = match self {
            Self::Token => (
                format!("POST /{TENANT}/oauth2/v2.0/token"),
                Some(("x-www-form-urlencoded", TOKEN_FORM.to_owned())),
            ),
            Self::Install | Self::InstallConflict | Self::Pgbench => {
                (format!("POST {installed}"), Some(("json", install_body(id))))
            }
            Self::Batch => {
                return format!(
                    r#""method":"POST","url":"/users/{USER}/teamwork/installedApps","headers":{{"Content-Type":"application/json"}},"body":{}"#,
                    install_body(id)
                );
            }
            Self::Upgrade => (format!("POST {installed}/{INSTALLATION}{id}>/upgrade"), None),
            Self::Uninstall => (format!("DELETE {installed}/{INSTALLATION}{id}>"), None),
            Self::GetExpanded => {
                (format!("GET {installed}/{INSTALLATION}{id}>?$expand=teamsApp,teamsAppDefinition"), None)
            }
            Self::ListFilter => {
                let filter = format!("teamsApp/externalId%20eq%20'{external_id}'");
                (format!("GET {installed}?$expand=teamsApp&$filter={filter}"), None)
            }
            Self::UsersPage => ("GET /v1.0/users?$top=100".to_owned(), None),
        };
        let authorization = match self {
            Self::Token => String::new(),
            _ => format!("Authorization: Bearer {token}\r\n"),
        };
        let body = match body {
            Some((kind, body)) => {
                format!("Content-Type: application/{kind}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
            }
            None if self == Self::Upgrade => "Content-Length: 0\r\n\r\n".to_owned(),
            None => "\r\n".to_owned(),
        };
        format!("{line} HTTP/1.1\r\nHost: {host}\r\n{authorization}{body}")
    }
}
