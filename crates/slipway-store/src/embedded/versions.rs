//! The lists of tables, checked before the tree reads them.
//!
//! For each keyspace the tree keeps a file `v{number}` that lists its tables, and a file `current` with the number and
//! the list's checksum. It does not compare the checksum, and it deletes tables that the list does not name and
//! keyspaces without `current`: one damaged byte would delete rows. Layout: that of lsm-tree 3.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3;

use super::folder::COMMITS;
use super::tree::FOLDER;
use crate::error::OpenError;

/// Whether there is a tree in the folder that was made to its end. What an interrupted first start left of one is
/// removed.
pub(super) fn exist(folder: &Path) -> Result<bool, OpenError> {
    let tree = folder.join(FOLDER);
    let io = |error| OpenError::Folder(tree.clone(), error);
    if tree.join("version").try_exists().map_err(io)? {
        return Ok(true);
    }
    // The first is made last, the other after the tree.
    if !is_empty(&tree.join("keyspaces")).map_err(io)? || folder.join(COMMITS).try_exists().map_err(io)? {
        return Err(damaged(&tree, "it has no file 'version'"));
    }
    match fs::remove_dir_all(&tree) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io(error)),
        Ok(()) | Err(_) => Ok(false),
    }
}

/// Compares every list of tables with its checksum, looks for the files in it, and compares tables that lead to blobs
/// with their checksum too: which blobs they lead to is under no other.
pub(super) fn check(tree: &Path) -> Result<(), OpenError> {
    for keyspace in keyspaces(tree)? {
        let Some(list) = list(&keyspace)? else { continue };
        let files = list.files().map_err(|error| OpenError::Folder(list.path.clone(), error))?;
        let leads_to_blobs = files.iter().any(|file| file.is_blob);
        for file in &files {
            if leads_to_blobs && !file.is_blob {
                compare(&file.path, file.checksum, &list.path)?;
            } else if !file.path.try_exists().map_err(|error| OpenError::Folder(file.path.clone(), error))? {
                return Err(missing(&file.path, &list.path));
            }
        }
    }
    Ok(())
}

/// The keyspaces that hold their values beside their keys, but for the one in which the tree keeps what it is made of.
pub(super) fn keyspaces_without_blobs(tree: &Path) -> Result<Vec<PathBuf>, OpenError> {
    let mut found = keyspaces(tree)?;
    found.retain(|keyspace| {
        !keyspace.ends_with("0") && keyspace.join("current").exists() && !keyspace.join("blobs").exists()
    });
    Ok(found)
}

/// A table or a file of blobs that has not the checksum in its list, as far as they can be read. Reads all of them,
/// and may do so while the tree is open.
pub(super) fn damaged_file(tree: &Path) -> Option<PathBuf> {
    let lists = keyspaces(tree).ok()?.into_iter().filter_map(|keyspace| list(&keyspace).ok().flatten());
    let mut files = lists.filter_map(|list| list.files().ok()).flatten();
    files.find(|file| checksum(&file.path).is_ok_and(|found| found != file.checksum)).map(|file| file.path)
}

fn keyspaces(tree: &Path) -> Result<Vec<PathBuf>, OpenError> {
    let folder = tree.join("keyspaces");
    let read = || {
        let entries = fs::read_dir(&folder)?.collect::<io::Result<Vec<_>>>()?;
        Ok(entries.into_iter().map(|entry| entry.path()).filter(|path| path.is_dir()).collect())
    };
    read().map_err(|error| OpenError::Folder(folder.clone(), error))
}

/// The list of tables that a keyspace goes by.
struct List {
    path: PathBuf,
    keyspace: PathBuf,
}

/// A file that a list names.
struct Listed {
    path: PathBuf,
    checksum: u128,
    is_blob: bool,
}

