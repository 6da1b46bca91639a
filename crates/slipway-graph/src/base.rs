//! The address under which the client reached the server; absolute URLs are built from it.

use std::net::IpAddr;

use http::Version;
use http::request::Parts;
use http::uri::Authority;

use crate::fault::FaultKind;

/// How the request came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Plain.
    Http,
    /// Over TLS.
    Https,
}

/// The names of Microsoft's that clients of Graph and bots have built in, for which a server may stand in.
pub const MICROSOFT_HOSTS: [&str; 7] = [
    "graph.microsoft.com",
    "login.microsoftonline.com",
    "login.microsoft.com",
    "login.windows.net",
    "sts.windows.net",
    "login.botframework.com",
    "smba.trafficmanager.net",
];

/// Those of them for which nothing is served yet.
const UNSERVED_HOSTS: [&str; 2] = ["login.botframework.com", "smba.trafficmanager.net"];

/// Which hosts the server answers for.
#[derive(Clone, Debug, Default)]
pub struct Hosts {
    /// Fixes every absolute URL, whatever the `Host` header says, unless that is an intercepted name; without a slash
    /// at the end.
    pub public_url: Option<String>,
    /// Names beside `localhost` and the loopback addresses.
    pub names: Vec<String>,
    /// Names of others for which this server stands in, in lower case.
    pub intercepted: Vec<String>,
}

impl Hosts {
    /// The base of absolute URLs, such as `https://localhost:8365`. A host that is none of ours is refused, so
    /// that a page of another origin cannot reach the server under its own name (DNS rebinding).
    pub(crate) fn base(&self, parts: &Parts, scheme: Scheme) -> Result<String, FaultKind> {
        let header = parts.headers.get(http::header::HOST).and_then(|host| host.to_str().ok());
        let host = parts.uri.authority().map(Authority::as_str).or(header).unwrap_or_default();
        let refused = || FaultKind::HostRefused(host.to_owned());
        let authority: Option<Authority> = host.parse().ok();
        if let Some(authority) = &authority
            && self.intercepts(authority.host())
        {
            return intercepted_base(authority, asked_scheme(parts, scheme)).ok_or_else(refused);
        }
        if let Some(url) = &self.public_url {
            return Ok(url.clone());
        }
        let authority = authority.ok_or_else(refused)?;
        if host.contains('@') || !self.answers_for(authority.host()) {
            return Err(refused());
        }
        Ok(format!("{}://{authority}", scheme.name()))
    }

    /// Whether the authority of a URL is this server's: the one of the request's base, or one that it answers for.
    pub(crate) fn is_own(&self, base: &str, authority: &Authority) -> bool {
        let is_base =
            base.split_once("://").is_some_and(|(_, own)| own.eq_ignore_ascii_case(authority.as_str()));
        is_base || self.answers_for(authority.host())
    }

    /// Whether the host, without a port, is one of the server's.
    #[must_use]
    pub fn answers_for(&self, host: &str) -> bool {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case("localhost")
            || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
            || self.names.iter().any(|name| name.eq_ignore_ascii_case(bare))
            || self.intercepts(bare)
    }

    /// Whether this server stands in for the host.
    #[must_use]
    pub fn intercepts(&self, host: &str) -> bool {
        self.intercepted.iter().any(|name| name.eq_ignore_ascii_case(host))
    }
}

