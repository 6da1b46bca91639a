//! The tree's journals, read before the tree reads them.
//!
//! The tree takes whatever is no entry for the end of a journal, cuts the rest off and goes on with the next
//! journal, and a batch's sequence number is under no checksum: one damaged byte would take commits away without an
//! error. So every batch carries the number of the last commit before it and of the last one in it, and the journals
//! must be one chain of whole batches before the tree may open. Layout of a journal: that of fjall 3.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3;

use super::tree::{Commits, FOLDER, LAST_COMMIT};
use super::{Durability, versions};
use crate::error::OpenError;

const START: u8 = 1;
const ITEM: u8 = 2;
const END: u8 = 3;
const MAGIC: [u8; 4] = *b"FJL\x03";

/// A failed write may have spoiled the disk's block in which it began, and with it the end of the batch before. No
/// file system has larger ones.
const BLOCK_BYTES: u64 = 64 * 1_024;

/// What the journals of a tree hold.
#[derive(Default)]
pub(super) struct Journals {
    /// From the first batch to the last; none = no batch.
    chain: Option<Commits>,
    /// Of the last batch.
    sequence: Option<u64>,
    /// The journal that was written last; none = nothing was written.
    newest: Option<Newest>,
}

/// Up to which commit batches are taken.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// The last commit whose sync is known to have succeeded.
    pub(super) synced: u64,
    /// Batches behind this commit do not stay.
    pub(super) keep: u64,
}

struct Newest {
    path: PathBuf,
    /// Where the last batch ends whose sync is known to have succeeded.
    synced: u64,
    /// Where the last batch that stays ends.
    end: u64,
    /// What stands there instead of another batch; none = nothing.
    torn: Option<&'static str>,
}

impl Journals {
    /// Reads all journals of the tree in the folder; changes nothing.
    pub(super) fn read(tree: &Path, limits: Limits) -> Result<Self, OpenError> {
        let mut journals = Self::default();
        for path in list(tree).map_err(|error| OpenError::Folder(tree.to_owned(), error))? {
            let read = journals.add(&path, limits);
            read.map_err(|stop| match stop {
                Broken::Damage(error) => error,
                Broken::Io(error) => OpenError::Folder(path, error),
            })?;
        }
        Ok(journals)
    }

    fn add(&mut self, path: &Path, limits: Limits) -> Result<(), Broken> {
        let mut walk = Walk::new(BufReader::with_capacity(ZEROS.len(), File::open(path)?));
        let (mut synced, mut end) = (0, 0);
        let torn = loop {
            match walk.batch() {
                Ok(batch) if batch.commits.last > limits.keep => {
                    break Some("a batch that was not acknowledged begins there");
                }
                Ok(batch) => {
                    if let Some(why) = self.gap_before(&batch) {
                        return Err(self.torn().unwrap_or_else(|| damaged(path, end, &why)).into());
                    }
                    self.sequence = Some(batch.sequence);
                    let before = self.chain.map_or(batch.commits.before, |chain| chain.before);
                    self.chain = Some(Commits { before, last: batch.commits.last });
                    end = walk.position;
                    if batch.commits.last <= limits.synced {
                        synced = end;
                    }
                }
                Err(Stop::End) if walk.only_zeros_left()? => break None,
                Err(Stop::End) => break Some("something stands behind the end"),
                Err(Stop::Garbage(why)) => break Some(why),
                Err(Stop::Io(error)) => return Err(error.into()),
            }
        };
        if let Some(why) = torn
            && has_batch_behind(path, end, limits.keep)?
        {
            return Err(damaged(path, end, why).into());
        }
        if end > 0 || torn.is_some() {
            // The tree goes on in another journal only after a whole batch.
            if let Some(damage) = self.torn() {
                return Err(damage.into());
            }
            self.newest = Some(Newest { path: path.to_owned(), synced, end, torn });
        }
        Ok(())
    }

