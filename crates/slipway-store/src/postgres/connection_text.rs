//! Takes the settings of TLS out of a connection text: tokio-postgres knows `sslmode` in part and `sslrootcert` not
//! at all.

use std::iter::Peekable;
use std::str::Chars;

use percent_encoding::percent_decode_str;

/// A connection text in two parts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Extracted {
    /// The text without what was taken out.
    pub(super) rest: String,
    pub(super) sslmode: Option<String>,
    pub(super) sslrootcert: Option<String>,
}

impl Extracted {
    /// Keeps the value if its key is one of ours; false = it is not.
    fn keep(&mut self, key: &str, value: String) -> bool {
        match key {
            "sslmode" => self.sslmode = Some(value),
            "sslrootcert" => self.sslrootcert = Some(value),
            _ => return false,
        }
        true
    }
}

/// Takes them out of a URL or a list of settings.
///
/// # Errors
/// What is wrong with the text, in words.
pub(super) fn extract(text: &str) -> Result<Extracted, String> {
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        from_url(text)
    } else {
        from_list(text)
    }
}

fn from_url(text: &str) -> Result<Extracted, String> {
    let mut extracted = Extracted::default();
    let Some((address, query)) = text.split_once('?') else {
        text.clone_into(&mut extracted.rest);
        return Ok(extracted);
    };
    let mut kept = Vec::new();
    for setting in query.split('&') {
        let (key, value) = setting.split_once('=').unwrap_or((setting, ""));
        if !matches!(key, "sslmode" | "sslrootcert") {
            kept.push(setting);
            continue;
        }
        let value = percent_decode_str(value).decode_utf8().map_err(|_| format!("{key} is not UTF-8"))?;
        extracted.keep(key, value.into_owned());
    }
    address.clone_into(&mut extracted.rest);
    if !kept.is_empty() {
        extracted.rest.push('?');
        extracted.rest.push_str(&kept.join("&"));
    }
    Ok(extracted)
}

fn from_list(text: &str) -> Result<Extracted, String> {
    let mut extracted = Extracted::default();
    let mut chars = text.chars().peekable();
    loop {
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        if chars.peek().is_none() {
            return Ok(extracted);
        }
        let mut key = String::new();
        while let Some(c) = chars.next_if(|c| !c.is_whitespace() && *c != '=') {
            key.push(c);
        }
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        if chars.next() != Some('=') {
            return Err("a setting of the database has no value: settings are written key=value".to_owned());
        }
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        let value = value(&mut chars)?;
        let quoted = format!("{key}='{}' ", value.replace('\\', "\\\\").replace('\'', "\\'"));
        if !extracted.keep(&key, value) {
            extracted.rest.push_str(&quoted);
        }
    }
}

/// A value, bare or in quotes; a backslash takes the next character as it is.
fn value(chars: &mut Peekable<Chars<'_>>) -> Result<String, String> {
    let quoted = chars.next_if_eq(&'\'').is_some();
    let mut value = String::new();
    loop {
        match chars.peek() {
            None if quoted => return Err("a quote in the settings of the database does not end".to_owned()),
            None => return Ok(value),
            Some('\'') if quoted => {
                chars.next();
                return Ok(value);
            }
            Some(c) if !quoted && c.is_whitespace() => return Ok(value),
            Some('\\') => {
                chars.next();
                value.extend(chars.next());
            }
            Some(_) => value.extend(chars.next()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extracted(rest: &str, sslmode: Option<&str>, sslrootcert: Option<&str>) -> Extracted {
        Extracted {
            rest: rest.into(),
            sslmode: sslmode.map(Into::into),
            sslrootcert: sslrootcert.map(Into::into),
        }
    }

    #[test]
    fn urls_keep_everything_else() {
        for (text, expected) in [
            ("postgres://h/d", extracted("postgres://h/d", None, None)),
            ("postgres://h/d?sslmode=verify-ca", extracted("postgres://h/d", Some("verify-ca"), None)),
            (
                "postgresql://h/d?a=%20&sslrootcert=/a%20b&c=1&sslmode=require",
                extracted("postgresql://h/d?a=%20&c=1", Some("require"), Some("/a b")),
            ),
        ] {
            assert_eq!(extract(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn lists_keep_everything_else() {
        for (text, expected) in [
            ("", extracted("", None, None)),
            ("host=h  sslmode = verify-full ", extracted("host='h' ", Some("verify-full"), None)),
            (
                r"password='a \'b\\' sslrootcert='/a b' user=x\ y",
                extracted(r"password='a \'b\\' user='x y' ", None, Some("/a b")),
            ),
        ] {
            assert_eq!(extract(text).unwrap(), expected, "{text}");
        }
        for broken in ["host", "host=h x", "password='p"] {
            assert!(extract(broken).is_err(), "{broken}");
        }
    }
}
