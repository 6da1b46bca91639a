//! Scheme, host and port of a URL.

use std::fmt;

use http::Uri;

use crate::fault::OutboundFault;

/// How it is spoken with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Plain.
    Http,
    /// Over TLS.
    Https,
}

/// Scheme, host and port (RFC 6454), the host in lower case and without brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    scheme: Scheme,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of an absolute URL.
    ///
    /// # Errors
    /// [`OutboundFault::Url`] unless it is `http://HOST…` or `https://HOST…` without a user.
    pub fn of(url: &str) -> Result<Self, OutboundFault> {
        let refused = || OutboundFault::Url(url.to_owned());
        let uri: Uri = url.parse().map_err(|_| refused())?;
        let (scheme, default) = match uri.scheme_str() {
            Some("http") => (Scheme::Http, 80),
            Some("https") => (Scheme::Https, 443),
            _ => return Err(refused()),
        };
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'));
        let authority = authority.ok_or_else(refused)?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        let has_port = !authority.as_str().ends_with(authority.host());
        let port = if has_port { authority.port_u16().ok_or_else(refused)? } else { default };
        Ok(Self { scheme, host, port })
    }

    /// How it is spoken with.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Name or address, without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Port, the scheme's where the URL has none.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether it is at this place, however it is spoken with.
    pub(crate) fn is_at(&self, host: &str, port: u16) -> bool {
        self.port == port && self.host.eq_ignore_ascii_case(host)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        if self.host.contains(':') {
            write!(f, "{scheme}://[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{scheme}://{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_have_one_origin() {
        let origin = |url: &str| Origin::of(url).map(|origin| origin.to_string());
        assert_eq!(origin("https://Login.Example/tenant?x#y").unwrap(), "https://login.example:443");
        assert_eq!(origin("http://127.0.0.1:9000/keys").unwrap(), "http://127.0.0.1:9000");
        assert_eq!(origin("http://[::1]/").unwrap(), "http://[::1]:80");
        for url in [
            "",
            "/keys",
            "ftp://a/",
            "https://",
            "https://u@a/",
            "https://u:p@a/",
            "http://a:99999/",
            "http://a:/",
        ] {
            assert!(origin(url).is_err(), "{url}");
        }
    }
}
