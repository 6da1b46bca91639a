//! Segments of Graph addresses: `name` or `name('key')`.

use std::borrow::Cow;

/// Splits `users('a')` into the name `users` and the key `a`; a quote inside a key is doubled.
pub(crate) fn split_key_form(segment: &str) -> (&str, Option<Cow<'_, str>>) {
    match segment.strip_suffix("')").and_then(|rest| rest.split_once("('")) {
        Some((name, key)) if key.contains("''") => (name, Some(Cow::Owned(key.replace("''", "'")))),
        Some((name, key)) => (name, Some(Cow::Borrowed(key))),
        None => (segment, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_keys() {
        assert_eq!(split_key_form("users"), ("users", None));
        assert_eq!(split_key_form("users('a')"), ("users", Some("a".into())));
        assert_eq!(split_key_form("users('o''hara@x')"), ("users", Some("o'hara@x".into())));
        assert_eq!(split_key_form("users(a)"), ("users(a)", None));
        assert_eq!(split_key_form("')"), ("')", None));
    }
}
