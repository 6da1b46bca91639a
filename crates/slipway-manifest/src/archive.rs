//! Files of an untrusted zip archive, within limits.
//!
//! [`Archive::open`] looks at every entry and unpacks each once into nothing: what an archive says about its
//! own sizes is not believed. Only then can files be read by name. The limits are this server's own; Graph
//! documents none.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};

use zip::read::{ArchiveOffset, Config, ZipFile};
use zip::result::ZipError;
use zip::{ZipArchive, ZipReadOptions};

use crate::error::PackageError;

/// Largest archive that is read, in bytes.
pub const MAX_PACKAGE_BYTES: usize = 16 * 1024 * 1024;
/// Most entries, folders among them.
const MAX_ENTRIES: usize = 1_000;
/// Largest central directory, in bytes: the zip crate keeps all of it, unfolded, in memory.
const MAX_DIRECTORY_BYTES: usize = 512 * 1024;
/// Largest file, unpacked, in bytes.
const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;
/// Most bytes of all files together, unpacked.
const MAX_UNPACKED_BYTES: u64 = 32 * 1024 * 1024;
/// Files up to this size, unpacked, may be packed however tightly: blank pictures are.
const ANY_RATIO_BYTES: u64 = 64 * 1024;
/// Most bytes that one packed byte of a larger file may become.
const MAX_RATIO: u64 = 100;
/// Longest path, in bytes.
const MAX_PATH_BYTES: usize = 255;
/// Most parts of a path.
const MAX_PATH_DEPTH: usize = 16;

/// An archive whose entries have all been found to be harmless and whole.
pub struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    files: BTreeMap<String, usize>,
}

impl<'a> Archive<'a> {
    /// Checks the whole archive; see the module for what that means.
    pub fn open(bytes: &'a [u8]) -> Result<Self, PackageError> {
        if bytes.len() > MAX_PACKAGE_BYTES {
            return refuse(format!("The archive is larger than {MAX_PACKAGE_BYTES} bytes."));
        }
        check_directory(bytes)?;
        let config = Config { archive_offset: ArchiveOffset::Known(0) };
        let opened = ZipArchive::with_config(config, Cursor::new(bytes));
        let mut zip = opened.map_err(|error| unreadable(None, &error))?;
        if zip.has_duplicate_names() {
            return refuse("The archive has two entries of the same name.".to_owned());
        }
        let mut files = BTreeMap::new();
        let mut folded = BTreeMap::new();
        let (mut packed, mut unpacked) = (0, 0);
        for index in 0..zip.len() {
            // An encrypted entry is let through here, to be refused by its name.
            let options = ZipReadOptions::new().ignore_encryption_flag(true);
            let opened = zip.by_index_with_options(index, options);
            let mut entry = opened.map_err(|error| unreadable(None, &error))?;
            let name = entry.name().map_err(|error| unreadable(None, &error))?.into_owned();
            check_path(&name)?;
            if let Some(other) = folded.insert(name.trim_end_matches('/').to_lowercase(), name.clone()) {
                let (other, name) = (other.escape_debug(), name.escape_debug());
                return refuse(format!("The entries '{other}' and '{name}' have the same name."));
            }
            // Entries may point to the same bytes, and unpacking those may take long and give nothing.
            packed += entry.compressed_size().min(bytes.len() as u64);
            if packed > bytes.len() as u64 {
                return refuse("The entries are together larger than the archive.".to_owned());
            }
            unpacked += check_content(&mut entry, &name)?;
            if unpacked > MAX_UNPACKED_BYTES {
                return refuse(format!("The archive unpacks to more than {MAX_UNPACKED_BYTES} bytes."));
            }
            if entry.is_file() {
                files.insert(name, index);
            }
        }
        Ok(Self { zip, files })
    }

