//! JSON text in the making, property by property, without a tree in between.

use serde::Serialize;

/// What is written so far.
#[derive(Default)]
pub(super) struct Json(pub(super) Vec<u8>);

impl Json {
    pub(super) fn open(&mut self, bracket: u8) {
        self.0.push(bracket);
    }

    pub(super) fn close(&mut self, bracket: u8) {
        self.0.push(bracket);
    }

    /// A comma, unless this is the first of its kind.
    pub(super) fn separate(&mut self) {
        if !matches!(self.0.last(), None | Some(b'{' | b'[' | b':')) {
            self.0.push(b',');
        }
    }

    pub(super) fn name(&mut self, name: &str) {
        self.separate();
        self.scalar(&name);
        self.0.push(b':');
    }

    pub(super) fn field(&mut self, name: &str, value: &impl Serialize) {
        self.name(name);
        self.scalar(value);
    }

    pub(super) fn scalar(&mut self, value: &(impl Serialize + ?Sized)) {
        // Writing text and numbers to memory cannot fail.
        let _ = serde_json::to_writer(&mut self.0, value);
    }
}
