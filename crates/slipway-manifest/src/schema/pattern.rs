//! The forms of texts in the schema, as the schema writes them and as they are checked.

/// Longest URL and file name, in characters.
pub const MAX_REFERENCE: usize = 2048;

/// The schemas have no such rule.
pub const NO_NUL: &str = "^[^\\u0000]*$";

/// A form that a text may have.
pub struct Pattern {
    /// The schema's regular expression.
    pub text: &'static str,
    pub fits: fn(&str) -> bool,
}

pub const URL: Pattern = Pattern {
    text: "^[Hh][Tt][Tt][Pp][Ss]?://",
    fits: |text| has_scheme(text, "https") || has_scheme(text, "http"),
};

pub const SECURE_URL: Pattern =
    Pattern { text: "^[Hh][Tt][Tt][Pp][Ss]://", fits: |text| has_scheme(text, "https") };

pub const COLOR: Pattern = Pattern {
    text: "^#[0-9a-fA-F]{6}$",
    fits: |text| {
        let digits = text.strip_prefix('#').unwrap_or_default();
        digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit())
    },
};

pub const GUID: Pattern = Pattern {
    text: "^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$",
    fits: |text| {
        let parts = || text.split('-');
        parts().map(str::len).eq([8, 4, 4, 4, 12])
            && parts().all(|part| part.bytes().all(|b| b.is_ascii_hexdigit()))
    },
};

pub const LANGUAGE: Pattern = Pattern {
    text: "^[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8}){0,2}$",
    fits: |text| {
        let mut parts = text.split('-');
        parts.clone().count() <= 3
            && parts
                .all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
    },
};

pub const DIMENSION: Pattern = Pattern {
    text: "^((([0-9]*\\.)?[0-9]+)|[lL][aA][rR][gG][eE]|[mM][eE][dD][iI][uU][mM]|[sS][mM][aA][lL][lL])$",
    fits: |text| {
        let (whole, part) = text.split_once('.').unwrap_or(("", text));
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        ["large", "medium", "small"].iter().any(|word| word.eq_ignore_ascii_case(text))
            || (!part.is_empty() && digits(whole) && digits(part))
    },
};

/// Of an add-in's functions, their namespaces and enumerations.
pub const IDENTIFIER: Pattern = Pattern {
    text: "^[A-Za-z][A-Za-z0-9._]*$",
    fits: |text| text.starts_with(|c: char| c.is_ascii_alphabetic()) && is_made_of(text, "._"),
};

/// Of an add-in's functions as people see them.
pub const FUNCTION_NAME: Pattern = Pattern {
    text: "^[\\p{L}][\\p{L}0-9._]*$",
    fits: |text| {
        text.starts_with(char::is_alphabetic)
            && text.chars().all(|c| c.is_alphabetic() || c.is_ascii_digit() || matches!(c, '.' | '_'))
    },
};

pub const KEY_TIP: Pattern = Pattern {
    text: "^[A-Z0-9]+$",
    fits: |text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()),
};

pub const KEYS: Pattern =
    Pattern { text: "^[A-Za-z0-9-_+]+$", fits: |text| !text.is_empty() && is_made_of(text, "-_+") };

pub const HEADER: Pattern = Pattern {
    text: "^[A-Za-z0-9][A-Za-z0-9-]*$",
    fits: |text| text.starts_with(|c: char| c.is_ascii_alphanumeric()) && is_made_of(text, "-"),
};

pub const XLL_FILE: Pattern = Pattern {
    text: "^(?!.*[\\r\\n\\f\\b\\v\\u0007\\t])[\\S]*\\.xll$",
    fits: |text| {
        text.strip_suffix(".xll")
            .is_some_and(|name| !name.contains(|c: char| c.is_whitespace() || c.is_control()))
    },
};

pub const TEMPLATE_ID: Pattern =
    Pattern { text: "^[a-zA-Z0-9._-]+$", fits: |text| !text.is_empty() && is_made_of(text, "._-") };

/// Whether the text is a URI with a scheme.
pub fn is_uri(text: &str) -> bool {
    let scheme = text.split_once(':').map(|(scheme, _)| scheme).unwrap_or_default();
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && is_made_of(scheme, "+.-")
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

fn has_scheme(text: &str, scheme: &str) -> bool {
    text.split_once("://").is_some_and(|(found, _)| found.eq_ignore_ascii_case(scheme))
}

/// Whether the text has nothing but letters and digits of ASCII and the marks.
fn is_made_of(text: &str, marks: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || marks.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for (pattern, good, bad) in [
            (
                &URL,
                &["http://a", "HTTPS://a", "https://"][..],
                &["ftp://a", "a", "${{URL}}/x", " http://a"][..],
            ),
            (&SECURE_URL, &["https://a", "Https://a"], &["http://a", "a"]),
            (&COLOR, &["#2D7D9a"], &["2D7D9A", "#2D7D9", "#2D7D9AA", "#2D7D9G", ""]),
            (&GUID, &["ABCDEF01-2345-6789-abcd-ef0123456789"], &["", "ABCDEF01-2345-6789-abcd-ef012345678g"]),
            (
                &LANGUAGE,
                &["en", "en-us", "zh-Hans-CN", "12345678"],
                &["", "en_us", "a-b-c-d", "en-", "123456789"],
            ),
            (&DIMENSION, &["20", "0.5", ".5", "Large", "small"], &["", "5.", "huge", "1.2.3", "-1"]),
            (&IDENTIFIER, &["A", "a.b_9"], &["", "9a", "a-b"]),
            (&FUNCTION_NAME, &["Ä9._"], &["", "_a", "a b"]),
            (&KEY_TIP, &["A9"], &["", "a"]),
            (&KEYS, &["Ctrl+Shift-9_"], &["", "Ctrl 9"]),
            (&HEADER, &["X-Header"], &["", "-X", "X_Y"]),
            (&XLL_FILE, &["a.xll", ".xll"], &["a b.xll", "a.dll", "a\u{7}.xll"]),
            (&TEMPLATE_ID, &["a.b_c-9"], &["", "a b"]),
        ] {
            for text in good {
                assert!((pattern.fits)(text), "{text:?} is {}", pattern.text);
            }
            for text in bad {
                assert!(!(pattern.fits)(text), "{text:?} is not {}", pattern.text);
            }
        }
        assert!(is_uri("https://developer.microsoft.com/x.json") && is_uri("urn:a"));
        assert!(!is_uri("developer") && !is_uri(":a") && !is_uri("https://a b"));
    }
}