    /// Whether there is a file of exactly this name.
    pub fn has(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// The file of exactly this name, if there is one; refused if it has more than `most` bytes.
    pub fn read(&mut self, name: &str, most: u64) -> Result<Option<Vec<u8>>, PackageError> {
        let Some(index) = self.files.get(name) else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        let entry = self.zip.by_index(*index).map_err(|error| unreadable(Some(name), &error))?;
        let read = entry.take(most + 1).read_to_end(&mut bytes);
        if read.map_err(|error| unreadable(Some(name), &error.into()))? as u64 > most {
            return refuse(format!("The file '{}' is larger than {most} bytes.", name.escape_debug()));
        }
        Ok(Some(bytes))
    }
}

/// Bounds what the zip crate is going to read of the central directory.
///
/// The crate tries one end record after the other, backwards, and takes in all entries that a record announces;
/// so there must be one record only where it looks, and a small directory. ZIP64 is for archives of more than
/// 4 GiB or 65,535 entries, and its marks in the plain record break the limits below.
fn check_directory(bytes: &[u8]) -> Result<(), PackageError> {
    const SIGNATURE: &[u8] = b"PK\x05\x06";
    const RECORD_BYTES: usize = 22;
    /// Twice the longest comment: the crate looks somewhat farther back than a comment can reach.
    const TAIL_BYTES: usize = 2 * u16::MAX as usize;

    let tail_start = bytes.len().saturating_sub(TAIL_BYTES);
    let tail = bytes.get(tail_start..).unwrap_or_default();
    let mut found = tail.windows(SIGNATURE.len()).enumerate().filter(|(_, window)| *window == SIGNATURE);
    let record = found.next().and_then(|(at, _)| Some((tail_start + at, tail.get(at..at + RECORD_BYTES)?)));
    let Some((end, record)) = record else {
        let reason = "End of Central Directory record could not be found.".to_owned();
        return Err(PackageError::NotAZip { reason });
    };
    if found.next().is_some() {
        return refuse("The archive has two end records, so its content is ambiguous.".to_owned());
    }
    let number = |at: usize, length: usize| {
        let field = record.get(at..at + length).unwrap_or_default();
        field.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte))
    };
    let (disk, directory_disk, entries, start) = (number(4, 2), number(6, 2), number(10, 2), number(16, 4));
    if disk != 0 || directory_disk != 0 {
        return refuse("The archive is in several parts.".to_owned());
    }
    if entries > MAX_ENTRIES {
        return refuse(format!("The archive has more than {MAX_ENTRIES} entries."));
    }
    if end.saturating_sub(start) > MAX_DIRECTORY_BYTES {
        return refuse(format!("The archive's directory is larger than {MAX_DIRECTORY_BYTES} bytes."));
    }
    Ok(())
}

/// Paths are relative, plain and short; a folder's ends with a slash.
fn check_path(path: &str) -> Result<(), PackageError> {
    let mut parts = path.strip_suffix('/').unwrap_or(path).split('/');
    let wrong = if path.len() > MAX_PATH_BYTES {
        format!("is longer than {MAX_PATH_BYTES} bytes")
    } else if path.chars().any(|c| c.is_control() || matches!(c, '\\' | ':')) {
        "has a backslash, colon or control character".to_owned()
    } else if parts.clone().any(|part| matches!(part, "" | "." | "..")) {
        "is absolute or leaves its folder".to_owned()
    } else if parts.nth(MAX_PATH_DEPTH).is_some() {
        format!("has more than {MAX_PATH_DEPTH} parts")
    } else {
        return Ok(());
    };
    let shown: String = path.chars().take(MAX_PATH_BYTES).collect();
    refuse(format!("The path '{}' {wrong}.", shown.escape_debug()))
}

/// Unpacks the entry into nothing and gives its true size in bytes; the zip crate checks the CRC.
fn check_content<R: Read>(entry: &mut ZipFile<'_, R>, name: &str) -> Result<u64, PackageError> {
    let shown = name.escape_debug();
    if entry.encrypted() {
        return refuse(format!("The entry '{shown}' is encrypted."));
    }
    if entry.is_symlink() {
        return refuse(format!("The entry '{shown}' is a symbolic link."));
    }
    let packed = entry.compressed_size().max(1);
    let unpacked = io::copy(&mut entry.take(MAX_FILE_BYTES + 1), &mut io::sink())
        .map_err(|error| unreadable(Some(name), &error.into()))?;
    if unpacked > MAX_FILE_BYTES {
        return refuse(format!("The entry '{shown}' unpacks to more than {MAX_FILE_BYTES} bytes."));
    }
    if unpacked > ANY_RATIO_BYTES && unpacked / packed > MAX_RATIO {
        return refuse(format!("The entry '{shown}' unpacks to more than {MAX_RATIO} times its size."));
    }
    Ok(unpacked)
}

fn unreadable(name: Option<&str>, error: &ZipError) -> PackageError {
    let place = name.map(|name| format!("entry '{}': ", name.escape_debug())).unwrap_or_default();
    match error {
        ZipError::Io(error) => PackageError::NotAZip { reason: format!("{place}{error}.") },
        ZipError::InvalidArchive(text) => PackageError::NotAZip { reason: format!("{place}{text}.") },
        _ => PackageError::Refused(format!("The archive cannot be read: {place}{error}.")),
    }
}

fn refuse<T>(text: String) -> Result<T, PackageError> {
    Err(PackageError::Refused(text))
}
