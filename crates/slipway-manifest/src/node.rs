//! A place in the manifest and the schema rules that places have in common.

use serde_json::Value;

use crate::findings::Findings;

/// Shape of a GUID in Microsoft's manifest schemas.
const GUID_PATTERN: &str = "^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$";

/// The schemas have no such rule; a name with a NUL in it is no name.
const NO_NUL_PATTERN: &str = "^[^\\u0000]*$";

/// A value of the manifest with its path; a property that is absent or null has no value.
pub struct Node<'a> {
    pub path: String,
    value: Option<&'a Value>,
}

impl<'a> Node<'a> {
    /// The manifest itself; its path is empty.
    pub fn root(value: &'a Value) -> Self {
        Self { path: String::new(), value: Some(value) }
    }

    /// The property of that name; absent if this is no object.
    pub fn field(&self, name: &str) -> Self {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Self { path, value: self.value.and_then(|value| value.get(name)).filter(|value| !value.is_null()) }
    }

    pub fn is_absent(&self) -> bool {
        self.value.is_none()
    }

    /// Itself; its absence is a finding.
    pub fn required(self, findings: &mut Findings) -> Self {
        if self.is_absent() {
            findings.required(&self.path);
        }
        self
    }

    /// Itself, if it is an object; another value is a finding.
    pub fn object(self, findings: &mut Findings) -> Option<Self> {
        let value = self.value?;
        if value.is_object() {
            return Some(self);
        }
        findings.wrong_type(value, "Object", &self.path);
        None
    }

    /// Its items, if it is an array; another value and more than `most` items are findings, and what lies
    /// beyond is not looked at.
    pub fn items(&self, most: usize, findings: &mut Findings) -> Vec<Self> {
        let Some(value) = self.value else {
            return Vec::new();
        };
        let Some(items) = value.as_array() else {
            findings.wrong_type(value, "Array", &self.path);
            return Vec::new();
        };
        if items.len() > most {
            findings.too_many(items.len(), most, &self.path);
        }
        let item = |(at, value)| Self { path: format!("{}[{at}]", self.path), value: Some(value) };
        items.iter().take(most).enumerate().map(item).collect()
    }

    /// Its text, if it is a string; another value is a finding, and a NUL character, which nobody can keep.
    pub fn text(&self, findings: &mut Findings) -> Option<&'a str> {
        let value = self.value?;
        match value.as_str() {
            Some(text) if text.contains('\0') => findings.pattern(text, NO_NUL_PATTERN, &self.path),
            Some(_) => {}
            None => findings.wrong_type(value, "String", &self.path),
        }
        value.as_str()
    }

    /// Its text; more than `most` characters are a finding.
    pub fn text_up_to(&self, most: usize, findings: &mut Findings) -> Option<&'a str> {
        let text = self.text(findings)?;
        if is_longer(text, most) {
            findings.too_long(text, most, &self.path);
        }
        Some(text)
    }

    /// Its text; another text than a GUID is a finding.
    pub fn guid(&self, findings: &mut Findings) -> Option<&'a str> {
        let text = self.text(findings)?;
        if !is_guid(text) {
            findings.pattern(text, GUID_PATTERN, &self.path);
        }
        Some(text)
    }
}

/// Whether the text has more than `most` characters.
pub fn is_longer(text: &str, most: usize) -> bool {
    text.chars().nth(most).is_some()
}

/// Whether the text is `8-4-4-4-12` hexadecimal digits.
pub fn is_guid(text: &str) -> bool {
    let parts = || text.split('-');
    parts().map(str::len).eq([8, 4, 4, 4, 12])
        && parts().all(|part| part.bytes().all(|b| b.is_ascii_hexdigit()))
}
