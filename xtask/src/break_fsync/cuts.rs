//! Where a power loss could have struck: before the end of every sync, at the end, and at each byte of the last batch.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;

use super::disk::{Disk, Tail, Write};
use super::recording::Recording;
use super::trace::{Event, FileId};

/// More bytes than this in the last batch are sampled, evenly.
const EACH_BYTE_UP_TO: usize = 1_500;

/// One power loss: what the disk held, what more reached it, and what must be there.
pub struct Cut {
    /// What it is, for messages.
    pub name: String,
    disk: Arc<Disk>,
    writes: Arc<[Write]>,
    bytes: usize,
    tail: Tail,
    /// The installations acknowledged by then, by their `client-request-id`.
    pub required: Arc<[String]>,
}

impl Cut {
    /// Writes the data folder as this power loss leaves it.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write_copy(&self, data: &Path, copy: &Path) -> anyhow::Result<()> {
        let mut disk = Disk::clone(&self.disk);
        disk.write_back(&self.writes, self.bytes, self.tail)?;
        disk.write_durable(data, copy)
    }
}

/// All power losses that are tried.
///
/// # Errors
/// When the trace does not fit the folder.
pub fn of(recording: &Recording) -> anyhow::Result<Vec<Cut>> {
    let mut cuts = at_syncs(recording)?;
    println!("{} power losses, one before the end of each sync and one at the end", cuts.len());
    cuts.extend(in_last_batch(recording)?);
    Ok(cuts)
}

/// The moment before a sync ends is the worst: most is acknowledged, least is on disk.
fn at_syncs(recording: &Recording) -> anyhow::Result<Vec<Cut>> {
    let (mut disk, mut required, mut cuts) = (recording.before.clone(), Vec::new(), Vec::new());
    let cut = |name: String, disk: &Disk, required: &[String]| Cut {
        name,
        disk: Arc::new(disk.clone()),
        writes: Arc::new([]),
        bytes: 0,
        tail: Tail::Kept,
        required: required.into(),
    };
    for event in &recording.events {
        match event {
            Event::SyncEnd(..) => cuts.push(cut(format!("sync {}", cuts.len() + 1), &disk, &required)),
            Event::Acknowledged(mark) => required.push(mark.clone()),
            _ => {}
        }
        disk.apply(event)?;
    }
    cuts.push(cut("end".into(), &disk, &required));
    Ok(cuts)
}

/// The bytes since the last sync but one of the journal reach the disk one by one.
fn in_last_batch(recording: &Recording) -> anyhow::Result<Vec<Cut>> {
    let journal = journal(&recording.events).context("the server wrote nothing")?;
    let syncs: Vec<_> =
        positions(&recording.events, |event| matches!(event, Event::SyncEnd(file, _) if *file == journal));
    let [.., last_but_one, last] = *syncs else {
        // Nothing was ever synced; the cuts at syncs have shown what that means.
        return Ok(Vec::new());
    };
    let started = |event: &Event| matches!(event, Event::SyncStart(file, _) if *file == journal);
    let last_start = positions(recording.events.get(..last).unwrap_or_default(), started);
    let last_start = last_start.last().copied().context("a sync without a start")?;

    let (mut disk, mut acknowledged) = (recording.before.clone(), Vec::new());
    let (mut base, mut writes, mut synced) = (None, Vec::new(), 0);
    let mut before_sync = Vec::new();
    for (position, event) in recording.events.iter().enumerate() {
        if let Event::Acknowledged(mark) = event {
            acknowledged.push(mark.clone());
        }
        let write = disk.apply(event)?;
        if position == last_but_one {
            base = Some(disk.clone());
        } else if position > last_but_one {
            writes.extend(write);
        }
        if position == last_start {
            synced = writes.iter().map(|write: &Write| write.bytes.len()).sum();
        }
        if position == last {
            before_sync.clone_from(&acknowledged);
        }
    }
    let batch = Batch {
        disk: Arc::new(base.context("no sync")?),
        writes: writes.into(),
        synced,
        before_sync: before_sync.into(),
        at_end: acknowledged.into(),
    };
    Ok(batch.cuts())
}

/// What was written since the last sync but one.
struct Batch {
    disk: Arc<Disk>,
    writes: Arc<[Write]>,
    /// How many of the bytes the last sync covers.
    synced: usize,
    /// Acknowledged before the last sync ended.
    before_sync: Arc<[String]>,
    /// Acknowledged when the server was killed.
    at_end: Arc<[String]>,
}

impl Batch {
    fn cuts(&self) -> Vec<Cut> {
        let all: usize = self.writes.iter().map(|write| write.bytes.len()).sum();
        let step = all.div_ceil(EACH_BYTE_UP_TO).max(1);
        let lengths: Vec<usize> = (0..all).step_by(step).chain([self.synced, all]).collect();
        println!(
            "the last batch has {all} bytes, {} places are tried, with zeros behind and cut off",
            lengths.len()
        );
        let tails = [Tail::Kept, Tail::Cut];
        lengths.iter().flat_map(|&bytes| tails.map(|tail| self.cut(bytes, tail))).collect()
    }

    fn cut(&self, bytes: usize, tail: Tail) -> Cut {
        Cut {
            name: format!("last batch, {bytes} bytes, tail {tail:?}"),
            disk: Arc::clone(&self.disk),
            writes: Arc::clone(&self.writes),
            bytes,
            tail,
            required: Arc::clone(if bytes < self.synced { &self.before_sync } else { &self.at_end }),
        }
    }
}

/// The file that most was written to.
fn journal(events: &[Event]) -> Option<FileId> {
    let mut written: BTreeMap<FileId, usize> = BTreeMap::new();
    for event in events {
        if let Event::Write(file, _, bytes) = event {
            *written.entry(*file).or_default() += bytes.len();
        }
    }
    written.into_iter().max_by_key(|(_, bytes)| *bytes).map(|(file, _)| file)
}

fn positions(events: &[Event], wanted: impl Fn(&Event) -> bool) -> Vec<usize> {
    events.iter().enumerate().filter(|(_, event)| wanted(event)).map(|(position, _)| position).collect()
}
