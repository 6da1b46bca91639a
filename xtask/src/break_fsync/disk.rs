//! A model of the disk below the data folder: what the server wrote, and what of it a power loss leaves.
//!
//! The model is strict about contents (only what a sync covered is left) and mild about names: a created, renamed or
//! removed name is taken as durable at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

use super::trace::{Event, FileId};

/// What a file holds: bytes, then zeros up to its length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Content {
    bytes: Vec<u8>,
    length: usize,
}

impl Content {
    fn write(&mut self, start: usize, data: &[u8]) -> anyhow::Result<()> {
        let end = start + data.len();
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        self.bytes.get_mut(start..end).context("a write beyond memory")?.copy_from_slice(data);
        self.length = self.length.max(end);
        Ok(())
    }

    fn resize(&mut self, length: usize) {
        self.bytes.truncate(length);
        self.length = length;
    }

    fn trimmed(&self) -> &[u8] {
        let end = self.bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        self.bytes.get(..end).unwrap_or_default()
    }
}

#[derive(Clone, Debug, Default)]
struct File {
    /// What the operating system holds, and a killed process leaves.
    cached: Content,
    /// What a power loss leaves.
    durable: Content,
}

/// A write and where it went.
#[derive(Clone, Debug)]
pub struct Write {
    /// The file.
    pub file: FileId,
    /// Where in the file.
    pub offset: usize,
    /// What.
    pub bytes: Vec<u8>,
}

/// What lies behind the last byte that reached the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// What was there before: zeros in a file that was made long in advance.
    Kept,
    /// Nothing: the file ends there.
    Cut,
}

/// A folder and its files.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    names: BTreeMap<PathBuf, FileId>,
    folders: BTreeSet<PathBuf>,
    files: BTreeMap<FileId, File>,
    syncing: HashMap<(FileId, u32), Content>,
}