    fn gap_before(&self, batch: &Batch) -> Option<String> {
        let (last, before) = (self.chain?.last, batch.commits.before);
        if last != before {
            Some(format!("the batch there follows commit {before}, and the one before it ends with {last}"))
        } else if self.sequence >= Some(batch.sequence) {
            Some("the batch there has a lower sequence number than the one before it".to_owned())
        } else {
            None
        }
    }

    /// What stands behind the last batch, and where; none = nothing.
    pub(super) fn torn(&self) -> Option<OpenError> {
        let newest = self.newest.as_ref()?;
        newest.torn.map(|why| damaged(&newest.path, newest.end, why))
    }

    /// Number of the last commit, with what the tables hold.
    pub(super) fn last(&self, in_tables: u64) -> u64 {
        self.chain.map_or(in_tables, |chain| chain.last.max(in_tables))
    }

    /// Refuses journals that do not go on from what the tables hold, or end before the acknowledged commit.
    pub(super) fn check(&self, folder: &Path, in_tables: u64, acknowledged: u64) -> Result<(), OpenError> {
        if let Some(Commits { before, .. }) = self.chain.filter(|chain| in_tables < chain.before) {
            let first = in_tables + 1;
            let why = format!("commits {first} to {before} are neither in its tables nor in its journals");
            return Err(versions::damaged(&folder.join(FOLDER), &why));
        }
        let found = self.last(in_tables);
        if found < acknowledged {
            let missing = OpenError::CommitsMissing { folder: folder.to_owned(), found, acknowledged };
            return Err(self.torn().unwrap_or(missing));
        }
        Ok(())
    }

    /// Takes away what stands behind the last batch, and brings what stays to the disk.
    ///
    /// When a sync fails, the system forgets that the pages were to be written, and the next sync succeeds without
    /// them. So none is tried again on old pages: everything behind the last sync that succeeded is written anew or
    /// cut off.
    pub(super) fn settle(&self, durability: Durability) -> Result<(), OpenError> {
        let Some(newest) = &self.newest else { return Ok(()) };
        let settled = newest.settle(durability);
        settled.map_err(|error| OpenError::Folder(newest.path.clone(), error))
    }
}

impl Newest {
    fn settle(&self, durability: Durability) -> io::Result<()> {
        if self.torn.is_none() && self.synced == self.end {
            return Ok(());
        }
        let mut file = File::options().read(true).write(true).open(&self.path)?;
        file.set_len(self.end)?;
        if durability == Durability::Volatile {
            return Ok(());
        }
        let mut at = self.synced.saturating_sub(BLOCK_BYTES);
        let mut block = Vec::new();
        while at < self.end {
            block.clear();
            file.seek(SeekFrom::Start(at))?;
            (&file).take(BLOCK_BYTES).read_to_end(&mut block)?;
            file.seek(SeekFrom::Start(at))?;
            file.write_all(&block)?;
            at += BLOCK_BYTES;
        }
        file.sync_all()
    }
}

fn damaged(path: &Path, at: u64, why: &str) -> OpenError {
    versions::damaged(path, &format!("at byte {at}: {why}"))
}

/// The journals, oldest first.
fn list(tree: &Path) -> io::Result<Vec<PathBuf>> {
    let mut journals = Vec::new();
    for entry in std::fs::read_dir(tree)? {
        let path = entry?.path();
        let number =
            path.file_name().and_then(|name| name.to_str()?.strip_suffix(".jnl")?.parse::<u64>().ok());
        journals.extend(number.map(|number| (number, path)));
    }
    journals.sort_unstable();
    Ok(journals.into_iter().map(|(_, path)| path).collect())
}

