//! Writing the lines of an export.

use std::fmt::Write as _;
use std::io::{self, Write};

use aws_lc_rs::digest::{Context, SHA256};
use serde::Serialize;

use super::file::{Counts, FORMAT, First, Last, PRODUCT, RecordLine};
use crate::kind::Kind;

/// A file in the making.
pub(super) struct Writer<W> {
    output: W,
    sum: Context,
    counts: Counts,
    /// Kept for its memory.
    line: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Writes the first line.
    pub(super) fn begin(output: W) -> io::Result<Self> {
        let mut writer =
            Self { output, sum: Context::new(&SHA256), counts: Counts::default(), line: Vec::new() };
        writer.write(&First { format: FORMAT, product: PRODUCT.into() })?;
        Ok(writer)
    }

    /// Writes the line of a record whose kind moves.
    pub(super) fn record(&mut self, kind: Kind, tenant: Option<&str>, document: &[u8]) -> io::Result<()> {
        let Some(kind) = self.counts.count(kind) else {
            return Ok(());
        };
        let document = serde_json::from_slice(document)?;
        self.write(&RecordLine { kind: kind.into(), tenant: tenant.map(Into::into), document })
    }

    /// Writes the last line.
    pub(super) fn finish(mut self) -> io::Result<Counts> {
        let sha256 = hex(self.sum.clone());
        self.write(&Last { counts: self.counts.told(), sha256 })?;
        self.output.flush()?;
        Ok(self.counts)
    }

    fn write(&mut self, line: &impl Serialize) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line)?;
        self.line.push(b'\n');
        self.sum.update(&self.line);
        self.output.write_all(&self.line)
    }
}

/// The sum in hexadecimal digits.
pub(super) fn hex(sum: Context) -> String {
    sum.finish().as_ref().iter().fold(String::new(), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
