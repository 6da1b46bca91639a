//! Signed texts of any kind, key sets, certificates and scopes: nothing panics, and nobody is believed whose key is not
//! known.

#![no_main]

use std::sync::LazyLock;

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use slipway_identity::{
    Assertion, Certificate, Discovered, KeyRing, PublicKeys, ScopeRequest, SigningKey, TrustedIssuer,
    claimed_issuer,
};
use slipway_model::{Client, ClientId};

static RING: LazyLock<KeyRing> =
    LazyLock::new(|| KeyRing::new(SigningKey::generate().expect("a key"), Vec::new()));

static CLIENT: LazyLock<Client> =
    LazyLock::new(|| Client::new(ClientId::parse("c1").expect("an id"), "Fuzzed"));

static ISSUER: LazyLock<TrustedIssuer> =
    LazyLock::new(|| TrustedIssuer::parse("https://idp.example").expect("a URL"));

fuzz_target!(|text: &str| {
    let now = Timestamp::UNIX_EPOCH;
    assert!(RING.verify(text, now).is_err());
    assert!(RING.verify_assertion(text, now).is_err());
    let keys = PublicKeys::read(text.as_bytes(), now).unwrap_or_default();
    assert!(keys.verify(text, &ISSUER, now).is_err());
    let _ = claimed_issuer(text);
    let _ = Discovered::read(text.as_bytes());
    let _ = TrustedIssuer::parse(text);
    if let Ok(read) = Certificate::parse(text) {
        drop(read);
    }
    if let Ok(assertion) = Assertion::read(text) {
        assert!(assertion.prove_by_certificate(&CLIENT, |_| true, now).is_err());
        assert!(assertion.federated(&CLIENT, now).is_err());
        assert!(!RING.has_signed(&assertion) && !keys.have_signed(&assertion));
    }
    let _ = ScopeRequest::read(text);
});
