//! What applying a seed did.

use std::fmt;

/// What became of the objects of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// New ones.
    pub created: u64,
    /// Those that were there and said something else.
    pub changed: u64,
    /// Those that were there as the seed says.
    pub unchanged: u64,
}

/// What a write does to an object.
#[derive(Clone, Copy)]
pub(super) enum Change {
    Created,
    Changed,
}

impl Tally {
    pub(super) fn unchanged(objects: usize) -> Self {
        Self { unchanged: objects as u64, ..Self::default() }
    }

    /// One of the unchanged ones was written after all. When others undo it before the seed is applied to the
    /// end, it is written and counted again.
    pub(super) fn count(&mut self, change: Change) {
        match change {
            Change::Created => self.created += 1,
            Change::Changed => self.changed += 1,
        }
        self.unchanged = self.unchanged.saturating_sub(1);
    }
}

/// What applying a seed did, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Tenants.
    pub tenants: Tally,
    /// Users, generated ones too.
    pub users: Tally,
    /// Clients.
    pub clients: Tally,
    /// Apps.
    pub apps: Tally,
    /// Versions of apps.
    pub definitions: Tally,
    /// Installations.
    pub installations: Tally,
}

impl Report {
    fn kinds(&self) -> [(&'static str, Tally); 6] {
        [
            ("tenants", self.tenants),
            ("users", self.users),
            ("clients", self.clients),
            ("apps", self.apps),
            ("definitions", self.definitions),
            ("installations", self.installations),
        ]
    }

    /// Whether nothing was written.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.kinds().iter().all(|(_, tally)| tally.created == 0 && tally.changed == 0)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (kind, Tally { created, changed, unchanged })) in self.kinds().into_iter().enumerate() {
            let separator = if at == 0 { "" } else { "; " };
            write!(f, "{separator}{kind}: {created} created, {changed} changed, {unchanged} unchanged")?;
        }
        Ok(())
    }
}
