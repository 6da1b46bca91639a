//! Reads what strace wrote: which bytes the server gave to which file, when a sync ended, and when an answer left.
//!
//! The order of the lines is the order of cause and effect: strace stops a thread before a call is carried out and
//! again before the thread sees its result. So an answer counts from its call's start, a sync from its end, and a
//! sync covers what was written before its start.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

/// The calls that [`read`] understands, as strace's `trace=` takes them.
pub const CALLS: &str = "openat,open,creat,close,write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg,lseek,\
    ftruncate,truncate,fallocate,fsync,fdatasync,sync_file_range,rename,renameat,renameat2,link,linkat,unlink,\
    unlinkat,mkdir,mkdirat,rmdir,copy_file_range,sendfile,splice,io_uring_setup";

/// Calls that write. `pwritev2` is not among them: its flags can mean more than a write.
const WRITES: [&str; 4] = ["write", "writev", "pwrite64", "pwritev"];

/// A file from its creation on, whatever it is called later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub usize);

/// Something that happened to the data folder, or an answer that left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A file was made under a name.
    Create(FileId, PathBuf),
    /// A folder was made.
    Folder(PathBuf),
    /// A file or a folder got another name, in place of what had it before.
    Rename(PathBuf, PathBuf),
    /// A name was removed.
    Remove(PathBuf),
    /// Bytes were written at an offset; none = at the end of the file.
    Write(FileId, Option<u64>, Vec<u8>),
    /// A file got another length.
    Resize(FileId, u64),
    /// A thread began to sync a file.
    SyncStart(FileId, u32),
    /// The thread's sync is done.
    SyncEnd(FileId, u32),
    /// An answer with this `client-request-id` and status 201 was handed to the network.
    Acknowledged(String),
}

/// An open file: which one, and where the next `write` goes (none = at the end).
struct Open {
    file: FileId,
    offset: Option<u64>,
}

/// What a trace tells.
pub struct Trace {
    /// What happened, in order.
    pub events: Vec<Event>,
    /// Writes that the kill fell into: each of them happened at the end, or not at all.
    pub uncertain: Vec<Event>,
}

/// Reads the whole trace of one process. `known` are the files that were in the folder before it started.
///
/// # Errors
/// When the folder is changed by a call that is not understood.
pub fn read(text: &str, folder: &Path, known: &[PathBuf]) -> anyhow::Result<Trace> {
    let names = known.iter().enumerate().map(|(n, path)| (path.clone(), FileId(n))).collect();
    let mut reader = Reader {
        folder,
        names,
        files: known.len(),
        open: HashMap::new(),
        waiting: HashMap::new(),
        events: Vec::new(),
        uncertain: Vec::new(),
    };
    for (number, line) in text.lines().enumerate() {
        reader.line(line).with_context(|| format!("line {} of the trace", number + 1))?;
    }
    for (thread, (call, sync)) in std::mem::take(&mut reader.waiting) {
        reader.end(thread, &call, sync)?;
    }
    Ok(Trace { events: reader.events, uncertain: reader.uncertain })
}

struct Reader<'a> {
    folder: &'a Path,
    names: HashMap<PathBuf, FileId>,
    files: usize,
    open: HashMap<u32, Open>,
    /// Calls that have started and not ended, by thread: the text so far, and the file if it is a sync.
    waiting: HashMap<u32, (String, Option<FileId>)>,
    events: Vec<Event>,
    uncertain: Vec<Event>,
}

