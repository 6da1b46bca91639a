//! What a story has given names to, and how texts and JSON values mention it: `{name}`, and `b64(text)`.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::path::as_text;

/// Names and what they stand for.
#[derive(Debug, Default)]
pub struct Names(BTreeMap<String, Value>);

impl Names {
    /// Names for texts.
    pub fn new<const N: usize>(texts: [(&str, &str); N]) -> Self {
        Self(texts.into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect())
    }

    /// Gives something a name, in place of what had it before.
    pub fn set(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// The text with each `{name}` replaced by what it stands for, and then each `b64(…)` by its base64.
    ///
    /// # Errors
    /// When a name is not known or `b64(` does not close.
    pub fn fill(&self, text: &str) -> anyhow::Result<String> {
        let (mut filled, mut rest) = (String::new(), text);
        while let Some((before, name, after)) = next_name(rest) {
            filled.push_str(before);
            filled.push_str(&as_text(self.get(name)?));
            rest = after;
        }
        filled.push_str(rest);
        encode(&filled)
    }

    /// The JSON value with its texts filled. A text that is nothing but one name becomes what the name stands for, be
    /// it a text, a list or an object.
    ///
    /// # Errors
    /// As [`Self::fill`].
    pub fn fill_json(&self, value: &Value) -> anyhow::Result<Value> {
        Ok(match value {
            Value::String(text) => match next_name(text) {
                Some(("", name, "")) => self.get(name)?.clone(),
                _ => self.fill(text)?.into(),
            },
            Value::Array(elements) => {
                elements.iter().map(|element| self.fill_json(element)).collect::<anyhow::Result<_>>()?
            }
            Value::Object(properties) => {
                let fill = |(key, value): (&String, &Value)| Ok((key.clone(), self.fill_json(value)?));
                Value::Object(properties.iter().map(fill).collect::<anyhow::Result<_>>()?)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        })
    }

    fn get(&self, name: &str) -> anyhow::Result<&Value> {
        self.0.get(name).with_context(|| format!("nothing is called '{{{name}}}' here"))
    }
}

/// Whether a text can be a name: a small letter, then letters and digits. So no JSON object looks like a name in braces.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_alphanumeric())
}

/// The text before the first name in braces, the name, and the text after it.
fn next_name(text: &str) -> Option<(&str, &str, &str)> {
    for (open, _) in text.match_indices('{') {
        let inner = &text[open + 1..];
        if let Some((name, after)) = inner.split_once('}')
            && is_name(name)
        {
            return Some((&text[..open], name, after));
        }
    }
    None
}

fn encode(text: &str) -> anyhow::Result<String> {
    let (mut encoded, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("b64(") {
        let Some((plain, behind)) = after.split_once(')') else { bail!("'b64(' without ')' in '{text}'") };
        ensure!(!plain.is_empty(), "'b64()' in '{text}'");
        encoded.push_str(before);
        STANDARD.encode_string(plain, &mut encoded);
        rest = behind;
    }
    encoded.push_str(rest);
    Ok(encoded)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_and_base64_are_filled_in() {
        let mut names = Names::new([("user", "u1"), ("app", "a1")]);
        assert_eq!(names.fill("/users/{user}/x('{app}')").unwrap(), "/users/u1/x('a1')");
        assert_eq!(names.fill("/b64({user}##{app})/upgrade").unwrap(), "/dTEjI2Ex/upgrade");
        assert_eq!(names.fill(r#"{"a":{"b":1}} {0} {}"#).unwrap(), r#"{"a":{"b":1}} {0} {}"#);
        assert!(names.fill("{nobody}").is_err());
        assert!(names.fill("b64(x").is_err() && names.fill("b64()").is_err());
        names.set("app", json!(7));
        assert_eq!(names.fill("{app}").unwrap(), "7");
    }

    #[test]
    fn json_takes_whole_values() {
        let names = Names::new([("id", "a1")]);
        let mut more = names;
        more.set("set", json!({ "list": [1] }));
        let filled = more.fill_json(&json!({ "a": "{set}", "b": ["x{id}", null, 2] })).unwrap();
        assert_eq!(filled, json!({ "a": { "list": [1] }, "b": ["xa1", null, 2] }));
    }
}
