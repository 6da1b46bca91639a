//! What is expected: the typed table, checked against Microsoft's permission data where that is at hand.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Deserialize;
use slipway_model::TokenKind;

/// Granted on a resource by an installation; no token carries it.
const RESOURCE_SPECIFIC: &str = "TeamsAppInstallation.Read.User";

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
        name != RESOURCE_SPECIFIC && (legacy || self.today(kind).contains(name))
    }

    /// Status, code and text of the refusal. Names stand in the order of Microsoft's data, which is alphabetical; the typed
    /// table, whose order is another, is sorted where the data is not at hand.
    pub fn refusal(&self, held: &str, kind: TokenKind) -> (u16, &'static str, String) {
        if self.path == "/me" && kind == TokenKind::Application {
            let text = "/me request is only valid with delegated authentication flow.";
            return (400, "BadRequest", text.to_owned());
        }
        let today = self.today(kind);
        let list = match &self.published {
            Some([delegated, _]) if kind == TokenKind::Delegated => delegated.join(", "),
            Some([_, application]) => application.join(", "),
            None => today.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
        };
        let grants = if today.contains(RESOURCE_SPECIFIC) {
            " Resource specific consent grants on the request ''."
        } else {
            ""
        };
        let text = match kind {
            TokenKind::Delegated => format!(
                "Missing scope permissions on the request. API requires one of '{list}'. Scopes on the request '{held}'"
            ),
            TokenKind::Application => format!(
                "Missing role permissions on the request. API requires one of '{list}'. Roles on the request '{held}'.{grants}"
            ),
        };
        (403, "Forbidden", text)
    }

    /// Compares the row with Microsoft's data and takes over its order.
    fn check(&mut self, published: &[Published]) {
        let own = format!("{} {}", self.method, self.path);
        let source = self.like.as_deref().unwrap_or(&own).to_ascii_lowercase();
        let of_scheme = |scheme: &str, kind| {
            let rows = published.iter().filter(|row| {
                row.scheme == scheme && format!("{} {}", row.method, row.path).eq_ignore_ascii_case(&source)
            });
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

/// The typed table. Where Microsoft's permission data lies beside the project both must say the same.
pub fn table() -> Vec<Expected> {
    let mut table: Table = toml::from_str(include_str!("permissions.expected.toml")).unwrap();
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/permissions.json");
    if let Ok(text) = std::fs::read_to_string(data) {
        let published: Vec<Published> = serde_json::from_str(&text).unwrap();
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
