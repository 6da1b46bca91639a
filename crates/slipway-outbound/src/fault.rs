//! Why an outgoing connection came to nothing.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

/// Why an outgoing connection or a request over it came to nothing.
#[derive(Debug)]
pub enum OutboundFault {
    /// No absolute URL of http or https without a user.
    Url(String),
    /// Plain HTTP to a host that the operator did not name so.
    Plain(String),
    /// The guard does not let anybody connect there.
    Refused {
        /// Whose address it is.
        host: String,
        /// The address.
        address: IpAddr,
        /// What the address is.
        why: &'static str,
    },
    /// The name has no address.
    Unresolved {
        /// The name.
        host: String,
        /// What the resolver says.
        error: io::Error,
    },
    /// None of the addresses answers.
    Unreachable {
        /// Whose address it is.
        host: String,
        /// What the last one came to.
        error: io::Error,
    },
    /// No TLS: a certificate that nobody trusts, most likely.
    Tls(String),
    /// What came back is no answer in HTTP.
    Http(String),
    /// The answer has another status than 200.
    Status(u16),
    /// The answer is longer than so many bytes.
    TooLarge(usize),
    /// It took longer.
    TimedOut(Duration),
}

impl fmt::Display for OutboundFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => write!(f, "`{url}` is not http(s)://HOST…"),
            Self::Plain(host) => write!(f, "{host}: plain http is for hosts that the settings name"),
            Self::Refused { host, address, why } => {
                write!(f, "{host}: {address} is {why}, which nothing is connected to")
            }
            Self::Unresolved { host, error } => write!(f, "{host} has no address: {error}"),
            Self::Unreachable { host, error } => write!(f, "{host} cannot be reached: {error}"),
            Self::Tls(error) => write!(f, "TLS: {error}"),
            Self::Http(error) => write!(f, "HTTP: {error}"),
            Self::Status(status) => write!(f, "the answer is {status}, not 200"),
            Self::TooLarge(limit) => write!(f, "the answer is longer than {limit} bytes"),
            Self::TimedOut(limit) => write!(f, "no answer within {limit:?}"),
        }
    }
}

impl std::error::Error for OutboundFault {}
