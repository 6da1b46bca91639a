//! The ways out: the server's own, to issuers of tokens, and that of clients which take the port for a proxy.

use std::net::SocketAddr;

use slipway_outbound::{Origin, Outbound, Rules, read_authorities};

use crate::config::Settings;
use crate::failure::Failure;

/// The server's own. Issuers that the settings name may be anywhere; those that clients name are of the public
/// Internet.
///
/// # Errors
/// [`Failure::Runtime`] if the file of authorities cannot be used.
pub fn of_server(settings: &Settings, own: &[SocketAddr]) -> Result<Outbound, Failure> {
    let origins = settings.trust_issuer.iter().map(|issuer| Origin::of(issuer.0.url()));
    let named = origins.collect::<Result<_, _>>().map_err(|fault| Failure::at("trust-issuer", fault))?;
    let authorities = settings.outbound_ca.as_deref().map(read_authorities).transpose();
    let authorities = authorities.map_err(|told| Failure::at("outbound-ca", told))?.unwrap_or_default();
    Ok(Outbound::new(Rules { named, own: own.to_vec(), authorities }))
}

/// That of clients, if there is one: what the operator names for the server is not named for them.
pub fn of_clients(settings: &Settings, own: &[SocketAddr]) -> Option<Outbound> {
    settings.pass_through.then(|| Outbound::new(Rules { own: own.to_vec(), ..Rules::default() }))
}
