//! A place in the manifest.

use serde_json::Value;

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

    /// Whether there is a property of that name.
    pub fn has(&self, name: &str) -> bool {
        !self.field(name).is_absent()
    }

    pub fn value(&self) -> Option<&'a Value> {
        self.value
    }

    pub fn is_absent(&self) -> bool {
        self.value.is_none()
    }

    /// Its items, if it is a list; else none.
    pub fn items(&self) -> Vec<Self> {
        let items = self.value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let item = |(at, value)| Self { path: format!("{}[{at}]", self.path), value: Some(value) };
        items.iter().enumerate().map(item).collect()
    }

    /// Its text, if it is a string.
    pub fn text(&self) -> Option<&'a str> {
        self.value.and_then(Value::as_str)
    }

    /// Its text, if it is a string with more than blanks.
    pub fn filled_text(&self) -> Option<&'a str> {
        self.text().filter(|text| !text.trim().is_empty())
    }

    /// Whether it is `true`.
    pub fn is_true(&self) -> bool {
        self.value.and_then(Value::as_bool).unwrap_or_default()
    }
}

/// Whether the text has more than `most` characters.
pub fn is_longer(text: &str, most: usize) -> bool {
    text.chars().nth(most).is_some()
}