impl Disk {
    /// Takes a folder as it is, all of it durable.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn load(folder: &Path) -> anyhow::Result<Self> {
        let mut disk = Self::default();
        disk.load_folder(folder)?;
        Ok(disk)
    }

    fn load_folder(&mut self, folder: &Path) -> anyhow::Result<()> {
        self.folders.insert(folder.to_owned());
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                self.load_folder(&path)?;
                continue;
            }
            let mut bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let length = bytes.len();
            let full = Content { bytes: std::mem::take(&mut bytes), length };
            let content = Content { bytes: full.trimmed().to_vec(), length };
            let file = FileId(self.files.len());
            self.files.insert(file, File { cached: content.clone(), durable: content });
            self.names.insert(path, file);
        }
        Ok(())
    }

    /// The files' paths by their ids, for [`super::trace::read`].
    pub fn known(&self) -> Vec<PathBuf> {
        let mut known: Vec<_> = self.names.iter().map(|(path, file)| (*file, path.clone())).collect();
        known.sort();
        known.into_iter().map(|(_, path)| path).collect()
    }

    /// Lets an event happen; gives the write if it is one.
    ///
    /// # Errors
    /// When it concerns a file that the model does not know.
    pub fn apply(&mut self, event: &Event) -> anyhow::Result<Option<Write>> {
        match event {
            Event::Create(file, path) => {
                self.files.insert(*file, File::default());
                self.names.insert(path.clone(), *file);
            }
            Event::Folder(path) => drop(self.folders.insert(path.clone())),
            Event::Rename(from, to) => self.rename(from, to),
            Event::Remove(path) => {
                self.names.remove(path);
                self.folders.remove(path);
            }
            Event::Write(file, offset, bytes) => {
                let cached = &mut self.file(*file)?.cached;
                let offset = offset.map_or(Ok(cached.length), usize::try_from)?;
                cached.write(offset, bytes)?;
                return Ok(Some(Write { file: *file, offset, bytes: bytes.clone() }));
            }
            Event::Resize(file, length) => self.file(*file)?.cached.resize(usize::try_from(*length)?),
            Event::SyncStart(file, thread) => {
                let now = self.file(*file)?.cached.clone();
                self.syncing.insert((*file, *thread), now);
            }
            Event::SyncEnd(file, thread) => {
                let covered = self.syncing.remove(&(*file, *thread)).context("a sync without a start")?;
                self.file(*file)?.durable = covered;
            }
            Event::Acknowledged(_) => {}
        }
        Ok(None)
    }

    /// Lets the first bytes of some writes reach the disk, as if the system had written them back by itself.
    ///
    /// # Errors
    /// When a write is larger than memory.
    pub fn write_back(&mut self, writes: &[Write], mut bytes: usize, tail: Tail) -> anyhow::Result<()> {
        for write in writes {
            let part = write.bytes.get(..bytes).unwrap_or(&write.bytes);
            bytes -= part.len();
            // A file that was made later has no name on this disk either.
            let Some(File { durable, .. }) = self.files.get_mut(&write.file) else { continue };
            durable.write(write.offset, part)?;
            if bytes == 0 {
                if tail == Tail::Cut {
                    // Writing over what is there takes nothing away: only the end is cut off.
                    let end = durable.trimmed().len().max(write.offset + part.len());
                    durable.resize(end);
                }
                break;
            }
        }
        Ok(())
    }

    fn file(&mut self, file: FileId) -> anyhow::Result<&mut File> {
        self.files.get_mut(&file).context("an unknown file")
    }

    fn rename(&mut self, from: &Path, to: &Path) {
        if let Some(file) = self.names.remove(from) {
            self.names.insert(to.to_owned(), file);
        }
        if self.folders.remove(from) {
            self.folders.insert(to.to_owned());
            let moved: Vec<_> = self.names.keys().filter(|path| path.starts_with(from)).cloned().collect();
            for path in moved {
                if let (Some(file), Ok(rest)) = (self.names.remove(&path), path.strip_prefix(from)) {
                    self.names.insert(to.join(rest), file);
                }
            }
        }
    }

    /// Writes the folder `folder` as a power loss leaves it to `copy`.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write_durable(&self, folder: &Path, copy: &Path) -> anyhow::Result<()> {
        for path in &self.folders {
            fs::create_dir_all(copy.join(path.strip_prefix(folder)?))?;
        }
        for (path, file) in &self.names {
            let target = copy.join(path.strip_prefix(folder)?);
            let durable = &self.files.get(file).context("a name without a file")?.durable;
            let mut out = OpenOptions::new().create_new(true).write(true).open(&target)?;
            out.write_all(durable.trimmed())?;
            out.set_len(u64::try_from(durable.length)?)?;
        }
        Ok(())
    }

    /// Checks that the model's view of what was written is byte for byte what lies in the folder, so that no write
    /// escaped the trace.
    ///
    /// # Errors
    /// Names the first file that differs.
    pub fn check_explains(&self, folder: &Path) -> anyhow::Result<()> {
        let real = Self::load(folder)?;
        let names = |disk: &Self| disk.names.keys().cloned().collect::<Vec<_>>();
        ensure!(names(self) == names(&real), "the trace does not explain which files there are");
        for (path, file) in &self.names {
            let model = self.files.get(file).map(|file| &file.cached);
            let found = real.names.get(path).and_then(|file| real.files.get(file)).map(|file| &file.cached);
            let same =
                model.zip(found).is_some_and(|(a, b)| a.length == b.length && a.trimmed() == b.trimmed());
            ensure!(same, "the trace does not explain what is in {}", path.display());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: FileId = FileId(0);

    fn disk(events: &[Event]) -> Disk {
        let mut disk = Disk::default();
        for event in [Event::Folder("/d".into()), Event::Create(A, "/d/a".into())].iter().chain(events) {
            disk.apply(event).unwrap();
        }
        disk
    }

    fn left_by_power_loss(disk: &Disk) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy");
        disk.write_durable(Path::new("/d"), &copy).unwrap();
        fs::read(copy.join("a")).unwrap()
    }

    #[test]
    fn only_what_a_sync_covered_is_left() {
        let write = |text: &str| Event::Write(A, None, text.as_bytes().to_vec());
        assert_eq!(left_by_power_loss(&disk(&[write("lost")])), b"");
        let late = [write("kept"), Event::SyncStart(A, 1), write("late"), Event::SyncEnd(A, 1)];
        assert_eq!(left_by_power_loss(&disk(&late)), b"kept");
    }

    #[test]
    fn writes_come_back_byte_by_byte() {
        let mut disk = disk(&[Event::Resize(A, 6), Event::SyncStart(A, 1), Event::SyncEnd(A, 1)]);
        let first = disk.apply(&Event::Write(A, Some(0), b"ab".to_vec())).unwrap().unwrap();
        let second = disk.apply(&Event::Write(A, Some(2), b"cd".to_vec())).unwrap().unwrap();
        let writes = [first, second];
        for (bytes, kept, cut) in [
            (0, "\0\0\0\0\0\0", ""),
            (1, "a\0\0\0\0\0", "a"),
            (3, "abc\0\0\0", "abc"),
            (4, "abcd\0\0", "abcd"),
        ] {
            for (tail, expected) in [(Tail::Kept, kept), (Tail::Cut, cut)] {
                let mut disk = disk.clone();
                disk.write_back(&writes, bytes, tail).unwrap();
                assert_eq!(left_by_power_loss(&disk), expected.as_bytes());
            }
        }
    }

    #[test]
    fn notices_what_the_trace_does_not_explain() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "one").unwrap();
        let model = Disk::load(folder.path()).unwrap();
        model.check_explains(folder.path()).unwrap();
        fs::write(folder.path().join("a"), "two").unwrap();
        assert!(model.check_explains(folder.path()).is_err());
    }
}
