//! The operation table in words, for `slipway operations` and docs/operations.md.

use serde::Serialize;
use slipway_model::{OwnerKind, Permission};

use crate::operation::{Operation, Throttle};
use crate::operations::operations;

/// A row of the operation table in words. `Display` gives a paragraph for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedOperation {
    /// Name in logs and documents, `resource.verb`.
    pub name: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// Path below the version segment; `{…}` stands for a key.
    pub path: &'static str,
    /// The same for the signed-in user, where the row takes that form too.
    pub me: Option<String>,
    /// `v1.0`, `beta`.
    pub versions: Vec<&'static str>,
    /// Whose installations it is about: `user`, `team`, `chat`.
    pub owner: Option<&'static str>,
    /// Throttling class.
    pub throttle: &'static str,
    /// System query options that are served, such as `$filter`.
    pub options: Vec<String>,
    /// Delegated permissions that are accepted, in the order that refusals print; none = not supported.
    pub delegated: Vec<&'static str>,
    /// Application permissions that are accepted, in the same order.
    pub application: Vec<&'static str>,
    /// Permissions of the first documentation (2019), accepted as the setting `legacy-permissions` says.
    pub legacy: Vec<&'static str>,
}

/// Every row of the operation table in words.
pub fn listing() -> impl Iterator<Item = ListedOperation> {
    operations().map(ListedOperation::of)
}

impl ListedOperation {
    fn of(operation: &'static Operation) -> Self {
        let names = |permissions: &'static [Permission]| permissions.iter().map(|p| p.name()).collect();
        Self {
            name: operation.name,
            method: operation.method.as_str(),
            path: operation.path,
            me: me(operation),
            versions: operation.versions.iter().map(|version| version.as_str()).collect(),
            owner: operation.owner.map(|owner| match owner {
                OwnerKind::User => "user",
                OwnerKind::Team => "team",
                OwnerKind::Chat => "chat",
            }),
            throttle: match operation.throttle {
                Throttle::Identity => "identity",
                Throttle::TeamsRead => "Teams, read",
                Throttle::TeamsWrite => "Teams, write",
                Throttle::TeamsDelete => "Teams, delete",
            },
            options: operation.options.iter().map(|o| format!("${}", o.as_str().to_lowercase())).collect(),
            delegated: names(operation.delegated),
            application: names(operation.application),
            legacy: names(operation.legacy),
        }
    }
}

/// The row's path with `/me`, unless another row has that path.
fn me(operation: &Operation) -> Option<String> {
    let path = format!("/me{}", operation.path.strip_prefix("/users/{user}")?);
    let has_own_row = operations().any(|row| row.path == path);
    (!has_own_row).then_some(path)
}

impl std::fmt::Display for ListedOperation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}: {} {}", self.name, self.method, self.path)?;
        let options: Vec<_> = self.options.iter().map(String::as_str).collect();
        for (column, words) in [
            ("me", self.me.as_deref().into_iter().collect()),
            ("versions", self.versions.clone()),
            ("owner", self.owner.into_iter().collect()),
            ("throttle", vec![self.throttle]),
            ("options", options),
            ("delegated", self.delegated.clone()),
            ("application", self.application.clone()),
            ("legacy", self.legacy.clone()),
        ] {
            let words = if words.is_empty() { "-".to_owned() } else { words.join(", ") };
            writeln!(f, "  {column:<12}{words}")?;
        }
        Ok(())
    }
}
