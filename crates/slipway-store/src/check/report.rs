//! What a check found.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::name::Name;

/// Most findings of one sort that are told; the others are counted.
const TOLD: usize = 100;

/// What was looked at, and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Number of the last commit that the check saw; 0 = none.
    pub last_commit: u64,
    /// How many rows of each kind there are.
    pub rows: BTreeMap<String, u64>,
    /// How many entries each index has.
    pub entries: BTreeMap<String, u64>,
    /// How many of the rows wait for their deletion in the background.
    pub waiting: u64,
    /// How many of the rows an import left or is writing, which nobody sees; the next import deletes what was left.
    pub unfinished: u64,
    /// What is wrong, sort by sort; empty = nothing.
    pub damage: BTreeMap<Damage, Findings>,
}

/// A sort of damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Damage {
    /// The document of a row cannot be read.
    Undecodable,
    /// A row stands under a key that is not its record's.
    WrongKey,
    /// A row has a number that no commit has had yet.
    LaterRevision,
    /// A row is not found by an index in which it should be.
    MissingEntry,
    /// An index entry leads to a row that has no claim to it, or to none.
    DanglingEntry,
    /// A row refers to one that is not there.
    BrokenReference,
    /// A row belongs to no tenant, or to a former generation of one, and nothing will delete it.
    Stray,
    /// A counter differs from the rows that it counts.
    WrongCounter,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Undecodable => "documents that cannot be read",
            Self::WrongKey => "rows under a wrong key",
            Self::LaterRevision => "rows later than the last commit",
            Self::MissingEntry => "missing index entries",
            Self::DanglingEntry => "dangling index entries",
            Self::BrokenReference => "references to nothing",
            Self::Stray => "rows of no tenant",
            Self::WrongCounter => "wrong counters",
        })
    }
}

/// The findings of one sort.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Findings {
    /// The first hundred.
    pub first: Vec<Finding>,
    /// How many others there are.
    pub more: u64,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Kind of the row, or name of the index or counter.
    pub kind: String,
    /// The tenant; empty for what belongs to none.
    pub tenant: String,
    /// The tenant's generation that the row is of.
    pub generation: u32,
    /// The rest of the key, such as a user's id; its parts are joined by slashes.
    pub id: String,
    /// What is wrong.
    pub problem: String,
}

impl Report {
    pub(super) fn found(&mut self, damage: Damage, name: Name, problem: impl Into<String>) {
        let findings = self.damage.entry(damage).or_default();
        if findings.first.len() == TOLD {
            findings.more += 1;
            return;
        }
        let Name { kind, tenant, generation, id } = name;
        let problem = problem.into();
        findings.first.push(Finding { kind, tenant, generation, id, problem });
    }

    /// How many things are wrong.
    #[must_use]
    pub fn findings(&self) -> u64 {
        let told = |findings: &Findings| u64::try_from(findings.first.len()).unwrap_or(u64::MAX);
        self.damage.values().map(|findings| told(findings) + findings.more).sum()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "last commit: {}", self.last_commit)?;
        for (kind, count) in &self.rows {
            writeln!(f, "{kind}: {count} rows")?;
        }
        for (index, count) in &self.entries {
            writeln!(f, "index {index}: {count} entries")?;
        }
        if self.waiting > 0 {
            writeln!(f, "{} rows wait for their deletion", self.waiting)?;
        }
        if self.unfinished > 0 {
            writeln!(
                f,
                "{} rows of an import that is not finished; the next one deletes them",
                self.unfinished
            )?;
        }
        for (damage, findings) in &self.damage {
            writeln!(f, "{damage}:")?;
            for finding in &findings.first {
                writeln!(f, "  {finding}")?;
            }
            if findings.more > 0 {
                writeln!(f, "  and {} more", findings.more)?;
            }
        }
        match self.findings() {
            0 => writeln!(f, "nothing is wrong"),
            1 => writeln!(f, "1 thing is wrong"),
            many => writeln!(f, "{many} things are wrong"),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, tenant, generation, id, problem } = self;
        write!(f, "{kind}")?;
        if !id.is_empty() {
            write!(f, " {id}")?;
        }
        if !tenant.is_empty() {
            write!(f, " of tenant {tenant}, generation {generation}")?;
        }
        write!(f, ": {problem}")
    }
}