impl Scheme {
    fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// What the client takes the scheme to be: clients that have a proxy for `https` without asking it for a tunnel send
/// the whole URL to it over plain HTTP (RFC 9112 section 3.2.2).
fn asked_scheme(parts: &Parts, scheme: Scheme) -> Scheme {
    match parts.uri.scheme_str().filter(|_| parts.version < Version::HTTP_2) {
        Some("https") => Scheme::Https,
        Some("http") => Scheme::Http,
        _ => scheme,
    }
}

/// As Microsoft writes its own URLs: in lower case, and without the scheme's usual port.
fn intercepted_base(authority: &Authority, scheme: Scheme) -> Option<String> {
    let host = authority.host();
    let (name, lower) = (scheme.name(), host.to_ascii_lowercase());
    // Neither a user nor a port that is none.
    let port = match authority.as_str().strip_prefix(host)? {
        "" => None,
        port => Some(port.strip_prefix(':')?.parse::<u16>().ok()?),
    };
    Some(match (port, scheme) {
        (None | Some(80), Scheme::Http) | (None | Some(443), Scheme::Https) => format!("{name}://{lower}"),
        (Some(port), _) => format!("{name}://{lower}:{port}"),
    })
}

/// Whether nothing is served for the host of this base.
pub(crate) fn is_unserved(base: &str) -> bool {
    let authority = base.split_once("://").map_or(base, |(_, authority)| authority);
    let host = authority.split_once(':').map_or(authority, |(host, _)| host);
    UNSERVED_HOSTS.contains(&host)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn base(hosts: &Hosts, host: &str) -> Option<String> {
        let (parts, ()) =
            Request::builder().uri("/v1.0/users").header("Host", host).body(()).unwrap().into_parts();
        hosts.base(&parts, Scheme::Https).ok()
    }

    #[test]
    fn answers_for_loopback_and_its_names_only() {
        let hosts = Hosts { names: vec!["graph.test".into()], ..Hosts::default() };
        for host in ["localhost:8365", "127.0.0.1", "127.1.2.3:1", "[::1]:8365", "Graph.test:443"] {
            assert_eq!(base(&hosts, host), Some(format!("https://{host}")));
        }
        for host in ["evil.example", "localhost.evil.example", "10.0.0.1", "", "a b", "x@localhost", "[::2]"]
        {
            assert_eq!(base(&hosts, host), None, "{host}");
        }
    }

    #[test]
    fn a_public_url_is_used_whatever_the_host() {
        let hosts = Hosts { public_url: Some("https://graph.corp".into()), ..Hosts::default() };
        assert_eq!(base(&hosts, "10.0.0.1").as_deref(), Some("https://graph.corp"));
    }

    fn intercepting() -> Hosts {
        let intercepted = MICROSOFT_HOSTS.map(String::from).to_vec();
        Hosts { public_url: Some("https://graph.corp".into()), intercepted, ..Hosts::default() }
    }

    #[test]
    fn intercepted_names_keep_their_own_urls() {
        let hosts = intercepting();
        for host in ["graph.microsoft.com", "Graph.Microsoft.com:443"] {
            assert_eq!(base(&hosts, host).as_deref(), Some("https://graph.microsoft.com"), "{host}");
        }
        let with_port = base(&hosts, "login.windows.net:8365");
        assert_eq!(with_port.as_deref(), Some("https://login.windows.net:8365"));
        for host in ["u@graph.microsoft.com", "u@graph.microsoft.com:443", "graph.microsoft.com:"] {
            assert_eq!(base(&hosts, host), None, "{host}");
        }
        for other in ["a.graph.microsoft.com", "graph.microsoft.com.evil.example", "example.com"] {
            assert_eq!(base(&hosts, other).as_deref(), Some("https://graph.corp"), "{other}");
        }
    }

    #[test]
    fn a_whole_url_says_its_scheme_over_http1_only() {
        let based = |url: &str, version| {
            let request = Request::builder().uri(url).header("Host", "localhost").version(version);
            let (parts, ()) = request.body(()).unwrap().into_parts();
            intercepting().base(&parts, Scheme::Http).unwrap()
        };
        let url = "https://graph.microsoft.com/v1.0";
        assert_eq!(based(url, Version::HTTP_11), "https://graph.microsoft.com");
        assert_eq!(based(url, Version::HTTP_2), "http://graph.microsoft.com");
        assert_eq!(
            based("http://graph.microsoft.com:80/v1.0", Version::HTTP_11),
            "http://graph.microsoft.com"
        );
    }

    #[test]
    fn hosts_of_bots_are_unserved() {
        assert!(
            is_unserved("https://login.botframework.com")
                && is_unserved("http://smba.trafficmanager.net:8365")
        );
        assert!(!is_unserved("https://graph.microsoft.com") && !is_unserved("https://localhost:8365"));
    }
}
