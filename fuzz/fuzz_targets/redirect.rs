//! Redirect URIs of any kind, and forms around them: what is taken for an address of the client leads to the
//! client's host, as a browser would read it, and scopes of any kind never panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use slipway_identity::{ScopeRequest, is_proof_key, judge_redirect, matches_s256, registered};
use slipway_model::{Client, ClientId, Platform, RedirectUri};

const HERE: &str = "http://localhost/a";
const THERE: &str = "https://app.example/auth?x=1";

/// The host as browsers find it: what stands before a path, behind whoever signs in, without a port.
fn host(uri: &str) -> &str {
    let rest = uri.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    let behind = authority.rsplit('@').next().unwrap_or_default();
    behind.split(':').next().unwrap_or_default()
}

fuzz_target!(|text: &str| {
    let redirect = |uri: &str| RedirectUri { platform: Platform::Web, uri: uri.to_owned() };
    let Ok(id) = ClientId::parse("c") else { return };
    let client = Client { redirect_uris: vec![redirect(HERE), redirect(THERE)], ..Client::new(id, "c") };
    for uri in [text.to_owned(), format!("http://localhost{text}"), format!("{THERE}{text}")] {
        let Some(known) = registered(&client, &uri) else { continue };
        assert!(host(&uri).eq_ignore_ascii_case(host(&known.uri)), "{uri:?}");
        assert_eq!(judge_redirect(Platform::Web, &uri), Ok(()), "{uri:?}");
    }
    if is_proof_key(text) {
        assert!(!matches_s256(text, text));
    }
    if let Ok((request, _)) = ScopeRequest::read(text) {
        assert!(!request.texts().is_empty());
        let _ = (request.permissions(&client), request.is_offline());
    }
});
