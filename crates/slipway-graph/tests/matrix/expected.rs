//! What is expected: the typed table, checked against Microsoft's permission data where that is at hand.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Deserialize;
use slipway_model::TokenKind;

use crate::VERSIONS;
use crate::ground::Place;

/// Granted on a resource by an installation; no token carries them.
pub const RESOURCE_SPECIFIC: [&str; 9] = [
    "Chat.Manage.Chat",
    "ChatSettings.Read.Chat",
    "ChatSettings.ReadWrite.Chat",
    "TeamSettings.Read.Group",
    "TeamSettings.ReadWrite.Group",
    "TeamsApp.Read.Group",
    "TeamsAppInstallation.Read.Chat",
    "TeamsAppInstallation.Read.Group",
    "TeamsAppInstallation.Read.User",
];

#[derive(Deserialize)]
struct Table {
    operation: Vec<Expected>,
}

/// A row of the typed table.
#[derive(Deserialize)]
pub struct Expected {
    pub name: String,
    method: String,
    path: String,
    /// The row of Microsoft's data that counts where it has none for this path.
    like: Option<String>,
    /// The version that has it, where the other one has not.
    only: Option<String>,
    /// The page that counts where the data has no such row.
    page: Option<String>,
    delegated: String,
    application: String,
    #[serde(default)]
    legacy: String,
    /// The names of Microsoft's data in its order, where it is at hand: delegated, application.
    #[serde(skip)]
    published: Option<[Vec<String>; 2]>,
}

#[derive(Deserialize)]
struct Published {
    method: String,
    path: String,
    scheme: String,
    permission: String,
}

impl Published {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path).to_ascii_lowercase()
    }
}

fn names(list: &str) -> BTreeSet<String> {
    let names = list.split(", ").filter(|name| !name.is_empty());
    names
        .map(|name| match name.strip_prefix("TAI.") {
            Some(rest) => format!("TeamsAppInstallation.{rest}"),
            None => name.to_owned(),
        })
        .collect()
}

impl Expected {
    fn today(&self, kind: TokenKind) -> BTreeSet<String> {
        names(match kind {
            TokenKind::Delegated => &self.delegated,
            TokenKind::Application => &self.application,
        })
    }

    pub fn accepts(&self, name: &str, version: &str, kind: TokenKind) -> bool {
        let legacy = version == "beta" && names(&self.legacy).contains(name);
        !RESOURCE_SPECIFIC.contains(&name) && (legacy || self.today(kind).contains(name))
    }

