//! What is expected: the typed table, checked against Microsoft's permission data where that is at hand.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Deserialize;

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
    fn today(&self, delegated: bool) -> BTreeSet<String> {
        names(if delegated { &self.delegated } else { &self.application })
    }

    pub fn accepts(&self, name: &str, version: &str, delegated: bool) -> bool {
        let legacy = version == "beta" && names(&self.legacy).contains(name);
        name != RESOURCE_SPECIFIC && (legacy || self.today(delegated).contains(name))
    }

    /// The text of the refusal: names in alphabetical order, as in Microsoft's data.
    pub fn refusal(&self, held: &str, delegated: bool) -> String {
        let today = self.today(delegated);
        let list = today.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        if delegated {
            return format!(
                "Missing scope permissions on the request. API requires one of '{list}'. Scopes on the request '{held}'"
            );
        }
        let grants = if today.contains(RESOURCE_SPECIFIC) {
            " Resource specific consent grants on the request ''."
        } else {
            ""
        };
        format!(
            "Missing role permissions on the request. API requires one of '{list}'. Roles on the request '{held}'.{grants}"
        )
    }

    /// Compares the row with Microsoft's data.
    fn check(&self, published: &[Published]) {
        let own = format!("{} {}", self.method, self.path);
        let source = self.like.as_deref().unwrap_or(&own).to_ascii_lowercase();
        for (scheme, delegated) in [("DelegatedWork", true), ("Application", false)] {
            let rows = published.iter().filter(|row| {
                row.scheme == scheme && format!("{} {}", row.method, row.path).eq_ignore_ascii_case(&source)
            });
            let there: BTreeSet<_> = rows.map(|row| row.permission.clone()).collect();
            assert_eq!(self.today(delegated), there, "{} {scheme}", self.name);
        }
    }
}

/// The typed table. Where Microsoft's permission data lies beside the project both must say the same.
pub fn table() -> Vec<Expected> {
    let table: Table = toml::from_str(include_str!("permissions.expected.toml")).unwrap();
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/permissions.json");
    if let Ok(text) = std::fs::read_to_string(data) {
        let published: Vec<Published> = serde_json::from_str(&text).unwrap();
        table.operation.iter().for_each(|row| row.check(&published));
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
        slipway_graph::OPERATIONS.iter().map(|operation| operation.name.to_owned()).collect();
    assert_eq!(typed, served);
}