impl Reader<'_> {
    fn line(&mut self, line: &str) -> anyhow::Result<()> {
        let (thread, rest) = line.split_once(' ').context("no thread id")?;
        let (thread, rest) = (thread.parse()?, rest.trim_start());
        if rest.starts_with("+++") || rest.starts_with("---") {
            return Ok(());
        }
        if let Some(started) = rest.strip_suffix("<unfinished ...>") {
            let sync = self.start(thread, started)?;
            self.waiting.insert(thread, (started.to_owned(), sync));
            return Ok(());
        }
        if let Some(resumed) = rest.strip_prefix("<... ") {
            let (_, end) = resumed.split_once(" resumed>").context("no end of a resumed call")?;
            let (start, sync) = self.waiting.remove(&thread).context("resumed without a start")?;
            return self.end(thread, &format!("{start}{end}"), sync);
        }
        let sync = self.start(thread, rest)?;
        self.end(thread, rest, sync)
    }

    /// What counts from the start of a call: answers, and what a sync covers.
    fn start(&mut self, thread: u32, call: &str) -> anyhow::Result<Option<FileId>> {
        let (name, arguments) = call.split_once('(').context("no call")?;
        match name {
            "write" | "writev" | "sendto" | "sendmsg" => {
                if !self.open.contains_key(&descriptor(arguments)?)
                    && let Some(mark) = acknowledged(&strings(arguments)?.concat())
                {
                    self.events.push(Event::Acknowledged(mark));
                }
                Ok(None)
            }
            "fsync" | "fdatasync" => {
                let file = self.open.get(&descriptor(arguments)?).map(|open| open.file);
                self.events.extend(file.map(|file| Event::SyncStart(file, thread)));
                Ok(file)
            }
            _ => Ok(None),
        }
    }

    fn end(&mut self, thread: u32, call: &str, sync: Option<FileId>) -> anyhow::Result<()> {
        let (name, arguments) = call.split_once('(').context("no call")?;
        // Without a result the process was killed inside the call.
        let (arguments, result) = arguments.rsplit_once(" = ").unwrap_or((arguments, "?"));
        let arguments = arguments.trim_end().trim_end_matches(')').trim_end_matches(" <unfinished ...>");
        if result.starts_with('?') {
            if WRITES.contains(&name) {
                let write = self.written(name, arguments, usize::MAX)?;
                self.uncertain.extend(write);
            }
            return Ok(());
        }
        // A call that strace only pretended to carry out did nothing.
        if result.starts_with('-') || result.contains("INJECTED") {
            return Ok(());
        }
        match name {
            "fsync" | "fdatasync" => self.events.extend(sync.map(|file| Event::SyncEnd(file, thread))),
            "open" | "openat" | "creat" => self.opened(arguments, result)?,
            "close" => drop(self.open.remove(&descriptor(arguments)?)),
            _ if WRITES.contains(&name) => {
                let write = self.written(name, arguments, number(result)?)?;
                self.events.extend(write);
            }
            "lseek" => self.moved(arguments, result)?,
            "ftruncate" => self.resized(arguments)?,
            "rename" | "renameat" | "renameat2" => self.renamed(arguments)?,
            "unlink" | "unlinkat" | "rmdir" => self.removed(arguments)?,
            "mkdir" | "mkdirat" => self.made_folder(arguments)?,
            "sendto" | "sendmsg" => {}
            _ if self.concerns_folder(arguments)? => bail!("{name} in the data folder is not understood"),
            _ => {}
        }
        Ok(())
    }

    fn opened(&mut self, arguments: &str, result: &str) -> anyhow::Result<()> {
        let descriptor = descriptor(result)?;
        self.open.remove(&descriptor);
        let path = path_of(result)?;
        if !path.starts_with(self.folder) || arguments.contains("O_DIRECTORY") {
            return Ok(());
        }
        if arguments.contains("SYNC") {
            bail!("a file that is synced by each write is not understood");
        }
        let file = match self.names.get(&path) {
            Some(file) => *file,
            None if arguments.contains("O_CREAT") => self.create(path),
            // A folder opened like a file, in order to sync it; names are taken as durable at once.
            None => return Ok(()),
        };
        if arguments.contains("O_TRUNC") {
            self.events.push(Event::Resize(file, 0));
        }
        let offset = if arguments.contains("O_APPEND") { None } else { Some(0) };
        self.open.insert(descriptor, Open { file, offset });
        Ok(())
    }

    fn create(&mut self, path: PathBuf) -> FileId {
        let file = FileId(self.files);
        self.files += 1;
        self.names.insert(path.clone(), file);
        self.events.push(Event::Create(file, path));
        file
    }

    /// The write of the first `count` bytes, if it went into the folder.
    fn written(&mut self, name: &str, arguments: &str, count: usize) -> anyhow::Result<Option<Event>> {
        let Some(open) = self.open.get_mut(&descriptor(arguments)?) else {
            if self.concerns_folder(arguments)? {
                bail!("{name} through a descriptor that the trace did not open");
            }
            return Ok(None);
        };
        let mut bytes = strings(arguments)?.concat();
        bytes.truncate(count);
        let offset = if name.starts_with('p') {
            let (_, offset) = arguments.rsplit_once(", ").context("no offset")?;
            Some(offset.trim().parse()?)
        } else {
            let here = open.offset;
            let length = u64::try_from(bytes.len())?;
            open.offset = here.map(|offset| offset + length);
            here
        };
        Ok(Some(Event::Write(open.file, offset, bytes)))
    }

    fn moved(&mut self, arguments: &str, result: &str) -> anyhow::Result<()> {
        if let Some(Open { offset: Some(offset), .. }) = self.open.get_mut(&descriptor(arguments)?) {
            *offset = u64::try_from(number(result)?)?;
        }
        Ok(())
    }

    fn resized(&mut self, arguments: &str) -> anyhow::Result<()> {
        if let Some(open) = self.open.get(&descriptor(arguments)?) {
            let (_, length) = arguments.rsplit_once(", ").context("no length")?;
            self.events.push(Event::Resize(open.file, length.trim().parse()?));
        }
        Ok(())
    }

    fn renamed(&mut self, arguments: &str) -> anyhow::Result<()> {
        let [from, to] = two(&paths(arguments)?)?;
        if from.starts_with(self.folder) || to.starts_with(self.folder) {
            if let Some(file) = self.names.remove(&from) {
                self.names.insert(to.clone(), file);
            }
            self.events.push(Event::Rename(from, to));
        }
        Ok(())
    }

    fn removed(&mut self, arguments: &str) -> anyhow::Result<()> {
        let path = paths(arguments)?.into_iter().next().context("no name")?;
        if path.starts_with(self.folder) {
            self.names.remove(&path);
            self.events.push(Event::Remove(path));
        }
        Ok(())
    }

    fn made_folder(&mut self, arguments: &str) -> anyhow::Result<()> {
        let path = paths(arguments)?.into_iter().next().context("no name")?;
        if path.starts_with(self.folder) {
            self.events.push(Event::Folder(path));
        }
        Ok(())
    }

    fn concerns_folder(&self, arguments: &str) -> anyhow::Result<bool> {
        let by_name = paths(arguments)?.iter().any(|path| path.starts_with(self.folder));
        Ok(by_name || path_of(arguments)?.starts_with(self.folder))
    }
}

