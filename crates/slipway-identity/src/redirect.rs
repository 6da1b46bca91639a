//! Where an authorization request may send the browser back to: RFC 6749, 3.1.2, and RFC 8252, 7.3.
//!
//! Source: "Redirect URI (reply URL) best practices and limitations" of the Microsoft identity platform.

use std::fmt;

use slipway_model::{Client, Platform, RedirectUri};

/// Where a redirect URI on this machine leads, beside its port.
#[derive(PartialEq, Eq)]
struct Loopback<'a> {
    host: String,
    /// Path and query.
    rest: &'a str,
}

/// Longest redirect URI, in bytes: Microsoft documents 256 characters.
pub const LONGEST_REDIRECT_URI: usize = 256;

/// Schemes whose addresses run in the browser instead of leading anywhere.
const REFUSED_SCHEMES: [&str; 4] = ["javascript", "data", "vbscript", "blob"];

/// Why a text cannot be registered; as text it goes on after the URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectFault {
    /// More than [`LONGEST_REDIRECT_URI`].
    TooLong,
    /// Something that stands in no absolute URI (RFC 6749, 3.1.2).
    Fragment,
    /// No colon.
    NoScheme,
    /// No scheme that is one, or nothing behind it.
    NotAbsolute,
    /// `*`.
    Wildcard,
    /// Nowhere that a browser goes.
    Nowhere,
    /// `http` to another machine, for a platform that is not a program.
    PlainHttp,
    /// A scheme of a program's own, for a platform that is none.
    NotHttps,
}

impl fmt::Display for RedirectFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "is too long",
            Self::Fragment => "has a fragment, a blank or a control character",
            Self::NoScheme => "has no scheme",
            Self::NotAbsolute => "is no absolute URI",
            Self::Wildcard => "has a wildcard",
            Self::Nowhere => "leads nowhere",
            Self::PlainHttp => "begins with http, which is for localhost only: use https",
            Self::NotHttps => "does not begin with https",
        })
    }
}

/// The scheme of an absolute URI without a fragment, and what stands behind the colon.
///
/// # Errors
/// [`RedirectFault`] if the text is none.
pub fn absolute_uri(text: &str) -> Result<(&str, &str), RedirectFault> {
    if text.len() > LONGEST_REDIRECT_URI {
        return Err(RedirectFault::TooLong);
    }
    if text.contains('#') || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(RedirectFault::Fragment);
    }
    let (scheme, rest) = text.split_once(':').ok_or(RedirectFault::NoScheme)?;
    let of_schemes = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.bytes().all(of_schemes);
    if is_scheme && !rest.is_empty() { Ok((scheme, rest)) } else { Err(RedirectFault::NotAbsolute) }
}

/// Whether the text can be registered for the platform: an absolute URI of visible ASCII without a fragment, and but
/// for programs one of `https`, or of `http` on this machine.
///
/// # Errors
/// [`RedirectFault`] says why not.
pub fn judge_redirect(platform: Platform, uri: &str) -> Result<(), RedirectFault> {
    let (scheme, rest) = absolute_uri(uri)?;
    if rest.contains('*') {
        return Err(RedirectFault::Wildcard);
    }
    let scheme = scheme.to_ascii_lowercase();
    let visible = |b: u8| b.is_ascii_graphic() && !matches!(b, b'\\' | b'"' | b'<' | b'>');
    let has_host =
        rest.strip_prefix("//").is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?']));
    let leads = has_host || !matches!(scheme.as_str(), "http" | "https");
    if REFUSED_SCHEMES.contains(&scheme.as_str()) || !rest.bytes().all(visible) || !leads {
        return Err(RedirectFault::Nowhere);
    }
    match (platform, scheme.as_str()) {
        (Platform::PublicClient, _) | (_, "https") => Ok(()),
        (_, "http") if loopback(uri).is_some() => Ok(()),
        (_, "http") => Err(RedirectFault::PlainHttp),
        _ => Err(RedirectFault::NotHttps),
    }
}

