//! Who is calling: keys, tokens, grants and secrets.
//!
//! Pure given clock and randomness: [`Clock`] and [`Ids`] are the only doors to the system's. Tokens are signed
//! and verified here, sign-in requests are judged here and refused with a [`SignInFault`]; nothing is stored and
//! nothing is sent.

mod answer;
mod api;
mod assertion;
mod caller;
mod certificate;
mod claims;
mod clock;
mod credential_fault;
mod fault;
mod foreign;
mod grant;
mod ids;
mod jws;
mod key;
mod needed;
mod password;
mod proof_key;
mod purpose;
mod redirect;
mod seal;
mod secret;
mod token;

pub use answer::{SignInFaultBody, Trace};
pub use api::Api;
pub use assertion::{Assertion, JWT_BEARER};
pub use caller::{Caller, fingerprint};
pub use certificate::{Certificate, CertificateFault};
pub use claims::{AccessToken, Account, EXPIRES_IN, IdToken, Mint, Subject, client_info, issuer};
pub use clock::{Clock, ManualClock};
pub use credential_fault::CredentialFault;
pub use fault::SignInFault;
pub use foreign::{Discovered, NoIssuer, PublicKeys, TrustedIssuer, claimed_issuer, discovery_url};
pub use grant::{GrantedScopes, ScopeRequest, names_client_api};
pub use ids::{Ids, Seeded};
pub use jsonwebtoken::jwk::JwkSet;
pub use key::{KeyFault, KeyRing, SigningKey};
pub use needed::{needs_administrator, required_roles, required_scopes};
pub use password::{HashFault, hash_password, verify_password};
pub use proof_key::{is_proof_key, matches_plain, matches_s256};
pub use purpose::Purpose;
pub use redirect::{LONGEST_REDIRECT_URI, RedirectFault, absolute_uri, judge_redirect, registered};
pub use seal::{NoSealingKey, SealingKey};
pub use secret::Secret;
pub use token::{GRAPH, TokenFault, UserAssertion, is_graph_audience};