/// The keyspace's list, with the checksum that stands beside its number; none = the keyspace was not made to its end.
fn list(keyspace: &Path) -> Result<Option<List>, OpenError> {
    let current = keyspace.join("current");
    let io = |error| OpenError::Folder(current.clone(), error);
    let bytes = match fs::read(&current) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let empty = is_empty(&keyspace.join("tables")).map_err(io)?;
            return if empty { Ok(None) } else { Err(damaged(&current, "it is missing")) };
        }
        bytes => bytes.map_err(io)?,
    };
    let parts =
        bytes.split_first_chunk().and_then(|(number, rest)| Some((number, rest.split_first_chunk()?)));
    // The last byte is the kind of checksum; there is one kind.
    let Some((number, (checksum, [0]))) = parts else {
        return Err(damaged(&current, "it does not tell the list of tables"));
    };
    let path = keyspace.join(format!("v{}", u64::from_le_bytes(*number)));
    compare(&path, u128::from_le_bytes(*checksum), &current)?;
    Ok(Some(List { path, keyspace: keyspace.to_owned() }))
}

impl List {
    /// Tables: a count of levels (1 byte), per level a count of runs (1), per run a count of tables (4), per table its
    /// number (8), the kind of its checksum (1), the checksum (16) and a sequence number (8). Blobs: a count of files
    /// (4), per file its number, kind of checksum and checksum. Numbers little end first.
    fn files(&self) -> io::Result<Vec<Listed>> {
        let archive = sfa::Reader::new(&self.path).map_err(io::Error::other)?;
        let section = |name: &[u8]| {
            let section = archive.toc().section(name).ok_or(io::ErrorKind::InvalidData)?;
            section.buf_reader(&self.path)
        };
        let mut files = Vec::new();
        let mut input = section(b"tables")?;
        let [levels] = bytes(&mut input)?;
        for _ in 0..levels {
            let [runs] = bytes(&mut input)?;
            for _ in 0..runs {
                for _ in 0..u32::from_le_bytes(bytes(&mut input)?) {
                    let (name, checksum) = named(&mut input)?;
                    let path = self.keyspace.join("tables").join(name);
                    files.push(Listed { path, checksum, is_blob: false });
                    let _sequence: [u8; 8] = bytes(&mut input)?;
                }
            }
        }
        let mut input = section(b"blob_files")?;
        for _ in 0..u32::from_le_bytes(bytes(&mut input)?) {
            let (name, checksum) = named(&mut input)?;
            files.push(Listed { path: self.keyspace.join("blobs").join(name), checksum, is_blob: true });
        }
        Ok(files)
    }
}

/// Number of a file, which is its name, and checksum.
fn named(input: &mut impl Read) -> io::Result<(String, u128)> {
    let number = u64::from_le_bytes(bytes(input)?);
    let [_kind] = bytes(input)?;
    Ok((number.to_string(), u128::from_le_bytes(bytes(input)?)))
}

fn bytes<const N: usize>(input: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn compare(file: &Path, expected: u128, named_in: &Path) -> Result<(), OpenError> {
    match checksum(file) {
        Ok(found) if found == expected => Ok(()),
        Ok(_) => {
            Err(damaged(file, &format!("it does not have the checksum that '{}' gives", named_in.display())))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(missing(file, named_in)),
        Err(error) => Err(OpenError::Folder(file.to_owned(), error)),
    }
}

fn missing(file: &Path, named_in: &Path) -> OpenError {
    damaged(file, &format!("it is missing, and '{}' names it", named_in.display()))
}

/// The checksum over a whole file, as the tree makes it for tables and their lists.
fn checksum(file: &Path) -> io::Result<u128> {
    let mut file = File::open(file)?;
    let mut checksum = Xxh3::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(checksum.digest128()),
            read => checksum.update(buffer.get(..read).unwrap_or_default()),
        }
    }
}

/// What is not there is empty too.
fn is_empty(folder: &Path) -> io::Result<bool> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// What to do stands with what is wrong.
pub(super) fn damaged(path: &Path, why: &str) -> OpenError {
    OpenError::Damaged(path.to_owned(), format!("{why}; restore the folder from a backup"))
}