/// The redirect URI of the client that this one is: letter for letter, or on this machine with another port, since
/// programs listen on whichever port is free. Where several differ by the port alone, the one of programs counts.
#[must_use]
pub fn registered<'a>(client: &'a Client, uri: &str) -> Option<&'a RedirectUri> {
    let same = client.redirect_uris.iter().find(|known| known.uri == uri);
    same.or_else(|| {
        let asked = loopback(uri)?;
        let alike = |known: &&RedirectUri| loopback(&known.uri).is_some_and(|known| known == asked);
        let mut all = client.redirect_uris.iter().filter(alike);
        let first = all.next()?;
        let programs = |known: &&RedirectUri| known.platform == Platform::PublicClient;
        Some(std::iter::once(first).chain(all).find(programs).unwrap_or(first))
    })
}

/// The parts that are compared of an `http` URI on this machine.
fn loopback(uri: &str) -> Option<Loopback<'_>> {
    let rest = uri.strip_prefix("http://")?;
    // Browsers take a backslash for a slash.
    let (authority, path) = rest.split_at(rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len()));
    // The colons in brackets are those of an address.
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (authority, ""),
    };
    let is_port = port.bytes().all(|byte| byte.is_ascii_digit()) && port.len() <= 5;
    let host = host.to_ascii_lowercase();
    let is_here = matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]");
    // Without a path browsers ask for `/`.
    let rest = if path == "/" { "" } else { path };
    (is_port && is_here && !path.contains('#')).then_some(Loopback { host, rest })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use slipway_model::ClientId;

    use super::*;

    fn client(uris: &[&str]) -> Client {
        let redirect = |uri: &&str| RedirectUri { platform: Platform::PublicClient, uri: (*uri).to_owned() };
        Client {
            redirect_uris: uris.iter().map(redirect).collect(),
            ..Client::new(ClientId::parse("c").unwrap(), "c")
        }
    }

    fn is_registered(known: &str, asked: &str) -> bool {
        registered(&client(&[known]), asked).is_some()
    }

    #[test]
    fn elsewhere_every_letter_counts() {
        let known = "https://app.example/auth";
        assert!(is_registered(known, known));
        for asked in [
            "https://app.example/auth/",
            "https://app.example/Auth",
            "https://app.example:443/auth",
            "https://app.example/auth?x=1",
            "https://app.example/auth#x",
            "https://app.example.evil.example/auth",
            "https://app.example@evil.example/auth",
            "http://app.example/auth",
            "https://app.example/auth/../x",
            "",
        ] {
            assert!(!is_registered(known, asked), "{asked}");
        }
        let native = "https://login.microsoftonline.com/common/oauth2/nativeclient";
        assert!(is_registered(native, native));
        assert!(is_registered("urn:ietf:wg:oauth:2.0:oob", "urn:ietf:wg:oauth:2.0:oob"));
        assert!(
            is_registered("msal1://auth", "msal1://auth") && !is_registered("msal1://auth", "msal2://auth")
        );
    }

    #[test]
    fn on_this_machine_the_port_does_not_count() {
        for asked in
            ["http://localhost", "http://localhost/", "http://localhost:3000", "http://LOCALHOST:65535/"]
        {
            assert!(is_registered("http://localhost", asked), "{asked}");
        }
        assert!(is_registered("http://localhost:3000/a?b=1", "http://localhost:4000/a?b=1"));
        assert!(is_registered("http://127.0.0.1/a", "http://127.0.0.1:1/a"));
        assert!(is_registered("http://[::1]/a", "http://[::1]:1/a"));
        for asked in [
            "https://localhost:3000",
            "http://localhost:3000/a",
            "http://localhost:3000@evil.example",
            "http://localhost:3000@evil.example/",
            "http://localhost:x",
            "http://localhost:123456",
            "http://localhost.evil.example:3000",
            "http://localhost\\@evil.example",
            "http://localhost#x",
            "http://127.0.0.1:3000",
            "http://[::1]:3000",
            " http://localhost",
        ] {
            assert!(!is_registered("http://localhost", asked), "{asked}");
        }
        assert!(!is_registered("https://localhost:3000", "https://localhost:4000"));
    }

    #[test]
    fn of_two_on_this_machine_the_same_letters_count_first() {
        let client = client(&["http://localhost:1", "http://localhost:2"]);
        assert_eq!(registered(&client, "http://localhost:2").unwrap().uri, "http://localhost:2");
        assert_eq!(registered(&client, "http://localhost:9").unwrap().uri, "http://localhost:1");
    }

    #[test]
    fn of_those_that_differ_by_the_port_the_one_of_programs_counts() {
        let mut client = client(&["http://localhost:3000", "http://localhost"]);
        client.redirect_uris[0].platform = Platform::Spa;
        assert_eq!(registered(&client, "http://localhost:3000").unwrap().platform, Platform::Spa);
        assert_eq!(registered(&client, "http://localhost:9").unwrap().platform, Platform::PublicClient);
    }

    #[test]
    fn what_each_platform_takes() {
        for (platform, uri) in [
            (Platform::Web, "https://app.example/callback?x=1"),
            (Platform::Web, "http://localhost:8080/callback"),
            (Platform::Spa, "http://127.0.0.1"),
            (Platform::Spa, "http://[::1]:3000/"),
            (Platform::PublicClient, "http://localhost"),
            (Platform::PublicClient, "http://app.example"),
            (Platform::PublicClient, "msal1://auth"),
            (Platform::PublicClient, "urn:ietf:wg:oauth:2.0:oob"),
            (Platform::PublicClient, "https://login.microsoftonline.com/common/oauth2/nativeclient"),
        ] {
            assert_eq!(judge_redirect(platform, uri), Ok(()), "{uri}");
        }
    }

    #[test]
    fn what_no_platform_takes() {
        let long = format!("https://app.example/{}", "x".repeat(LONGEST_REDIRECT_URI));
        for (uri, why) in [
            ("", RedirectFault::NoScheme),
            ("x", RedirectFault::NoScheme),
            ("/a", RedirectFault::NoScheme),
            ("https:", RedirectFault::NotAbsolute),
            ("1a://b", RedirectFault::NotAbsolute),
            ("https://", RedirectFault::Nowhere),
            ("https:///a", RedirectFault::Nowhere),
            ("https:a", RedirectFault::Nowhere),
            ("https://a/\"", RedirectFault::Nowhere),
            ("https://ä", RedirectFault::Nowhere),
            ("javascript:alert(1)", RedirectFault::Nowhere),
            ("DATA:text/html,x", RedirectFault::Nowhere),
            ("https://a/#b", RedirectFault::Fragment),
            ("https://a b", RedirectFault::Fragment),
            ("https://*.app.example", RedirectFault::Wildcard),
            (&long, RedirectFault::TooLong),
        ] {
            for platform in [Platform::Web, Platform::Spa, Platform::PublicClient] {
                assert_eq!(judge_redirect(platform, uri), Err(why), "{uri}");
            }
        }
    }

    #[test]
    fn servers_and_pages_are_led_to_by_https_or_on_this_machine() {
        for platform in [Platform::Web, Platform::Spa] {
            for (uri, why) in [
                ("http://evil.example", RedirectFault::PlainHttp),
                ("http://localhost.example", RedirectFault::PlainHttp),
                ("http://localhost@evil.example", RedirectFault::PlainHttp),
                ("mailto:a@b", RedirectFault::NotHttps),
                ("msal1://auth", RedirectFault::NotHttps),
            ] {
                assert_eq!(judge_redirect(platform, uri), Err(why), "{uri}");
            }
        }
    }

    proptest! {
        /// Wherever a browser goes with such a URI, it stays on this machine.
        #[test]
        fn what_is_taken_for_this_machine_is_on_it(asked in "http://[a-z:@/\\\\?#.\\[\\]0-9]{0,24}|http://localhost[:@/\\\\?#.a-z0-9]{0,12}") {
            if is_registered("http://localhost", &asked) {
                let host = asked.trim_start_matches("http://").split(['/', '?', '#', '\\', ':']).next().unwrap();
                prop_assert_eq!(host, "localhost");
                prop_assert!(!asked.contains('@'));
            }
        }
    }
}
