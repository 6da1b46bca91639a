//! Segments of addresses, and references to entities as `@odata.bind` has them.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// Splits `users('a')` into the name `users` and the key `a`; a quote inside a key is doubled. A key that names its
/// property, as in `applications(appId='a')`, stays as it is: [`alternate_key`] reads it. Percent-encoding must be
/// undone before.
#[must_use]
pub fn split_key_form(segment: &str) -> (&str, Option<Cow<'_, str>>) {
    if let Some((name, key)) = segment.strip_suffix("')").and_then(|rest| rest.split_once("('")) {
        return (name, Some(undoubled(key)));
    }
    let parts = segment.strip_suffix(')').and_then(|rest| rest.split_once('('));
    match parts.filter(|(_, key)| named_key(key).is_some()) {
        Some((name, key)) => (name, Some(Cow::Borrowed(key))),
        None => (segment, None),
    }
}

/// The value of a key that names its property, as in `appId='a'` (OData 4.01, alternate keys).
#[must_use]
pub fn alternate_key<'k>(key: &'k str, property: &str) -> Option<Cow<'k, str>> {
    let (name, value) = named_key(key)?;
    name.eq_ignore_ascii_case(property).then(|| undoubled(value))
}

fn named_key(key: &str) -> Option<(&str, &str)> {
    let (name, value) = key.split_once("='")?;
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric());
    Some((name, value.strip_suffix('\'')?)).filter(|_| is_name)
}

fn undoubled(key: &str) -> Cow<'_, str> {
    if key.contains("''") { Cow::Owned(key.replace("''", "'")) } else { Cow::Borrowed(key) }
}

/// The key of the entity of `collection` that the address names: its ending is `/teamsApps/{key}` or
/// `/teamsApps('{key}')`, the collection without case. Only the ending counts, since Graph's own samples bind v1.0
/// addresses on graph.microsoft.com from beta calls. What is no UTF-8 after decoding has U+FFFD in its place.
#[must_use]
pub fn entity_reference(value: &str, collection: &str) -> Option<String> {
    let address = value.split(['?', '#']).next().unwrap_or_default();
    let mut segments = address.rsplit('/').filter(|segment| !segment.is_empty());
    let mut decoded = || segments.next().map(|segment| percent_decode_str(segment).decode_utf8_lossy());
    let (last, parent) = (decoded()?, decoded());
    if parent.is_some_and(|parent| parent.eq_ignore_ascii_case(collection)) {
        return Some(last.into_owned());
    }
    let (name, key) = split_key_form(&last);
    key.filter(|_| name.eq_ignore_ascii_case(collection)).map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    use super::*;

    fn app(value: &str) -> Option<String> {
        entity_reference(value, "teamsApps")
    }

    #[test]
    fn names_and_keys() {
        assert_eq!(split_key_form("users"), ("users", None));
        assert_eq!(split_key_form("users('a')"), ("users", Some("a".into())));
        assert_eq!(split_key_form("users('o''hara@x')"), ("users", Some("o'hara@x".into())));
        assert_eq!(split_key_form("users(a)"), ("users(a)", None));
        assert_eq!(split_key_form("')"), ("')", None));
        assert_eq!(split_key_form("apps(appId='a')"), ("apps", Some("appId='a'".into())));
        assert_eq!(split_key_form("apps(='a')"), ("apps(='a')", None));
        assert_eq!(split_key_form("apps(a b='a')"), ("apps(a b='a')", None));
    }

    #[test]
    fn keys_that_name_their_property() {
        assert_eq!(alternate_key("appId='a'", "appid"), Some("a".into()));
        assert_eq!(alternate_key("appId='o''b'", "appId"), Some("o'b".into()));
        assert_eq!(alternate_key("appId=''", "appId"), Some("".into()));
        for key in ["a", "appId='", "name='a'", "appId=a", "='a'"] {
            assert_eq!(alternate_key(key, "appId"), None, "{key}");
        }
    }

    #[test]
    fn only_the_ending_counts() {
        for value in [
            "https://graph.microsoft.com/v1.0/appCatalogs/teamsApps/12345678-9abc-def0-123456789a",
            "https://graph.microsoft.com/beta/appCatalogs/teamsApps('12345678-9abc-def0-123456789a')",
            "http://localhost:8365/v1.0/appcatalogs/TEAMSAPPS/12345678-9abc-def0-123456789a/",
            "appCatalogs/teamsApps/12345678%2D9abc-def0-123456789a",
            "/teamsApps/12345678-9abc-def0-123456789a",
            "teamsApps('12345678-9abc-def0-123456789a')",
            "https://g/v1.0/appCatalogs/teamsApps(%2712345678-9abc-def0-123456789a%27)",
            "https://g/v1.0//appCatalogs//teamsApps//12345678-9abc-def0-123456789a",
            "https://g/v1.0/appCatalogs/teamsApps/12345678-9abc-def0-123456789a?x=/a#/b",
        ] {
            assert_eq!(app(value).as_deref(), Some("12345678-9abc-def0-123456789a"), "{value}");
        }
    }

    #[test]
    fn a_key_can_be_anything() {
        for (value, key) in [
            ("https://g/v1.0/appCatalogs/teamsApps/a b", "a b"),
            ("https://g/v1.0/appCatalogs/teamsApps/a!b", "a!b"),
            ("x/teamsApps('a%23b')", "a#b"),
            ("x/teamsApps('')", ""),
            ("x/teamsApps/%FF", "\u{FFFD}"),
            ("x/teamsApps('o''b')", "o'b"),
            ("x/teamsApps/teamsApps", "teamsApps"),
        ] {
            assert_eq!(app(value).as_deref(), Some(key), "{value}");
        }
    }

    #[test]
    fn what_is_no_address_of_an_app() {
        for value in [
            "",
            "///",
            "51190000-0000-4000-8000-00000000b001",
            "https://g/v1.0/users/u",
            "https://g/teamsApps",
            "x/apps('a')",
            "x/teamsApps('a#b')",
            "x/teamsApps/a/b",
        ] {
            assert_eq!(app(value), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in ".*") {
            let _ = app(&text);
        }

        #[test]
        fn a_written_key_is_read(key in ".{1,12}") {
            let encoded = |key: &str| utf8_percent_encode(key, NON_ALPHANUMERIC).to_string();
            prop_assert_eq!(app(&format!("a/teamsApps/{}", encoded(&key))), Some(key.clone()));
            let quoted = encoded(&key.replace('\'', "''"));
            prop_assert_eq!(app(&format!("a/teamsApps('{quoted}')")), Some(key));
        }
    }
}
