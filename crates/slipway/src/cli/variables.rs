//! The variables that point programs at a server.
//!
//! Where a program reads one, it needs no change; where it has Microsoft's hosts built in, the proxy leads it here.

use std::fmt;
use std::path::Path;

use http::Uri;

use crate::failure::Failure;
use crate::readiness::Ready;
use crate::tls::bundle;

/// Hosts that are reached without the proxy: this machine.
const DIRECT: &str = "localhost,127.0.0.1,::1";

/// Names that hold a secret.
const SECRET: [&str; 2] = ["AZURE_CLIENT_SECRET", "SLIPWAY_CONTROL_SECRET"];

/// A variable with its value, in which no byte is 0.
#[derive(Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

impl Variable {
    /// Whether logs should not show it.
    pub fn is_secret(&self) -> bool {
        SECRET.contains(&self.name)
    }
}

/// Names the variable alone, for its value may be a secret.
impl fmt::Debug for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The variables for the server. The file with all authorities is written beside the server's own first, for the
/// variables that name it replace what a program trusts; Node's adds to it.
///
/// Sources: azure-identity's `EnvironmentCredential` and `AZURE_AUTHORITY_HOST`
/// (learn.microsoft.com/python/api/overview/azure/identity-readme), `GRAPH_ENDPOINT` without a version as in
/// Microsoft's MSAL Node samples, Node's CLI documentation for `NODE_EXTRA_CA_CERTS` and `NODE_USE_ENV_PROXY`.
///
/// # Errors
/// [`Failure::Runtime`] if the file cannot be written, or a value cannot be one of a variable.
pub fn of(ready: &Ready) -> Result<Vec<Variable>, Failure> {
    let certificate = text(&ready.ca_file)?;
    let bundle = text(&bundle::write(&ready.ca_file)?)?;
    let direct = match ready.url.parse::<Uri>().ok().and_then(|url| url.host().map(str::to_owned)) {
        Some(host) if !DIRECT.split(',').any(|other| other == host.trim_matches(['[', ']'])) => {
            format!("{DIRECT},{host}")
        }
        _ => DIRECT.to_owned(),
    };
    let url = Some(ready.url.clone());
    let proxy = Some(ready.http_url.clone());
    let rows = [
        ("SLIPWAY_URL", url.clone()),
        ("SLIPWAY_CA_FILE", Some(certificate.clone())),
        ("SLIPWAY_CONTROL_SECRET", Some(ready.control_secret.clone())),
        ("AZURE_AUTHORITY_HOST", url.clone()),
        ("AZURE_TENANT_ID", ready.tenant_id.clone()),
        ("AZURE_CLIENT_ID", ready.client_id.clone()),
        ("AZURE_CLIENT_SECRET", ready.client_secret.clone()),
        ("GRAPH_ENDPOINT", url),
        ("SSL_CERT_FILE", Some(bundle.clone())),
        ("REQUESTS_CA_BUNDLE", Some(bundle.clone())),
        ("CURL_CA_BUNDLE", Some(bundle)),
        ("NODE_EXTRA_CA_CERTS", Some(certificate)),
        ("NODE_USE_ENV_PROXY", Some("1".to_owned())),
        ("HTTPS_PROXY", proxy.clone()),
        ("https_proxy", proxy),
        ("NO_PROXY", Some(direct.clone())),
        ("no_proxy", Some(direct)),
    ];
    let mut variables = Vec::with_capacity(rows.len());
    for (name, value) in rows {
        match value {
            Some(value) if value.contains('\0') => return Err(Failure::at(name, "has a byte 0")),
            Some(value) => variables.push(Variable { name, value }),
            None => {}
        }
    }
    Ok(variables)
}

fn text(path: &Path) -> Result<String, Failure> {
    let text = path.to_str().map(str::to_owned);
    text.ok_or_else(|| Failure::at(path.display(), "is not UTF-8, which some programs need"))
}
