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
    /// Those that were there and that the seed leaves out; memberships only.
    pub removed: u64,
}

/// What a write does to an object.
#[derive(Clone, Copy)]
pub(super) enum Change {
    Created,
    Changed,
    Removed,
}

impl Tally {
    pub(super) fn unchanged(objects: usize) -> Self {
        Self { unchanged: objects as u64, ..Self::default() }
    }

    /// One of the unchanged ones was written after all, or one that the seed does not have was removed. When others
    /// undo it before the seed is applied to the end, it is written and counted again.
    pub(super) fn count(&mut self, change: Change) {
        let counted = match change {
            Change::Created => &mut self.created,
            Change::Changed => &mut self.changed,
            Change::Removed => {
                self.removed += 1;
                return;
            }
        };
        *counted += 1;
        self.unchanged = self.unchanged.saturating_sub(1);
    }

    fn is_unchanged(self) -> bool {
        self == Self { unchanged: self.unchanged, ..Self::default() }
    }
}

/// What applying a seed did, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Tenants.
    pub tenants: Tally,
    /// Users, generated ones too.
    pub users: Tally,
    /// Teams, with their groups.
    pub teams: Tally,
    /// Groups without a team.
    pub groups: Tally,
    /// Chats.
    pub chats: Tally,
    /// Memberships of teams, groups and chats.
    pub memberships: Tally,
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
    fn kinds(&self) -> [(&'static str, Tally); 10] {
        [
            ("tenants", self.tenants),
            ("users", self.users),
            ("teams", self.teams),
            ("groups", self.groups),
            ("chats", self.chats),
            ("memberships", self.memberships),
            ("clients", self.clients),
            ("apps", self.apps),
            ("definitions", self.definitions),
            ("installations", self.installations),
        ]
    }

    /// Whether nothing was written.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.kinds().into_iter().all(|(_, tally)| tally.is_unchanged())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (kind, tally)) in self.kinds().into_iter().enumerate() {
            let separator = if at == 0 { "" } else { "; " };
            let Tally { created, changed, unchanged, removed } = tally;
            write!(f, "{separator}{kind}: {created} created, {changed} changed, {unchanged} unchanged")?;
            if removed > 0 {
                write!(f, ", {removed} removed")?;
            }
        }
        Ok(())
    }
}