/// Whether a whole batch with commits up to `keep` begins anywhere behind the place. A torn batch is the last thing
/// that was written, so one with another batch behind it is damage.
fn has_batch_behind(path: &Path, place: u64, keep: u64) -> io::Result<bool> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(place))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let mut rest = tail.as_slice();
    while let Some((_, behind)) = rest.split_first() {
        rest = behind;
        if rest.first() == Some(&START)
            && rest.get(START_BYTES) == Some(&ITEM)
            && Walk::new(rest).batch().is_ok_and(|batch| batch.commits.last <= keep)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Tag, count of items, sequence number.
const START_BYTES: usize = 1 + 4 + 8;

struct Batch {
    commits: Commits,
    sequence: u64,
}

/// Why a journal cannot be used.
enum Broken {
    Damage(OpenError),
    Io(io::Error),
}

impl From<OpenError> for Broken {
    fn from(damage: OpenError) -> Self {
        Self::Damage(damage)
    }
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Why there is no further batch.
enum Stop {
    /// The end, or zeros.
    End,
    Garbage(&'static str),
    Io(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Garbage("the batch there has no end"),
            _ => Self::Io(error),
        }
    }
}

/// As many as are read at a time.
static ZEROS: [u8; 1 << 16] = [0; 1 << 16];

/// A way through one journal.
struct Walk<R> {
    input: R,
    position: u64,
}

impl<R: BufRead> Walk<R> {
    fn new(input: R) -> Self {
        Self { input, position: 0 }
    }

    /// The next batch, its checksum compared.
    fn batch(&mut self) -> Result<Batch, Stop> {
        match self.input.fill_buf()?.first() {
            None | Some(0) => return Err(Stop::End),
            Some(_) => {}
        }
        if self.bytes()? != [START] {
            return Err(Stop::Garbage("no batch begins there"));
        }
        let items = u32::from_le_bytes(self.bytes()?);
        let sequence = u64::from_le_bytes(self.bytes()?);
        let mut checksum = Xxh3::new();
        let mut commits = None;
        for _ in 0..items {
            commits = self.item(&mut checksum)?.or(commits);
        }
        if self.bytes()? != [END] {
            return Err(Stop::Garbage("the batch there has no end"));
        }
        if u64::from_le_bytes(self.bytes()?) != checksum.digest() || self.bytes()? != MAGIC {
            return Err(Stop::Garbage("the batch there has another checksum"));
        }
        let commits = commits.ok_or(Stop::Garbage("the batch there has no number"))?;
        Ok(Batch { commits, sequence })
    }

    /// One item; its value if it is the number of the last commit.
    fn item(&mut self, checksum: &mut Xxh3) -> Result<Option<Commits>, Stop> {
        // Tag, kind of value, compression, keyspace, length of the key, of the value, and of the value as it is here.
        let head: [u8; 1 + 1 + 1 + 8 + 2 + 4 + 4] = self.bytes()?;
        let [tag, _, _, _, _, _, _, _, _, _, _, key @ .., _, _, _, _, v0, v1, v2, v3] = head;
        let [k0, k1] = key;
        if tag != ITEM {
            return Err(Stop::Garbage("the batch there is not whole"));
        }
        checksum.update(&head);
        let (key, value) = (u16::from_le_bytes([k0, k1]), u32::from_le_bytes([v0, v1, v2, v3]));
        if usize::from(key) == LAST_COMMIT.len() && value as usize == Commits::BYTES {
            let [key, value @ ..]: [u8; LAST_COMMIT.len() + Commits::BYTES] = self.bytes()?;
            checksum.update(&[key]);
            checksum.update(&value);
            return Ok((key == LAST_COMMIT[0]).then(|| Commits::decode(&value)).flatten());
        }
        self.skip(u64::from(key) + u64::from(value), checksum)?;
        Ok(None)
    }

    fn bytes<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes)?;
        self.position += N as u64;
        Ok(bytes)
    }

    fn skip(&mut self, bytes: u64, checksum: &mut Xxh3) -> io::Result<()> {
        let mut left = bytes;
        while left > 0 {
            let buffer = self.input.fill_buf()?;
            let (part, _) = buffer.split_at(buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX)));
            if part.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            checksum.update(part);
            let read = part.len();
            self.input.consume(read);
            left -= read as u64;
        }
        self.position += bytes;
        Ok(())
    }

    /// Reads to the end.
    fn only_zeros_left(&mut self) -> io::Result<bool> {
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(true);
            }
            if !ZEROS.starts_with(buffer) {
                return Ok(false);
            }
            let read = buffer.len();
            self.input.consume(read);
        }
    }
}