    /// The versions that have the operation.
    pub fn versions(&self) -> impl Iterator<Item = &'static str> {
        VERSIONS.into_iter().filter(|version| self.only.as_ref().is_none_or(|only| only == version))
    }

    /// Status, code and text of the refusal. Names stand in the order of Microsoft's data, which is alphabetical; the typed
    /// table, whose order is another, is sorted where the data is not at hand.
    pub fn refusal(&self, held: &str, granted: &str, kind: TokenKind) -> (u16, (String, String)) {
        if self.path == "/me" && kind == TokenKind::Application {
            let text = "/me request is only valid with delegated authentication flow.";
            return (400, ("BadRequest".to_owned(), text.to_owned()));
        }
        let today = self.today(kind);
        let list = match &self.published {
            Some([delegated, _]) if kind == TokenKind::Delegated => delegated.join(", "),
            Some([_, application]) => application.join(", "),
            None => today.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
        };
        let grants = if self.resource_specific().is_empty() {
            String::new()
        } else {
            format!(" Resource specific consent grants on the request '{granted}'.")
        };
        let text = match kind {
            TokenKind::Delegated => format!(
                "Missing scope permissions on the request. API requires one of '{list}'. Scopes on the request '{held}'"
            ),
            TokenKind::Application => format!(
                "Missing role permissions on the request. API requires one of '{list}'. Roles on the request '{held}'.{grants}"
            ),
        };
        (403, ("Forbidden".to_owned(), text))
    }

    /// The permissions that installations grant.
    pub fn resource_specific(&self) -> Vec<&'static str> {
        let application = self.today(TokenKind::Application);
        RESOURCE_SPECIFIC.into_iter().filter(|name| application.contains(*name)).collect()
    }

    /// Whether it is about one user, team or chat, the first in its path.
    pub fn is_on(&self, place: Place) -> bool {
        let start = match place {
            Place::User => "/users/{id}/",
            Place::Team => "/teams/{id}",
            Place::Chat => "/chats/{id}",
        };
        self.path.starts_with(start) && !self.path.contains("/{id}/chats")
    }

    /// The row of Microsoft's data that it is, if the data has it.
    fn own(&self) -> String {
        format!("{} {}", self.method, self.path).to_ascii_lowercase()
    }

    /// Compares the row with Microsoft's data and takes over its order.
    fn check(&mut self, published: &[Published]) {
        let own = self.own();
        let is_published = published.iter().any(|row| row.name() == own);
        assert_eq!(is_published, self.page.is_none() && self.like.is_none(), "{own}");
        if self.page.is_some() {
            return;
        }
        let source = self.like.as_deref().unwrap_or(&own).to_ascii_lowercase();
        let of_scheme = |scheme: &str, kind| {
            let rows = published.iter().filter(|row| row.scheme == scheme && row.name() == source);
            let mut names: Vec<String> = Vec::new();
            for row in rows {
                if !names.contains(&row.permission) {
                    names.push(row.permission.clone());
                }
            }
            let there: BTreeSet<_> = names.iter().cloned().collect();
            assert_eq!(self.today(kind), there, "{} {scheme}", self.name);
            names
        };
        self.published = Some([
            of_scheme("DelegatedWork", TokenKind::Delegated),
            of_scheme("Application", TokenKind::Application),
        ]);
    }
}

/// Microsoft's permission data, where it lies beside the project.
fn published() -> Option<Vec<Published>> {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/permissions.json");
    let text = std::fs::read_to_string(data).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

/// The typed table. Where Microsoft's permission data is at hand both must say the same.
pub fn table() -> Vec<Expected> {
    let mut table: Table = toml::from_str(include_str!("permissions.expected.toml")).unwrap();
    if let Some(published) = published() {
        table.operation.iter_mut().for_each(|row| row.check(&published));
    }
    table.operation
}

/// Every permission that some row names.
pub fn every_name(table: &[Expected]) -> BTreeSet<String> {
    table
        .iter()
        .flat_map(|row| [names(&row.delegated), names(&row.application), names(&row.legacy)])
        .flatten()
        .collect()
}

#[test]
fn the_table_has_every_operation_that_is_served() {
    let typed: BTreeSet<_> = table().into_iter().map(|row| row.name).collect();
    let served: BTreeSet<_> =
        slipway_graph::operations().map(|operation| operation.name.to_owned()).collect();
    assert_eq!(typed, served);
}

#[derive(Deserialize)]
struct Exceptions {
    unserved: Vec<Unserved>,
}

/// A row of the data that no operation serves.
#[derive(Deserialize)]
struct Unserved {
    row: String,
    why: String,
}

#[test]
fn the_data_has_no_row_that_is_neither_served_nor_excepted() {
    let Some(published) = published() else { return };
    let exceptions: Exceptions = toml::from_str(include_str!("exceptions.toml")).unwrap();
    assert!(exceptions.unserved.iter().all(|exception| !exception.why.is_empty()));
    let excepted: BTreeSet<_> =
        exceptions.unserved.iter().map(|exception| exception.row.to_ascii_lowercase()).collect();
    let served: BTreeSet<_> = table().iter().map(Expected::own).collect();
    let there: BTreeSet<_> = published.iter().map(Published::name).collect();
    let left: Vec<_> = there.difference(&served).filter(|row| !excepted.contains(*row)).collect();
    assert!(left.is_empty(), "neither served nor excepted: {left:?}");
    let stale: Vec<_> =
        excepted.iter().filter(|row| !there.contains(*row) || served.contains(*row)).collect();
    assert!(stale.is_empty(), "excepted in vain: {stale:?}");
}
