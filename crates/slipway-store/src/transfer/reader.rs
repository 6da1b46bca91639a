//! Reading the lines of an export, and seeing whether they are all there.

use std::borrow::Cow;
use std::io::{BufRead, Read};

use aws_lc_rs::digest::{Context, SHA256};

use super::error::ImportError;
use super::file::{self, Counts, FORMAT, First, Last, MAX_LINE_BYTES, RecordLine};
use super::writer::hex;
use crate::kind::Kind;
use crate::record::Undecodable;

/// A file that is being read.
pub(super) struct Reader<R> {
    input: R,
    sum: Context,
    counts: Counts,
    number: u64,
    line: Vec<u8>,
}

/// The line of a record.
pub(super) struct Line<'a> {
    /// From 1.
    pub(super) number: u64,
    pub(super) kind: Kind,
    pub(super) tenant: Option<Cow<'a, str>>,
    pub(super) document: &'a str,
}

impl Line<'_> {
    pub(super) fn refuse(&self, why: impl Into<String>) -> ImportError {
        ImportError::File { line: self.number, why: why.into() }
    }

    pub(super) fn undecodable(&self, error: &Undecodable) -> ImportError {
        self.refuse(format!("this {} cannot be read: {error}", self.kind.name()))
    }
}

impl<R: BufRead> Reader<R> {
    /// Reads the first line.
    ///
    /// # Errors
    /// [`ImportError::File`] if it is not that of an export, or of a newer form.
    pub(super) fn begin(input: R) -> Result<Self, ImportError> {
        let (sum, counts) = (Context::new(&SHA256), Counts::default());
        let mut reader = Self { input, sum, counts, number: 0, line: Vec::new() };
        reader.read_line()?;
        let First { format, product } = serde_json::from_slice(&reader.line)
            .map_err(|error| reader.refuse(format!("this is no export of Slipway: {error}")))?;
        if format > FORMAT {
            return Err(reader.refuse(format!(
                "written by a newer Slipway ('{product}'): its format is {format}, this one knows {FORMAT}"
            )));
        }
        reader.sum.update(&reader.line);
        Ok(reader)
    }

    /// The next record; none = that was all, and all of it is there.
    ///
    /// # Errors
    /// [`ImportError::File`] if the line is no record, or the file is cut or was changed.
    pub(super) fn next(&mut self) -> Result<Option<Line<'_>>, ImportError> {
        self.read_line()?;
        // A record's line differs from the last one in its first word, so that this costs nothing.
        if let Ok(last) = serde_json::from_slice::<Last<'_>>(&self.line) {
            return self.end(&last).map(|()| None);
        }
        self.sum.update(&self.line);
        let number = self.number;
        let refuse = |why: String| ImportError::File { line: number, why };
        let RecordLine { kind: name, tenant, document } =
            serde_json::from_slice(&self.line).map_err(|error| refuse(format!("no record: {error}")))?;
        let Some(kind) = file::kind(&name) else {
            return Err(refuse(format!("'{name}' is no kind of record")));
        };
        self.counts.count(kind);
        Ok(Some(Line { number, kind, tenant, document: document.get() }))
    }

    /// How many records were read.
    pub(super) fn counts(self) -> Counts {
        self.counts
    }

    /// Compares what was read with what the last line tells.
    fn end(&mut self, last: &Last<'_>) -> Result<(), ImportError> {
        if hex(self.sum.clone()) != last.sha256 {
            return Err(self.refuse("the file was changed: its SHA-256 is another one".to_owned()));
        }
        if self.counts.told() != last.counts {
            return Err(
                self.refuse("the file does not have the records that its last line counts".to_owned())
            );
        }
        if self.input.fill_buf().map_err(ImportError::Input)?.is_empty() {
            Ok(())
        } else {
            Err(self.refuse("something stands behind the last line".to_owned()))
        }
    }

    fn read_line(&mut self) -> Result<(), ImportError> {
        self.number += 1;
        self.line.clear();
        let longest = u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX);
        let mut input = self.input.by_ref().take(longest);
        input.read_until(b'\n', &mut self.line).map_err(ImportError::Input)?;
        if self.line.ends_with(b"\n") {
            Ok(())
        } else if self.line.len() == MAX_LINE_BYTES {
            Err(self.refuse(format!("the line is longer than {MAX_LINE_BYTES} bytes")))
        } else {
            Err(self.refuse("the file is cut: it ends before its last line".to_owned()))
        }
    }

    fn refuse(&self, why: String) -> ImportError {
        ImportError::File { line: self.number, why }
    }
}
