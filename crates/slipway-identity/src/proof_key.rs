//! Proof Key for Code Exchange: RFC 7636.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// How many characters a verifier has, and a challenge with it.
const LENGTHS: std::ops::RangeInclusive<usize> = 43..=128;

/// Whether the text can be a verifier or a challenge: 43 to 128 unreserved characters.
#[must_use]
pub fn is_proof_key(text: &str) -> bool {
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    LENGTHS.contains(&text.len()) && text.bytes().all(unreserved)
}

/// Whether the verifier is that of a `plain` challenge: the same text.
#[must_use]
pub fn matches_plain(challenge: &str, verifier: &str) -> bool {
    verify_slices_are_equal(challenge.as_bytes(), verifier.as_bytes()).is_ok()
}

/// Whether the verifier is that of an `S256` challenge: its SHA-256 in base64url.
#[must_use]
pub fn matches_s256(challenge: &str, verifier: &str) -> bool {
    matches_plain(challenge, &URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn a_verifier_is_that_of_its_challenge_alone() {
        assert!(matches_s256(CHALLENGE, VERIFIER) && matches_plain(VERIFIER, VERIFIER));
        for (challenge, verifier) in [(CHALLENGE, CHALLENGE), (VERIFIER, VERIFIER), (CHALLENGE, ""), ("", "")]
        {
            assert!(!matches_s256(challenge, verifier), "{challenge} {verifier}");
        }
        assert!(!matches_plain(CHALLENGE, VERIFIER) && !matches_plain(VERIFIER, ""));
    }

    #[test]
    fn a_proof_key_has_its_length_and_characters() {
        assert!(is_proof_key(VERIFIER) && is_proof_key(&"~".repeat(128)));
        for text in [&"a".repeat(42), &"a".repeat(129), &format!("{VERIFIER}="), ""] {
            assert!(!is_proof_key(text), "{text}");
        }
    }
}