/// The number of a descriptor, printed as `7<path>`.
fn descriptor(text: &str) -> anyhow::Result<u32> {
    let digits = text.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    // Names relative to the working folder come with AT_FDCWD, which is no open file.
    if digits.is_empty() { Ok(u32::MAX) } else { Ok(digits.parse()?) }
}

/// The path of a descriptor, printed in hexadecimal between angle brackets; empty if there is none.
fn path_of(text: &str) -> anyhow::Result<PathBuf> {
    let inside = text.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    Ok(to_path(&hexadecimal(inside.map_or("", |(inside, _)| inside))?))
}

/// All quoted strings of a call.
fn strings(arguments: &str) -> anyhow::Result<Vec<Vec<u8>>> {
    if arguments.contains("\"...") {
        bail!("strace cut a string short");
    }
    arguments.split('"').skip(1).step_by(2).map(hexadecimal).collect()
}

fn paths(arguments: &str) -> anyhow::Result<Vec<PathBuf>> {
    Ok(strings(arguments)?.iter().map(|name| to_path(name)).collect())
}

fn two(paths: &[PathBuf]) -> anyhow::Result<[PathBuf; 2]> {
    <[PathBuf; 2]>::try_from(paths.to_vec()).map_err(|_| anyhow::anyhow!("not two names"))
}

fn to_path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(bytes))
}

/// `\x68\x65` as bytes; text that is not hexadecimal (`pipe:[7]` in some versions of strace) as none.
fn hexadecimal(text: &str) -> anyhow::Result<Vec<u8>> {
    text.split("\\x").skip(1).map(|digits| Ok(u8::from_str_radix(digits, 16)?)).collect()
}

/// A call's result as a count.
fn number(result: &str) -> anyhow::Result<usize> {
    Ok(result.split_whitespace().next().context("no result")?.parse()?)
}

