//! Values of settings that are more than text: parsed once, right by construction.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use http::Uri;
use rustls::pki_types::ServerName;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use slipway_identity::TrustedIssuer;
use slipway_store::Database;
use tracing_subscriber::filter::Targets;

/// An address to listen on: `IP:PORT`, or `:PORT` for 127.0.0.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String")]
pub struct Listen(pub SocketAddr);

impl TryFrom<String> for Listen {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let port_only = text.strip_prefix(':').and_then(|port| port.parse().ok());
        match port_only {
            Some(port) => Ok(Self(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))),
            None => text.parse().map(Self).map_err(|_| format!("`{text}` is not IP:PORT or :PORT")),
        }
    }
}

/// A name of the server beside the loopback ones: a DNS name in lower case, or an IP address.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum TlsName {
    /// Such as `graph.corp.example`; no wildcard.
    Dns(String),
    /// Such as `10.0.0.5`.
    Address(IpAddr),
}

impl TryFrom<String> for TlsName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match ServerName::try_from(text.as_str()) {
            Ok(ServerName::DnsName(name)) if !text.ends_with('.') => {
                Ok(Self::Dns(name.as_ref().to_ascii_lowercase()))
            }
            Ok(ServerName::IpAddress(address)) => Ok(Self::Address(address.into())),
            _ => Err(format!("`{text}` is neither a DNS name nor an IP address")),
        }
    }
}

impl fmt::Display for TlsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => f.write_str(name),
            Self::Address(address) => address.fmt(f),
        }
    }
}

impl From<TlsName> for String {
    fn from(name: TlsName) -> Self {
        name.to_string()
    }
}

/// A name of somebody else's for which the server stands in: a DNS name in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String")]
pub struct InterceptedName(pub String);

impl TryFrom<String> for InterceptedName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match TlsName::try_from(text) {
            Ok(TlsName::Dns(name)) if name != "localhost" => Ok(Self(name)),
            Ok(name) => Err(format!(
                "`{name}` is no name of somebody else's; --tls-name adds one to the server's own"
            )),
            Err(told) => Err(told),
        }
    }
}

/// An issuer whose tokens are taken.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct IssuerUrl(pub TrustedIssuer);

impl TryFrom<String> for IssuerUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        TrustedIssuer::parse(&text).map(Self).map_err(|told| format!("`{text}` {told}"))
    }
}

impl From<IssuerUrl> for String {
    fn from(IssuerUrl(issuer): IssuerUrl) -> Self {
        issuer.url().to_owned()
    }
}

/// The start of absolute URLs: `http` or `https`, host, perhaps port; no slash at the end.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String")]
pub struct PublicUrl(String);

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for PublicUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let refused = || format!("`{text}` is not http(s)://HOST or http(s)://HOST:PORT");
        let uri: Uri = text.parse().map_err(|_| refused())?;
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'));
        let bare = uri.path_and_query().is_none_or(|rest| rest.as_str() == "/") && !text.contains('#');
        match (uri.scheme_str(), authority) {
            (Some(scheme @ ("http" | "https")), Some(authority)) if bare => {
                Ok(Self(format!("{scheme}://{authority}")))
            }
            _ => Err(refused()),
        }
    }
}

/// Where a database is, with what signs in to it: a URL, or keys and values as libpq takes them. It is shown
/// without that.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct DatabaseAddress(pub Database);

impl TryFrom<String> for DatabaseAddress {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Database::parse(&text).map(Self)
    }
}

impl fmt::Debug for DatabaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

/// Not in the form of an address, so that what is printed is never taken for one.
impl Serialize for DatabaseAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("*** ({})", self.0.name()))
    }
}

/// What is logged: a level, and levels per module.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct LogLevel {
    text: String,
    targets: Targets,
}

impl LogLevel {
    /// The filter of the log.
    pub fn targets(&self) -> Targets {
        self.targets.clone()
    }
}

impl TryFrom<String> for LogLevel {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let targets: Targets = text.parse().map_err(|error| format!("`{text}`: {error}"))?;
        if text.is_empty() || targets.default_level().is_none() {
            return Err(format!("`{text}` has no level for everything else, as in info,slipway_store=debug"));
        }
        Ok(Self { text, targets })
    }
}

impl From<LogLevel> for String {
    fn from(level: LogLevel) -> Self {
        level.text
    }
}

/// Reads a list that must not be empty.
pub fn at_least_one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Listen>, D::Error> {
    let list = Vec::deserialize(deserializer)?;
    if list.is_empty() { Err(D::Error::custom("is empty")) } else { Ok(list) }
}

/// Reads a path that must be there.
pub fn some_path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    let path = PathBuf::deserialize(deserializer)?;
    if path.as_os_str().is_empty() { Err(D::Error::custom("is empty")) } else { Ok(path) }
}

/// Reads a text that may be `""` for "not set".
pub fn unless_blank<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<String, Error: fmt::Display>,
{
    let text = String::deserialize(deserializer)?;
    if text.is_empty() { Ok(None) } else { T::try_from(text).map(Some).map_err(D::Error::custom) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_to_listen_on() {
        let listen = |text: &str| Listen::try_from(text.to_owned()).map(|listen| listen.0.to_string());
        assert_eq!(listen(":0").unwrap(), "127.0.0.1:0");
        assert_eq!(listen("[::1]:8365").unwrap(), "[::1]:8365");
        assert_eq!(listen("0.0.0.0:443").unwrap(), "0.0.0.0:443");
        for text in ["", "localhost:80", "127.0.0.1", ":70000", "8365"] {
            assert!(listen(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_of_the_certificate() {
        let name = |text: &str| TlsName::try_from(text.to_owned());
        assert_eq!(name("Graph.Test").unwrap(), TlsName::Dns("graph.test".into()));
        assert_eq!(name("10.0.0.5").unwrap(), TlsName::Address(IpAddr::from([10, 0, 0, 5])));
        for text in ["", "*.test", "a b", "https://a", "a:1", "a.test."] {
            assert!(name(text).is_err(), "{text}");
        }
    }

    #[test]
    fn intercepted_names() {
        let name = |text: &str| InterceptedName::try_from(text.to_owned());
        assert_eq!(name("Graph.Microsoft.us").unwrap(), InterceptedName("graph.microsoft.us".into()));
        for text in ["", "*.test", "localhost", "10.0.0.5", "::1", "a:443", "https://a"] {
            assert!(name(text).is_err(), "{text}");
        }
    }

    #[test]
    fn public_urls() {
        let url = |text: &str| PublicUrl::try_from(text.to_owned()).map(|url| url.0);
        assert_eq!(url("https://graph.test/").unwrap(), "https://graph.test");
        assert_eq!(url("http://[::1]:80").unwrap(), "http://[::1]:80");
        for text in
            ["graph.test", "ftp://a", "https://a/b", "https://a?b", "https://u@a", "https://a/#b", "/a"]
        {
            assert!(url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn levels_of_the_log() {
        let level = |text: &str| LogLevel::try_from(text.to_owned());
        assert!(level("debug").is_ok());
        assert!(level("info,slipway_store=debug").is_ok());
        for text in ["loud", "", "slipway_store=debug"] {
            assert!(level(text).is_err(), "{text}");
        }
    }
}
