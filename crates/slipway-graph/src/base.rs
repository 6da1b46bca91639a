//! The address under which the client reached the server; absolute URLs are built from it.

use std::net::IpAddr;

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

/// Which hosts the server answers for.
#[derive(Clone, Debug, Default)]
pub struct Hosts {
    /// Fixes every absolute URL, whatever the `Host` header says; without a slash at the end.
    pub public_url: Option<String>,
    /// Names beside `localhost` and the loopback addresses.
    pub names: Vec<String>,
}

impl Hosts {
    /// The base of absolute URLs, such as `https://localhost:8365`. A host that is none of ours is refused, so
    /// that a page of another origin cannot reach the server under its own name (DNS rebinding).
    pub(crate) fn base(&self, parts: &Parts, scheme: Scheme) -> Result<String, FaultKind> {
        if let Some(url) = &self.public_url {
            return Ok(url.clone());
        }
        let header = parts.headers.get(http::header::HOST).and_then(|host| host.to_str().ok());
        let host = parts.uri.authority().map(Authority::as_str).or(header).unwrap_or_default();
        let refused = || FaultKind::HostRefused(host.to_owned());
        let authority: Authority = host.parse().map_err(|_| refused())?;
        if host.contains('@') || !self.answers_for(authority.host()) {
            return Err(refused());
        }
        let scheme = match scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        Ok(format!("{scheme}://{authority}"))
    }

    /// Whether the authority of a URL is this server's: the one of the request's base, or one that it answers for.
    pub(crate) fn is_own(&self, base: &str, authority: &Authority) -> bool {
        let is_base =
            base.split_once("://").is_some_and(|(_, own)| own.eq_ignore_ascii_case(authority.as_str()));
        is_base || self.answers_for(authority.host())
    }

    fn answers_for(&self, host: &str) -> bool {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case("localhost")
            || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
            || self.names.iter().any(|name| name.eq_ignore_ascii_case(bare))
    }
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
        let hosts = Hosts { public_url: None, names: vec!["graph.test".into()] };
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
        let hosts = Hosts { public_url: Some("https://graph.corp".into()), names: vec![] };
        assert_eq!(base(&hosts, "10.0.0.1").as_deref(), Some("https://graph.corp"));
    }
}