/// The `client-request-id` of an answer with status 201.
fn acknowledged(bytes: &[u8]) -> Option<String> {
    let text = bytes.strip_prefix(b"HTTP/1.1 201")?;
    let text = String::from_utf8_lossy(text).to_ascii_lowercase();
    let (_, rest) = text.split_once("client-request-id: ")?;
    rest.split_once("\r\n").map(|(mark, _)| mark.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> String {
        text.bytes().fold(String::new(), |mut all, byte| {
            use std::fmt::Write as _;
            write!(all, "\\x{byte:02x}").unwrap();
            all
        })
    }

    /// Writes paths and strings in hexadecimal where a test writes them between `[` and `]`.
    fn trace(lines: &[&str]) -> Vec<Event> {
        let encoded: String = lines
            .iter()
            .map(|line| {
                let parts: Vec<_> = line
                    .split(['[', ']'])
                    .enumerate()
                    .map(|(n, part)| if n % 2 == 1 { hex(part) } else { part.to_owned() })
                    .collect();
                parts.concat() + "\n"
            })
            .collect();
        let trace = read(&encoded, Path::new("/d"), &[PathBuf::from("/d/old")]).unwrap();
        assert_eq!(trace.uncertain, []);
        trace.events
    }

    #[test]
    fn follows_writes_and_syncs_of_the_folder_alone() {
        let events = trace(&[
            r#"7 openat(AT_FDCWD<[/w]>, "[/d/j]", O_RDWR|O_CREAT, 0600) = 3<[/d/j]>"#,
            r#"7 openat(AT_FDCWD<[/w]>, "[/etc/x]", O_RDONLY) = 4<[/etc/x]>"#,
            r#"7 write(3<[/d/j]>, "[ab]", 2) = 2"#,
            r#"7 write(4<[/etc/x]>, "[zz]", 2) = 2"#,
            r#"7 pwrite64(3<[/d/j]>, "[cd]", 2, 10 <unfinished ...>"#,
            "7 <... pwrite64 resumed>)       = 2",
            r#"7 writev(3<[/d/j]>, {iov_base="[e]", iov_len=1}, {iov_base="[f]", iov_len=1}, 2) = 2"#,
            "7 ftruncate(3<[/d/j]>, 100) = 0",
            "7 fsync(3<[/d/j]>) = 0",
        ]);
        let j = FileId(1);
        let expected = [
            Event::Create(j, "/d/j".into()),
            Event::Write(j, Some(0), b"ab".to_vec()),
            Event::Write(j, Some(10), b"cd".to_vec()),
            Event::Write(j, Some(2), b"ef".to_vec()),
            Event::Resize(j, 100),
            Event::SyncStart(j, 7),
            Event::SyncEnd(j, 7),
        ];
        assert_eq!(events, expected);
    }

    #[test]
    fn a_sync_that_was_only_pretended_never_ends() {
        let events = trace(&[
            r#"7 openat(AT_FDCWD<[/w]>, "[/d/old]", O_WRONLY|O_APPEND) = 3<[/d/old]>"#,
            "7 fdatasync(3<[/d/old]>) = 0 (INJECTED)",
        ]);
        assert_eq!(events, [Event::SyncStart(FileId(0), 7)]);
    }

    #[test]
    fn an_answer_counts_from_its_start_and_a_sync_from_its_end() {
        let events = trace(&[
            r#"7 openat(AT_FDCWD<[/w]>, "[/d/old]", O_WRONLY|O_APPEND) = 3<[/d/old]>"#,
            "7 fdatasync(3<[/d/old]> <unfinished ...>",
            "8 sendto(9<[socket]>, \"[HTTP/1.1 201 Created\r\nClient-Request-Id: m1\r\n\r\n]\", 9 <unfinished ...>",
            "7 <... fdatasync resumed>) = 0",
            "8 <... sendto resumed>) = 9",
            "8 sendto(9<[socket]>, \"[HTTP/1.1 409 Conflict\r\nclient-request-id: m2\r\n\r\n]\", 9) = 9",
        ]);
        let old = FileId(0);
        let expected = [Event::SyncStart(old, 7), Event::Acknowledged("m1".into()), Event::SyncEnd(old, 7)];
        assert_eq!(events, expected);
    }

    #[test]
    fn a_write_that_the_kill_fell_into_may_have_happened() {
        let name = hex("/d/old");
        let open = format!("7 openat(AT_FDCWD<\\x2f>, \"{name}\", O_WRONLY) = 3<{name}>\n");
        let write = format!("7 pwrite64(3<{name}>, \"\\x61\", 1, 5");
        for end in [" <unfinished ...>\n7 +++ killed by SIGKILL +++", " <unfinished ...>) = ?", ") = ?"] {
            let text = format!("{open}{write}{end}\n");
            let trace = read(&text, Path::new("/d"), &[PathBuf::from("/d/old")]).unwrap();
            assert_eq!(trace.events, []);
            assert_eq!(trace.uncertain, [Event::Write(FileId(0), Some(5), b"a".to_vec())]);
        }
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        let path = hex("/d/old");
        let line = format!("7 fallocate(3<{path}>, 0, 0, 9) = 0\n");
        assert!(read(&line, Path::new("/d"), &[]).is_err());
        assert!(read("7 fallocate(3<\\x2f>, 0, 0, 9) = 0\n", Path::new("/d"), &[]).is_ok());
    }
}
